"""Nights on a file system that has room for more and more: `python -m tests.faults.small_disk DISK FOLDER`.

The rest of the disk is taken by another file, which gives way after each night that failed. Printed is a list with what
was told of each night, "" of one that ended well; ends with 1 and the reason where something does not hold.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

from flows import batch
from flows.foreign_errors import error_of
from flows.texts import Language
from tests.faults.picture import differences, faults, picture
from tests.faults.points import Image, copy
from tests.faults.story import WORKS, World, let_time_pass, night, prepare

KIB = 1024
FIRST, STEP = 16, 160
"""Free room of the first night in KiB, and how much more each of the next ones has."""
NO_ROOM = "no space is left on the disk"


def main() -> None:
    """Play nights until one has room enough."""
    batch.PATIENCE = timedelta(0)
    disk, folder = Path(sys.argv[1]), Path(sys.argv[2])
    world = World(disk / "world")
    prepare(world, [WORKS])
    copy(world.folder, folder)
    before = Image(folder, [])
    night(world)
    expected = picture(world)
    # Not right beside what is hidden from children: what they are allowed by name keeps its room until they are gone.
    ballast = disk / "rest" / "ballast"
    ballast.parent.mkdir()
    told: list[str] = []
    while not told or told[-1]:
        before.restore(world.folder)
        told.append(_night_with(world, ballast, FIRST + STEP * len(told)))
        let_time_pass(world)
        night(world)
        wrong = [*differences(picture(world), expected), *faults(world)]
        if wrong:
            sys.exit(f"after {told}: {wrong}")
    sys.stdout.write(json.dumps(told))


def _night_with(world: World, ballast: Path, room: int) -> str:
    """Run a night with so much free room, and return what is told of it."""
    _fill(ballast)
    with ballast.open("rb+") as file:
        file.truncate(max(0, ballast.stat().st_size - room * KIB))
    try:
        night(world)
    except Exception as error:
        message = error_of(error).message(Language.ENGLISH)
        return NO_ROOM if NO_ROOM in message else message
    finally:
        ballast.unlink()
    return ""


def _fill(ballast: Path) -> None:
    """Take all the room that there is."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4 * KIB):
                pass
        except OSError:
            return


if __name__ == "__main__":
    main()
