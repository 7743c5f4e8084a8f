"""The running text of an official document: its words in reading order, column by column, and what they stand in.

A gazette prints announcements in columns; other forms print lines, rows of tables and paragraphs.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from extractors.facts import Box
from extractors.geometry import union
from extractors.words import PageText, Run, Word, letters_and_digits

HEAD_LINES = 8
"""Lines at the top of a page in which its head is looked for."""
_COLUMN_LINES = 4
"""Lines that begin at one place from which on it may be the left edge of a column."""
_CROSSED = 0.2
"""Share of a column's lines that may be crossed at its edge: the head of the page crosses all of them."""
_CELL_GAP = 2.0
"""Space between two cells of a row, in line heights; in the justified lines of a column, words stand wider apart."""
_COLUMN_CELL_GAP = 4.0
_PARAGRAPH = 1.5
"""Line pitch, in usual ones of the text, from which on a new paragraph begins."""
_HYPHENATED = re.compile(r"[^\W\d_]-$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the running text; `cell_end` and `row_end` say that a cell, or a row or paragraph, ends with it."""

    text: str
    page: int
    box: Box
    cell_end: bool = False
    row_end: bool = False

    @property
    def key(self) -> str:
        """The text as letters and digits."""
        return letters_and_digits(self.text)


@dataclass(frozen=True)
class Passage:
    """Some tokens in a row, searched by their folded words with single spaces between them."""

    tokens: tuple[Token, ...]

    @cached_property
    def text(self) -> str:
        """The folded words."""
        return " ".join(token.key for token in self.tokens)

    @cached_property
    def _starts(self) -> list[int]:
        starts, place = [], 0
        for token in self.tokens:
            starts.append(place)
            place += len(token.key) + 1
        return starts

    def find(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        """Yield the places of a pattern as the first token and the one after the last."""
        for match in pattern.finditer(self.text):
            yield self._token_at(match.start()), self._token_at(max(match.start(), match.end() - 1)) + 1

    def cut(self, start: int, end: int | None = None) -> "Passage":
        """Return a part of the passage."""
        return Passage(self.tokens[start:end])

    def _token_at(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1


def running_text(pages: Sequence[PageText], titles: Sequence[str], *, in_columns: bool) -> Passage:
    """Return the words of a paper in reading order, without the heads of its pages, which end with one of the titles.

    Titles are given as letters and digits. A word broken at the end of a line is put together again.
    """
    tokens: list[Token] = []
    for page in pages:
        body = _below_head(page.lines, titles)
        for lines, limit in _columns(body) if in_columns else [(body, page.width)]:
            _add_lines(tokens, page.number, lines, limit, _COLUMN_CELL_GAP if in_columns else _CELL_GAP)
    return Passage(tuple(tokens))


def _below_head(lines: Sequence[Run], titles: Sequence[str]) -> Sequence[Run]:
    heads = (n for n, line in enumerate(lines[:HEAD_LINES]) if any(title in line.key for title in titles))
    return lines[max(heads, default=-1) + 1 :]


def place_of(tokens: Sequence[Token]) -> tuple[int, Box]:
    """Return page and box of some tokens (at least one), as far as they stand on the page of the first."""
    page = tokens[0].page
    return page, union(token.box for token in tokens if token.page == page)


def _add_lines(tokens: list[Token], page: int, lines: Sequence[Run], limit: float, gap: float) -> None:
    """Add the lines of a column that ends before `limit`; those of a whole page are one column."""
    ends = sorted((line.box.x1 for line in lines if line.box.x1 <= limit), reverse=True)
    wider = min(len(ends) // 4, max(1, len(ends) // 10))  # a line across the page, say
    right = ends[wider] if ends else limit
    pitches = sorted(below.middle - above.middle for above, below in pairwise(lines))
    usual = pitches[len(pitches) // 2] if pitches else 0.0
    for index, line in enumerate(lines):
        below = lines[index + 1] if index + 1 < len(lines) else None
        far = below is not None and below.middle - line.middle > _PARAGRAPH * usual
        segments = line.segments(gap)
        _add_line(tokens, page, segments, row_end=far or _is_short(line, below, right) or len(segments) > 1)


def _is_short(line: Run, below: Run | None, right: float) -> bool:
    """Tell a line that ends of itself: the first word of the next one would have had its place there."""
    if below is None:
        return False
    first = below.words[0]
    return line.box.x1 + first.x1 - first.x0 + first.height < right


def _add_line(tokens: list[Token], page: int, segments: Sequence[Run], *, row_end: bool) -> None:
    for number, segment in enumerate(segments, start=1):
        for position, word in enumerate(segment.words, start=1):
            last = position == len(segment.words)
            ends_cell = last and number < len(segments)
            ends_row = last and number == len(segments) and row_end
            token = Token(word.text, page, word.box, ends_cell, ends_row)
            if not token.key:
                _mark_end(tokens, token)
            elif tokens and _HYPHENATED.search(tokens[-1].text) and _begins_line(segments, number, position):
                tokens[-1] = _joined(tokens[-1], token)
            else:
                tokens.append(token)


def _begins_line(segments: Sequence[Run], number: int, position: int) -> bool:
    return number == 1 and position == 1 and segments[0].words[0].text[:1].isalpha()


def _joined(first: Token, rest: Token) -> Token:
    box = union((first.box, rest.box)) if first.page == rest.page else first.box
    return Token(first.text[:-1] + rest.text, first.page, box, rest.cell_end, rest.row_end)


def _mark_end(tokens: list[Token], mark: Token) -> None:
    """A word without letters and digits only leaves its marks on the word before it."""
    if tokens:
        last = tokens[-1]
        cell_end, row_end = last.cell_end or mark.cell_end, last.row_end or mark.row_end
        tokens[-1] = Token(f"{last.text} {mark.text}", last.page, last.box, cell_end, row_end)


def _columns(lines: Sequence[Run]) -> list[tuple[tuple[Run, ...], float]]:
    """Take the lines of a page apart at the left edges of its columns: each from top to bottom, and where it ends."""
    edges = _edges(lines)
    columns: list[list[Run]] = [[] for _ in range(len(edges) + 1)]
    for line in lines:
        parts: list[list[Word]] = [[] for _ in columns]
        for word in line.words:
            parts[bisect_right(edges, word.x0 + 0.5 * word.height)].append(word)
        for column, words in zip(columns, parts, strict=True):
            if words:
                column.append(Run(words))
    limits = [*edges, float("inf")]
    return [(tuple(column), limit) for column, limit in zip(columns, limits, strict=True) if column]


def _edges(lines: Sequence[Run]) -> list[float]:
    """Where the second and further columns begin: many segments do, and hardly a line goes across."""
    starts = sorted((segment.box.x0, segment.height) for line in lines for segment in line.segments(1.0))
    edges: list[float] = []
    for x, height in starts:
        if x - starts[0][0] <= 2 * height:
            continue
        members = sum(1 for other, _ in starts if abs(other - x) <= 0.6 * height)
        if members < _COLUMN_LINES or (edges and x - edges[-1] <= 2 * height):
            continue
        if _crossing(lines, x, height) <= max(2.0, _CROSSED * members):
            edges.append(x - 0.6 * height)
    return edges


def _crossing(lines: Sequence[Run], x: float, height: float) -> int:
    """How many lines have a word, or no more than the space between two words, where a column begins."""
    return sum(
        1
        for line in lines
        for segment in line.segments(1.0)
        if segment.box.x0 < x - height and segment.box.x1 > x - 0.2 * height
    )
