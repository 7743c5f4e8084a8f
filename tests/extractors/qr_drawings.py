"""QR codes drawn for tests: as pixels, on sheets, as rectangles of a PDF page."""

import io
from typing import Any

import cv2
import numpy as np
import segno

from extractors.images import load_image
from extractors.qr_decoders import Grey

PAYLOAD = "barkod:hd0123456789abcdef01;tckn:10000000146;"
OTHER = "barkod:hdfedcba987654321000;tckn:10000000078;"
FOREIGN = "https://ornek.com.tr/menu"


def drawn(content: str | bytes, module: int = 5, **options: Any) -> Grey:
    """A QR code with its quiet zone, `module` pixels a module."""
    code = segno.make(content, micro=False, **options)
    file = io.BytesIO()
    code.save(file, kind="png", scale=module, border=4)
    return load_image(file.getvalue())[0]


def on_sheet(*placed: tuple[Grey, int, int], size: tuple[int, int] = (600, 800)) -> Grey:
    """A white sheet (height, width) with images at (x, y)."""
    sheet = np.full(size, 255, dtype=np.uint8)
    for image, x, y in placed:
        sheet[y : y + image.shape[0], x : x + image.shape[1]] = image
    return sheet


def hard_to_read(content: str) -> Grey:
    """A code of 1.5 pixels a module, slightly out of focus: too little for the first step."""
    small = cv2.resize(drawn(content, module=6), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.7), dtype=np.uint8)


def wavy(image: Grey, depth: float = 2.5) -> Grey:
    """The image on folded cloth: its rows and columns wave by `depth` pixels."""
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    bent = (x + depth * np.sin(y / 25)).astype(np.float32), (y + depth * np.sin(x / 31)).astype(np.float32)
    return np.asarray(cv2.remap(image, *bent, cv2.INTER_LINEAR, borderValue=255), np.uint8)


def wallpaper(count: int, module: int) -> Grey:
    """Nothing but finder patterns, `count` a side."""
    tile = np.full((9, 9), 255, np.uint8)
    tile[1:8, 1:8], tile[2:7, 2:7], tile[3:6, 3:6] = 0, 255, 0
    paper: Grey = np.tile(tile, (count, count)).repeat(module, axis=0).repeat(module, axis=1)
    return paper


def modules(content: str) -> list[tuple[int, int]]:
    """Row and column of every dark module."""
    matrix = segno.make(content, micro=False).matrix
    return [(row, column) for row, line in enumerate(matrix) for column, dark in enumerate(line) if dark]


def side_of(content: str, module: float = 1.5) -> float:
    """Side of a code without its quiet zone."""
    return module * len(segno.make(content, micro=False).matrix)


def vector(content: str, x: float, y: float, module: float = 1.5, paint: str = "f\n") -> str:
    """Draw a code as rectangles, its top left corner at (x, y) in PDF points; all one path where `paint` is empty."""
    places = modules(content)
    return "".join(
        f"{x + column * module} {y - (row + 1) * module} {module} {module} re {paint}"
        for row, column in places
    ) + ("" if paint else "f\n")
