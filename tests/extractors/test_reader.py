"""The two text readers of a PDF: words, boxes, images, and what cannot be read."""

import gc
import io
import pickle
import random
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from reportlab.lib import pdfencrypt
from reportlab.pdfgen import canvas

from extractors.facts import FaultCode
from extractors.reader import MAX_PAGES, MAX_RENDER_PIXELS, PdfReader, Unreadable, second_reading
from extractors.words import PageText, Word
from tests.extractors.pdfs import UNMAPPED, Page, form, grey_image, pdf, text, unicode_font


def read(data: bytes, number: int = 1) -> PageText:
    with PdfReader(data) as reader:
        return reader.page_text(number)


def texts(content: str, fonts: Mapping[str, str] | None = None) -> list[str]:
    return [word.text for word in read(pdf(Page(content, fonts=fonts or {}))).words]


def test_words_part_at_spaces() -> None:
    assert texts(text(50, 200, "SERVICE  STATEMENT 2026")) == ["SERVICE", "STATEMENT", "2026"]


def test_a_gap_without_a_space_parts_words() -> None:
    assert texts("BT /F 10 Tf 50 200 Td [(one)-250(two)-3000(three)] TJ ET") == ["one", "two", "three"]


def test_tracking_does_not_part_words() -> None:
    assert texts(text(50, 200, "tracked", before=".8 Tc")) == ["tracked"]


def test_kerning_does_not_part_words() -> None:
    assert texts("BT /F 10 Tf 50 200 Td [(AW)80(AY)-60(AV)120(A)] TJ ET") == ["AWAYAVA"]


def test_a_letter_spaced_heading_stays_whole() -> None:
    assert texts(text(50, 200, "SOSYAL KURUM", before="4 Tc")) == ["SOSYAL", "KURUM"]


def test_digits_in_boxes_stay_apart() -> None:
    boxes = "".join(text(50 + 12 * i, 200, digit) for i, digit in enumerate("10000000146"))
    assert texts(boxes) == list("10000000146")


def test_cells_of_a_row_stay_apart() -> None:
    cells = text(50, 200, "1") + text(58, 200, "30") + text(75, 200, "33,030.00") + text(122, 200, "2701")
    assert texts(cells) == ["1", "30", "33,030.00", "2701"]


@pytest.mark.parametrize("seed", range(5))
def test_glyphs_drawn_in_any_order_make_the_same_words(seed: int) -> None:
    widths = {"A": 6.67, "B": 6.67, "1": 5.56, "0": 5.56, " ": 2.78}
    glyphs, x = [], 50.0
    for character in "AB 100":
        glyphs.append(text(x, 200, character))
        x += widths[character]
    random.Random(seed).shuffle(glyphs)
    assert texts("".join(glyphs)) == ["AB", "100"]


def test_lines_come_from_top_to_bottom_whatever_the_drawing_order() -> None:
    assert texts(text(50, 100, "last") + text(120, 200, "second") + text(50, 200, "first")) == [
        "first",
        "second",
        "last",
    ]


def test_bold_type_drawn_twice_is_read_once() -> None:
    by_word = text(50, 200, "ILLI") + text(50.3, 200, "ILLI")
    by_letter = "".join(text(50 + 3 * i + shift, 100, "I") for i in range(2) for shift in (0, 0.3))
    assert texts(by_word + by_letter) == ["ILLI", "II"]
    (second,) = second_reading(pdf(Page(by_word + by_letter)))
    assert [word.text for word in second.words] == ["ILLI", "II"]


def test_double_letters_stay_double() -> None:
    assert texts("".join(text(50 + 2.22 * i, 200, "l") for i in range(3)) + text(100, 200, "illi")) == [
        "lll",
        "illi",
    ]


def test_invisible_text_is_text() -> None:
    assert texts(text(50, 200, "HIDDEN", before="3 Tr")) == ["HIDDEN"]


def test_a_superscript_is_a_word_of_its_own() -> None:
    assert texts(text(50, 200, "m") + text(58.4, 205, "2", size=6)) == ["2", "m"]


def test_a_text_layer_of_windows_1254_read_as_latin_1_is_repaired() -> None:
    assert texts(text(50, 200, "S\u00ddGORTALI \u00dd\u00deE G\u00ddR\u00dd\u00de")) == [
        "SİGORTALI",
        "İŞE",
        "GİRİŞ",
    ]


def test_a_ligature_is_its_letters() -> None:
    font = unicode_font({0x41: "ff", 0x42: "fi"})
    content = "BT /U 10 Tf 50 200 Td (A) Tj ET " + "BT /U 10 Tf 90 200 Td (B) Tj ET"
    assert texts(content, fonts={"U": font}) == ["ff", "fi"]


