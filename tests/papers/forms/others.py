"""Papers that are no evidence of employment, or not yet: record, gazette, letter."""

from tests.papers.forms import footer
from tests.papers.forms.words import MONTHS
from tests.papers.model import GazettePage, Letter, Notice, SocialSecurityRecord, day
from tests.papers.sheet import Sheet


def draw_record(sheet: Sheet, paper: SocialSecurityRecord) -> None:
    """Draw a Sosyal Güvenlik Kayıt Belgesi."""
    y = 60.0
    for text in ("T.C.", "SOSYAL GÜVENLİK KURUMU BAŞKANLIĞI", "SOSYAL GÜVENLİK KAYIT BELGESİ"):
        sheet.text(297, y, text, 10, bold=True, align="center")
        y += 15
    who = paper.person
    lines = (
        ("T.C. Kimlik No", who.national_id),
        ("Adı Soyadı", who.full_name),
        ("Doğum Tarihi", day(who.birth_date)),
        ("Belge Tarihi", f"{day(paper.issued_at)} {paper.issued_at:%H:%M}"),
    )
    for label, value in lines:
        y += 16
        sheet.text(60, y, label, 8)
        sheet.text(160, y, f": {value}", 8)
    y = _branch_days(sheet, paper, y + 30)
    since = f"4/1-a kapsamında {day(paper.registered_since, '/')} tarihinden itibaren tescili bulunduğu,"
    for sentence in (since, "4b tescil kaydı bulunmamaktadır.", "4c tescil kaydı bulunmamaktadır."):
        y = sheet.paragraph(60, y + 8, sentence, 8, 470)
    footer.draw(sheet, paper.footer)


def _branch_days(sheet: Sheet, paper: SocialSecurityRecord, y: float) -> float:
    heads = ("4/1-a", "4/1-b", "4/1-c", "GM20", "Toplam")
    days = f"{paper.days:,}".replace(",", ".")
    for number, (head, value) in enumerate(zip(heads, (days, "0", "0", "0", days), strict=True)):
        x = 60 + number * 95
        sheet.box(x, y, x + 95, y + 32)
        sheet.text(x + 4, y + 12, f"{head} Gün Sayısı:", 8)
        sheet.text(x + 4, y + 26, value, 8)
    return y + 50


def draw_gazette(sheet: Sheet, paper: GazettePage) -> None:
    """Draw a page of the trade-registry gazette: three columns of notices."""
    date = f"{paper.day.day} {MONTHS[paper.day.month - 1]} {paper.day.year} SAYI : {paper.issue}"
    sheet.text(40, 44, date, 8, bold=True)
    sheet.text(297, 44, "TÜRKİYE TİCARET SİCİLİ GAZETESİ", 10, bold=True, align="center")
    sheet.text(555, 44, f"SAYFA {paper.page}", 8, bold=True, align="right")
    sheet.rule(40, 52, 555, 52, 1.0)
    column, y = 0, 66.0
    for notice in paper.notices:
        lines = [line for block in notice_blocks(notice) for line in sheet.wrap(block, 7, 160)]
        if y + len(lines) * 9 > 400:
            column, y = column + 1, 66.0
        for line in lines:
            sheet.text(40 + column * 176, y, line, 7)
            y += 9
        y += 10


def notice_blocks(notice: Notice) -> tuple[str, ...]:
    """Return the lines of a notice before they are broken to the column's width."""
    company = notice.company
    city = company.address.rsplit(" ", 1)[-1]
    named = ", ".join(f"{who.full_name} (T.C. {who.national_id[:3]}********)" for who in notice.officials)
    return (
        f"T.C. {city} TİCARET SİCİLİ MÜDÜRLÜĞÜ'NDEN",
        f"İlan Sıra No: {notice.notice_number}",
        f"Mersis No: {company.mersis_number}",
        f"Ticaret Sicil/Dosya No: {notice.registry_number}",
        f"Ticaret Unvanı: {company.title}",
        f"Adres: {company.address}",
        f"Tescil edilen hususlar: Ortaklar ve müdürler: {named}. Şirketi münferiden temsile yetkilidirler.",
        f"(20{notice.notice_number})",
    )


def draw_letter(sheet: Sheet, paper: Letter) -> None:
    """Draw a heading and paragraphs."""
    sheet.text(297, 70, paper.heading, 12, bold=True, align="center")
    y = 110.0
    for text in paper.paragraphs:
        y = sheet.paragraph(60, y, text, 9, 470) + 8
    if paper.footer:
        footer.draw(sheet, paper.footer)
