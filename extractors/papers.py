"""Which pages of a file are one paper: a file may hold the papers of several people, or several of one.

Told by meaning: a title begins a paper, unless the page goes on with the one before (the same barcode, the same
person). What cannot be told apart stays together, as one paper that contradicts itself, or becomes a doubt of the
papers concerned: taking a file apart must never make a stitched one look sound.
"""

from collections import Counter as Counted
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from extractors.facts import Code, Kind, Record
from extractors.page_clues import Clues, Counter, gather, glance, is_simple
from extractors.words import PageText, letters_and_digits


@dataclass(frozen=True, slots=True)
class PaperPages:
    """The pages of one paper, numbers from 1, and what is doubtful about their belonging together."""

    numbers: tuple[int, ...]
    doubts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Group:
    """Pages that go together so far."""

    pages: list[Clues]
    doubts: list[str] = field(default_factory=list)

    @property
    def title(self) -> Kind | None:
        return next((page.title for page in self.pages if page.title is not None), None)

    @property
    def barcodes(self) -> frozenset[str]:
        return frozenset[str]().union(*(page.barcodes for page in self.pages))

    @property
    def people(self) -> frozenset[str]:
        return frozenset[str]().union(*(page.people for page in self.pages))

    @property
    def last_coded(self) -> int:
        """Index of the last page with a barcode, or -1."""
        return max((index for index, page in enumerate(self.pages) if page.barcodes), default=-1)


def find_papers(pages: Sequence[PageText], codes: Sequence[Code]) -> tuple[PaperPages, ...]:
    """Say which pages of a file are one paper, in their order; at least one.

    Cover letters and blank pages belong to none, unless there is nothing else in the file.
    """
    glances = [glance(page) for page in pages]
    if not is_simple(glances, codes):
        return split_papers([gather(page, seen, codes) for page, seen in zip(pages, glances, strict=True)])
    numbers = tuple(page.number for page in pages)
    crowded = [
        page.number for page, seen in zip(pages, glances, strict=True) if seen.has_titles_of_several(page)
    ]
    return (PaperPages(numbers, (*_crowded(crowded), *_miscounted([seen.counter for seen in glances]))),)


def count_titled(pages: Sequence[PageText]) -> int:
    """Count the pages that a title of some paper may stand on."""
    return sum(bool(glance(page).titles) for page in pages)


