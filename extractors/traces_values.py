"""The values of a paper on which a decision rests, with the words in which each stands on its page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from extractors.facts import HIDING, Box, Document, Kind, Record, Trace
from extractors.values import dates_in
from extractors.words import PageText, Word

FIELDS = (
    "national_id",
    "given_name",
    "family_name",
    "start_date",
    "generated_at",
    "issued_on",
    "workplace_number",
    "employer_title",
)
"""Fields of statements and declarations that are looked at; the barcode, rows and titles come to them."""
BARCODE, RECORDS, WORKPLACES = "barcode", "records", "workplaces"
_ROWS = 6
"""Rows of a statement that are looked at: the newest of so many workplaces."""
_PERIOD = re.compile(r"^([0-9]{4})/([0-9]{1,2})$")
_SHARED = 0.3
"""Part of the smaller of two boxes that must lie in the other for one to concern the other."""
_DOUBT = "not what the page shows: {}"
"""A doubt that no text reader can remove."""


@dataclass(frozen=True, slots=True)
class Value:
    """A decisive value: the name of its field, its page and box, and its words on the page (none if not found)."""

    name: str
    page: int
    box: Box
    words: tuple[Word, ...]


def decisive_values(document: Document, pages: Sequence[PageText]) -> tuple[Value, ...]:
    """Return the decisive values of a statement or declaration; of other papers none."""
    if document.kind not in (Kind.SERVICE_STATEMENT, Kind.ENTRY_DECLARATION):
        return ()
    by_number = {page.number: page for page in pages}
    places = [(name, field.page, field.box) for name in FIELDS if (field := document.fields.get(name))]
    places += [(BARCODE, field.page, field.box) for field in document.barcodes[:1]]
    found = [
        Value(name, page, box, _within(box, by_number[page]))
        for name, page, box in places
        if page in by_number
    ]
    newest = _newest_rows(document.records)
    found += [_row(record, by_number[record.page]) for record in newest if record.page in by_number]
    shown = {record.workplace for record in newest}
    found += [
        Value(WORKPLACES, place.page, place.box, _within(place.box, by_number[place.page]))
        for place in document.workplaces
        if place.number in shown and place.page in by_number
    ]
    return tuple(found)


def named_at(document: Document, page: int, box: Box) -> str | None:
    """Return the name of the decisive value on which a place lies, or None."""
    return next((name for name, place, at in _places(document) if place == page and share(at, box)), None)


def leave_open(document: Document) -> Document:
    """Take the value from each field on which text lies that the page does not show, and doubt such rows.

    A human saw something else there, or nothing: whatever the text says, it must not carry an acceptance.
    """
    hiding = [trace for trace in document.traces if trace.kind in HIDING and trace.facts.get("field")]
    names = tuple(dict.fromkeys(str(trace.facts["field"]) for trace in hiding))
    if not names:
        return document
    doubts = tuple(_DOUBT.format(name) for name in names)
    rows = [trace for trace in hiding if trace.facts["field"] == RECORDS]
    return replace(
        document,
        fields={
            name: replace(field, value=None) if name in names else field
            for name, field in document.fields.items()
        },
        barcodes=tuple(replace(b, value=None) if BARCODE in names else b for b in document.barcodes),
        records=tuple(_doubted(record, rows) for record in document.records),
        doubts=tuple(dict.fromkeys((*document.doubts, *doubts))),
        page_doubts=tuple(dict.fromkeys((*document.page_doubts, *doubts))),
    )


def share(one: Box, other: Box) -> bool:
    """Tell whether two boxes share enough for one to concern the other."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    smaller = min((b.x1 - b.x0) * (b.y1 - b.y0) for b in (one, other))
    return width > 0 and height > 0 and width * height >= _SHARED * smaller


def _places(document: Document) -> Iterator[tuple[str, int, Box]]:
    for name in FIELDS:
        if name in document.fields:
            yield name, document.fields[name].page, document.fields[name].box
    yield from ((BARCODE, field.page, field.box) for field in document.barcodes[:1])
    yield from ((RECORDS, record.page, record.box) for record in document.records)
    yield from ((WORKPLACES, place.page, place.box) for place in document.workplaces)


def _doubted(record: Record, traces: Sequence[Trace]) -> Record:
    concerns = any(t.page == record.page and t.box is not None and share(record.box, t.box) for t in traces)
    doubt = _DOUBT.format(RECORDS)
    if not concerns or doubt in record.doubts:
        return record
    return replace(record, doubts=(*record.doubts, doubt))


def _within(box: Box, page: PageText) -> tuple[Word, ...]:
    """Return the words of a page whose middle lies in a box."""
    x0, y0, x1, y1 = page.boxes.T
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    inside = (box.x0 <= x) & (x <= box.x1) & (box.y0 <= y) & (y <= box.y1)
    return tuple(page.words[i] for i in np.flatnonzero(inside).tolist())


def _newest_rows(records: Sequence[Record]) -> list[Record]:
    """Return the newest row of each workplace, of the newest few workplaces."""
    newest: dict[str, Record] = {}
    for record in records:
        kept = newest.get(record.workplace)
        if kept is None or record.period >= kept.period:
            newest[record.workplace] = record
    return sorted(newest.values(), key=lambda record: record.period)[-_ROWS:]


def _row(record: Record, page: PageText) -> Value:
    words = tuple(word for word in _within(record.box, page) if _is_decisive(word.text, record))
    return Value(RECORDS, record.page, record.box, words)


def _is_decisive(text: str, record: Record) -> bool:
    """Tell whether a word of a row is its workplace, period, entry or exit."""
    if period := _PERIOD.match(text):
        return f"{period.group(1)}-{int(period.group(2)):02d}" == record.period
    days = {value for value, _, _ in dates_in(text)}
    return text == record.workplace or bool(days & {record.entry_date, record.exit_date})
