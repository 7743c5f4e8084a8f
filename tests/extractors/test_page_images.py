"""The pictures inside PDF pages, and where on a page a code may be drawn."""

import zlib

import cv2
import numpy as np
import pytest

from extractors import page_images
from extractors.facts import Box
from extractors.page_images import FIRST_DPI, PagePicture
from extractors.page_objects import PageImage
from extractors.qr_decoders import Grey
from extractors.qr_grid import Real
from extractors.reader import PdfReader
from tests.extractors.pdfs import Page, form, pdf, stream, text
from tests.extractors.qr_drawings import PAYLOAD, side_of, vector

WHOLE = "q 400 0 0 300 0 0 cm /A Do Q\n"


def writing(width: int, height: int) -> Grey:
    """A light page with dark rules, and a black field in its top left corner."""
    image = np.full((height, width), 240, np.uint8)
    for line in range(5):
        image[height * (3 + line) // 9 : height * (3 + line) // 9 + height // 20] = 30
    image[: height // 6, : width // 6] = 0
    return image


def embedded(
    pixels: bytes, image: Grey, filters: str, colours: str = "/ColorSpace/DeviceGray", bits: int = 8
) -> bytes:
    size = f"/Width {image.shape[1]}/Height {image.shape[0]}/BitsPerComponent {bits}"
    return stream(pixels, f"/Type/XObject/Subtype/Image{size}{colours}/Filter/{filters}")


def jpeg(image: Grey, more: str = "", colour: bool = False) -> bytes:
    shown = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if colour else image
    _, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, 90])
    space = "/ColorSpace/DeviceRGB" if colour else "/ColorSpace/DeviceGray"
    return embedded(data.tobytes(), image, "DCTDecode", space + more)


def flate(image: Grey, more: str = "") -> bytes:
    return embedded(zlib.compress(image.tobytes()), image, "FlateDecode", "/ColorSpace/DeviceGray" + more)


def one_bit(image: Grey) -> bytes:
    return embedded(zlib.compress(np.packbits(image > 128, axis=1).tobytes()), image, "FlateDecode", bits=1)


def page(image: bytes, content: str = WHOLE, rotate: int = 0) -> bytes:
    return pdf(Page(content, xobjects={"A": image}, rotate=rotate))


def pictures(data: bytes) -> tuple[PagePicture | None, PagePicture, Grey]:
    """The page's picture for a first look, with all its pixels, and the page drawn by PDFium."""
    with PdfReader(data) as reader:
        return reader.first_picture(1), reader.page_picture(1), reader.render(1, 72)