def is_apart(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two pages name barcodes or people, and none in common."""
    return bool(one) and bool(other) and not one & other


def rows_of_others(
    pages: Sequence[PageText], records: Sequence[Record], names: Sequence[str]
) -> tuple[str, ...]:
    """Doubt the pages of a statement whose rows lack a name of the person, where those of another page print it.

    Every row of a statement prints the person's name: a page without it was put in from another's statement.
    """
    rows = Counted(record.page for record in records)
    if len(rows) < 2:
        return ()
    texts = {
        page.number: "|".join([letters_and_digits(word.text) for word in page.words])
        for page in pages
        if rows[page.number]
    }
    doubted: set[int] = set()
    for name in filter(None, map(letters_and_digits, names)):
        printed = {number: text.count(name) for number, text in texts.items()}
        if any(2 * count >= rows[number] for number, count in printed.items()):
            doubted |= {number for number, count in printed.items() if not count}
    return tuple(f"page {number}: rows without the person's name" for number in sorted(doubted))


def split_papers(clues: Sequence[Clues]) -> tuple[PaperPages, ...]:
    """Put the pages of a file together as papers by what each of them says."""
    groups: list[_Group] = []
    for page in clues:
        if not page.blank:
            _add(groups, page)
    groups = _untangled(_with_beginning(groups))
    for group in groups:
        _leave_letters(group)
    own_counters = not _runs_through([page.counter for page in clues])
    papers = tuple(_paper(group, own_counters=own_counters) for group in groups)
    return papers or (PaperPages(tuple(page.number for page in clues)),)


def _add(groups: list[_Group], page: Clues) -> None:
    """Put a page to the paper before it, or let it begin another one."""
    if not groups:
        groups.append(_Group([page]))
        return
    group = groups[-1]
    cut = _earlier_beginning(group, page)
    if cut is not None:
        groups.append(_Group([*group.pages[cut:], page]))
        del group.pages[cut:]
        _doubt_unclear_border(*groups[-2:])
    elif _goes_on(group, page):
        group.pages.append(page)
    else:
        groups.append(_Group([page]))
        between = group.pages[group.last_coded + 1 :]
        if page.title is None and is_apart(group.barcodes, page.barcodes) and between:
            _doubt_border(group, groups[-1], between)


def _goes_on(group: _Group, page: Clues) -> bool:
    """Tell whether a page continues the paper before it."""
    if group.barcodes & page.barcodes:
        return True
    begins = page.counter is not None and page.counter[0] == 1
    if page.title is None:
        foreign = is_apart(group.barcodes, page.barcodes) and not page.rows
        return not foreign and not (begins and page.counter != (1, 1))
    if page.title is not group.title:
        return False
    if page.title is Kind.TRADE_REGISTRY_GAZETTE:
        return True
    return not (begins or is_apart(group.barcodes, page.barcodes) or is_apart(group.people, page.people))


def _earlier_beginning(group: _Group, page: Clues) -> int | None:
    """Where in a paper that of the page's barcode begins, if it is there already.

    The first page with a title after the last one with the paper's own barcode, where title and person are not
    another's: the barcode of a paper often stands on its last page only.
    """
    if not is_apart(group.barcodes, page.barcodes) or page.title not in (None, group.title):
        return None
    for index in range(group.last_coded + 1, len(group.pages)):
        earlier = group.pages[index]
        if (
            earlier.title is not None
            and earlier.title is group.title
            and not is_apart(earlier.people, page.people)
        ):
            return index
    return None


def _doubt_unclear_border(before: _Group, after: _Group) -> None:
    """Doubt both papers where each of several pages may be the first of the second one."""
    titled = [page for page in after.pages if page.title is not None]
    barcode_stands_last = before.last_coded > 0 and not before.pages[0].barcodes
    if len(titled) > 1 and not barcode_stands_last:
        _doubt_border(before, after, after.pages[:-1])


def _doubt_border(before: _Group, after: _Group, pages: Sequence[Clues]) -> None:
    doubt = f"{_pages(pages)}: of two papers, not known which"
    before.doubts.append(doubt)
    after.doubts.append(doubt)


def _with_beginning(groups: list[_Group]) -> list[_Group]:
    """Settle the pages before the first title: letters are left out, a page with rows is doubtful."""
    if len(groups) < 2 or groups[0].title is not None:
        return groups
    first, second, *others = groups
    if all(page.letter for page in first.pages):
        return groups[1:]
    strange = is_apart(first.barcodes, second.barcodes) or is_apart(first.people, second.people)
    if strange or not any(page.rows for page in first.pages):
        return groups
    doubt = f"{_pages(first.pages)}: before the title of the paper"
    return [_Group([*first.pages, *second.pages], [*second.doubts, doubt]), *others]


def _untangled(groups: list[_Group]) -> list[_Group]:
    """Put papers of one barcode together with all that stands between them: such pages are no order of papers."""
    for first, group in enumerate(groups):
        same = [n for n in range(first + 1, len(groups)) if groups[n].barcodes & group.barcodes]
        if same:
            mixed = groups[first : same[-1] + 1]
            pages = [page for part in mixed for page in part.pages]
            doubts = [doubt for part in mixed for doubt in part.doubts]
            doubt = f"{_pages(pages)}: pages of several papers are mixed"
            return _untangled([*groups[:first], _Group(pages, [*doubts, doubt]), *groups[same[-1] + 1 :]])
    return groups


def _leave_letters(group: _Group) -> None:
    """Leave out letters that follow the page with a paper's barcode; what can be a page of a paper stays."""
    while group.last_coded >= 0 and len(group.pages) > group.last_coded + 1 and group.pages[-1].letter:
        group.pages.pop()


def _paper(group: _Group, *, own_counters: bool) -> PaperPages:
    doubts = [*group.doubts, *_crowded([page.number for page in group.pages if page.crowded])]
    if own_counters:
        doubts += _miscounted([page.counter for page in group.pages])
    return PaperPages(tuple(page.number for page in group.pages), tuple(doubts))


def _crowded(numbers: Sequence[int]) -> list[str]:
    return [f"page {number}: titles of several papers" for number in numbers]


def _miscounted(counters: Sequence[Counter | None]) -> list[str]:
    """Doubt a paper whose page counters do not run from the first page to the last."""
    if all(counter in (None, (index, len(counters))) for index, counter in enumerate(counters, start=1)):
        return []
    shown = ", ".join(f"{c[0]}/{c[1]}" for c in counters if c is not None)
    return [f"pages missing or out of order: {shown}"]


def _runs_through(counters: Sequence[Counter | None]) -> bool:
    """Tell whether the counters count the pages of the file, as scanners print them, not those of its papers."""
    return len(counters) > 1 and list(counters) == [(n, len(counters)) for n in range(1, len(counters) + 1)]


def _pages(pages: Iterable[Clues]) -> str:
    numbers = [page.number for page in pages]
    return f"page {numbers[0]}" if len(numbers) == 1 else f"pages {numbers[0]}-{numbers[-1]}"
