"""Two texts read in one place of a page: a doubt, since a code may have been pasted over another."""

from collections.abc import Sequence

from extractors.facts import Box, Code
from extractors.qr import disagreements
from tests.extractors.qr_drawings import FOREIGN, OTHER, PAYLOAD, drawn
from tests.extractors.qr_papers import codes_in, image_at, picture, scanned_page, sheet


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
