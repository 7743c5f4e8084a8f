"""Kill what a night needs, for as many rounds as asked, and check what it ends in.

    .venv/bin/python -m tests.chaos [--rounds 100] [--seed 1] [--applications 120] [--only WORD] [--plain]

Ends with 1 at the first round after which something does not hold, which is printed with all that it takes to play
the round again. At the end a table tells what was killed how often.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.chaos.rounds import FAULTS, WITHOUT_PREFECT, Round, chaos
from tests.chaos.world import PLAIN, WITH_PREFECT


def main() -> int:
    """Play the rounds and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--rounds", type=int, default=len(FAULTS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--applications", type=int, default=120)
    parser.add_argument("--samples", type=int, default=6, help="varied applications among them")
    parser.add_argument("--only", default="", help="faults whose name holds this word")
    parser.add_argument("--plain", action="store_true", help="batches without Prefect, which begin at once")
    parser.add_argument("--keep-going", action="store_true", help="go on after a round that fails")
    options = parser.parse_args()
    names = [name for name in (WITHOUT_PREFECT if options.plain else FAULTS) if options.only in name]
    program = PLAIN if options.plain else WITH_PREFECT
    played: list[Round] = []
    with (
        TemporaryDirectory(prefix="chaos-") as folder,
        chaos(Path(folder), options.applications, options.samples) as stage,
    ):
        for number in range(options.rounds):
            name = names[number % len(names)]
            one = stage.round(name, Random(f"{options.seed}/{number}"), program)
            played.append(one)
            _tell(number, one)
            if one.broken and not options.keep_going:
                break
        zombies = stage.zombies()
    _table(played)
    for each in zombies:
        _say(f"BROKEN: {each}")
    return bool(zombies) or any(one.broken for one in played)


def _tell(number: int, one: Round) -> None:
    _say(f"{number:4}  {one.seconds:5.0f} s  {one.strikes} x {one.fault} ({one.database})")
    for each in one.broken:
        _say(f"      BROKEN: {each}")


def _table(played: Sequence[Round]) -> None:
    rounds = defaultdict(list)
    for one in played:
        rounds[one.fault].append(one)
    _say("\n| killed or taken away | rounds | times | did not hold |\n|---|---:|---:|---:|")
    for fault, those in rounds.items():
        strikes, wrong = sum(one.strikes for one in those), sum(bool(one.broken) for one in those)
        _say(f"| {fault} | {len(those)} | {strikes} | {wrong} |")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
