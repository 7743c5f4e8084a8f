"""Dates that stand without a label: when a declaration was generated, when a statement was issued."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from extractors.facts import Field
from extractors.turkish import fold
from extractors.values import dates_in, long_dates
from extractors.words import PageText, Run

_ISSUE_MARKS = ("ITIBAR", "TARIHINDE", "TARIHLI", "OLUSTURUL", "DUZENLEN")
"""Words of the phrases in which statements say their day (`… İTİBARIYLA`, `… TARİHİNDE ALINMIŞTIR`)."""


class Stamp(StrEnum):
    """How a date without a label is told from the others."""

    MOMENT = "moment"
    """The first date with a time on the first page."""
    SENTENCE = "sentence"
    """A date in a sentence that says when the paper was issued."""


def generated_at(pages: Sequence[PageText], lines: Sequence[Sequence[Run]]) -> Field | None:
    """Find the date and time below the heading of a declaration (ISO, local time)."""
    return _first(pages[0], lines[0], lambda _line: True, timed=True)


def issued_on(pages: Sequence[PageText], lines: Sequence[Sequence[Run]]) -> Field | None:
    """Find the day of issue in a sentence of a statement (ISO day, with the time where one is printed)."""
    for page, page_lines in zip(pages, lines, strict=True):
        found = _first(
            page, page_lines, lambda line: any(m in fold(line.text) for m in _ISSUE_MARKS), timed=False
        )
        if found is not None:
            return found
    return None


def _first(
    page: PageText, lines: Sequence[Run], accepts: Callable[[Run], bool], *, timed: bool
) -> Field | None:
    for line in lines:
        if not accepts(line):
            continue
        for value, clock, raw in (*dates_in(line.text), *long_dates(line.text)):
            if clock or not timed:
                return Field(f"{value}T{clock}" if clock else value, raw, page.number, line.box)
    return None


STAMPS = {Stamp.MOMENT: generated_at, Stamp.SENTENCE: issued_on}
