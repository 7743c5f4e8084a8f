"""The disk is full at any moment: it is told plainly, nothing is lost, and the next night makes all good."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from flows import batch
from flows.foreign_errors import error_of
from flows.texts import Language
from storage.models import ApplicationRow
from tests.chaos.disk import small_disk
from tests.faults.full import Disk, database_of_at_most
from tests.faults.picture import differences, faults, picture
from tests.faults.points import Image, copy
from tests.faults.story import WORKS, World, night, prepare

SCHEMA_STEP = 50
"""Pages between two bounds while the schema is made, which is one transaction."""
NO_ROOM = {Language.ENGLISH: "no space is left on the disk", Language.TURKISH: "diskte yer kalmadı"}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world before its first night, whose batches do not wait for room."""
    monkeypatch.setattr(batch, "PATIENCE", timedelta(0))
    world = World(tmp_path / "world")
    prepare(world, [WORKS])
    return world


@contextmanager
def may_be_told(failures: list[Exception]) -> Iterator[None]:
    """Note the error that ends the block, if one does."""
    try:
        yield
    except Exception as error:
        failures.append(error)


def assert_plainly_told(error: Exception, what: object) -> None:
    """Check that people are told that there is no room, in their language, and what to do."""
    told = error_of(error)
    for language, words in NO_ROOM.items():
        assert words in told.message(language), (what, error)
        assert told.remedy(language).strip(), (what, error)


def undisturbed(world: World, before: Image) -> dict[str, Any]:
    """Run a night without faults, and put everything back."""
    night(world)
    found = picture(world)
    before.restore(world.folder)
    return found


def image(world: World, folder: Path) -> Image:
    """Take an image of a world at rest."""
    copy(world.folder, folder)
    return Image(folder, [])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("by_url", [False, True], ids=["a folder", "a URL"])
def test_no_room_at_any_write_of_a_night(world: World, tmp_path: Path, by_url: bool) -> None:
    """A disk without room is no fault of the applications that are read meanwhile: none is parked for it."""
    world = replace(world, by_url=by_url)
    before = image(world, tmp_path / "before")
    expected = undisturbed(world, before)
    failures: list[Exception] = []
    number, disk = 0, Disk(0)
    while number == 0 or disk.refused:
        number += 1
        disk = Disk(number)
        failed = len(failures)
        with may_be_told(failures), disk.in_place():
            night(world)
        for error in failures[failed:]:
            assert_plainly_told(error, disk.refused)
        assert blamed(world) == 0, disk.refused
        night(world)
        assert differences(picture(world), expected) == [], disk.refused
        assert faults(world) == [], disk.refused
        before.restore(world.folder)
    assert len(failures) > 10


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_database_that_cannot_grow_at_any_page_of_a_night(world: World, tmp_path: Path) -> None:
    before = image(world, tmp_path / "before")
    with world.database():
        first = pages(world)
    before.restore(world.folder)
    night(world)
    expected, last = picture(world), pages(world)
    assert last > first
    for most in (*range(1, first, SCHEMA_STEP), *range(first, last)):
        before.restore(world.folder)
        failures: list[Exception] = []
        with may_be_told(failures), database_of_at_most(most):
            night(world)
        (error,) = failures
        assert_plainly_told(error, most)
        night(world)
        assert differences(picture(world), expected) == [], most
        assert faults(world) == [], most


def blamed(world: World) -> int:
    """Count the failed readings that are held against applications."""
    with world.database() as database, database.reading() as work:
        return work.session.scalar(select(func.sum(ApplicationRow.attempts))) or 0


def pages(world: World) -> int:
    with closing(sqlite3.connect(make_url(world.settings.database_url).database or "")) as connection:
        count: int = connection.execute("PRAGMA page_count").fetchone()[0]
    return count


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_small_disk_with_room_for_more_and_more(tmp_path: Path) -> None:
    """Of a real file system: as much of a night as fits, then all of it once there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, "16m") as within:
        program = [
            *within,
            sys.executable,
            "-m",
            "tests.faults.small_disk",
            str(disk),
            str(tmp_path / "before"),
        ]
        done = subprocess.run(program, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert len(told) > 5
    assert set(told) == {NO_ROOM[Language.ENGLISH], ""}
    assert told[0]
    assert not told[-1], "the last disk had room enough"
