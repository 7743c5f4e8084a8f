"""Boxes, and the lines and columns that words make on a page, whatever engine drew it."""

from collections.abc import Iterable

from extractors.facts import Box
from extractors.words import Run, letters_and_digits, lines_of, split_glued_labels

__all__ = ["Run", "letters_and_digits", "lines_of", "split_glued_labels", "union"]


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around some boxes (at least one)."""
    found = tuple(boxes)
    return Box(
        min(b.x0 for b in found),
        min(b.y0 for b in found),
        max(b.x1 for b in found),
        max(b.y1 for b in found),
    )
