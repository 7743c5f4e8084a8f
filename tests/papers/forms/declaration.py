"""Entry and exit declaration, ruled: value to the right of its label, digits in boxes."""

from tests.papers.forms import footer
from tests.papers.forms.cells import Cells
from tests.papers.identities import GROUP_WIDTHS
from tests.papers.model import Declaration, ExitDeclaration, day
from tests.papers.sheet import Sheet

GROUP_HEADS = ("M", "İŞ KOLU", "YENİ", "ESKİ", "İŞYERİ SIRA NO", "İL", "İLÇE", "KONT", "ALT İŞV")
_ROW = 15.0
_BOX = 12.4
_GAP = 4.0
_GROUPS_LEFT = 197.0


def draw(sheet: Sheet, paper: Declaration) -> None:
    """Draw the declaration on one page."""
    cells = Cells(sheet, 6.8)
    _head(cells, paper)
    y = _person(cells, paper, 152)
    y = _work(cells, paper, y + 6)
    _employer(cells, paper, y + 6)
    cells.write()
    footer.draw(sheet, paper.footer)


def headings(paper: Declaration) -> tuple[str, str]:
    """Return the title and the line under it, which ends in the moment of generation."""
    moment = f"{day(paper.generated_at)} {paper.generated_at:%H:%M:%S}"
    if isinstance(paper, ExitDeclaration):
        return (
            "SİGORTALI İŞTEN AYRILIŞ BİLDİRGESİ",
            f"(4/1-a-b VE 506 SK GM 20 KAPSAMINDAKİ SİGORTALILAR İÇİN) {moment}",
        )
    return (
        "SİGORTALI İŞE GİRİŞ BİLDİRGESİ",
        f"(4/1-a-b ve 506 SK GM 20 kapsamındaki sigortalılar için) {moment}",
    )


def occupation(paper: Declaration) -> str:
    """Print code and name of the occupation: the exit form turns them round."""
    code, name = paper.occupation
    return f"{name}-{code}" if isinstance(paper, ExitDeclaration) else f"{code} -{name}"


def personal(paper: Declaration) -> tuple[tuple[str, str], ...]:
    """Return label and value of the fields about the person; the birth date is printed as ISO 8601."""
    who = paper.person
    return (
        ("1 Adı", who.given_name),
        ("2 Soyadı", who.family_name),
        ("4 Baba Adı", who.father),
        ("5 Ana Adı", who.mother),
        ("6 Doğum Yeri", who.birthplace),
        ("7 Doğum Tarihi", who.birth_date.isoformat()),
        ("8 Cinsiyeti", "Kadın" if who.sex == "KADIN" else "Erkek"),
        ("9 Uyruğu", "T.C."),
    )


def working(paper: Declaration) -> tuple[tuple[str, str], ...]:
    """Return label and value of the section with the date, decoys before it."""
    if isinstance(paper, ExitDeclaration):
        return (
            ("13 01.10.2008 Tarihinden Önce Hizmeti Varsa;", ""),
            ("14 Meslek Adı ve Kodu", occupation(paper)),
            ("15 Sigortalının İşten Ayrılış Tarihi", paper.printed_day),
            ("16 Sigortalının İşten Ayrılış Nedeni (Kodu)", paper.reason),
        )
    return (
        ("12 Öğrenim Durumu / Mezuniyet Yılı", "Önlisans / 2009"),
        ("13 01.10.2008 Tarihinden Önce Hizmeti Varsa;", ""),
        ("14 Sigortalılık Türü (Kodu)", "0"),
        ("15 Yaşlılık Aylığı Alıp Almadığı", "Hayır"),
        ("16 Sigortalının işe başladığı tarih", paper.printed_day),
        ("17 Meslek Adı ve Kodu", occupation(paper)),
    )


def section_headings(paper: Declaration) -> tuple[str, str, str]:
    """Return the headings of person, work and employer."""
    work = "C-SİGORTALININ HİZMET BİLGİLERİ"
    if not isinstance(paper, ExitDeclaration):
        work = "B-SİGORTALININ SOSYAL GÜVENLİK BİLGİLERİ"
    return "A-SİGORTALININ KİMLİK/ADRES BİLGİLERİ", work, "D-BEYAN VE TAAHHÜTLER"


def employer_labels(paper: Declaration) -> tuple[str, str, str]:
    """Return the labels of workplace number, employer and address."""
    exit_form = isinstance(paper, ExitDeclaration)
    return (
        f"{20 if exit_form else 22} SGK İŞYERİ SİCİL NUMARASI",
        f"{22 if exit_form else 24} İşverenin/İşyerinin/İlgili Kuruluşun Adı-Soyadı/Ünv.",
        "İşyerinin (Kurumun) Adresi",
    )


