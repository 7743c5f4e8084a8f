"""Rotation of keys: a new key is prepared, everything is brought under it, and the old one is dropped.

1. `prepare` puts a new key before the others of the key file. Nothing else changes: the database's mark still names the
   old one. Where several machines or a KANIT_KEY hold the keys, this is the moment to bring the new one there.
2. `rotate` works out the indexes under the new key, changes over to it in one transaction (`storage.rotation_indexes`),
   and then seals everything anew (`storage.rotation_values`). It may be killed at any point and run again.
3. `drop` takes a key out of the file that nothing rests on any more.

Other processes go on meanwhile: every transaction begins with the mark, and a key that is not at hand is looked for in
the key file (`storage.keys`). A process whose file does not hold it refuses, so nothing is sealed under a dropped key.

Audit lines keep the key that they were written with, which stays in the file until retention has destroyed them. A
subject of OpenID Connect keeps its index until its owner logs in.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, or_, select, update

from storage.columns import now
from storage.database import Database, UnitOfWork, open_database
from storage.desk.audit import COMMAND_LINE, Action, about, record
from storage.errors import EvidenceMissing, RotationImpossible
from storage.evidence import PAGES_FOLDER, EvidenceStore
from storage.keys import ENVIRONMENT, add_key, create_key_file, remove_key, with_new_key
from storage.models import AccountRow, AuditLine, KeyEra
from storage.retention.running import forget_written
from storage.rotation_indexes import CHUNK, change_over, exclusively, waiting, work_out
from storage.rotation_values import Resealed, count_by_key, hide_run_keys, reseal_files, reseal_values
from storage.settings import Settings


class KeyState(StrEnum):
    """What a key is there for."""

    CURRENT = "current"
    """Seals, and makes the indexes."""
    PREPARED = "prepared"
    """Stands in the file for the next rotation."""
    RETIRED = "retired"
    """Opens what still rests on it."""
    MISSING = "missing"
    """Something rests on it, and it is not at hand."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What rests on a key: sealed values, evidence files, audit lines, accounts in use with an OpenID subject."""

    values: int = 0
    files: int = 0
    audit_lines: int = 0
    accounts: int = 0

    def __bool__(self) -> bool:
        """Return whether anything rests on it."""
        return bool(self.values or self.files or self.audit_lines or self.accounts)


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key by its id, and from when to when it was the current one.

    `since` is None for the first key of the database, `until` for one that is current, or was never.
    """

    id: str
    state: KeyState
    since: datetime | None
    until: datetime | None
    uses: Uses

    @property
    def droppable(self) -> bool:
        """Whether nothing rests on it: it may be taken out of the file."""
        return self.state in (KeyState.PREPARED, KeyState.RETIRED) and not self.uses


@dataclass(frozen=True, slots=True)
class Report:
    """What a rotation did, or with `dry_run` would do.

    `key` is the current key at its end, None for one that is not made yet; `before` the current one at its beginning:
    the same where a rotation that was cut off was gone on with. `kept` rests on older keys and stays there.
    """

    key: str | None
    before: str
    indexes: int
    values: Resealed
    files: Resealed
    kept: Uses
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done: change over to `target` (None: a new key), unless it is the marked one already."""

    marked: str
    target: str | None

    @property
    def goes_on(self) -> bool:
        """Whether a rotation that was cut off is gone on with."""
        return self.target == self.marked


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Database, EvidenceStore]]:
    """Yield registry and evidence store of the settings. Raises StorageError."""
    with closing(open_database(settings)) as database:
        yield database, EvidenceStore(settings.evidence_url, database.keys)


