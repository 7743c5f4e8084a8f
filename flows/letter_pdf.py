"""A letter as a PDF: A4, numbered pages, with fonts in it that have the Turkish letters.

The fonts are Bitstream Vera, which reportlab brings along and whose licence allows embedding; kanit ships no font.
"""

import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import SimpleDocTemplate
from reportlab.platypus.flowables import Flowable, KeepTogether
from reportlab.platypus.paragraph import Paragraph as Text

from flows.letter import Letter, Paragraph, Role, paragraphs, subject
from flows.letter_kept import letter_paragraphs
from flows.texts import Language, say

REGULAR, BOLD = "Vera", "VeraBd"
MARGIN = 2.5 * cm

for _name in (REGULAR, BOLD):
    pdfmetrics.registerFont(TTFont(_name, Path(reportlab.__file__).parent / "fonts" / f"{_name}.ttf"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is set: a letter's paragraphs, the last three of which stay together, and what the file tells of itself."""

    paragraphs: tuple[Paragraph, ...]
    title: str
    application_id: str
    language: Language


def letter_pdf(letter: Letter) -> bytes:
    """Return a letter as the bytes of a PDF; the same letter gives the same bytes."""
    title = subject(letter)
    return sheet_pdf(Sheet(tuple(paragraphs(letter)), title, letter.application_id, letter.language))


def letter_as_pdf(letter: str, application_id: str) -> bytes:
    """Return a letter that was kept (`flows.letter_kept`) as the bytes of a PDF; such letters are Turkish."""
    laid = letter_paragraphs(letter)
    subjects = (p.text for p in laid if p.role is Role.FIELD and p.text.startswith("Konu:"))
    title = next(subjects, application_id)
    return sheet_pdf(Sheet(laid, title, application_id, Language.TURKISH))


def sheet_pdf(sheet: Sheet) -> bytes:
    """Return a letter whose paragraphs an officer edited as the bytes of a PDF; the same ones give the same bytes."""
    _, pages = _build(sheet, 0)  # laid out once to learn how many pages there are
    data, _ = _build(sheet, pages)
    return data


def _build(sheet: Sheet, pages: int) -> tuple[bytes, int]:
    """Lay a letter out, numbering its pages as so many; return the PDF and how many there are."""
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=2 * cm,
        bottomMargin=2.2 * cm,
        title=sheet.title,
        author=say("letter.institution", sheet.language),
        subject=sheet.application_id,
        lang="tr-TR" if sheet.language is Language.TURKISH else "en",
        invariant=1,
    )

    def number(canvas: Canvas, _document: SimpleDocTemplate) -> None:
        canvas.setFont(REGULAR, 8)
        label = say("letter.page", sheet.language, page=canvas.getPageNumber(), pages=pages)
        canvas.drawCentredString(A4[0] / 2, 1.2 * cm, label)

    document.build(list(_flowables(sheet)), onFirstPage=number, onLaterPages=number)
    return file.getvalue(), document.page


def _style(name: str, **changes: Any) -> ParagraphStyle:
    plain = {"fontName": REGULAR, "fontSize": 9.5, "leading": 13.5, "bulletFontSize": 9.5}
    return ParagraphStyle(name, **{**plain, "bulletFontName": changes.get("fontName", REGULAR), **changes})


_STYLES: Mapping[Role, ParagraphStyle] = {
    Role.INSTITUTION: _style("institution", fontName=BOLD, alignment=TA_CENTER),
    Role.DATE: _style("date", alignment=TA_RIGHT, spaceBefore=12),
    Role.FIELD: _style("field", spaceBefore=2),
    Role.ADDRESSEE: _style("addressee", fontName=BOLD, alignment=TA_CENTER, spaceBefore=18, spaceAfter=14),
    Role.BODY: _style("body", alignment=TA_JUSTIFY, spaceBefore=8, firstLineIndent=1.25 * cm),
    Role.HEADING: _style(
        "heading", fontName=BOLD, spaceBefore=12, leftIndent=18, bulletIndent=0, keepWithNext=1
    ),
    Role.LABEL: _style("label", spaceBefore=5, leftIndent=18, keepWithNext=1),
    Role.ITEM: _style("item", spaceBefore=3, leftIndent=32, bulletIndent=20),
    Role.SIGNATURE: _style("signature", alignment=TA_CENTER, leftIndent=10 * cm, spaceBefore=30),
    Role.SMALL: _style("small", fontSize=7, leading=9, spaceBefore=26, textColor="#555555"),
}


def _flowables(sheet: Sheet) -> Iterator[Flowable]:
    """Yield the letter's flowables; its last paragraph, the signature and the reference stay on one page."""
    laid = sheet.paragraphs
    closing = [_set(paragraph) for paragraph in laid[-3:]]
    yield from map(_set, laid[:-3])
    yield KeepTogether(closing)


def _set(paragraph: Paragraph) -> Text:
    style = _STYLES[paragraph.role]
    lines = paragraph.text.replace(" m.", "\N{NO-BREAK SPACE}m.").splitlines()
    text = "<br/>".join(escape(printable(line)) for line in lines)
    return Text(text, style, bulletText=paragraph.mark or None)


def printable(text: str) -> str:
    """Return a text in letters that the font has: others by their base letter, what has none as a question mark."""
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(letter if ord(letter) in glyphs else _nearest(letter, glyphs) for letter in text)


def _nearest(letter: str, glyphs: Mapping[int, int]) -> str:
    bare = [part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part)]
    return "".join(part if ord(part) in glyphs else "?" for part in bare)
