"""Try faults in the rules and tell which of them no test notices.

    .venv/bin/python -m tests.mutants [MODULE ...] [--sample N] [--seed S] [--results FILE] [--again] [--functions]

MODULE is a file or folder of `validators/`; without any, all of it is taken. `--sample` tries that many faults, drawn
from all of them with the seed. `--results` keeps the outcomes, one line of JSON each: what stands there already is not
tried again, save, with `--again`, what survived. `--functions` leaves out the faults in what runs on import, which take
seconds each. `--patience` is how many seconds of tests a fault is given, where not all of them shall run.
"""

import argparse
import contextlib
import os
import pickle
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

from tests.mutants import cold, warm
from tests.mutants.faults import Fault, faults_of
from tests.mutants.outcome import Outcome, Verdict
from tests.mutants.results import Results


def main() -> int:
    """Try the faults; return 0 when all was tried, whatever survived."""
    options = _options()
    faults = [fault for path in _files(options.modules) for fault in faults_of(path)]
    if options.sample:
        faults = random.Random(options.seed).sample(faults, min(options.sample, len(faults)))
    results = Results(options.results, faults)
    _same_examples()
    untried: set[Verdict | None] = {None, Verdict.SURVIVED} if options.again else {None}
    tests = options.tests.split()
    for fault, outcome in _warmly(results.faults(untried), tests, options.patience):
        results.add(fault, outcome)
    if not options.functions:
        for fault, outcome in cold.tried(results.faults({Verdict.COLD}), tests, options.patience):
            results.add(fault, outcome)
    results.summary()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description="Mutation testing of validators/."
    )
    parser.add_argument("modules", nargs="*", type=Path, default=[Path("validators")])
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--results", type=Path, metavar="FILE")
    parser.add_argument("--patience", type=float, default=0.0)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--functions", action="store_true")
    parser.add_argument("--tests", default="tests/validators tests/clauses")
    return parser.parse_args()


def _files(modules: list[Path]) -> list[Path]:
    return [file for each in modules for file in ([each] if each.is_file() else sorted(each.rglob("*.py")))]


def _same_examples() -> None:
    """Let Hypothesis draw the same examples each time, and stop at the first that fails."""
    settings.register_profile(
        "mutants",
        deadline=None,
        max_examples=25,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")


def _warmly(faults: list[Fault], tests: list[str], patience: float) -> Iterator[tuple[Fault, Outcome]]:
    """Try faults in functions; the session runs in a fork, so that this process imports nothing of the project."""
    if not faults:
        return
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        try:
            warm.serve(tests, faults, writing, patience)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as channel, contextlib.suppress(EOFError):
        while True:
            told = pickle.load(channel)  # noqa: S301  # written by our own fork
            if isinstance(told, str):
                sys.exit(f"Without any fault: {told}. Run pytest on {' '.join(tests)} to see why.")
            yield told
    os.waitpid(process, 0)


if __name__ == "__main__":
    sys.exit(main())
