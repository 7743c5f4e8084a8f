"""Labels and their values: finds a label wherever it stands and takes the value beside or below it.

No coordinate of any one drawing is used: a value belongs to a label because it follows it on the line or
stands below it in the same column, with no other label in between.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from extractors.facts import Box
from extractors.words import Run, Word, around

_NUMBERING = re.compile(r"^\(?\d{1,2}[.)\-]*$")
_HINT = re.compile(r"^\([^)]*\)$")
_GLUED_NUMBERING = re.compile(r"^\d{1,2}(?=[A-Z])")
_LINE_STEP = 1.9
"""Line pitch, in line heights, up to which the next line continues a label or a value in the same cell."""
_BELOW = 2.6
"""How far below its label, in label heights, the first line of a value may begin."""
_ALIGNED = 1.2
"""How far, in label heights, edges or middles may differ in one column."""


class Phrases:
    """The labels of a form as `(field name, folded letters)`, the longest first, and their names by their letters."""

    def __init__(self, phrases: Sequence[tuple[str, str]]) -> None:
        self.longest_first = sorted(phrases, key=lambda phrase: -len(phrase[1]))
        self.names = {key: name for name, key in phrases}


@dataclass(frozen=True, eq=False)
class Label:
    """A label found on a page: its name in the layout file, its words, and where it stands."""

    name: str
    page: int
    words: tuple[Word, ...]

    @cached_property
    def box(self) -> Box:
        """The box around the label's words."""
        return around(self.words)

    @cached_property
    def height(self) -> float:
        """Height of one line of the label."""
        return max(word.height for word in self.words)


