"""PostgreSQL ends a connection at any statement and around any commit: a batch goes on, a command says so."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from flows import batch as steps
from flows.foreign_errors import error_of
from flows.progress import LogProgress
from flows.texts import Language
from storage import outages
from tests.faults.away import Terminator
from tests.faults.picture import differences, faults, picture
from tests.faults.story import STEPS, Step, World, night, prepare, retention, strictness
from tests.flows.test_batch import run_steps
from tests.postgres import PostgresServer
from validators.policy import load_policy

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture
def terminator(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminator]:
    """Somebody who ends connections; batches come back at once."""
    monkeypatch.setattr(outages, "LONGEST_PAUSE", 0.01)
    terminator = Terminator(postgres)
    yield terminator
    terminator.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a night without faults makes of the inbox."""
    world = World(tmp_path_factory.mktemp("undisturbed") / "world")
    prepare(world)
    night(world)
    return picture(world)


@pytest.mark.parametrize("moment", ["at_statements", "before_commits", "after_commits"])
def test_a_night_goes_on_wherever_its_connections_end(
    terminator: Terminator, postgres_url: str, undisturbed: dict[str, Any], tmp_path: Path, moment: str
) -> None:
    world = World(tmp_path / "world", postgres_url)
    prepare(world)
    ending: AbstractContextManager[None] = getattr(terminator, moment)()
    with steps.open_batch(world.inbox, world.settings, load_policy(), LogProgress()) as batch, ending:
        summary = run_steps(batch)
    assert terminator.times > (20 if moment == "at_statements" else 5)
    assert summary.counts.failed == 0
    assert differences(picture(world), undisturbed) == []
    assert faults(world) == []


COMMANDS: tuple[Step, ...] = (strictness, retention)


@pytest.fixture(scope="module")
def untroubled(tmp_path_factory: pytest.TempPathFactory) -> dict[Step, dict[str, Any]]:
    """What the registry says after each command that nothing troubled."""
    world = World(tmp_path_factory.mktemp("untroubled") / "world")
    _live_until_the_commands(world)
    pictures = {}
    for command in COMMANDS:
        command(world)
        pictures[command] = picture(world)
    return pictures


@pytest.mark.parametrize("moment", ["at_statements", "after_commits"])
def test_a_command_says_that_the_database_went_away_and_can_be_given_again(
    terminator: Terminator,
    postgres_url: str,
    untroubled: dict[Step, dict[str, Any]],
    tmp_path: Path,
    moment: str,
) -> None:
    world = World(tmp_path / "world", postgres_url)
    _live_until_the_commands(world)
    for command in COMMANDS:
        ending: AbstractContextManager[None] = getattr(terminator, moment)()
        times = terminator.times
        with ending:
            while error := _failed(world, command):
                assert_told(error)
        assert terminator.times > times
        assert differences(picture(world), untroubled[command]) == []
        assert faults(world) == []


def _live_until_the_commands(world: World) -> None:
    prepare(world)
    for step in STEPS[: STEPS.index(COMMANDS[0])]:
        step(world)


def _failed(world: World, step: Step) -> Exception | None:
    try:
        step(world)
    except Exception as error:
        return error
    return None


def assert_told(error: Exception) -> None:
    """Check that people are told of the database, in their language, and what to do."""
    told = error_of(error)
    for language, word in {Language.ENGLISH: "database", Language.TURKISH: "veritabanı"}.items():
        assert word in told.message(language)
        assert "Error" not in told.message(language)
        assert told.remedy(language).strip()
