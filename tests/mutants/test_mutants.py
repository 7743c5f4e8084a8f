"""The faults that are tried, and that a fault is noticed exactly where a test would fail."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.mutants.exchange import exchanges
from tests.mutants.faults import faults_of
from tests.mutants.forks import Ended, in_fork
from tests.mutants.results import interval

RULES = """
    from functools import cache

    LEGAL_AGE = 18


    def is_adult(age: int) -> bool:
        return age >= LEGAL_AGE


    def is_senior(age: int) -> bool:
        return age > 64


    @cache
    def doubled(age: int) -> int:
        return 2 * age


    class Person:
        limit = 3

        @property
        def first(self) -> int:
            return self.limit - 1
"""
CHECKS = """
    import pytest

    from validators import rules

    @pytest.fixture(scope="module")
    def doubled():
        return rules.doubled(4)


    @pytest.mark.parametrize(("age", "adult"), [(17, False), (18, True), (19, True)])
    def test_adults(age, adult):
        assert rules.is_adult(age) is adult


    def test_seniors():
        assert rules.is_senior(80)


    def test_years():
        assert rules.Person().first == 2


    def test_doubled(doubled):
        assert doubled == 8


    def test_doubled_exactly(doubled):
        assert doubled == rules.doubled(4)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with rules and tests of them, one of which looks away."""
    (tmp_path / "validators").mkdir()
    (tmp_path / "checks").mkdir()
    (tmp_path / "validators" / "__init__.py").touch()
    (tmp_path / "validators" / "rules.py").write_text(dedent(RULES))
    (tmp_path / "checks" / "test_rules.py").write_text(dedent(CHECKS))
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n'
    )
    return tmp_path


def test_faults_stand_in_functions_decorated_ones_and_on_import(project: Path) -> None:
    changes = {fault.difference for fault in faults_of(project / "validators" / "rules.py")}
    assert "- LEGAL_AGE = 18\n+ LEGAL_AGE = 19" in changes
    assert "- return age >= LEGAL_AGE\n+ return age > LEGAL_AGE" in changes
    assert "- return 2 * age\n+ return 2 / age" in changes
    assert "- return self.limit - 1\n+ return self.limit + 1" in changes


def codes(before: str, after: str) -> list[str] | None:
    found = exchanges(*(compile(dedent(text), "rules", "exec") for text in (before, after)))
    return None if found is None else [new.co_name for _, new in found]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("age >= LEGAL_AGE", "age > LEGAL_AGE", ["is_adult"]),
        ("self.limit - 1", "self.limit + 1", ["first"]),
        ("LEGAL_AGE = 18", "LEGAL_AGE = 19", None),
        ("limit = 3", "limit = 4", None),
        ("@cache", "@staticmethod", None),
        ("2 * age", "2 * age  # twice", []),
    ],
)
def test_what_is_exchanged_for_a_fault(old: str, new: str, changed: list[str] | None) -> None:
    assert codes(RULES, RULES.replace(old, new)) == changed


def test_a_fork_tells_what_it_did_or_how_it_ended() -> None:
    assert in_fork(lambda: 6 * 7) == Ended(42)
    assert in_fork(lambda: os.kill(os.getpid(), signal.SIGKILL)) == Ended(signal="SIGKILL")


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert interval(90, 100) == pytest.approx((0.8256, 0.9448), abs=1e-4)
    assert interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


def mutants(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-m", "tests.mutants", "--tests", "checks", *options],
        cwd=project,
        env={**os.environ, "PYTHONPATH": f"{project}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_tests_that_fail_anyway_notice_nothing(project: Path) -> None:
    with (project / "checks" / "test_rules.py").open("a") as file:
        file.write("\n\ndef test_false():\n    assert not rules.is_adult(18)\n")
    ended = mutants(project)
    assert ended.returncode == 1
    assert "Without any fault: checks/test_rules.py::test_false fails." in ended.stderr


@pytest.mark.slow
def test_faults_that_no_test_notices_are_told(project: Path) -> None:
    results = project / "results.jsonl"
    told = mutants(project, "--results", str(results)).stdout
    survivors = {line for line in told.splitlines() if line.startswith("+ ")}
    assert survivors == {"+ return age >= 64", "+ return age > 65"}
    figures = told.splitlines()[-1]
    assert figures.startswith("all")
    assert " 2 survived" in figures
    assert len(results.read_text().splitlines()) >= 10
