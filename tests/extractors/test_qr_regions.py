"""QR codes on pages that a program drew: only the places where one may stand are rendered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import qr
from extractors.qr import REGION, find_codes
from extractors.qr_decoders import Grey
from extractors.qr_ladder import Read, read_first
from extractors.reader import PdfReader
from tests.extractors.pdfs import form, pdf, stream
from tests.extractors.qr_drawings import FOREIGN, OTHER, PAYLOAD, drawn, hard_to_read, side_of, vector
from tests.extractors.qr_papers import (
    WholePages,
    codes_in,
    image_at,
    page_text,
    picture,
    ruled,
    scan,
    scanned_page,
    sheet,
)

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
    document = pdf(PAGES[name])
    with PdfReader(document) as reader, WholePages(document) as whole_pages:
        found, whole = find_codes(reader), find_codes(whole_pages)
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

    monkeypatch.setattr(qr, "read_places", counted)
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


def test_reading_twice_gives_the_same() -> None:
    with PdfReader(pdf(PAGES["two codes"], scan(scanned_page(PAYLOAD, 100), quality=50))) as reader:
        assert find_codes(reader) == find_codes(reader)
