"""Traces of editing in PDFs: sound papers have none, each way of forging leaves its own."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import traces
from extractors.document import read_document, second_opinion
from extractors.facts import Box, Document, Kind, Trace, TraceKind
from extractors.qr_decoders import Grey
from extractors.reader import PdfReader
from extractors.tesseract import why_not
from extractors.traces_file import EDITORS, file_traces
from extractors.traces_objects import hidden_text
from extractors.traces_shown import shown_traces
from extractors.traces_values import Value, decisive_values, leave_open, share
from tests.extractors.pdfs import Page, form, grey_image, pdf, text
from tests.papers import Engine, draw, forgeries
from tests.papers.style import Form, Style, any_style
from tests.papers.variants import ALL, TODAY, closed_job, declaration, open_job

START, START_SEEN = "09.11.2026", (None, "09.11.2026")
needs_ocr = pytest.mark.skipif(why_not() is not None, reason=f"no OCR: {why_not()}")


def read(data: bytes, *, ocr: bool = False) -> Document:
    (document,) = read_document(data, "b.pdf", ocr=ocr)
    return document


def kinds(document: Document) -> dict[TraceKind, Any]:
    """The kinds of a document's traces, each with the value on which it lies."""
    return {trace.kind: trace.facts.get("field") for trace in document.traces}


def start_of(document: Document) -> tuple[Any, str]:
    return document.fields["start_date"].value, document.fields["start_date"].raw


SOUND = (
    "open job",
    "closed job",
    "three pages",
    "second spelling",
    "declaration",
    "older edition",
    "zeros kept",
)


@pytest.mark.parametrize("engine", ["reportlab", "fpdf"])
@pytest.mark.parametrize("variant", SOUND)
def test_a_sound_paper_has_no_traces(engine: Engine, variant: str) -> None:
    for seed in (0, 7):
        document = read(draw(ALL[variant](seed), any_style(seed), engine), ocr=True)
        assert document.kind in {Kind.SERVICE_STATEMENT, Kind.ENTRY_DECLARATION}
        assert (document.traces, document.doubts, document.signature) == ((), (), None)


@pytest.mark.parametrize("trick", [forgeries.unpainted, forgeries.white])
@pytest.mark.parametrize("form_", Form)
def test_a_date_that_is_not_seen_has_no_value(trick: forgeries.Trick, form_: Form) -> None:
    document = read(forgeries.draw_forged(declaration(0), START, trick, Style(form=form_)))
    expected = {TraceKind.INVISIBLE_TEXT: "start_date", TraceKind.NO_INK: "start_date"}
    assert kinds(document) == expected
    assert start_of(document) == START_SEEN
    assert document.doubts == document.page_doubts == ("not what the page shows: start_date",)
    assert all(trace.page == 1 and trace.box is not None for trace in document.traces)
    assert all(share(document.fields["start_date"].box, t.box) for t in document.traces if t.box)


def test_a_date_that_is_clipped_away_has_no_value() -> None:
    document = read(forgeries.draw_forged(declaration(0), START, forgeries.clipped))
    assert kinds(document) == {TraceKind.NO_INK: "start_date"}
    assert start_of(document) == START_SEEN


def test_a_value_of_which_only_the_second_reader_has_words_must_have_ink() -> None:
    def draw_nothing(page: int, dpi: float, box: Box) -> Grey:
        return np.full((20, 60), 255, np.uint8)

    value = Value("start_date", 1, Box(10, 10, 60, 20), ())
    traces = list(shown_traces([value], draw_nothing, ocr=False))
    assert [(trace.kind, trace.facts) for trace in traces] == [(TraceKind.NO_INK, {"field": "start_date"})]


def test_a_date_under_a_box_with_the_picture_of_another_has_no_value() -> None:
    document = read(forgeries.draw_forged(declaration(0), START, forgeries.painted_over("02.10.2026")))
    assert kinds(document) == {TraceKind.COVERED_TEXT: "start_date"}
    assert start_of(document) == START_SEEN


def test_a_date_written_over_another_leaves_no_date() -> None:
    document = read(forgeries.draw_forged(declaration(0), START, forgeries.corrected("02.11.2026")))
    assert TraceKind.COVERED_TEXT in kinds(document)
    found = document.fields.get("start_date")
    assert found is None or found.value is None


def test_an_annotation_over_a_date_takes_its_value() -> None:
    document = read(forgeries.draw_forged(declaration(0), START, forgeries.annotated("02.11.2026")))
    assert kinds(document) == {TraceKind.ANNOTATION: "start_date"}
    assert start_of(document) == START_SEEN


