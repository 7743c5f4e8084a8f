"""Official documents (E3): which companies one names, and which people with which roles, as fields with their places.

Fields of the paper: `form`, `issued_on` (ISO day of publication or issue), `issue_number` of a gazette. Fields of each
company, counted from 1: `company_1.title`, `.mersis_number`, `.tax_number`, `.registry_number`; of each person that is
named in the announcement of that company: `company_1.person_1.name`, `.national_id` (as printed, often with stars) and
`.role` (`{"roles": "partner manager", "authority": "single"}`, words separated by spaces; raw: the words read).
A person counts for the company of the same announcement only.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from stdnum.tr import vkn

from extractors.facts import Field, Value
from extractors.labels import LabelledPage
from extractors.official_forms import OfficialForm
from extractors.official_people import NamedPerson, find_people, number_in
from extractors.official_text import HEAD_LINES, Passage, Token, place_of, running_text
from extractors.values import dates_in, field_of, long_dates, parse_name, parse_title
from extractors.words import PageText, Run

_OFFICE = r"TICARET SICILI? (?:MUDURLUGU|MEMURLUGU) ?(?:NDEN|NDAN)"
_BEGINNING = re.compile(rf"\b(?:T ?C )?(?:\w+ )?{_OFFICE}\b|\bILAN SIRA NO\b")
_CLOSING = re.compile(r"^\([0-9]{4,}\)$")
_NUMBER_LABEL = r"(?:NO|NUMARASI|NUMARA|N)"
_MERSIS = re.compile(rf"\bMERSIS {_NUMBER_LABEL}\b")
_REGISTRY = re.compile(rf"\b(?:TICARET )?SICILI? ?(?:DOSYA)? ?{_NUMBER_LABEL}\b")
_TAX = re.compile(rf"\bVERGI (?:KIMLIK )?{_NUMBER_LABEL}\b|\bVKN\b")
_TITLE = re.compile(r"\b(?:TICARET|TICARI|FIRMA|SIRKET|SIRKETIN) UNVANI?\b|\bUNVANI\b")
_AFTER_TITLE = re.compile(
    r"\b(?:ADRESI?|TICARI ADRESI?|MERSIS|TICARET SICIL\w*|SICIL NO|SERMAYE(?:SI)?|TESCIL \w+|YUKARIDA\w*|SIRKET MERKEZI"
    r"|ISLETME MERKEZI|VERGI|ILAN SIRA|ORTAKLAR|KURULUS TARIHI|YETKILILER|FAALIYET KONUSU|ADI SOYADI|ODA SICIL)\b"
)
_ISSUE = re.compile(r"\bSAYI\b")
_LONGEST_TITLE = 25
_TOGETHER = 12
"""Words within which two signs of a beginning (office, number of the announcement) are one beginning."""
_MERSIS_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[\s.-]{0,3}[0-9]){15}(?![0-9])")
_TAX_DIGITS = re.compile(r"(?<![0-9])[0-9]{10,11}(?![0-9])")
_REGISTRY_DIGITS = re.compile(r"(?<![0-9])[0-9]{2,9}(?:[-/][0-9]{1,9})?(?![0-9])")
_ISSUE_DIGITS = re.compile(r"(?<![0-9])[0-9]{3,6}(?![0-9])")
_PERSON = re.compile(r"person_([0-9]+)\.")
_MOST_COMPANIES = 40
_MOST_PEOPLE = 30
"""Of one announcement: a page with more is no list of officials."""

Found = dict[str, Field]


def read_official(form: OfficialForm, pages: Sequence[PageText]) -> Found:
    """Read the fields of an official document of a known form."""
    text = running_text(pages, form.recognise.keys, in_columns=form.in_columns)
    fields: Found = {"form": _form_field(form, pages)}
    if form.in_columns:
        fields.update(_published(pages[0]))
        parts = _announcements(text)
    else:
        parts = [text]
    companies = [found for part in parts if (found := _company(part))]
    if not form.in_columns:
        companies = [_labelled(form, pages, companies[0] if companies else {}, fields)]
    for number, company in enumerate(companies[:_MOST_COMPANIES], start=1):
        fields.update({f"company_{number}.{name}": found for name, found in company.items()})
    return fields


def _form_field(form: OfficialForm, pages: Sequence[PageText]) -> Field:
    """The form, placed at the line of its title."""
    for page in pages:
        for line in page.lines:
            if any(key in line.key for key in form.recognise.keys):
                return Field(form.form, line.text, page.number, line.box)
    first = pages[0].lines[0]
    return Field(form.form, first.text, pages[0].number, first.box)


def _published(page: PageText) -> Iterator[tuple[str, Field]]:
    """The day of publication and the number of the issue: both stand in the head of a gazette's page."""
    head = page.lines[:HEAD_LINES]
    for line in head:
        days = (*long_dates(line.text), *dates_in(line.text))
        if days:
            yield "issued_on", Field(days[0][0], days[0][2], page.number, line.box)
            break
    words = Passage(tuple(Token(word.text, page.number, word.box) for line in head for word in line.words))
    number = _value_after(words, _ISSUE, _ISSUE_DIGITS, reach=3)
    if number is not None:
        yield "issue_number", number


