"""Traces of editing in a PDF: what the file says of its making, and text that the page does not show.

A signal for the person who looks, never a ground to refuse: a genuine paper that somebody printed to a file or sent
through a web service has traces as well. Text that is not shown where a decisive value stands takes that value away
(`extractors.traces_values.leave_open`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, partial

import numpy as np

from extractors.facts import Box, Document, Kind, Scalar, Signature, TextSource, Trace, TraceKind
from extractors.geometry import union
from extractors.qr_decoders import Grey
from extractors.reader import PdfReader
from extractors.signatures import read_signature
from extractors.tesseract import why_not
from extractors.traces_annotations import shown_annotations
from extractors.traces_file import created_on, file_traces
from extractors.traces_objects import hidden_text
from extractors.traces_shown import shown_traces, unread_ink
from extractors.traces_values import decisive_values, leave_open, named_at
from extractors.words import PageText

_SCAN_SHARE = 0.5
"""A page of which pictures cover more than this is a scan: its words are made by OCR and drawn invisibly."""

_GROUND_DPI = 100
"""At which the ground of a suspicious word is drawn."""
_MAX_PAGES = 60
"""Pages of a paper that are searched for hidden text, the last ones; real papers have at most a few dozen."""


@dataclass
class Examiner:
    """Looks for traces in the papers of one PDF; what belongs to the file as a whole is looked for once.

    `ocr` False leaves what the page shows uncompared with the text layer.
    """

    data: bytes
    reader: PdfReader
    ocr: bool

    def examined(self, paper: Document, pages: Sequence[PageText]) -> Document:
        """Return a paper of the file with its traces; values that its pages do not show are left open."""
        traces = (*self._of_file, *_created_later(paper, self._created), *self._of_pages(paper, pages))
        return leave_open(replace(paper, traces=traces, signature=self._signature))

    @cached_property
    def _signature(self) -> Signature | None:
        return read_signature(self.data)

    @cached_property
    def _of_file(self) -> tuple[Trace, ...]:
        return tuple(file_traces(self.data, self.reader, self._signature))

    @cached_property
    def _created(self) -> datetime | None:
        return created_on(self.reader)

    def _of_pages(self, paper: Document, pages: Sequence[PageText]) -> Iterator[Trace]:
        for page in pages[-_MAX_PAGES:]:
            if page.image_share <= _SCAN_SHARE:
                yield from self._of_page(paper, page)
        if paper.text is TextSource.EMBEDDED and not paper.scan:
            ocr = self.ocr and why_not() is None
            values = decisive_values(paper, pages)
            yield from shown_traces(values, self._draw, ocr=ocr)
            yield from unread_ink(values, pages, self._draw)

    def _draw(self, number: int, dpi: float, box: Box) -> Grey:
        """Draw what of a box lies on the page; white where nothing does."""
        width, height = self.reader.page_size(number)
        seen = Box(max(box.x0, 0.0), max(box.y0, 0.0), min(box.x1, width), min(box.y1, height))
        if not (seen.x0 < seen.x1 and seen.y0 < seen.y1):
            return np.full((4, 4), 255, np.uint8)
        return self.reader.render(number, dpi, seen)

    def _of_page(self, paper: Document, page: PageText) -> Iterator[Trace]:
        """Yield a trace for every decisive value that is hidden, and one of each kind for all other hidden text."""
        handle, frame = self.reader.page_handle(page.number)
        draw = partial(self._draw, page.number, _GROUND_DPI)
        found = [*hidden_text(self.reader, page, draw)]
        found += [(TraceKind.ANNOTATION, box) for box in shown_annotations(handle, frame)]
        places: dict[tuple[TraceKind, str | None], list[Box]] = {}
        for kind, box in found:
            places.setdefault((kind, named_at(paper, page.number, box)), []).append(box)
        for (kind, name), boxes in places.items():
            facts: dict[str, Scalar] = {"count": len(boxes)}
            if name is not None:
                facts["field"] = name
            yield Trace(kind, page.number, union(boxes), facts)


def _created_later(paper: Document, created: datetime | None) -> Iterator[Trace]:
    """Yield a trace where the file was made after the day that a statement prints as its own.

    A declaration prints the moment at which the employer sent it, and may be fetched at any time after.
    """
    issued = paper.fields.get("issued_on") if paper.kind is Kind.SERVICE_STATEMENT else None
    day = _day(issued.value) if issued is not None and isinstance(issued.value, str) else None
    if issued is None or day is None or created is None:
        return
    later = (created.date() - day).days
    if later > 1:  # the day may differ by the zone in which each is told
        facts = {"created": created.date().isoformat(), "printed": day.isoformat()}
        yield Trace(TraceKind.CREATED_LATER, issued.page, issued.box, facts)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
