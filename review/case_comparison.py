"""What the applicant declared beside what was read of the papers, row by row: an aid for the eye that judges nothing.

Names, titles and workplace numbers are compared by the functions of the rules; the words in which two texts differ are
marked. T.C. numbers are masked, so their row says in words whether they agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import TypeAlias

from extractors.facts import Document, Field, Kind, Record, Workplace
from extractors.turkish import fold
from flows.texts import spell_day
from review.texts import Language, text
from validators.application import Person, Provider
from validators.fields import day_of, groups_of, owner_of, text_of
from validators.identity import WorkplaceMatch, WorkplaceNumber
from validators.names import compare_names
from validators.report import Mask
from validators.titles import TitleMatch, compare_titles

Words: TypeAlias = tuple[tuple[str, bool], ...]
"""A text by its words; True for a word that the other side lacks."""

NUMBER = "national_id"
"""Name of the row that holds T.C. numbers."""


class Match(StrEnum):
    """How a declared value compares with the one that was read."""

    SAME = "same"
    SIMILAR = "similar"
    DIFFERENT = "different"
    UNREAD = "unread"
    """The paper should tell it, and it was not read."""
    ALONE = "alone"
    """Nothing was declared that it could be compared with."""


@dataclass(frozen=True, slots=True)
class Row:
    """A value: its name (`case.rows.NAME`), both sides, and the page and place on the paper where it was read."""

    name: str
    declared: Words
    read: Words
    match: Match
    page: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A paper beside the declaration; `document` is its position in the case."""

    document: int
    name: str
    kind: Kind
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What papers are laid beside: declared person (None: nobody) and provider, and how it is told."""

    person: Person | None
    provider: Provider | None
    mask: Mask
    language: Language


def papers_of_person(
    national_id: str, documents: Sequence[Document], named: Iterable[str]
) -> tuple[int, ...]:
    """Return the positions of somebody's papers: those with the number, and those that findings name by their keys."""
    keys = set(named)
    return tuple(
        position
        for position, document in enumerate(documents)
        if document.part_of is None and (owner_of(document) == national_id or document.key in keys)
    )


def compare(position: int, document: Document, declared: Declared) -> Compared:
    """Lay a paper beside the declaration."""
    if document.kind is Kind.TRADE_REGISTRY_GAZETTE or "form" in document.fields:
        rows = (*_official(document, declared),)
    else:
        rows = (*_personal(document, declared), *_employer(document, declared), *_dates(document))
    return Compared(position, declared.mask.text(document.name), document.kind, rows)


def _personal(document: Document, beside: Declared) -> Iterator[Row]:
    if document.kind is Kind.UNKNOWN and not document.fields:
        return
    field = document.fields.get(NUMBER)
    number = owner_of(document)
    declared = beside.person.national_id if beside.person is not None else None
    match = _match(number is not None and number == declared, number, declared)
    yield _row(NUMBER, _number(declared, beside.mask), _number(number, beside.mask), match, field, NUMBER)
    yield _name(document, beside.person)


def _name(document: Document, person: Person | None) -> Row:
    given, family = document.fields.get("given_name"), document.fields.get("family_name")
    read = [text_of(field) or "" for field in (given, family)]
    declared = [person.given_name, person.family_name] if person is not None else ["", ""]
    agrees = all(read) and compare_names(declared[0], declared[1], read[0], read[1]).agrees
    match = _match(agrees, " ".join(filter(None, read)) or None, " ".join(filter(None, declared)) or None)
    return _row("name", " ".join(declared), " ".join(read), match, family or given, "family_name")


def _employer(document: Document, beside: Declared) -> Iterator[Row]:
    provider = beside.provider
    if provider is None:
        return
    if document.kind is Kind.SERVICE_STATEMENT:
        yield from _listed(document, provider, beside.language)
    elif document.kind in {Kind.ENTRY_DECLARATION, Kind.EXIT_DECLARATION}:
        field = document.fields.get("employer_title")
        title = text_of(field)
        match = _of_titles(provider.title, title)
        yield _row("title", provider.title, title, match, field, "employer_title")
        yield _workplace(document, provider)
        yield from _tax(document.fields.get("tax_number"), provider, beside.mask)


