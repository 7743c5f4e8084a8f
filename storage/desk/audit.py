"""The audit trail: who did what, when, from where and why, in lines that are only added and chained by hashes.

A line's hash is SHA-256 over its content as canonical JSON (sorted keys, no spaces) with the hash of the line before,
so that a line which was altered, taken out or put elsewhere shows. The last line is marked with a seal that needs the
key of the registry, which the database does not hold: so a shortened or wholly rewritten trail shows as well. Lines
hold ids and keyed indexes, never names or numbers of people; a reason is sealed.

Database triggers (migration 0008) refuse to change or delete lines; the one exception are the oldest lines once their
period is over, which `forget` destroys behind a sealed mark.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, literal, or_, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from storage.columns import now
from storage.database import UnitOfWork
from storage.keys import Keyring, person_index, person_indexes
from storage.models import AccountRow, AuditLine, AuditMark

_FIRST, _TAKEN_AWAY = "0" * 64, "f" * 64
"""What the first line follows: nothing, or a trail that was there before."""
_REASON = "audit_lines.reason"
_ADDRESS_LENGTH = 100
_TOLD = 1000
"""Missing lines of one gap that are told: a number that somebody changed can make it endless."""


class Action(StrEnum):
    """What is audited."""

    LOGIN = "login"
    LOGIN_REFUSED = "login_refused"
    LOGOUT = "logout"
    REFUSED = "refused"
    """A page or deed that the role may not see or do."""
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_CHANGED = "account_changed"
    QUEUE_SEARCH = "queue_search"
    """The queue was searched for a person."""
    VIEW_CASE = "view_case"
    VIEW_PAPER = "view_paper"
    VIEW_RECORD = "view_record"
    """A card of the registry was looked at, which tells officers more than a query of m.8."""
    REVEAL = "reveal"
    """A T.C. number was shown in full."""
    CLAIM = "claim"
    RELEASE = "release"
    RULING = "ruling"
    BULK_RULING = "bulk_ruling"
    """Several cases were ruled on together; each of them has a line of its own as well."""
    SECOND = "second"
    LETTER = "letter"
    EXPORT = "export"
    DOSSIER = "dossier"
    QUERY = "query"
    """A query of Kılavuz m.8 by a health-service provider."""
    AUDIT_READ = "audit_read"
    AUDIT_VERIFIED = "audit_verified"
    AUDIT_FORGOTTEN = "audit_forgotten"
    """The oldest lines were destroyed, their period being over."""
    PERSON_EXPORTED = "person_exported"
    """What is kept about a person was put together for that person (KVKK m.11)."""
    PERSON_ERASED = "person_erased"
    """What may go of a person was destroyed on request (KVKK m.7), or it was looked at what would."""
    KEY_ROTATED = "key_rotated"
    """Another key seals from now on."""
    KEY_DROPPED = "key_dropped"
    """A key that nothing rests on any more was taken out of the key file."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the account's id (None for somebody not logged in), its log-in name, and the network address.

    The name is for messages; lines keep the id.
    """

    account_id: int | None
    name: str
    address: str = ""


COMMAND_LINE = Actor(None, "kanit", "command line")
"""Whoever has the machine's command line."""


class FaultKind(StrEnum):
    """What is wrong with the trail."""

    ALTERED = "altered"
    """A line is not what its hash says."""
    MISSING = "missing"
    """The line is not there, though later ones are."""
    UNLINKED = "unlinked"
    """The line does not follow the one before it: lines changed places, or one was put in."""
    TRUNCATED = "truncated"
    """The trail ends before this line, which was written."""
    BEYOND = "beyond"
    """The line was added past the sealed end."""
    MARK_FORGED = "mark_forged"
    """A mark of the trail's ends is missing, or its seal is not the registry's."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the trail at a line, counted from 1."""

    line: int
    kind: FaultKind


