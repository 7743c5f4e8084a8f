"""When a night that is killed again and again is no longer begun by itself."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flows.crash_limit import MOST_CRASHES, NightKeepsCrashing, refuse_endless_crashes
from storage.database import Database, open_database
from storage.runs import interrupt_lost, start_run
from storage.settings import load_settings


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(load_settings(home=tmp_path))) as database:
        yield database


def _kill_nights(database: Database, count: int) -> None:
    owners = [str(number) for number in range(count)]
    for owner in owners:
        start_run(database, "/inbox", "kilavuz-v3", owner)
    interrupt_lost(database, owners)


def test_a_deployed_night_gives_up_after_so_many_killed_ones(
    registry: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", str(uuid.uuid4()))
    _kill_nights(registry, MOST_CRASHES - 1)
    refuse_endless_crashes(registry, "/inbox")
    _kill_nights(registry, 1)
    with pytest.raises(NightKeepsCrashing, match="5 nights in a row"):
        refuse_endless_crashes(registry, "/inbox")
    refuse_endless_crashes(registry, "/another")


def test_a_night_begun_by_hand_never_gives_up(registry: Database) -> None:
    _kill_nights(registry, 2 * MOST_CRASHES)
    refuse_endless_crashes(registry, "/inbox")