def _listed(document: Document, provider: Provider, language: Language) -> Iterator[Row]:
    """Compare with the workplace of a statement that is most like the provider."""
    places = (place for place in document.workplaces if not place.left_out)
    best = min(places, key=lambda place: _likeness(place, provider), default=None)
    title = best.title if best is not None else None
    match = _of_titles(provider.title, title)
    place = f"workplaces.{document.workplaces.index(best) + 1}" if best is not None else ""
    yield Row("title", *_words(provider.title, title, match), match, best.page if best else None, place)
    if best is None:
        return
    known = _sequences(provider)
    match = _match(_whole(best.number) in known, best.number, known or None)
    declared = ", ".join(map(str, sorted(known)))
    yield Row("sequence", _plain(declared), _plain(best.number.lstrip("0")), match, best.page, place)
    yield from _last_record(document, best, language)


def _likeness(place: Workplace, provider: Provider) -> tuple[bool, int]:
    order = (Match.SAME, Match.SIMILAR, Match.DIFFERENT)
    return _whole(place.number) not in _sequences(provider), order.index(
        _of_titles(provider.title, place.title)
    )


def _last_record(document: Document, place: Workplace, language: Language) -> Iterator[Row]:
    """Yield the newest month at that workplace: whether the employment runs is the officer's first question."""
    rows = [
        (number, record)
        for number, record in enumerate(document.records, start=1)
        if not record.left_out and _whole(record.workplace) == _whole(place.number)
    ]
    if rows:
        number, record = max(rows, key=lambda row: (row[1].period, row[0]))
        told = told_record(record, language)
        if record.exit_date is None:
            told = f"{told} · {text('case.record.no_exit', language)}"
        yield Row("last_record", (), ((told, False),), Match.ALONE, record.page, f"records.{number}")


def told_record(record: Record, language: Language) -> str:
    """Return a row of a statement in words: month, days, entry and exit."""
    parts = [record.period]
    if record.days is not None:
        parts.append(text("case.record.days", language, days=record.days))
    if record.entry_date is not None:
        parts.append(text("case.record.entry", language, day=_spelled(record.entry_date, language)))
    if record.exit_date is not None:
        parts.append(text("case.record.exit", language, day=_spelled(record.exit_date, language)))
    return " · ".join(parts)


def _spelled(day: str, language: Language) -> str:
    read = day_of(day)
    return spell_day(read, language) if read is not None else day


def _workplace(document: Document, provider: Provider) -> Row:
    field = document.fields.get("workplace_number")
    groups = groups_of(field)
    read = WorkplaceNumber.from_groups(groups) if groups else None
    known = [number for text in provider.workplace_numbers if (number := WorkplaceNumber.parse(text))]
    found = {number.matches(read) for number in known} if read is not None else set()
    similar = found & {WorkplaceMatch.CONFLICT, WorkplaceMatch.UNKNOWN}
    match = _match(WorkplaceMatch.SAME in found, groups, known or None)
    match = Match.SIMILAR if match is Match.DIFFERENT and similar else match
    declared = " · ".join(map(_grouped, known)) or ", ".join(provider.workplace_numbers)
    shown = _grouped(read) if read is not None else None
    return _row("workplace", declared, shown, match, field, "workplace_number")


def _grouped(number: WorkplaceNumber) -> str:
    """Return a workplace number by groups of full width, as both sides are easiest compared."""
    return " ".join(filter(None, astuple(number)))


def _tax(field: Field | None, provider: Provider, mask: Mask, place: str = "tax_number") -> Iterator[Row]:
    number = text_of(field)
    if number is not None:
        match = _match(number == provider.tax_number, number, provider.tax_number)
        declared = mask.text(provider.tax_number)
        yield _row("tax_number", declared, mask.text(number), match, field, place)


def _dates(document: Document) -> Iterator[Row]:
    for name in ("start_date", "generated_at", "issued_on"):
        field = document.fields.get(name)
        if field is not None:
            yield _row(name, None, field.raw, Match.ALONE, field, name)


