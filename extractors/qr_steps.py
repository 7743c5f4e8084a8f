"""The steps of the QR ladder: how an image is prepared before a decoder looks at it, cheapest first.

A new step is one function and one line in `STEPS`. The order and the choice come from measurements on
photographs, scans and rendered pages; `benchmarks/qr_photos.py` prints what each step adds and costs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.qr_decoders import Corners, Grey, OpenCv, Zxing
from extractors.qr_grid import redrawn

FIRST_PIXELS = 4_000_000
"""Pixels of the image that most steps see: A4 at 200 dpi. A phone's photograph has three times as many and gains
little by them; one step looks at all of them."""
_BIG_PIXELS = 3_000_000
"""Pixels from which an image is shrunk instead of doubled: phone photographs have more than enough."""
_SMALL_PIXELS = 1_100_000
"""Pixels up to which an image is tripled: A4 at 100 dpi. Larger ones have enough, and pay nine times as much."""
_DETECTION_SIDE = 1000
"""Longest side, in pixels, at which OpenCV looks for codes: above it the time grows and nothing is gained."""
_WARP_SIDES = (180, 320)
"""Sides, in pixels, of the upright square that a code is warped to: about 4 and 8 a module for common versions."""
_MOST_SYMBOLS = 6
"""Codes of an image that are followed module by module (10 to 30 ms each)."""
_LARGEST_VERSION = 20
"""Of a code that is followed (97 modules a side): larger ones hold 800 bytes, a payload has 41."""


@dataclass(frozen=True, slots=True)
class View:
    """A prepared image, and the 3x3 matrix that takes its pixels back to those of the image it came from.

    Views of one `target` show one code in several ways: when it is read, the other views are not wanted.
    """

    image: Grey
    back: NDArray[np.float64]
    target: int | None = None

    def place(self, corners: Corners) -> Corners:
        """Return corners of this view in the pixels of the original."""
        placed = cv2.perspectiveTransform(corners.reshape(1, -1, 2), self.back)
        return np.asarray(placed, dtype=np.float64).reshape(-1, 2)


Prepare: TypeAlias = Callable[[Grey], Iterator[View]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `suffix` tells it apart in a reading's `decoder` (`zxing+2x`; empty: the decoder's name alone)."""

    suffix: str
    decoders: tuple[str, ...]
    prepare: Prepare


def resized(image: Grey, factor: float, interpolation: int = cv2.INTER_LINEAR) -> View:
    """Return the image scaled by `factor`; by area where it shrinks."""
    if factor == 1:
        return View(image, np.eye(3))
    if factor < 1:
        interpolation = cv2.INTER_AREA
    height, width = image.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    scaled = cv2.resize(image, size, interpolation=interpolation)
    back = np.array([[width / size[0], 0, 0], [0, height / size[1], 0], [0, 0, 1]], dtype=np.float64)
    return View(_grey(scaled), back)


def fitted(image: Grey, side: int) -> View:
    """Return the image with its longest side at most `side` pixels."""
    return resized(image, min(1.0, side / max(image.shape)))


def within(image: Grey, pixels: int) -> View:
    """Return the image with at most so many pixels."""
    return resized(image, min(1.0, (pixels / image.size) ** 0.5))


def _grey(image: "cv2.typing.MatLike") -> Grey:
    return np.asarray(image, dtype=np.uint8)


def _overview(image: Grey) -> Iterator[View]:
    yield within(image, FIRST_PIXELS)


def _full(image: Grey) -> Iterator[View]:
    if image.size > FIRST_PIXELS:
        yield View(image, np.eye(3))


def _changed(change: Callable[[Grey], Grey], *sources: Prepare) -> Prepare:
    """Return the preparation that applies a change to every view of some others."""

    def prepare(image: Grey) -> Iterator[View]:
        for source in sources:
            for view in source(image):
                yield View(change(view.image), view.back)

    return prepare


def _double(image: Grey) -> Iterator[View]:
    yield fitted(image, 1500) if image.size > _BIG_PIXELS else resized(image, 2)


def _triple(image: Grey) -> Iterator[View]:
    if image.size <= _SMALL_PIXELS:
        yield resized(image, 3, cv2.INTER_CUBIC)


def _fit_700(image: Grey) -> Iterator[View]:
    yield fitted(image, 700)


def _fit_1000(image: Grey) -> Iterator[View]:
    yield fitted(image, _DETECTION_SIDE)


def _blurred(image: Grey) -> Grey:
    return _grey(cv2.GaussianBlur(image, (0, 0), 1.2))


def _equalised(image: Grey) -> Grey:
    return _grey(cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(image))


def _contrasted(image: Grey) -> Grey:
    """Even the contrast out after the noise: dark and faint pictures."""
    return _equalised(_grey(cv2.GaussianBlur(image, (0, 0), 1.0)))