@needs_ocr
@pytest.mark.parametrize("shown", ["03.11.2026", "09.10.2026"])
def test_a_font_that_shows_other_digits_than_it_says_is_found(shown: str) -> None:
    glyphs = {said: seen for said, seen in zip(START, shown, strict=True) if said != seen}
    shown = "".join(glyphs.get(letter, letter) for letter in START)
    forged = forgeries.draw_forged(declaration(0), START, forgeries.misread(shown))
    document = read(forged, ocr=True)
    assert kinds(document) == {TraceKind.SHOWS_OTHERWISE: "start_date"}
    assert start_of(document) == START_SEEN
    assert shown not in str(document.traces)
    assert kinds(read(forged, ocr=False)) == {}


def test_without_ocr_on_the_machine_ink_is_asked_for_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "why_not", lambda: "engine")
    assert (
        kinds(read(forgeries.draw_forged(declaration(0), START, forgeries.misread("03.11.2026")), ocr=True))
        == {}
    )
    assert TraceKind.NO_INK in kinds(
        read(forgeries.draw_forged(declaration(0), START, forgeries.clipped), ocr=True)
    )


@needs_ocr
def test_an_exit_date_that_a_font_shows_otherwise_makes_its_row_doubtful() -> None:
    forged = forgeries.draw_forged(closed_job(0), "30.06.2026", forgeries.misread("50.06.2026"))
    document = read(forged, ocr=True)
    assert kinds(document) == {TraceKind.SHOWS_OTHERWISE: "records"}
    assert [bool(record.doubts) for record in document.records].count(True) == 1
    assert document.records[-1].doubts == ("not what the page shows: records",)


def test_an_exit_date_that_is_a_picture_makes_its_row_doubtful() -> None:
    """A human sees that the employment ended, the text layer says that it runs (A-10)."""
    forged = forgeries.draw_forged(closed_job(0), "30.06.2026", forgeries.pictured("30.06.2026"))
    document = read(forged)
    assert document.records[-1].exit_date is None
    assert kinds(document) == {TraceKind.UNREAD_INK: "records"}
    assert document.records[-1].doubts


def test_an_exit_date_in_white_makes_its_row_doubtful() -> None:
    document = read(forgeries.draw_forged(closed_job(0), "30.06.2026", forgeries.white))
    assert kinds(document)[TraceKind.INVISIBLE_TEXT] == "records"
    assert document.records[-1].doubts


def test_the_second_reader_does_not_bring_a_value_back_that_the_page_does_not_show() -> None:
    forged = forgeries.draw_forged(declaration(0), START, forgeries.white)
    document = second_opinion(forged, read(forged))
    assert "pdfplumber" in document.readers
    assert document.fields["start_date"].value is None
    assert "not what the page shows: start_date" in document.doubts


def test_an_update_is_told_with_the_objects_that_it_revises() -> None:
    document = read(forgeries.updated(draw(declaration(0))))
    assert document.traces == (Trace(TraceKind.UPDATED, facts={"count": 1, "revised": 1}),)
    assert document.fields["start_date"].value == "2026-11-09"


def test_a_linearized_file_is_no_update() -> None:
    data = draw(declaration(0))
    again = forgeries.updated(data)
    comment = re.search(rb"% ReportLab[^\n]*|%[^\n]*ReportLab[^\n]*", again)
    assert comment is not None
    for length, expected in ((len(again), {}), (len(data), {TraceKind.UPDATED: None})):
        said = f"% /Linearized 1 /L {length}".encode().ljust(len(comment.group()))
        assert kinds(read(again.replace(comment.group(), said))) == expected


@pytest.mark.parametrize(("family", "program"), [(f, p) for f, ps in EDITORS.items() for p in ps[:1]])
def test_a_program_that_edits_is_told_by_family(family: str, program: str) -> None:
    data = produced(program.title())
    assert read(data).traces == (Trace(TraceKind.PRODUCER, facts={"family": family, "program": program}),)


@pytest.mark.parametrize(
    "producer",
    ["JasperReports Library 6.20", "iText 2.1.7 by 1T3XT", "OpenPDF 1.3", "Telerik", "", "26548791"],
)
def test_the_services_own_and_unknown_programs_are_no_trace(producer: str) -> None:
    assert read(produced(producer)).traces == ()


def test_the_sign_of_a_trademark_does_not_hide_a_program() -> None:
    (trace,) = read(produced("Microsoft® Word 2019")).traces
    assert trace.facts == {"family": "office_suite", "program": "microsoft word"}


def produced(producer: str) -> bytes:
    data = draw(declaration(0))
    own = rb"(ReportLab PDF Library - \(opensource\))"
    assert own in data
    return data.replace(own, f"({producer})".encode("latin-1").ljust(len(own)))


