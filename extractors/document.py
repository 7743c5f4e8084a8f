"""One file from bytes to facts: its papers, and of each text, QR codes, barcode, kind and fields.

PDFium's text is read first, since it is many times faster; pdfplumber is asked for a second opinion whenever the
first reading leaves something open, and by the caller before a paper is flagged for what its text says. Pages that
are pictures are read by OCR where the machine has it. Last, the papers of a PDF are searched for traces of editing,
and values that their pages do not show are left open.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import partial

import numpy as np

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
from extractors.papers import PaperPages, count_titled, find_papers, rows_of_others
from extractors.qr import disagreements, find_codes, find_codes_in_images
from extractors.reader import PdfReader, Unreadable, load_image, second_reading
from extractors.scanned import MAX_SECONDS, Picture, Scans, read_scans
from extractors.traces import Examiner
from extractors.traces_values import leave_open
from extractors.words import PageText

_SCAN_SHARE = 0.5
"""A page of which images cover more than this is a scan, also with a text layer put over or under the picture."""
_FEW_WORDS = 5
_OCR = "tesseract"
_SCAN_DPI = 300
"""At which a page of a PDF that is a picture is drawn for OCR, at most: finer than it is stored tells nothing more."""
_LOOK_AGAIN = 10
"""Pages of a scan that are searched for codes one by one: each may take a second."""
_NEARLY = 0.7
"""Likeness (0 to 1) of two barcode numbers, one of them from a scan, that are the same but for misread letters: two
different ones of one family come to 0.69 at most, in 14,000 pairs each."""
_SECOND_READER_PAGES = 60
"""Pages up to which the slow reader is asked (about 0.1 s a page); real papers have at most a few dozen."""


@dataclass(frozen=True)
class File:
    """What was read of a file, before or after its pages were put together as papers.

    `look_again` searches some pages for codes as thoroughly as if they were a file of their own; after the moment
    `until` of `time.monotonic` nothing is begun that takes long. `second` gives some pages as the second text reader
    reads them, and is None where it is not to be asked.
    """

    blank: Document
    pages: tuple[PageText, ...]
    codes: tuple[Code, ...]
    look_again: Callable[[Sequence[int]], tuple[Code, ...]]
    scans: Scans = field(default_factory=Scans)
    until: float = 0.0
    second: Callable[[Sequence[int]], tuple[PageText, ...]] | None = None


def read_document(data: bytes, name: str, *, ocr: bool = True) -> tuple[Document, ...]:
    """Read one file: a document for each of its papers, nearly always one.

    Whatever is wrong with the bytes comes back as a fault inside a document. `ocr` False leaves the text of pictures
    unread.
    """
    return read_with_scans(data, name, ocr=ocr)[0]


def read_with_scans(data: bytes, name: str, *, ocr: bool = True) -> tuple[tuple[Document, ...], Scans]:
    """Read one file as `read_document` does; return with its papers what OCR read of its pages."""
    media = media_of(data)
    blank = Document(f"sha256:{hashlib.sha256(data).hexdigest()}", name, len(data), media)
    try:
        if media is Media.PDF:
            return _read_pdf(data, blank, ocr=ocr)
        if media is Media.IMAGE:
            return _read_image(data, blank, ocr=ocr)
    except Unreadable as refusal:
        return (replace(blank, faults=(refusal.fault,)),), Scans()
    unsupported = Fault(FaultCode.DOCUMENT_UNSUPPORTED, {"found": media.value})
    return (replace(blank, faults=(unsupported,)),), Scans()


def second_opinion(data: bytes, first: Document) -> Document:
    """Ask the second text reader about a paper and say where the two disagree."""
    if first.media is not Media.PDF or "pdfplumber" in first.readers or first.text is not TextSource.EMBEDDED:
        return first
    try:
        pages = second_reading(data, first.page_numbers)
    except Unreadable:
        return first
    return leave_open(_with_second(first, _reading_of(first), pages))


def _read_pdf(data: bytes, blank: Document, *, ocr: bool) -> tuple[tuple[Document, ...], Scans]:
    until = time.monotonic() + MAX_SECONDS
    with PdfReader(data) as reader:
        pages = tuple(reader.page_text(number) for number in range(1, reader.pages + 1))
        codes = find_codes(reader)
        scans = read_scans(_pictures(reader, pages), until) if ocr else Scans()
        pages = tuple(scans.pages.get(page.number, page) for page in pages)
        second = partial(second_reading, data) if len(pages) <= _SECOND_READER_PAGES else None
        file = File(blank, pages, codes, lambda numbers: find_codes(reader, numbers), scans, until, second)
        examiner = Examiner(data, reader, ocr)
        papers = (examiner.examined(paper, _only(pages, paper.page_numbers)) for paper in _papers(file))
        return tuple(papers), scans


def _pictures(reader: PdfReader, pages: Sequence[PageText]) -> Iterator[Picture]:
    """The pages whose words must be read from a picture; all of them where no page has text."""
    without_text = not any(len(page.words) >= _FEW_WORDS for page in pages)
    for page in pages:
        if len(page.words) < _FEW_WORDS and (without_text or page.image_share > _SCAN_SHARE):
            dpi = min(reader.picture_dpi(page.number) or _SCAN_DPI, _SCAN_DPI)
            pixels = partial(reader.render, page.number, dpi)
            yield Picture(page.number, page.width, page.height, pixels)


def _read_image(data: bytes, blank: Document, *, ocr: bool) -> tuple[tuple[Document, ...], Scans]:
    until = time.monotonic() + MAX_SECONDS
    images = load_image(data)
    codes = find_codes_in_images(images)
    pictures = [
        Picture(number, image.shape[1], image.shape[0], partial(np.asarray, image))
        for number, image in enumerate(images, start=1)
    ]
    scans = read_scans(pictures, until) if ocr else Scans()
    pages = tuple(
        scans.pages.get(p.number) or PageText(p.number, p.width, p.height, (), 1.0) for p in pictures
    )

    def look_again(numbers: Sequence[int]) -> tuple[Code, ...]:
        found = find_codes_in_images([images[number - 1] for number in numbers])
        return tuple(replace(code, page=numbers[code.page - 1]) for code in found)

    return tuple(_papers(File(blank, pages, codes, look_again, scans, until))), scans


def _papers(file: File) -> Iterator[Document]:
    known = _all_codes(file)
    found = find_papers(file.pages, known)
    for number, paper in enumerate(found, start=1):
        codes = known
        if len(found) > 1:
            codes = tuple(code for code in codes if code.page in paper.numbers)
            if not _edevlet(codes, None):
                codes = file.look_again(paper.numbers)
        blank = replace(
            file.blank,
            pages=len(file.pages),
            codes=codes,
            paper=number,
            papers=len(found),
            page_numbers=paper.numbers,
            page_doubts=(*paper.doubts, *_unread(file.scans, paper), *disagreements(codes)),
        )
        yield read_paper(file, blank, _only(file.pages, paper.numbers))


def _all_codes(file: File) -> tuple[Code, ...]:
    """The codes of a file; of scans with more titles than codes, those of each page that none was found on, too.

    The search for codes ends with the first that it finds; the pages of a scan tell less than their codes do.
    """
    titles = count_titled(file.pages) if file.scans.pages and len(file.pages) > 1 else 0
    if titles <= len(_edevlet(file.codes, None)):
        return file.codes
    coded = {code.page for code in file.codes}
    missing = [page.number for page in file.pages if page.number not in coded][-_LOOK_AGAIN:]
    found = list(file.codes)
    for number in missing:
        if time.monotonic() < file.until:
            found += file.look_again([number])
    return tuple(found)


def read_paper(file: File, blank: Document, pages: Sequence[PageText]) -> Document:
    """Read the words of one paper of a file; `blank` is what is known of it without them."""
    by_ocr = any(page.number in file.scans.pages for page in pages)
    has_text = any(len(page.words) >= _FEW_WORDS for page in pages)
    document = replace(blank, scan=by_ocr or any(page.image_share > _SCAN_SHARE for page in pages))
    scans = file.scans if by_ocr else None
    if not has_text:
        if by_ocr or any(page.number in file.scans.illegible for page in pages):
            document = replace(document, readers=(_OCR,))
        return _with_reading(document, Reading(Kind.UNKNOWN, Recognition(), {}), pages, scans)
    source, reader = (TextSource.OCR, _OCR) if by_ocr else (TextSource.EMBEDDED, "pdfium")
    reading = read_layout(pages)
    document = _with_reading(replace(document, text=source, readers=(reader,)), reading, pages, scans)
    if file.second is None or by_ocr:
        return document
    try:
        if _leaves_open(reading):
            return _with_second(document, reading, file.second(blank.page_numbers))
        if document.qrs and not document.barcodes:
            return _with_barcodes(document, file.second(sorted({qr.page for qr in document.qrs})))
    except Unreadable:
        return document
    return document


def _with_barcodes(document: Document, pages: Sequence[PageText]) -> Document:
    """Put the barcodes that the second reader finds beside the codes into the document: all that was left open."""
    barcodes = printed_barcodes(pages, document.qrs)
    return replace(document, barcodes=barcodes, qrs=_edevlet(document.codes, barcodes))


def _with_reading(
    document: Document, reading: Reading, pages: Sequence[PageText], scans: Scans | None = None
) -> Document:
    """Put one reader's reading into the document, with the barcodes printed on its pages."""
    barcodes = printed_barcodes(pages, _edevlet(document.codes, None))
    if scans is not None:
        barcodes = _certain(scans.legible_fields(barcodes, reading, pages), document.codes)
        reading = scans.legible(reading, pages)
    return replace(
        document,
        kind=reading.kind,
        recognition=reading.recognition,
        fields=reading.fields,
        records=reading.records,
        workplaces=reading.workplaces,
        doubts=tuple(dict.fromkeys((*document.page_doubts, *reading.doubts, *_strangers(reading, pages)))),
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
        tuple(doubt for doubt in document.doubts if doubt not in document.page_doubts),
    )


