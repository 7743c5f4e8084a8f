"""Printed barcode numbers: every text on a paper that is, or claims to be, its barcode."""

import re
from collections.abc import Iterator, Sequence

from extractors.edevlet import looks_like_barcode, normalise_barcode
from extractors.facts import Field, QrReading
from extractors.words import PageText, Run, Word, around

_LABELS = ("BARKODNO", "BARKODNUMARASI", "BELGEBARKODU", "BARKODUNUMARASI", "BARKOD", "BELGEBARKODNO")
_FIRST_WORDS = ("BARKOD", "BELGE")
"""How every one of the labels begins."""
_BARCODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{7,49}$")
_AROUND = ".,;:()"
"""What may stand around a barcode number in a sentence."""
_PARTS = 5
"""Words into which an engine may break a barcode number, at most."""


def printed_barcodes(pages: Sequence[PageText], qrs: Sequence[QrReading]) -> tuple[Field, ...]:
    """List the barcode numbers printed on the pages, each once, those that belong to a QR code first."""
    wanted = _Wanted(qrs)
    found: dict[str, Field] = {}
    for page in pages:
        for line in page.lines:
            for field in (*_labelled(page, line), *_standing(page, line, wanted)):
                found.setdefault(normalise_barcode(field.raw), field)
    return tuple(
        sorted(found.values(), key=lambda field: normalise_barcode(field.raw) not in wanted.barcodes)
    )


class _Wanted:
    """The barcode numbers of some QR codes, and the letters with which they begin."""

    def __init__(self, qrs: Sequence[QrReading]) -> None:
        self.barcodes = frozenset(normalise_barcode(qr.barcode) for qr in qrs)
        self.firsts = frozenset(barcode[:1] for barcode in self.barcodes)


def _standing(page: PageText, line: Run, wanted: _Wanted) -> Iterator[Field]:
    """Words, or neighbouring words together, that equal a QR code's barcode or have the shape of one."""
    for start, word in enumerate(line.words):
        text = word.text.strip(_AROUND)
        if text[:1].upper() in wanted.firsts and _begins(normalise_barcode(text), wanted.barcodes):
            yield from _spelled(page, line.words[start : start + _PARTS], wanted.barcodes)
        if looks_like_barcode(text):
            yield _field(page, text, (word,))


def _begins(text: str, wanted: frozenset[str]) -> bool:
    return bool(text) and any(barcode.startswith(text) for barcode in wanted)


def _spelled(page: PageText, words: Sequence[Word], wanted: frozenset[str]) -> Iterator[Field]:
    """The first of some words, and those that follow, where together they spell a QR code's barcode."""
    for end in range(1, len(words) + 1):
        text = "".join(word.text for word in words[:end]).strip(_AROUND)
        if normalise_barcode(text) in wanted:
            yield _field(page, text, words[:end])


def _labelled(page: PageText, line: Run) -> list[Field]:
    """The text right of a barcode label on its line."""
    if not any(first in line.key for first in _FIRST_WORDS):
        return []
    for start, word in enumerate(line.words):
        if not word.key.startswith(_FIRST_WORDS):
            continue
        for end in range(min(start + 3, len(line.words)), start, -1):
            if "".join(w.key for w in line.words[start:end]) in _LABELS:
                rest = [w for w in line.words[end:] if w.key]
                return _value(page, rest)
    return []


def _value(page: PageText, rest: Sequence[Word]) -> list[Field]:
    if not rest:
        return []
    segment = Run(rest).segments(1.0)[0].words
    first = segment[0].text.strip(_AROUND)
    joined = "".join(word.text for word in segment).strip(_AROUND)
    text = first if _is_barcode(first) else joined
    return [_field(page, text, segment)] if _is_barcode(text) else []


def _is_barcode(text: str) -> bool:
    return bool(_BARCODE.match(text)) and any(c.isdigit() for c in text)


def _field(page: PageText, text: str, words: Sequence[Word]) -> Field:
    return Field(text, text, page.number, around(words))
