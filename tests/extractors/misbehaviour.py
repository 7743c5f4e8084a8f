"""What papers can do to their readers: functions that the sandbox's tests run in its children."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from extractors.archive import ArchiveRefused
from extractors.facts import Fault, FaultCode

HANGING = "hanging"
_PR_SET_NAME = 15


def double(number: int) -> int:
    return 2 * number


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def hang() -> None:
    """Hang under a name of its own: a child can give no other sign."""
    ctypes.CDLL(None).prctl(_PR_SET_NAME, HANGING.encode(), 0, 0, 0)
    time.sleep(600)


def hang_in_native_code() -> None:
    # PyDLL keeps the interpreter's lock, as a reader that loops in native code does.
    ctypes.PyDLL(None).sleep(600)


def spin() -> None:
    while True:
        pass


def crash() -> None:
    ctypes.string_at(0)


def kill_self(number: int) -> None:
    os.kill(os.getpid(), number)


def die_among(children: set[int], number: int) -> None:
    """Die by a signal in one of some children, and in no other: those that take their place live on."""
    if os.getpid() in children:
        os.kill(os.getpid(), number)


class DeadlyLetter(bytes):
    """A call that some children die of, after they have taken it from the pool and before they say so."""

    def __reduce__(self) -> tuple[object, ...]:
        return _opened, (os.environ["DEADLY_CHILDREN"], os.environ["DEADLY_SIGNAL"], bytes(self))


def _opened(children: str, number: str, call: bytes) -> bytes:
    among = set(map(int, children.split(",")))
    if number == "0" and os.getpid() in among:
        raise ImportError("the installation changed while this child was at work")
    die_among(among, int(number))
    return call


def exit_quietly() -> None:
    os._exit(0)


def allocate(size: int) -> int:
    return len(bytearray(size))


def print_garbage() -> None:
    sys.stdout.write("garbage from Python")
    sys.stderr.write("garbage from Python")
    os.write(1, b"garbage from native code\n")
    os.write(2, b"garbage from native code\n")


def raise_foreign() -> None:
    message = "10000000146 AYŞE ÖRNEK"
    raise ValueError(message)


def raise_own() -> None:
    raise ArchiveRefused(Fault(FaultCode.ARCHIVE_ENCRYPTED, {"member": "1"}))


def leave_the_interpreter() -> None:
    sys.exit(3)


def return_what_cannot_travel() -> object:
    return lambda: None


def fork_and_hang(marker: str) -> None:
    for _ in range(3):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", marker])
    time.sleep(600)


def write_file(path: Path) -> None:
    path.write_bytes(b"x" * 10_000)


def process_id() -> int:
    return os.getpid()


def loaded_modules() -> list[str]:
    return sorted(sys.modules)


def environment_names() -> list[str]:
    return sorted(os.environ)


def core_limit() -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_CORE)


def is_deaf_to_interrupts() -> bool:
    return signal.getsignal(signal.SIGINT) == signal.SIG_IGN
