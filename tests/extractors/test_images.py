"""Image files of every kind become grey pixels, upright, or a fault."""

import io
import struct
import zlib
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from extractors import images
from extractors.facts import FaultCode
from extractors.images import MAX_FRAMES, Unreadable, load_image

HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAABoAAgAAAAACBgABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAADAAAAABAAAAIAAAAAH////wAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEA"
    "AQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAEZtZGF0AAAAFigBrxmA9wHIv//Xogdn5k667u8BHcAAAAAGRXhp"
    "ZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA="
)
"""48 x 32 pixels, the left third black, to be shown turned by 90 degrees clockwise."""


def picture(mode: str = "L") -> Image.Image:
    """A white sheet, 60 wide and 40 high, black in its top left quarter."""
    image = Image.new("L", (60, 40), 255)
    image.paste(0, (0, 0, 30, 20))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


def assert_is_the_picture(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    assert pixels.shape == (40, 60)
    assert pixels.dtype == np.uint8
    corners = [int(pixels[y, x]) for y, x in ((5, 5), (5, 55), (35, 5), (35, 55))]
    assert corners == pytest.approx([0, 255, 255, 255], abs=8)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_accepted_format_is_read(kind: str, mode: str) -> None:
    (pixels,) = load_image(saved(picture(mode), kind))
    assert_is_the_picture(pixels)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "1"), ("PNG", "P"), ("TIFF", "CMYK"), ("JPEG", "CMYK"), ("TIFF", "LAB")]
)
def test_every_colour_mode_becomes_grey(kind: str, mode: str) -> None:
    image = picture("RGB").convert(mode) if mode != "LAB" else _lab()
    (pixels,) = load_image(saved(image, kind))
    assert_is_the_picture(pixels)


def _lab() -> Image.Image:
    neutral = Image.new("L", (60, 40), 128)
    return Image.merge("LAB", (picture(), neutral, neutral))


def test_sixteen_bits_are_scaled_by_their_range() -> None:
    wide = np.asarray(picture(), dtype=np.uint16) * 257
    (pixels,) = load_image(saved(Image.fromarray(wide), "PNG"))
    assert_is_the_picture(pixels)


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_wide_values_are_scaled_by_what_they_hold(dtype: type[np.generic]) -> None:
    for factor in (1, 1000):
        wide = np.asarray(picture(), dtype=dtype) * dtype(factor)
        (pixels,) = load_image(saved(Image.fromarray(wide), "TIFF"))
        assert_is_the_picture(pixels)


def test_transparency_is_laid_on_white() -> None:
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 30, 20))
    for clear in (image, image.convert("LA")):
        (pixels,) = load_image(saved(clear, "PNG"))
        assert_is_the_picture(pixels)


def test_a_transparent_palette_colour_is_white() -> None:
    image = Image.new("P", (60, 40), 1)
    image.putpalette([0, 0, 0, 10, 10, 10])
    image.paste(0, (0, 0, 30, 20))
    (pixels,) = load_image(saved(image, "PNG", transparency=1))
    assert_is_the_picture(pixels)


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
    ],
)
def test_photographs_are_turned_as_the_camera_says(orientation: int, stored: Image.Transpose) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    (pixels,) = load_image(saved(picture("RGB").transpose(stored), "JPEG", exif=exif))
    assert_is_the_picture(pixels)


def test_a_tiff_has_all_its_pages_and_an_animation_one() -> None:
    pages = [picture(), picture().rotate(180)]
    several = {"save_all": True, "append_images": pages[1:]}
    first, second = load_image(saved(pages[0], "TIFF", **several))
    assert_is_the_picture(first)
    assert_is_the_picture(second[::-1, ::-1])
    assert len(load_image(saved(pages[0], "GIF", **several))) == 1


def test_a_photograph_with_a_preview_inside_is_one_image() -> None:
    (pixels,) = load_image(saved(picture(), "MPO", save_all=True, append_images=[picture()]))
    assert_is_the_picture(pixels)


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        load_image(data)
    assert refused.value.fault.code is FaultCode.DOCUMENT_UNREADABLE
    assert set(refused.value.fault.facts) == {"reason"}
    return str(refused.value.fault.facts["reason"])


def test_damage_is_refused() -> None:
    whole = saved(picture(), "PNG")
    for data in (b"", b"no image", whole[: len(whole) // 2], saved(picture(), "JPEG")[:200]):
        assert refusal(data) == "damaged"


def test_other_formats_are_refused() -> None:
    assert refusal(saved(picture("RGB"), "ICO")) == "damaged"


def test_heic_is_read_and_turned_as_the_camera_says() -> None:
    (pixels,) = load_image(b64decode(HEIC))
    assert pixels.shape == (48, 32)
    assert pixels[:12].max() < 60
    assert pixels[20:].min() > 195


def test_heic_is_named_where_its_reader_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "reads_heic", lambda: False)
    assert refusal(b64decode(HEIC)) == "heic"


def test_what_is_packed_like_heic_but_is_not_is_named() -> None:
    assert refusal(b"\0\0\0\x18ftypavif" + b"\0" * 100) == "heic"


@pytest.mark.parametrize("keep", [20, 100, 300, 500])
def test_damaged_heic_is_refused(keep: int) -> None:
    assert refusal(b64decode(HEIC)[:keep]) == "damaged"


@pytest.mark.parametrize(
    ("compression", "mode"),
    [("group3", "1"), ("group4", "1"), ("jpeg", "L"), ("tiff_lzw", "L"), ("tiff_adobe_deflate", "RGB")],
)
def test_tiffs_of_scanners_are_read(compression: str, mode: str) -> None:
    pages = [picture(mode), picture(mode).rotate(180)]
    found = load_image(
        saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression=compression)
    )
    assert len(found) == 2
    assert_is_the_picture(found[0])


def _png_head(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [9_600, 10_000, 20_000])
def test_a_picture_that_would_fill_the_memory_is_refused_unread(side: int) -> None:
    assert refusal(_png_head(side, side)) == "limit_pixels"


def test_the_pages_of_a_tiff_are_limited_in_number_and_together(monkeypatch: pytest.MonkeyPatch) -> None:
    many = saved(picture("1"), "TIFF", save_all=True, append_images=[picture("1")] * MAX_FRAMES)
    assert refusal(many) == "limit_pages"
    monkeypatch.setattr(images, "MAX_TOTAL_PIXELS", 60 * 40 * 3)
    assert refusal(many) == "limit_pixels"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP"]))
    whole = bytearray(saved(picture("RGB"), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        pages = load_image(bytes(whole))
    except Unreadable:
        return
    assert all(page.ndim == 2 and page.dtype == np.uint8 for page in pages)
