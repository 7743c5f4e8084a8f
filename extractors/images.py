"""Photographs, scans and screenshots: any image file to grey pixels, upright."""

import contextlib
import importlib
import io
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

from extractors.facts import Fault, FaultCode

T = TypeVar("T")

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP")
"""What people upload; every further format is one more parser that reads strangers' bytes. HEIC is read besides."""
MAX_FRAME_PIXELS = 90_000_000
"""Pixels of one image: above the largest common phone photograph (50 MP), below what fills the memory (a colour
image of this size takes 270 MB while it is decoded)."""
MAX_TOTAL_PIXELS = 200_000_000
"""Pixels of all pages of one TIFF: twenty fax pages at 300 dpi, 200 MB as grey."""
MAX_FRAMES = 50
"""Pages of one TIFF; a statement has up to ten."""
_ALL_FRAMES = frozenset({"TIFF"})
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


class Unreadable(Exception):
    """A document that cannot be read; `fault` says why, in words that hold no text of the document."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def unreadable(reason: str, code: FaultCode = FaultCode.DOCUMENT_UNREADABLE) -> Unreadable:
    """Return the exception for a reason: `damaged`, `password`, `heic`, `limit_pages`, `limit_pixels` and the like."""
    return Unreadable(Fault(code, {"reason": reason}))


def load_image(data: bytes) -> list[NDArray[np.uint8]]:
    """Return the pages of an image file as grey arrays (height x width), turned as its EXIF data say.

    Transparency is laid on white. Raises `Unreadable` as `read_frames` does.
    """
    return read_frames(data, _read_grey)


def read_frames(data: bytes, take: Callable[[Image.Image], T]) -> list[T]:
    """Return what `take` makes of each page of an image file, which is not decoded yet.

    A TIFF has as many as it has pages, everything else one. Raises `Unreadable` for damage, for formats other than
    `FORMATS` and HEIC, for HEIC (`heic`) where pi-heif is missing, for what is packed like it but not HEVC (AVIF), and
    beyond the limits above.
    """
    formats: tuple[str, ...] = FORMATS
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        if data[8:12] in _AVIF_BRANDS or not reads_heic():
            raise unreadable("heic")
        formats = ("HEIF",)
    try:
        with _quiet(), Image.open(io.BytesIO(data), formats=formats) as image:
            return list(_frames(image, take))
    except Unreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise unreadable("limit_pixels") from None
    except MemoryError:
        raise
    except (
        Exception
    ):  # Pillow's decoders let through whatever the bytes provoke, from struct.error to SyntaxError
        raise unreadable("damaged") from None


@cache
def reads_heic() -> bool:
    """Tell whether HEIC can be read, and see to it: pi-heif decodes only, with no encoder under the GPL."""
    try:
        heif = importlib.import_module("pi_heif")
    except ImportError:
        return False
    heif.register_heif_opener(thumbnails=False, decode_threads=1)
    return True


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow's remarks on odd files to itself, except that a file is far too large."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _frames(image: Image.Image, take: Callable[[Image.Image], T]) -> Iterator[T]:
    total = 0
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        total += frame.width * frame.height
        if frame.width * frame.height > MAX_FRAME_PIXELS or total > MAX_TOTAL_PIXELS:
            raise unreadable("limit_pixels")
        if number >= MAX_FRAMES:
            raise unreadable("limit_pages")
        yield take(frame)
        if image.format not in _ALL_FRAMES:
            return


def _read_grey(frame: Image.Image) -> NDArray[np.uint8]:
    frame.draft("L", frame.size)
    return _grey(upright(frame))


def upright(frame: Image.Image) -> Image.Image:
    """Decode a page of an image file and turn it as its EXIF data say."""
    frame.load()
    try:
        return ImageOps.exif_transpose(frame)
    except Exception:  # broken EXIF data of a sound image: shown as it is stored, as every viewer does
        return frame


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith(("I", "F")):
        return _from_wide(np.asarray(image))
    return np.asarray(opaque(image).convert("L"), dtype=np.uint8)


def opaque(image: Image.Image) -> Image.Image:
    """Return an image as grey or in colour: transparency laid on white, wide values brought to 0..255."""
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_from_wide(np.asarray(image)))
    if image.has_transparency_data:
        colours = image.convert("RGBA")
        paper = Image.new("RGBA", colours.size, "white")
        image = Image.alpha_composite(paper, colours)
    if image.mode not in {"L", "RGB", "RGBA"}:
        image = image.convert("RGB")
    return image


def _from_wide(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Bring 16-bit, 32-bit and real values to 0..255 by the range that their type or their values have."""
    values = np.nan_to_num(pixels.astype(np.float32), posinf=0, neginf=0)
    top = max(65535.0 if pixels.dtype.itemsize == 2 else float(values.max(initial=0)), 1.0)
    if top <= 255:
        top = 255.0
    grey: NDArray[np.uint8] = np.clip(values * (255 / top), 0, 255).astype(np.uint8)
    return grey
