"""The search for QR codes over the pages of a document: regions, embedded pictures, whole pages, budget."""

import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import qr
from extractors.facts import Box, Code
from extractors.qr import (
    DEEP_PAGES,
    FAST_DPI,
    PICTURE,
    REGION,
    disagreements,
    find_codes,
    find_codes_in_images,
    rungs,
)
from extractors.qr_decoders import Grey
from extractors.qr_ladder import Read, read_first
from extractors.reader import PdfReader
from tests.extractors.pdfs import Page, form, pdf, stream, text
from tests.extractors.qr_drawings import (
    FOREIGN,
    OTHER,
    PAYLOAD,
    drawn,
    hard_to_read,
    on_sheet,
    side_of,
    vector,
)


def page_text(number: int) -> str:
    return "".join(
        text(40, 780 - 14 * line, f"row {line} of page {number} 7411.02 1000000") for line in range(40)
    )


def ruled() -> str:
    """A table drawn cell by cell, and a dotted rule: many small paths that are no code."""
    cells = "".join(f"{40 + 80 * x} {610 + 15 * y} 80 15 re S\n" for x in range(6) for y in range(14))
    return cells + "".join(f"{40 + 2 * i} 600 1 1 re f\n" for i in range(250))


def sheet(content: str, **parts: Any) -> Page:
    return Page(content, media=(0, 0, 595, 842), **parts)


def picture(image: Grey, entries: str = "/ColorSpace/DeviceGray", quality: int | None = None) -> bytes:
    """An image object: a JPEG of that quality, or compressed pixels."""
    size = f"/Type/XObject/Subtype/Image/Width {image.shape[1]}/Height {image.shape[0]}/BitsPerComponent 8{entries}"
    if quality is None:
        return stream(zlib.compress(np.ascontiguousarray(image).tobytes()), f"{size}/Filter/FlateDecode")
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return stream(data.tobytes(), f"{size}/Filter/DCTDecode")


def scan(image: Grey, **options: Any) -> Page:
    return sheet("q 595 0 0 842 0 0 cm /A Do Q", xobjects={"A": picture(image, **options)})


def scanned_page(content: str, dpi: int, x: int = 450, y: int = 650) -> Grey:
    """A page of grey lines with a code of 2.5 cm at (x, y) in points from the top left."""
    scale = dpi / 72
    image = np.full((round(842 * scale), round(595 * scale)), 245, np.uint8)
    image[:: round(14 * scale), : round(400 * scale)] = 60
    side = round(85 * scale)
    code = cv2.resize(drawn(content, 8), (side, side), interpolation=cv2.INTER_AREA)
    left, top = round(x * scale), round(y * scale)
    image[top : top + side, left : left + side] = code
    return image


def codes_in(*pages: Page) -> tuple[Code, ...]:
    with PdfReader(pdf(*pages)) as reader:
        return find_codes(reader)


def codes_of(*pages: str) -> list[tuple[str, int]]:
    return [(code.text, code.page) for code in codes_in(*map(sheet, pages))]


def test_the_code_of_the_last_page_comes_first_with_its_place_in_points() -> None:
    pages = [page_text(1) + vector(FOREIGN, 300, 200), page_text(2), page_text(3) + vector(PAYLOAD, 450, 120)]
    last, first = codes_in(*map(sheet, pages))
    assert (last.text, last.page, last.decoder) == (PAYLOAD, 3, REGION)
    assert (first.text, first.page) == (FOREIGN, 1)
    side = side_of(PAYLOAD)
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
    assert len(drawn_pages.looks) == 30 + (DEEP_PAGES + 1)
    assert len(scanned.looks) == 30 + 2 * (DEEP_PAGES + 1)


def test_only_the_pages_asked_for_are_looked_at() -> None:
    pages = CountedPages(30, 0.0)
    assert find_codes(pages, ()) == find_codes(pages, (4, 2)) == ()
    assert {number for number, _ in pages.looks} == {2, 4}
    pdf_pages = [sheet(vector(content, 450, 120)) for content in (PAYLOAD, OTHER, FOREIGN)]
    with PdfReader(pdf(*pdf_pages)) as reader:
        assert [(code.text, code.page) for code in find_codes(reader, (2,))] == [(OTHER, 2)]