def test_a_letter_and_its_combining_mark_are_one_letter() -> None:
    assert texts("BT /U 10 Tf 50 200 Td (A) Tj ET", fonts={"U": unicode_font({0x41: "s\u0327"})}) == ["ş"]


def test_a_character_outside_the_basic_plane_is_one_character() -> None:
    assert texts("BT /U 10 Tf 50 200 Td (AA) Tj ET", fonts={"U": unicode_font({0x41: "\U0001d400"})}) == [
        "\U0001d400\U0001d400"
    ]


def test_a_glyph_without_meaning_is_seen_to_be_missing() -> None:
    content = text(50, 200, "12") + "BT /G 10 Tf 61.2 200 Td <01> Tj ET " + text(67.2, 200, "34")
    assert texts(content, fonts={"G": UNMAPPED}) == ["12\ufffd34"]


def test_oblique_text_is_left_out_and_turned_text_kept() -> None:
    turned = "BT /F 10 Tf 0 1 -1 0 200 100 Tm (UPWARDS) Tj ET "
    oblique = "BT /F 30 Tf .707 .707 -.707 .707 100 50 Tm (DRAFT) Tj ET "
    assert texts(oblique + turned + text(50, 250, "level")) == ["level", "UPWARDS"]


def test_words_of_one_line_overlap_whatever_letters_they_have() -> None:
    flat, tall = read(pdf(Page(text(50, 200, "xxx TgJ")))).words
    assert (flat.y0, flat.y1) == (tall.y0, tall.y1)
    assert flat.height == pytest.approx(10, abs=0.1)
    assert flat.y0 < 300 - 200 < flat.y1


def test_type_3_fonts_have_boxes_of_their_glyphs_size() -> None:
    (word,) = read(pdf(Page("BT /G 10 Tf 50 200 Td <0101> Tj ET", fonts={"G": UNMAPPED}))).words
    assert 6 <= word.height <= 11
    assert (word.x0, word.x1) == pytest.approx((50, 62), abs=1.5)


@pytest.mark.parametrize("crop", [None, (20, 40, 380, 290)])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90])
def test_boxes_are_where_the_ink_is_on_the_page_as_shown(
    rotate: int, crop: tuple[float, float, float, float] | None
) -> None:
    data = pdf(Page(text(60, 220, "HHHHH"), media=(10, 20, 410, 320), crop=crop, rotate=rotate))
    with PdfReader(data) as reader:
        page, image = reader.page_text(1), reader.render(1, 144)
        assert reader.page_size(1) == (page.width, page.height)
    assert image.shape == (round(page.height * 2), round(page.width * 2))
    rows, columns = np.nonzero(image < 128)
    for word in (page.words[0], second_reading(data)[0].words[0]):
        assert word.text == "HHHHH"
        assert word.x0 - 1 <= columns.min() / 2 <= columns.max() / 2 <= word.x1 + 1
        assert word.y0 - 1 <= rows.min() / 2 <= rows.max() / 2 <= word.y1 + 1
        assert (word.x1 - word.x0) * word.height < 1.6 * 36 * 10


@pytest.mark.parametrize(("rotate", "matrix"), [(90, "0 1 -1 0"), (180, "-1 0 0 -1"), (270, "0 -1 1 0")])
def test_both_readers_read_a_turned_page_as_shown(rotate: int, matrix: str) -> None:
    data = pdf(Page(f"BT /F 10 Tf {matrix} 200 150 Tm (SERVICE STATEMENT) Tj ET", rotate=rotate))
    for page in (read(data), second_reading(data)[0]):
        service, statement = page.words
        assert (service.text, statement.text) == ("SERVICE", "STATEMENT")
        assert service.x1 < statement.x0
        assert abs(service.middle - statement.middle) < 1


def test_both_readers_agree_on_words_and_size() -> None:
    data = pdf(
        Page(
            text(60, 220, "SERVICE STATEMENT") + text(60, 200, "10000000146 01.10.2026"),
            crop=(20, 40, 380, 290),
        )
    )
    first, (second,) = read(data), second_reading(data)
    assert [word.text for word in first.words] == [word.text for word in second.words]
    assert (first.width, first.height) == (second.width, second.height) == (360, 250)
    assert all(_near(a, b) for a, b in zip(first.words, second.words, strict=True))


def _near(a: Word, b: Word) -> bool:
    return max(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.y0 - b.y0), abs(a.y1 - b.y1)) < 1


