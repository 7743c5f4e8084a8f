"""The inbox: where it is, and what of its folders is new or changed since the last time.

Nothing in the inbox is ever written. A folder's files are read only when their names, sizes or times differ from what
is known (`signature`); the work itself goes by their bytes (`fingerprint`).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select, update

from storage.addresses import is_url, without_credentials
from storage.batches import batched
from storage.columns import now
from storage.copies import copies, remove_abandoned
from storage.database import Database, UnitOfWork
from storage.errors import ApplicationTooLarge
from storage.folders import Folder, Inbox, LocalInbox, text_of
from storage.models import ApplicationRow, ApplicationState
from storage.queue import AFRESH
from storage.remote import RemoteInbox
from storage.signed import signed_at

CHUNK = 500
"""Folders in one transaction."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """How many folders were found, and how many of them were new, changed, or as they were."""

    found: int
    new: int
    changed: int
    unchanged: int


def inbox_name(address: str | Path) -> str:
    """Return the name by which the registry knows an inbox: its absolute path, or its URL without credentials."""
    if is_url(str(address)):
        return without_credentials(str(address))
    return text_of(Path(address).resolve())


@contextmanager
def open_inbox(address: str, home: Path) -> Iterator[Inbox]:
    """Open the inbox in a folder or at a URL; copies of what lies elsewhere are kept under `home` while it is open.

    Raises AddressUnusable.
    """
    if not is_url(address):
        remove_abandoned(home)
        yield LocalInbox(Path(address))
        return
    with copies(home) as folder:
        yield RemoteInbox(address, folder)


def discover(database: Database, inbox: Inbox) -> Discovery:
    """Enter every new or changed folder into the registry as pending.

    A folder whose files cannot be read is entered too: reading it fails, and is counted, later. Raises OSError when
    the inbox itself cannot be listed.
    """
    found = new = changed = 0
    with ThreadPoolExecutor(inbox.at_once, "inbox") as readers:
        for chunk in batched(inbox.folders(), CHUNK):
            added, altered = _enter(database, inbox, chunk, readers)
            found, new, changed = found + len(chunk), new + added, changed + altered
    return Discovery(found, new, changed, found - new - changed)


_UNREAD = (ApplicationState.PENDING, ApplicationState.FAILED)
_UNSEEN = ""
"""Stands for the signature of a folder that is to be looked into again."""


@dataclass(frozen=True, slots=True)
class _Seen:
    name: str
    signature: str
    fingerprint: str
    submitted_at: datetime | None


def _enter(
    database: Database, inbox: Inbox, chunk: Sequence[Folder], readers: ThreadPoolExecutor
) -> tuple[int, int]:
    rows = database.read(lambda work: _known(work, [folder.name for folder in chunk]))
    known = {name: row.signature for name, row in rows.items() if row.inbox == inbox.name}
    unknown = [folder for folder in chunk if known.get(folder.name) != folder.signature]
    seen = list(readers.map(lambda folder: _looked_at(inbox, folder), unknown))
    return database.transact(lambda work: _register(work, inbox.name, seen)) if seen else (0, 0)


def _looked_at(inbox: Inbox, folder: Folder) -> _Seen:
    """Look into a folder; where its bytes cannot be read for a reason that may pass, it is looked into again next time.

    Until then its signature stands for them, which changes when they do.
    """
    signature = folder.signature
    try:
        fingerprint = inbox.fingerprint(folder.name)
    except ApplicationTooLarge:
        fingerprint = folder.signature
    except OSError:
        signature, fingerprint = _UNSEEN, folder.signature
    return _Seen(folder.name, signature, fingerprint, signed_at(inbox, folder.name))


def _register(work: UnitOfWork, inbox: str, seen: Sequence[_Seen]) -> tuple[int, int]:
    known = _known(work, [folder.name for folder in seen])
    new = [folder for folder in seen if folder.name not in known]
    changed = [f for f in seen if f.name in known and known[f.name].fingerprint != f.fingerprint]
    touched = [f for f in seen if f.name in known and known[f.name].fingerprint == f.fingerprint]
    if new:
        work.session.execute(insert(ApplicationRow), [_new(inbox, folder) for folder in new])
    for folder in changed:
        content = {"fingerprint": folder.fingerprint, "submitted_at": folder.submitted_at}
        _update(work, folder, inbox=inbox, **content, **AFRESH)
    for folder in touched:
        _update(work, folder, inbox=inbox, **(AFRESH if _is_stuck(known[folder.name], folder) else {}))
    return len(new), len(changed)


def _is_stuck(row: ApplicationRow, folder: _Seen) -> bool:
    """Return whether an application failed whose folder can be read and was touched since: it may be whole by now."""
    failed = row.error is not None and row.owner is None
    return failed and row.state in _UNREAD and folder.signature != _UNSEEN


def _new(inbox: str, folder: _Seen) -> dict[str, object]:
    return {
        "application_id": folder.name,
        "inbox": inbox,
        "signature": folder.signature,
        "fingerprint": folder.fingerprint,
        "submitted_at": folder.submitted_at,
        "created_at": now(),
        **AFRESH,
    }


def _update(work: UnitOfWork, folder: _Seen, **values: object) -> None:
    where = ApplicationRow.application_id == folder.name
    work.session.execute(update(ApplicationRow).where(where).values(signature=folder.signature, **values))


def _known(work: UnitOfWork, names: Sequence[str]) -> dict[str, ApplicationRow]:
    rows = work.session.scalars(select(ApplicationRow).where(ApplicationRow.application_id.in_(names)))
    return {row.application_id: row for row in rows}
