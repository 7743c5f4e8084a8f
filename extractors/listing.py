"""İşyeri Ünvan Listesi: the list of workplace numbers and titles at the end of a service statement."""

import re
from collections.abc import Sequence

from extractors.facts import Workplace
from extractors.geometry import union
from extractors.words import Run, Word, letters_and_digits

_NUMBER = re.compile(r"^[0-9]{4,8}$")
_PERIOD = re.compile(r"^(?:19|20)[0-9]{2}/[0-9]{1,2}$")
_HEADS = frozenset({"UNVAN", "UNVANI", "ISYERIUNVANI", "ISYERINOUNVAN", "ISYERINOUNVANI", "ISYERININUNVANI"})
"""Heads of the list's columns, which stand above the first title as a line of it would."""
_PITCH = 0.9
"""Space between two lines of one title, in line heights, at most."""
_COLUMN_GAP = 1.2
"""Space between two words, in line heights, from which on they stand in different columns."""


class WorkplaceList:
    """Reads the list page by page, from its heading on until a page brings no more lines of it."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._headings = tuple(letters_and_digits(heading) for heading in headings)
        self._open = False
        self._found: list[Workplace] = []

    def add(self, page: int, lines: Sequence[Run]) -> None:
        """Read the part of the list that stands on one page, given the lines outside the table."""
        heading = next((line for line in lines if self._is_heading(line)), None)
        if heading is None and not self._open:
            return
        top = heading.box.y1 if heading is not None else 0.0
        below = [line for line in lines if line.middle > top]
        rows = _rows(page, below)
        self._found.extend(rows)
        self._open = bool(rows) or heading is not None

    def result(self) -> tuple[Workplace, ...]:
        """The lines of the list, in order; a line printed twice counts once."""
        unique = {(place.number, place.title): place for place in self._found}
        return tuple(unique.values())

    def _is_heading(self, line: Run) -> bool:
        return any(heading in segment.key for segment in line.segments(2.0) for heading in self._headings)


def _rows(page: int, lines: Sequence[Run]) -> list[Workplace]:
    numbered = [(index, cells) for index, line in enumerate(lines) if (cells := _cells(line)) is not None]
    upwards = bool(numbered) and _stands_at_the_bottom(lines, *numbered[0])
    rows = []
    for place, (index, (number, title)) in enumerate(numbered):
        before = numbered[place - 1][0] if place else -1
        after = numbered[place + 1][0] if place + 1 < len(numbered) else len(lines)
        above, below = lines[before + 1 : index][::-1], lines[index + 1 : after]
        parts = _parts(number, title, above, below, upwards=upwards)
        if parts:
            text = " ".join(part.text for part in parts)
            box = union((number.box, *(part.box for part in parts)))
            rows.append(Workplace(number.text, text, page, box))
    return rows


def _stands_at_the_bottom(lines: Sequence[Run], index: int, cells: tuple[Word, Run | None]) -> bool:
    """True where numbers stand beside the last line of their titles: the first title begins above its number."""
    number, title = cells
    if title is None or index == 0 or lines[index - 1].key in _HEADS:
        return False
    above = _title_part(lines[index - 1], number.x1, title.box.x0)
    return (
        above is not None and above.key not in _HEADS and title.box.y0 - above.box.y1 <= _PITCH * title.height
    )


def _parts(
    number: Word, title: Run | None, above: Sequence[Run], below: Sequence[Run], *, upwards: bool
) -> list[Run]:
    """The lines of a title: beside its number, and below it, above it, or on both sides of it."""
    if title is not None and upwards:
        return [*reversed(_continued(title, above, number)), title]
    if title is not None:
        return [title, *_continued(title, below, number)]
    # The number stands at the middle height of a title of two lines.
    first = _title_part(above[0], number.x1, None) if above else None
    return [first, *_continued(first, below, number)] if first is not None else []


def _cells(line: Run) -> tuple[Word, Run | None] | None:
    """Split a line of the list into its number and the part of the title beside it."""
    if any(_PERIOD.match(word.text) for word in line.words):
        return None
    number = next((word for word in line.words[:3] if _NUMBER.match(word.text)), None)
    if number is None or any(c.isalpha() for word in line.words if word.x0 < number.x0 for c in word.text):
        return None
    return number, _title_part(line, number.x1, None)


def _title_part(line: Run, left: float, start: float | None) -> Run | None:
    """The first run of words with letters right of the number; `start` is where the title's column begins."""
    right = tuple(word for word in line.words if word.x0 >= left - 1)
    if not right:
        return None
    for segment in Run(right).segments(_COLUMN_GAP):
        if any(c.isalpha() for c in segment.text):
            aligned = start is None or abs(segment.box.x0 - start) <= segment.height
            return segment if aligned else None
    return None


def _continued(title: Run, rest: Sequence[Run], number: Word) -> list[Run]:
    """Further lines of a title, going away from it: close by and beginning where it begins."""
    more: list[Run] = []
    last = title
    for line in rest:
        part = _title_part(line, number.x1, title.box.x0)
        gap = max(line.box.y0 - last.box.y1, last.box.y0 - line.box.y1)
        if part is None or part.key in _HEADS or gap > _PITCH * line.height:
            break
        more.append(part)
        last = part
    return more
