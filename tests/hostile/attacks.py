"""What an attacker would do whose code runs in a child of the sandbox: functions that the tests run there.

Each raises OSError where the machine refuses it, and otherwise returns something.
"""

import ctypes
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

_PTRACE_ATTACH = 16
_SHM_CREATE = 0o1600


def call_home(port: int) -> str:
    """Send something to a server of this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"secret")
    return "sent"


def send_a_datagram(port: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        return connection.sendto(b"secret", ("127.0.0.1", port))


def listen() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        return int(server.getsockname()[1])


def knock_at(path: str) -> str:
    """Connect to a socket in the file system, as databases and D-Bus have one."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
    return "connected"


def interfaces() -> list[str]:
    """Name the ways into a network that the machine shows to this process."""
    lines = Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]
    return [line.partition(":")[0].strip() for line in lines]


def fork() -> int:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def run_a_program() -> int:
    return subprocess.run([sys.executable, "-c", ""], check=True).returncode


def become_a_program() -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606 - a program is what is asked for


def write(path: Path) -> int:
    return path.write_bytes(b"x")


def make_a_folder(path: Path) -> str:
    path.mkdir()
    return "made"


def remove(path: Path) -> str:
    path.unlink()
    return "removed"


def rename(path: Path) -> Path:
    return path.rename(path.with_suffix(".other"))


def link(path: Path) -> str:
    path.with_suffix(".link").symlink_to(path)
    return "linked"


def cut(path: Path) -> str:
    os.truncate(path, 0)
    return "cut"


def open_to_all(path: Path) -> str:
    path.chmod(0o777)
    return "open to all"


def turn_back_its_clock(path: Path) -> str:
    os.utime(path, (0, 0))
    return "old"


def tag(path: Path) -> str:
    os.setxattr(path, "user.tag", b"x")
    return "tagged"


def read_environment_of(process: int) -> str:
    return Path(f"/proc/{process}/environ").read_text(errors="replace")


def read_memory_of(process: int) -> int:
    return os.open(f"/proc/{process}/mem", os.O_RDONLY)


def trace(process: int) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    if library.ptrace(_PTRACE_ATTACH, process, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return process


def stop(process: int) -> int:
    os.kill(process, signal.SIGCONT)
    return process


def lift_limits_of(process: int) -> object:
    return resource.prlimit(process, resource.RLIMIT_CORE)


def share_memory() -> int:
    """Take memory that outlives this process and that its limit does not count."""
    library = ctypes.CDLL(None, use_errno=True)
    segment = int(library.shmget(0, mmap.PAGESIZE, _SHM_CREATE))
    if segment < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    library.shmctl(segment, 0, None)
    return segment


def keep_a_file_in_memory() -> int:
    return os.memfd_create("x")


def system_call(number: int) -> int:
    """Make a call of the kernel with arguments that mean nothing."""
    library = ctypes.CDLL(None, use_errno=True)
    result = int(library.syscall(number, 0, 0, 0, 0, 0))
    if result < 0:
        raise OSError(ctypes.get_errno(), "system call")
    return result


def lift_own_limits() -> None:
    """Try to be allowed more memory, bytes in files and open files than the sandbox gave."""
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def own_rights() -> dict[str, str]:
    """Tell what the kernel says of this process's rights."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def own_environment() -> tuple[dict[str, str], str]:
    """Tell the variables that Python knows, and those that the system shows of this process."""
    return dict(os.environ), Path("/proc/self/environ").read_text(errors="replace")


def speak_through(descriptor: int) -> int:
    """Use a connection or file that the program had open when this process began."""
    return os.write(descriptor, b"secret")


_TURNED = bytes(byte ^ 0xFF for byte in range(256))


def turned(text: str) -> bytes:
    """Return a text with every bit turned: what is searched for must not stand in memory for that."""
    return text.encode().translate(_TURNED)


def holds_in_memory(wanted: bytes) -> bool:
    """Tell whether a text (`turned`) stands anywhere in the memory of this process that it can write."""
    with Path("/proc/self/mem").open("rb", 0) as memory:
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
            place, rights, *_ = line.split()
            if rights.startswith("rw"):
                start, end = (int(number, 16) for number in place.split("-"))
                memory.seek(start)
                if wanted in memory.read(end - start).translate(_TURNED):
                    return True
    return False


def use_a_thread() -> str:
    """Threads are no processes: readers may have them."""
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append("done"))
    thread.start()
    thread.join()
    return said[0]


def read(path: Path) -> bytes:
    return path.read_bytes()


def look_through(path: Path) -> bytes:
    """Read a file by another way: a link in the process file system to the root of all."""
    return Path(f"/proc/self/root{path}").read_bytes()
