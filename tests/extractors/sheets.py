"""Pages set word by word, to try the layout engine on arrangements that no engine drew."""

from collections.abc import Sequence

from extractors.words import PageText, Word

SIZE = 8.0
"""Height of a line of type in points."""
_ADVANCE = 0.5
"""Width of a character, in line heights."""


def words(x: float, y: float, text: str, size: float = SIZE) -> list[Word]:
    """Set a text of several words on a line that begins at x, its top at y."""
    result = []
    for word in text.split(" "):
        if word:
            width = len(word) * _ADVANCE * size
            result.append(Word(word, x, y, x + width, y + size))
        x += (len(word) + 0.6) * _ADVANCE * size
    return result


def page(*texts: tuple[float, float, str], number: int = 1, width: float = 595.0) -> PageText:
    """Set a page from `(x, y, text)` triples."""
    found: list[Word] = []
    for x, y, text in texts:
        found += words(x, y, text)
    return PageText(number, width, 842.0, tuple(found))


def moved(
    original: PageText, by: tuple[float, float], scale: float, order: Sequence[int] | None = None
) -> PageText:
    """The same page scaled and moved, its words in another order of drawing."""
    dx, dy = by
    found = [
        Word(w.text, w.x0 * scale + dx, w.y0 * scale + dy, w.x1 * scale + dx, w.y1 * scale + dy)
        for w in original.words
    ]
    if order is not None:
        found = [found[index] for index in order]
    return PageText(original.number, original.width * scale + dx, original.height * scale + dy, tuple(found))
