"""Fields that an officer corrected, laid over what was read: the facts as read stay as they are.

A correction belongs to one version of an application: later batches and `kanit rejudge` judge the corrected facts, and
a folder that changed is read and judged afresh.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import select

from extractors.facts import Box, Document, Field, Kind, Recognition, Record, Upload, Value, Workplace
from storage.batches import IN_VALUES, batched
from storage.database import UnitOfWork
from storage.facts import to_bytes
from storage.keys import Keyring
from storage.models import CorrectionRow

T = TypeVar("T", Record, Workplace)

METHOD = "officer"
"""The `method` of a field that an officer corrected."""
KIND = "kind"
"""The place of a paper's kind."""
BARCODE = "barcode"
"""The place of the printed barcode number that belongs to the paper."""

_COLUMN = "desk_corrections.change"
_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)
_LONGEST = 300
_CELL = re.compile(r"(records|workplaces)\.(\d{1,4})\.([a-z_]+)")
_FIELDS = re.compile(
    r"national_id|given_name|family_name|issued_on|start_date|generated_at|workplace_number|employer_title"
    r"|form|issue_number|company_\d{1,2}\.(title|mersis_number|tax_number|registry_number"
    r"|person_\d{1,2}\.(name|national_id|role))"
)
"""Fields that papers can have (contract, section 3)."""
_CELLS = {
    "records": frozenset(
        (
            "branch",
            "status",
            "workplace",
            "unit",
            "period",
            "document_type",
            "entry_date",
            "days",
            "exit_date",
        )
    ),
    "workplaces": frozenset({"number", "title"}),
}
_MAY_BE_EMPTY = frozenset({"entry_date", "exit_date", "days"})


class NoSuchPlace(LookupError):
    """The paper has no such field, row or cell."""


class ValueInvalid(ValueError):
    """The value is not of the form that such a field has."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is corrected: the paper's key, the place in it (`kind`, or as `rulings.Correct.field`), and the value."""

    document: str
    place: str
    value: Value
    page: int | None = None
    box: Box | None = None


_CHANGE = TypeAdapter(Change)


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections of a version: the keys of their rulings, and what they change, the oldest first."""

    rulings: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()

    def of(self, document: Document) -> Document:
        """Return a paper as corrected."""
        for change in self.changes:
            if change.document == document.key:
                document = corrected(document, change)
        return document

    def rows_of(self, document: str) -> Mapping[str, frozenset[int]]:
        """Return by `records` and `workplaces` the positions of the paper's rows in which a cell was corrected."""
        cells = [_CELL.fullmatch(change.place) for change in self.changes if change.document == document]
        return {name: frozenset(int(c[2]) for c in cells if c and c[1] == name) for name in _CELLS}

    def of_upload(self, upload: Upload) -> Upload:
        """Return an upload with its papers as corrected."""
        if not self.changes:
            return upload
        return replace(upload, documents=tuple(map(self.of, upload.documents)))


NONE = Corrections()


def corrections_of(work: UnitOfWork, version_keys: Collection[int]) -> Mapping[int, Corrections]:
    """Load the corrections of versions that have any. Raises WrongKey."""
    found: dict[int, list[CorrectionRow]] = defaultdict(list)
    for keys in batched(version_keys, IN_VALUES):
        rows = select(CorrectionRow).where(CorrectionRow.version_key.in_(keys))
        for row in work.session.scalars(rows.order_by(CorrectionRow.ruling_key)):
            found[row.version_key].append(row)
    return {key: _corrections(work.keys, rows) for key, rows in found.items()}


def seal_change(change: Change, keys: Keyring) -> bytes:
    """Seal a correction for its row."""
    return keys.seal_bytes(to_bytes(change), _COLUMN)


def value_at(document: Document, place: str) -> Value:
    """Return what a paper has at a place; None for what was not read. Raises NoSuchPlace."""
    if place == KIND:
        return document.kind.value
    if cell := _CELL.fullmatch(place):
        value: Value = getattr(_row(document, cell), cell[3])
        return value
    field = _field(document, place)
    return field.value if field is not None else None


