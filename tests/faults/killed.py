"""A step that kills its own process at a point: `python -m tests.faults.killed FOLDER STEP POINT`."""

import os
import signal
import sys
from pathlib import Path

from tests.faults.points import Points
from tests.faults.story import STEPS, World


def main() -> None:
    """Do a step of the story of a folder, and be killed at a point of it."""
    folder, step, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

    def reached(number: int, _name: str) -> None:
        if number == last:
            os.kill(os.getpid(), signal.SIGKILL)

    with Points(reached).watching():
        STEPS[step](World(folder))


if __name__ == "__main__":
    main()
