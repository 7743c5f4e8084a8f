"""Official documents of partners, authorised persons and sole traders, and unofficial papers that resemble them.

They say what such papers say (documents.md, section G) without copying the look of any: labels and values, tables,
columns of announcements, running text. Everybody and every number is invented.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Literal

from tests.papers import identities
from tests.papers.forms.words import MONTHS
from tests.papers.identities import Company, Person
from tests.papers.model import day
from tests.papers.sheet import Sheet
from tests.papers.style import Style
from tests.papers.with_fpdf import FpdfSheet
from tests.papers.with_reportlab import ReportlabSheet

Engine = Literal["reportlab", "fpdf"]
ENGINES: tuple[Engine, ...] = ("reportlab", "fpdf")
PUBLISHED = date(2026, 6, 21)
_LINE = 9.0


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody with a role; `authority` as printed (`Münferiden`, `Müştereken`), or empty."""

    person: Person
    role: str = "Müdür"
    authority: str = "Münferiden"

    @property
    def masked(self) -> str:
        """The T.C. number as gazettes print it."""
        number = self.person.national_id
        return f"{number[:3]}******{number[-2:]}"


@dataclass(frozen=True, slots=True)
class Scene:
    """The company that matters with its people, and another company with its own."""

    company: Company
    people: tuple[Official, ...]
    other: Company
    others: tuple[Official, ...]
    registry_number: str = "123456"


def scene(seed: int) -> Scene:
    """Invent a scene: a partner who is the manager and a second partner, and another company."""
    rng = Random(seed)
    first, second, third = identities.people(rng, 3)
    company, other = identities.company(rng), identities.company(rng)
    people = (Official(first), Official(second, "Ortak", ""))
    return Scene(company, people, other, (Official(third, "Müdür", "Müştereken"),))


def draw(paper: Callable[[Sheet, Scene], None], content: Scene, style: Style, engine: Engine) -> bytes:
    """Return the paper as a PDF."""
    sheet = ReportlabSheet(style) if engine == "reportlab" else FpdfSheet(style)
    paper(sheet, content)
    return sheet.finish()


def gazette(sheet: Sheet, content: Scene) -> None:
    """A page with the announcements of two companies in three columns, worded as the registry's system words them."""
    blocks = (
        "adresinde ikamet eden, KEMAL DEVAMCI; bu ilan önceki sayfadan devam etmektedir. Müdür olarak seçilmiştir.",
        "(20224567)",
        *announcement(content.other, content.others, "234567"),
        *announcement(content.company, content.people, content.registry_number),
    )
    gazette_page(sheet, blocks)


def announcement(company: Company, people: tuple[Official, ...], registry_number: str) -> tuple[str, ...]:
    """Return the paragraphs of one company's announcement; numbers come before names."""
    city = company.address.rsplit(" ", 1)[-1]
    partners = tuple(
        f"{who.masked} Kimlik No'lu, {city} / MERKEZ adresinde ikamet eden, {who.person.full_name}; her biri 25,00 Türk"
        " Lirası değerinde 400 adet paya karşılık gelen 10.000,00 Türk Lirası sermaye payını taahhüt etmiştir."
        for who in people
    )
    managers = tuple(
        f"Türkiye Cumhuriyeti Uyruklu {who.masked} Kimlik No'lu, {city} / MERKEZ adresinde ikamet eden,"
        f" {who.person.full_name} (Müdür) aksi karar alınıncaya kadar seçilmiştir. Yetki Şekli: {who.authority} Temsile"
        " Yetkilidir."
        for who in people
        if who.role == "Müdür"
    )
    return (
        f"T.C. {city} TİCARET SİCİLİ MÜDÜRLÜĞÜ'NDEN",
        f"İlan Sıra No: {registry_number[::-1]}",
        f"Mersis No: {company.mersis_number}",
        f"Ticaret Sicil/Dosya No: {registry_number}-5",
        f"Ticaret Unvanı: {company.title}",
        f"Adres: {company.address}",
        "Yukarıda bilgileri verilen şirket ile ilgili olarak aşağıda belirtilen hususlar tescil ve ilan olunur.",
        "Tescil edilen hususlar: Kuruluş",
        *partners,
        *managers,
        f"(20{registry_number})",
    )