def check(place: str, value: Value) -> None:
    """See that a value has the form of its place. Raises ValueInvalid."""
    name = place.rsplit(".", 1)[-1]
    if value is None and (not _CELL.fullmatch(place) or name in _MAY_BE_EMPTY) and place != KIND:
        return
    try:
        fits = _FORMS.get(name, _is_text)(value)
    except (ValueError, TypeError):
        fits = False
    if not fits:
        raise ValueInvalid(place)


def corrected(document: Document, change: Change) -> Document:
    """Return a paper with a correction. Raises NoSuchPlace."""
    if change.place == KIND:
        kind = Kind(str(change.value))
        return replace(document, kind=kind, recognition=Recognition(nearest=kind))
    if cell := _CELL.fullmatch(change.place):
        return _with_cell(document, cell, change.value)
    field = _new_field(_field(document, change.place), change)
    if change.place == BARCODE:
        return replace(document, barcodes=(field, *document.barcodes[1:]))
    doubts = tuple(doubt for doubt in document.doubts if doubt != f"readers disagree: {change.place}")
    return replace(document, fields={**document.fields, change.place: field}, doubts=doubts)


def _corrections(keys: Keyring, rows: Iterable[CorrectionRow]) -> Corrections:
    listed = tuple(rows)
    changes = (_CHANGE.validate_json(keys.unseal_bytes(row.change, _COLUMN)) for row in listed)
    return Corrections(tuple(row.ruling_key for row in listed), tuple(changes))


def _field(document: Document, place: str) -> Field | None:
    if place == BARCODE:
        return document.barcodes[0] if document.barcodes else None
    if place not in document.fields and not _FIELDS.fullmatch(place):
        raise NoSuchPlace(place)
    return document.fields.get(place)


def _new_field(old: Field | None, change: Change) -> Field:
    """A value of the officer's, where the old one stood unless the officer says where."""
    page = change.page or (old.page if old else 1)
    box = change.box or (old.box if old else _NOWHERE)
    raw = " ".join(change.value.values()) if isinstance(change.value, dict) else str(change.value or "")
    return Field(change.value, raw, page, box, METHOD)


def _row(document: Document, cell: re.Match[str]) -> Record | Workplace:
    rows: Sequence[Record | Workplace] = getattr(document, cell[1])
    if cell[3] not in _CELLS[cell[1]] or int(cell[2]) >= len(rows):
        raise NoSuchPlace(cell[0])
    row = rows[int(cell[2])]
    if row.left_out:
        raise NoSuchPlace(cell[0])
    return row


def _with_cell(document: Document, cell: re.Match[str], value: Value) -> Document:
    """Change a cell; a row that an officer has looked at holds no doubts any more."""
    _row(document, cell)
    changed: dict[str, Any] = {cell[3]: value}
    if cell[1] == "workplaces":
        return replace(document, workplaces=_with_row(document.workplaces, int(cell[2]), changed))
    return replace(document, records=_with_row(document.records, int(cell[2]), {**changed, "doubts": ()}))


def _with_row(rows: tuple[T, ...], number: int, changed: Mapping[str, Any]) -> tuple[T, ...]:
    return tuple(replace(row, **changed) if place == number else row for place, row in enumerate(rows))


def _is_text(value: Value) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST


def _is_day(value: Value) -> bool:
    return isinstance(value, str) and date.fromisoformat(value).isoformat() == value


def _is_moment(value: Value) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value) is not None


def _is_month(value: Value) -> bool:
    return isinstance(value, str) and _is_day(f"{value}-01")


def _is_number(digits: int) -> Callable[[Value], bool]:
    return lambda value: (
        isinstance(value, str) and len(value) == digits and value.isascii() and value.isdigit()
    )


def _is_groups(value: Value) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(one.isascii() and one.isdigit() for one in value.values())
    )


def _is_days(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 31


def _is_kind(value: Value) -> bool:
    return isinstance(value, str) and value in set(Kind)


_FORMS: Mapping[str, Callable[[Value], bool]] = {
    KIND: _is_kind,
    "national_id": _is_number(11),
    "tax_number": _is_number(10),
    "mersis_number": _is_number(16),
    "issued_on": _is_day,
    "start_date": _is_day,
    "entry_date": _is_day,
    "exit_date": _is_day,
    "generated_at": _is_moment,
    "period": _is_month,
    "days": _is_days,
    "workplace_number": _is_groups,
}
"""Forms of values by the last word of their place; all others are texts."""
