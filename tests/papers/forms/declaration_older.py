"""Entry declaration, the older paper edition: other sections, start date in field 20."""

from tests.papers.forms import footer
from tests.papers.forms.cells import Cells
from tests.papers.forms.declaration import GROUP_HEADS, occupation, personal
from tests.papers.identities import GROUP_WIDTHS
from tests.papers.model import Declaration, EntryDeclaration, day
from tests.papers.sheet import Sheet

HEADINGS = (
    "B-SİGORTALININ KİMLİK BİLGİLERİ",
    "C-SİGORTALININ SOSYAL GÜVENLİK BİLGİLERİ",
    "D.BEYAN VE TAAHHÜTLER",
)
ID_LABEL = "SOSYAL GÜVENLİK SİGORTA SİCİL NUMARASI (T.C. Kimlik Numarası)"
_ROW = 15.0
_BOX = 13.4


def draw(sheet: Sheet, paper: EntryDeclaration) -> None:
    """Draw the declaration on one page."""
    cells = Cells(sheet, 6.8)
    _head(cells, paper)
    cells.bar(146, HEADINGS[0])
    y = _rows(cells, personal_older(paper), 159)
    cells.bar(y + 6, HEADINGS[1])
    y = _rows(cells, working_older(paper), y + 19)
    cells.bar(y + 6, HEADINGS[2])
    _employer(cells, paper, y + 19)
    cells.write()
    footer.draw(sheet, paper.footer)


def _head(cells: Cells, paper: EntryDeclaration) -> None:
    sheet = cells.sheet
    sheet.text(297, 46, "SOSYAL GÜVENLİK KURUMU", 9, bold=True, align="center")
    sheet.text(297, 62, "SİGORTALI İŞE GİRİŞ BİLDİRGESİ", 11, bold=True, align="center")
    moment = f"{day(paper.generated_at)} {paper.generated_at:%H:%M:%S}"
    sheet.text(297, 74, f"(4/1-a-b kapsamındaki sigortalılar için) {moment}", 7, align="center")
    cells.label(44, 92, ID_LABEL, bold=True)
    cells.digits(44, 108, paper.person.national_id, 18)
    cells.label(300, 92, "A-BELGENİN MAHİYETİ", bold=True)
    for x, name, chosen in ((300, "İlk", not paper.repeated), (370, "Tekrar", paper.repeated)):
        cells.label(x, 108, name)
        sheet.box(x + 30, 98, x + 42, 112)
        cells.value(x + 36, 108, "X" if chosen else "", "center")


def personal_older(paper: Declaration) -> tuple[tuple[str, str], ...]:
    """Return label and value of the fields about the person."""
    return (
        *personal(paper)[:7],
        ("9 Medeni Hali", "Bekâr"),
        ("10 Nüfusa Kayıtlı Olduğu Yer", f"{paper.person.birthplace} / MERKEZ"),
        ("11 Yabancı Uyruklu İse Ülke Adı", ""),
        ("12 Öğrenim Durumu/Mezuniyet Yılı/Bölümü", "Önlisans / 2009"),
        ("14 İkametgah Adresi/Tel", f"ÖRNEK MAH. DENEME SOK. NO:1 {paper.person.birthplace}"),
    )


def working_older(paper: Declaration) -> tuple[tuple[str, str], ...]:
    """Return label and value of the section with the start date."""
    return (
        ("15 Sigortalılık Türü/Kodu", "0"),
        ("17 01.10.2008 Tarihinden Önceki Sigorta Sicil No", ""),
        ("18 Yaşlılık Aylığı Alıyor mu", "Hayır"),
        ("19 4/1-b Kapsamında İse Meslek", ""),
        ("20 Sigortalının İşe Başladığı Tarih", paper.printed_day),
        ("21 Meslek Adı ve Kodu", occupation(paper)),
    )


def _rows(cells: Cells, fields: tuple[tuple[str, str], ...], y: float) -> float:
    for label, value in fields:
        cells.row(y, _ROW, (40, 240, 555))
        cells.label(44, y + 10, label)
        cells.value(246, y + 10, value)
        y += _ROW
    return y


def _employer(cells: Cells, paper: EntryDeclaration, y: float) -> None:
    cells.row(y, 46, (40, 160, 555))
    cells.label(44, y + 20, "22 İŞYERİ SİCİL NUMARASI")
    x = 170.0
    for head, (name, width) in zip(GROUP_HEADS, GROUP_WIDTHS.items(), strict=True):
        cells.label(x + 1, y + 12, head, size=5.4)
        cells.digits(x, y + 32, paper.printed_groups[name].rjust(width), _BOX)
        x += width * _BOX + 2
    y += 46
    cells.row(y, 30, (40, 297, 555))
    cells.label(44, y + 10, "24 İşverenin/İşyerinin/İlgili Kuruluşun Adı-Soyadı/Ünv.")
    cells.label(301, y + 10, "Adresi")
    cells.value(44, y + 23, paper.printed_title, width=248)
    cells.value(301, y + 23, paper.employer_address, width=250)