def _strangers(reading: Reading, pages: Sequence[PageText]) -> tuple[str, ...]:
    if reading.kind is not Kind.SERVICE_STATEMENT:
        return ()
    given, family = (reading.fields.get(name) for name in ("given_name", "family_name"))
    if given is None or family is None:
        return ()
    return rows_of_others(pages, reading.records, (*given.raw.split()[:1], *family.raw.split()[-1:]))


def _leaves_open(reading: Reading) -> bool:
    """Whether the first reading leaves a question that the second reader may answer."""
    doubtful = bool(reading.doubts) or any(record.doubts for record in reading.records)
    return reading.kind is Kind.UNKNOWN or bool(reading.missing) or doubtful


def _unread(scans: Scans, paper: PaperPages) -> Iterator[str]:
    unread = [str(number) for number in scans.unread if number in paper.numbers]
    if unread:
        yield f"pages not read: {', '.join(unread)}"


def _only(pages: Sequence[PageText], numbers: Sequence[int]) -> tuple[PageText, ...]:
    return tuple(page for page in pages if page.number in numbers)


def _certain(barcodes: Sequence[Field], codes: Sequence[Code]) -> tuple[Field, ...]:
    """Leave the value of a barcode number open that OCR read nearly as a code has it: a letter was misread."""
    coded = [normalise_barcode(qr.barcode) for qr in _edevlet(codes, None)]

    def is_near(read: str) -> bool:
        return any(read != code and SequenceMatcher(None, read, code).ratio() > _NEARLY for code in coded)

    return tuple(
        replace(found, value=None) if is_near(normalise_barcode(found.raw)) else found for found in barcodes
    )


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