def older_gazette(sheet: Sheet, content: Scene) -> None:
    """An announcement without a MERSİS number, in running text, names before numbers and roles after them."""
    first, second = content.people
    text = (
        f"Şirket ortaklarından {first.person.full_name}'in (T.C. Kimlik No: {first.masked}) şirket müdürü olarak"
        f" seçilmesine ve şirketi münferiden temsil ve ilzama yetkili kılınmasına, {second.person.full_name}'in"
        f" (T.C. Kimlik No: {second.masked}) ortak olarak kalmasına karar verilmiştir."
    )
    blocks = (
        "T.C. ANKARA TİCARET SİCİLİ MÜDÜRLÜĞÜ'NDEN",
        "İlan Sıra No: 9988",
        f"Ticaret Sicil No: {content.registry_number}",
        f"Ticaret Unvanı: {content.company.title}",
        f"Ticari Adresi: {content.company.address}",
        text,
        "(2215544)",
    )
    gazette_page(sheet, blocks)


def trade_registry_certificate(sheet: Sheet, content: Scene) -> None:
    """Labels and values, then a table of partners and one of authorised persons."""
    y = _heading(sheet, "T.C.", "ANKARA TİCARET SİCİLİ MÜDÜRLÜĞÜ", "TİCARET SİCİL TASDİKNAMESİ")
    company = content.company
    pairs = (
        ("Ticaret Unvanı", company.title),
        ("MERSİS No", _grouped(company.mersis_number)),
        ("Ticaret Sicil No", content.registry_number),
        ("Vergi Kimlik No", company.tax_number),
        ("Sermayesi", "100.000,00 TL"),
        ("Tescil Tarihi", "03.04.2019"),
        ("Düzenlenme Tarihi", day(PUBLISHED)),
    )
    y = _pairs(sheet, pairs, y)
    partners = [("Adı Soyadı", "T.C. Kimlik No", "Pay Tutarı")]
    partners += [(who.person.full_name, who.masked, "50.000,00 TL") for who in content.people]
    y = _table(sheet, "ORTAKLAR", partners, y)
    signers = [("Adı Soyadı", "Görevi", "Temsil Şekli")]
    signers += [(w.person.full_name, "Şirket Müdürü", w.authority) for w in content.people if w.authority]
    _table(sheet, "YETKİLİLER", signers, y)


def craftsmen_registry(sheet: Sheet, content: Scene) -> None:
    """A sole trader's registration as craftsman."""
    owner = content.people[0].person
    y = _heading(
        sheet, "ANKARA ESNAF VE SANATKÂRLAR ODALARI BİRLİĞİ", "SİCİL MÜDÜRLÜĞÜ", "ESNAF SİCİL TASDİKNAMESİ"
    )
    pairs = (
        ("Sicil No", "06/123456"),
        ("Adı Soyadı", owner.full_name),
        ("T.C. Kimlik No", owner.national_id),
        ("İşyeri Unvanı", f"{owner.full_name} - ÖRNEK CİHAZ SERVİSİ"),
        ("Mesleği", "Tıbbi cihaz bakım ve onarımı"),
        ("Tescil Tarihi", "03.04.2019"),
        ("Düzenlenme Tarihi", day(PUBLISHED)),
    )
    _pairs(sheet, pairs, y)


def signature_circular(sheet: Sheet, content: Scene) -> None:
    """Running text drawn up by a notary."""
    first, second = content.people
    y = _heading(sheet, "T.C.", "ANKARA 12. NOTERLİĞİ", "İMZA SİRKÜLERİ")
    sheet.text(60, y, f"Yevmiye No: 04567   Tarih: {day(PUBLISHED)}", 9)
    text = (
        f"Şirketin unvanı: {content.company.title}",
        f"MERSİS No: {content.company.mersis_number}   Ticaret Sicil No: {content.registry_number}",
        "Şirketimizi aşağıda imza örnekleri bulunan kişiler temsil ve ilzam eder.",
        f"Şirket müdürü {_numbered(first)} şirketi münferiden temsil ve ilzama yetkilidir.",
        f"Ortaklardan {_numbered(second)} diğer yetkililerle müştereken temsile yetkilidir.",
        "Tatbik imzalar noter huzurunda atılmıştır.",
    )
    y += 24
    for paragraph in text:
        y = sheet.paragraph(60, y, paragraph, 9, 470) + 8


