"""The keeper of processes: real ones, started, killed and ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.deployment.children import Backoff, Child, Household, ending
from flows.deployment.watch import children_of, watched

WAIT = 60
"""Seconds after which a test gives up; reaching it is a failure."""

_HOUSEHOLD = """
import os, sys
from flows.deployment.children import Backoff, Child, Household, ending
from flows.deployment.watch import children_of

def tell(told):
    print(told.what, told.child, told.code, flush=True)

first = 'trap "echo first ends >> ends; exit 0" TERM; echo $$ > first; while :; do sleep 0.1; done'
# The second has a child in a session of its own, as a worker's flow run is.
second = 'trap "" TERM; setsid sleep 1000 & echo $! > grandchild; echo $$ > second; while :; do sleep 0.1; done'
seconds = float(sys.argv[1])
with ending() as heard, Household(heard, tell) as household:
    for name, text in (("first", first), ("second", second)):
        child = Child(name, ["/bin/sh", "-c", text], dict(os.environ), seconds)
        household.start(child, Backoff(first=0.1))
    household.keep()
print("ended", sorted(children_of(os.getpid())), flush=True)
"""


def eventually(condition: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


def alive(process: int) -> bool:
    """Tell whether a process runs, and is more than an exit code that nobody fetched."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return False


def number(file: Path) -> int:
    """Return the process id that a child wrote into a file; 0 as long as it has not."""
    return int(file.read_text("utf-8").strip() or 0) if file.exists() else 0


@contextmanager
def household(folder: Path, seconds: float) -> Iterator["subprocess.Popen[str]"]:
    """Run a household of two children, of which the second does not end by SIGTERM."""
    command = [sys.executable, "-c", _HOUSEHOLD, str(seconds)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        eventually(lambda: number(folder / "first") and number(folder / "second"))
        try:
            yield process
        finally:
            process.kill()


def test_processes_end_in_the_reverse_order_and_nothing_is_left(tmp_path: Path) -> None:
    with household(tmp_path, seconds=1) as process:
        grandchild = number(tmp_path / "grandchild")
        assert alive(grandchild)
        process.terminate()
        out, _ = process.communicate(timeout=WAIT)
    assert out.splitlines() == ["ending  0", "killed second 0", "ended []"]
    assert (tmp_path / "ends").read_text("utf-8") == "first ends\n"
    assert not alive(grandchild)


# Told to end, it takes its run along, as Prefect's worker does.
_WORKER = """
import signal, subprocess, sys
from pathlib import Path

run = subprocess.Popen(["/bin/sh", "-c", "sleep 2; echo finished > run"])
signal.signal(signal.SIGTERM, lambda *_: (run.kill(), sys.exit()))
Path("started").write_text(str(run.pid))
run.wait()
signal.pause()
"""
_DRAINING = """
import os, sys
from flows.deployment.children import Child, Household, ending

with ending() as heard, Household(heard, lambda told: None) as household:
    command = [sys.executable, "-c", sys.argv[1]]
    household.start(Child("worker", command, dict(os.environ), seconds=60, drain=float(sys.argv[2])))
    household.keep()
"""


@pytest.mark.parametrize(("seconds", "finished"), [(WAIT, True), (0, False)])
def test_what_a_worker_runs_may_finish_before_the_worker_is_told_to_end(
    seconds: float, finished: bool, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _DRAINING, _WORKER, str(seconds)]
    with subprocess.Popen(command, cwd=tmp_path) as process:
        eventually(lambda: number(tmp_path / "started"))
        run = number(tmp_path / "started")
        process.terminate()
        process.wait(WAIT)
    assert not alive(run)
    assert (tmp_path / "run").exists() == finished


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with household(tmp_path, seconds=10 * WAIT) as process:
        assert process.stdout is not None
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "ending  0\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=WAIT)
    assert "killed second 0" in out


def test_what_died_is_started_again_and_what_it_left_behind_is_ended(tmp_path: Path) -> None:
    with household(tmp_path, seconds=0) as process:
        dead, grandchild = number(tmp_path / "second"), number(tmp_path / "grandchild")
        os.kill(dead, signal.SIGKILL)
        eventually(lambda: number(tmp_path / "second") not in (0, dead))
        assert alive(number(tmp_path / "second"))
        eventually(lambda: not alive(grandchild))
        process.terminate()
        out, _ = process.communicate(timeout=WAIT)
    assert out.startswith("died second -9\n")


def test_nothing_outlives_a_household_that_is_killed(tmp_path: Path) -> None:
    with household(tmp_path, seconds=0) as process:
        family = [number(tmp_path / name) for name in ("first", "second", "grandchild")]
        assert all(alive(each) for each in family)
        process.kill()
        eventually(lambda: not any(alive(each) for each in family))


def test_a_watch_ends_with_what_it_watches_over() -> None:
    with watched(os.getpid()) as watch:
        assert watch in children_of(os.getpid())
    assert not alive(watch)


def test_pauses_double_up_to_a_longest_one() -> None:
    backoff = Backoff(first=1, longest=60)
    assert [backoff.pause(deaths) for deaths in (1, 2, 3, 4, 7, 8, 10**6)] == [1, 2, 4, 8, 60, 60, 60]


def test_what_was_started_by_others_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "1000"]) as others:
        with ending() as heard, Household(heard, lambda told: None) as household:
            before = children_of(os.getpid())
            household.start(Child("own", ["sleep", "1000"], dict(os.environ), 5.0))
            started = children_of(os.getpid()) - before
            assert started
        assert not any(map(alive, started))
        assert alive(others.pid)
        others.kill()
