"""Papers read for their traces: what tests of editing ask of them."""

from typing import Any

import pytest

from extractors.document import read_document
from extractors.facts import Document, TraceKind
from extractors.tesseract import why_not

START, START_SEEN = "09.11.2026", (None, "09.11.2026")
"""The first day on a declaration as printed, and what is read of it where the page shows another."""
needs_ocr = pytest.mark.skipif(why_not() is not None, reason=f"no OCR: {why_not()}")


def read(data: bytes, *, ocr: bool = False) -> Document:
    (document,) = read_document(data, "b.pdf", ocr=ocr)
    return document


def kinds(document: Document) -> dict[TraceKind, Any]:
    """The kinds of a document's traces, each with the value on which it lies."""
    return {trace.kind: trace.facts.get("field") for trace in document.traces}


def start_of(document: Document) -> tuple[Any, str]:
    return document.fields["start_date"].value, document.fields["start_date"].raw
