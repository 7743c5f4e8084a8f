"""QR decoders behind one protocol: zxing-cpp, ZBar and OpenCV.

A decoder is one class and one line in `DECODERS`. One whose native library is missing is left out, never
an error. Every decoder guesses the character set of a code in its own way, and often wrongly: the texts
here come from the bytes of the code wherever the decoder gives them, and its known wrong guesses are undone.
"""

import ctypes
import importlib
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeAlias

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.uint8]
"""Grey image: height x width, 0 black to 255 white."""
Corners: TypeAlias = NDArray[np.float64]
"""Four corner points (x, y) in pixels, shape (4, 2)."""

_TURKISH = frozenset(string.printable) | frozenset("ÇçĞğİıÖöŞşÜüÂâÎîÛû’‘“”–…€°")

_MAX_FINDERS = 60
"""Finder patterns of an image that OpenCV sees: 20 codes, 16 ms."""

# OpenCV spreads its work over all cores by itself; the batch already has a process for each.
cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One code that a decoder read: its text and its corners in the pixels of the image it was given."""

    text: str
    corners: Corners


@dataclass(frozen=True, slots=True)
class Unread:
    """A code that was seen but whose modules make no sense: its corners and its version (1 to 40)."""

    corners: Corners
    version: int


class Decoder(Protocol):
    """What a rung of the ladder needs: a name for the reports, and every QR code of a grey image."""

    name: str

    def read(self, image: Grey) -> list[Sighting]:
        """Return every QR code that this decoder reads in the image; never raises for an odd code."""


def payload_text(raw: bytes, guess: str) -> str:
    """Return the text of a code's bytes: UTF-8, else Windows-1254 where that is Turkish, else the decoder's guess.

    Codes without a declared character set are Latin-1 by ISO/IEC 18004 and UTF-8 or the maker's own code page in
    practice; Windows-1254 is believed only where every letter it yields is one that Turkish uses.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        turkish = raw.decode("cp1254", errors="replace")
    return turkish if _TURKISH.issuperset(turkish) else guess


def undo_guess(text: str) -> str:
    """Return the text behind a decoder's guess of Shift-JIS, Big5 or Latin-1 for bytes that are none of them."""
    for encoding in ("cp932", "big5", "latin-1"):
        try:
            raw = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        plain = payload_text(raw, text)
        if plain != text:
            return plain
    return text


class Zxing:
    """zxing-cpp, limited to QR codes; with `global_histogram`, one threshold for the whole image.

    Micro QR is left out: no paper has it, its error correction is weak, and zxing-cpp looks for it inside every
    damaged code. Light-on-dark codes are tried as well: it costs half as much again and has read one photograph more.
    """

    name = "zxing"

    def __init__(self, *, global_histogram: bool = False) -> None:
        binarizer = zxingcpp.Binarizer
        self._binarizer = binarizer.GlobalHistogram if global_histogram else binarizer.LocalAverage
        self._formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)

    def read(self, image: Grey) -> list[Sighting]:
        """Return every QR code in the image."""
        return [
            Sighting(payload_text(code.bytes, code.text), self._corners(code.position))
            for code in self._found(image, errors=False)
        ]

    def unread(self, image: Grey) -> list[Unread]:
        """Return every QR code that is seen in the image and cannot be read."""
        found = [code for code in self._found(image, errors=True) if not code.valid]
        versions = [_version(code.extra) for code in found]
        return [
            Unread(self._corners(code.position), version)
            for code, version in zip(found, versions, strict=True)
            if version
        ]

    def _found(self, image: Grey, *, errors: bool) -> list[zxingcpp.Barcode]:
        return zxingcpp.read_barcodes(
            np.ascontiguousarray(image),
            formats=self._formats,
            binarizer=self._binarizer,
            text_mode=zxingcpp.TextMode.Plain,
            return_errors=errors,
        )

    def _corners(self, position: zxingcpp.Position) -> Corners:
        names = ("top_left", "top_right", "bottom_right", "bottom_left")
        points = (getattr(position, name) for name in names)
        return np.array([(point.x, point.y) for point in points], dtype=np.float64)


