"""A page to draw on, the same for every engine that places text by coordinates.

Coordinates are points from the top left; `y` of a text is its baseline. Engines implement the underscored
methods; forms (`tests.papers.forms`) use the others only.
"""

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Literal

import segno
from PIL import Image

from tests.papers.style import Encoding, Style, as_cp1254_read_as_latin1

WIDTH, HEIGHT = 595.28, 841.89
"""A4 portrait, points."""
Align = Literal["left", "center", "right"]
SUBJECT = "Synthetic sample for tests. Not an official document."
"""Stands in every drawn file's metadata."""


@lru_cache(maxsize=4096)
def qr_matrix(payload: str) -> tuple[bytes, ...]:
    """Return the modules of a QR code (error level M, no quiet zone), one bytes object of 0 and 1 a row."""
    return tuple(bytes(row) for row in segno.make(payload, error="m", micro=False).matrix)


class Sheet(ABC):
    """One PDF being drawn."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.page = 1
        self.left = style.between("left", -6.0, 6.0, 0.0)
        self.top = style.between("top", -6.0, 6.0, 0.0)
        self.scale = style.between("scale", 0.96, 1.04, 1.0)
        self.spacing = style.between("spacing", -0.03, 0.08, 0.0)

    def text(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, align: Align = "left"
    ) -> None:
        """Write a line with its baseline at y; x is its left end, middle or right end."""
        if not text:
            return
        if align != "left":
            x -= self.width(text, size, bold=bold) * (0.5 if align == "center" else 1.0)
        self._text(x + self.left, y + self.top, self._encoded(text), size * self.scale, bold)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a line in points."""
        encoded = self._encoded(text)
        return self._width(encoded, size * self.scale, bold) + self.spacing * len(encoded)

    def wrap(self, text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
        """Break a text between words so that each line fits the width; a long word stays whole."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(longer, size, bold=bold) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def paragraph(self, x: float, y: float, text: str, size: float, width: float) -> float:
        """Write a wrapped text from baseline y down; return the baseline of the line after it."""
        for line in self.wrap(text, size, width):
            self.text(x, y, line, size)
            y += size * 1.3
        return y

    def rule(self, x0: float, y0: float, x1: float, y1: float, weight: float = 0.4) -> None:
        """Draw a straight line."""
        self._rule(x0 + self.left, y0 + self.top, x1 + self.left, y1 + self.top, weight)

    def box(self, x0: float, y0: float, x1: float, y1: float, *, fill: float | None = None) -> None:
        """Draw a rectangle's outline, or fill it with a grey (0 black to 1 white) without outline."""
        self._box(x0 + self.left, y0 + self.top, x1 - x0, y1 - y0, fill)

    def qr(self, x: float, y: float, side: float, payload: str) -> None:
        """Draw a QR code with its top left at (x, y), as rectangles or as an image by the style."""
        matrix = qr_matrix(payload)
        draw = self._qr_image if self.style.qr_as_image else self._qr_rectangles
        draw(x + self.left, y + self.top, side, matrix)

    def next_page(self) -> None:
        """Begin another page."""
        self.page += 1
        self._next_page()

    @abstractmethod
    def finish(self) -> bytes:
        """Return the bytes of the PDF."""

    def _encoded(self, text: str) -> str:
        return as_cp1254_read_as_latin1(text) if self.style.encoding is Encoding.LATIN1 else text

    @abstractmethod
    def _text(self, x: float, y: float, text: str, size: float, bold: bool) -> None: ...

    @abstractmethod
    def _width(self, text: str, size: float, bold: bool) -> float: ...

    @abstractmethod
    def _rule(self, x0: float, y0: float, x1: float, y1: float, weight: float) -> None: ...

    @abstractmethod
    def _box(self, x: float, y: float, width: float, height: float, fill: float | None) -> None: ...

    @abstractmethod
    def _qr_rectangles(self, x: float, y: float, side: float, matrix: tuple[bytes, ...]) -> None: ...

    @abstractmethod
    def _qr_image(self, x: float, y: float, side: float, matrix: tuple[bytes, ...]) -> None: ...

    @abstractmethod
    def _next_page(self) -> None: ...


def runs(row: bytes) -> list[tuple[int, int]]:
    """Return the dark runs of a QR row as (start, length)."""
    found: list[tuple[int, int]] = []
    for column, dark in enumerate(row):
        if dark and found and sum(found[-1]) == column:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((column, 1))
    return found


def qr_image(matrix: tuple[bytes, ...], module: int = 6) -> Image.Image:
    """Return the QR code as a grey picture with `module` pixels a module."""
    pixels = bytes(0 if dark else 255 for row in matrix for dark in row)
    image = Image.frombytes("L", (len(matrix), len(matrix)), pixels)
    return image.resize((len(matrix) * module, len(matrix) * module), Image.Resampling.NEAREST)