def prepare(settings: Settings, database: Database, new_file: Path | None = None) -> str:
    """Put a new key into the key file and return its id; where one is prepared already, it is that one.

    Where the keys come from KANIT_KEY, they are written into `new_file` with a new one. Raises RotationImpossible,
    KeyUnusable.
    """
    plan = _plan(database)
    if plan.target is not None and not plan.goes_on:
        return plan.target
    if settings.key is None:
        return add_key(settings.key_file)
    if new_file is None:
        raise RotationImpossible(text="rotation_key_from_environment")
    lines = with_new_key(settings.key.get_secret_value(), ENVIRONMENT)
    if not create_key_file(new_file, lines):
        raise RotationImpossible(text="rotation_file_taken", path=new_file)
    return lines[0].split(":")[1]


def preview(database: Database, store: EvidenceStore) -> Report:
    """Count what `rotate` would do, and do nothing."""
    plan = _plan(database)
    used = _uses(database, store)
    old = [uses for key, uses in used.items() if key != plan.target]
    indexes = 0 if plan.goes_on else sum(database.read(waiting).values())
    return Report(
        plan.target,
        plan.marked,
        indexes,
        Resealed(sum(uses.values for uses in old)),
        Resealed(sum(uses.files for uses in old)),
        _kept(used, plan.target),
        dry_run=True,
    )


def rotate(settings: Settings, database: Database, store: EvidenceStore) -> Report:
    """Bring everything under the prepared key, or a new one; or go on with a rotation that was cut off.

    Raises RotationImpossible, KeyUnusable, EvidenceUnreachable, OSError; it may be run again after each.
    """
    plan = _plan(database)
    target = plan.target or prepare(settings, database)
    indexes = 0
    if not plan.goes_on:
        while work_out(database, target) > CHUNK:  # what was written meanwhile; the rest is done in one go
            pass
        indexes = change_over(database, target)
    values, files = reseal_values(database), reseal_files(database, store)
    _finish(settings, database, store, target)
    return Report(target, plan.marked, indexes, values, files, _kept(_uses(database, store), target))


def _finish(settings: Settings, database: Database, store: EvidenceStore, key_id: str) -> None:
    """Do away with what else the old key could open, and note that all is done."""
    era = database.read(_current_era)
    if era is not None:
        hide_run_keys(database, era)
    shutil.rmtree(settings.home / PAGES_FOLDER, ignore_errors=True)
    with suppress(OSError):  # the next batch does it
        store.remove_abandoned()
    database.transact(lambda work: _note_finished(work, key_id))
    forget_written(database)


def _note_finished(work: UnitOfWork, key_id: str) -> None:
    where = (KeyEra.key_id == key_id, KeyEra.resealed_at.is_(None))
    work.session.execute(update(KeyEra).where(*where).values(resealed_at=now()))


def keys_in_use(database: Database, store: EvidenceStore) -> tuple[KeyInfo, ...]:
    """Return the keys at hand, the newest first, then those that something rests on and that are not at hand."""
    plan, used = _plan(database), _uses(database, store)
    eras, at_hand, past = database.read(_eras), database.keys.ids, _past(database)
    since = {era.key_id: era.since for era in eras}
    until = {era.replaced: era.since for era in eras}
    return tuple(
        KeyInfo(key, _state(key, plan, at_hand, past), since.get(key), until.get(key), used.get(key, Uses()))
        for key in (*at_hand, *sorted(key for key, uses in used.items() if uses and key not in at_hand))
    )


def drop(settings: Settings, database: Database, store: EvidenceStore, key_id: str) -> None:
    """Take a key out of the key file for good. Raises RotationImpossible where anything rests on it.

    Subjects of disabled accounts that rest on it are forgotten: should one be enabled again, it is linked anew.
    """
    found = next((key for key in keys_in_use(database, store) if key.id == key_id), None)
    if found is None or found.state is KeyState.MISSING:
        raise RotationImpossible(text="rotation_key_unknown", key=key_id)
    if found.state is KeyState.CURRENT:
        raise RotationImpossible(text="rotation_key_current", key=key_id)
    if found.uses:
        raise RotationImpossible(text="rotation_key_needed", key=key_id, **asdict(found.uses))
    if settings.key is not None:
        raise RotationImpossible(text="rotation_drop_by_hand", key=key_id)
    exclusively(database, lambda work: _drop(work, settings.key_file, key_id))


