"""İşyeri Ünvan Listesi: the list of workplace numbers and titles at the end of a service statement."""

import re
from collections.abc import Sequence

from extractors.facts import Workplace
from extractors.geometry import Run, letters_and_digits, lines_of, union
from extractors.words import PageText, Word

_NUMBER = re.compile(r"^[0-9]{4,8}$")
_PERIOD = re.compile(r"^(?:19|20)[0-9]{2}/[0-9]{1,2}$")
_COLUMN_GAP = 1.2
"""Space between two words, in line heights, from which on they stand in different columns."""


class WorkplaceList:
    """Reads the list page by page, from its heading on until a page brings no more lines of it."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._headings = tuple(letters_and_digits(heading) for heading in headings)
        self._open = False
        self._found: list[Workplace] = []

    def add(self, page: PageText, words: Sequence[Word]) -> None:
        """Read the part of the list that stands on one page."""
        lines = lines_of(words)
        heading = next((line for line in lines if self._is_heading(line)), None)
        if heading is None and not self._open:
            return
        top = heading.box.y1 if heading is not None else 0.0
        below = [line for line in lines if line.middle > top]
        rows = _rows(page.number, below)
        self._found.extend(rows)
        self._open = bool(rows) or heading is not None

    def result(self) -> tuple[Workplace, ...]:
        """The lines of the list, in order; a line printed twice counts once."""
        unique = {(place.number, place.title): place for place in self._found}
        return tuple(unique.values())

    def _is_heading(self, line: Run) -> bool:
        return any(heading in segment.key for segment in line.segments(2.0) for heading in self._headings)


def _rows(page: int, lines: Sequence[Run]) -> list[Workplace]:
    anchors = [(index, cells) for index, line in enumerate(lines) if (cells := _cells(line)) is not None]
    rows = []
    for place, (index, (number, title)) in enumerate(anchors):
        end = anchors[place + 1][0] if place + 1 < len(anchors) else len(lines)
        parts = [title] if title is not None else []
        rest = lines[index + 1 : end]
        if title is None and index > 0:
            # The number stands at the middle height of a title of two lines.
            above = _title_part(lines[index - 1], number.x1, None)
            parts += (
                [above]
                if above is not None and lines[index - 1] not in [lines[i] for i, _ in anchors]
                else []
            )
        parts += _continued(parts, rest, number)
        if parts:
            text = " ".join(part.text for part in parts)
            box = union((number.box, *(part.box for part in parts)))
            rows.append(Workplace(number.text, text, page, box))
    return rows


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


def _continued(parts: Sequence[Run], rest: Sequence[Run], number: Word) -> list[Run]:
    """Further lines of a title: close below and beginning where the title's first line begins."""
    more: list[Run] = []
    bottom = max((part.box.y1 for part in parts), default=number.y1)
    start = parts[0].box.x0 if parts else None
    for line in rest:
        part = _title_part(line, number.x1, start)
        if part is None or line.box.y0 - bottom > 0.9 * line.height:
            break
        more.append(part)
        bottom = part.box.y1
    return more
