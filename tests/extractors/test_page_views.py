"""Pictures of pages for people: as shown, in colour, upright, bounded, and never a byte of the upload."""

import io
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from extractors.images import Unreadable
from extractors.page_views import READING_WIDTH, STRIP_WIDTH, WIDTHS, view_file, view_upload
from extractors.reader import MAX_RENDER_PIXELS, PdfReader
from tests.papers import archives, bundles, draw, scans, variants
from tests.papers.style import Style
from tests.papers.with_reportlab import draw_protected
from tests.shared import SHARED, needs_shared

_pdfium: Any = pypdfium2  # it has no annotations
PAPER = variants.long_statement(1, years=9)
STATEMENT = draw(PAPER)
LONG = 60.0
"""Seconds that suffice for all pages on any machine."""


def shown(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture), formats=("PNG", "JPEG"))


def image_file(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def two_halves(width: int, height: int) -> Image.Image:
    """A picture whose upper half is red and whose lower half is blue."""
    image = Image.new("RGB", (width, height), (0, 0, 200))
    image.paste((200, 0, 0), (0, 0, width, height // 2))
    return image


def is_red_above_blue(picture: bytes) -> bool:
    image = shown(picture).convert("RGB")
    pixels = np.asarray(image, np.int16)
    above, below = pixels[image.height // 4], pixels[3 * image.height // 4]
    return bool((above[:, 0] > above[:, 2] + 100).all() and (below[:, 2] > below[:, 0] + 100).all())


def test_all_pages_of_a_statement_are_drawn_at_both_widths() -> None:
    views = view_file(STATEMENT, 1, LONG)
    assert len(views.sizes) > 1
    assert set(views.pictures) == {(n, w) for n in range(1, len(views.sizes) + 1) for w in WIDTHS}
    for (_, width), picture in views.pictures.items():
        assert abs(shown(picture).width - width) <= 1


def test_what_time_does_not_allow_is_left_out_but_its_size_is_told() -> None:
    views = view_file(STATEMENT, 2, 0.0)
    assert set(views.pictures) == {(2, STRIP_WIDTH), (2, READING_WIDTH)}
    assert None not in views.sizes


def test_no_page_is_drawn_that_the_file_does_not_have() -> None:
    assert view_file(STATEMENT, 99, LONG).pictures == {}


def test_print_in_black_is_a_sharp_png_and_a_scan_a_jpeg() -> None:
    assert shown(view_file(STATEMENT).pictures[1, READING_WIDTH]).format == "PNG"
    worn = scans.image_only(STATEMENT, dpi=100, wear=scans.Wear(noise=6))
    assert shown(view_file(worn).pictures[1, READING_WIDTH]).format == "JPEG"


def test_the_picture_of_a_page_is_that_of_a_plain_rendering() -> None:
    picture = shown(view_file(STATEMENT).pictures[1, READING_WIDTH]).convert("L")
    page = _pdfium.PdfDocument(STATEMENT)[0]
    plain = page.render(scale=READING_WIDTH / page.get_width()).to_pil().convert("L")
    assert picture.size == plain.size
    assert np.abs(np.asarray(picture, np.int16) - np.asarray(plain, np.int16)).max() <= 17


@settings(deadline=None, max_examples=20)
@given(
    turns=st.integers(0, 3),
    box=st.tuples(st.integers(-50, 250), st.integers(-50, 350), st.integers(300, 700), st.integers(400, 900)),
)
def test_sizes_are_those_in_which_boxes_are_counted(turns: int, box: tuple[int, int, int, int]) -> None:
    document = _pdfium.PdfDocument(bundles.blank_page())
    document[0].set_cropbox(*box)
    document[0].set_rotation(turns * 90)
    file = io.BytesIO()
    document.save(file)
    views = view_file(file.getvalue())
    with PdfReader(file.getvalue()) as reader:
        _, frame = reader.page_handle(1)
    assert views.sizes[0] == pytest.approx(frame.size, abs=0.01)
    picture = shown(views.pictures[1, READING_WIDTH])
    assert picture.height / picture.width == pytest.approx(frame.size[1] / frame.size[0], rel=0.01)


def test_a_photograph_is_shown_upright_in_colour_with_the_size_of_the_upright_picture() -> None:
    lying = two_halves(600, 2400).transpose(Image.Transpose.ROTATE_90)  # as a phone stores it
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it clockwise to see it upright
    views = view_file(image_file(lying, "JPEG", quality=90, exif=exif))
    assert views.sizes == ((600.0, 2400.0),)
    assert is_red_above_blue(views.pictures[1, READING_WIDTH])
    assert is_red_above_blue(views.pictures[1, STRIP_WIDTH])


def test_a_large_photograph_is_shrunk_and_keeps_its_size_in_pixels() -> None:
    views = view_file(image_file(two_halves(4001, 6003), "JPEG"))
    assert views.sizes[0] == pytest.approx((4001, 6003), abs=4)
    assert shown(views.pictures[1, READING_WIDTH]).width == READING_WIDTH


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_kind_of_picture_is_shown_as_one_of_ours(kind: str) -> None:
    views = view_file(image_file(two_halves(300, 200), kind))
    assert views.sizes == ((300.0, 200.0),)
    assert shown(views.pictures[1, READING_WIDTH]).format == "JPEG"
    assert is_red_above_blue(views.pictures[1, READING_WIDTH])


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    picture = shown(view_file(image_file(clear, "PNG")).pictures[1, READING_WIDTH])
    assert picture.convert("L").getextrema() == (255, 255)


def test_all_pages_of_a_tiff_are_drawn() -> None:
    views = view_file(bundles.tiff([STATEMENT], dpi=60))
    assert len(views.sizes) == len(view_file(STATEMENT).sizes)
    assert set(views.pictures) == {(n, w) for n in range(1, len(views.sizes) + 1) for w in WIDTHS}


def test_a_page_out_of_all_proportion_stays_within_bounds() -> None:
    document = _pdfium.PdfDocument.new()
    document.new_page(20, 14_000)
    file = io.BytesIO()
    document.save(file)
    picture = shown(view_file(file.getvalue()).pictures[1, READING_WIDTH])
    assert picture.width * picture.height <= 1.01 * MAX_RENDER_PIXELS


def test_a_password_is_told() -> None:
    with pytest.raises(Unreadable) as caught:
        view_file(draw_protected(PAPER, Style(), user="gizli"))
    assert caught.value.fault.facts["reason"] == "password"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7\n" + b"x" * 500, "damaged"),
        (image_file(two_halves(300, 200), "PNG")[:200], "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "unsupported"),
        (b"<!doctype html><script>1</script>", "unsupported"),
        (b"", "unsupported"),
    ],
)
def test_what_cannot_be_drawn_is_told(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        view_file(data)
    assert caught.value.fault.facts["reason"] == reason


def test_damaged_files_give_pictures_or_a_reason_and_nothing_else() -> None:
    rng = Random(7)
    for _ in range(40):
        data = bytearray(STATEMENT)
        for _ in range(rng.randrange(1, 60)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            views = view_file(bytes(data))
        except Unreadable:
            continue
        assert all(shown(picture).format in ("PNG", "JPEG") for picture in views.pictures.values())


def test_a_document_is_found_in_a_nested_archive_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(archives.nested({"a.pdf": bundles.blank_page(), "b.pdf": STATEMENT}))
    found = view_upload(path, f"sha256:{sha256(STATEMENT).hexdigest()}")
    assert found == view_file(STATEMENT)
    with pytest.raises(Unreadable):
        view_upload(path, "sha256:" + "0" * 64)


def test_a_file_that_is_no_archive_is_drawn_itself(tmp_path: Path) -> None:
    path = tmp_path / "petition"
    path.write_bytes(STATEMENT)
    assert view_upload(path, None) == view_file(STATEMENT)


@pytest.mark.shared
@needs_shared
def test_heic_is_shown_as_one_of_ours() -> None:
    data = (SHARED / "corpora/images/paperless-ngx/simple.heic").read_bytes()
    views = view_file(data)
    assert views.sizes == ((1345.0, 447.0),)
    assert shown(views.pictures[1, READING_WIDTH]).width == 1345
