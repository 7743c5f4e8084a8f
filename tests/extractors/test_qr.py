"""The QR ladder, its decoders, and the search over the pages of a document."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
import segno

from extractors.edevlet import parse_payload
from extractors.facts import Box
from extractors.images import Unreadable, load_image
from extractors.qr import (
    DEEP_PAGES,
    FAST_DPI,
    MAX_PIXELS,
    available_decoders,
    find_codes,
    find_codes_in_images,
    read_codes,
    read_step,
)
from extractors.qr_decoders import DECODERS, Grey, OpenCv, Zbar, Zxing, load, payload_text, undo_guess
from extractors.qr_steps import STEPS
from extractors.reader import PdfReader
from tests.extractors.pdfs import Page, pdf, text
from tests.shared import SHARED, needs_shared

PAYLOAD = "barkod:hd0123456789abcdef01;tckn:10000000146;"
FOREIGN = "https://ornek.com.tr/menu"
needs_zbar = pytest.mark.skipif("zbar" not in available_decoders(), reason="libzbar0 is not installed")


def drawn(content: str | bytes, module: int = 5, **options: Any) -> Grey:
    """A QR code with its quiet zone, `module` pixels a module."""
    code = segno.make(content, micro=False, **options)
    file = io.BytesIO()
    code.save(file, kind="png", scale=module, border=4)
    return load_image(file.getvalue())[0]


def on_sheet(*placed: tuple[Grey, int, int], size: tuple[int, int] = (600, 800)) -> Grey:
    """A white sheet (height, width) with images at (x, y)."""
    sheet = np.full(size, 255, dtype=np.uint8)
    for image, x, y in placed:
        sheet[y : y + image.shape[0], x : x + image.shape[1]] = image
    return sheet


def hard_to_read(content: str) -> Grey:
    """A code of 1.5 pixels a module, slightly out of focus: too little for the first step."""
    small = cv2.resize(drawn(content, module=6), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.7), dtype=np.uint8)


def read_texts(image: Grey) -> list[str]:
    return sorted(read.text for read in read_codes(image))


def test_the_first_step_reads_a_clean_code_and_says_where() -> None:
    code = drawn(PAYLOAD, module=4)
    (read,) = read_codes(on_sheet((code, 300, 100)))
    assert (read.text, read.decoder) == (PAYLOAD, "zxing")
    edge, side = 4 * 4, code.shape[0] - 2 * 4 * 4
    assert read.box.as_list() == pytest.approx(
        [300 + edge, 100 + edge, 300 + edge + side, 100 + edge + side], abs=4
    )


def test_every_code_of_an_image_is_read() -> None:
    sheet = on_sheet((drawn(PAYLOAD), 20, 20), (drawn(FOREIGN), 400, 300), (drawn(PAYLOAD), 20, 350))
    assert read_texts(sheet) == [PAYLOAD, PAYLOAD, FOREIGN]


@pytest.mark.parametrize(
    "change",
    [
        np.rot90,
        lambda image: image[:, ::-1],
        lambda image: 255 - image,
        lambda image: cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        lambda image: cv2.GaussianBlur(image, (0, 0), 2),
    ],
    ids=["turned", "mirrored", "inverted", "small", "blurred"],
)
def test_changed_images_are_read(change: Callable[[Grey], Grey]) -> None:
    assert read_texts(change(on_sheet((drawn(PAYLOAD), 100, 100)))) == [PAYLOAD]


def test_a_later_step_reads_what_the_first_cannot_and_is_named() -> None:
    code = hard_to_read(PAYLOAD)
    image = on_sheet((code, 100, 100))
    assert read_step(STEPS[0], image) == ()
    (read,) = read_codes(image)
    assert read.text == PAYLOAD
    assert read.decoder in {f"{name}+{step.suffix}" for step in STEPS for name in step.decoders}
    assert 100 <= read.box.x0 < read.box.x1 <= 100 + code.shape[1]
    assert 100 <= read.box.y0 < read.box.y1 <= 100 + code.shape[0]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.decoders[0]}+{step.suffix}")
def test_every_step_reads_a_plain_code_and_places_it(step: Any) -> None:
    if not any(load(name) for name in step.decoders):
        pytest.skip("the decoder of this step is not installed")
    code = drawn(PAYLOAD, module=6)
    reads = read_step(step, on_sheet((code, 200, 100), size=(900, 1200)))
    assert {read.text for read in reads} == {PAYLOAD}
    inner = Box(224, 124, 200 + code.shape[1] - 24, 100 + code.shape[0] - 24)
    assert reads[0].box.as_list() == pytest.approx(inner.as_list(), abs=14)


def test_a_huge_image_is_shrunk_and_boxes_stay_in_its_pixels() -> None:
    code = drawn(PAYLOAD, module=20)
    sheet = on_sheet((code, 4000, 3000), size=(5000, 7000))
    assert sheet.size > MAX_PIXELS
    (read,) = read_codes(sheet)
    assert 4000 < read.box.x0 < read.box.x1 < 4000 + code.shape[1]


@pytest.mark.parametrize("shape", [(0, 0), (0, 10), (1, 1), (1, 300), (300, 1), (40, 40)])
def test_images_without_a_code_yield_nothing(shape: tuple[int, int]) -> None:
    assert read_codes(np.full(shape, 255, dtype=np.uint8)) == ()


def test_noise_yields_nothing() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 300), dtype=np.uint8)
    assert read_codes(noise) == ()


TURKISH = "ad:AYŞE ÖĞÜNÇ ıİ"


@pytest.mark.parametrize("decoder", [Zxing, pytest.param(Zbar, marks=needs_zbar), OpenCv])
@pytest.mark.parametrize(
    "content",
    [
        "ad:AYŞE",
        TURKISH,
        "Iğdır",
        "Türk şoförü",
        PAYLOAD,
        "00123",
    ],
)
def test_turkish_text_in_utf_8_is_read_right(decoder: type[Any], content: str) -> None:
    image = on_sheet((drawn(content, encoding="utf-8", eci=False), 100, 100))
    assert [sighting.text for sighting in decoder().read(image)] == [content]


@pytest.mark.parametrize("decoder", [Zxing, pytest.param(Zbar, marks=needs_zbar)])
@pytest.mark.parametrize("content", ["ad:AYŞE", TURKISH, "Iğdır"])
def test_turkish_text_in_windows_1254_is_read_right(decoder: type[Any], content: str) -> None:
    image = on_sheet((drawn(content.encode("cp1254")), 100, 100))
    assert [sighting.text for sighting in decoder().read(image)] == [content]


def test_a_declared_character_set_is_obeyed() -> None:
    image = on_sheet((drawn(TURKISH, encoding="iso-8859-9", eci=True), 100, 100))
    assert read_texts(image) == [TURKISH]


def test_opencv_loses_a_declared_character_set_without_an_error() -> None:
    image = on_sheet((drawn(TURKISH, encoding="iso-8859-9", eci=True), 100, 100))
    assert all(sighting.text for sighting in OpenCv().read(image))


@needs_zbar
def test_zbar_loses_a_series_of_codes_without_an_error() -> None:
    series = segno.make_sequence("part one and part two", symbol_count=2)
    file = io.BytesIO()
    series[0].save(file, kind="png", scale=5, border=4)
    image = on_sheet((load_image(file.getvalue())[0], 50, 50))
    assert Zbar().read(image) == []
    assert len(read_codes(image)) == 1


def test_bytes_that_are_no_text_keep_the_decoders_guess() -> None:
    assert payload_text("日本".encode("shift_jis"), "日本") == "日本"
    assert payload_text(b"a\0b", "a<NUL>b") == "a\0b"
    assert undo_guess("日本") == "日本"
    assert undo_guess("çöü") == "çöü"


def test_a_missing_library_takes_its_rungs_away_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyzbar.pyzbar", None)  # what an absent libzbar0 amounts to: ImportError
    load.cache_clear()
    try:
        assert available_decoders() == ("zxing", "opencv")
        assert read_texts(on_sheet((drawn(PAYLOAD), 100, 100))) == [PAYLOAD]
        zbar_only = next(step for step in STEPS if step.decoders == ("zbar",))
        assert read_step(zbar_only, on_sheet((drawn(PAYLOAD), 100, 100))) == ()
    finally:
        load.cache_clear()


def test_every_step_names_known_decoders() -> None:
    assert {name for step in STEPS for name in step.decoders} == set(DECODERS)
    assert len({(step.decoders, step.suffix) for step in STEPS}) == len(STEPS)


def test_opencv_keeps_to_one_thread() -> None:
    assert cv2.getNumThreads() == 1


# --- documents -------------------------------------------------------------------------------------------


def vector(content: str, x: float, y: float, module: float = 1.5) -> str:
    """Draw a code as rectangles, its top left corner at (x, y) in PDF points."""
    matrix = segno.make(content, micro=False).matrix
    return "".join(
        f"{x + column * module} {y - (row + 1) * module} {module} {module} re f\n"
        for row, line in enumerate(matrix)
        for column, dark in enumerate(line)
        if dark
    )


def page_text(number: int) -> str:
    return "".join(
        text(40, 780 - 14 * line, f"row {line} of page {number} 7411.02 1000000") for line in range(40)
    )


def sheet(content: str) -> Page:
    return Page(content, media=(0, 0, 595, 842))


def codes_of(*pages: str) -> list[tuple[str, int]]:
    with PdfReader(pdf(*map(sheet, pages))) as reader:
        return [(code.text, code.page) for code in find_codes(reader)]


def test_the_code_of_the_last_page_comes_first_with_its_place_in_points() -> None:
    pages = [page_text(1) + vector(FOREIGN, 300, 200), page_text(2), page_text(3) + vector(PAYLOAD, 450, 120)]
    with PdfReader(pdf(*map(sheet, pages))) as reader:
        last, first = find_codes(reader)
    assert (last.text, last.page, last.decoder) == (PAYLOAD, 3, "zxing")
    assert (first.text, first.page) == (FOREIGN, 1)
    side = 1.5 * len(segno.make(PAYLOAD, micro=False).matrix)
    assert last.box.as_list() == pytest.approx([450, 842 - 120, 450 + side, 842 - 120 + side], abs=3)


def test_the_same_code_on_every_page_is_reported_for_every_page() -> None:
    assert codes_of(*[vector(PAYLOAD, 450, 120)] * 3) == [(PAYLOAD, 3), (PAYLOAD, 2), (PAYLOAD, 1)]


def test_a_code_too_small_for_the_fast_look_is_found_though_a_foreign_one_is_seen() -> None:
    pages = page_text(1) + vector(PAYLOAD, 500, 60, module=0.7) + vector(FOREIGN, 300, 200)
    assert sorted(codes_of(pages)) == [(PAYLOAD, 1), (FOREIGN, 1)]


class CountedPages:
    """The pages of a document without any code, counting how they are looked at."""

    def __init__(self, pages: int, image_share: float) -> None:
        self.pages = pages
        self.share = image_share
        self.looks: list[tuple[int, int]] = []

    def page_size(self, number: int) -> tuple[float, float]:
        return 595.0, 842.0

    def image_share(self, number: int) -> float:
        return self.share

    def render(self, number: int, dpi: int) -> Grey:
        self.looks.append((number, dpi))
        return np.full((117, 83), 255, dtype=np.uint8)


def test_pages_without_images_never_go_up_the_ladder() -> None:
    drawn_pages, scanned = CountedPages(30, 0.0), CountedPages(30, 0.9)
    assert find_codes(drawn_pages) == find_codes(scanned) == ()
    assert [number for number, dpi in drawn_pages.looks if dpi == FAST_DPI] == list(range(30, 0, -1))
    assert len(drawn_pages.looks) == 30 + 2 * DEEP_PAGES
    assert len(scanned.looks) == 30 + 3 * DEEP_PAGES


def test_codes_of_image_pages_have_boxes_in_pixels() -> None:
    first = on_sheet((drawn(FOREIGN), 50, 50))
    second = on_sheet((drawn(PAYLOAD), 350, 300))
    last, other = find_codes_in_images([first, second])
    assert (last.text, last.page, other.text, other.page) == (PAYLOAD, 2, FOREIGN, 1)
    assert 350 < last.box.x0 < last.box.x1 < 350 + drawn(PAYLOAD).shape[1]


def test_the_ladder_goes_on_past_a_foreign_code() -> None:
    image = on_sheet((drawn(FOREIGN), 50, 50), (hard_to_read(PAYLOAD), 500, 400))
    assert read_texts(image) == [FOREIGN]
    assert {code.text for code in find_codes_in_images([image])} == {FOREIGN, PAYLOAD}


# --- real photographs ------------------------------------------------------------------------------------


def photographs() -> Iterator[tuple[str, list[str], int, Grey]]:
    with (SHARED / "qr" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            data = (SHARED / "qr" / row["image"]).read_bytes()
            yield row["image"], json.loads(row["expected"]), int(row["n_codes"]), load_image(data)[0]


@needs_shared
@pytest.mark.shared
@pytest.mark.slow
def test_real_photographs_are_read_and_nothing_is_invented() -> None:
    right = total = 0
    for name, expected, codes, image in photographs():
        found = {read.text.replace("\r\n", "\n") for read in read_codes(image)}
        total += bool(expected)
        right += bool(found & set(expected))
        assert found <= set(expected) or codes > len(expected), name
        assert expected or not any(map(parse_payload, found)), name
    assert total == 209
    assert right / total >= 0.962 - 0.001


@needs_shared
@pytest.mark.shared
def test_unreadable_images_of_the_corpus_are_faults() -> None:
    refused = 0
    for path in sorted((SHARED / "corpora" / "images" / "pillow").iterdir()):
        try:
            find_codes_in_images(load_image(path.read_bytes()))
        except Unreadable:
            refused += 1
    assert refused > 20