def _drop(work: UnitOfWork, key_file: Path, key_id: str) -> None:
    """Drop a key while nobody can change over to it."""
    if work.keys.id == key_id:
        raise RotationImpossible(text="rotation_key_current", key=key_id)
    closed = (AccountRow.subject_key == key_id, AccountRow.disabled_at.is_not(None))
    work.session.execute(update(AccountRow).where(*closed).values(subject_index=None, subject_key=None))
    remove_key(key_file, key_id)
    record(work, COMMAND_LINE, Action.KEY_DROPPED, about("key", key_id))


def _plan(database: Database) -> _Plan:
    database.keys.read_again()
    marked = database.keys.now().id
    era = database.read(_current_era)
    if era is not None and era.resealed_at is None:
        return _Plan(marked, marked)
    past = _past(database)
    return _Plan(marked, next((key for key in database.keys.ids if key not in past), None))


def _state(key: str, plan: _Plan, at_hand: Sequence[str], past: frozenset[str]) -> KeyState:
    if key == plan.marked:
        return KeyState.CURRENT
    if key not in at_hand:
        return KeyState.MISSING
    return KeyState.RETIRED if key in past else KeyState.PREPARED


def _past(database: Database) -> frozenset[str]:
    """Return the keys that are, or were, the current one."""
    eras = database.read(_eras)
    return frozenset({database.keys.id, *(key for era in eras for key in (era.key_id, era.replaced))})


def _eras(work: UnitOfWork) -> Sequence[KeyEra]:
    return work.session.scalars(select(KeyEra).order_by(KeyEra.id)).all()


def _current_era(work: UnitOfWork) -> KeyEra | None:
    return work.session.scalar(select(KeyEra).where(KeyEra.key_id == work.keys.id))


def _kept(used: Mapping[str, Uses], target: str | None) -> Uses:
    """Sum up what stays under older keys."""
    old = [uses for key, uses in used.items() if key != target]
    return Uses(
        audit_lines=sum(uses.audit_lines for uses in old), accounts=sum(uses.accounts for uses in old)
    )


def _uses(database: Database, store: EvidenceStore) -> Mapping[str, Uses]:
    """Count what rests on each key; keys on which nothing rests may be left out."""
    found = database.read(_uses_in_database)
    for sha256 in store.hashes():
        with suppress(EvidenceMissing):  # retention has just removed it
            key = store.key_of(sha256)
            found[key] = replace(found[key], files=found[key].files + 1)
    return found


def _uses_in_database(work: UnitOfWork) -> defaultdict[str, Uses]:
    found: defaultdict[str, Uses] = defaultdict(Uses)
    for key, count in count_by_key(work):
        found[key] = replace(found[key], values=found[key].values + count)
    for key, count in _lines_by_key(work):
        found[key] = replace(found[key], audit_lines=count)
    linked = (AccountRow.subject_index.is_not(None), AccountRow.disabled_at.is_(None))
    accounts = select(AccountRow.subject_key, func.count()).where(*linked).group_by(AccountRow.subject_key)
    for key, count in work.session.execute(accounts):
        found[key] = replace(found[key], accounts=count)
    return found


def _lines_by_key(work: UnitOfWork) -> Iterator[tuple[str, int]]:
    """Yield keys and how many audit lines with a sealed reason or a person's index were written under each."""
    eras = _eras(work)
    ends = [era.first_line for era in eras]
    keys = [eras[0].replaced, *(era.key_id for era in eras)] if eras else [work.keys.id]
    for key, first, end in zip(keys, [0, *ends], [*ends, None], strict=True):
        sealed = or_(AuditLine.reason.is_not(None), AuditLine.person_index.is_not(None))
        where = [AuditLine.id >= first, sealed, *([AuditLine.id < end] if end is not None else [])]
        yield key, work.session.scalar(select(func.count()).select_from(AuditLine).where(*where)) or 0
