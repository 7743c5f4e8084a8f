"""The table of a service statement as it grows down the pages, in any widths, ruled or striped."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.papers.forms import footer
from tests.papers.model import Row, ServiceStatement, Total, Where
from tests.papers.sheet import HEIGHT, Align, Sheet

CELLS = 16
"""Cells of a row, in the order of `ServiceStatement.cells`."""
DAYS = 11
"""Index of the days."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: which cell it shows, its edges in points, the stacked words of its head."""

    cell: int
    left: float
    right: float
    head: tuple[str, ...]
    align: Align = "left"

    def place(self, padding: float) -> float:
        """Return the x that goes with `align`."""
        if self.align == "center":
            return (self.left + self.right) / 2
        return self.left + padding if self.align == "left" else self.right - padding


@dataclass(frozen=True, slots=True)
class Look:
    """How the table is set: type size, ruled or striped, centred heads, height and place of the head."""

    size: float
    ruled: bool = True
    centred_heads: bool = False
    head_height: float = 32.0
    top: float = 50.0
    padding: float = 1.4


class Table:
    """Draws rows and totals; breaks pages and repeats the head."""

    def __init__(
        self, sheet: Sheet, paper: ServiceStatement, columns: Sequence[Column], look: Look, y: float
    ) -> None:
        self.sheet, self.paper, self.columns, self.look = sheet, paper, columns, look
        dates = min(c.right - c.left for c in columns if c.cell in (10, 13)) - 2 * look.padding
        self.size = min(look.size, dates / sheet.width("00.00.0000", 1.0))
        self.leading = sheet.style.between("leading", self.size * 1.1, self.size * 1.4, self.size * 1.2)
        self.gap = sheet.style.between("row gap", 1.6, 9.0, 2.4)
        self.left, self.right = columns[0].left, columns[-1].right
        self._striped = False
        self._head(y)

    def row(self, row: Row) -> None:
        """Draw a row; cells that are too long go on in a second line."""
        texts = self.paper.cells(row)
        cells = [self._lines(column, texts[column.cell]) for column in self.columns]
        lines = max(map(len, cells))
        self._room(lines)
        self._stripe(lines)
        for column, cell in zip(self.columns, cells, strict=True):
            for number, line in enumerate(cell):
                self._write(column.place(self.look.padding), number, line, column.align)
        self._end_of_row(lines)

    def total(self, total: Total) -> None:
        """Draw a TOPLAM line."""
        self._room(1)
        days = next(column for column in self.columns if column.cell == DAYS)
        self._write(self.left + self.look.padding, 0, total.label, "left", bold=True)
        self._write(days.place(self.look.padding), 0, str(total.days), days.align, bold=True)
        self._end_of_row(1, inner=False)

    def close(self) -> float:
        """End the table on this page; return its lower edge."""
        if self.look.ruled:
            for x in (self.left, self.right):
                self.sheet.rule(x, self._start, x, self.y)
        return self.y

    def _head(self, y: float) -> None:
        self._start, self.y = y, y + self.look.head_height
        if not self.look.ruled:
            self.sheet.box(self.left, y, self.right, self.y, fill=0.82)
        for column in self.columns:
            self._head_words(column, y)
        if self.look.ruled:
            self.sheet.rule(self.left, y, self.right, y)
            self._verticals(y, self.y)
            self.sheet.rule(self.left, self.y, self.right, self.y)

    def _head_words(self, column: Column, y: float) -> None:
        middle, centred = (column.left + column.right) / 2, self.look.centred_heads
        first = y + 7.5
        if centred:
            first += (self.look.head_height - 10 - 7 * (len(column.head) - 1)) / 2
        for number, word in enumerate(column.head):
            x = middle if centred else column.left + self.look.padding
            self.sheet.text(x, first + number * 7, word, self.size, align="center" if centred else "left")

    def _lines(self, column: Column, text: str) -> list[str]:
        width = column.right - column.left - 2 * self.look.padding
        return self.sheet.wrap(text, self.size, width + 0.5) or [""]

    def _write(self, x: float, line: int, text: str, align: Align, *, bold: bool = False) -> None:
        baseline = self.y + self.leading * (line + 1) - 1.4 + self.gap / 2
        self.sheet.text(x, baseline, text, self.size, bold=bold, align=align)

    def _room(self, lines: int) -> None:
        footed = has_footer(self.paper, self.sheet.page)
        limit = HEIGHT - (footer.HEIGHT_NEEDED + 36 if footed else 40)
        if self.y + lines * self.leading + self.gap > limit:
            self.close()
            turn_page(self.sheet, self.paper)
            self._head(self.look.top)

    def _stripe(self, lines: int) -> None:
        if not self.look.ruled and self._striped:
            bottom = self.y + lines * self.leading + self.gap
            self.sheet.box(self.left, self.y, self.right, bottom, fill=0.94)
        self._striped = not self._striped

    def _end_of_row(self, lines: int, *, inner: bool = True) -> None:
        bottom = self.y + lines * self.leading + self.gap
        if self.look.ruled:
            if inner:
                self._verticals(self.y, bottom)
            self.sheet.rule(self.left, bottom, self.right, bottom)
        self.y = bottom

    def _verticals(self, top: float, bottom: float) -> None:
        for column in self.columns[1:]:
            self.sheet.rule(column.left, top, column.left, bottom)


def has_footer(paper: ServiceStatement, page: int) -> bool:
    """Tell whether a page that is not the last carries the footer."""
    return paper.footer.where is Where.EVERY or (paper.footer.where is Where.FIRST and page == 1)


def turn_page(sheet: Sheet, paper: ServiceStatement) -> None:
    """Finish a page that is not the last, and begin the next."""
    if has_footer(paper, sheet.page):
        footer.draw(sheet, paper.footer)
    sheet.next_page()


def finish(sheet: Sheet, paper: ServiceStatement) -> None:
    """Draw the footer of the last page where it belongs there."""
    if paper.footer.where is not Where.FIRST or sheet.page == 1:
        footer.draw(sheet, paper.footer)
