"""Faults in what runs on import, each tried in a fork that imports the project anew.

Only the project is imported anew: the packages on which it rests are in memory before the fork.
"""

import contextlib
import importlib
import importlib.machinery
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType

import pytest

from tests.mutants.faults import Fault
from tests.mutants.forks import PYTEST, hush, in_fork, limited
from tests.mutants.outcome import Outcome, Verdict

_SECONDS = 120


def tried(faults: list[Fault], tests: list[str], patience: float) -> Iterator[tuple[Fault, Outcome]]:
    """Try each fault and yield what became of it."""
    if not faults:
        return
    _warm_up(in_fork(lambda: _modules_of_session(tests)).value)
    killers: dict[str, Counter[str]] = defaultdict(Counter)
    sound = _trial(None, tests, _Order(Counter(), patience=0))
    if sound.verdict is not Verdict.SURVIVED:
        sys.exit(f"Without any fault: {sound.by} fails. Run pytest on {' '.join(tests)} to see why.")
    for fault in faults:
        outcome = Outcome(Verdict.SURVIVED)
        for chosen in (_likely(fault, tests, killers[fault.path]), tests):
            if chosen and outcome.verdict is Verdict.SURVIVED:
                outcome = _trial(fault, chosen, _Order(killers[fault.path], patience))
        if "::" in outcome.by:
            killers[fault.path][outcome.by] += 1
        yield fault, outcome


def _likely(fault: Fault, tests: list[str], killers: Counter[str]) -> list[str]:
    """Return the two files whose tests have noticed most in this file, or those named like it."""
    noticed = Counter(path for name in killers.elements() for path in [name.split("::")[0]])
    if noticed:
        return [path for path, _ in noticed.most_common(2)]
    stem = Path(fault.path).stem.partition("_")[0]
    folders = (Path(each) for each in tests if Path(each).is_dir())
    return [str(path) for folder in folders for path in sorted(folder.glob(f"test_{stem}*.py"))]


def _trial(fault: Fault | None, tests: list[str], order: "_Order") -> Outcome:
    with TemporaryDirectory() as folder:
        work = partial(_noticed, fault, [f"--basetemp={folder}/session", *tests], order)
        ended = in_fork(work, limited(_SECONDS))
    if ended.signal:
        return Outcome(Verdict.TIMEOUT, ended.signal)
    if isinstance(ended.value, Outcome):
        return ended.value
    return Outcome(Verdict.KILLED, "the session breaks")


def _modules_of_session(tests: list[str]) -> list[str]:
    hush()
    pytest.main([*PYTEST, "--collect-only", *tests])
    return sorted(sys.modules)


def _warm_up(modules: Iterable[str]) -> None:
    """Import the packages among the modules that a session had; those that may know the rules stay out."""
    ours = {path.stem for path in Path.cwd().iterdir()} - {"extractors"} | {"__main__", "conftest"}
    for name in modules:
        if name.split(".")[0] not in ours:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _noticed(fault: Fault | None, tests: list[str], order: "_Order") -> Outcome:
    if fault is not None:
        try:
            after = compile(fault.source, fault.path, "exec", dont_inherit=True)
        except SyntaxError:
            return Outcome(Verdict.NO_FAULT)
        _import_as(fault.path, after)
    hush()
    code = pytest.main(["-x", *PYTEST, *tests], plugins=[order])
    if order.killer or code not in (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED):
        return Outcome(Verdict.KILLED, order.killer or "the project cannot be imported")
    return Outcome(Verdict.SURVIVED, f"{order.passed} tests")


class _Order:
    """A plugin of pytest: likely and fast tests first, within the patience; notes which one failed."""

    def __init__(self, killers: Counter[str], patience: float) -> None:
        self._killers = killers
        self._patience = patience
        self.killer = ""
        self.passed = 0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort the tests."""
        items.sort(key=self._rank)
        self._end = time.process_time() + self._patience

    def _rank(self, item: pytest.Item) -> tuple[int, bool]:
        slow = item.get_closest_marker("hypothesis") is not None or "clauses" in item.nodeid
        return -self._killers[item.nodeid], slow

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the test that failed."""
        self.passed += report.when == "call"
        if report.failed:
            self.killer = report.nodeid

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """End the session where the patience ends."""
        if self._patience and time.process_time() > self._end:
            item.session.shouldstop = "patience"


def _import_as(path: str, code: CodeType) -> None:
    """Let the next import of the file give this code."""
    wanted = str(Path(path).resolve())
    ordinary = importlib.machinery.SourceFileLoader.get_code

    def get_code(loader: importlib.machinery.SourceFileLoader, name: str) -> CodeType | None:
        return code if loader.path == wanted else ordinary(loader, name)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]  # in this fork