@dataclass(frozen=True, slots=True)
class Line:
    """An audit line as it is shown; `account` is the log-in name, None for somebody not logged in."""

    id: int
    at: datetime
    account_id: int | None
    account: str | None
    address: str
    action: str
    object: str
    reason: str
    details: Mapping[str, Any]
    concerns_person: bool


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines are asked for; what is empty does not narrow. `person` is a T.C. number.

    With a person, lines about one of the objects `nobody_in` that name nobody are found as well.
    """

    account_id: int | None = None
    actions: tuple[Action, ...] = ()
    object: str | None = None
    person: str | None = None
    nobody_in: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def about(kind: str, name: object) -> str:
    """Name the object of a line: `about("application", "TS-1")` is `application:TS-1`."""
    return f"{kind}:{name}"


def record(  # noqa: PLR0913, PLR0917 - the parts of a line
    work: UnitOfWork,
    who: Actor,
    action: Action,
    object: str,  # noqa: A002 - the word for it
    person: str | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> int:
    """Add a line in the caller's transaction and return its number.

    `object` is what it was done to (`about`); `person` the T.C. number of the person concerned, of which a keyed index
    is kept; `reason` free text, which is sealed; `details` plain JSON values: codes, keys, counts, never personal data.
    Lines are written one after the other: call it as late in a transaction as possible.
    """
    number, previous = _next(work)
    line: dict[str, Any] = {
        "id": number,
        "at": now(),
        "account_key": who.account_id,
        "address": who.address[:_ADDRESS_LENGTH],
        "action": action.value,
        "object": object,
        "person_index": person_index(work.keys, person) if person else None,
        "reason": work.keys.seal(reason, _REASON) if reason else None,
        "details": dict(details or {}),
        "previous": previous,
    }
    line["hash"] = line_hash(line)
    work.session.execute(insert(AuditLine).values(line))
    _mark(work, "head", number, line["hash"])
    return number


def line_hash(line: Mapping[str, Any]) -> str:
    """Return the hash of a line's content (all its columns but `hash`)."""
    content = {name: _plain(value) for name, value in line.items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def lines(
    work: UnitOfWork, wanted: LineFilter = LineFilter(), *, before: int | None = None, limit: int = 100
) -> tuple[Line, ...]:
    """Return lines, the newest first; `before` is the number of the last line of the page before."""
    where = _conditions(work.keys, wanted)
    if before is not None:
        where.append(AuditLine.id < before)
    rows = work.session.execute(
        select(AuditLine, AccountRow.name)
        .outerjoin(AccountRow, AccountRow.id == AuditLine.account_key)
        .where(*where)
        .order_by(AuditLine.id.desc())
        .limit(limit)
    )
    return tuple(_line(work.keys, row.AuditLine, row.name) for row in rows)


def count_lines(work: UnitOfWork, wanted: LineFilter = LineFilter()) -> int:
    """Count the lines that a filter finds."""
    where = _conditions(work.keys, wanted)
    return work.session.scalar(select(func.count()).select_from(AuditLine).where(*where)) or 0


def verify(work: UnitOfWork) -> list[Fault]:
    """Read the whole trail and return what is wrong with it, in the order of lines; an empty list for a whole one.

    Lines that are written meanwhile are not looked at, in whatever transaction this is called.
    """
    faults: list[Fault] = []
    rows = _lines_with_marks(work)
    first = next(rows)
    head = _opened(work.keys, "head", first[1:4], faults)
    tail = _opened(work.keys, "tail", first[4:7], faults)
    number, previous = tail
    for row in (each.AuditLine for each in chain((first,), rows) if each.AuditLine is not None):
        line = {column.name: getattr(row, column.key) for column in AuditLine.__table__.columns}
        if row.id <= tail[0]:
            faults.append(Fault(row.id, FaultKind.UNLINKED))
            continue
        faults += [
            Fault(missing, FaultKind.MISSING)
            for missing in range(number + 1, min(row.id, number + 1 + _TOLD))
        ]
        if row.hash != line_hash(line):
            faults.append(Fault(row.id, FaultKind.ALTERED))
        if row.id == number + 1 and row.previous != previous:
            faults.append(Fault(row.id, FaultKind.UNLINKED))
        if row.id > head[0]:
            faults.append(Fault(row.id, FaultKind.BEYOND))
        number, previous = row.id, row.hash
    return faults + _end_faults(head, number, previous)


def forget(work: UnitOfWork, before: datetime, who: Actor = COMMAND_LINE) -> int:
    """Destroy the lines written before a moment, the oldest ones without a gap, and return how many.

    The last of them is marked, so that the rest is verified from there; a line tells that it was done.
    """
    _next(work)  # nobody writes meanwhile
    first_kept = work.session.scalar(select(func.min(AuditLine.id)).where(AuditLine.at >= before))
    older = AuditLine.id < first_kept if first_kept is not None else AuditLine.at < before
    last = work.session.scalar(select(AuditLine).where(older).order_by(AuditLine.id.desc()).limit(1))
    if last is None:
        return 0
    number = last.id
    _mark(work, "tail", number, last.hash)
    gone = work.session.scalars(delete(AuditLine).where(AuditLine.id <= number).returning(AuditLine.id)).all()
    record(work, who, Action.AUDIT_FORGOTTEN, about("audit", number), details={"lines": len(gone)})
    return len(gone)


def seal_marks_again(work: UnitOfWork, keys: Keyring) -> int:
    """Seal the marks of the ends under another key; return the last line that was written under the present one.

    A mark that was forged stays as it is: it must not become a sound one by this.
    """
    for mark in work.session.execute(select(AuditMark).with_for_update()).scalars():
        if _is_sound(work.keys, mark.name, mark.line, mark.hash, mark.seal):
            mark.seal = _seal(keys, mark.name, mark.line, mark.hash)
    work.session.flush()
    return work.session.scalar(select(AuditMark.line).where(AuditMark.name == "head")) or 0


def _next(work: UnitOfWork) -> tuple[int, str]:
    """Lock the end of the trail; return the number of the next line and the hash that it follows.

    Where the end's mark is gone or forged, the next line follows nothing, and so the break stays visible for ever.
    """
    mark = work.session.execute(_marked("head").with_for_update()).one_or_none() or _begin(work)
    last = work.session.scalar(select(func.max(AuditLine.id))) or 0
    sound = _is_sound(work.keys, "head", mark.line, mark.hash, mark.seal) and last <= mark.line
    return max(last, mark.line) + 1, mark.hash if sound else _FIRST


def _begin(work: UnitOfWork) -> Any:
    """Mark the end of an empty trail. Where people have accounts by now, a trail was taken away: that stays visible."""
    accounts = work.session.scalar(select(func.count()).select_from(AccountRow)) or 0
    first = _FIRST if accounts <= 1 else _TAKEN_AWAY
    empty = {"name": "head", "line": 0, "hash": first, "seal": _seal(work.keys, "head", 0, first)}
    make = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    work.session.execute(make(AuditMark).values(empty).on_conflict_do_nothing())
    return work.session.execute(_marked("head").with_for_update()).one()


def _marked(name: str) -> Select[tuple[int, str, bytes]]:
    return select(AuditMark.line, AuditMark.hash, AuditMark.seal).where(AuditMark.name == name)


def _mark(work: UnitOfWork, name: str, line: int, digest: str) -> None:
    make = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"line": line, "hash": digest, "seal": _seal(work.keys, name, line, digest)}
    upsert = make(AuditMark).values(name=name, **values)
    work.session.execute(upsert.on_conflict_do_update(index_elements=["name"], set_=values))


