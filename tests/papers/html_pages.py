"""The papers as HTML: flowing tables whose widths the browser chooses."""

import base64
import io
from collections.abc import Iterable
from html import escape

from tests.papers.fonts import font_path, misreading_font
from tests.papers.forms.declaration import (
    GROUP_HEADS,
    employer_labels,
    headings,
    personal,
    section_headings,
    working,
)
from tests.papers.forms.declaration_older import HEADINGS, ID_LABEL, personal_older, working_older
from tests.papers.forms.others import notice_blocks
from tests.papers.forms.statement import identity_lines
from tests.papers.forms.words import MONTHS, issue_phrases
from tests.papers.identities import GROUP_WIDTHS
from tests.papers.model import (
    Declaration,
    DeclarationForm,
    EntryDeclaration,
    Footer,
    GazettePage,
    Letter,
    Notice,
    Paper,
    Row,
    ServiceStatement,
    SocialSecurityRecord,
    Where,
    day,
)
from tests.papers.sheet import qr_image, qr_matrix, runs
from tests.papers.style import Encoding, Form, Style, as_cp1254_read_as_latin1

_HEADS = (
    "Sgrt. Kolu",
    "Sgrt. Statü",
    "Sicil No",
    "Adı Soyadı",
    "Meslek Kodu",
    "İşyeri/ Kurum/ Sandık No",
    "Ünite",
    "Dönem",
    "Belge Türü",
    "Belge Kd/Drc Bsmk",
    "Giriş Tarihi",
    "Gün",
    "PEK/Bsmk Dğr/Ek Gösterge",
    "Çıkış Tarihi",
    "Eksik Gün Nedeni",
    "İşten Çıkış Nedeni Kodu",
)
_CSS = """
@page { size: A4; margin: 12mm 10mm }
body { font-family: paper; font-size: 7.5pt; margin: 0 }
h1 { font-size: 11pt; text-align: center; margin: 2pt } h2 { font-size: 9pt; margin: 8pt 0 2pt }
p.office { text-align: center; font-weight: bold; margin: 1pt }
table { border-collapse: collapse; width: 100% } tr { break-inside: avoid }
table.rows { font-size: 5.6pt } table.rows td, table.rows th { padding: 1.2pt 1.5pt; text-align: left }
table.ruled td, table.ruled th { border: 0.5pt solid black }
table.open th { background: #ddd; text-align: center } table.open tr:nth-child(even) td { background: #f2f2f2 }
th { font-weight: normal; vertical-align: top }
td.label { width: 38%; padding: 2pt } td.value { padding: 2pt }
.foot { display: flex; gap: 10pt; border-top: 0.5pt solid black; margin-top: 14pt; padding-top: 6pt;
        break-inside: avoid; text-align: left; font-size: 6.5pt }
.foot svg, .foot img { width: 62pt; height: 62pt } .foot b { font-size: 8pt }
.digits span { display: inline-block; border: 0.5pt solid black; width: 11pt; text-align: center }
.digits i { display: inline-block; width: 5pt }
.grid { display: grid; gap: 5pt; padding: 4pt } .grid small { display: block; font-size: 6.5pt }
.columns { column-count: 3; font-size: 7pt } .columns div { break-inside: avoid; margin-bottom: 8pt }
"""


def page(paper: Paper, style: Style) -> str:
    """Return the whole HTML page of a paper."""
    match paper:
        case ServiceStatement():
            body = _statement(paper, style)
        case SocialSecurityRecord():
            body = _record(paper, style)
        case GazettePage():
            body = _gazette(paper)
        case Letter():
            foot = _footer(paper.footer, style) if paper.footer else ""
            body = f"<h1>{escape(paper.heading)}</h1>{_paragraphs(paper.paragraphs)}{foot}"
        case _:
            body = _declaration(paper, style)
    if style.encoding is Encoding.LATIN1:
        body = as_cp1254_read_as_latin1(body)
    css = f"{_font_face(style)}{_CSS}body {{ letter-spacing: {style.between('spacing', 0, 0.08, 0):.3f}pt }}"
    return (
        f'<!doctype html><html lang="tr"><meta charset="utf-8"><style>{css}</style><body>{body}</body></html>'
    )