def chamber_certificate(sheet: Sheet, content: Scene) -> None:
    """A chamber's certificate whose labels stand above their values."""
    first = content.people[0]
    y = _heading(sheet, "ANKARA TİCARET ODASI", "FAALİYET BELGESİ")
    cells = (
        (("Oda Sicil No", "65/4321"), ("Ticaret Sicil No", content.registry_number)),
        (("MERSİS No", content.company.mersis_number), ("Vergi Kimlik No", content.company.tax_number)),
        (("Meslek Grubu", "65"), ("Düzenlenme Tarihi", day(PUBLISHED))),
    )
    for row in cells:
        for number, (label, value) in enumerate(row):
            sheet.text(60 + number * 240, y, label, 8, bold=True)
            sheet.text(60 + number * 240, y + 12, value, 9)
        y += 34
    sheet.text(60, y, "Unvanı", 8, bold=True)
    sheet.text(60, y + 12, content.company.title, 9)
    rows = [("Adı Soyadı", "Görevi", "Temsil Şekli"), (first.person.full_name, "Müdür", first.authority)]
    y = _table(sheet, "YETKİLİLER", rows, y + 40)
    sheet.paragraph(60, y + 10, "Yukarıda kayıtları yazılı üyemizin faaliyeti devam etmektedir.", 9, 470)


def tax_certificate(sheet: Sheet, content: Scene) -> None:
    """A sole trader's tax certificate: a ruled grid, labels left of their values."""
    owner = content.people[0].person
    y = _heading(sheet, "GELİR İDARESİ BAŞKANLIĞI", "VERGİ LEVHASI")
    pairs = (
        ("ADI SOYADI", owner.full_name),
        ("TİCARET UNVANI", f"{owner.full_name} ÖRNEK CİHAZ SERVİSİ"),
        ("VERGİ DAİRESİ", "ÇANKAYA"),
        ("VERGİ KİMLİK NO", owner.national_id),
        ("T.C. KİMLİK NO", owner.national_id),
        ("İŞE BAŞLAMA TARİHİ", "03.04.2019"),
        ("VERGİ TÜRÜ", "YILLIK GELİR VERGİSİ"),
        ("ONAY TARİHİ", day(PUBLISHED)),
    )
    for label, value in pairs:
        sheet.box(60, y - 12, 220, y + 6)
        sheet.box(220, y - 12, 530, y + 6)
        sheet.text(64, y, label, 8, bold=True)
        sheet.text(226, y, value, 9)
        y += 18


def private_contract(sheet: Sheet, content: Scene) -> None:
    """A contract between partners that no office has seen; it speaks of the gazette and of signatures."""
    first, second = content.people
    y = _heading(sheet, "HİSSE DEVİR SÖZLEŞMESİ")
    text = (
        f"{content.company.title} (MERSİS No: {content.company.mersis_number})",
        f"ortaklarından {first.person.full_name} ile {second.person.full_name} arasında yapılmıştır.",
        "Şirketin kuruluşu 21.06.2024 tarihli ve 11106 sayılı",
        "Türkiye Ticaret Sicili Gazetesi'nde yayımlanmıştır.",
        "Taraflar şirketi münferiden temsil ve ilzama yetkilidir; imza sirkülerine göre noter huzurunda değildir.",
    )
    for paragraph in text:
        y = sheet.paragraph(60, y, paragraph, 9, 470) + 8