def _seal(keys: Keyring, name: str, line: int, digest: str) -> bytes:
    return keys.index(f"{name}\0{line}\0{digest}", "audit_mark")


def _is_sound(keys: Keyring, name: str, line: int, digest: str, seal: bytes) -> bool:
    return hmac.compare_digest(seal, _seal(keys, name, line, digest))


def _opened(keys: Keyring, name: str, mark: Sequence[Any], faults: list[Fault]) -> tuple[int, str]:
    """Return line and hash of a mark, those of an empty trail where there is none; tell of a forged one."""
    line, digest, seal = mark
    if line is None:
        return 0, _FIRST
    if not _is_sound(keys, name, line, digest, seal):
        faults.append(Fault(line, FaultKind.MARK_FORGED))
    return line, digest


def _lines_with_marks(work: UnitOfWork) -> Iterator[Row[Any]]:
    """Yield every line with the marks of both ends, one row without a line where there is none.

    One statement reads both: a line that is added meanwhile must not look as if it were past the end.
    """
    one, head, tail = select(literal(1).label("one")).subquery(), aliased(AuditMark), aliased(AuditMark)
    rows = (
        select(AuditLine, head.line, head.hash, head.seal, tail.line, tail.hash, tail.seal)
        .select_from(one)
        .outerjoin(head, head.name == "head")
        .outerjoin(tail, tail.name == "tail")
        .outerjoin(AuditLine, true())
        .order_by(AuditLine.id)
        .execution_options(yield_per=1000)
    )
    for row in work.session.execute(rows):
        yield row
        if row.AuditLine is not None:
            work.session.expunge(row.AuditLine)


def _end_faults(head: tuple[int, str], number: int, previous: str) -> list[Fault]:
    if number < head[0]:
        return [Fault(number + 1, FaultKind.TRUNCATED)]
    return [Fault(number, FaultKind.ALTERED)] if number == head[0] and previous != head[1] else []


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.hex() if isinstance(value, bytes) else value


def _conditions(keys: Keyring, wanted: LineFilter) -> list[ColumnElement[bool]]:
    asked: list[tuple[bool, ColumnElement[bool]]] = [
        (wanted.account_id is not None, AuditLine.account_key == wanted.account_id),
        (bool(wanted.actions), AuditLine.action.in_([action.value for action in wanted.actions])),
        (wanted.object is not None, AuditLine.object == wanted.object),
    ]
    where = [condition for is_asked, condition in asked if is_asked]
    if wanted.person is not None:
        of_person = AuditLine.person_index.in_(person_indexes(keys, wanted.person))
        of_nobody = and_(AuditLine.person_index.is_(None), AuditLine.object.in_(wanted.nobody_in))
        where.append(or_(of_person, of_nobody) if wanted.nobody_in else of_person)
    if wanted.since is not None:
        where.append(AuditLine.at >= wanted.since)
    if wanted.until is not None:
        where.append(AuditLine.at < wanted.until)
    return where


def _line(keys: Keyring, row: AuditLine, account: str | None) -> Line:
    return Line(
        id=row.id,
        at=row.at,
        account_id=row.account_key,
        account=account,
        address=row.address,
        action=row.action,
        object=row.object,
        reason=keys.unseal(row.reason, _REASON) if row.reason else "",
        details=row.details,
        concerns_person=row.person_index is not None,
    )