def _official(document: Document, beside: Declared) -> Iterator[Row]:
    """Compare the company of an official document that is most like the provider, and its person most like this one."""
    person, provider = beside.person, beside.provider
    companies = _numbered("company_", document.fields)
    title = provider.title if provider is not None else ""
    best = min(companies, key=lambda name: _title_order(title, document, name), default=None)
    if best is not None and provider is not None:
        field = document.fields.get(f"{best}.title")
        match = _of_titles(provider.title, text_of(field))
        yield _row("title", provider.title, text_of(field), match, field, f"{best}.title")
        yield from _tax(
            document.fields.get(f"{best}.tax_number"), provider, beside.mask, f"{best}.tax_number"
        )
    if best is not None and person is not None:
        yield from _role(document, best, person)
    yield from _dates(document)


def _title_order(title: str, document: Document, company: str) -> int:
    order = (Match.SAME, Match.SIMILAR, Match.DIFFERENT, Match.UNREAD)
    return order.index(_of_titles(title, text_of(document.fields.get(f"{company}.title"))))


def _role(document: Document, company: str, person: Person) -> Iterator[Row]:
    people = _numbered(f"{company}.person_", document.fields)
    declared = f"{person.given_name} {person.family_name}"

    def agrees(who: str) -> bool:
        name = text_of(document.fields.get(f"{who}.name"))
        return name is not None and compare_names(person.given_name, person.family_name, name, "").agrees

    who = next(filter(agrees, people), None)
    if who is None:
        yield Row("name", _plain(declared), (), Match.UNREAD)
        return
    field = document.fields[f"{who}.name"]
    yield _row("name", declared, text_of(field), Match.SAME, field, f"{who}.name")
    role = document.fields.get(f"{who}.role")
    if role is not None:
        yield _row("role", None, role.raw, Match.ALONE, role, f"{who}.role")


def _numbered(prefix: str, names: Iterable[str]) -> list[str]:
    """Return the distinct `company_1`, `company_1.person_2` ... that fields begin with, in their order."""
    found = (name[: (name + ".").index(".", len(prefix))] for name in names if name.startswith(prefix))
    return list(dict.fromkeys(found))


def _of_titles(declared: str, read: str | None) -> Match:
    if read is None:
        return Match.UNREAD
    match = compare_titles(declared, read)
    if match is TitleMatch.SAME:
        return Match.SAME
    return Match.SIMILAR if match.uncertain else Match.DIFFERENT


def _match(agrees: bool, read: object, declared: object) -> Match:
    if read is None:
        return Match.UNREAD
    if declared is None:
        return Match.ALONE
    return Match.SAME if agrees else Match.DIFFERENT


def _number(number: str | None, mask: Mask) -> str | None:
    return mask.number(number) if number is not None else None


def _sequences(provider: Provider) -> frozenset[int]:
    parsed = map(WorkplaceNumber.parse, provider.workplace_numbers)
    return frozenset(_whole(number.sequence) for number in parsed if number is not None and number.sequence)


def _whole(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() else -1


def _row(  # noqa: PLR0913, PLR0917 - the parts of a row
    name: str,
    declared: str | None,
    read: str | None,
    match: Match,
    field: Field | None,
    place: str,
) -> Row:
    return Row(
        name, *_words(declared, read, match), match, field.page if field else None, place if field else ""
    )


def _words(declared: str | None, read: str | None, match: Match) -> tuple[Words, Words]:
    """Part two texts into words; those that the other lacks are marked where the texts differ."""
    if match not in {Match.DIFFERENT, Match.SIMILAR}:
        return _plain(declared), _plain(read)
    one, other = (declared or "").split(), (read or "").split()
    return _marked(one, other), _marked(other, one)


def _marked(words: Sequence[str], other: Sequence[str]) -> Words:
    known = {fold(word) for word in other}
    return tuple((word, fold(word) not in known) for word in words)


def _plain(text: str | None) -> Words:
    return tuple((word, False) for word in (text or "").split())
