"""Tells which workers of this machine are alive, so that the claims of a killed one need not run out first.

Each worker holds a lock on a file of its own in `KANIT_HOME`. The kernel drops the lock with the process, however it
ends; a lock that can be taken therefore has no owner any more. Workers on other machines are not seen: their claims
run out.
"""

import fcntl
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.outages import is_outage
from storage.queue import release, release_dead
from storage.runs import interrupt_lost

log = logging.getLogger(__name__)

_FOLDER = "workers"


@contextmanager
def worker(database: Database, home: Path) -> Iterator[str]:
    """Yield the name of a new owner of claims; at the end what it has not read is given back.

    On entering, the claims of workers of this machine that died are taken back.
    """
    release_departed(database, home)
    owner = str(uuid.uuid4())
    folder = home / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / owner
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield owner
        finally:
            _leave(database, owner, path)
    finally:
        os.close(descriptor)


def _leave(database: Database, owner: str, path: Path) -> None:
    """Give back what was not read. Where the database is away, who comes next finds the file without a lock.

    So that a run that has done its work, and a fault that has ended one, are not told as a fault of its end.
    """
    try:
        release(database, owner)
    except DBAPIError as error:
        if not is_outage(error):
            raise
        log.warning("the database is away; claims are given back later")
    else:
        path.unlink(missing_ok=True)


def release_departed(database: Database, home: Path) -> frozenset[str]:
    """Take back the claims of this machine's workers that died, and return their names.

    Their runs are marked as interrupted, and those of other machines that were not heard from for a lease.
    """
    folder = home / _FOLDER
    dead = (
        frozenset(path.name for path in folder.iterdir() if _is_dead(path))
        if folder.is_dir()
        else frozenset()
    )
    release_dead(database, dead)
    interrupt_lost(database, dead)
    for owner in dead:
        (folder / owner).unlink(missing_ok=True)
    return dead


def _is_dead(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False  # it ended in good order just now
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
