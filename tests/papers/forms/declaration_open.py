"""Entry and exit declaration, open: each value below its label, few lines, the date beside other cells."""

from tests.papers.forms import footer
from tests.papers.forms.cells import Cells
from tests.papers.forms.declaration import (
    GROUP_HEADS,
    employer_labels,
    headings,
    personal,
    section_headings,
    working,
)
from tests.papers.identities import GROUP_WIDTHS
from tests.papers.model import Declaration
from tests.papers.sheet import Sheet

_STEP = 27.0


def draw(sheet: Sheet, paper: Declaration) -> None:
    """Draw the declaration on one page."""
    cells = Cells(sheet, 7.0)
    _head(cells, paper)
    who, work, _ = section_headings(paper)
    y = _grid(cells, who, personal(paper), 168, 4)
    y = _grid(cells, work, working(paper), y + 16, 2)
    _employer(cells, paper, y + 16)
    cells.write(8.0)
    footer.draw(sheet, paper.footer)


def _head(cells: Cells, paper: Declaration) -> None:
    title, under = headings(paper)
    sheet = cells.sheet
    sheet.text(60, 50, "T.C.", 9)
    sheet.text(60, 62, "SOSYAL GÜVENLİK KURUMU", 9)
    sheet.text(60, 84, title, 13, bold=True)
    sheet.text(60, 97, under, 7.5)
    cells.label(60, 120, "SOSYAL GÜVENLİK SİCİL NUMARASI (T.C.KİMLİK NUMARASI)", bold=True)
    spaced = sheet.style.pick("id digits", (True, False))
    if spaced:
        for number, digit in enumerate(paper.person.national_id):
            cells.value(60 + number * 15, 134, digit)
            sheet.rule(59 + number * 15, 137, 70 + number * 15, 137)
    else:
        cells.value(60, 134, paper.person.national_id)
    cells.value(400, 120, "( X ) İlk   (   ) Tekrar" if not paper.repeated else "(   ) İlk   ( X ) Tekrar")


def _grid(cells: Cells, heading: str, fields: tuple[tuple[str, str], ...], y: float, columns: int) -> float:
    cells.label(60, y, heading, bold=True, size=8)
    cells.sheet.rule(60, y + 4, 540, y + 4, 0.8)
    width = 480 / columns
    for number, (label, value) in enumerate(fields):
        x, line = 60 + (number % columns) * width, y + 16 + (number // columns) * _STEP
        cells.label(x, line, label)
        cells.value(x, line + 11, value)
    return y + 16 + -(-len(fields) // columns) * _STEP


def _employer(cells: Cells, paper: Declaration, y: float) -> None:
    number, title, address = employer_labels(paper)
    cells.label(60, y, section_headings(paper)[2], bold=True, size=8)
    cells.sheet.rule(60, y + 4, 540, y + 4, 0.8)
    cells.label(60, y + 18, number)
    x = 60.0
    for head, name in zip(GROUP_HEADS, GROUP_WIDTHS, strict=True):
        head_text = f"ÜNİTE {head}" if head in ("YENİ", "ESKİ") else head
        cells.label(x, y + 32, head_text, size=6)
        cells.value(x, y + 44, paper.printed_groups[name])
        x += max(cells.sheet.width(head_text, 6), 7 * GROUP_WIDTHS[name]) + 14
    cells.label(60, y + 66, title)
    cells.value(60, y + 78, paper.printed_title)
    cells.label(60, y + 96, address)
    cells.value(60, y + 108, paper.employer_address)
