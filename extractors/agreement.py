"""Two text readers' opinions of one paper, made into one: agreement, supplement, or doubt."""

from collections.abc import Mapping, Sequence

from extractors.facts import Field, Kind, Record
from extractors.layout import Reading


def agree(first: Reading, second: Reading) -> Reading:
    """Combine the first reader's reading with the second's.

    What only one of them saw is taken from that one (method `second_reader` where it is the second). Where
    they read different values, the value is given up (None) and a doubt says so: then a human looks.
    """
    if second.kind is Kind.UNKNOWN:
        return first
    if first.kind is Kind.UNKNOWN:
        return second if not first.doubts else first
    if first.kind is not second.kind:
        doubt = f"readers disagree: {first.kind} or {second.kind}"
        return Reading(Kind.UNKNOWN, first.recognition, {}, doubts=(*first.doubts, doubt))
    if first.kind is Kind.TRADE_REGISTRY_GAZETTE:
        return first  # its fields are counted in the order in which one reader saw them, and a human reads the paper
    fields, disputed = _fields(first.fields, second.fields)
    records, row_doubts = _rows(first, second)
    places = first.workplaces or second.workplaces
    if first.workplaces and second.workplaces and _titles(first) != _titles(second):
        row_doubts = (*row_doubts, "readers disagree: workplaces")
    missing = tuple(name for name in first.missing if name in second.missing)
    return Reading(first.kind, first.recognition, fields, records, places, (*disputed, *row_doubts), missing)


def _fields(
    first: Mapping[str, Field], second: Mapping[str, Field]
) -> tuple[dict[str, Field], tuple[str, ...]]:
    fields, doubts = dict(first), []
    for name, other in second.items():
        kept = fields.get(name)
        if kept is None:
            fields[name] = Field(other.value, other.raw, other.page, other.box, "second_reader")
        elif kept.value != other.value:
            fields[name] = Field(None, f"{kept.raw} | {other.raw}", kept.page, kept.box)
            doubts.append(f"readers disagree: {name}")
    return fields, tuple(doubts)


def _rows(first: Reading, second: Reading) -> tuple[tuple[Record, ...], tuple[str, ...]]:
    """Take the rows on which both agree; a reading without a doubt goes before one with doubts."""
    if not first.records or (_doubtful(first) and second.records and not _doubtful(second)):
        return second.records, second.doubts
    if not second.records or _doubtful(second) or _said(first.records) == _said(second.records):
        return first.records, first.doubts
    return first.records, (*first.doubts, "readers disagree: records")


def _doubtful(reading: Reading) -> bool:
    return bool(reading.doubts) or any(record.doubts for record in reading.records)


def _said(records: Sequence[Record]) -> list[tuple[object, ...]]:
    return [
        (r.workplace, r.period, r.document_type, r.entry_date, r.days, r.exit_date, r.branch) for r in records
    ]


def _titles(reading: Reading) -> dict[str, str]:
    return {place.number: "".join(place.title.split()) for place in reading.workplaces}