def _font_face(style: Style) -> str:
    faces = []
    for bold in (False, True):
        latin1 = style.encoding is Encoding.LATIN1
        path = font_path(style.family, bold=bold)
        data = misreading_font(style.family, bold=bold) if latin1 else path.read_bytes()
        address = f"data:font/ttf;base64,{base64.b64encode(data).decode()}"
        weight = "bold" if bold else "normal"
        faces.append(f"@font-face {{ font-family: paper; font-weight: {weight}; src: url({address}) }}")
    return "".join(faces)


def _statement(paper: ServiceStatement, style: Style) -> str:
    offices = (
        "T.C.",
        "SOSYAL GÜVENLİK KURUMU BAŞKANLIĞI",
        "EMEKLİLİK HİZMETLERİ GENEL MÜDÜRLÜĞÜ",
        "İLGİLİ MAKAMA",
    )
    foot = _footer(paper.footer, style)
    every, first = paper.footer.where is Where.EVERY, paper.footer.where is Where.FIRST
    tail = f'<tfoot><tr><td colspan="16">{foot}</td></tr></tfoot>' if every else ""
    look = "ruled" if style.form is not Form.OPEN else "open"
    lines = "".join(
        _row(paper.cells(line)) if isinstance(line, Row) else _total(line.label, line.days)
        for line in paper.lines()
    )
    heads = "".join(f"<th>{escape(head)}</th>" for head in _HEADS)
    return (
        "".join(f'<p class="office">{name}</p>' for name in offices)
        + "<h1>SİGORTALILIK TESCİL VE HİZMET DÖKÜMÜ</h1>"
        + _pairs(identity_lines(style, paper))
        + f"<p>{style.pick('issued', issue_phrases(paper.issued_at))}</p>"
        + (foot if first else "")
        + f'<table class="rows {look}"><thead><tr>{heads}</tr></thead>{tail}<tbody>{lines}</tbody></table>'
        + _workplaces(paper, look)
        + ("" if every or first else foot)
    )


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _total(label: str, days: int) -> str:
    return f'<tr><td colspan="11"><b>{label}</b></td><td><b>{days}</b></td><td colspan="4"></td></tr>'


def _workplaces(paper: ServiceStatement, look: str) -> str:
    rows = "".join(map(_row, paper.printed_workplaces))
    return f'<h2>İŞYERİ ÜNVAN LİSTESİ</h2><table class="{look}"><tr><th>İşyeri No<th>Ünvan</tr>{rows}</table>'


def _pairs(fields: Iterable[tuple[str, str]]) -> str:
    cells = (
        (f'<td class="label">{escape(name)}</td>', f'<td class="value">{escape(text)}</td>')
        for name, text in fields
    )
    rows = (f"<tr>{name}{text}</tr>" for name, text in cells)
    return f"<table>{''.join(rows)}</table>"


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _declaration(paper: Declaration, style: Style) -> str:
    title, under = headings(paper)
    number, employer, address = employer_labels(paper)
    fields = _grid if style.form is Form.OPEN else _ruled_pairs
    older = isinstance(paper, EntryDeclaration) and paper.form is DeclarationForm.OLDER
    who, work, promise = HEADINGS if older else section_headings(paper)
    label = ID_LABEL if older else "SOSYAL GÜVENLİK SİCİL NUMARASI<br>(T.C.KİMLİK NUMARASI)"
    employers = [(employer, paper.printed_title), (address, paper.employer_address)]
    return (
        '<p class="office">T.C.</p><p class="office">SOSYAL GÜVENLİK KURUMU</p>'
        f"<h1>{title}</h1><p style='text-align: center'>{under}</p>"
        f'<div>{label}</div><div class="digits">{_digits(paper.person.national_id)}</div>'
        f"<h2>{who}</h2>{fields(personal_older(paper) if older else personal(paper))}"
        f"<h2>{work}</h2>{fields(working_older(paper) if older else working(paper))}"
        f"<h2>{promise}</h2><div>{number}</div>{_groups(paper)}"
        f"{fields(employers)}{_footer(paper.footer, style)}"
    )


