"""What papers are known by: lines that may be a title, and words that stand anywhere on the paper."""

import re
from collections.abc import Sequence
from functools import lru_cache

from extractors.turkish import fold
from extractors.words import Run, letters_and_digits

Headline = tuple[float, str]
"""The middle of the line on its page, and its letters and digits."""
_NOT_ALNUM = re.compile(r"[^A-Z0-9]+")


def headlines(lines: Sequence[Run], cues: re.Pattern[str]) -> list[Headline]:
    """List what may be titles on a page: segments of lines that hold one of the cues, and pairs one below the other."""
    segments = [
        segment
        for line in lines
        if cues.search(line.key)
        for segment in line.segments(2.0)
        if cues.search(segment.key)
    ]
    found = [(segment.middle, segment.key) for segment in segments]
    return found + [(upper.middle, upper.key + lower.key) for upper, lower in _stacked(segments)]


def _stacked(segments: Sequence[Run]) -> list[tuple[Run, Run]]:
    """Pairs of segments of which one stands close below the other: a title drawn in two lines."""
    places = [(run.middle, 2.2 * run.height, run.box.x0, run.box.x1, run) for run in segments]
    return [
        (a, b)
        for index, (middle, reach, left, right, a) in enumerate(places)
        for lower, _, start, end, b in places[index + 1 : index + 8]
        if 0 < lower - middle < reach and left < end and start < right
    ]


def stands(anchor: str, vocabulary: frozenset[str], text: str) -> bool:
    """Tell whether an anchor is on a paper, whose parts of words and whose letters in a row are given.

    All its words stand on it (in any order, since cells wrap), or, where an engine glued words together, its letters.
    """
    parts = word_parts(anchor)
    return parts <= vocabulary or (len(parts) > 1 and letters_and_digits(anchor) in text)


@lru_cache(maxsize=8192)
def word_parts(text: str) -> frozenset[str]:
    """Return the runs of letters and digits in a text, folded: `Müdürlüğü'nden` is two."""
    return frozenset(part for part in _NOT_ALNUM.split(fold(text)) if part)
