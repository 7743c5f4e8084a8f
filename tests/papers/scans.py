"""What becomes of a PDF on its way: scans, photographs, passwords, broken uploads."""

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import pdfplumber
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen import canvas

from tests.papers.fonts import font_path
from tests.papers.style import Family

_pdfium: Any = pdfium  # it has no annotations
Grey: TypeAlias = NDArray[np.uint8]
Matrix: TypeAlias = NDArray[np.float64]
"""Homography, 3x3."""
_MADE = time.struct_time((2026, 11, 20, 12, 0, 0, 4, 324, 0))


def pictures(pdf: bytes, dpi: int = 150) -> Iterator[Image.Image]:
    """Give the pages as grey pictures."""
    document: Any = _pdfium.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    finally:
        document.close()


def image_only(pdf: bytes, dpi: int = 150, quality: int = 70, wear: "Wear | None" = None) -> bytes:
    """Return a PDF of the pages' pictures, without any text: a scan, clean or as a worn scanner gives it."""
    first, *others = (picture if wear is None else _scan(picture, wear) for picture in pictures(pdf, dpi))
    file = io.BytesIO()
    first.save(
        file,
        format="PDF",
        save_all=True,
        append_images=others,
        resolution=dpi,
        quality=quality,
        creationDate=_MADE,
        modDate=_MADE,
    )
    return file.getvalue()


def as_image(pdf: bytes, kind: str = "JPEG", page: int = -1, dpi: int = 150) -> bytes:
    """Return one page, the last unless told otherwise, as a JPEG, PNG or TIFF file."""
    file = io.BytesIO()
    list(pictures(pdf, dpi))[page].save(file, format=kind)
    return file.getvalue()


def searchable(pdf: bytes, dpi: int = 150) -> bytes:
    """Return what scanners with text recognition make: pictures of the pages under invisible words."""
    pdfmetrics.registerFont(ttfonts.TTFont("Searchable", str(font_path(Family.WIDE))))
    file = io.BytesIO()
    sheet = canvas.Canvas(file, invariant=True)
    with pdfplumber.open(io.BytesIO(pdf)) as source:
        for page, picture in zip(source.pages, pictures(pdf, dpi), strict=True):
            width, height = float(page.width), float(page.height)
            sheet.setPageSize((width, height))
            sheet.drawImage(ImageReader(picture), 0, 0, width, height)
            for word in page.extract_words():
                text = sheet.beginText(word["x0"], height - word["bottom"])
                text.setTextRenderMode(3)
                size = word["bottom"] - word["top"]
                text.setFont("Searchable", size)
                drawn = pdfmetrics.stringWidth(word["text"], "Searchable", size)
                text.setHorizScale(100 * (word["x1"] - word["x0"]) / drawn)
                text.textOut(word["text"])
                sheet.drawText(text)
            sheet.showPage()
    sheet.save()
    return file.getvalue()


def truncated(pdf: bytes, keep: float = 0.3) -> bytes:
    """Return the first part of the file: too little for any reader."""
    return pdf[: int(len(pdf) * keep)]


@dataclass(frozen=True, slots=True)
class Wear:
    """What a scanner does to a page.

    Skew in degrees clockwise, noise in grey levels, blur in pixels, JPEG quality, and how grey the paper and how pale
    the ink have become.
    """

    skew: float = 0.0
    noise: float = 0.0
    blur: float = 0.0
    quality: int | None = None
    paper: int = 255
    ink: int = 0


def scanned(picture: Grey, wear: Wear, seed: int = 0) -> tuple[Grey, Matrix]:
    """Return a page as a worn scanner gives it, and the matrix from page to scan."""
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -wear.skew, 1.0)
    turned = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255.0)
    return _worn(turned, wear, seed), np.vstack((matrix, (0.0, 0.0, 1.0)))


def _scan(picture: Image.Image, wear: Wear) -> Image.Image:
    return Image.fromarray(scanned(np.asarray(picture), wear)[0])


def photographed(picture: Grey, wear: Wear, tilt: float = 0.06, seed: int = 0) -> tuple[Grey, Matrix]:
    """Return a page as a phone gives it: on a dark desk, in perspective, shaded; and the matrix from page to photo.

    `tilt` is the part of its width by which the page's corners are out of place.
    """
    rng = np.random.default_rng(seed)
    height, width = picture.shape
    margin = 0.08 * width
    size = (round(width + 2 * margin), round(height + 2 * margin))
    page = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    placed = page + margin + rng.uniform(-tilt, tilt, (4, 2)).astype(np.float32) * width
    matrix = cv2.getPerspectiveTransform(page, placed)
    toned = wear.ink + picture * ((wear.paper - wear.ink) / 255)
    desk = cv2.GaussianBlur(rng.normal(60, 25, size[::-1]).astype(np.float32), (0, 0), 3)
    photo = cv2.warpPerspective(
        toned.astype(np.float32),
        matrix,
        size,
        dst=desk,
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    falloff = 1 - 0.25 * (x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1)) - 0.15 * (x**2 + y**2)
    shaded = np.clip(photo * np.clip(falloff, 0.3, 1.1), 0, 255).astype(np.uint8)
    plain = Wear(noise=wear.noise, blur=wear.blur, quality=wear.quality)
    return _worn(shaded, plain, seed), np.asarray(matrix, dtype=np.float64)


def _worn(picture: NDArray[Any], wear: Wear, seed: int) -> Grey:
    values: NDArray[Any] = wear.ink + picture.astype(np.float32) * ((wear.paper - wear.ink) / 255)
    if wear.blur:
        values = cv2.GaussianBlur(values, (0, 0), wear.blur)
    if wear.noise:
        values = values + np.random.default_rng(seed).normal(0, wear.noise, values.shape)
    result: Grey = np.clip(values, 0, 255).astype(np.uint8)
    if wear.quality is None:
        return result
    _, coded = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, wear.quality])
    decoded = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    assert decoded is not None, "an encoded picture decodes"
    return np.asarray(decoded, dtype=np.uint8)
