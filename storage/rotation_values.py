"""Everything sealed, brought under the current key: columns of all tables, evidence files, keys of judgements.

In chunks, each of them a transaction: what is cut off is gone on with, and what is done already is passed over. Audit
lines stay as they were written, since their hashes are chained.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Row,
    Table,
    bindparam,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)

from storage.columns import Base
from storage.database import Database, UnitOfWork
from storage.errors import EvidenceDamaged, EvidenceMissing, WrongKey
from storage.evidence import EvidenceStore
from storage.keys import ID_BYTES, Keyring, key_of
from storage.models import AuditLine, CondemnedFile, JudgementRow, KeyEra

CHUNK = 200
"""Rows that one transaction seals anew."""
RUN_KEYS = 1000
"""Keys of judgements that one transaction replaces."""
_RUN_KEY_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values or files were sealed anew, and how many could not be opened: they stay as they are."""

    done: int = 0
    damaged: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        """Add both counts."""
        return Resealed(self.done + other.done, self.damaged + other.damaged)


def sealed_columns() -> Mapping[Table, Sequence[ColumnElement[bytes]]]:
    """Return the sealed columns of all tables but those of the audit trail (`storage.columns.Sealed`)."""
    found = {
        table: [column for column in table.columns if _is_sealed(column.type)]
        for table in Base.metadata.sorted_tables
        if table is not AuditLine.__table__
    }
    return {table: columns for table, columns in found.items() if columns}


def _is_sealed(kind: Any) -> bool:
    return isinstance(kind, LargeBinary) and kind.length is None


def key_in_front(column: ColumnElement[bytes]) -> ColumnElement[bytes]:
    """Return the SQL of the bytes that tell which key a value is sealed under."""
    return func.substr(column, 1, ID_BYTES, type_=LargeBinary())


def reseal_values(database: Database) -> Resealed:
    """Seal every value that is under another key than the current one anew."""
    total = Resealed()
    for table, columns in sealed_columns().items():
        after: Sequence[Any] | None = None
        while True:
            last = after

            def once(
                work: UnitOfWork,
                table: Table = table,
                columns: Sequence[Any] = columns,
                last: Any = last,
            ) -> tuple[Resealed, Sequence[Any] | None]:
                return _take_chunk(work, table, columns, last)

            done, after = database.transact(once)
            total += done
            if after is None:
                break
    return total


def _take_chunk(
    work: UnitOfWork, table: Table, columns: Sequence[Any], last: Sequence[Any] | None
) -> tuple[Resealed, Sequence[Any] | None]:
    """Seal the next rows anew; return the key of the last one that was looked at, None at the end."""
    work.overwrite()
    current, key = bytes.fromhex(work.keys.id), list(table.primary_key.columns)
    found = (
        select(*key, *columns)
        .where(or_(*(key_in_front(column) != current for column in columns)))
        .order_by(*key)
        .limit(CHUNK)
        .with_for_update(key_share=True)  # a value that is changed meanwhile must not be put back
    )
    rows = work.session.execute(found if last is None else found.where(tuple_(*key) > tuple_(*last))).all()
    if not rows:
        return Resealed(), None
    sealed = [_resealed(work.keys, table, key, columns, row) for row in rows]
    change = (
        update(table)
        .where(*(column == bindparam(f"key_{column.name}") for column in key))
        .values({column.name: bindparam(f"new_{column.name}") for column in columns})
    )
    work.session.connection().execute(change, [values for values, _ in sealed])
    return sum((count for _, count in sealed), Resealed()), tuple(rows[-1][: len(key)])


def _resealed(
    keys: Keyring, table: Table, key: Sequence[Any], columns: Sequence[Any], row: Row[Any]
) -> tuple[dict[str, Any], Resealed]:
    values = {f"key_{column.name}": value for column, value in zip(key, row, strict=False)}
    total = Resealed()
    for column, sealed in zip(columns, row[len(key) :], strict=True):
        values[f"new_{column.name}"], count = _resealed_value(keys, f"{table.name}.{column.name}", sealed)
        total += count
    return values, total


def _resealed_value(keys: Keyring, purpose: str, sealed: bytes | None) -> tuple[bytes | None, Resealed]:
    if sealed is None or key_of(sealed) == keys.id:
        return sealed, Resealed()
    try:
        return keys.seal_bytes(keys.unseal_bytes(sealed, purpose), purpose), Resealed(done=1)
    except WrongKey:
        return sealed, Resealed(damaged=1)


def reseal_files(database: Database, store: EvidenceStore) -> Resealed:
    """Seal every evidence file anew that is under another key than the current one.

    Raises EvidenceUnreachable, OSError.
    """
    store.mend()
    return sum((_reseal_file(database, store, sha256) for sha256 in store.hashes()), Resealed())


def _reseal_file(database: Database, store: EvidenceStore, sha256: str) -> Resealed:
    try:
        if store.key_of(sha256) == database.keys.id:
            return Resealed()
        return Resealed(done=database.transact(lambda work: _seal_file(work, store, sha256)))
    except EvidenceMissing:  # retention has just removed it
        return Resealed()
    except (WrongKey, EvidenceDamaged):
        return Resealed(damaged=1)


def _seal_file(work: UnitOfWork, store: EvidenceStore, sha256: str) -> int:
    """Seal a file anew unless retention is about to remove it: it would be there again."""
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(text(f"LOCK TABLE {CondemnedFile.__tablename__} IN SHARE MODE"))
    if work.session.get(CondemnedFile, sha256) is not None:
        return 0
    store.seal_again(sha256, work.keys)
    return 1


def hide_run_keys(database: Database, era: KeyEra) -> None:
    """Replace the keys of judgements that are older than the current key by indexes of them.

    They are hashes with indexes of people inside: who has the old key could try T.C. numbers against them. A judgement
    that is made again on the very same facts is therefore entered once more.
    """
    after: int | None = 0
    while after is not None:
        last = after

        def once(work: UnitOfWork, last: int = last) -> int | None:
            return _hide_chunk(work, era, last)

        after = database.transact(once)


def _hide_chunk(work: UnitOfWork, era: KeyEra, last: int) -> int | None:
    found = (
        select(JudgementRow.id, JudgementRow.run_key)
        .where(
            JudgementRow.id > last,
            JudgementRow.id <= era.last_judgement,
            func.length(JudgementRow.run_key) == _RUN_KEY_LENGTH,  # shorter ones are those of destroyed facts
        )
        .order_by(JudgementRow.id)
        .limit(RUN_KEYS)
        .with_for_update(key_share=True)
    )
    rows = work.session.execute(found).all()
    if not rows:
        return None
    table = cast("Table", JudgementRow.__table__)
    change = update(table).where(table.c.id == bindparam("row")).values(run_key=bindparam("hidden"))
    hidden = [{"row": row.id, "hidden": work.keys.index(row.run_key, "run_key").hex()} for row in rows]
    work.session.connection().execute(change, hidden)
    return int(rows[-1].id)


def count_by_key(work: UnitOfWork) -> Iterator[tuple[str, int]]:
    """Yield ids of keys and how many values are sealed under each, column by column."""
    for table, columns in sealed_columns().items():
        for column in columns:
            front = key_in_front(column)
            rows = select(front, func.count()).select_from(table).where(column.is_not(None)).group_by(front)
            yield from ((bytes(mark).hex(), count) for mark, count in work.session.execute(rows))
