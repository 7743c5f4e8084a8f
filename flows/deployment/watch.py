"""Ends a process, and all that it has started, when this one is gone, however it went."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Killed by SIGKILL, a process cannot stop what it has started. The shell waits for the end of its standard input, which
# comes when the process at the other end is gone. Flow runs have sessions of their own, so the tree is walked.
_WATCH = """
end() {
    for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do end "$child"; done
    kill -s "$signal" "$1"
}
signal=$1
read -r _
end "$0"
"""


@contextmanager
def watched(process: int, end: signal.Signals = signal.SIGTERM) -> Iterator[int]:
    """Send `end` to a process and its descendants should this process die within; yield the id of the watch."""
    command = ["/bin/sh", "-c", _WATCH, str(process), end.name.removeprefix("SIG")]
    watch = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - fixed text
    try:
        yield watch.pid
    finally:
        watch.kill()
        watch.communicate()


def children_of(process: int) -> set[int]:
    """Return the ids of the processes that a process has started and that have not been reaped."""
    found: set[int] = set()
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found |= {int(each) for each in path.read_text("ascii").split()}
        except OSError:
            continue  # the thread ended just now
    return found
