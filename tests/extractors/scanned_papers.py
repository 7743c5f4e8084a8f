"""Papers as scanners and phones give them, and what is printed on them, for the tests of OCR."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from extractors import ocr
from extractors.layout import Reading, read_layout
from extractors.reader import PdfReader
from extractors.words import PageText
from tests.papers import draw, variants
from tests.papers.model import Paper
from tests.papers.scans import Grey, pictures

needs_ocr = pytest.mark.skipif(
    not ocr.available(), reason=f"Tesseract or its Turkish data are missing: {ocr.why_not()}"
)


@dataclass(frozen=True)
class Printed:
    """A paper's only page: its pixels at 200 dpi, its words, and what they say."""

    picture: Grey
    page: PageText
    reading: Reading


@cache
def printed(name: str, dpi: int = 200) -> Printed:
    makers: dict[str, Callable[[int], Paper]] = {**variants.STATEMENTS, **variants.DECLARATIONS}
    data = draw(makers[name](0))
    with PdfReader(data) as reader:
        page = reader.page_text(1)
    (picture,) = pictures(data, dpi)
    return Printed(np.asarray(picture), page, read_layout([page]))


def read(picture: Grey) -> tuple[ocr.PictureText, PageText]:
    """Read a picture that must be legible."""
    found = ocr.read_picture(picture)
    assert found is not None
    return found, PageText(1, found.width, found.height, found.upright, 1.0)
