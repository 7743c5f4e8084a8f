"""The box around some boxes: where a value stands that several words make."""

from collections.abc import Iterable

from extractors.facts import Box


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around some boxes (at least one)."""
    found = tuple(boxes)
    return Box(
        min(b.x0 for b in found),
        min(b.y0 for b in found),
        max(b.x1 for b in found),
        max(b.y1 for b in found),
    )