class LabelledPage:
    """One page with its labels marked; longer labels first, so that `Baba Adı` is never read as `Adı`."""

    def __init__(self, number: int, lines: Sequence[Run], phrases: Phrases) -> None:
        self.number = number
        self.lines = lines
        self._keys = {id(word): word.key for line in lines for word in line.words}
        self._names = phrases.names
        self._marked: set[int] = set()
        self.labels: list[Label] = []
        starts = self._starts()
        for name, key in phrases.longest_first:
            self._mark(name, key, starts.get(key[0], ()))

    def _starts(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """The places (line, position in it) of words by the letters that a label beginning there begins with."""
        starts = defaultdict[str, list[tuple[int, int]]](list)
        for index, line in enumerate(self.lines):
            for position, word in enumerate(line.words):
                key = self._keys[id(word)]
                for first in {key[:1], _GLUED_NUMBERING.sub("", key)[:1]}:
                    starts[first].append((index, position))
        return starts

    def places(self, label: Label, *, gap: float = 1.0) -> Iterator[tuple[Run, ...]]:
        """Yield the places where a label's value may stand: beside it, then below it.

        A place is the lines of one cell, top down. `gap` is the widest space inside a value, in line heights
        (digits in boxes stand far apart).
        """
        yield from self._beside(label, max(gap, 1.5))
        below = self._below(label, gap)
        if below:
            yield below

    def _mark(self, name: str, key: str, starts: Sequence[tuple[int, int]]) -> None:
        for index, position in starts:
            line = self.lines[index]
            words = self._match(index, position, key, first=True)
            if (
                words
                and not any(id(w) in self._marked for w in words)
                and self._bounded(line, position, words, key)
            ):
                numbering = self._numbering(line, position)
                self._marked.update(id(w) for w in (*numbering, *words))
                self.labels.append(Label(name, self.number, words))

    def _match(self, index: int, position: int, key: str, *, first: bool = False) -> tuple[Word, ...]:
        """Return the words from a place on that spell the key, over the end of the line if need be."""
        words = self.lines[index].words
        taken: list[Word] = []
        for word in words[position:]:
            spelled = self._keys[id(word)]
            if first and not taken and not key.startswith(spelled):
                spelled = _GLUED_NUMBERING.sub("", spelled)
            if not spelled and not taken:
                return ()
            if not key.startswith(spelled) or (taken and word.x0 - taken[-1].x1 > 2.0 * word.height):
                break
            taken.append(word)
            key = key[len(spelled) :]
            if not key:
                return tuple(taken)
        if not taken:
            return ()
        rest = self._continued(index, taken, key)
        if not rest:
            return ()
        upper, lower = (self._names.get(self._spelled(words)) for words in (taken, rest))
        if upper is not None and lower is not None and upper != lower:
            # Two labels that stand one above the other (`Adı`, `Soyadı`) are not one label in two lines.
            return ()
        return (*taken, *rest)

    def _spelled(self, words: Sequence[Word]) -> str:
        return "".join(self._keys[id(word)] for word in words)

    def _continued(self, index: int, taken: Sequence[Word], key: str) -> tuple[Word, ...]:
        box = around(taken)
        height = max(word.height for word in taken)
        for lower, line in enumerate(self.lines[index + 1 : index + 4], start=index + 1):
            if line.middle - (box.y0 + box.y1) / 2 > _LINE_STEP * height:
                break
            for position, word in enumerate(line.words):
                if box.x0 - 4 * height <= word.x0 <= box.x1:
                    rest = self._match(lower, position, key)
                    if rest:
                        return rest
        return ()

    def _bounded(self, line: Run, position: int, words: Sequence[Word], key: str) -> bool:
        """Refuse a short label that is the tail of a longer text: `Adı` in `Kart Adı`."""
        before = line.words[position - 1] if position else None
        if before is None or len(words) > 1 or len(key) > 12:
            return True
        near = words[0].x0 - before.x1 <= 1.0 * words[0].height
        if not near or _NUMBERING.match(before.text) or self._keys[id(before)] in self._names:
            return True
        return words[-1].text.endswith(":") or self._colon_follows(line, words[-1])

    @staticmethod
    def _colon_follows(line: Run, word: Word) -> bool:
        after = [w for w in line.words if w.x0 >= word.x1 - 0.5]
        return bool(after) and after[0].text.startswith(":")

    @staticmethod
    def _numbering(line: Run, position: int) -> tuple[Word, ...]:
        before = line.words[position - 1] if position else None
        near = before is not None and line.words[position].x0 - before.x1 <= 1.5 * before.height
        return (before,) if before is not None and near and _NUMBERING.match(before.text) else ()

    def _beside(self, label: Label, gap: float) -> Iterator[tuple[Run, ...]]:
        """The cells right of a label: those that begin on one of its lines, with the lines that follow in them."""
        box, height = label.box, label.height
        near = [line for line in self.lines if box.y0 - height < line.middle < box.y1 + height]
        found = [run for line in near if (run := self._right_of(label, line, gap)) is not None]
        level = [run for run in found if box.y0 - 0.1 * height <= run.middle <= box.y1 + 0.1 * height]
        for first in level:
            yield self._cell(label, first, gap)
        if not level:
            straddling = self._straddling(label, found)
            if straddling:
                yield straddling

    def _cell(self, label: Label, first: Run, gap: float) -> tuple[Run, ...]:
        """A line right of a label and the lines below it that begin where it begins."""
        cell = [first]
        for line in self.lines:
            if not first.middle < line.middle <= first.middle + 3 * label.height:
                continue
            run = self._right_of(label, line, gap)
            if run is None:
                continue
            step = run.middle - cell[-1].middle
            if step > (_LINE_STEP - 0.4) * first.height or abs(run.box.x0 - first.box.x0) > first.height:
                break
            cell.append(run)
        return tuple(cell)

    def _straddling(self, label: Label, lines: Sequence[Run]) -> tuple[Run, ...]:
        """A value of two lines beside a label of one: above and below its middle, nothing else on its level."""
        level = [line for line in self.lines if label.box.y0 < line.middle < label.box.y1]
        alone = all(word.x0 < label.box.x1 for line in level for word in line.words)
        middle = (label.box.y0 + label.box.y1) / 2
        if len(lines) != 2 or not alone or not lines[0].middle < middle < lines[1].middle:
            return ()
        return tuple(lines) if abs(lines[0].box.x0 - lines[1].box.x0) < label.height else ()

    def _right_of(self, label: Label, line: Run, gap: float) -> Run | None:
        """The first segment of a line right of a label, up to the next label; hints in parentheses are passed over."""
        own = {id(word) for word in label.words}
        edge = max((word.x1 for word in line.words if id(word) in own), default=label.box.x1) - 1
        if line.middle > label.box.y1 and any(id(w) in self._marked and w.x0 < edge for w in line.words):
            return None  # the row of the next label
        found: list[Word] = []
        for word in line.words:
            if word.x0 < edge or id(word) in own:
                continue
            if id(word) in self._marked:
                break
            if word.key:
                found.append(word)
        segments = Run(tuple(found)).segments(gap) if found else ()
        return next((segment for segment in segments if not _HINT.match(segment.text)), None)

    def _below(self, label: Label, gap: float) -> tuple[Run, ...]:
        neighbours = [other for other in self.labels if self._same_row(label, other)]
        cell: list[Run] = []
        bottom, reach = label.box.y1, _BELOW * label.height
        for line in self.lines:
            if line.middle <= bottom:
                continue
            if line.box.y0 - bottom > reach:
                break
            mine = [
                run
                for run in self._pieces(line, gap, neighbours)
                if self._owner(run, label, neighbours) is label
            ]
            if any(id(word) in self._marked for segment in mine for word in segment.words):
                break
            if mine:
                cell.append(Run(tuple(word for segment in mine for word in segment.words)))
                bottom, reach = line.box.y1, (_LINE_STEP - 1) * line.height
        return tuple(cell)

    @staticmethod
    def _same_row(label: Label, other: Label) -> bool:
        return other.box.y0 < label.box.y1 and label.box.y0 < other.box.y1

    @staticmethod
    def _pieces(line: Run, gap: float, labels: Sequence[Label]) -> Iterator[Run]:
        """The segments of a line; one that lies under several labels of a tight row falls apart into words."""
        for segment in line.segments(gap):
            above = [o for o in labels if o.box.x0 < segment.box.x1 and segment.box.x0 < o.box.x1]
            if len(above) < 2:
                yield segment
                continue
            yield from _under(segment, above)

    @staticmethod
    def _owner(segment: Run, label: Label, neighbours: Sequence[Label]) -> Label | None:
        """Say which label of a row of labels a segment below them belongs to, by alignment."""

        def distance(other: Label) -> float:
            a, b = segment.box, other.box
            return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.x0 + a.x1 - b.x0 - b.x1) / 2)

        owner = min(neighbours, key=distance)
        if distance(owner) <= _ALIGNED * label.height:
            return owner
        overlapping = [o for o in neighbours if o.box.x0 < segment.box.x1 and segment.box.x0 < o.box.x1]
        return overlapping[0] if len(overlapping) == 1 else None


def _under(segment: Run, labels: Sequence[Label]) -> Iterator[Run]:
    """Cut a segment between the labels above it, each word to the label whose span is nearest."""

    def nearest(word: Word) -> int:
        middle = (word.x0 + word.x1) / 2
        spans = [max(label.box.x0 - middle, middle - label.box.x1) for label in labels]
        return spans.index(min(spans))

    for _, words in groupby(segment.words, key=nearest):
        yield Run(tuple(words))
