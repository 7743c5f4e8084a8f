"""A full disk: a file system of a few megabytes in a mount namespace of the test's own, made larger later."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.chaos.faults import Site
from tests.chaos.processes import eventually
from tests.chaos.world import batch, pause_then

_HOLD = 'mount -t tmpfs -o size="$2" chaos "$1" && echo mounted && read -r _'
_ROOMY = "256m"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[tuple[str, ...]]:
    """Mount an empty file system at a folder and yield the command that runs another one where it is seen.

    Skips the test where users may not make namespaces.
    """
    hold = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _HOLD, "hold", str(folder), size]
    with subprocess.Popen(
        hold, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        if holder.stdout.readline().strip() != b"mounted":
            pytest.skip("users may not mount a file system of their own here (unshare --user --mount)")
        yield ("nsenter", f"--target={holder.pid}", "--user", "--mount", "--preserve-credentials")
        holder.communicate(b"\n")


def disk_full(site: Site, dice: Random) -> None:
    """Let a batch fill the disk on which everything lies, make room later, and take what is there out of it."""
    world = site.world
    mounted = world.folder / "disk"
    mounted.mkdir()
    with small_disk(mounted, f"{dice.randint(900, 3000)}k") as within:
        outer, home = world.folder, world.home
        world.folder, world.home, world.within = mounted, mounted / "home", within
        world.database_url = f"sqlite:///{mounted / 'home' / 'kanit.db'}"
        _fill(site, dice)
        subprocess.run([*within, "mount", "-o", f"remount,size={_ROOMY}", str(mounted)], check=True)
        with batch(world) as last:
            assert last.end() == 0, last.log[-3000:]
        world.folder, world.home, world.within = outer, home, ()
        subprocess.run([*within, "cp", "-a", f"{mounted}/.", str(outer)], check=True)


def _fill(site: Site, dice: Random) -> None:
    """Run a batch until it ends by the full disk, or waits for room and gets it."""
    world = site.world
    with batch(world) as running:
        eventually(lambda: running.process.poll() is not None or "is away" in running.log, 60)
        site.strikes += 1
        pause_then(dice, 3)
        if running.process.poll() is None:
            size = f"remount,size={_ROOMY}"
            subprocess.run([*world.within, "mount", "-o", size, str(world.folder)], check=True)
            assert running.end() == 0, running.log[-3000:]
