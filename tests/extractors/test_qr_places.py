"""Where a code may stand: every code that can be read is in a place, type and rules are not, and nothing is lost."""

import cv2
import numpy as np
import pytest

from benchmarks.qr_hard import pictures
from extractors.facts import Box
from extractors.qr import PICTURE
from extractors.qr_decoders import Grey
from extractors.qr_ladder import Budget, read_codes, read_places
from extractors.qr_places import code_places
from tests.extractors.qr_drawings import FOREIGN, OTHER, PAYLOAD, drawn, hard_to_read, on_sheet
from tests.extractors.qr_papers import codes_in, scan


def holds(place: Box, box: Box) -> bool:
    return place.x0 <= box.x0 and place.y0 <= box.y0 and place.x1 >= box.x1 and place.y1 >= box.y1


def typed(height: int = 1170, width: int = 827) -> Grey:
    """A page of type, ten lines an inch at 100 dpi."""
    page = np.full((height, width), 250, np.uint8)
    for row in range(40, height - 40, 16):
        cv2.putText(page, "7411.02 1000000 OCAK 2024/01 30", (40, row), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 20)
    return page


@pytest.mark.parametrize("module", [2, 3, 6, 12])
def test_a_code_of_any_size_is_in_one_place(module: int) -> None:
    code = drawn(PAYLOAD, module)
    side = code.shape[0]
    (place,) = code_places(on_sheet((code, 150, 100), size=(1000, 800)))
    quiet = 4 * module
    assert holds(place, Box(150 + quiet, 100 + quiet, 150 + side - quiet, 100 + side - quiet))


def test_type_and_empty_paper_and_nothing_are_no_place() -> None:
    assert code_places(typed()) == ()
    assert code_places(np.full((1000, 700), 200, np.uint8)) == ()
    assert code_places(np.zeros((0, 0), np.uint8)) == ()
    assert code_places(np.full((1, 1), 7, np.uint8)) == ()


def test_a_known_code_is_no_place_and_another_one_beside_it_is() -> None:
    known = drawn(FOREIGN, 4)
    side = known.shape[0]
    box = Box(416, 316, 400 + side - 16, 300 + side - 16)
    assert code_places(on_sheet((known, 400, 300)), [box]) == ()
    (place,) = code_places(on_sheet((known, 400, 300), (drawn(PAYLOAD, 2), 400 + side, 300)), [box])
    assert place.x1 > 400 + side


def test_whatever_the_ladder_reads_of_hard_pictures_is_in_a_place() -> None:
    read = 0
    for _, text, image in pictures(2, seed=5):
        places = code_places(image)
        for code in read_codes(image):
            middle = Box(*(2 * ((code.box.x0 + code.box.x1) / 2, (code.box.y0 + code.box.y1) / 2)))
            assert any(holds(place, middle) for place in places)
            read += code.text == text
    assert read > 20


def test_a_hard_code_on_a_page_of_type_is_read_in_its_place() -> None:
    page, hard = typed(), hard_to_read(PAYLOAD)
    page[900 : 900 + hard.shape[0], 600 : 600 + hard.shape[1]] = hard
    (code,) = read_places(page, (), PAYLOAD.__eq__, Budget())
    assert code.text == PAYLOAD
    assert holds(Box(600, 900, 600 + hard.shape[1], 900 + hard.shape[0]), code.box)


def test_of_a_scan_with_an_easy_foreign_code_and_a_hard_one_both_are_read() -> None:
    page, hard, easy = typed(842, 595), hard_to_read(OTHER), drawn(FOREIGN, 3)
    page[700 : 700 + easy.shape[0], 60 : 60 + easy.shape[1]] = easy
    page[700 : 700 + hard.shape[0], 450 : 450 + hard.shape[1]] = hard
    found = {code.text: code.decoder for code in codes_in(scan(page))}
    assert set(found) == {FOREIGN, OTHER}
    assert found[FOREIGN] == PICTURE
