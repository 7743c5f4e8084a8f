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


def double(number: int) -> int:
    return 2 * number


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def hang(sign: str) -> None:
    Path(sign).touch()
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


def die_once(sign: str, number: int) -> None:
    if not Path(sign).exists():
        Path(sign).touch()
        os.kill(os.getpid(), number)


class DeadlyLetter(bytes):
    """A call whose child dies once, after it has taken the call from the pool and before it says so."""

    def __reduce__(self) -> tuple[object, ...]:
        return _opened, (os.environ["DEADLY_SIGN"], os.environ["DEADLY_SIGNAL"], bytes(self))


def _opened(sign: str, number: str, call: bytes) -> bytes:
    if number == "0" and not Path(sign).exists():
        Path(sign).touch()
        raise ImportError("the installation changed while this child was at work")
    die_once(sign, int(number))
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
