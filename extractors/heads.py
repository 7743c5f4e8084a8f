"""The heads of a statement's columns: stacked words above the rows, found by the words that tell them apart."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from extractors.words import Run, Word, letters_and_digits

PERIOD = re.compile(r"^((?:19|20)[0-9]{2})/(0?[1-9]|1[0-2])$")
"""A period as statements print it: `2026/9` or `2026/09`."""

_BAND = 48.0
"""Height in points within which the stacked words of the heads stand (measured: 32)."""
_CLOSE = 0.8
"""Space between two lines of the heads, in line heights: what stands farther above is not a head."""
_COLUMN = 6.0
"""Half the width of a column, in line heights, about which a date may stand."""
_NEEDED = ("workplace", "period", "entry_date", "days", "exit_date")
_LEFT_OF_PERIOD = frozenset({"branch", "status", "registry", "name", "occupation", "workplace", "unit"})


@dataclass(frozen=True)
class Heads:
    """The heads on a page: the middle of each column's word, and their vertical span.

    Rows begin below `line`, the middle of the head `Dönem`; text that wraps in the first row may already
    stand above `bottom`.
    """

    middles: Mapping[str, float]
    top: float
    line: float
    bottom: float

    def nearest(self, word: Word, names: Sequence[str]) -> str:
        """Name the column among `names` whose head is nearest to a word's middle; `""` where there is none."""
        middle = (word.x0 + word.x1) / 2
        known = [name for name in names if name in self.middles]
        return min(known, key=lambda name: abs(self.middles[name] - middle), default="")

    def holds(self, word: Word) -> bool:
        """True for a word that stands about where dates and document types stand in a row."""
        middle = (word.x0 + word.x1) / 2
        columns = [self.middles[n] for n in ("document_type", "entry_date", "exit_date") if n in self.middles]
        return any(abs(column - middle) <= _COLUMN * word.height for column in columns)

    def above(self, run: Run, names: Sequence[str]) -> str:
        """Name the column among `names` whose head stands above a run of words, the one at its beginning first."""
        left, right = run.words[0].x0, max([word.x1 for word in run.words])
        nearest, least = "", (math.inf, math.inf)
        for name in names:
            if (middle := self.middles.get(name)) is not None:
                distance = max(left - middle, middle - right, 0.0), abs(middle - left)
                if distance < least:
                    nearest, least = name, distance
        return nearest


def find_heads(lines: Sequence[Run], columns: Mapping[str, Sequence[str]]) -> Heads | None:
    """Find the heads on a page, given for each column, left to right, the words that tell it; None without."""
    keys = {letters_and_digits(word): name for name, words in columns.items() for word in words}
    for line in lines:
        for anchor in line.words:
            if "period" in _columns_of(anchor, keys):
                heads = _around(anchor, lines, keys, tuple(columns))
                if heads is not None:
                    return heads
    return None


def _around(
    anchor: Word, lines: Sequence[Run], keys: Mapping[str, str], order: Sequence[str]
) -> Heads | None:
    band = _band(anchor, lines)
    candidates: dict[str, list[Word]] = {}
    for line in band:
        for word in line.words:
            for name in _columns_of(word, keys):
                candidates.setdefault(name, []).append(word)
    chosen: dict[str, Word] = {}
    for name in order:
        found = _in_order(name, candidates.get(name, ()), anchor, chosen)
        if found is not None:
            chosen[name] = found
    if not all(name in chosen for name in _NEEDED):
        return None
    middles = {name: (word.x0 + word.x1) / 2 for name, word in chosen.items()}
    return Heads(middles, min(line.box.y0 for line in band), anchor.middle, max(line.box.y1 for line in band))


def _columns_of(word: Word, keys: Mapping[str, str]) -> Iterator[str]:
    for part in (word.text, *re.split(r"[/.:\s-]+", word.text)):
        name = keys.get(letters_and_digits(part))
        if name is not None:
            yield name
            return


def _band(anchor: Word, lines: Sequence[Run]) -> list[Run]:
    """The lines around an anchor that stand close together, above the first row of the table."""
    at = next(index for index, line in enumerate(lines) if anchor in line.words)
    band = [lines[at]]
    for line in lines[at + 1 :]:
        # Heads have no digits: a date below them is what is left of a row that began on the page before.
        if any(c.isdigit() for c in line.text) or not _joins(band[-1], line, anchor):
            break
        band.append(line)
    for line in reversed(lines[:at]):
        if any(PERIOD.match(word.text) for word in line.words) or not _joins(line, band[0], anchor):
            break
        band.insert(0, line)
    return band


def _joins(upper: Run, lower: Run, anchor: Word) -> bool:
    near = lower.box.y0 - upper.box.y1 <= _CLOSE * anchor.height
    return near and abs(upper.middle - anchor.middle) <= _BAND and abs(lower.middle - anchor.middle) <= _BAND


def _in_order(name: str, words: Sequence[Word], anchor: Word, chosen: Mapping[str, Word]) -> Word | None:
    """Choose a head's word where several qualify: the leftmost that stands right of the heads before it.

    `Gün` also stands in `Eksik Gün Nedeni`, `Çıkış` in `İşten Çıkış Nedeni`.
    """
    if name == "period":
        return anchor
    before = max((word.x0 for word in chosen.values()), default=float("-inf"))
    right = [word for word in words if word.x0 > before]
    if name in _LEFT_OF_PERIOD:
        right = [word for word in right if word.x0 < anchor.x0]
    return min(right, key=lambda word: word.x0, default=None)
