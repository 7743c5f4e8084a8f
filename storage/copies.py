"""Private, short-lived folders for copies of what lies elsewhere, under `KANIT_HOME`/tmp.

Each process has a folder of its own there and holds a lock in it, which the kernel drops with the process, however it
ends. What a killed one left is removed by whoever opens an inbox next.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDER = "tmp"
_LOCK = ".lock"


@contextmanager
def copies(home: Path) -> Iterator[Path]:
    """Give an empty folder that only this user can look into; it is removed at the end with all that is in it."""
    parent = home / _FOLDER
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Nobody may take a folder for abandoned between its making and its locking.
    with _locked(parent):
        _remove_abandoned(parent)
        own = Path(tempfile.mkdtemp(dir=parent))
        lock = _open(own)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        os.close(lock)


def remove_abandoned(home: Path) -> None:
    """Remove what killed processes left."""
    parent = home / _FOLDER
    if parent.is_dir():
        with _locked(parent):
            _remove_abandoned(parent)


@contextmanager
def private_folder(parent: Path, name: str) -> Iterator[Path]:
    """Give an empty folder of that name, for its owner alone, and remove it at the end with all that is in it."""
    outer = Path(tempfile.mkdtemp(dir=parent))
    try:
        folder = outer / name
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(outer, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = _open(folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open(folder: Path) -> int:
    return os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.iterdir():
        if folder.is_dir() and _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = _open(folder)
    except FileNotFoundError:
        return False  # its owner removes it at this moment
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