def test_a_change_after_the_creation_is_told() -> None:
    data = draw(declaration(0))
    told = re.search(rb"/ModDate \(D:2000(.*?)\)", data)
    assert told is not None
    later = data.replace(told.group(), told.group().replace(b"D:20000101000000", b"D:20000101000500"))
    (trace,) = read(later).traces
    assert (trace.kind, trace.facts["minutes"]) == (TraceKind.MODIFIED_LATER, 5)
    soon = data.replace(told.group(), told.group().replace(b"D:20000101000000", b"D:20000101000130"))
    assert read(soon).traces == ()


def test_a_statement_that_is_older_than_its_file_is_told() -> None:
    paper = open_job(0)
    data = draw(paper, engine="fpdf")
    stamp = re.search(rb"D:20261120", data)
    assert stamp is not None
    document = read(data.replace(stamp.group(), b"D:20261123"))
    (trace,) = document.traces
    assert trace.kind is TraceKind.CREATED_LATER
    assert trace.facts == {"created": "2026-11-23", "printed": "2026-11-20"}
    assert trace.box == document.fields["issued_on"].box
    assert read(data.replace(stamp.group(), b"D:20261121")).traces == ()


def test_a_declaration_may_be_fetched_long_after_it_was_sent() -> None:
    sent = declaration(0, generated_at=declaration(0).generated_at - timedelta(days=200), day=TODAY)
    assert read(draw(sent, engine="fpdf")).traces == ()


XMP = "<x:xmpmeta><rdf:Description xmp:CreateDate='{}'/></x:xmpmeta>"


@pytest.mark.parametrize(
    ("said", "differs"),
    [("2026-11-20T12:00:40Z", False), ("2026-11-18T12:00:00Z", True), ("kein Tag", False)],
)
def test_dates_of_xmp_are_compared(said: str, differs: bool) -> None:
    packet = XMP.format(said).encode()
    extra = {
        "Metadata": b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%s\nendstream" % (len(packet), packet)
    }
    data = with_catalog(extra, info=b"<</CreationDate(D:20261120120000Z)>>")
    assert [trace.kind for trace in of_file(data)] == [TraceKind.DATES_DIFFER] * differs


@pytest.mark.parametrize(
    ("properties", "off"),
    [
        (b"<</OCGs[9 0 R]/D<</OFF[9 0 R]>>>>", 1),
        (b"<</OCGs[9 0 R 10 0 R]/D<</BaseState/OFF/ON[9 0 R]>>>>", 1),
        (b"<</OCGs[9 0 R]/D<</ON[9 0 R]>>>>", 0),
        (b"<</OCGs 7/D 8>>", 0),
    ],
)
def test_layers_that_are_off_are_told(properties: bytes, off: int) -> None:
    told = of_file(with_catalog({"OCProperties": properties}))
    assert [(t.kind, t.facts) for t in told] == [(TraceKind.LAYER_OFF, {"count": off})] * (off > 0)


def with_catalog(entries: dict[str, bytes], info: bytes = b"<<>>") -> bytes:
    """A PDF of one empty page whose catalog has more entries, each an object of its own."""
    bodies = [
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        info,
        *entries.values(),
    ]
    more = b"".join(f"/{name} {number} 0 R".encode() for number, name in enumerate(entries, start=5))
    objects = [b"<</Type/Catalog/Pages 2 0 R" + more + b">>", *bodies]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    size = len(objects) + 1
    end = f"trailer\n<</Size {size}/Root 1 0 R/Info 4 0 R>>\nstartxref\n{len(out)}\n%%EOF".encode()
    return bytes(out) + f"xref\n0 {size}\n0000000000 65535 f \n".encode() + table + end


def of_file(data: bytes) -> list[Trace]:
    with PdfReader(data) as reader:
        return list(file_traces(data, reader, None))


