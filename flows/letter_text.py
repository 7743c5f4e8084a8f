"""A letter as plain text."""

import textwrap
from collections.abc import Iterable, Iterator

from flows.letter import Letter, Paragraph, Role, paragraphs

WIDTH = 80
"""Columns of a letter's text."""

_SPACED = frozenset({Role.ADDRESSEE, Role.BODY, Role.HEADING, Role.SIGNATURE, Role.SMALL})
_CENTRED = frozenset({Role.INSTITUTION, Role.ADDRESSEE})
_INDENT = {Role.LABEL: 3, Role.ITEM: 3}


def letter_text(letter: Letter) -> str:
    """Return a letter as text with lines of at most 80 columns."""
    return laid_text(paragraphs(letter))


def laid_text(laid: Iterable[Paragraph]) -> str:
    """Return the paragraphs of a letter as such a text."""
    return "\n".join(_lines(laid)) + "\n"


def _lines(laid: Iterable[Paragraph]) -> Iterator[str]:
    before: Role | None = None
    for paragraph in laid:
        role = paragraph.role
        about = role is Role.FIELD and before is Role.ADDRESSEE
        if role in _SPACED or about or (role is Role.DATE and before is Role.INSTITUTION):
            yield ""
        before = role
        if role in _CENTRED:
            yield from (line.center(WIDTH).rstrip() for line in textwrap.wrap(paragraph.text, WIDTH - 10))
        elif role in (Role.DATE, Role.SIGNATURE):
            yield from (line.rjust(WIDTH) for line in paragraph.text.splitlines())
        else:
            yield from _wrapped(paragraph)


def _wrapped(paragraph: Paragraph) -> Iterator[str]:
    """Yield the lines of a paragraph, indented by what it is; its mark stands before the first."""
    mark = f"{paragraph.mark} " if paragraph.mark else ""
    margin = " " * _INDENT.get(paragraph.role, 0)
    below = margin + " " * len(mark)
    for number, line in enumerate(paragraph.text.splitlines()):
        first = below if number else margin + mark
        yield from textwrap.wrap(
            line, WIDTH, initial_indent=first, subsequent_indent=below, break_on_hyphens=False
        )
