"""Labels and values of a form, so that all labels go into the file before all values.

The declarations of SGK are written like that: their plain text gives the labels first.
"""

from collections.abc import Sequence
from itertools import pairwise

from tests.papers.sheet import Align, Sheet


class Cells:
    """Texts waiting to be written: call `write` at the end."""

    def __init__(self, sheet: Sheet, size: float) -> None:
        self.sheet, self.size = sheet, size
        self._values: list[tuple[float, float, str, Align, float | None]] = []

    def label(self, x: float, y: float, text: str, *, bold: bool = False, size: float | None = None) -> None:
        """Write a label at once."""
        self.sheet.text(x, y, text, size or self.size, bold=bold)

    def value(
        self, x: float, y: float, text: str, align: Align = "left", *, width: float | None = None
    ) -> None:
        """Keep a value for the end; it will be set smaller where it is wider than `width`."""
        self._values.append((x, y, text, align, width))

    def digits(self, x: float, y: float, text: str, width: float) -> None:
        """Draw one box for each character, `width` points wide, from x on; y is the baseline."""
        for number, digit in enumerate(text):
            left = x + number * width
            self.sheet.box(left, y - 10, left + width, y + 4)
            self.value(left + width / 2, y, digit, "center")

    def row(self, y: float, height: float, edges: Sequence[float]) -> None:
        """Draw the boxes of a row between the edges."""
        for x0, x1 in pairwise(edges):
            self.sheet.box(x0, y, x1, y + height)

    def bar(self, y: float, text: str) -> None:
        """Draw a grey section heading across the page."""
        self.sheet.box(40, y, 555, y + 13, fill=0.85)
        self.sheet.box(40, y, 555, y + 13)
        self.label(44, y + 9.5, text, bold=True)

    def write(self, size: float | None = None) -> None:
        """Write the values."""
        for x, y, text, align, width in self._values:
            usual = size or self.size + 0.5
            fitting = (
                usual if width is None else usual * min(1.0, width / max(self.sheet.width(text, usual), 1.0))
            )
            self.sheet.text(x, y, text, fitting, align=align)