def _announcements(text: Passage) -> list[Passage]:
    """Take the text of a gazette's page apart at the beginnings and ends of its announcements."""
    borders = [start for start, _ in text.find(_BEGINNING)]
    borders = [
        b
        for n, b in enumerate(borders)
        if n == 0 or b - borders[n - 1] > _TOGETHER or _has_data(text, borders[n - 1], b)
    ]
    borders += [index + 1 for index, token in enumerate(text.tokens) if _CLOSING.match(token.text.strip())]
    borders += _second_numbers(text, sorted(borders))
    edges = sorted({0, *borders, len(text.tokens)})
    return [text.cut(start, end) for start, end in pairwise(edges)]


def _has_data(text: Passage, start: int, end: int) -> bool:
    """Tell whether a company is named between two signs of a beginning."""
    between = text.cut(start, end)
    return any(True for pattern in (_MERSIS, _TITLE) for _ in between.find(pattern))


def _second_numbers(text: Passage, borders: Sequence[int]) -> Iterator[int]:
    """Where a second MERSİS number stands in one announcement, the beginning of the next one was not read."""
    edges = [0, *borders, len(text.tokens)]
    for start, end in pairwise(edges):
        for place, _ in list(text.cut(start, end).find(_MERSIS))[1:]:
            yield start + place


def _company(part: Passage) -> Found:
    """The company of an announcement and its people; nothing where it names neither."""
    numbers = {
        "mersis_number": _value_after(part, _MERSIS, _MERSIS_DIGITS, reach=6, strip=True),
        "tax_number": _value_after(part, _TAX, _TAX_DIGITS, reach=3),
        "registry_number": _value_after(part, _REGISTRY, _REGISTRY_DIGITS, reach=2),
    }
    found = {name: field for name, field in numbers.items() if field is not None}
    title = _title(part)
    people = find_people(_without(part, title))
    if title is not None:
        found["title"] = _text_field(part.tokens[title[0] : title[1]])
    for number, person in enumerate(people[:_MOST_PEOPLE], start=1):
        found.update({f"person_{number}.{name}": field for name, field in _person(person).items()})
    return found


def _person(person: NamedPerson) -> Found:
    page, box = place_of(person.name)
    found = {"name": Field(person.printed, person.printed, page, box)}
    if person.number:
        page, box = place_of(person.number)
        printed = number_in(person.number[0].text) or ""
        found["national_id"] = Field(printed, printed, page, box)
    if person.said:
        page, box = place_of(person.said)
        said: Value = {"roles": " ".join(person.roles), "authority": " ".join(person.authority)}
        printed = " ".join(token.text.strip("(),.;: ") for token in person.said)
        found["role"] = Field(said, printed, page, box)
    return found


def _title(part: Passage) -> tuple[int, int] | None:
    """Where the company's title stands: from its label to the next label."""
    for _, start in part.find(_TITLE):
        end = min(start + _LONGEST_TITLE, len(part.tokens))
        stop = next((s for s, _ in part.cut(start, end).find(_AFTER_TITLE)), end - start)
        ended = next((n + 1 for n, t in enumerate(part.tokens[start : start + stop]) if _ends_block(t)), stop)
        end = start + min(stop, ended)
        if sum(letter.isalpha() for token in part.tokens[start:end] for letter in token.text) >= 3:
            return start, end
    return None


def _ends_block(token: Token) -> bool:
    return token.row_end and not token.text.strip().endswith(":")


def _without(part: Passage, span: tuple[int, int] | None) -> Passage:
    """The words around the title: a company can bear the name of a person."""
    if span is None:
        return part
    return Passage((*part.tokens[: span[0]], *part.tokens[span[1] :]))


