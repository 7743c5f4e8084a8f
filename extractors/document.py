"""One document from bytes to facts: text, QR codes, barcode, kind and fields.

PDFium's text is read first, since it is many times faster; pdfplumber is asked for a second opinion whenever the
first reading leaves something open, and by the caller before a paper is flagged for what its text says.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from extractors.agreement import agree
from extractors.archive import media_of
from extractors.barcodes import printed_barcodes
from extractors.edevlet import looks_like_barcode, normalise_barcode, parse_payload, same_barcode
from extractors.facts import (
    Code,
    Document,
    Fault,
    FaultCode,
    Field,
    Kind,
    Media,
    QrReading,
    Recognition,
    TextSource,
)
from extractors.layout import Reading, read_layout
from extractors.qr import find_codes, find_codes_in_images
from extractors.reader import PdfReader, Unreadable, load_image, second_reading
from extractors.words import PageText

_SCAN_SHARE = 0.5
"""A page of which images cover more than this is a scan, also with a text layer put over or under the picture."""
_FEW_WORDS = 5
_SECOND_READER_PAGES = 60
"""Pages up to which the slow reader is asked (about 0.1 s a page); real papers have at most a few dozen."""


def read_document(data: bytes, name: str) -> Document:
    """Read one document; whatever is wrong with the bytes comes back as a fault inside the document."""
    media = media_of(data)
    blank = Document(f"sha256:{hashlib.sha256(data).hexdigest()}", name, len(data), media)
    try:
        if media is Media.PDF:
            return _read_pdf(data, blank)
        if media is Media.IMAGE:
            return _read_image(data, blank)
    except Unreadable as refusal:
        return replace(blank, faults=(refusal.fault,))
    return replace(blank, faults=(Fault(FaultCode.DOCUMENT_UNSUPPORTED, {"found": media.value}),))


def second_opinion(data: bytes, first: Document) -> Document:
    """Ask the second text reader about a document and say where the two disagree."""
    if first.media is not Media.PDF or "pdfplumber" in first.readers or first.text is not TextSource.EMBEDDED:
        return first
    try:
        pages = second_reading(data)
    except Unreadable:
        return first
    return _with_second(first, _reading_of(first), pages)


def _read_pdf(data: bytes, blank: Document) -> Document:
    with PdfReader(data) as reader:
        pages = tuple(reader.page_text(number) for number in range(1, reader.pages + 1))
        codes = find_codes(reader)
    scans = [page for page in pages if page.image_share > _SCAN_SHARE]
    has_text = any(len(page.words) >= _FEW_WORDS for page in pages)
    reading = read_layout(pages) if has_text else Reading(Kind.UNKNOWN, Recognition(), {})
    document = replace(
        blank,
        pages=len(pages),
        text=TextSource.EMBEDDED if has_text else TextSource.NONE,
        scan=bool(scans),
        codes=codes,
        readers=("pdfium",) if has_text else (),
    )
    document = _with_reading(document, reading, pages)
    if has_text and len(pages) <= _SECOND_READER_PAGES and _leaves_open(document, reading):
        try:
            return _with_second(document, reading, second_reading(data))
        except Unreadable:
            return document
    return document


def _read_image(data: bytes, blank: Document) -> Document:
    images = load_image(data)
    codes = find_codes_in_images(images)
    return replace(blank, pages=len(images), scan=True, codes=codes, qrs=_edevlet(codes, ()))


def _with_reading(document: Document, reading: Reading, pages: Sequence[PageText]) -> Document:
    """Put one reader's reading into the document, with the barcodes printed on its pages."""
    candidates = _edevlet(document.codes, None)
    barcodes = printed_barcodes(pages, candidates)
    return replace(
        document,
        kind=reading.kind,
        recognition=reading.recognition,
        fields=reading.fields,
        records=reading.records,
        workplaces=reading.workplaces,
        doubts=reading.doubts,
        barcodes=barcodes,
        qrs=_edevlet(document.codes, barcodes),
    )


def _with_second(first: Document, reading: Reading, pages: Sequence[PageText]) -> Document:
    """Combine the first reading with the second reader's pages and put the result into the document."""
    combined = agree(reading, read_layout(pages))
    document = _with_reading(first, combined, pages)
    barcodes = _distinct((*first.barcodes, *document.barcodes))
    return replace(
        document,
        barcodes=barcodes,
        qrs=_edevlet(first.codes, barcodes),
        readers=(*first.readers, "pdfplumber"),
    )


def _reading_of(document: Document) -> Reading:
    return Reading(
        document.kind,
        document.recognition,
        document.fields,
        document.records,
        document.workplaces,
        document.doubts,
    )


def _leaves_open(document: Document, reading: Reading) -> bool:
    """Whether the first reading leaves a question that the second reader may answer."""
    unread_barcode = bool(document.qrs) and not document.barcodes
    doubtful = bool(reading.doubts) or any(record.doubts for record in reading.records)
    return reading.kind is Kind.UNKNOWN or bool(reading.missing) or doubtful or unread_barcode


def _distinct(barcodes: Sequence[Field]) -> tuple[Field, ...]:
    return tuple({normalise_barcode(field.raw): field for field in reversed(barcodes)}.values())[::-1]


def _edevlet(codes: Sequence[Code], barcodes: Sequence[Field] | None) -> tuple[QrReading, ...]:
    """The distinct e-Devlet payloads among the codes.

    A payload that is a bare barcode counts only if the paper prints the same barcode or it has a known shape, since
    any short foreign code looks like one; with `barcodes` None it counts as a candidate.
    """
    found: dict[tuple[str, str | None], QrReading] = {}
    for code in codes:
        payload = parse_payload(code.text)
        if payload is None:
            continue
        bare = payload.form == "barcode_only" and barcodes is not None
        printed = any(same_barcode(payload.barcode, field.raw) for field in barcodes or ())
        if bare and not printed and not looks_like_barcode(payload.barcode):
            continue
        key = (normalise_barcode(payload.barcode), payload.national_id)
        reading = QrReading(
            code.text, payload.barcode, payload.national_id, code.page, code.box, code.decoder
        )
        found.setdefault(key, reading)
    return tuple(found.values())
