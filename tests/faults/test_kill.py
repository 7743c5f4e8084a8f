"""Killed at every point at which anything becomes lasting, a registry comes to the same end as one that was not."""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.picture import differences, faults, picture
from tests.faults.points import Camera, Image, Points
from tests.faults.power import Power
from tests.faults.story import STEPS, Step, World, let_time_pass, mail, night, prepare


@dataclass(frozen=True)
class Chapter:
    """A step, what it leaves wherever it is killed, and what the registry says after it."""

    step: Step
    images: list[Image]
    picture: dict[str, Any]
    points: list[str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world that is put back to one image after the other."""
    return World(tmp_path_factory.mktemp("killed") / "world")


@pytest.fixture(scope="module")
def life(world: World, tmp_path_factory: pytest.TempPathFactory) -> list[Chapter]:
    """Live a life without faults, and take an image at every point of it."""
    prepare(world)
    album = tmp_path_factory.mktemp("album")
    return [_chapter(world, step, album / str(number)) for number, step in enumerate(STEPS)]


def _chapter(world: World, step: Step, album: Path) -> Chapter:
    camera = Camera(world.folder, album)
    points = Points(camera.take)
    if step is mail:
        step(world)
    else:
        with points.watching():
            step(world)
    return Chapter(step, camera.images, picture(world), points.names)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", [number for number, step in enumerate(STEPS) if step is not mail])
def test_what_is_cut_off_anywhere_is_made_good_by_doing_it_again(
    life: list[Chapter], world: World, number: int
) -> None:
    chapter = life[number]
    assert len(chapter.images) > 1, "nothing of this became lasting"
    for image in chapter.images:
        image.restore(world.folder)
        let_time_pass(world)
        chapter.step(world)
        assert differences(picture(world), chapter.picture) == [], image.points
        assert faults(world) == [], image.points


KILLED_AT = ("after link", "before replace", "before a commit")


@pytest.mark.slow
@pytest.mark.parametrize("name", KILLED_AT)
def test_the_images_are_what_a_kill_leaves(life: list[Chapter], world: World, name: str) -> None:
    """A first night in a process of its own, which the kernel ends at one of those points."""
    chapter = life[0]
    chapter.images[0].restore(world.folder)
    places = [place for place, each in enumerate(chapter.points, start=1) if each == name]
    command = [
        sys.executable,
        "-m",
        "tests.faults.killed",
        str(world.folder),
        "0",
        str(places[len(places) // 2]),
    ]
    assert (
        subprocess.run(command, check=False, capture_output=True, timeout=120).returncode == -signal.SIGKILL
    )
    let_time_pass(world)
    chapter.step(world)
    assert differences(picture(world), chapter.picture) == []
    assert faults(world) == []


@pytest.mark.slow
def test_what_is_committed_stands_on_files_that_a_power_failure_leaves(tmp_path: Path) -> None:
    """The database is synced at every commit; so must be the key that seals it, and the evidence that it names."""
    world = World(tmp_path / "world")
    prepare(world)
    power = Power(world.folder)
    with power.watching():
        night(world)
    assert power.kept > len(picture(world)["evidence"]), "files were put into folders, and the folders synced"
    assert power.lost == []
