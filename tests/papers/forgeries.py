"""Papers that somebody edited: the text layer says one thing and the page shows another, or the file tells of it.

`draw_forged` draws a sound paper but for one text on it, which is written in a forger's way. The others take the
bytes of a finished PDF.
"""

import io
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from fontTools.ttLib import TTFont as FontFile
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import utils
from reportlab.pdfbase import pdfmetrics, ttfonts

from tests.papers.fonts import font_path
from tests.papers.forms import draw_on
from tests.papers.model import Paper
from tests.papers.sheet import HEIGHT
from tests.papers.style import Form, Style
from tests.papers.with_reportlab import ReportlabSheet

_utils: Any = utils
_metrics: Any = pdfmetrics
_ttfonts: Any = ttfonts

_LYING: list[str] = []
"""Fonts that were made."""
Canvas = Any
Trick = Callable[[Canvas, float, float, str, float], None]
"""How a text is written: canvas, left end and baseline in PDF space, text, size of type."""


class _ForgedSheet(ReportlabSheet):
    """A sheet on which every text equal to `target` is written by a trick."""

    def __init__(self, style: Style, target: str, trick: Trick) -> None:
        super().__init__(style)
        self._target = target
        self._trick = trick

    def _text(self, x: float, y: float, text: str, size: float, bold: bool) -> None:
        if text != self._target:
            super()._text(x, y, text, size, bold)
            return
        super()._text(-1000, -1000, "", size, bold)  # sets the font
        self._canvas.saveState()
        self._trick(self._canvas, x, HEIGHT - y, text, size)
        self._canvas.restoreState()


def draw_forged(paper: Paper, target: str, trick: Trick, style: Style | None = None) -> bytes:
    """Return the paper drawn by ReportLab with every text equal to `target` written by the trick."""
    style = style or Style()
    sheet = _ForgedSheet(style, target, trick)
    draw_on(sheet, paper, style.form or Form.RULED)
    return sheet.finish()


def unpainted(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    """Write a text that the page does not show (rendering mode 3)."""
    canvas.drawString(x, y, text, mode=3)


def white(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    """Write a text in white."""
    canvas.setFillGray(1)
    canvas.drawString(x, y, text)


def clipped(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    """Write a text where nothing is let through."""
    path = canvas.beginPath()
    path.rect(0, 0, 1, 1)
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.drawString(x, y, text)


def painted_over(shown: str) -> Trick:
    """Write a text, paint a white box over it, and put a picture of another text on the box."""

    def trick(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
        canvas.drawString(x, y, text)
        canvas.setFillGray(1)
        canvas.rect(x - 1, y - 2, size * len(text) * 0.6, size + 1, stroke=0, fill=1)
        pictured(shown)(canvas, x, y, text, size)

    return trick


def corrected(shown: str) -> Trick:
    """Write a text, paint a white box over it, and write another text on the box."""

    def trick(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
        canvas.drawString(x, y, text)
        canvas.setFillGray(1)
        canvas.rect(x - 1, y - 2, size * len(text) * 0.6, size + 1, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.drawString(x, y, shown)

    return trick


def annotated(shown: str) -> Trick:
    """Write a text and put a note with another text over it."""

    def trick(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
        canvas.drawString(x, y, text)
        place = [x, y - 2, x + size * len(text) * 0.6, y + size]
        canvas.freeTextAnnotation(shown, "/Helvetica 8 Tf 0 g", Rect=place)

    return trick


def pictured(shown: str) -> Trick:
    """Draw a picture of a text, which no text layer has."""

    def trick(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
        font = ImageFont.truetype(str(font_path(Style().family)), 80)
        left, top, right, bottom = (int(edge) for edge in font.getbbox(shown))
        image = Image.new("RGB", (right - left, bottom - top), "white")
        ImageDraw.Draw(image).text((-left, -top), shown, font=font, fill="black")
        scale = size / 80
        canvas.drawImage(_utils.ImageReader(image), x, y, image.width * scale, image.height * scale)

    return trick


def scribbled(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    """Write a text and strike it through with a pen that goes up and down."""
    canvas.drawString(x, y, text)
    path = canvas.beginPath()
    path.moveTo(x - 10, y)
    for step in range(8):
        path.lineTo(x + 6 * step, y + (0.8 if step % 2 else -0.1) * size)
    canvas.setLineWidth(1)
    canvas.drawPath(path)


def misread(shown: str) -> Trick:
    """Write a text in a font whose letters show `shown`, letter for letter: the text layer has the text."""

    def trick(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
        canvas.setFont(_lying_font(text, shown), size)
        canvas.drawString(x, y, text)

    return trick


@cache
def _lying_font(said: str, shown: str) -> str:
    """Register a font in which each letter of `said` has the glyph of the letter in its place in `shown`."""
    font = FontFile(font_path(Style().family))
    for table in font["cmap"].tables:
        if table.isUnicode():
            glyphs = {ord(a): table.cmap[ord(b)] for a, b in zip(said, shown, strict=True)}
            table.cmap.update(glyphs)
    for record in font["name"].names:
        if record.nameID == 6:  # ReportLab takes fonts of one PostScript name for one font
            record.string = f"Lying{len(_LYING)}"
    file = io.BytesIO()
    font.save(file)
    file.seek(0)
    name = f"lying-{said}-{shown}"
    _LYING.append(name)
    _metrics.registerFont(_ttfonts.TTFont(name, file))
    return name


def updated(data: bytes) -> bytes:
    """Append an update to a PDF of ReportLab: its document information is written anew."""
    start = int(re.findall(rb"startxref\s+([0-9]+)", data)[-1])
    trailer = data[data.rindex(b"trailer") :]
    size, root, info = (
        re.search(pattern, trailer)
        for pattern in (rb"/Size ([0-9]+)", rb"/Root ([0-9]+ 0 R)", rb"/Info ([0-9]+) 0 R")
    )
    assert size is not None
    assert root is not None
    assert info is not None
    number = int(info.group(1))
    place = len(data) + 1
    body = f"\n{number} 0 obj\n<</Title (changed)>>\nendobj\n".encode()
    table = f"xref\n{number} 1\n{place:010} 00000 n \ntrailer\n".encode()
    entries = (
        f"<</Size {size.group(1).decode()}/Root {root.group(1).decode()}/Info {number} 0 R/Prev {start}>>"
    )
    end = f"\nstartxref\n{len(data) + len(body)}\n%%EOF\n".encode()
    return data + body + table + entries.encode() + end
