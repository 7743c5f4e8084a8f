"""Walls around the sandbox on the command line: what `kanit doctor` tells, and where they are required."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from extractors.sandbox import Wall, confinement
from flows.errors import Exit
from tests.flows.helpers import KANIT, TIMEOUT, command, sample


def _refused(_: object) -> None:
    raise OSError(errno.EPERM, "a container says no")


@pytest.fixture
def no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_BUILDERS", {**confinement._BUILDERS, Wall.LANDLOCK: _refused})


def sandbox_line(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    (line,) = [line for line in command(capsys, "doctor", "--json").lines if line["name"] == "sandbox"]
    return dict(line)


def test_doctor_tells_which_walls_stand(capsys: pytest.CaptureFixture[str]) -> None:
    line = sandbox_line(capsys)
    assert line["state"] in {"ok", "optional"}
    assert "landlock" in line["detail"]
    assert "seccomp" in line["detail"]
    assert "secrets" in line["detail"]


@pytest.mark.usefixtures("no_landlock")
def test_doctor_tells_a_missing_wall(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = sandbox_line(capsys)
    assert (line["state"], line["detail"].partition(",")[0]) == ("optional", "no landlock")
    assert "5.13" in line["remedy"]
    monkeypatch.setenv("KANIT_SANDBOX_REQUIRED", "true")
    assert sandbox_line(capsys)["state"] == "missing"


def commands(folder: Path) -> dict[str, tuple[object, ...]]:
    archive = next(folder.glob("*.zip"))
    return {
        "verify": ("verify", folder),
        "explain": ("explain", folder),
        "unpack": ("unpack", archive),
        "read": ("read", archive),
    }


@pytest.mark.usefixtures("no_landlock")
@pytest.mark.parametrize("name", ["verify", "explain", "unpack", "read"])
def test_nothing_is_read_without_a_wall_that_is_required(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = commands(sample(tmp_path / "inbox", "declaration"))[name]
    assert command(capsys, *arguments).code != Exit.INTERNAL
    monkeypatch.setenv("KANIT_SANDBOX_REQUIRED", "true")
    printed = command(capsys, *arguments)
    assert printed.code == Exit.INTERNAL
    assert "[SANDBOX_LACKING]" in printed.err
    assert "landlock" in printed.err
    assert printed.out == ""


def test_papers_are_read_where_the_walls_are_required_and_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = sandbox_line(capsys)
    if line["state"] != "ok":
        pytest.skip(f"this machine has {line['detail']}")
    folder = sample(tmp_path / "inbox", "declaration")
    before = command(capsys, "verify", folder, "--json").lines
    monkeypatch.setenv("KANIT_SANDBOX_REQUIRED", "true")
    assert command(capsys, "verify", folder, "--json").lines == before


CONTAINER = """
import os, sys
from extractors.sandbox import calls, kernel
kernel.never_gain_privileges()
rules = calls._Filter()
rules.refuse(sys.argv[1].split(","))
rules.load()
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs a command as in a container that refuses some calls of the kernel."""


@pytest.mark.parametrize(
    ("refused", "missing"),
    [
        ("unshare", ""),
        ("landlock_create_ruleset,unshare", "no landlock, no secrets"),
        ("prctl,seccomp", "no seccomp"),
        ("prctl,seccomp,capset,unshare,landlock_restrict_self", "no landlock, no seccomp, no secrets"),
    ],
)
def test_a_container_that_refuses_walls_is_told_apart_and_papers_are_read(
    refused: str, missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = sandbox_line(capsys)
    if line["state"] != "ok":
        pytest.skip(f"this machine has {line['detail']}")
    folder = sample(tmp_path / "inbox", "declaration")
    told = {name["name"]: name for name in in_container(refused, "doctor", "--json")}["sandbox"]
    assert told["state"] == ("optional" if missing else "ok")
    assert told["detail"] == (missing or "landlock, seccomp, secrets")
    assert in_container(refused, "verify", "--json", str(folder))[0]["application_id"] == folder.name


def in_container(refused: str, *arguments: str) -> list[dict[str, str]]:
    done = subprocess.run(
        [sys.executable, "-c", CONTAINER, refused, str(KANIT), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert done.returncode in {Exit.OK, Exit.FLAGGED}, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
