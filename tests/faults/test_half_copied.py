"""A folder of the inbox that is not whole, or not there any more, while a night reads it: taken up once it is whole."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from flows import reading
from flows.summary import Summary
from storage import queue
from storage.database import open_database
from storage.models import UploadRow
from storage.queue import FOLDER_CHANGED, PAUSES
from tests.faults.picture import faults
from tests.faults.story import ENDED, WORKS, World, prepare
from tests.flows.helpers import dump
from tests.flows.test_batch import run

Deed = Callable[[Path], None]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with a sound application (WORKS) and another one."""
    world = World(tmp_path / "world")
    prepare(world, [WORKS, ENDED])
    return world


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the registry says where everything was whole from the beginning."""
    world = World(tmp_path_factory.mktemp("whole") / "world")
    prepare(world, [WORKS, ENDED])
    run(world.inbox, world.settings)
    return told(world)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let failed readings be tried again at once."""
    monkeypatch.setattr(queue, "PAUSES", (timedelta(0),) * len(PAUSES))


def told(world: World) -> dict[str, Any]:
    with closing(open_database(world.settings)) as database:
        return dump(database, world.inbox)


def night(world: World) -> Summary:
    return run(world.inbox, world.settings)


def cut(folder: Path) -> None:
    """Leave the beginning of the zip, as copying does."""
    path = folder / "evidence.zip"
    path.write_bytes(path.read_bytes()[:1000])


def without_zip(folder: Path) -> None:
    (folder / "evidence.zip").unlink()


def without_declaration(folder: Path) -> None:
    (folder / "application.json").unlink()


def half_a_declaration(folder: Path) -> None:
    path = folder / "application.json"
    path.write_bytes(path.read_bytes()[:40])


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def gone(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [cut, without_zip, without_declaration, half_a_declaration, empty, gone])
def test_what_is_found_in_part_is_done_again_when_it_is_whole(
    world: World, whole: dict[str, Any], tmp_path: Path, damage: Deed
) -> None:
    copy = shutil.copytree(world.inbox / WORKS, tmp_path / "copy")
    damage(world.inbox / WORKS)
    summary = night(world)
    assert summary.counts.failed == 0
    if (world.inbox / WORKS).exists():
        assert told(world)["reports"][WORKS]["decision"] == "flagged"
    shutil.copytree(copy, world.inbox / WORKS, dirs_exist_ok=True)
    assert night(world).counts.verified == 1
    assert told(world) == whole
    assert faults(world) == []


def during(monkeypatch: pytest.MonkeyPatch, what: str, deed: Deed, times: int = 1) -> None:
    """Do something to the folder of WORKS when a night has just done `what` with it."""
    real, left = getattr(reading, what), [deed] * times

    def disturbed(folder: Path, *given: Any, **options: Any) -> Any:
        done = real(folder, *given, **options)
        if folder.name == WORKS and left:
            left.pop()(folder)
        return done

    monkeypatch.setattr(reading, what, disturbed)


def grow(folder: Path) -> None:
    """Let more of a file arrive."""
    with (folder / "evidence.zip").open("ab") as file:
        file.write(b"more")


def add(folder: Path) -> None:
    """Let another file arrive."""
    (folder / "late.zip").write_bytes(b"late")


def swap(folder: Path) -> None:
    """Put other papers into the place of those that were read."""
    (folder / "evidence.zip").write_bytes(b"other papers")


@pytest.mark.slow
@pytest.mark.parametrize("deed", [grow, add, swap, gone])
@pytest.mark.parametrize("after", ["read_application", "fingerprint"])
def test_a_folder_that_changes_while_it_is_read_stops_nothing_and_is_not_believed(
    world: World, whole: dict[str, Any], monkeypatch: pytest.MonkeyPatch, after: str, deed: Deed
) -> None:
    """`fingerprint` is the last look at the folder before its files are kept."""
    copy = shutil.copytree(world.inbox / WORKS, world.folder / "copy")
    with monkeypatch.context() as disturbed:
        during(disturbed, after, deed)
        summary = night(world)
    assert summary.counts.flagged == 1, "the other application is done"
    kept_what_was_read(world)
    if (after, deed) != ("fingerprint", add):  # what comes when all has been read is no part of it
        assert summary.tally.failures == {WORKS: FOLDER_CHANGED}
    shutil.rmtree(world.inbox / WORKS, ignore_errors=True)
    shutil.copytree(copy, world.inbox / WORKS)
    night(world)
    assert told(world) == whole
    assert faults(world) == []


def kept_what_was_read(world: World) -> None:
    """Check that the files of everything that was entered are in the evidence store."""
    with closing(open_database(world.settings)) as database, database.reading() as work:
        named = set(work.session.scalars(select(UploadRow.sha256)))
    assert named <= {path.name for path in Path(world.settings.evidence_url).rglob("*")}


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_folder_that_was_parked_is_taken_up_when_it_comes_again_as_it_was(
    world: World, whole: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that was away: the same bytes are there again, and nobody need know of `kanit queue retry`."""
    copy = shutil.copytree(world.inbox / WORKS, tmp_path / "copy")
    with monkeypatch.context() as disturbed:
        during(disturbed, "read_application", gone)
        assert night(world).counts.failed == 1
    shutil.copytree(copy, world.inbox / WORKS)
    assert night(world).counts.verified == 1
    assert told(world) == whole


@pytest.mark.slow
def test_files_of_a_day_to_come_are_taken_up_and_their_changes_seen(
    world: World, whole: dict[str, Any]
) -> None:
    tomorrow = time.time() + 86400
    folder = world.inbox / WORKS
    sound = (folder / "evidence.zip").read_bytes()
    (folder / "evidence.zip").write_bytes(sound[:-1] + b"?")
    _stamp(folder, tomorrow)
    assert night(world).counts.applications == len(list(world.inbox.iterdir()))
    (folder / "evidence.zip").write_bytes(sound)
    _stamp(folder, tomorrow)
    assert night(world).counts.unchanged == len(list(world.inbox.iterdir())) - 1
    assert told(world) == whole


def _stamp(folder: Path, moment: float) -> None:
    for path in (*folder.iterdir(), folder):
        os.utime(path, (moment, moment))