def letterhead(sheet: Sheet, content: Scene) -> None:
    """The company's own letter: registry numbers in its head, the gazette in its list of enclosures."""
    y = _heading(sheet, content.company.title)
    numbers = f"MERSİS No: {content.company.mersis_number}  Ticaret Sicil No: {content.registry_number}"
    head = f"{numbers}  Sayı: 12  Sayfa: 1"
    sheet.text(297, y, head, 7, align="center")
    who = content.people[0].person
    y = sheet.paragraph(
        60, y + 40, f"{who.full_name} şirketimizin ortağı ve müdürüdür, münferiden yetkilidir.", 9, 470
    )
    for number in range(14):
        y = sheet.paragraph(60, y + 6, f"{number + 1}. Bilgilerinize saygıyla sunarız.", 9, 470)
    sheet.text(60, y + 30, "Ekler:", 9)
    sheet.text(60, y + 44, "Türkiye Ticaret Sicili Gazetesi", 9)
    sheet.text(60, y + 58, "İmza Sirküleri", 9)


def own_circular(sheet: Sheet, content: Scene) -> None:
    """A specimen of signatures on the company's own paper: no notary, no registry."""
    y = _heading(sheet, "İMZA SİRKÜLERİ")
    who = content.people[0].person
    sheet.paragraph(
        60,
        y,
        f"{content.company.title} adına {who.full_name} münferiden temsil ve ilzama yetkilidir.",
        9,
        470,
    )


FORMS: Mapping[str, Callable[[Sheet, Scene], None]] = {
    "gazette": gazette,
    "trade_registry_certificate": trade_registry_certificate,
    "craftsmen_registry": craftsmen_registry,
    "signature_circular": signature_circular,
    "chamber_certificate": chamber_certificate,
    "tax_certificate": tax_certificate,
}
"""One paper of each form, by the name that the reader gives it."""
UNOFFICIAL = (private_contract, letterhead, own_circular)


def gazette_page(sheet: Sheet, blocks: tuple[str, ...]) -> None:
    """Draw the head of a gazette's page and paragraphs in columns."""
    month = MONTHS[PUBLISHED.month - 1]
    sheet.text(40, 44, f"{PUBLISHED.day} {month} {PUBLISHED.year} SAYI : 11106", 8, bold=True)
    sheet.text(297, 44, "TÜRKİYE TİCARET SİCİLİ GAZETESİ", 10, bold=True, align="center")
    sheet.text(555, 44, "SAYFA 890", 8, bold=True, align="right")
    _columns(sheet, blocks)


def _columns(sheet: Sheet, blocks: tuple[str, ...]) -> None:
    """Write paragraphs into columns of one width, each as far down as the page goes."""
    column, y = 0, 66.0
    for block in blocks:
        for line in sheet.wrap(block, 7, 160):
            if y > 330:
                column, y = column + 1, 66.0
            sheet.text(40 + column * 176, y, line, 7)
            y += _LINE


def _heading(sheet: Sheet, *lines: str) -> float:
    y = 60.0
    for line in lines:
        sheet.text(297, y, line, 11, bold=True, align="center")
        y += 17
    return y + 18


def _pairs(sheet: Sheet, pairs: tuple[tuple[str, str], ...], y: float) -> float:
    for label, value in pairs:
        sheet.text(60, y, label, 9)
        sheet.text(170, y, ":", 9)
        for line in sheet.wrap(value, 9, 350):
            sheet.text(178, y, line, 9)
            y += 11
        y += 5
    return y + 12


def _table(sheet: Sheet, title: str, rows: list[tuple[str, str, str]], y: float) -> float:
    sheet.text(60, y, title, 9, bold=True)
    y += 16
    for row in rows:
        for number, text in enumerate(row):
            sheet.text(60 + number * 170, y, text, 9)
        y += 14
    return y + 14


def _numbered(who: Official) -> str:
    return f"{who.person.full_name} (T.C. Kimlik No: {who.person.national_id})"


def _grouped(number: str) -> str:
    """Print a MERSİS number in groups, as some offices do."""
    return f"{number[0]}-{number[1:5]}-{number[5:9]}-{number[9:]}"
