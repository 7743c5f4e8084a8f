"""Processes of a round: who belongs to it, who is its sandbox's child, fork server or embedded server, who is left."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

MARK = "CHAOS_WORLD"
"""Variable of the environment that every process of a round inherits; its value is the round's own."""


def eventually(holds: Callable[[], object], seconds: float, pause: float = 0.02) -> bool:
    """Wait until something holds and return whether it does; the time is a bound for a failure."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def family(process: int) -> list[psutil.Process]:
    """Return the living processes that a process has started, and theirs."""
    try:
        return psutil.Process(process).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill(processes: "list[psutil.Process]") -> int:
    """Kill with SIGKILL and return how many were still there."""
    killed = 0
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            each.kill()
            killed += 1
    return killed


def kill_machine(process: int) -> None:
    """Kill a process and all that it has started at one moment, as when the power fails."""
    relatives = family(process)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    kill(relatives)


def _says(process: psutil.Process, word: str) -> bool:
    try:
        return any(word in part for part in process.cmdline())
    except psutil.Error:
        return False


def fork_servers(process: int) -> list[psutil.Process]:
    """Return the fork servers among what a process has started."""
    relatives = [each for each in family(process) if _says(each, "multiprocessing.forkserver")]
    ids = {each.pid for each in relatives}
    return [each for each in relatives if _parent(each) not in ids]


def sandbox_children(process: int) -> list[psutil.Process]:
    """Return the children of the sandbox among what a process has started."""
    return [child for server in fork_servers(process) for child in family(server.pid)]


def embedded_servers(process: int) -> list[psutil.Process]:
    """Return Prefect's embedded server among what a process has started."""
    return [each for each in family(process) if _says(each, "uvicorn")]


def _parent(process: psutil.Process) -> int:
    try:
        parent: int = process.ppid()
    except psutil.NoSuchProcess:
        return 0
    return parent


def marked(mark: str) -> list[psutil.Process]:
    """Return the living processes of a round, whoever is their parent now."""
    found = []
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            if each.status() != psutil.STATUS_ZOMBIE and each.environ().get(MARK) == mark:
                found.append(each)
    return found
