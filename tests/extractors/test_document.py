"""One document from bytes to facts: the kind gate, QR codes, barcodes, faults."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from extractors.document import read_document, second_opinion
from extractors.facts import FaultCode, Kind, Media, TextSource
from tests.extractors.test_layout import cast, declaration, statement
from tests.papers import builders, scans, with_fpdf, with_reportlab
from tests.papers.model import GazettePage, Notice, Paper, Qr, Where, payload
from tests.papers.style import Style, any_style


def draw(paper: Paper, seed: int = 0) -> bytes:
    return with_reportlab.draw(paper, any_style(seed))


def test_a_statement_is_read_whole() -> None:
    paper = statement(0)
    document = read_document(draw(paper), "hizmet.pdf")
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
            read_document(engine.draw(paper, any_style(seed)), "x.pdf").kind
            for paper in (exit_form, record, gazette)
        ]
        assert kinds == [Kind.EXIT_DECLARATION, Kind.SOCIAL_SECURITY_RECORD, Kind.TRADE_REGISTRY_GAZETTE]


@pytest.mark.parametrize("shape", [Qr.SPACED_SCHEME, Qr.SCHEME, Qr.CLOSED, Qr.PLAIN, Qr.WITH_ADDRESS])
def test_every_shape_of_payload_that_names_the_person(shape: Qr) -> None:
    paper = declaration(0)
    text = payload(shape, paper.footer.barcode, paper.person.national_id)
    document = read_document(draw(replace(paper, footer=replace(paper.footer, payloads=(text,)))), "b.pdf")
    assert document.qr is not None
    assert (document.qr.text, document.qr.national_id) == (text, paper.person.national_id)


@pytest.mark.parametrize("shape", [Qr.BARCODE_ONLY, Qr.ADDRESS])
def test_payloads_without_a_person(shape: Qr) -> None:
    paper = declaration(0)
    text = payload(shape, paper.footer.barcode, paper.person.national_id)
    document = read_document(draw(replace(paper, footer=replace(paper.footer, payloads=(text,)))), "b.pdf")
    assert document.qr is not None
    assert (document.qr.barcode, document.qr.national_id) == (paper.footer.barcode, None)


@pytest.mark.parametrize("shape", [Qr.FOREIGN_ADDRESS, Qr.FOREIGN_INVOICE])
def test_foreign_codes_are_listed_but_are_no_code_of_the_paper(shape: Qr) -> None:
    paper = declaration(0)
    text = payload(shape, paper.footer.barcode, paper.person.national_id)
    document = read_document(draw(replace(paper, footer=replace(paper.footer, payloads=(text,)))), "b.pdf")
    assert document.qr is None
    assert [code.text for code in document.codes] == [text]


def test_a_short_foreign_code_is_not_taken_for_a_bare_barcode() -> None:
    paper = declaration(0)
    document = read_document(
        draw(replace(paper, footer=replace(paper.footer, payloads=("SIPARIS-2026-0042",)))), "b.pdf"
    )
    assert document.qr is None


def test_a_foreign_code_beside_the_right_one() -> None:
    paper = declaration(0)
    foreign = payload(Qr.FOREIGN_ADDRESS, "", "")
    both = replace(paper.footer, payloads=(foreign, *paper.footer.payloads))
    document = read_document(draw(replace(paper, footer=both)), "b.pdf")
    assert document.qr is not None
    assert len(document.qrs) == 1
    assert len(document.codes) == 2


@pytest.mark.parametrize("where", list(Where))
def test_the_code_is_found_on_any_page(where: Where) -> None:
    paper = statement(1, years=8)
    document = read_document(draw(replace(paper, footer=replace(paper.footer, where=where))), "h.pdf")
    assert document.pages > 1
    assert len(document.qrs) == 1


def test_a_barcode_that_differs_from_the_code_is_kept_as_printed() -> None:
    paper = declaration(0)
    other = replace(paper.footer, barcode="hd00000000000000ffff")
    document = read_document(draw(replace(paper, footer=other)), "b.pdf")
    assert document.qr is not None
    assert [field.raw for field in document.barcodes] == ["hd00000000000000ffff"]
    assert document.qr.barcode == paper.footer.barcode


def test_a_scan_is_read_by_its_code_alone() -> None:
    paper = statement(0)
    for data in (
        scans.image_only(draw(paper)),
        scans.as_image(draw(paper)),
        scans.as_image(draw(paper), "PNG"),
    ):
        document = read_document(data, "tarama")
        assert (document.text, document.scan, document.kind) == (TextSource.NONE, True, Kind.UNKNOWN)
        assert document.qr is not None
        assert document.qr.barcode == paper.footer.barcode


def test_a_scan_with_a_text_layer_is_a_scan() -> None:
    document = read_document(scans.searchable(draw(declaration(0))), "tarama.pdf")
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
    document = read_document(data, "x")
    assert [fault.code for fault in document.faults] == [code]
    assert document.kind is Kind.UNKNOWN


def test_the_second_opinion_confirms_a_sound_reading() -> None:
    data = draw(statement(0), seed=5)
    first = read_document(data, "hizmet.pdf")
    second = second_opinion(data, first)
    assert second == replace(first, readers=("pdfium", "pdfplumber"))
    assert second_opinion(data, second) is second


def test_the_second_reader_is_asked_when_the_first_leaves_something_open() -> None:
    blank = replace(declaration(0), day=None)
    document = read_document(with_reportlab.draw(blank, Style()), "b.pdf")
    assert document.readers == ("pdfium", "pdfplumber")
    assert "start_date" not in document.fields