def _ruled_pairs(fields: Iterable[tuple[str, str]]) -> str:
    return _pairs(fields).replace("<table>", '<table class="ruled">')


def _grid(fields: Iterable[tuple[str, str]]) -> str:
    cells = (
        f"<div><small>{escape(label)}</small>{escape(value) or '&nbsp;'}</div>" for label, value in fields
    )
    return f'<div class="grid" style="grid-template-columns: 1fr 1fr">{"".join(cells)}</div>'


def _digits(text: str) -> str:
    return "".join(f"<span>{digit}</span>" for digit in text)


def _groups(paper: Declaration) -> str:
    heads = "".join(f"<th>{head}</th>" for head in GROUP_HEADS)
    cells = "".join(f'<td class="digits">{_digits(paper.printed_groups[name])}</td>' for name in GROUP_WIDTHS)
    return f'<table class="ruled"><tr>{heads}</tr><tr>{cells}</tr></table>'


def _footer(footer: Footer, style: Style) -> str:
    codes = "".join(_qr(text, style) for text in footer.payloads)
    printed = f"Barkod No : {escape(footer.barcode)}" if footer.barcode else ""
    return f'<div class="foot"><div>{codes}</div><div><b>{printed}</b><p>{escape(footer.sentence)}</p></div></div>'


def _qr(text: str, style: Style) -> str:
    matrix = qr_matrix(text)
    if style.qr_as_image:
        file = io.BytesIO()
        qr_image(matrix).save(file, format="PNG")
        return f'<img src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}">&emsp;'
    side = len(matrix)
    path = "".join(f"M{x} {y}h{w}v1h-{w}z" for y, row in enumerate(matrix) for x, w in runs(row))
    return f'<svg viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path d="{path}"/></svg>&emsp;'


def _record(paper: SocialSecurityRecord, style: Style) -> str:
    days = f"{paper.days:,}".replace(",", ".")
    heads = ("4/1-a", "4/1-b", "4/1-c", "GM20", "Toplam")
    table = [
        (f"{head} Gün Sayısı:", value) for head, value in zip(heads, (days, "0", "0", "0", days), strict=True)
    ]
    who = paper.person
    lines = [
        ("T.C. Kimlik No", who.national_id),
        ("Adı Soyadı", who.full_name),
        ("Belge Tarihi", day(paper.issued_at)),
    ]
    since = f"{day(paper.registered_since, '/')} tarihinden itibaren tescili bulunduğu,"
    return (
        '<p class="office">SOSYAL GÜVENLİK KURUMU BAŞKANLIĞI</p><h1>SOSYAL GÜVENLİK KAYIT BELGESİ</h1>'
        f"{_pairs(lines)}{_ruled_pairs(table)}"
        f"{_paragraphs([since, '4b tescil kaydı bulunmamaktadır.'])}{_footer(paper.footer, style)}"
    )


def _gazette(paper: GazettePage) -> str:
    date = f"{paper.day.day} {MONTHS[paper.day.month - 1]} {paper.day.year} SAYI : {paper.issue}"
    return (
        f"<p>{date}</p><h1>TÜRKİYE TİCARET SİCİLİ GAZETESİ</h1><p>SAYFA {paper.page}</p>"
        f'<div class="columns">{"".join(map(_notice, paper.notices))}</div>'
    )


def _notice(notice: Notice) -> str:
    return f"<div>{'<br>'.join(map(escape, notice_blocks(notice)))}</div>"
