"""Fuzz for as long as asked.

    .venv/bin/python -m tests.fuzz [--seconds 60] [-k WORD]

Runs the tests of this folder again and again with new examples until the time is over, and ends with the first
failure: it is printed in its smallest form and kept in `.hypothesis`, so that the next run begins with it. `-k`
chooses tests as in pytest. A test that has begun is finished, which takes some seconds more.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.profile import END, EXAMPLES

_ROUND_EXAMPLES = "100"


def main() -> int:
    """Run rounds until the time is over; return the exit code of the first one that fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("-k", metavar="WORD", default="")
    options = parser.parse_args()
    end = time.time() + options.seconds
    environment = {**os.environ, EXAMPLES: _ROUND_EXAMPLES, END: str(end)}
    folder = Path(__file__).parent
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-rN", "-k", options.k, str(folder)]
    while time.time() < end:
        code = subprocess.run(command, env=environment, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
