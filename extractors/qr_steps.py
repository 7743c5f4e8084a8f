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

from extractors.qr_decoders import Corners, Grey, OpenCv

_BIG_PIXELS = 3_000_000
"""Pixels from which an image is shrunk instead of doubled: phone photographs have more than enough."""
_DETECTION_SIDE = 1000
"""Longest side, in pixels, at which OpenCV looks for codes: above it the time grows and nothing is gained."""
_WARP_SIDES = (180, 320)
"""Sides, in pixels, of the upright square that a code is warped to: about 4 and 8 a module for common versions."""


@dataclass(frozen=True, slots=True)
class View:
    """A prepared image, and the 3x3 matrix that takes its pixels back to those of the image it came from."""

    image: Grey
    back: NDArray[np.float64]

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


def _grey(image: "cv2.typing.MatLike") -> Grey:
    return np.asarray(image, dtype=np.uint8)


def _whole(image: Grey) -> Iterator[View]:
    yield View(image, np.eye(3))


def _double(image: Grey) -> Iterator[View]:
    yield fitted(image, 1500) if image.size > _BIG_PIXELS else resized(image, 2)


def _blurred(image: Grey) -> Iterator[View]:
    yield View(_grey(cv2.GaussianBlur(image, (0, 0), 1.2)), np.eye(3))


def _equalised(image: Grey) -> Iterator[View]:
    equaliser = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8))
    yield View(_grey(equaliser.apply(image)), np.eye(3))


def _sharpened(image: Grey) -> Grey:
    soft = cv2.GaussianBlur(image, (0, 0), 2.0)
    return _grey(cv2.addWeighted(image, 2.0, soft, -1.0, 0))


def _double_sharpened(image: Grey) -> Iterator[View]:
    for view in _double(image):
        yield View(_sharpened(view.image), view.back)


def _fit_700(image: Grey) -> Iterator[View]:
    yield fitted(image, 700)


def _fit_detection(image: Grey) -> Iterator[View]:
    yield fitted(image, _DETECTION_SIDE)


def _adaptive(image: Grey) -> Iterator[View]:
    view = fitted(image, 1000)
    black = cv2.adaptiveThreshold(view.image, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 51, 10)
    yield View(_grey(black), view.back)


def _upright(image: Grey) -> Iterator[View]:
    """Yield every square that looks like a code, seen straight from above, from the full-size image."""
    small = fitted(image, _DETECTION_SIDE)
    for quad in OpenCv().corners(small.image):
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
            yield View(_grey(upright), np.asarray(back, dtype=np.float64))


STEPS: tuple[Step, ...] = (
    Step("", ("zxing",), _whole),
    Step("histogram", ("zxing-histogram",), _whole),
    Step("2x", ("zxing",), _double),
    Step("corners", ("zxing", "zbar"), _upright),
    Step("blur", ("zxing",), _blurred),
    Step("clahe", ("zxing",), _equalised),
    Step("sharp", ("zxing",), _double_sharpened),
    Step("fit700", ("zbar",), _fit_700),
    Step("adaptive", ("zbar",), _adaptive),
    Step("blur", ("zbar",), _blurred),
    Step("", ("opencv",), _fit_detection),
)
