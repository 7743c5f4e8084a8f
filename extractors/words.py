"""Words with boxes, the lines they stand on, pages: the shape in which every text reader hands its text on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from operator import attrgetter, itemgetter

import numpy as np
from numpy.typing import NDArray

from extractors.facts import Box
from extractors.turkish import fold

_NOT_ALNUM = re.compile(r"[^A-Z0-9]")
_GLUED_LABEL = re.compile(r"^([^\W\d_][^:]*:)(?=[^\s/:])(.+)$")
_SAME_LINE = 0.45
"""Share of the smaller height by which two middles may differ on one line: sub- and superscripts stay apart."""
_LINES_BACK = 4
"""Lines above that a word may still belong to; words come sorted by their middles."""


@dataclass(
    slots=True, unsafe_hash=True
)  # frozen it would take four times as long to make; nothing changes a word
class Word:
    """A run of characters without a space or a column gap inside.

    Coordinates are points from the top left of the page as it is shown (rotation applied). `size` is the
    height of the line of type in points. `confidence` is 1.0 for embedded text, 0 to 1 for OCR.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float = 1.0

    @property
    def height(self) -> float:
        """Height of the box in points."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Vertical middle of the box."""
        return (self.y0 + self.y1) / 2

    @property
    def box(self) -> Box:
        """The word's box."""
        return Box(self.x0, self.y0, self.x1, self.y1)

    @property
    def key(self) -> str:
        """The text as letters and digits."""
        return letters_and_digits(self.text)


class Run:
    """Words that stand side by side on one line, left to right (at least one): a line, or a segment of one.

    Two runs are equal when they are the same one.
    """

    __slots__ = ("_box", "_height", "_key", "_middle", "_text", "words")

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = tuple(words)
        self._box: Box | None = None
        self._middle: float | None = None
        self._height: float | None = None
        self._text: str | None = None
        self._key: str | None = None

    def __repr__(self) -> str:
        return f"Run({self.text!r})"

    @property
    def box(self) -> Box:
        """The box around the words."""
        if self._box is None:
            self._box = around(self.words)
        return self._box

    @property
    def middle(self) -> float:
        """Vertical middle of the box."""
        if self._middle is None:
            box = self.box
            self._middle = (box.y0 + box.y1) / 2
        return self._middle

    @property
    def height(self) -> float:
        """Height of the tallest word in points."""
        if self._height is None:
            self._height = max([word.y1 - word.y0 for word in self.words])
        return self._height

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        if self._text is None:
            self._text = " ".join([word.text for word in self.words])
        return self._text

    @property
    def key(self) -> str:
        """The text as letters and digits."""
        if self._key is None:
            self._key = "".join([letters_and_digits(word.text) for word in self.words])
        return self._key

    def segments(self, gap: float = 1.0) -> tuple["Run", ...]:
        """Split where the space between two words is wider than `gap` times the line height."""
        parts: list[list[Word]] = [[self.words[0]]]
        for before, word in zip(self.words, self.words[1:], strict=False):
            if word.x0 - before.x1 > gap * max(before.y1 - before.y0, word.y1 - word.y0):
                parts.append([])
            parts[-1].append(word)
        return tuple(map(Run, parts)) if len(parts) > 1 else (self,)


@dataclass(frozen=True, eq=False)
class PageText:
    """The words of one page, `number` from 1; `width` and `height` in points as shown.

    `image_share` is the part of the page (0 to 1) that images cover: a page of images without words
    is a scan.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    image_share: float = 0.0

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """The boxes of the words: rows of x0, y0, x1, y1."""
        edges = chain.from_iterable(map(_edges_of, self.words))
        return np.fromiter(edges, np.float64, 4 * len(self.words)).reshape(-1, 4)

    @cached_property
    def lines(self) -> tuple[Run, ...]:
        """The lines from top to bottom, with labels parted from the values that are glued to them."""
        return lines_of(split_glued_labels(self.words))


def around(words: Sequence[Word]) -> Box:
    """Return the box around some words (at least one)."""
    if len(words) == 1:
        return words[0].box
    return Box(
        min([word.x0 for word in words]),
        min([word.y0 for word in words]),
        max([word.x1 for word in words]),
        max([word.y1 for word in words]),
    )


@lru_cache(maxsize=8192)
def letters_and_digits(text: str) -> str:
    """Fold a text to upper-case ASCII letters and digits, nothing else: the form in which labels are compared."""
    return _NOT_ALNUM.sub("", fold(text))


def split_glued_labels(words: Iterable[Word]) -> tuple[Word, ...]:
    """Split `Label:value` words at the colon, in proportion to their characters; times and addresses stay whole."""
    result: list[Word] = []
    for word in words:
        match = _GLUED_LABEL.match(word.text) if ":" in word.text else None
        if match is None or match.group(2).startswith("//"):
            result.append(word)
            continue
        cut = word.x0 + (word.x1 - word.x0) * len(match.group(1)) / len(word.text)
        result.append(Word(match.group(1), word.x0, word.y0, cut, word.y1, word.confidence))
        result.append(Word(match.group(2), cut, word.y0, word.x1, word.y1, word.confidence))
    return tuple(result)


class _Line:
    """A line while its words are gathered: it knows where its middle is and how tall its smallest word."""

    __slots__ = ("lowest", "middles", "words")

    def __init__(self, word: Word, middle: float, height: float) -> None:
        self.words = [word]
        self.middles = middle
        self.lowest = height

    def takes(self, middle: float, height: float) -> bool:
        smallest = min(self.lowest, height)
        apart = abs(self.middles / len(self.words) - middle)
        return apart <= (_SAME_LINE * smallest if smallest > 1.0 else _SAME_LINE)

    def add(self, word: Word, middle: float, height: float) -> None:
        self.words.append(word)
        self.middles += middle
        self.lowest = min(self.lowest, height)


def lines_of(words: Iterable[Word]) -> tuple[Run, ...]:
    """Group words into lines from top to bottom, each from left to right."""
    lines: list[_Line] = []
    sorted_words = _by_middle(words)
    if sorted_words and _is_one_line(sorted_words):
        return (_run([word for _, _, word in sorted_words]),)
    for middle, _, word in sorted_words:
        height = word.y1 - word.y0
        for line in lines[: -_LINES_BACK - 1 : -1]:
            if line.takes(middle, height):
                line.add(word, middle, height)
                break
        else:
            lines.append(_Line(word, middle, height))
    runs = [_run(line.words) for line in lines]
    return tuple(sorted(runs, key=_middle_of))


_edges_of = attrgetter("x0", "y0", "x1", "y1")
_left_of = attrgetter("x0")
_middle_of = attrgetter("middle")


def _run(words: Sequence[Word]) -> Run:
    return Run(sorted(words, key=_left_of))


def _is_one_line(words: Sequence[tuple[float, float, Word]]) -> bool:
    """True for words, sorted by their middles, that no grouping would part: a cell of a table, mostly."""
    spread = words[-1][0] - words[0][0]
    return spread <= _SAME_LINE * max(min([word.y1 - word.y0 for _, _, word in words]), 1.0)


def _by_middle(words: Iterable[Word]) -> list[tuple[float, float, Word]]:
    keyed = [((word.y0 + word.y1) / 2, word.x0, word) for word in words]
    keyed.sort(key=_place_of)
    return keyed


_place_of = itemgetter(0, 1)
