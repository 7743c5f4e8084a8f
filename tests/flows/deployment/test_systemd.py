"""The units of systemd, as systemd itself judges them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from flows.cli import run
from tests.flows.helpers import KANIT

UNITS = sorted((Path(__file__).resolve().parents[3] / "scripts" / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze") or ""


@pytest.mark.skipif(not ANALYZE, reason="systemd is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_takes_the_unit(unit: Path, tmp_path: Path) -> None:
    installed = tmp_path / unit.name
    text = unit.read_text("utf-8").replace("/opt/kanit/.venv/bin/kanit", str(KANIT))
    installed.write_text(text, "utf-8")
    done = subprocess.run([ANALYZE, "verify", installed], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not ANALYZE, reason="systemd is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_unit_is_shut_where_it_can_be(unit: Path) -> None:
    command = [ANALYZE, "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_the_unit_starts_is_a_command_of_kanit(unit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = (line for line in unit.read_text("utf-8").splitlines() if line.startswith("ExecStart="))
    arguments = line.split()[1:]
    assert run([*arguments, "--help"]) == 0
    assert all(argument in capsys.readouterr().out for argument in arguments if argument.startswith("--"))


def test_there_is_a_unit_for_one_machine_and_one_for_a_further_one() -> None:
    assert [unit.stem for unit in UNITS] == ["kanit-worker", "kanit"]
