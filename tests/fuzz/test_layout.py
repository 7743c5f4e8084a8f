"""The layout engine, for any words: nothing is read that does not stand on the page that it names."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.agreement import agree
from extractors.barcodes import printed_barcodes
from extractors.facts import Box, Field, Kind, Record, Workplace
from extractors.layout import Reading, read_layout
from extractors.words import PageText, Word, letters_and_digits
from tests.fuzz import seeds
from tests.fuzz.mutations import any_pages, mutated_pages
from tests.fuzz.profile import fuzzed

TYPES = ("Asıl", "Ek", "İptal")
"""Document types that a row may carry in another spelling than the page: the page's has the same letters."""
_LINES_BESIDE = 3.0
"""Height, in those of a row, within which all its cells stand."""


class Shown:
    """What some words say, by themselves or as pairs that an engine may have parted."""

    def __init__(self, words: Iterable[Word]) -> None:
        self.texts = [word.text for word in words]

    def has(self, text: str) -> bool:
        """Tell whether each part of a text stands in a word, or over the end of one and the start of another."""
        return all(self._has(part) for part in text.split())

    def _has(self, part: str) -> bool:
        if any(part in text for text in self.texts):
            return True
        return any(
            any(text.endswith(part[:cut]) for text in self.texts)
            and any(text.startswith(part[cut:]) for text in self.texts)
            for cut in range(1, len(part))
        )

    def has_date(self, date: str) -> bool:
        """Tell whether a date stands in a word, or in two that an engine parted."""
        year, month, day = date.split("-")
        return any(
            self._has(f"{d}{mark}{m}{mark}{year}")
            for mark in "./-"
            for d in {day, day.lstrip("0")}
            for m in {month, month.lstrip("0")}
        )


def printed(record: Record) -> Iterator[str]:
    """Yield what a row says, as a page prints it."""
    year, month = record.period.split("-")
    yield from (record.workplace, record.unit, year, month.lstrip("0"))
    if record.days is not None:
        yield str(record.days)
    if record.document_type not in TYPES:
        yield record.document_type


def beside(page: PageText, box: Box) -> Iterator[Word]:
    """Yield the words beside a row, and those of lines close by, from which its cells may wrap."""
    near = _LINES_BESIDE * (box.y1 - box.y0)
    yield from (word for word in page.words if box.y0 - near <= word.middle <= box.y1 + near)


def assert_on_page(reading: Reading, pages: Sequence[PageText]) -> None:
    shown = {page.number: Shown(page.words) for page in pages}
    for record in reading.records:
        page = shown[record.page]
        assert page.has(record.status)  # it wraps over any number of lines, and no rule asks for it
        if not record.doubts:
            page = Shown(beside(pages[record.page - 1], record.box))
        assert all(page.has(text) for text in printed(record))
        assert all(page.has_date(date) for date in (record.entry_date, record.exit_date) if date)
        if record.document_type in TYPES:
            key = letters_and_digits(record.document_type)
            assert any(letters_and_digits(text) == key for text in page.texts)
    for place in reading.workplaces:
        assert shown[place.page].has(f"{place.number} {place.title}")
    for field in reading.fields.values():
        assert shown[field.page].has(field.raw)


def boxless(reading: Reading) -> tuple[object, ...]:
    """Return a reading without places."""

    def bare(found: Field | Record | Workplace) -> object:
        return replace(found, box=None)  # type: ignore[arg-type]  # only compared

    return (
        reading.kind,
        reading.doubts,
        reading.missing,
        {name: bare(field) for name, field in reading.fields.items()},
        tuple(map(bare, reading.records)),
        tuple(map(bare, reading.workplaces)),
    )


@fuzzed
@given(any_pages() | mutated_pages(seeds.papers))
def test_what_is_read_stands_on_the_page(pages: tuple[PageText, ...]) -> None:
    reading = read_layout(pages)
    assert_on_page(reading, pages)
    assert (reading.kind is not Kind.UNKNOWN) or not (reading.fields or reading.records)


@fuzzed
@given(any_pages() | mutated_pages(seeds.papers))
def test_a_printed_barcode_stands_on_the_page(pages: tuple[PageText, ...]) -> None:
    for field in printed_barcodes(pages, ()):
        everything = "".join(word.text for word in pages[field.page - 1].words)
        assert set(field.raw) <= set(everything)


@fuzzed
@given(mutated_pages(seeds.papers), mutated_pages(seeds.papers))
def test_two_readers_of_any_words_are_combined(
    first: tuple[PageText, ...], second: tuple[PageText, ...]
) -> None:
    one, two = read_layout(first), read_layout(second)
    combined = agree(one, two)
    if combined.kind is not Kind.UNKNOWN:
        assert combined.kind in {one.kind, two.kind}


@fuzzed
@given(st.deferred(lambda: st.sampled_from(seeds.papers())), st.floats(-20, 20), st.floats(-20, 20))
def test_a_paper_may_lie_a_little_off(pages: tuple[PageText, ...], x: float, y: float) -> None:
    moved = tuple(
        replace(
            page,
            words=tuple(
                replace(word, x0=word.x0 + x, x1=word.x1 + x, y0=word.y0 + y, y1=word.y1 + y)
                for word in page.words
            ),
        )
        for page in pages
    )
    assert boxless(read_layout(moved)) == boxless(read_layout(pages))


@fuzzed
@given(st.deferred(lambda: st.sampled_from(seeds.papers())), st.randoms(use_true_random=False))
def test_the_order_in_which_words_are_drawn_does_not_matter(
    pages: tuple[PageText, ...], random: Random
) -> None:
    shuffled = tuple(replace(page, words=tuple(random.sample(page.words, len(page.words)))) for page in pages)
    assert boxless(read_layout(shuffled)) == boxless(read_layout(pages))


def test_the_check_itself_notices_what_is_not_on_the_page() -> None:
    pages = seeds.papers()[0]
    reading = read_layout(pages)
    workplace = reading.records[0].workplace
    without = tuple(
        replace(page, words=tuple(word for word in page.words if word.text != workplace)) for page in pages
    )
    with pytest.raises(AssertionError):
        assert_on_page(reading, without)
