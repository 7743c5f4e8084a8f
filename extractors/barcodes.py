"""Printed barcode numbers: every text on a paper that is, or claims to be, its barcode."""

import re
from collections.abc import Sequence

from extractors.edevlet import looks_like_barcode, normalise_barcode
from extractors.facts import Field, QrReading
from extractors.geometry import Run, letters_and_digits, lines_of, split_glued_labels, union
from extractors.words import PageText, Word

_LABELS = ("BARKODNO", "BARKODNUMARASI", "BELGEBARKODU", "BARKODUNUMARASI", "BARKOD", "BELGEBARKODNO")
_BARCODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{7,49}$")


def printed_barcodes(pages: Sequence[PageText], qrs: Sequence[QrReading]) -> tuple[Field, ...]:
    """List the barcode numbers printed on the pages, each once, those that belong to a QR code first."""
    wanted = {normalise_barcode(qr.barcode) for qr in qrs}
    found: dict[str, Field] = {}
    for page in pages:
        for line in lines_of(split_glued_labels(page.words)):
            for field in (*_labelled(page, line), *_standing(page, line, wanted)):
                found.setdefault(normalise_barcode(field.raw), field)
    return tuple(sorted(found.values(), key=lambda field: normalise_barcode(field.raw) not in wanted))


def _standing(page: PageText, line: Run, wanted: set[str]) -> list[Field]:
    """Words, or neighbouring words together, that equal a QR code's barcode or have the shape of one."""
    words = line.words
    found = []
    for start in range(len(words)):
        for end in range(start + 1, min(start + 5, len(words)) + 1):
            text = "".join(word.text for word in words[start:end]).strip(".,;:()")
            known = normalise_barcode(text) in wanted
            if known or (end == start + 1 and looks_like_barcode(text)):
                found.append(_field(page, text, words[start:end]))
    return found


def _labelled(page: PageText, line: Run) -> list[Field]:
    """The text right of a barcode label on its line."""
    for start in range(len(line.words)):
        for end in range(min(start + 3, len(line.words)), start, -1):
            if "".join(letters_and_digits(w.text) for w in line.words[start:end]) in _LABELS:
                rest = [w for w in line.words[end:] if letters_and_digits(w.text)]
                return _value(page, rest)
    return []


def _value(page: PageText, rest: Sequence[Word]) -> list[Field]:
    if not rest:
        return []
    segment = Run(tuple(rest)).segments(1.0)[0].words
    first = segment[0].text.strip(".,;:()")
    joined = "".join(word.text for word in segment).strip(".,;:()")
    text = first if _is_barcode(first) else joined
    return [_field(page, text, segment)] if _is_barcode(text) else []


def _is_barcode(text: str) -> bool:
    return bool(_BARCODE.match(text)) and any(c.isdigit() for c in text)


def _field(page: PageText, text: str, words: Sequence[Word]) -> Field:
    return Field(text, text, page.number, union(word.box for word in words))