def _sharpened(image: Grey) -> Grey:
    return _grey(cv2.addWeighted(image, 3.0, cv2.GaussianBlur(image, (0, 0), 2.0), -2.0, 0))


def _much_sharpened(image: Grey) -> Grey:
    return _grey(cv2.addWeighted(image, 4.0, cv2.GaussianBlur(image, (0, 0), 3.0), -3.0, 0))


def _levelled(image: Grey) -> Grey:
    """Bring every neighbourhood to one mean and one spread: shadows, spots of light."""
    grey = image.astype(np.float32)
    mean = cv2.blur(grey, (61, 61))
    spread = np.sqrt(np.maximum(cv2.blur(grey * grey, (61, 61)) - mean * mean, 9))
    return np.clip(128 + (grey - mean) / spread * 80, 0, 255).astype(np.uint8)


def _thickened(image: Grey) -> Grey:
    return _grey(cv2.erode(image, np.ones((3, 3), np.uint8)))


def _thinned(image: Grey) -> Grey:
    return _grey(cv2.dilate(image, np.ones((3, 3), np.uint8)))


def _adaptive(image: Grey) -> Grey:
    black = cv2.adaptiveThreshold(image, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 51, 10)
    return _grey(black)


def _upright(image: Grey) -> Iterator[View]:
    """Yield every square that looks like a code, seen straight from above, from the full-size image."""
    small = fitted(image, _DETECTION_SIDE)
    for target, quad in enumerate(OpenCv().corners(small.image)[:_MOST_SYMBOLS]):
        corners = small.place(quad)
        for side in _WARP_SIDES:
            margin = side / 8
            low, high = margin, margin + side
            square = np.array([(low, low), (high, low), (high, high), (low, high)], dtype=np.float32)
            back = cv2.getPerspectiveTransform(square, corners.astype(np.float32))
            edge = round(side + 2 * margin)
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            upright = cv2.warpPerspective(
                image, back, (edge, edge), flags=flags, borderMode=cv2.BORDER_REPLICATE
            )
            yield View(_grey(upright), np.asarray(back, dtype=np.float64), target)


def _followed(image: Grey) -> Iterator[View]:
    """Yield clean drawings of the codes that zxing-cpp sees but cannot read."""
    (small,) = _overview(image)
    target = 0
    for view in (small, *_double(small.image)):
        for code in Zxing().unread(view.image)[:_MOST_SYMBOLS]:
            if code.version > _LARGEST_VERSION:
                continue
            target += 1
            corners = small.place(view.place(code.corners) if view is not small else code.corners)
            for clean in redrawn(image, corners, code.version):
                yield View(clean, _onto(corners, clean.shape[0], code.version), target)


def _onto(corners: Corners, edge: int, version: int) -> NDArray[np.float64]:
    """Return the matrix from the pixels of a drawn symbol, four modules of quiet zone around, to its corners."""
    low = 4 * edge / (25 + 4 * version)
    square = np.array(
        [(low, low), (edge - low, low), (edge - low, edge - low), (low, edge - low)], np.float32
    )
    return np.asarray(cv2.getPerspectiveTransform(square, corners.astype(np.float32)), np.float64)


STEPS: tuple[Step, ...] = (
    Step("", ("zxing",), _overview),
    Step("full", ("zxing",), _full),
    Step("histogram", ("zxing-histogram",), _overview),
    Step("2x", ("zxing",), _double),
    Step("contrast", ("zxing",), _changed(_contrasted, _overview)),
    Step("sharp", ("zxing",), _changed(_sharpened, _double)),
    Step("grid", ("zxing",), _followed),
    Step("blur", ("zxing",), _changed(_blurred, _overview)),
    Step("clahe", ("zxing",), _changed(_equalised, _overview)),
    Step("level", ("zxing-histogram",), _changed(_levelled, _double)),
    Step("thick", ("zxing-histogram",), _changed(_thickened, _double)),
    Step("3x", ("zxing",), _changed(_much_sharpened, _triple)),
    Step("thin", ("zxing",), _changed(_thinned, _triple)),
    Step("corners", ("zxing", "zbar"), _upright),
    Step("fit700", ("zbar",), _fit_700),
    Step("contrast", ("zbar",), _changed(_contrasted, _fit_1000)),
    Step("adaptive", ("zbar",), _changed(_adaptive, _fit_1000)),
    Step("blur", ("zbar",), _changed(_blurred, _overview)),
    Step("", ("opencv",), _fit_1000),
)
PLAIN_STEPS = STEPS[:3]
"""Those that look at an image as it is: a tenth of the cost of all."""
SHRUNK_STEPS = STEPS[-5:-2]
"""Those of ZBar that look at a large image shrunk to one of `SHRUNK_SIDES`: it reads some codes only when small."""
SHRUNK_SIDES = (1000, 700)
