"""Drawing with fpdf2."""

import atexit
import io
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fpdf import FPDF

from tests.papers.fonts import font_path, misreading_font
from tests.papers.forms import draw_on
from tests.papers.model import Paper
from tests.papers.sheet import HEIGHT, SUBJECT, WIDTH, Sheet, qr_image, runs
from tests.papers.style import Encoding, Family, Form, Style

_CREATED = datetime(2026, 11, 20, 12, tzinfo=UTC)


def draw(paper: Paper, style: Style) -> bytes:
    """Return the paper as a PDF; the same paper and style give the same bytes."""
    sheet = FpdfSheet(style, created=getattr(paper, "issued_at", _CREATED))
    draw_on(sheet, paper, style.form or Form.OPEN)
    return sheet.finish()


@cache
def _misreading_file(family: Family, *, bold: bool) -> Path:
    """Write the font to a file that lasts as long as the process: fpdf2 reads fonts from paths only."""
    folder = tempfile.TemporaryDirectory(prefix="papers-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / f"{family}-{'bold' if bold else 'regular'}.ttf"
    path.write_bytes(misreading_font(family, bold=bold))
    return path


class FpdfSheet(Sheet):
    """An fpdf2 document."""

    def __init__(self, style: Style, created: datetime = _CREATED) -> None:
        super().__init__(style)
        self._pdf = FPDF(unit="pt", format=(WIDTH, HEIGHT))
        self._pdf.set_auto_page_break(False)
        self._pdf.set_creation_date(created)
        self._pdf.set_subject(SUBJECT)
        for bold in (False, True):
            latin1 = style.encoding is Encoding.LATIN1
            path = (_misreading_file if latin1 else font_path)(style.family, bold=bold)
            self._pdf.add_font("paper", "B" if bold else "", path)
        self._pdf.set_char_spacing(self.spacing)
        self._pdf.add_page()

    def finish(self) -> bytes:
        """Return the bytes of the PDF."""
        return bytes(self._pdf.output())

    def _text(self, x: float, y: float, text: str, size: float, bold: bool) -> None:
        self._font(size, bold)
        self._pdf.text(x, y, text)

    def _width(self, text: str, size: float, bold: bool) -> float:
        self._font(size, bold)
        return float(self._pdf.get_string_width(text)) - self.spacing * len(text)

    def _font(self, size: float, bold: bool) -> None:
        self._pdf.set_font("paper", "B" if bold else "", size)

    def _rule(self, x0: float, y0: float, x1: float, y1: float, weight: float) -> None:
        self._pdf.set_line_width(weight)
        self._pdf.line(x0, y0, x1, y1)

    def _box(self, x: float, y: float, width: float, height: float, fill: float | None) -> None:
        self._pdf.set_line_width(0.4)
        self._pdf.set_fill_color(0 if fill is None else round(fill * 255))
        self._pdf.rect(x, y, width, height, style="D" if fill is None else "F")

    def _qr_rectangles(self, x: float, y: float, side: float, matrix: tuple[bytes, ...]) -> None:
        module = side / len(matrix)
        self._pdf.set_fill_color(0)
        for number, row in enumerate(matrix):
            for start, length in runs(row):
                self._pdf.rect(x + start * module, y + number * module, length * module, module, style="F")

    def _qr_image(self, x: float, y: float, side: float, matrix: tuple[bytes, ...]) -> None:
        file = io.BytesIO()
        qr_image(matrix).save(file, format="PNG")
        self._pdf.image(file, x, y, side, side)

    def _next_page(self) -> None:
        self._pdf.add_page()
