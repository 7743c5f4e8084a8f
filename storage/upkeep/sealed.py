"""Opens everything that is sealed in the database, and compares it with the indexes and plain columns beside it."""

import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import LargeBinary, Row, Select, Table, select

from storage.batches import batched
from storage.columns import Base
from storage.database import UnitOfWork
from storage.desk.corrections import NONE as NOT_CORRECTED
from storage.desk.corrections import Corrections, corrections_of
from storage.errors import WrongKey
from storage.facts import unpack_document, unpack_upload
from storage.keys import Keyring, person_index, tax_index
from storage.models import ApplicationRow, DeskCase, DocumentRow, Version
from storage.queue import PROBLEMS, barcode_index
from storage.upkeep.faults import Fault, FaultKind
from validators.application import Application

_AT_ONCE = 500

Opened = Mapping[str, bytes]
"""The opened values of a row by the names of their columns."""
Wrong = Iterator[tuple[FaultKind, str]]
"""What is wrong with a row, and in which column."""
Check = Callable[[Keyring, Row[Any], Opened, Corrections], Wrong]


class SealedValues:
    """The sealed columns of every table, as one unit of work sees them; `opened` counts what was tried."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self.opened = 0

    def faults(self) -> Iterator[Fault]:
        """Yield what does not open, is not what it must be, or is not found by its index."""
        for table in Base.metadata.sorted_tables:
            if columns := sealed_columns(table):
                yield from self._of_table(table, columns)

    def _of_table(self, table: Table, columns: Sequence[str]) -> Iterator[Fault]:
        rows = self._work.session.execute(_query(table).execution_options(yield_per=_AT_ONCE))
        for part in batched(rows, _AT_ONCE):
            corrections = self._corrections(part) if table.name == DocumentRow.__tablename__ else {}
            for row in part:
                key = ".".join(str(getattr(row, column.name)) for column in table.primary_key.columns)
                corrected = corrections.get(getattr(row, "version_key", 0), NOT_CORRECTED)
                for kind, column in self._of_row(table.name, row, columns, corrected):
                    yield Fault(kind, f"{table.name} {key}", column)

    def _of_row(self, table: str, row: Row[Any], columns: Sequence[str], corrected: Corrections) -> Wrong:
        opened: dict[str, bytes] = {}
        closed = []
        for column in columns:
            if (sealed := getattr(row, column)) is not None:
                self.opened += 1
                try:
                    opened[column] = self._work.keys.unseal_bytes(sealed, f"{table}.{column}")
                except WrongKey:
                    closed.append(column)
        yield from ((FaultKind.SEALED_CLOSED, column) for column in closed)
        if not closed and table in _CHECKS:
            yield from _checked(_CHECKS[table], self._work.keys, row, opened, corrected)

    def _corrections(self, rows: Collection[Row[Any]]) -> Mapping[int, Corrections]:
        """Return what officers corrected; nothing where that does not open, which is told of its own table."""
        try:
            return corrections_of(self._work, {row.version_key for row in rows})
        except WrongKey:
            return {}


def sealed_columns(table: Table) -> tuple[str, ...]:
    """Return the names of a table's sealed columns (`storage.columns.Sealed`); those of bounded length are indexes."""
    return tuple(c.name for c in table.columns if isinstance(c.type, LargeBinary) and c.type.length is None)


def _query(table: Table) -> Select[tuple[Any, ...]]:
    """Return the query for a table's rows, with what else they are compared with."""
    if table.name == Version.__tablename__:
        application = ApplicationRow.__table__
        return select(table, application.c.application_id).join(
            application, application.c.id == table.c.application_key
        )
    if table.name == DeskCase.__tablename__:
        declared = Version.declaration.label("declared")
        return select(table, declared).join(Version, Version.id == table.c.version_key)
    return select(table)


def _checked(check: Check, keys: Keyring, row: Row[Any], opened: Opened, corrected: Corrections) -> Wrong:
    try:
        yield from check(keys, row, opened, corrected)
    except (ValidationError, ValueError, KeyError, zlib.error, WrongKey):
        yield FaultKind.FACTS_UNREADABLE, ""


def _person(keys: Keyring, row: Row[Any], opened: Opened, _: Corrections) -> Wrong:
    if row.person_index != person_index(keys, opened["national_id"].decode()):
        yield FaultKind.INDEX_DIFFERS, "person_index"


def _provider(keys: Keyring, row: Row[Any], opened: Opened, _: Corrections) -> Wrong:
    if row.tax_index != tax_index(keys, opened["tax_number"].decode()):
        yield FaultKind.INDEX_DIFFERS, "tax_index"


def _view(keys: Keyring, row: Row[Any], opened: Opened, _: Corrections) -> Wrong:
    if row.name_index != keys.index(f"{row.account_key}\0{opened['name'].decode()}", "desk_view"):
        yield FaultKind.INDEX_DIFFERS, "name_index"


def _version(_keys: Keyring, row: Row[Any], opened: Opened, _: Corrections) -> Wrong:
    if "problems" in opened:
        PROBLEMS.validate_json(opened["problems"])
    if "declaration" in opened:
        declared = Application.model_validate_json(opened["declaration"])
        if (declared.application_id, declared.procedure) != (row.application_id, row.procedure):
            yield FaultKind.FACTS_UNREADABLE, "declaration"


def _upload(_keys: Keyring, row: Row[Any], opened: Opened, _: Corrections) -> Wrong:
    upload = unpack_upload(opened["facts"], ())
    if (upload.sha256, upload.size) != (row.sha256, row.size):
        yield FaultKind.FACTS_UNREADABLE, "facts"


def _document(keys: Keyring, row: Row[Any], opened: Opened, corrected: Corrections) -> Wrong:
    document = corrected.of(unpack_document(opened["facts"]))
    if document.id.removeprefix("sha256:") != row.sha256:
        yield FaultKind.FACTS_UNREADABLE, "facts"
    if barcode_index(document, keys) != row.barcode_index:
        yield FaultKind.INDEX_DIFFERS, "barcode_index"


def _case(keys: Keyring, row: Row[Any], _opened: Opened, _: Corrections) -> Wrong:
    if row.provider_index is None or row.declared is None:
        return
    declared = Application.model_validate_json(keys.unseal(row.declared, "versions.declaration"))
    provider = declared.provider
    if provider is None or row.provider_index != tax_index(keys, provider.tax_number):
        yield FaultKind.INDEX_DIFFERS, "provider_index"


_CHECKS: Mapping[str, Check] = {
    "people": _person,
    "judged_people": _person,
    "providers": _provider,
    "desk_views": _view,
    "versions": _version,
    "uploads": _upload,
    "documents": _document,
    "desk_cases": _case,
}
