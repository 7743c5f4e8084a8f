"""Service statement, ruled: sixteen fixed columns, header repeated on each page."""

from itertools import pairwise

from tests.papers.forms import footer
from tests.papers.forms.table import Column, Look, Table, finish, turn_page
from tests.papers.forms.words import issue_phrases
from tests.papers.model import ServiceStatement, Total, day
from tests.papers.sheet import HEIGHT, Sheet
from tests.papers.style import Style

RIGHT = 571.0
_HEADS = (
    (32, ("Sgrt.", "Kolu")),
    (52, ("Sgrt.", "Statü")),
    (96, ("Sicil", "No")),
    (148, ("Adı", "Soyadı")),
    (223, ("Meslek", "Kodu")),
    (248, ("İşyeri/", "Kurum/", "Sandık", "No")),
    (283, ("Ünite",)),
    (311, ("Dönem",)),
    (340, ("Belge", "Türü")),
    (361, ("Belge", "Kd/Drc", "Bsmk")),
    (381, ("Giriş", "Tarihi")),
    (411, ("Gün",)),
    (431, ("PEK/Bsmk", "Dğr/Ek", "Gösterge")),
    (486, ("Çıkış", "Tarihi")),
    (522, ("Eksik", "Gün", "Nedeni")),
    (544, ("İşten", "Çıkış", "Nedeni", "Kodu")),
)
COLUMNS = tuple(
    Column(cell, left, right, head)
    for cell, ((left, head), (right, _)) in enumerate(pairwise((*_HEADS, (RIGHT, ()))))
)


def draw(sheet: Sheet, paper: ServiceStatement) -> None:
    """Draw all pages of the statement."""
    y = draw_table(Table(sheet, paper, COLUMNS, Look(size=6.0), _letter(sheet, paper)))
    _workplaces(sheet, paper, _note(sheet, y))
    finish(sheet, paper)


def draw_table(table: Table) -> float:
    """Draw rows and totals in order; return the lower edge of the table."""
    for line in table.paper.lines():
        if isinstance(line, Total):
            table.total(line)
        else:
            table.row(line)
    return table.close()


def identity_lines(style: Style, paper: ServiceStatement) -> list[tuple[str, str]]:
    """Return label and value of the lines about the person, in one of their spellings."""
    who = paper.person
    number = style.pick("id label", ("T.C. Kimlik No", "KİMLİK NO", "T.C. KİMLİK NUMARASI"))
    apart = [("Adı", who.given_name), ("Soyadı", who.family_name)]
    names = style.pick("name label", (apart, [("ADI SOYADI", who.full_name)]))
    entries = [row.entry for row in paper.rows if row.entry]
    return [
        (number, who.national_id),
        *names,
        ("Doğum Yeri/Tarihi", f"{who.birthplace} / {day(who.birth_date)}"),
        ("CİNSİYET", who.sex),
        ("İlk İşe Giriş Tarihi", day(min(entries, default=None))),
        ("Toplam 4a Uzun Vade PÖGS", str(paper.total())),
    ]


def headings(sheet: Sheet, y: float) -> float:
    """Write the office's names and the title; return the next baseline."""
    lines = (
        "T.C.",
        "SOSYAL GÜVENLİK KURUMU BAŞKANLIĞI",
        "EMEKLİLİK HİZMETLERİ GENEL MÜDÜRLÜĞÜ",
        "İLGİLİ MAKAMA",
        "SİGORTALILIK TESCİL VE HİZMET DÖKÜMÜ",
    )
    for text in lines:
        sheet.text(297, y, text, 9.5, bold=True, align="center")
        y += 14
    return y


def _letter(sheet: Sheet, paper: ServiceStatement) -> float:
    y = headings(sheet, 46) + 6
    sheet.text(RIGHT, y, sheet.style.pick("issued", issue_phrases(paper.issued_at)), 7, align="right")
    for label, value in identity_lines(sheet.style, paper):
        sheet.text(40, y, label, 7)
        sheet.text(150, y, f": {value}", 7)
        y += 11
    return y + 4


def _note(sheet: Sheet, y: float) -> float:
    text = "Not: Hizmet kayıtlarına ilişkin ayrıntılı bilgi Sosyal Güvenlik Merkezlerinden ALINABİLMEKTEDİR."
    return sheet.paragraph(40, y + 14, text, 6.5, 510) + 10


def _workplaces(sheet: Sheet, paper: ServiceStatement, y: float) -> None:
    if y + 24 + 12 * len(paper.workplaces) > HEIGHT - footer.HEIGHT_NEEDED - 40:
        turn_page(sheet, paper)
        y = 60
    sheet.text(297, y, "İŞYERİ ÜNVAN LİSTESİ", 9, bold=True, align="center")
    y += 8
    head = sheet.style.pick("list head", (("İşyeri No", "Ünvan"), ("İşyeri Sicil No", "Ünvanı")))
    for number, title in (head, *paper.printed_workplaces):
        sheet.box(60, y, 130, y + 12)
        sheet.box(130, y, 535, y + 12)
        sheet.text(64, y + 8.5, number, 7)
        sheet.text(134, y + 8.5, title, 7)
        y += 12
