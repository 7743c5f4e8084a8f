"""Indexes under another key: worked out ahead in chunks, then put in place together with the database's mark.

While they are worked out (`work_out`) everybody goes on under the old key; the new indexes lie in a table of their own.
The change itself (`change_over`) is one transaction: before it every search and every seal is under the old key, after
it under the new one, in all processes. On PostgreSQL it waits for the transactions that have read the mark, and lets
nobody else read it meanwhile; SQLite has one writer, and a reader sees what was before.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.cases import load_uploads
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.audit import COMMAND_LINE, Action, about, record, seal_marks_again
from storage.errors import RotationImpossible
from storage.keys import Keyring, person_index, tax_index
from storage.known import unseal_declaration
from storage.models import (
    DeskCase,
    DocumentRow,
    IndexMove,
    IssuerAnswerRow,
    JudgedPerson,
    JudgementRow,
    KeyEra,
    KeyMark,
    Person,
    Provider,
    SavedView,
    Version,
)
from storage.queue import barcode_index

CHUNK = 200
"""Rows, or versions with their documents, that one transaction looks at."""
LOCK_SECONDS = 3
"""How long everybody else waits at most for transactions that have not ended."""
LOCK_TRIES = 100
"""How often the change is tried; between two tries the others go on."""

T = TypeVar("T")
Index = Callable[[Keyring], bytes | None]
"""Makes the index of a value that was read, under any key."""
Found = tuple[Sequence[Index], Any]
"""Indexes of a chunk of rows, and the key of the last row; None when there are no more."""

MOVED: tuple[InstrumentedAttribute[Any], ...] = (
    Person.person_index,
    JudgedPerson.person_index,
    Provider.tax_index,
    DocumentRow.barcode_index,
    IssuerAnswerRow.barcode_index,
    DeskCase.provider_index,
    SavedView.name_index,
)
"""Columns of indexes that are put under the new key. Audit lines keep theirs, as does the subject of an account until
its owner logs in; the marks of the audit trail are sealed anew."""


def work_out(database: Database, key_id: str) -> int:
    """Work out what is not yet worked out for that key, in transactions of bounded size; return how many indexes.

    Raises RotationImpossible where an index does not belong to the value that it stands beside.
    """
    database.transact(lambda work: _forget_others(work, key_id))
    return sum(_work_out(database, source, key_id) for source in _SOURCES)


def _forget_others(work: UnitOfWork, key_id: str) -> None:
    work.session.execute(delete(IndexMove).where(IndexMove.key_id != key_id))


def _work_out(database: Database, source: "_Source", key_id: str) -> int:
    count, after = 0, None
    while True:
        last = after

        def once(work: UnitOfWork, last: Any = last) -> tuple[int, Any]:
            return _take_chunk(work, source, key_id, last)

        added, after = database.transact(once)
        count += added
        if after is None:
            return count


def _take_chunk(work: UnitOfWork, source: "_Source", key_id: str, last: Any) -> tuple[int, Any]:
    new = work.keys.under(key_id)
    indexes, after = source(work, last)
    pairs = {index(work.keys): index(new) for index in indexes}
    rows = [{"old": old, "new": moved, "key_id": key_id} for old, moved in pairs.items() if old is not None]
    if rows:
        make = postgresql.insert if _is_postgresql(work.session) else sqlite.insert
        work.session.execute(make(IndexMove).values(rows).on_conflict_do_nothing())
    return len(rows), after


def change_over(database: Database, key_id: str) -> int:
    """Put the indexes in place and mark the database with the key, all at one moment; return how many indexes changed.

    Returns 0 where another process did it. Raises RotationImpossible, and WrongKey where the database was marked with
    yet another key meanwhile, which is not at hand.
    """
    return exclusively(database, lambda work: _change_over(work, key_id))


def exclusively(database: Database, function: Callable[[UnitOfWork], T]) -> T:
    """Run a function in a transaction beside which no other one of kanit's runs, and commit it.

    Raises RotationImpossible where others do not end.
    """
    for _ in range(LOCK_TRIES):
        try:
            with _everybody_waits(database) as work:
                return function(work)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            time.sleep(LOCK_SECONDS)
    raise RotationImpossible(text="rotation_database_busy", seconds=2 * LOCK_SECONDS * LOCK_TRIES)


_LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def _everybody_waits(database: Database) -> Iterator[UnitOfWork]:
    with Session(database.engine) as session:
        if _is_postgresql(session):
            session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            session.execute(text(f"LOCK TABLE {KeyMark.__tablename__} IN ACCESS EXCLUSIVE MODE"))
            session.execute(text("SET LOCAL lock_timeout = 0"))
        else:
            session.execute(text("PRAGMA secure_delete = ON"))
        marked = session.scalars(select(KeyMark.key_id)).one()
        yield UnitOfWork(session, database.keys.under(marked))
        session.commit()


def _change_over(work: UnitOfWork, key_id: str) -> int:
    old, new = work.keys.id, work.keys.under(key_id)
    if old == key_id:
        return 0
    if not work.keys.is_kept(key_id):  # it was dropped a moment ago
        raise RotationImpossible(text="rotation_key_unknown", key=key_id)
    _forget_others(work, key_id)  # of another rotation that runs at the same time
    for source in _SOURCES:  # what was written since it was worked out
        after: Any = None
        while True:
            _, after = _take_chunk(work, source, key_id, after)
            if after is None:
                break
    changed = _put_in_place(work)
    era = {
        "key_id": key_id,
        "replaced": old,
        "since": now(),
        "first_line": seal_marks_again(work, new) + 1,
        "last_judgement": work.session.scalar(select(func.max(JudgementRow.id))) or 0,
    }
    work.session.execute(insert(KeyEra).values(era))
    work.session.execute(update(KeyMark).values(key_id=key_id))
    work.session.execute(delete(IndexMove))
    record(
        UnitOfWork(work.session, new),
        COMMAND_LINE,
        Action.KEY_ROTATED,
        about("key", key_id),
        details={"before": old},
    )
    return changed


def _put_in_place(work: UnitOfWork) -> int:
    # Of papers that are gone: what their issuer answered is asked again, should they come again.
    unknown = ~exists().where(IndexMove.old == IssuerAnswerRow.barcode_index)
    work.session.execute(delete(IssuerAnswerRow).where(unknown), execution_options=_PLAIN)
    return sum(_move(work, column) for column in MOVED)


def _move(work: UnitOfWork, column: InstrumentedAttribute[Any]) -> int:
    moved = select(IndexMove.new).where(IndexMove.old == column).scalar_subquery()
    known = exists().where(IndexMove.old == column)
    left = work.session.scalar(
        select(func.count()).select_from(column.class_).where(column.is_not(None), ~known)
    )
    if left:
        raise RotationImpossible(text="rotation_index_unknown", column=_name(column), count=left)
    change = update(column.class_).where(column.is_not(None)).values({column.key: moved})
    return int(work.session.execute(change, execution_options=_PLAIN).rowcount)  # type: ignore[attr-defined]  # of an update


_PLAIN = {"synchronize_session": False}


_Source = Callable[[UnitOfWork, Any], Found]
"""Reads the next chunk of rows after a key, without those that are worked out already."""


def _of_numbers(
    index: InstrumentedAttribute[Any],
    number: InstrumentedAttribute[Any],
    make: Callable[[Keyring, str], bytes],
) -> _Source:
    """Return the source of a column whose value is sealed beside it."""

    def read(work: UnitOfWork, last: Any) -> Found:
        rows = _next(work, index, (index, number), index, last)
        opened = [work.keys.unseal(row[1], _name(number)) for row in rows]
        for row, value in zip(rows, opened, strict=True):
            _check(make(work.keys, value) == row[0], index)
        return [_maker(make, value) for value in opened], rows[-1][0] if rows else None

    return read


def _maker(make: Callable[[Keyring, str], bytes], value: str) -> Index:
    return lambda keys: make(keys, value)


def _of_documents(work: UnitOfWork, last: Any) -> Found:
    """Read papers as officers corrected them: their index is that of the corrected number."""
    key = DocumentRow.version_key
    versions = [row[0] for row in _next(work, DocumentRow.barcode_index, (key,), key, last)]
    documents = [
        document
        for uploads in load_uploads(work, versions).values()
        for upload in uploads
        for document in upload.documents
    ]
    return [lambda keys, it=document: barcode_index(it, keys) for document in documents], _last(versions)


def _of_cases(work: UnitOfWork, last: Any) -> Found:
    key = DeskCase.application_key
    columns = (key, Version.declaration, DeskCase.provider_index)
    rows = _next(work, DeskCase.provider_index, columns, key, last, DeskCase.version_key == Version.id)
    numbers = []
    for row in rows:
        provider = unseal_declaration(work.keys, row.declaration).provider if row.declaration else None
        _check(
            provider is not None and tax_index(work.keys, provider.tax_number) == row.provider_index,
            DeskCase.provider_index,
        )
        numbers += [provider.tax_number] if provider else []
    return [_maker(tax_index, number) for number in numbers], _last([row[0] for row in rows])


def _of_views(work: UnitOfWork, last: Any) -> Found:
    columns = (SavedView.id, SavedView.account_key, SavedView.name)
    rows = _next(work, SavedView.name_index, columns, SavedView.id, last)
    names = [f"{row.account_key}\0{work.keys.unseal(row.name, 'desk_views.name')}" for row in rows]
    return [_maker(_view_index, name) for name in names], _last([row.id for row in rows])


def _view_index(keys: Keyring, name: str) -> bytes:
    return keys.index(name, "desk_view")


_SOURCES: tuple[_Source, ...] = (
    _of_numbers(JudgedPerson.person_index, JudgedPerson.national_id, person_index),
    _of_numbers(Person.person_index, Person.national_id, person_index),
    _of_numbers(Provider.tax_index, Provider.tax_number, tax_index),
    _of_documents,
    _of_cases,
    _of_views,
)


def _next(
    work: UnitOfWork,
    index: InstrumentedAttribute[Any],
    columns: Sequence[InstrumentedAttribute[Any]],
    key: InstrumentedAttribute[Any],
    last: Any,
    *where: Any,
) -> Sequence[Any]:
    """Return the next rows in the order of a key whose index is not worked out."""
    waiting = (index.is_not(None), ~exists().where(IndexMove.old == index), *where)
    found = select(*columns).where(*waiting).distinct().order_by(key).limit(CHUNK)
    return work.session.execute(found if last is None else found.where(key > last)).all()


def _last(keys: Sequence[Any]) -> Any:
    return keys[-1] if keys else None


def _check(fits: bool, column: InstrumentedAttribute[Any]) -> None:
    if not fits:
        raise RotationImpossible(text="rotation_index_unknown", column=_name(column), count=1)


def _name(column: InstrumentedAttribute[Any]) -> str:
    return f"{column.class_.__tablename__}.{column.key}"


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def waiting(work: UnitOfWork) -> Mapping[str, int]:
    """Count, by column, the indexes that a rotation would put under another key."""
    return {_name(column): work.session.scalar(select(func.count(column))) or 0 for column in MOVED}
