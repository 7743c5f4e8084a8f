"""Tesseract in this process, without a file: one line of writing to characters with places and confidence.

The binding is tesserocr (MIT), whose wheel brings the engine itself; only the language data must be on the machine.
One engine is kept for the life of the process: loading it takes as long as reading ten lines.
"""

import importlib
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from extractors.qr_decoders import Grey

LANGUAGE = "tur"
DIGITS = "0123456789./-:"
"""What a second look at a number may find: digits and what stands between them in dates, periods and times."""
_DATA_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
"""Where Debian 12 and later, Debian 11, other distributions and Homebrew keep the language data."""
_DPI = 300
"""Told to Tesseract, which would guess it from each line anew."""


class Symbol(NamedTuple):
    """One character: its left and right edge in pixels of the line, and whether it begins a word.

    `confidence` (0 to 1) is that of its word.
    """

    text: str
    x0: int
    x1: int
    confidence: float
    begins: bool


def why_not() -> str | None:
    """Return None where OCR works, `engine` where Tesseract is missing, `language` where its Turkish data are."""
    try:
        _binding()
    except ImportError:
        return "engine"
    return "language" if data_folder() is None else None


def data_folder() -> Path | None:
    """Return the folder with Tesseract's Turkish data, that of TESSDATA_PREFIX first, or None."""
    named = os.environ.get("TESSDATA_PREFIX")
    folders = [*((named, f"{named}/tessdata") if named else ()), *_DATA_FOLDERS]
    return next((Path(f) for f in folders if (Path(f) / f"{LANGUAGE}.traineddata").is_file()), None)


def version() -> str:
    """Return the version of the engine; raises ImportError where it is missing."""
    return str(_binding().tesseract_version()).split()[1]


def read_line(image: Grey, *, digits: bool = False) -> list[Symbol]:
    """Return the characters of a picture of one line, from left to right; with `digits`, those of `DIGITS` only."""
    engine, level = _engine(digits=digits)
    height, width = image.shape
    engine.SetImageBytes(np.ascontiguousarray(image).tobytes(), width, height, 1, width)
    engine.SetSourceResolution(_DPI)
    engine.Recognize(0)
    place = engine.GetIterator()
    if place is None:
        return []
    found = []
    more = True
    while more:
        if not place.Empty(level.SYMBOL):
            x0, _, x1, _ = place.BoundingBox(level.SYMBOL)
            text = place.GetUTF8Text(level.SYMBOL)
            found.append(
                Symbol(text, x0, x1, place.Confidence(level.WORD) / 100, place.IsAtBeginningOf(level.WORD))
            )
        more = place.Next(level.SYMBOL)
    return found


def _binding() -> Any:
    """Import tesserocr, which is loaded when a picture is read and not at every start."""
    return importlib.import_module("tesserocr")


@cache
def _engine(*, digits: bool) -> tuple[Any, Any]:
    tesserocr = _binding()
    os.environ["OMP_THREAD_LIMIT"] = "1"
    folder = data_folder()
    if folder is None:
        raise FileNotFoundError(f"{LANGUAGE}.traineddata")
    engine = tesserocr.PyTessBaseAPI(
        path=str(folder), lang=LANGUAGE, psm=tesserocr.PSM.SINGLE_LINE, oem=tesserocr.OEM.LSTM_ONLY
    )
    if digits:
        engine.SetVariable("tessedit_char_whitelist", DIGITS)
    return engine, tesserocr.RIL
