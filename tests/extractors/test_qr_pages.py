"""The search for QR codes over the pages of a document: which are looked at, how often, and in which order."""

from itertools import pairwise

import numpy as np
import pytest

from extractors import qr
from extractors.facts import Box
from extractors.qr import DEEP_PAGES, FAST_DPI, PICTURE, REGION, find_codes, find_codes_in_images, rungs
from extractors.qr_decoders import Grey
from extractors.qr_ladder import read_first
from extractors.reader import PdfReader
from tests.extractors.pdfs import pdf
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
from tests.extractors.qr_papers import WholePages, codes_in, page_text, sheet


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


class CountedPages(WholePages):
    """Blank pages of which images cover a part, counting how they are looked at."""

    def __init__(self, pages: int, image_share: float) -> None:
        super().__init__(pdf(*[sheet("")] * pages))
        self.share = image_share
        self.looks: list[tuple[int, float]] = []

    def image_share(self, number: int) -> float:
        return self.share

    def render(self, number: int, dpi: float, region: Box | None = None) -> Grey:
        assert region is None
        self.looks.append((number, dpi))
        return np.full((117, 83), 255, dtype=np.uint8)


def test_pages_without_images_never_go_up_the_ladder() -> None:
    with CountedPages(30, 0.0) as drawn_pages, CountedPages(30, 0.9) as scanned:
        assert find_codes(drawn_pages) == find_codes(scanned) == ()
    assert [number for number, dpi in drawn_pages.looks if dpi == FAST_DPI] == list(range(30, 0, -1))
    assert len(drawn_pages.looks) == 30 + (DEEP_PAGES + 1)
    assert len(scanned.looks) == 30 + 2 * (DEEP_PAGES + 1)


def test_only_the_pages_asked_for_are_looked_at() -> None:
    with CountedPages(30, 0.0) as pages:
        assert find_codes(pages, ()) == find_codes(pages, (4, 2)) == ()
    assert {number for number, _ in pages.looks} == {2, 4}
    pdf_pages = [sheet(vector(content, 450, 120)) for content in (PAYLOAD, OTHER, FOREIGN)]
    with PdfReader(pdf(*pdf_pages)) as reader:
        assert [(code.text, code.page) for code in find_codes(reader, (2,))] == [(OTHER, 2)]


def test_a_page_that_has_used_up_its_budget_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qr, "PAGE_BUDGET", 0.0)
    with CountedPages(3, 0.9) as pages:
        assert find_codes(pages) == ()
    assert pages.looks == []


def test_rungs_are_named_once() -> None:
    assert all(a != b for a, b in pairwise(sorted(rungs())))
    assert {PICTURE, REGION, "zxing"} <= set(rungs())


# Image files


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
