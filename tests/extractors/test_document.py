"""One document from bytes to facts: the kind gate, QR codes, barcodes, faults."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from PIL import Image

import extractors.document
from extractors import ocr, scanned
from extractors.document import read_document, second_opinion
from extractors.facts import FaultCode, Kind, Media, TextSource
from extractors.reader import second_reading
from extractors.words import PageText
from tests.extractors.test_layout import cast, declaration, statement
from tests.papers import builders, bundles, scans, variants, with_fpdf, with_reportlab
from tests.papers.model import GazettePage, Notice, Paper, Qr, Where, payload
from tests.papers.style import Style, any_style

needs_ocr = pytest.mark.skipif(
    not ocr.available(), reason="Tesseract with Turkish data is not on this machine"
)


def draw(paper: Paper, seed: int = 0) -> bytes:
    return with_reportlab.draw(paper, any_style(seed))


def test_a_statement_is_read_whole() -> None:
    paper = statement(0)
    (document,) = read_document(draw(paper), "hizmet.pdf")
    assert (document.kind, document.media, document.text) == (
        Kind.SERVICE_STATEMENT,
        Media.PDF,
        TextSource.EMBEDDED,
    )
    assert document.qr is not None
    assert (document.qr.barcode, document.qr.national_id) == (paper.footer.barcode, paper.person.national_id)
    assert document.qr.page == document.pages
    assert [field.raw for field in document.barcodes] == [paper.footer.barcode]
    assert (document.scan, document.faults, document.doubts, document.readers) == (False, (), (), ("pdfium",))
    assert document.id.startswith("sha256:")
    assert document.size == len(draw(paper))


@pytest.mark.parametrize("seed", range(3))
def test_look_alikes_are_recognised_for_what_they_are(seed: int) -> None:
    person, company, _ = cast(seed)
    rng = Random(seed)
    exit_form = builders.exit_declaration(rng, person, company, date(2026, 10, 30))
    record = builders.social_security_record(rng, person, date(2020, 3, 1))
    gazette = GazettePage(date(2024, 6, 21), 11106, 890, (Notice(company, (person,), "123456", "45678"),))
    for engine in (with_reportlab, with_fpdf):
        kinds = [
            read_document(engine.draw(paper, any_style(seed)), "x.pdf")[0].kind
            for paper in (exit_form, record, gazette)
        ]
        assert kinds == [Kind.EXIT_DECLARATION, Kind.SOCIAL_SECURITY_RECORD, Kind.TRADE_REGISTRY_GAZETTE]


@pytest.mark.parametrize("shape", [Qr.SPACED_SCHEME, Qr.SCHEME, Qr.CLOSED, Qr.PLAIN, Qr.WITH_ADDRESS])
def test_every_shape_of_payload_that_names_the_person(shape: Qr) -> None:
    paper = declaration(0)
    text = payload(shape, paper.footer.barcode, paper.person.national_id)
    (document,) = read_document(draw(replace(paper, footer=replace(paper.footer, payloads=(text,)))), "b.pdf")
    assert document.qr is not None
    assert (document.qr.text, document.qr.national_id) == (text, paper.person.national_id)


@pytest.mark.parametrize("shape", [Qr.BARCODE_ONLY, Qr.ADDRESS])
def test_payloads_without_a_person(shape: Qr) -> None:
    paper = declaration(0)
    text = payload(shape, paper.footer.barcode, paper.person.national_id)
    (document,) = read_document(draw(replace(paper, footer=replace(paper.footer, payloads=(text,)))), "b.pdf")
    assert document.qr is not None
    assert (document.qr.barcode, document.qr.national_id) == (paper.footer.barcode, None)


@pytest.mark.parametrize("shape", [Qr.FOREIGN_ADDRESS, Qr.FOREIGN_INVOICE])
def test_foreign_codes_are_listed_but_are_no_code_of_the_paper(shape: Qr) -> None:
    paper = declaration(0)
    text = payload(shape, paper.footer.barcode, paper.person.national_id)
    (document,) = read_document(draw(replace(paper, footer=replace(paper.footer, payloads=(text,)))), "b.pdf")
    assert document.qr is None
    assert [code.text for code in document.codes] == [text]


def test_a_short_foreign_code_is_not_taken_for_a_bare_barcode() -> None:
    paper = declaration(0)
    (document,) = read_document(
        draw(replace(paper, footer=replace(paper.footer, payloads=("SIPARIS-2026-0042",)))), "b.pdf"
    )
    assert document.qr is None


def test_a_foreign_code_beside_the_right_one() -> None:
    paper = declaration(0)
    foreign = payload(Qr.FOREIGN_ADDRESS, "", "")
    both = replace(paper.footer, payloads=(foreign, *paper.footer.payloads))
    (document,) = read_document(draw(replace(paper, footer=both)), "b.pdf")
    assert document.qr is not None
    assert len(document.qrs) == 1
    assert len(document.codes) == 2


@pytest.mark.parametrize("where", list(Where))
def test_the_code_is_found_on_any_page(where: Where) -> None:
    paper = statement(1, years=8)
    (document,) = read_document(draw(replace(paper, footer=replace(paper.footer, where=where))), "h.pdf")
    assert document.pages > 1
    assert len(document.qrs) == 1


def test_a_barcode_that_differs_from_the_code_is_kept_as_printed() -> None:
    paper = declaration(0)
    other = replace(paper.footer, barcode="hd00000000000000ffff")
    (document,) = read_document(draw(replace(paper, footer=other)), "b.pdf")
    assert document.qr is not None
    assert [field.raw for field in document.barcodes] == ["hd00000000000000ffff"]
    assert document.qr.barcode == paper.footer.barcode


def test_without_ocr_a_scan_is_read_by_its_code_alone() -> None:
    paper = statement(0)
    for data in (
        scans.image_only(draw(paper)),
        scans.as_image(draw(paper)),
        scans.as_image(draw(paper), "PNG"),
    ):
        (document,) = read_document(data, "tarama", ocr=False)
        assert (document.text, document.scan, document.kind) == (TextSource.NONE, True, Kind.UNKNOWN)
        assert document.qr is not None
        assert document.qr.barcode == paper.footer.barcode


@needs_ocr
@pytest.mark.parametrize("kind", ["PDF", "JPEG"])
def test_the_text_of_a_scan_is_recognised_and_placed_on_the_page(kind: str) -> None:
    born = draw(statement(0), seed=3)
    (sound,) = read_document(born, "b.pdf")
    data = scans.image_only(born, 200) if kind == "PDF" else scans.as_image(born, kind, page=0, dpi=200)
    (document,) = read_document(data, "tarama")
    assert (document.kind, document.text, document.scan) == (Kind.SERVICE_STATEMENT, TextSource.OCR, True)
    found, printed = document.fields["national_id"], sound.fields["national_id"]
    assert (found.value, found.method) == (printed.value, "ocr")
    scale = 200 / 72 if kind == "JPEG" else 1.0
    for edge, true in zip(found.box.as_list(), printed.box.as_list(), strict=True):
        assert edge / scale == pytest.approx(true, abs=4)


@needs_ocr
def test_two_papers_in_one_tiff() -> None:
    papers = (statement(0), statement(1))
    found = read_document(bundles.tiff([draw(paper, seed=3) for paper in papers], dpi=200), "tarama.tif")
    assert [document.kind for document in found] == [Kind.SERVICE_STATEMENT] * 2
    assert [number for document in found for number in document.page_numbers] == list(
        range(1, found[0].pages + 1)
    )
    people = [document.qr and document.qr.national_id for document in found]
    assert people == [paper.person.national_id for paper in papers]


def test_two_papers_in_one_tiff_without_ocr_are_told_by_their_codes() -> None:
    papers = (declaration(0), declaration(2))
    found = read_document(bundles.tiff(draw(paper) for paper in papers), "tarama.tif", ocr=False)
    assert [document.page_numbers for document in found] == [(1,), (2,)]
    assert len({document.qr and document.qr.barcode for document in found}) == 2


@needs_ocr
def test_a_picture_on_which_nothing_is_legible_was_looked_at() -> None:
    file = io.BytesIO()
    Image.new("L", (600, 800), 255).save(file, format="PNG")
    (document,) = read_document(file.getvalue(), "bos.png")
    assert (document.text, document.readers) == (TextSource.NONE, ("tesseract",))
    (unread,) = read_document(file.getvalue(), "bos.png", ocr=False)
    assert (unread.text, unread.readers) == (TextSource.NONE, ())


def test_pages_for_which_there_is_no_time_are_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanned, "MAX_PAGES", 0)
    (document,) = read_document(scans.as_image(draw(declaration(0))), "tarama")
    assert document.doubts == (("pages not read: 1",) if ocr.available() else ())


def test_a_scan_with_a_text_layer_is_a_scan() -> None:
    (document,) = read_document(scans.searchable(draw(declaration(0))), "tarama.pdf")
    assert (document.kind, document.text, document.scan) == (
        Kind.ENTRY_DECLARATION,
        TextSource.EMBEDDED,
        True,
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7 and nothing more", FaultCode.DOCUMENT_UNREADABLE),
        (b"\xff\xd8\xff\xe0 not a picture", FaultCode.DOCUMENT_UNREADABLE),
        (b"", FaultCode.DOCUMENT_UNSUPPORTED),
        (b"just text", FaultCode.DOCUMENT_UNSUPPORTED),
    ],
)
def test_what_cannot_be_read_is_a_fault(data: bytes, code: FaultCode) -> None:
    (document,) = read_document(data, "x")
    assert [fault.code for fault in document.faults] == [code]
    assert document.kind is Kind.UNKNOWN


def test_the_second_opinion_confirms_a_sound_reading() -> None:
    data = draw(statement(0), seed=5)
    (first,) = read_document(data, "hizmet.pdf")
    second = second_opinion(data, first)
    assert second == replace(first, readers=("pdfium", "pdfplumber"))
    assert second_opinion(data, second) is second


def test_the_second_reader_is_asked_when_the_first_leaves_something_open() -> None:
    blank = replace(declaration(0), day=None)
    (document,) = read_document(with_reportlab.draw(blank, Style()), "b.pdf")
    assert document.readers == ("pdfium", "pdfplumber")


def test_only_pages_with_a_code_are_read_twice_for_a_barcode_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []

    def spied(data: bytes, numbers: Sequence[int]) -> tuple[PageText, ...]:
        asked.append(tuple(numbers))
        return second_reading(data, numbers)

    monkeypatch.setattr(extractors.document, "second_reading", spied)
    (document,) = read_document(draw(variants.STATEMENTS["barcode not printed"](1), 1), "x.pdf")
    assert document.pages == 2
    assert asked == [(2,)]
    assert (document.barcodes, document.readers) == ((), ("pdfium",))
    assert document.qr is not None
    assert "start_date" not in document.fields
