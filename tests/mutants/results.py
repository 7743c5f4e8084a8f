"""Outcomes kept in a file and told on the screen."""

import json
import math
import sys
import time
from collections import Counter
from pathlib import Path

from tests.mutants.faults import Fault
from tests.mutants.outcome import Outcome, Verdict

_EVERY_SECONDS = 10


class Results:
    """What became of each fault, in memory and, one line of JSON each, in a file."""

    def __init__(self, file: Path | None, faults: list[Fault]) -> None:
        self._file = file
        self._faults = {_key(fault): fault for fault in faults}
        self._outcomes: dict[str, Outcome] = {}
        self._told = time.monotonic()
        if file and file.exists():
            for line in file.read_text().splitlines():
                told = json.loads(line)
                outcome = Outcome(Verdict(told["verdict"]), told["by"])
                if told["key"] in self._faults:
                    self._outcomes[told["key"]] = outcome

    def faults(self, verdicts: set[Verdict | None]) -> list[Fault]:
        """Return the faults with one of these verdicts; None is for those that have not been tried."""
        return [
            fault
            for key, fault in self._faults.items()
            if (self._outcomes[key].verdict if key in self._outcomes else None) in verdicts
        ]

    def add(self, fault: Fault, outcome: Outcome) -> None:
        """Keep an outcome; now and then tell how far it is."""
        self._outcomes[_key(fault)] = outcome
        if self._file:
            told = {"key": _key(fault), "verdict": outcome.verdict, "by": outcome.by}
            with self._file.open("a") as out:
                out.write(json.dumps(told) + "\n")
        if time.monotonic() - self._told > _EVERY_SECONDS:
            self._told = time.monotonic()
            sys.stderr.write(f"{len(self._outcomes)} of {len(self._faults)}: {_share(self._counts())}\n")

    def summary(self) -> None:
        """Print the survivors, then each file's figures, then those of all."""
        for key, fault in self._faults.items():
            outcome = self._outcomes.get(key)
            if outcome and outcome.verdict is Verdict.SURVIVED:
                print(f"{fault.path}:{fault.line} survived {outcome.by}\n{fault.difference}\n")  # noqa: T201
        for path in dict.fromkeys(fault.path for fault in self._faults.values()):
            print(f"{path:42}{_share(self._counts(path))}")  # noqa: T201
        print(f"{'all':42}{_share(self._counts())}")  # noqa: T201

    def _counts(self, path: str | None = None) -> Counter[Verdict]:
        return Counter(
            outcome.verdict
            for key, outcome in self._outcomes.items()
            if path is None or self._faults[key].path == path
        )


def _key(fault: Fault) -> str:
    return f"{fault.path}:{fault.line} #{fault.number}"


def _share(counts: Counter[Verdict]) -> str:
    killed = counts[Verdict.KILLED] + counts[Verdict.TIMEOUT]
    tried = killed + counts[Verdict.SURVIVED]
    if not tried:
        return "no fault"
    low, high = interval(killed, tried)
    untried = f", {counts[Verdict.COLD]} on import not tried" if counts[Verdict.COLD] else ""
    return (
        f"{tried:5} faults {killed:5} killed {counts[Verdict.SURVIVED]:4} survived "
        f"{killed / tried:6.1%} ({low:.1%} to {high:.1%}){untried}"
    )


def interval(killed: int, tried: int) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson."""
    share, z2 = killed / tried, 1.96**2
    middle = share + z2 / (2 * tried)
    spread = math.sqrt(z2 * (share * (1 - share) / tried + z2 / (4 * tried**2)))
    return (middle - spread) / (1 + z2 / tried), (middle + spread) / (1 + z2 / tried)
