"""Schedulers, commands and an officer at once: the registry says what it says after one after the other."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from flows.rejudging import Rejudging
from tests.faults.picture import differences, faults, picture
from tests.faults.story import World, mail, night, officers, override, prepare, retention, ruling
from tests.flows.test_batch import run
from validators.policy_series import find_policies

pytestmark = pytest.mark.slow


def night_on_another_machine(world: World) -> None:
    """Run the batch with a home of its own, over the same inbox, registry and evidence."""
    run(world.inbox, world.settings.model_copy(update={"home": world.folder / "another"}))


def judging_anew(world: World) -> None:
    """Judge everything again under the same policy, as after an upgrade."""
    with world.database() as database:
        judging = Rejudging(database, find_policies("kilavuz-v3"), world.settings.chunk_size, write=True)
        list(judging.changes())
        assert not judging.failed


AT_ONCE = (night, night_on_another_machine, night, judging_anew, retention, ruling)
AFTERWARDS = (night, judging_anew, retention)
"""What comes round again the next day: who was in another's way may have left something to it."""


def begin(world: World) -> World:
    """Live until new mail has come and two cases wait for officers."""
    prepare(world)
    for step in (night, officers, override, mail):
        step(world)
    return world


@pytest.fixture(scope="module")
def one_after_the_other(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the registry says where nobody was in another's way."""
    world = begin(World(tmp_path_factory.mktemp("serial") / "world"))
    for step in (*AT_ONCE, *AFTERWARDS):
        step(world)
    assert faults(world) == []
    return picture(world)


def at_once(world: World, steps: Sequence[Callable[[World], None]]) -> None:
    """Do all steps at the same moment, each in a thread of its own."""
    gate = Barrier(len(steps))

    def start(step: Callable[[World], None]) -> None:
        gate.wait()
        step(world)

    with ThreadPoolExecutor(len(steps)) as threads:
        list(threads.map(start, steps))


def test_all_at_once_is_as_one_after_the_other(
    database_url: str, one_after_the_other: dict[str, Any], tmp_path: Path
) -> None:
    world = begin(World(tmp_path / "world", database_url))
    at_once(world, AT_ONCE)
    for step in AFTERWARDS:
        step(world)
    assert differences(picture(world), one_after_the_other) == []
    assert faults(world) == []


def test_first_nights_at_once_make_one_key_one_schema_and_one_registry(
    database_url: str, tmp_path: Path
) -> None:
    """On new machines nothing is there yet: everybody makes it, one is first."""
    world, alone = World(tmp_path / "world", database_url), World(tmp_path / "alone")
    for each in (world, alone):
        prepare(each)
    at_once(world, (night, night, night))
    night(world)
    night(alone)
    assert differences(picture(world), picture(alone)) == []
    assert faults(world) == []