def test_images_count_once_and_inside_forms() -> None:
    image = grey_image()
    half = "q 400 0 0 150 0 0 cm /A Do Q q 200 0 0 150 0 0 cm /A Do Q"
    inside = "q 1 0 0 1 0 0 cm /Form Do Q"
    draws = form("q 100 0 0 75 0 0 cm /Im Do Q", "4 0 R", matrix="2 0 0 2 0 0")
    assert read(pdf(Page(half, xobjects={"A": image}))).image_share == pytest.approx(0.5, abs=0.02)
    assert read(pdf(Page(inside, xobjects={"A": image, "Form": draws}))).image_share == pytest.approx(
        0.25, abs=0.02
    )
    assert read(pdf(Page(text(50, 200, "text")))).image_share == 0


def test_a_light_background_is_no_picture_of_a_page() -> None:
    whole = "q 400 0 0 300 0 0 cm /A Do Q"
    assert read(pdf(Page(whole, xobjects={"A": grey_image()}))).image_share == pytest.approx(1, abs=0.02)
    filigran = grey_image(b"\xf0\xe0\xff\xff" * 4)
    assert read(pdf(Page(whole, xobjects={"A": filigran}))).image_share == 0


def test_a_page_is_rendered_as_grey_pixels() -> None:
    with PdfReader(pdf(Page("0 0 200 150 re f"))) as reader:
        image = reader.render(1, 72)
    assert image.shape == (300, 400)
    assert image.dtype == np.uint8
    assert (image[290, 10], image[10, 390]) == (0, 255)


def test_a_large_page_is_rendered_coarser() -> None:
    with PdfReader(pdf(Page("", media=(0, 0, 4000, 2000)))) as reader:
        image = reader.render(1, 600)
    assert 0.98 * MAX_RENDER_PIXELS < image.size <= 1.01 * MAX_RENDER_PIXELS
    assert image.shape[1] == pytest.approx(2 * image.shape[0], rel=0.01)


def locked(user_password: str) -> bytes:
    drawing: Any = canvas  # reportlab carries no types
    locking: Any = pdfencrypt
    file = io.BytesIO()
    sheet = drawing.Canvas(file, encrypt=locking.StandardEncryption(user_password, ownerPassword="owner"))
    sheet.drawString(50, 200, "secret")
    sheet.save()
    return file.getvalue()


def test_an_empty_password_is_tried() -> None:
    assert [word.text for word in read(locked("")).words] == ["secret"]
    assert [word.text for word in second_reading(locked(""))[0].words] == ["secret"]


@pytest.mark.parametrize("reading", [PdfReader, second_reading])
def test_a_password_is_a_fault_of_its_own(reading: type[PdfReader]) -> None:
    with pytest.raises(Unreadable) as refusal:
        reading(locked("needed"))
    assert refusal.value.fault.code is FaultCode.DOCUMENT_ENCRYPTED


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"not a PDF at all", pdf()], ids=["empty", "head", "text", "pageless"]
)
def test_damage_is_a_fault_that_quotes_nothing(data: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        PdfReader(data)
    assert refusal.value.fault.code is FaultCode.DOCUMENT_UNREADABLE
    assert refusal.value.fault.facts == {"reason": "damaged"}


def test_a_file_cut_anywhere_is_read_or_refused() -> None:
    whole = pdf(Page(text(50, 200, "SERVICE STATEMENT")), Page(text(50, 200, "second")))
    for length in range(0, len(whole), 97):
        for reading in (read, second_reading):
            with suppress(Unreadable):
                reading(whole[:length])


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(Unreadable) as refusal:
        PdfReader(pdf(*[Page("")] * (MAX_PAGES + 1)))
    assert refusal.value.fault.facts == {"reason": "limit_pages"}


def test_a_page_larger_than_any_paper_is_refused() -> None:
    with PdfReader(pdf(Page("", media=(0, 0, 20_000, 100)))) as reader, pytest.raises(Unreadable) as refusal:
        reader.page_text(1)
    assert refusal.value.fault.facts == {"reason": "limit_page_size"}


def test_pages_count_from_one() -> None:
    with PdfReader(pdf(Page(text(50, 200, "only")))) as reader:
        assert reader.pages == 1
        for number in (0, 2):
            with pytest.raises(IndexError):
                reader.page_text(number)


def test_a_closed_reader_leaves_nothing_behind(capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        with PdfReader(pdf(Page(text(50, 200, "x")))) as reader:
            reader.page_text(1)
            reader.render(1, 36)
    del reader
    gc.collect()
    assert capfd.readouterr().err == ""


def test_a_refusal_travels_between_processes() -> None:
    with pytest.raises(Unreadable) as refusal:
        PdfReader(b"")
    copy = pickle.loads(pickle.dumps(refusal.value))  # noqa: S301 - our own bytes; the sandbox does the same
    assert copy.fault == refusal.value.fault
