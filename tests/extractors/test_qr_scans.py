"""QR codes on scans and photographs inside a PDF: read from the pixels that the scanner stored."""

import cv2
import numpy as np
import pytest

from extractors.qr import PICTURE, REGION, find_codes, find_codes_in_images, rungs
from extractors.reader import PdfReader
from tests.extractors.pdfs import Page, pdf
from tests.extractors.qr_drawings import FOREIGN, PAYLOAD, hard_to_read, vector
from tests.extractors.qr_papers import WholePages, codes_in, picture, scan, scanned_page, sheet


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
    with PdfReader(pdf(page)) as reader, WholePages(pdf(page)) as whole_pages:
        (code,) = find_codes(reader)
        (other,) = find_codes(whole_pages)
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


def test_a_photograph_is_read_as_a_file_and_inside_a_pdf() -> None:
    image = scanned_page(PAYLOAD, 100)
    slanted = cv2.warpAffine(
        image, np.array([[0.95, 0.12, -80], [-0.12, 0.95, 60.0]]), image.shape[::-1], borderValue=90
    )
    grey = np.asarray(slanted, np.uint8)
    assert [code.text for code in find_codes_in_images([grey])] == [PAYLOAD]
    assert [code.text for code in codes_in(scan(grey, quality=70))] == [PAYLOAD]
