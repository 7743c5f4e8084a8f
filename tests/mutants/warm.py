"""Faults in functions, each tried in a fork of one collected test session."""

import gc
import os
import pickle
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType
from typing import Any

import pytest
from coverage import Coverage, CoverageData

from tests.mutants.exchange import caches, exchange, exchanges, functions
from tests.mutants.faults import Fault
from tests.mutants.forks import PYTEST, Ended, hush, in_fork, limited
from tests.mutants.outcome import Outcome, Verdict

_FAST_SECONDS = 0.1

Report = Callable[[Fault, Outcome], None]


@dataclass
class Survey:
    """What the sound program does: which tests run a line, and how long each of them takes."""

    tests_by_line: dict[tuple[str, int], set[int]]
    seconds: list[float]


class Session:
    """A plugin of pytest: instead of running the collected tests once, it tries faults on them."""

    def __init__(self, faults: Iterable[Fault], report: Report, patience: float) -> None:
        self._patience = patience
        self._faults = faults
        self._report = report
        self.complaint = ""
        self._failed = False
        self._surveying: tuple[Coverage, int] | None = None
        self._killers: dict[str, Counter[int]] = defaultdict(Counter)
        self._collecting = _coverage()
        self._collecting.start()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note that a test failed."""
        self._failed = self._failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Survey the sound program, then try each fault."""
        self._collecting.stop()
        self._items = session.items
        self._caches = caches()
        survey = in_fork(self._surveyed).value
        if not isinstance(survey, Survey):
            self.complaint = survey or "the tests do not run to their end"
            raise pytest.UsageError(self.complaint)
        self._survey = survey
        self._living = functions()
        gc.collect()
        gc.freeze()
        collected = self._tests_by_line(self._collecting.get_data())
        for fault in self._faults:
            self._report(fault, self._tried(fault, collected.keys()))
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[Any]:
        """Ascribe what a shared fixture runs to all tests that use it, not to the first of them."""
        if fixturedef.scope == "function" or self._surveying is None:
            return (yield)
        coverage, number = self._surveying
        coverage.switch_context(fixturedef.argname)
        try:
            return (yield)
        finally:
            coverage.switch_context(str(number))

    def _surveyed(self) -> Survey | str:
        coverage = _coverage()
        coverage.start()
        seconds = []
        for number, item in enumerate(self._items):
            self._surveying = coverage, number
            coverage.switch_context(str(number))
            self._forget()
            started = time.process_time()
            if not self._passes(number):
                return f"{item.nodeid} fails"
            seconds.append(time.process_time() - started)
        coverage.stop()
        return Survey(self._tests_by_line(coverage.get_data()), seconds)

    def _tests_by_line(self, data: CoverageData) -> dict[tuple[str, int], set[int]]:
        users: dict[str, set[int]] = defaultdict(set)
        for number, item in enumerate(self._items):
            for name in (str(number), *getattr(item, "fixturenames", ())):
                users[name].add(number)
        return {
            (_relative(file), line): set().union(*(users[each] for each in contexts))
            for file in data.measured_files()
            for line, contexts in data.contexts_by_lineno(file).items()
        }

    def _forget(self) -> None:
        for cache in self._caches:
            cache.cache_clear()

    def _killer(self, tests: list[int]) -> int | None:
        started = time.process_time()
        for test in tests:
            if not self._passes(test):
                return test
            if self._patience and time.process_time() - started > self._patience:
                return None
        return None

    def _passes(self, number: int) -> bool:
        item = self._items[number]
        following = self._items[number + 1] if number + 1 < len(self._items) else item
        self._failed = False
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return not self._failed

    def _tried(self, fault: Fault, collected: Collection[tuple[str, int]]) -> Outcome:
        lines = range(fault.lines[0], fault.lines[1] + 1)
        tests: set[int] = set().union(
            *(self._survey.tests_by_line.get((fault.path, line), set()) for line in lines)
        )
        ordered = self._ordered(fault, tests)
        seconds = sum(self._survey.seconds[test] for test in tests)
        bound = limited(min(seconds, self._patience) if self._patience else seconds)
        ended = in_fork(lambda: self._noticed(fault, ordered), bound)
        outcome = self._outcome(ended)
        if outcome.verdict is Verdict.SURVIVED:
            early = any((fault.path, line) in collected for line in lines)
            return Outcome(Verdict.COLD if early else Verdict.SURVIVED, f"{len(tests)} tests")
        return outcome

    def _outcome(self, ended: Ended) -> Outcome:
        if ended.signal:
            return Outcome(Verdict.TIMEOUT, ended.signal)
        if not isinstance(ended.value, tuple):
            return Outcome(Verdict.KILLED, "the session breaks")
        path, verdict, killer = ended.value
        if killer is None:
            return Outcome(verdict)
        self._killers[path][killer] += 1
        return Outcome(verdict, self._items[killer].nodeid)

    def _ordered(self, fault: Fault, tests: set[int]) -> list[int]:
        """Return the fast ones of the tests that have noticed most in this file, then all others, fastest first."""
        seconds = self._survey.seconds
        often = (test for test, _ in self._killers[fault.path].most_common(50) if test in tests)
        likely = [test for test in often if seconds[test] < _FAST_SECONDS][:8]
        return likely + sorted(tests - set(likely), key=lambda test: seconds[test])

    def _noticed(self, fault: Fault, tests: list[int]) -> tuple[str, Verdict, int | None]:
        before = Path(fault.path).read_text()
        try:
            pairs = exchanges(_compiled(before), _compiled(fault.source))
        except SyntaxError:
            return fault.path, Verdict.NO_FAULT, None
        if pairs == []:
            return fault.path, Verdict.NO_FAULT, None
        if pairs is None or not exchange(pairs, self._living):
            return fault.path, Verdict.COLD, None
        self._forget()
        killer = self._killer(tests)
        return fault.path, Verdict.SURVIVED if killer is None else Verdict.KILLED, killer


def _coverage() -> Coverage:
    return Coverage(data_file=None, include=[str(Path.cwd() / "validators" / "*")], config_file=False)


def _compiled(source: str) -> CodeType:
    return compile(source, "<rules>", "exec", dont_inherit=True)


def _relative(file: str) -> str:
    return str(Path(file).relative_to(Path.cwd()))


def _empty(folder: Path) -> None:
    """Remove the temporary folders that a fork's tests made."""
    for each in folder.iterdir() if folder.exists() else ():
        shutil.rmtree(each, ignore_errors=True)


def serve(tests: list[str], faults: list[Fault], channel: int, patience: float) -> None:
    """Run the session in this process and write the outcomes, or why there are none, to the channel."""
    with os.fdopen(channel, "wb") as out, TemporaryDirectory() as temporary:
        folder = Path(temporary) / "session"

        def report(fault: Fault, outcome: Outcome) -> None:
            pickle.dump((fault, outcome), out)
            out.flush()
            _empty(folder)

        hush()
        session = Session(faults, report, patience)
        code = pytest.main([*PYTEST, f"--basetemp={folder}", *tests], plugins=[session])
        if code != pytest.ExitCode.OK:
            pickle.dump(session.complaint or "the tests cannot be collected", out)
