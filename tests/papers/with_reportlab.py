"""Drawing with ReportLab."""

import io
from functools import cache
from typing import Any

from reportlab.lib import pdfencrypt, utils
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen import canvas

from tests.papers.fonts import font_path, misreading_font
from tests.papers.forms import draw_on
from tests.papers.model import Paper
from tests.papers.sheet import HEIGHT, SUBJECT, WIDTH, Sheet, qr_image, runs
from tests.papers.style import Encoding, Family, Form, Style

# ReportLab has no annotations.
_utils: Any = utils
_encrypt: Any = pdfencrypt
_metrics: Any = pdfmetrics
_ttfonts: Any = ttfonts
_canvas: Any = canvas


def draw(paper: Paper, style: Style) -> bytes:
    """Return the paper as a PDF; the same paper and style give the same bytes."""
    sheet = ReportlabSheet(style)
    draw_on(sheet, paper, style.form or Form.RULED)
    return sheet.finish()


def draw_protected(paper: Paper, style: Style, user: str, owner: str = "sahip") -> bytes:
    """Return the paper as an encrypted PDF; an empty user password opens it without asking."""
    sheet = ReportlabSheet(style, _encrypt.StandardEncryption(user, owner, strength=128))
    draw_on(sheet, paper, style.form or Form.RULED)
    return sheet.finish()


@cache
def _font(family: Family, encoding: Encoding, bold: bool) -> str:
    name = f"{family}-{encoding}-{'bold' if bold else 'regular'}"
    latin1 = encoding is Encoding.LATIN1
    source = io.BytesIO(misreading_font(family, bold=bold)) if latin1 else str(font_path(family, bold=bold))
    _metrics.registerFont(_ttfonts.TTFont(name, source))
    return name


class ReportlabSheet(Sheet):
    """A ReportLab canvas."""

    def __init__(self, style: Style, encryption: object = None) -> None:
        super().__init__(style)
        self._file = io.BytesIO()
        self._canvas = _canvas.Canvas(
            self._file, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1, encrypt=encryption
        )
        self._canvas.setSubject(SUBJECT)

    def finish(self) -> bytes:
        """Return the bytes of the PDF."""
        self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()

    def _text(self, x: float, y: float, text: str, size: float, bold: bool) -> None:
        self._canvas.setFont(_font(self.style.family, self.style.encoding, bold), size)
        self._canvas.drawString(x, HEIGHT - y, text, charSpace=self.spacing or None)

    def _width(self, text: str, size: float, bold: bool) -> float:
        return float(_metrics.stringWidth(text, _font(self.style.family, self.style.encoding, bold), size))

    def _rule(self, x0: float, y0: float, x1: float, y1: float, weight: float) -> None:
        self._canvas.setLineWidth(weight)
        self._canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    def _box(self, x: float, y: float, width: float, height: float, fill: float | None) -> None:
        self._canvas.setLineWidth(0.4)
        self._canvas.setFillGray(0 if fill is None else fill)
        outlined, filled = int(fill is None), int(fill is not None)
        self._canvas.rect(x, HEIGHT - y - height, width, height, stroke=outlined, fill=filled)
        self._canvas.setFillGray(0)

    def _qr_rectangles(self, x: float, y: float, side: float, matrix: tuple[bytes, ...]) -> None:
        module = side / len(matrix)
        path = self._canvas.beginPath()
        for number, row in enumerate(matrix, start=1):
            for start, length in runs(row):
                path.rect(x + start * module, HEIGHT - y - number * module, length * module, module)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def _qr_image(self, x: float, y: float, side: float, matrix: tuple[bytes, ...]) -> None:
        image = _utils.ImageReader(qr_image(matrix))
        self._canvas.drawImage(image, x, HEIGHT - y - side, side, side)

    def _next_page(self) -> None:
        self._canvas.showPage()
