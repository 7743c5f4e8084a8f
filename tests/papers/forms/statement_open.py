"""Service statement, open: striped rows, other widths, centred heads, no occupation column."""

from itertools import accumulate, pairwise

from tests.papers.forms import footer
from tests.papers.forms.statement import draw_table, headings, identity_lines
from tests.papers.forms.table import Column, Look, Table, finish, turn_page
from tests.papers.forms.words import issue_phrases
from tests.papers.model import ServiceStatement
from tests.papers.sheet import HEIGHT, Align, Sheet

_LEFT = 27.0
_COLUMNS: tuple[tuple[int, float, Align, tuple[str, ...]], ...] = (
    (0, 26, "left", ("Sgrt.", "Kolu")),
    (1, 46, "left", ("Sgrt. Statü",)),
    (2, 52, "center", ("Sicil No",)),
    (3, 78, "left", ("Adı Soyadı",)),
    (5, 36, "center", ("İşyeri/", "Kurum/", "Sandık No")),
    (6, 26, "center", ("Ünite",)),
    (7, 30, "center", ("Dönem",)),
    (8, 24, "left", ("Belge", "Türü")),
    (9, 24, "center", ("Belge Kd", "Drc/Bsmk")),
    (10, 38, "center", ("Giriş", "Tarihi")),
    (11, 20, "right", ("Gün",)),
    (12, 52, "right", ("PEK/Bsmk/", "Dğr/Ek Gösterge")),
    (13, 38, "center", ("Çıkış", "Tarihi")),
    (14, 26, "center", ("Eksik Gün", "Nedeni")),
    (15, 26, "center", ("İşten", "Çıkış", "Nd. Kodu")),
)
_EDGES = tuple(accumulate((width for _, width, _, _ in _COLUMNS), initial=_LEFT))
COLUMNS = tuple(
    Column(cell, left, right, head, align)
    for (cell, _, align, head), (left, right) in zip(_COLUMNS, pairwise(_EDGES), strict=True)
)


def draw(sheet: Sheet, paper: ServiceStatement) -> None:
    """Draw all pages of the statement."""
    look = Look(size=5.6, ruled=False, centred_heads=True, head_height=28, top=44)
    y = draw_table(Table(sheet, paper, COLUMNS, look, _letter(sheet, paper)))
    _workplaces(sheet, paper, y + 24)
    finish(sheet, paper)


def _letter(sheet: Sheet, paper: ServiceStatement) -> float:
    y = headings(sheet, 40) + 2
    sheet.text(297, y, sheet.style.pick("issued", issue_phrases(paper.issued_at)), 7.5, align="center")
    y += 16
    for number, (label, value) in enumerate(identity_lines(sheet.style, paper)):
        x, line = (30 if number % 2 == 0 else 310), y + (number // 2) * 12
        sheet.text(x, line, f"{label} :", 7.5, bold=True)
        sheet.text(x + 130, line, value, 7.5)
    return y + 58


def _workplaces(sheet: Sheet, paper: ServiceStatement, y: float) -> None:
    if y + 24 + 13 * len(paper.workplaces) > HEIGHT - footer.HEIGHT_NEEDED - 40:
        turn_page(sheet, paper)
        y = 50
    sheet.text(
        30, y, sheet.style.pick("list title", ("İşyeri Ünvan Listesi", "İŞYERİ ÜNVAN LİSTESİ")), 9, bold=True
    )
    sheet.rule(30, y + 4, 565, y + 4)
    y += 15
    sheet.text(30, y, "İşyeri No", 7.5, bold=True)
    sheet.text(100, y, "Ünvan", 7.5, bold=True)
    for number, title in paper.printed_workplaces:
        y += 13
        sheet.text(30, y, number, 7.5)
        sheet.text(100, y, title, 7.5)