KINDS = {
    "grey JPEG": jpeg(writing(800, 600)),
    "colour JPEG": jpeg(writing(800, 600), colour=True),
    "inverted JPEG": jpeg(255 - writing(800, 600), "/Decode[1 0]"),
    "deflated": flate(writing(800, 600)),
    "inverted deflated": flate(255 - writing(800, 600), "/Decode[1 0]"),
    "one bit": one_bit(writing(800, 600)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_picture_of_a_page_is_the_page(kind: str, rotate: int) -> None:
    first, full, drawn = pictures(page(KINDS[kind], rotate=rotate))
    assert first is not None
    assert full.image.shape == (600, 800)
    assert not full.reduced
    for found in (first, full):
        height, width = drawn.shape
        shown = cv2.warpPerspective(found.image, found.place, (width, height), borderValue=128)
        assert np.abs(blocks(shown) - blocks(drawn)).max() < 25


def blocks(image: "cv2.typing.MatLike") -> Real:
    """The picture in 20 blocks a side, each its mean."""
    return np.asarray(cv2.resize(image, (20, 20), interpolation=cv2.INTER_AREA), np.float32)


def test_a_first_look_has_the_fewest_pixels_that_do() -> None:
    for width, reduced in ((500, 1), (900, 2), (2000, 4), (4000, 4)):
        first, full, _ = pictures(page(jpeg(writing(width, width * 3 // 4))))
        assert first is not None
        assert first.image.shape[1] == width // reduced
        assert first.image.shape[1] * 72 / 400 >= FIRST_DPI
        assert first.reduced == (reduced > 1)
        assert full.image.shape[1] == width


def test_huge_pictures_are_decoded_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_images, "MAX_PICTURE_PIXELS", 500_000)
    monkeypatch.setattr(page_images, "MAX_FIRST_PIXELS", 60_000)
    for image in (jpeg(writing(2000, 1500)), flate(writing(2000, 1500))):
        first, full, _ = pictures(page(image))
        assert first is not None
        assert first.image.size <= 60_000
        assert full.image.size <= 500_000
        assert full.reduced


def test_an_image_is_decoded_once_however_often_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[float | None] = []
    decode = page_images.decode

    def counted(image: PageImage, least_dpi: float | None) -> Grey | None:
        decoded.append(least_dpi)
        return decode(image, least_dpi)

    monkeypatch.setattr(page_images, "decode", counted)
    with PdfReader(page(KINDS["grey JPEG"])) as reader:
        assert reader.page_text(1).image_share == pytest.approx(1, abs=0.02)
        assert reader.image_share(1) == reader.page_text(1).image_share
        assert reader.first_picture(1) is not None
    assert decoded == [FIRST_DPI]


@pytest.mark.parametrize(
    "content",
    [
        "q 200 0 0 300 0 0 cm /A Do Q q 200 0 0 300 200 0 cm /A Do Q",
        "q 160 0 0 150 100 100 cm /A Do Q",
        text(50, 200, "no image"),
    ],
    ids=["strips", "small", "none"],
)
def test_a_page_that_is_no_single_picture_has_none_and_is_drawn(content: str) -> None:
    first, full, drawn = pictures(page(KINDS["grey JPEG"], content))
    assert first is None
    assert full.image.shape == (1250, 1667)
    height, width = drawn.shape
    shown = cv2.warpPerspective(
        full.image, full.place, (width, height), flags=cv2.INTER_AREA, borderValue=255
    )
    assert np.abs(shown.astype(int) - drawn).mean() < 12


def test_a_broken_picture_is_no_picture() -> None:
    broken = embedded(b"\xff\xd8\xff\xe0 nothing", writing(80, 60), "DCTDecode")
    first, full, _ = pictures(page(broken))
    assert first is None
    assert full.image.shape == (1250, 1667)


# --- regions -----------------------------------------------------------------------------------------------------


def regions(content: str, **xobjects: bytes) -> tuple[Box, ...]:
    with PdfReader(pdf(Page(content, xobjects=xobjects))) as reader:
        return reader.regions(1)


def near(box: Box, left: float, top: float, side: float, margin: float = 15) -> bool:
    edges = (left - box.x0, top - box.y0, box.x1 - left - side, box.y1 - top - side)
    return all(1 <= edge <= margin for edge in edges)


def test_images_and_crowds_of_rectangles_are_regions_with_a_margin() -> None:
    image, code = "q 60 0 0 60 300 200 cm /A Do Q\n", vector(PAYLOAD, 50, 150)
    by_image, by_code = regions(image + code, A=KINDS["deflated"])
    assert near(by_image, 300, 300 - 260, 60)
    assert near(by_code, 50, 300 - 150, side_of(PAYLOAD))


def test_a_code_that_is_one_path_or_inside_a_form_is_a_region() -> None:
    (region,) = regions(vector(PAYLOAD, 50, 150, paint=""))
    assert near(region, 50, 150, side_of(PAYLOAD))
    inside = form("q 30 0 0 30 10 10 cm /Im Do Q", "4 0 R", "2 0 0 2 100 50")
    (region,) = regions("/Inside Do", A=KINDS["deflated"], Inside=inside)
    assert near(region, 120, 300 - 130, 60)


def test_tables_rules_and_letters_are_no_regions() -> None:
    table = "".join(f"{20 + 60 * x} {20 + 12 * y} 60 12 re S\n" for x in range(6) for y in range(20))
    dots = "".join(f"{20 + 2 * i} 285 1 1 re f\n" for i in range(180))
    assert regions(table + dots + text(50, 200, "letters")) == ()


def test_regions_that_overlap_are_one() -> None:
    both = "q 60 0 0 60 100 100 cm /A Do Q q 60 0 0 60 140 120 cm /A Do Q"
    (region,) = regions(both, A=KINDS["deflated"])
    assert (region.x0, region.x1) == pytest.approx((92.8, 207.2), abs=0.2)


def test_the_picture_of_the_page_is_no_region_but_what_is_drawn_on_it_is() -> None:
    (region,) = regions(WHOLE + vector(PAYLOAD, 50, 150), A=KINDS["grey JPEG"])
    assert near(region, 50, 150, side_of(PAYLOAD))


def test_tiny_and_absent_places_are_no_regions() -> None:
    assert regions("q 5 0 0 5 100 100 cm /A Do Q", A=KINDS["deflated"]) == ()
    assert regions("q 50 0 0 50 900 100 cm /A Do Q", A=KINDS["deflated"]) == ()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_region_is_rendered_as_that_part_of_the_page(rotate: int) -> None:
    content = vector(PAYLOAD, 50, 150) + "10 200 50 30 re f"
    with PdfReader(pdf(Page(content, rotate=rotate))) as reader:
        whole = reader.render(1, 144)
        (box,) = reader.regions(1)
        part = reader.render(1, 144, box)
    x, y = round(2 * box.x0), round(2 * box.y0)
    same = whole[y : y + part.shape[0], x : x + part.shape[1]]
    assert part.shape == pytest.approx((2 * (box.y1 - box.y0), 2 * (box.x1 - box.x0)), abs=2)
    assert part.min() < 50
    assert np.abs(same.astype(int) - part).mean() < 40