def _head(cells: Cells, paper: Declaration) -> None:
    title, under = headings(paper)
    sheet = cells.sheet
    sheet.text(297, 48, "T.C.", 9, bold=True, align="center")
    sheet.text(297, 60, "SOSYAL GÜVENLİK KURUMU", 9, bold=True, align="center")
    sheet.text(297, 77, title, 11, bold=True, align="center")
    sheet.text(297, 89, under, 7, align="center")
    cells.label(44, 106, "SOSYAL GÜVENLİK SİCİL NUMARASI", bold=True)
    cells.label(44, 115, sheet.style.pick("id label", ("(T.C.KİMLİK NUMARASI)", "(T.C. KİMLİK NUMARASI)")))
    cells.digits(44, 132, paper.person.national_id, 22)
    cells.label(400, 106, "BİLDİRGENİN MAHİYETİ", bold=True)
    for x, name, chosen in ((400, "İlk", not paper.repeated), (470, "Tekrar", paper.repeated)):
        cells.label(x, 132, name)
        sheet.box(x + 30, 122, x + 42, 136)
        cells.value(x + 36, 132, "X" if chosen else "", "center")


def _person(cells: Cells, paper: Declaration, y: float) -> float:
    cells.bar(y, section_headings(paper)[0])
    y += 13
    fields = personal(paper)
    for left, right in zip(fields[::2], fields[1::2], strict=True):
        cells.row(y, _ROW, (40, 130, 297, 390, 555))
        for x, (label, value) in ((44, left), (301, right)):
            cells.label(x, y + 10, label)
            cells.value(x + (90 if x == 44 else 93), y + 10, value)
        y += _ROW
    cells.row(y, _ROW * 2, (40, 130, 555))
    cells.label(44, y + 10, "NÜFUSA KAYITLI")
    cells.label(44, y + 19, "OLDUĞU YER")
    places = ("İl", "İlçe", "Mahalle/Köy", "Cilt No", "Aile Sıra No", "Sıra No")
    values = (paper.person.birthplace, "MERKEZ", "ÖRNEK", "12", "34", "56")
    for number, (label, value) in enumerate(zip(places, values, strict=True)):
        cells.label(134 + number * 70, y + 9, label)
        cells.value(134 + number * 70, y + 23, value)
    y += _ROW * 2
    cells.row(y, _ROW, (40, 130, 555))
    cells.label(44, y + 10, "İKAMETGAH ADRESİ")
    cells.value(134, y + 10, f"ÖRNEK MAH. DENEME SOK. NO:1 {paper.person.birthplace}")
    return y + _ROW


def _work(cells: Cells, paper: Declaration, y: float) -> float:
    letter = (
        "C-SİGORTALININ HİZMET" if isinstance(paper, ExitDeclaration) else "B-SİGORTALININ SOSYAL GÜVENLİK"
    )
    cells.bar(y, f"{letter} BİLGİLERİ")
    y += 13
    for label, value in working(paper):
        cells.row(y, _ROW, (40, 230, 555))
        cells.label(44, y + 10, label)
        cells.value(236, y + 10, value)
        y += _ROW
    return y


def _employer(cells: Cells, paper: Declaration, y: float) -> None:
    number, title, address = employer_labels(paper)
    cells.bar(y, section_headings(paper)[2])
    y += 13
    cells.row(y, 48, (40, 192, 555))
    cells.label(44, y + 26, number)
    _groups(cells, paper, y)
    y += 48
    cells.row(y, 32, (40, 297, 555))
    cells.label(44, y + 10, title)
    cells.label(301, y + 10, address)
    cells.value(301, y + 24, paper.employer_address, width=250)
    cells.value(44, y + 24, paper.printed_title, width=248)


def _groups(cells: Cells, paper: Declaration, y: float) -> None:
    single = cells.sheet.style.pick("groups", (True, False))
    x = _GROUPS_LEFT
    cells.label(x + 5 * _BOX + 16, y + 8, "ÜNİTE", size=6)
    for head, (name, width) in zip(GROUP_HEADS, GROUP_WIDTHS.items(), strict=True):
        digits = paper.printed_groups[name]
        cells.label(x + 1, y + 17, head, size=5.4)
        if single:
            cells.digits(x, y + 35, digits.ljust(width), _BOX)
        else:
            cells.sheet.box(x, y + 25, x + width * _BOX, y + 39)
            cells.value(x + width * _BOX / 2, y + 35, digits, "center")
        x += width * _BOX + _GAP