WORD = text(50, 100, "Word", 20)
BOX = "0 0 200 200 re f\n"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (WORD, None),
        (text(50, 100, "Word", 20, "3 Tr"), TraceKind.INVISIBLE_TEXT),
        (text(50, 100, "Word", 20, "7 Tr"), TraceKind.INVISIBLE_TEXT),
        ("1 g " + WORD, TraceKind.INVISIBLE_TEXT),
        ("0.97 0.98 1 rg " + WORD, TraceKind.INVISIBLE_TEXT),
        ("0.3 g " + BOX + "1 g " + WORD, None),
        ("0.3 g " + BOX + "0.31 g " + WORD, TraceKind.INVISIBLE_TEXT),
        ("0.3 g " + WORD + "1 g " + BOX, TraceKind.COVERED_TEXT),
        ("1 g " + BOX + "0 g " + WORD, None),
        (WORD + "1 g 300 0 50 200 re f\n", None),
        (WORD + "1 g 0 0 200 103 re f\n", None),
        (WORD + "0 0 200 200 re S\n", None),
        (text(50, 100, "Word", 0.5), TraceKind.INVISIBLE_TEXT),
        (text(500, 100, "Word", 20), TraceKind.INVISIBLE_TEXT),
        (WORD + "q 200 0 0 200 0 0 cm /I Do Q", TraceKind.COVERED_TEXT),
        ("q 200 0 0 200 0 0 cm /I Do Q " + WORD, None),
        (WORD + "q 1 0 0 1 0 0 cm /Cover Do Q", TraceKind.COVERED_TEXT),
        (WORD + "q 1 0 0 1 300 0 cm /Cover Do Q", None),
        ("/White Do ", TraceKind.INVISIBLE_TEXT),
    ],
)
def test_what_is_drawn_decides_whether_a_word_is_seen(content: str, kind: TraceKind | None) -> None:
    forms = {
        "I": grey_image(),
        "Cover": form("1 g " + BOX, "null"),
        "White": form("1 g 10 100 m BT /F 20 Tf 50 100 Td (Word) Tj ET", "null").replace(
            b"/Resources<<", b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>", 1
        ),
    }
    found = hidden(pdf(Page(content, xobjects=forms)))
    assert {kind for kind, _ in found} == ({kind} if kind else set())


def hidden(data: bytes) -> list[tuple[TraceKind, Box]]:
    with PdfReader(data) as reader:
        page, frame = reader.page_handle(1)
        draw = partial(reader.render, 1, 100)
        return list(hidden_text(reader.handle, page, frame, reader.page_text(1), draw))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_hidden_text_is_placed_on_the_page_as_it_is_shown(turn: int) -> None:
    data = pdf(Page(text(50, 100, "Word", 20, "3 Tr"), crop=(20, 30, 380, 280), rotate=turn))
    ((_, box),) = hidden(data)
    with PdfReader(data) as reader:
        (word,) = reader.page_text(1).words
    assert share(box, word.box)


def test_the_invisible_words_of_a_scan_are_no_trace() -> None:
    """OCR programs put their words invisibly over the picture: such a paper is no original anyway."""
    words = "".join(text(40, 40 + 20 * n, f"satir {n}", 10, "3 Tr") for n in range(10))
    data = pdf(Page("q 400 0 0 300 0 0 cm /I Do Q " + words, xobjects={"I": grey_image()}))
    document = read(data)
    assert document.scan
    assert document.traces == ()


def test_other_papers_have_no_decisive_values() -> None:
    document = read(draw(ALL["gazette"](0)))
    assert document.kind is Kind.TRADE_REGISTRY_GAZETTE
    assert decisive_values(document, ()) == ()


def test_hidden_text_beside_the_values_is_told_and_takes_nothing() -> None:
    sound = read(draw(declaration(0)))
    trace = Trace(TraceKind.INVISIBLE_TEXT, 1, Box(0, 0, 5, 5), {"count": 1})
    assert leave_open(replace(sound, traces=(trace,))) == replace(sound, traces=(trace,))


def test_every_decisive_value_of_a_statement_is_looked_at() -> None:
    document = read(draw(open_job(0)))
    with PdfReader(draw(open_job(0))) as reader:
        pages = [reader.page_text(number) for number in range(1, reader.pages + 1)]
    values = decisive_values(document, pages)
    names = [value.name for value in values]
    assert {"national_id", "given_name", "family_name", "issued_on", "barcode", "records"} <= set(names)
    assert all(value.words for value in values)
    newest = values[names.index("records", len(names) - 1 - names[::-1].index("records"))]
    assert {word.text for word in newest.words} >= {document.records[-1].workplace}


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_no_changed_byte_stops_the_search_for_traces(data: st.DataObject) -> None:
    sound = forgeries.updated(draw(declaration(0)))
    place = data.draw(st.integers(0, len(sound) - 1))
    changed = sound[:place] + bytes([data.draw(st.integers(0, 255))]) + sound[place + 1 :]
    for document in read_document(changed, "b.pdf", ocr=False):
        assert all(isinstance(trace, Trace) for trace in document.traces)


def test_words_in_the_colour_of_a_frame_around_them_are_seen() -> None:
    frame = "0 g 45 95 100 25 re 48 98 94 19 re f* "
    assert hidden(pdf(Page(frame + text(50, 100, "Word", 20)))) == []


def test_light_words_on_a_dark_ground_that_is_no_plain_box_are_seen() -> None:
    steps = " ".join(f"{40 + 7 * n} 90 l" for n in range(1, 20))
    ground = f"0 g 40 130 m 40 90 l {steps} 173 130 l f "
    assert hidden(pdf(Page(ground + "1 g " + text(50, 100, "Word", 20)))) == []