def _text_field(tokens: Sequence[Token]) -> Field:
    page, box = place_of(tokens)
    printed = " ".join(token.text for token in tokens).strip(" :;,-")
    return Field(printed, printed, page, box)


def _value_after(
    part: Passage, label: re.Pattern[str], digits: re.Pattern[str], reach: int, *, strip: bool = False
) -> Field | None:
    """The number within so many words after a label, the first that there is."""
    for _, start in part.find(label):
        tokens = part.tokens[max(0, start - 1) : start + reach]
        for count in range(1, len(tokens) + 1):
            match = digits.search(" ".join(token.text for token in tokens[:count]))
            if match is None or (count < len(tokens) and _goes_on(tokens[count])):
                continue
            value = re.sub(r"[^0-9]", "", match[0]) if strip else match[0]
            page, box = place_of([token for token in tokens[:count] if any(c.isdigit() for c in token.text)])
            return Field(value, match[0], page, box)
    return None


def _goes_on(token: Token) -> bool:
    """Tell whether a word continues a number that is printed in groups."""
    return bool(re.fullmatch(r"[0-9.-]+", token.text))


def _labelled(form: OfficialForm, pages: Sequence[PageText], company: Found, paper: Found) -> Found:
    """Add what stands beside or below the labels of a form, as far as the running text did not give it."""
    found: Found = {}
    for page in pages:
        labelled = LabelledPage(page.number, page.lines, form.phrases)
        for label in labelled.labels:
            if label.name and label.name not in found:
                field = next(
                    filter(None, (_typed(label.name, page.number, p) for p in labelled.places(label))), None
                )
                if field is not None:
                    found[label.name] = field
    if "issued_on" in found:
        paper["issued_on"] = found.pop("issued_on")
    owner: Found = {name: found.pop(name) for name in ("name", "national_id") if name in found}
    merged = {**company, **found}
    if "title" in company and "title" in found and _is_whole(company["title"].raw, found["title"].raw):
        merged["title"] = company["title"]
    return _with_owner(merged, owner) if form.owner and owner else merged


def _is_whole(running: str, cell: str) -> bool:
    """Tell a title of running text, which goes on below its label, from one of which a cell shows more."""
    return running.split()[:2] == cell.split()[:2] and not cell.startswith(running)


def _with_owner(company: Found, owner: Mapping[str, Field]) -> Found:
    """Add the owner of a business to the people that its paper names."""
    if "name" not in owner:
        return company
    kept = {
        name: field for name, field in company.items() if not _is_of(name, company, str(owner["name"].value))
    }
    role: Value = {"roles": "owner", "authority": ""}
    name = owner["name"]
    person = {**owner, "role": Field(role, name.raw, name.page, name.box)}
    number = 1 + max((int(match[1]) for key in kept if (match := _PERSON.match(key))), default=0)
    return {**kept, **{f"person_{number}.{part}": field for part, field in person.items()}}


def _is_of(name: str, company: Found, person: str) -> bool:
    """Tell whether a field is one of a person of that name."""
    group, _, part = name.rpartition(".")
    named = company.get(f"{group}.name")
    return bool(group) and bool(part) and named is not None and str(named.value).split() == person.split()


def _typed(name: str, page: int, place: Sequence[Run]) -> Field | None:
    """Make a field of the text of a cell, where it is of the type that the label promises."""
    if name in ("name", "title"):
        parsed = parse_name(place) if name == "name" else parse_title(place)
        return field_of(*parsed, page, place, len(place) if name == "title" else 1) if parsed else None
    text = place[0].text
    if name == "issued_on":
        days = (*dates_in(text), *long_dates(text))
        return field_of(days[0][0], days[0][2], page, place) if days else None
    if name == "national_id":
        number = next(filter(None, (number_in(word.text) for word in place[0].words)), None)
        return field_of(number, number, page, place) if number else None
    match = _DIGITS[name].search(text)
    if match is None or (name == "tax_number" and len(match[0]) == 10 and not vkn.is_valid(match[0])):
        return None
    value = re.sub(r"[^0-9]", "", match[0]) if name == "mersis_number" else match[0]
    return field_of(value, match[0], page, place)


_DIGITS = {"mersis_number": _MERSIS_DIGITS, "tax_number": _TAX_DIGITS, "registry_number": _REGISTRY_DIGITS}
