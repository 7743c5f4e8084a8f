"""Lines, segments and columns: how words lie on a page, whatever engine drew it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from extractors.facts import Box
from extractors.turkish import fold
from extractors.words import Word

_NOT_ALNUM = re.compile(r"[^A-Z0-9]")
_GLUED_LABEL = re.compile(r"^([^\W\d_][^:]*:)(?=[^\s/:])(.+)$")
_SAME_LINE = 0.45
"""Share of the smaller height by which two middles may differ on one line: sub- and superscripts stay apart."""


@lru_cache(maxsize=8192)
def letters_and_digits(text: str) -> str:
    """Fold a text to upper-case ASCII letters and digits, nothing else: the form in which labels are compared."""
    return _NOT_ALNUM.sub("", fold(text))


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around some boxes (at least one)."""
    found = tuple(boxes)
    return Box(
        min(b.x0 for b in found),
        min(b.y0 for b in found),
        max(b.x1 for b in found),
        max(b.y1 for b in found),
    )


@dataclass(frozen=True)
class Run:
    """Words that stand side by side on one line, left to right: a line, or a segment of one."""

    words: tuple[Word, ...]

    @cached_property
    def box(self) -> Box:
        """The box around the words."""
        return union(word.box for word in self.words)

    @cached_property
    def middle(self) -> float:
        """Vertical middle of the box."""
        return (self.box.y0 + self.box.y1) / 2

    @cached_property
    def height(self) -> float:
        """Height of the tallest word in points."""
        return max(word.height for word in self.words)

    @cached_property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def key(self) -> str:
        """The text as letters and digits."""
        return letters_and_digits(self.text)

    def segments(self, gap: float = 1.0) -> tuple["Run", ...]:
        """Split where the space between two words is wider than `gap` times the line height."""
        parts: list[list[Word]] = [[self.words[0]]]
        for before, word in zip(self.words, self.words[1:], strict=False):
            if word.x0 - before.x1 > gap * max(before.height, word.height):
                parts.append([])
            parts[-1].append(word)
        return tuple(Run(tuple(part)) for part in parts)


def split_glued_labels(words: Iterable[Word]) -> tuple[Word, ...]:
    """Split `Label:value` words at the colon, in proportion to their characters; times and addresses stay whole."""
    result: list[Word] = []
    for word in words:
        match = _GLUED_LABEL.match(word.text)
        if match is None or match.group(2).startswith("//"):
            result.append(word)
            continue
        cut = word.x0 + (word.x1 - word.x0) * len(match.group(1)) / len(word.text)
        result.append(Word(match.group(1), word.x0, word.y0, cut, word.y1, word.confidence))
        result.append(Word(match.group(2), cut, word.y0, word.x1, word.y1, word.confidence))
    return tuple(result)


def lines_of(words: Iterable[Word]) -> tuple[Run, ...]:
    """Group words into lines from top to bottom, each from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.middle, w.x0)):
        for line in reversed(lines[-4:]):
            if _on_one_line(line, word):
                line.append(word)
                break
        else:
            lines.append([word])
    runs = [Run(tuple(sorted(line, key=lambda w: w.x0))) for line in lines]
    return tuple(sorted(runs, key=lambda run: run.middle))


def _on_one_line(line: Sequence[Word], word: Word) -> bool:
    middle = sum(w.middle for w in line) / len(line)
    height = min(word.height, *(w.height for w in line))
    return abs(middle - word.middle) <= _SAME_LINE * max(height, 1.0)
