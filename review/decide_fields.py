"""Fields of papers that an officer may correct: which there are, how each is shown, and how a new value is read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final

from extractors.facts import Document, Kind, Value
from extractors.groups import GROUPS
from flows.texts import spell_day
from review.forms import Form
from review.texts import Language, catalogue, text
from storage.desk.corrections import BARCODE, NoSuchPlace, value_at
from validators.application import Application
from validators.fields import owner_of
from validators.report import Mask

NOTHING: Final = "—"
_OF_EVERY: Final = ("national_id", "given_name", "family_name", BARCODE)
_OF_DECLARATIONS: Final = ("start_date", "generated_at", "workplace_number", "employer_title")
_OF_KIND: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.SERVICE_STATEMENT: ("issued_on",),
    Kind.ENTRY_DECLARATION: _OF_DECLARATIONS,
    Kind.EXIT_DECLARATION: _OF_DECLARATIONS,
}
"""Fields that are offered though the machine read nothing there."""
_CELLS: Final = {
    "records": (
        "period",
        "branch",
        "status",
        "workplace",
        "unit",
        "document_type",
        "entry_date",
        "days",
        "exit_date",
    ),
    "workplaces": ("number", "title"),
}
_NUMBERED: Final = re.compile(r"(?:(records|workplaces)\.|(company|person)_)(\d+)")


class Entry(StrEnum):
    """How a value is typed in."""

    DAY = "day"
    MOMENT = "moment"
    MONTH = "month"
    COUNT = "count"
    DIGITS = "digits"
    GROUPS = "groups"
    LINE = "line"


_ENTRIES: Final = {
    "issued_on": Entry.DAY,
    "start_date": Entry.DAY,
    "entry_date": Entry.DAY,
    "exit_date": Entry.DAY,
    "generated_at": Entry.MOMENT,
    "period": Entry.MONTH,
    "days": Entry.COUNT,
    "national_id": Entry.DIGITS,
    "tax_number": Entry.DIGITS,
    "mersis_number": Entry.DIGITS,
    "workplace_number": Entry.GROUPS,
}
"""By the last word of a place; all else is a line."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a paper, its label, the value as shown (masked), and whether it is a cell of a row."""

    place: str
    label: str
    shown: str
    in_row: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A paper to choose: its position in the case, and its name with its kind and whose it is."""

    position: int
    label: str


def choices(
    documents: Sequence[Document], application: Application | None, mask: Mask, language: Language
) -> tuple[Choice, ...]:
    """Return the papers of a case by their positions; parts of another paper are read with that one."""
    label = partial(_paper_label, application=application, mask=mask, language=language)
    return tuple(
        Choice(position, label(document))
        for position, document in enumerate(documents)
        if document.part_of is None
    )


def spots(document: Document, mask: Mask, language: Language) -> tuple[Spot, ...]:
    """Return every place of a paper that may be corrected: its fields, then its rows cell by cell."""
    return tuple(
        Spot(place, place_label(place, language), shown(document, place, mask, language), in_row)
        for place, in_row in (
            *((place, False) for place in _fields(document)),
            *((place, True) for place in _cells(document)),
        )
    )


def shown(document: Document, place: str, mask: Mask, language: Language) -> str:
    """Return what a paper has at a place, T.C. numbers masked. Raises NoSuchPlace."""
    return spell(place, value_at(document, place), mask, language)


def spell(place: str, value: Value, mask: Mask, language: Language) -> str:
    """Return a value as people of the language read it, T.C. numbers masked."""
    if value is None or value == "":
        return NOTHING
    last = place.rpartition(".")[2]
    if last == "national_id" or (last == "mersis_number" and not str(value).startswith("0")):
        return mask.number(str(value))
    if isinstance(value, dict):
        return mask.text(" ".join(value.values()))
    if entry_of(place) in (Entry.DAY, Entry.MOMENT):
        return _spell_day(str(value), language)
    return mask.text(str(value))


def place_label(place: str, language: Language) -> str:
    """Return what people call a place: `Satır 4: çıkış tarihi` for `records.3.exit_date`."""
    parts = []
    for rows, group, number in _NUMBERED.findall(place):
        count = int(number) + 1 if rows else int(number)
        parts.append(text(f"decide.place.{rows or group}", language, number=count))
    last = place.rpartition(".")[2]
    key = f"decide.field.{last}"
    name = text(key, language) if key in catalogue(language) else last
    return f"{', '.join(parts)}: {name}" if parts else name


def entry_of(place: str) -> Entry:
    """Return how a value of a place is typed in."""
    return _ENTRIES.get(place.rpartition(".")[2], Entry.LINE)


def is_place(document: Document, place: str) -> bool:
    """Return whether a paper has, or could have, something at a place."""
    try:
        value_at(document, place)
    except NoSuchPlace:
        return False
    return True


def read_value(form: Form, place: str) -> Value:
    """Return the value that was typed in for a place; None where the officer says that the paper has none."""
    if form.ticked("none"):
        return None
    entry = entry_of(place)
    if entry is Entry.GROUPS:
        return _read_groups(form)
    if entry is Entry.COUNT:
        return form.whole("value", 0, 31)
    if entry is Entry.DAY:
        day = form.day("value")
        return day.isoformat() if day else None
    line = form.line("value", longest=300)
    return re.sub(r"[ .-]", "", line) if entry is Entry.DIGITS else line


def prefilled(document: Document, place: str) -> dict[str, str]:
    """Return what a form begins with; never a T.C. number, which is typed in anew."""
    value = value_at(document, place)
    if isinstance(value, dict):
        return {f"value.{name}": part for name, part in value.items()}
    if value is None or entry_of(place) is Entry.DIGITS or place.rpartition(".")[2] == "name":
        return {}
    return {"value": str(value)}


def _spell_day(value: str, language: Language) -> str:
    """Return an ISO day, with its clock time where it has one, as people of the language write it."""
    day, _, clock = value.partition("T")
    return f"{spell_day(date.fromisoformat(day), language)} {clock}".strip()


def _read_groups(form: Form) -> Value:
    found = {name: form.line(f"value.{name}", required=False, longest=7) for name in GROUPS}
    groups = {name: digits for name, digits in found.items() if digits}
    if not groups:
        form.refuse({"value": "forms.missing"})
    return groups


def _fields(document: Document) -> Iterator[str]:
    offered = (*_OF_EVERY, *_OF_KIND.get(document.kind, ()), *document.fields)
    yield from dict.fromkeys(offered)


def _cells(document: Document) -> Iterator[str]:
    for rows, names in _CELLS.items():
        for number, row in enumerate(getattr(document, rows)):
            if not row.left_out:
                yield from (f"{rows}.{number}.{name}" for name in names)


def _paper_label(
    document: Document, *, application: Application | None, mask: Mask, language: Language
) -> str:
    kind = text(f"decide.kind.{document.kind.value}", language)
    name = mask.text(document.name)
    if document.papers > 1:
        name = text("decide.paper_of", language, name=name, paper=document.paper, papers=document.papers)
    return text(
        "decide.paper", language, owner=_owner(document, application, mask, language), name=name, kind=kind
    )


def _owner(document: Document, application: Application | None, mask: Mask, language: Language) -> str:
    number = owner_of(document)
    people = application.people if application is not None else ()
    for person in people:
        if person.national_id == number:
            return mask.text(f"{person.given_name} {person.family_name}")
    return text("decide.nobody", language)
