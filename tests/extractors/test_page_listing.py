"""The objects of a page: in the order of painting, each where the page shows it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.page_listing import MAX_OBJECTS, Listing
from extractors.pdfium import pdfium
from extractors.reader import PdfReader
from tests.extractors.pdfs import Page, form, pdf, text

SMALL, LARGE = "0 0 5 5 re f ", "0 0 20 20 re f "


def listed(page: Page) -> tuple[Listing, list[tuple[float, ...]]]:
    """The listing of a page, and the bounds of its shapes."""
    with PdfReader(pdf(page)) as reader:
        listing = reader.listing(1)
        return listing, [tuple(row) for row in listing.shape_bounds.round(2).tolist()]


def test_what_forms_hold_stands_in_their_place_and_where_they_are_placed() -> None:
    inner = form(SMALL, "null", "1 0 0 1 0 50")
    outer = form(SMALL + "/Im Do", "4 0 R", "2 0 0 2 0 0")
    content = SMALL + "q 1 0 0 1 100 0 cm /Outer Do Q " + LARGE
    listing, bounds = listed(Page(content, xobjects={"Inner": inner, "Outer": outer}))
    assert bounds == [(0, 0, 5, 5), (100, 0, 110, 10), (100, 100, 110, 110), (0, 0, 20, 20)]
    assert listing.owners.tolist() == [0, 1, 2, 0]
    assert listing.depths.tolist() == [0, 1, 2]


def test_a_form_in_itself_is_entered_no_deeper_than_forms_are() -> None:
    listing, _ = listed(Page("/Loop Do " + SMALL, xobjects={"Loop": form(SMALL + "/Im Do", "4 0 R")}))
    assert listing.depths.max() <= 4
    assert len(listing.handles) == len(listing.kinds) == len(listing.owners)


def test_no_more_objects_are_listed_than_foreseen() -> None:
    listing, _ = listed(Page(SMALL * (MAX_OBJECTS + 5)))
    assert len(listing.handles) == MAX_OBJECTS


@settings(max_examples=5, deadline=None)
@given(st.integers(2_000, 4_500))
def test_however_many_objects_are_asked_each_answer_is_its_own(count: int) -> None:
    content = "".join(f"{n % 97} {n % 89} {n % 7 + 1} {n % 5 + 1} re f " for n in range(count))
    _, bounds = listed(Page(content))
    expected = [(n % 97, n % 89, n % 97 + n % 7 + 1, n % 89 + n % 5 + 1) for n in range(count)]
    assert bounds == expected


def test_texts_and_shapes_are_told_apart() -> None:
    listing, _ = listed(Page(SMALL + text(50, 50, "Word") + LARGE))
    assert listing.texts.tolist() == [1]
    assert listing.shapes.tolist() == [0, 2]
    assert listing.kinds[listing.texts].tolist() == [pdfium.FPDF_PAGEOBJ_TEXT]


def test_an_empty_page_has_no_objects() -> None:
    listing, bounds = listed(Page(""))
    assert listing.handles == []
    assert bounds == []
    assert listing.bounds(np.zeros(0, np.intp)).shape == (0, 4)