# --- regions -------------------------------------------------------------------------------------------------


class Whole:
    """A reader that knows nothing of what is drawn on its pages."""

    def __init__(self, reader: PdfReader) -> None:
        self.pages, self._reader = reader.pages, reader

    def page_size(self, number: int) -> tuple[float, float]:
        return self._reader.page_size(number)

    def image_share(self, number: int) -> float:
        return self._reader.image_share(number)

    def render(self, number: int, dpi: int) -> Grey:
        return self._reader.render(number, dpi)


def image_at(x: float, y: float, side: float = 70, name: str = "A") -> str:
    return f"q {side} 0 0 {side} {x} {y} cm /{name} Do Q\n"


CODE_IMAGE = picture(drawn(PAYLOAD, 4))
IN_FORM = form("q 40 0 0 40 10 5 cm /Im Do Q", "4 0 R", "2 0 0 2 300 200")
PAGES = {
    "rectangles": sheet(page_text(1) + ruled() + vector(PAYLOAD, 480, 120)),
    "one path": sheet(page_text(1) + vector(PAYLOAD, 480, 120, paint="")),
    "image": sheet(page_text(1) + image_at(480, 60), xobjects={"A": CODE_IMAGE}),
    "JPEG": sheet(image_at(480, 60), xobjects={"A": picture(drawn(PAYLOAD, 4), quality=60)}),
    "turned page": sheet(page_text(1) + image_at(60, 60), xobjects={"A": CODE_IMAGE}, rotate=90),
    "turned image": sheet("q 50 50 -50 50 300 300 cm /A Do Q", xobjects={"A": CODE_IMAGE}),
    "mirrored image": sheet("q -70 0 0 70 300 300 cm /A Do Q", xobjects={"A": CODE_IMAGE}),
    "cropped page": sheet(page_text(1) + image_at(480, 60), xobjects={"A": CODE_IMAGE}, crop=(100, 40, 595, 700)),
    "inside a form": sheet("q /Form Do Q", xobjects={"A": CODE_IMAGE, "Form": IN_FORM}),
    "two codes": sheet(
        vector(PAYLOAD, 480, 120) + vector(FOREIGN, 100, 300, 2) + image_at(300, 500),
        xobjects={"A": picture(drawn(OTHER, 4))},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_regions_give_what_the_whole_page_gives(name: str) -> None:
    with PdfReader(pdf(PAGES[name])) as reader:
        found, whole = find_codes(reader), find_codes(Whole(reader))
    assert {code.decoder for code in found} == {REGION}
    assert PAYLOAD in {code.text for code in found}
    assert sorted(code.text for code in found) == sorted(code.text for code in whole)
    for code in found:
        (other,) = (other for other in whole if other.text == code.text)
        assert code.box.as_list() == pytest.approx(other.box.as_list(), abs=4)


def test_a_drawn_page_with_a_code_is_never_rendered_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[tuple[int, ...]] = []

    def counted(image: Grey) -> tuple[Read, ...]:
        looks.append(image.shape)
        return read_first(image)

    monkeypatch.setattr(qr, "read_first", counted)
    pages = [sheet(page_text(n) + ruled()) for n in range(1, 6)] + [PAGES["rectangles"]]
    assert [code.page for code in codes_in(*pages)] == [6]
    assert len(looks) == 1
    assert max(looks[0]) < 200


def test_a_drawn_page_whose_only_code_is_a_foreign_one_never_goes_up_the_ladder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ladders: list[Grey] = []

    def counted(image: Grey, *_: object) -> tuple[Read, ...]:
        ladders.append(image)
        return ()

    monkeypatch.setattr(qr, "read_codes", counted)
    foreign, blank = picture(drawn(FOREIGN, 4)), picture(np.full((80, 80), 200, np.uint8))
    page = sheet(page_text(1) + image_at(480, 60), xobjects={"A": foreign})
    assert [code.text for code in codes_in(page)] == [FOREIGN]
    assert not ladders
    assert codes_in(sheet(page_text(1) + image_at(480, 60), xobjects={"A": blank})) == ()
    assert len(ladders) == 1


def test_a_hard_code_beside_a_foreign_one_in_the_same_image_is_read() -> None:
    hard, easy = hard_to_read(PAYLOAD), drawn(FOREIGN, 4)
    both = np.full((max(hard.shape[0], easy.shape[0]) + 8, hard.shape[1] + easy.shape[1] + 8), 255, np.uint8)
    both[: hard.shape[0], : hard.shape[1]] = hard
    both[: easy.shape[0], -easy.shape[1] :] = easy
    drawing = f"q {both.shape[1]} 0 0 {both.shape[0]} 380 60 cm /A Do Q\n"
    page = sheet(page_text(1) + drawing, xobjects={"A": picture(both)})
    assert {code.text for code in codes_in(page)} == {PAYLOAD, FOREIGN}


def test_a_code_in_no_region_is_found_on_the_whole_page() -> None:
    side = side_of(PAYLOAD, 2)
    box = f"/BBox[0 0 {side} {side}]/XStep {side}/YStep {side}/Matrix[1 0 0 1 300 300]/Resources<<>>"
    entries = f"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1{box}"
    pattern = b"9 0 obj\n" + stream(vector(PAYLOAD, 0, side, 2).encode(), entries) + b"\nendobj\n"
    page = pdf(sheet(f"/Pattern cs /P scn 300 300 {side} {side} re f"))
    before, after = page.replace(b"/Resources<<", b"/Resources<</Pattern<</P 9 0 R>>", 1).split(b"xref\n0", 1)
    document = before + pattern + b"xref\n0" + after
    with PdfReader(document) as reader:
        assert reader.regions(1) == ()
        assert [(code.text, code.decoder) for code in find_codes(reader)] == [(PAYLOAD, "zxing")]


@settings(max_examples=15, deadline=None)
@given(
    x=st.floats(30, 480),
    y=st.floats(120, 580),
    module=st.floats(1.1, 3),
    content=st.sampled_from([PAYLOAD, FOREIGN]),
)
def test_a_code_is_found_wherever_it_is_drawn(x: float, y: float, module: float, content: str) -> None:
    side = side_of(content, module)
    x, y = min(x, 580 - side), max(y, side + 15)
    (code,) = codes_in(sheet(ruled() + vector(content, x, y, module)))
    assert code.text == content
    assert code.box.as_list() == pytest.approx([x, 842 - y, x + side, 842 - y + side], abs=4)


# --- scans ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [40, None])
@pytest.mark.parametrize("dpi", [100, 150, 200, 300])
def test_a_scan_is_read_from_its_own_pixels(dpi: int, quality: int | None) -> None:
    (code,) = codes_in(scan(scanned_page(PAYLOAD, dpi), quality=quality))
    assert (code.text, code.page, code.decoder) == (PAYLOAD, 1, PICTURE)
    assert code.box.as_list() == pytest.approx([459, 659, 526, 726], abs=4)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_scan_has_boxes_as_shown(turn: int) -> None:
    page = Page(
        "q 595 0 0 842 0 0 cm /A Do Q",
        media=(0, 0, 595, 842),
        rotate=turn,
        xobjects={"A": picture(scanned_page(PAYLOAD, 150), quality=60)},
    )
    with PdfReader(pdf(page)) as reader:
        (code,) = find_codes(reader)
        (other,) = find_codes(Whole(reader))
    assert code.decoder == PICTURE
    assert code.box.as_list() == pytest.approx(other.box.as_list(), abs=4)


def test_codes_drawn_over_a_scan_are_found_as_well() -> None:
    background = picture(scanned_page(FOREIGN, 150), quality=60)
    page = sheet(
        "q 595 0 0 842 0 0 cm /A Do Q 1 g 50 40 90 90 re f 0 g\n" + vector(PAYLOAD, 60, 120),
        xobjects={"A": background},
    )
    assert {(code.text, code.decoder) for code in codes_in(page)} == {(FOREIGN, PICTURE), (PAYLOAD, REGION)}


def test_an_inverted_scan_in_cmyk_is_read() -> None:
    page = scanned_page(PAYLOAD, 100)
    black = np.dstack([np.zeros_like(page)] * 3 + [255 - page])
    (code,) = codes_in(scan(black, entries="/ColorSpace/DeviceCMYK"))
    assert code.text == PAYLOAD


def test_a_hard_code_of_a_scan_goes_up_the_ladder() -> None:
    image = np.full((842, 595), 250, np.uint8)
    code = hard_to_read(PAYLOAD)
    image[700 : 700 + code.shape[0], 450 : 450 + code.shape[1]] = code
    (found,) = codes_in(scan(image))
    assert found.text == PAYLOAD
    assert found.decoder in set(rungs()) - {PICTURE, REGION, "zxing"}
    assert found.box.x0 == pytest.approx(450 + 4 * 1.5, abs=5)


# --- image files, disagreement, budget ---------------------------------------------------------------------------


def test_codes_of_image_pages_have_boxes_in_pixels() -> None:
    first = on_sheet((drawn(FOREIGN), 50, 50))
    second = on_sheet((drawn(PAYLOAD), 350, 300))
    last, other = find_codes_in_images([first, second])
    assert (last.text, last.page, other.text, other.page) == (PAYLOAD, 2, FOREIGN, 1)
    assert 350 < last.box.x0 < last.box.x1 < 350 + drawn(PAYLOAD).shape[1]


def test_the_ladder_goes_on_past_a_foreign_code() -> None:
    image = on_sheet((drawn(FOREIGN), 50, 50), (hard_to_read(PAYLOAD), 500, 400))
    assert [read.text for read in read_first(image)] == [FOREIGN]
    assert {code.text for code in find_codes_in_images([image])} == {FOREIGN, PAYLOAD}


def codes(*places: tuple[str, int, Box]) -> Sequence[Code]:
    return [Code(content, page, box, "zxing") for content, page, box in places]


HERE, BESIDE = Box(100, 100, 170, 170), Box(165, 100, 235, 170)


def test_two_texts_in_one_place_are_a_doubt() -> None:
    moved = Box(105, 95, 175, 165)
    assert disagreements(codes((PAYLOAD, 2, HERE), (OTHER, 2, moved), (FOREIGN, 1, HERE))) == (
        "codes disagree: page 2",
    )
    assert disagreements(codes((PAYLOAD, 1, HERE), (FOREIGN, 1, moved))) == ("codes disagree: page 1",)


def test_codes_beside_each_other_or_alike_are_no_doubt() -> None:
    assert disagreements(codes((PAYLOAD, 1, HERE), (OTHER, 1, BESIDE))) == ()
    assert disagreements(codes((PAYLOAD, 1, HERE), (OTHER, 2, HERE))) == ()
    assert disagreements(codes((PAYLOAD, 1, HERE), (PAYLOAD, 1, HERE))) == ()


def test_a_code_pasted_over_the_one_of_a_scan_is_a_doubt() -> None:
    background = picture(scanned_page(PAYLOAD, 150), quality=70)
    patch = picture(drawn(OTHER, 4))
    page = sheet(
        "q 595 0 0 842 0 0 cm /A Do Q " + image_at(450, 842 - 735, 85, "B"),
        xobjects={"A": background, "B": patch},
    )
    assert disagreements(codes_in(page)) == ("codes disagree: page 1",)


def test_a_page_that_has_used_up_its_budget_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qr, "PAGE_BUDGET", 0.0)
    pages = CountedPages(3, 0.9)
    assert find_codes(pages) == ()
    assert pages.looks == []


def test_rungs_are_named_once() -> None:
    assert all(a != b for a, b in pairwise(sorted(rungs())))
    assert {PICTURE, REGION, "zxing"} <= set(rungs())


def test_a_photograph_is_read_as_a_file_and_inside_a_pdf() -> None:
    image = scanned_page(PAYLOAD, 100)
    slanted = cv2.warpAffine(
        image, np.array([[0.95, 0.12, -80], [-0.12, 0.95, 60.0]]), image.shape[::-1], borderValue=90
    )
    grey = np.asarray(slanted, np.uint8)
    assert [code.text for code in find_codes_in_images([grey])] == [PAYLOAD]
    assert [code.text for code in codes_in(scan(grey, quality=70))] == [PAYLOAD]


def test_reading_twice_gives_the_same() -> None:
    with PdfReader(pdf(PAGES["two codes"], scan(scanned_page(PAYLOAD, 100), quality=50))) as reader:
        assert find_codes(reader) == find_codes(reader)
