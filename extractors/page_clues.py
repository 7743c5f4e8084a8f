"""What a page says of the paper that it belongs to: titles, barcodes, people, page counters."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from extractors.barcodes import printed_barcodes
from extractors.edevlet import looks_like_barcode, normalise_barcode, parse_payload
from extractors.facts import Code, Kind
from extractors.heads import PERIOD
from extractors.layout import load_layouts, recognise
from extractors.values import national_ids_in
from extractors.words import PageText, Run, letters_and_digits

Counter: TypeAlias = tuple[int, int]
"""`(2, 3)`: page 2 of 3."""

_COUNTER = re.compile(
    r"SAYFA\s*(?:NO)?\s*[:.]?\s*([0-9]{1,3})\s*[/-]\s*([0-9]{1,3})(?![0-9/.-])"
    r"|(?<![0-9/.-])([0-9]{1,3})\s*/\s*([0-9]{1,3})\s*\.?\s*SAYFA",
    re.IGNORECASE,
)
"""`Sayfa 2/3`, `Sayfa No: 2 / 3`, `2/3 Sayfa`."""
_KNOWN_LABELS = 2
"""Labels of a paper from which on a page without a title is taken for a page of it: a letter may mention one."""
_LISTED = re.compile(r"^[0-9]{5,8}$")
"""A workplace's number as the list of workplaces prints it."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What one page says of its paper.

    `title` is the kind that a title names. `barcodes` are normalised and `people` T.C. numbers, both from codes and
    print. `rows`: there are rows or a list as statements have. `letter`: nothing of a known paper is on it.
    `crowded`: titles of several papers are on it. `blank`: nothing is.
    """

    number: int
    title: Kind | None = None
    barcodes: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    counter: Counter | None = None
    rows: bool = False
    letter: bool = False
    crowded: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Glance:
    """What can be said of a page without looking where its words stand.

    `text` is its letters and digits in the order of its words, `titles` the kinds that may be named by a title.
    """

    text: str
    titles: tuple[Kind, ...]
    counter: Counter | None

    def has_titles_of_several(self, page: PageText) -> bool:
        """Tell whether titles of different papers stand on the page, each on a line of its own."""
        return len(self.titles) > 1 and len(_own_lines(page.lines, self.titles)) > 1


def glance(page: PageText) -> Glance:
    """Look a page over: cheap, since most files hold one paper."""
    keys = [letters_and_digits(word.text) for word in page.words]
    text = "".join(keys)
    vocabulary = frozenset(keys)
    titles = tuple(
        kind for kind, forms in _titles() if any(key in text or words <= vocabulary for key, words in forms)
    )
    return Glance(text, titles, _counter(page) if "SAYFA" in text else None)


def is_simple(glances: Sequence[Glance], codes: Sequence[Code]) -> bool:
    """Tell whether all pages are one paper at a glance: no title after the first page, no second barcode."""
    if any(seen.titles for seen in glances[1:]):
        return False
    return len(glances) == 1 or len(frozenset().union(*(_identity(code)[0] for code in codes))) <= 1


def gather(page: PageText, seen: Glance, codes: Sequence[Code]) -> Clues:
    """Say all that a page says of its paper."""
    identities = [_identity(code) for code in codes if code.page == page.number]
    coded = frozenset[str]().union(*(barcodes for barcodes, _ in identities))
    if not page.words and not page.image_share and not identities:
        return Clues(page.number, blank=True)
    title, known = _recognised(page.lines)
    rows = any(PERIOD.match(word.text) for word in page.words) or any(
        h in seen.text for h in _list_headings()
    )
    listed = any(_LISTED.match(word.text) for word in page.words)
    printed = _printed(page, codes)
    people = (number for word in page.words for number in national_ids_in(word.text))
    return Clues(
        number=page.number,
        title=title,
        barcodes=coded | printed,
        people=frozenset((*people, *(person for _, named in identities for person in named))),
        counter=seen.counter,
        rows=rows,
        letter=bool(page.words) and not (known or rows or listed or identities or printed),
        crowded=seen.has_titles_of_several(page),
    )


def _printed(page: PageText, codes: Sequence[Code]) -> frozenset[str]:
    """The barcode numbers that a page prints; of a scan only those that a code confirms, since letters are misread."""
    found = frozenset(normalise_barcode(field.raw) for field in printed_barcodes([page], []))
    if all(word.confidence == 1.0 for word in page.words):
        return found
    return found & frozenset[str]().union(*(_identity(code)[0] for code in codes))


def _recognised(lines: Sequence[Run]) -> tuple[Kind | None, bool]:
    """The kind that a title of a page names, and whether the page has what papers of some kind have."""
    layout, recognition, _ = recognise([lines])
    if layout is not None:
        return layout.kind, True
    nearest = next((lay.recognise for lay in load_layouts() if lay.kind is recognition.nearest), None)
    if nearest is None:
        return None, False
    titled = nearest.titles[0] not in recognition.missing
    present = len(nearest.anchors) - len(recognition.missing) + (not titled)
    return (recognition.nearest if titled else None), titled or present >= _KNOWN_LABELS


def _own_lines(lines: Sequence[Run], kinds: Iterable[Kind]) -> set[Kind]:
    """Which of some kinds have a title that fills a line, or a segment of one."""
    texts = {segment.key for line in lines for segment in line.segments(2.0)}
    forms = dict(_titles())
    return {kind for kind in kinds if any(key in texts for key, _ in forms[kind])}


@cache
def _titles() -> tuple[tuple[Kind, tuple[tuple[str, frozenset[str]], ...]], ...]:
    """Each kind's titles, as letters and as a set of words."""
    return tuple(
        (
            layout.kind,
            tuple(
                (letters_and_digits(title), frozenset(letters_and_digits(word) for word in title.split()))
                for title in layout.recognise.titles
            ),
        )
        for layout in load_layouts()
    )


@cache
def _list_headings() -> tuple[str, ...]:
    rules = (layout.workplaces for layout in load_layouts() if layout.workplaces is not None)
    return tuple(letters_and_digits(heading) for rule in rules for heading in rule.headings)


def _counter(page: PageText) -> Counter | None:
    found = _COUNTER.search(" ".join(word.text for word in page.words))
    if found is None:
        return None
    number, total = (int(part) for part in found.groups() if part is not None)
    return (number, total) if 1 <= number <= total else None


def _identity(code: Code) -> tuple[frozenset[str], frozenset[str]]:
    """The barcode number and the T.C. number of an e-Devlet code; nothing for any other."""
    payload = parse_payload(code.text)
    if payload is None or (payload.form == "barcode_only" and not looks_like_barcode(payload.barcode)):
        return frozenset(), frozenset()
    people = frozenset((payload.national_id,)) if payload.national_id else frozenset[str]()
    return frozenset((normalise_barcode(payload.barcode),)), people