def _version(extra: object) -> int:
    """Return the version that zxing-cpp read from the code's size, 0 where it gives none."""
    version = extra.get("Version") if isinstance(extra, dict) else None
    return int(version) if isinstance(version, str) and version.isdigit() else 0


_ZBAR = "libzbar.so.0"


def _zbar_library(_: str) -> str | None:
    """Return the name by which the system loads ZBar's library, None where it is missing."""
    try:
        ctypes.CDLL(_ZBAR)
    except OSError:
        return None
    return _ZBAR


class Zbar:
    """ZBar through pyzbar, limited to QR codes (its 1-D decoders warn on ordinary pages)."""

    name = "zbar"

    def __init__(self) -> None:
        # Its own way to the library runs other programs, which the sandbox lets nothing do.
        vars(importlib.import_module("pyzbar.zbar_library"))["find_library"] = _zbar_library
        pyzbar = importlib.import_module("pyzbar.pyzbar")  # ImportError where libzbar0 is not installed
        self._decode = pyzbar.decode
        self._symbols = [pyzbar.ZBarSymbol.QRCODE]

    def read(self, image: Grey) -> list[Sighting]:
        """Return every QR code in the image."""
        try:
            found = self._decode(image, symbols=self._symbols)
        except ValueError:
            # A symbol of a structured-append series has an orientation that pyzbar does not know:
            # the codes of the whole image are lost.
            return []
        return [
            Sighting(undo_guess(code.data.decode("utf-8", errors="replace")), _rectangle(*code.rect))
            for code in found
        ]


def _rectangle(left: float, top: float, width: float, height: float) -> Corners:
    right, bottom = left + width, top + height
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)


class OpenCv:
    """OpenCV's detector after ArUco.

    Its time grows with the cube of the number of finder patterns, to minutes on a wallpaper of them: images with more
    than `_MAX_FINDERS` are not shown to it.
    """

    name = "opencv"

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetectorAruco()

    def read(self, image: Grey) -> list[Sighting]:
        """Return every QR code in the image."""
        if _nested_squares(image) > _MAX_FINDERS:
            return []
        try:
            found, texts, corners, _ = self._detector.detectAndDecodeMulti(image)
        except (cv2.error, UnicodeDecodeError):
            # One code in a declared character set makes the binding raise, for the whole image.
            return []
        if not found:
            return []
        return [
            Sighting(undo_guess(text), quad.astype(np.float64))
            for text, quad in zip(texts, corners, strict=True)
            if text
        ]

    def corners(self, image: Grey) -> list[Corners]:
        """Return the corners of what looks like QR codes, whether or not they can be read."""
        if _nested_squares(image) > _MAX_FINDERS:
            return []
        try:
            found, quads = self._detector.detectMulti(image)
        except cv2.error:
            return []
        return [quad.astype(np.float64) for quad in quads] if found else []


def _nested_squares(image: Grey) -> int:
    """Count the outlines with an outline in an outline inside, as finder patterns are; a millisecond or two."""
    ink = cv2.adaptiveThreshold(image, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 7)
    outlines, tree = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return 0
    child = tree[0, :, 2]
    return int((child[child[child >= 0]] >= 0).sum())


DECODERS: dict[str, Callable[[], Decoder]] = {
    "zxing": Zxing,
    "zxing-histogram": lambda: Zxing(global_histogram=True),
    "zbar": Zbar,
    "opencv": OpenCv,
}
"""Every decoder by the key that the ladder's steps name; keys that share a `name` are one library."""


@cache
def load(key: str) -> Decoder | None:
    """Return the decoder of that key, or None where its native library is missing."""
    try:
        return DECODERS[key]()
    except ImportError:
        return None


def load_all(keys: Iterable[str]) -> list[Decoder]:
    """Return those of the named decoders that can run here, in the order given."""
    return [decoder for decoder in map(load, keys) if decoder is not None]


def available_decoders() -> tuple[str, ...]:
    """Return the names of the decoder libraries that can run on this machine, cheapest first."""
    return tuple(dict.fromkeys(decoder.name for decoder in load_all(DECODERS)))
