"""Traces of editing in PDFs: sound papers have none, each way of forging leaves its own."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import read_document, second_opinion
from extractors.facts import Box, Kind, Trace, TraceKind
from extractors.qr_decoders import Grey
from extractors.reader import PdfReader
from extractors.traces_objects import hidden_text
from extractors.traces_shown import shown_traces
from extractors.traces_values import Value, decisive_values, leave_open, share
from tests.extractors.pdfs import Page, form, grey_image, pdf, text
from tests.extractors.traced import START, START_SEEN, kinds, read, start_of
from tests.papers import Engine, draw, forgeries
from tests.papers.style import Form, Style, any_style
from tests.papers.variants import ALL, closed_job, declaration, open_job

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
        draw = partial(reader.render, 1, 100)
        return list(hidden_text(reader, reader.page_text(1), draw))


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
