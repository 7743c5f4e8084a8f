"""The index of a dossier (dizi pusulası) as a PDF: A4, numbered pages, with fonts that have the Turkish letters."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import SimpleDocTemplate
from reportlab.platypus.flowables import Flowable, KeepTogether
from reportlab.platypus.paragraph import Paragraph
from reportlab.platypus.tables import LongTable, TableStyle

from extractors.facts import Kind
from flows.explanation import Json
from flows.letter_pdf import BOLD, REGULAR, printable
from flows.records import kind_name
from flows.texts import say, spell_day, spell_moment
from flows.wording import decided
from review.texts import Language, text

MARGIN = 1.8 * cm
_WIDTHS = (1.1 * cm, 7.6 * cm, 1.5 * cm, 2.1 * cm, 5.1 * cm)
_INK, _FAINT, _ALERT, _LINE, _WASH = "#1b2126", "#525c65", "#a1241c", "#b5bcc2", "#eef1f4"
_HASH_LINE = 32
_DAY_LENGTH = 10


def _style(name: str, size: float = 9, **changes: Any) -> ParagraphStyle:
    plain = {"fontName": REGULAR, "fontSize": size, "leading": size * 1.4, "textColor": _INK}
    return ParagraphStyle(name, **{**plain, **changes})


_STYLES = {
    style.name: style
    for style in (
        _style("institution", 10, fontName=BOLD, alignment=TA_CENTER),
        _style("title", 13, fontName=BOLD, alignment=TA_CENTER, spaceBefore=4, spaceAfter=10),
        _style("heading", 10.5, fontName=BOLD, spaceBefore=12, spaceAfter=5, keepWithNext=1),
        _style("person", 9, fontName=BOLD, spaceBefore=7, spaceAfter=2, keepWithNext=1),
        _style("body", 9, spaceAfter=2),
        _style("question", 9, fontName=BOLD, spaceBefore=5, leftIndent=8),
        _style("flagged", 9, fontName=BOLD, spaceBefore=5, leftIndent=8, textColor=_ALERT),
        _style("answer", 9, leftIndent=8),
        _style("small", 7.5, textColor=_FAINT, leftIndent=8),
        _style("note", 7.5, textColor=_FAINT, spaceBefore=4),
        _style("cell", 8),
        _style("bold cell", 8, fontName=BOLD),
        _style("hash", 6, leading=8),
    )
}
_GRID = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(_LINE)),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor(_WASH)),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
)


def index_pdf(index: Json, language: Language) -> bytes:
    """Return the index of a dossier (`review.dossier.Dossier.index`) as the bytes of a PDF."""
    _, pages = _build(index, language, 0)  # laid out once to learn how many pages there are
    data, _ = _build(index, language, pages)
    return data


def _build(index: Json, language: Language, pages: int) -> tuple[bytes, int]:
    file = io.BytesIO()
    application_id = str(index["explanation"]["application_id"])
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=1.8 * cm,
        bottomMargin=2 * cm,
        title=text("dossier.title", language),
        author=say("letter.institution", language),
        subject=application_id,
        lang="tr-TR" if language is Language.TURKISH else "en",
        invariant=1,
    )

    def number(canvas: Canvas, _document: SimpleDocTemplate) -> None:
        canvas.setFont(REGULAR, 7.5)
        canvas.drawString(MARGIN, 1.1 * cm, printable(application_id))
        label = text("dossier.page", language, page=canvas.getPageNumber(), pages=pages)
        canvas.drawRightString(A4[0] - MARGIN, 1.1 * cm, label)

    document.build(list(_flowables(index, language)), onFirstPage=number, onLaterPages=number)
    return file.getvalue(), document.page


def _flowables(index: Json, language: Language) -> Iterator[Flowable]:
    yield _set(say("letter.institution", language), "institution")
    yield _set(text("dossier.title", language), "title")
    yield from (_set(line) for line in _heading(index, language))
    yield _set(text("dossier.documents", language), "heading")
    yield _table(index, language)
    yield from (_set(line, "note") for line in _remarks(index, language))
    yield _set(text("dossier.findings", language), "heading")
    yield from _findings(index["explanation"], language)
    yield _set(text("dossier.decisions", language), "heading")
    yield from _decisions(index["history"], language)


def _heading(index: Json, language: Language) -> Iterator[str]:
    told = index["explanation"]
    facts = {
        "application": told["application_id"],
        "procedure": say(f"procedure.{told['procedure'] or 'none'}", language),
        "submitted": _moment(index["submitted_at"], language),
        "read": _moment(index["read_at"], language),
        "judged": _moment(told["judged_at"], language),
        "policy": f"{told['policy']} {told['policy_version']} (kanit {told['pipeline_version']})",
        "decision": say(f"decision.{told['decision']}", language),
    }
    yield from (f"{text(f'dossier.{name}', language)}: {fact}" for name, fact in facts.items())
    moment = _moment(index["made_at"], language)
    yield text("dossier.made", language, moment=moment, account=index["made_by"])


def _table(index: Json, language: Language) -> LongTable:
    columns = ("number", "name", "pages", "dated", "sha256")
    rows = [[_set(text(f"dossier.{column}", language), "bold cell") for column in columns]]
    for file in index["files"]:
        rows.append(_file_row(file, language))
        rows += [
            _document_row(file, n, document, language) for n, document in enumerate(file["documents"], 1)
        ]
    if not index["files"]:
        rows.append([_set(each, "cell") for each in ("", text("dossier.no_documents", language), "", "", "")])
    return LongTable(rows, colWidths=_WIDTHS, repeatRows=1, style=_GRID)


def _file_row(file: Json, language: Language) -> list[Paragraph]:
    name = text("dossier.petition", language) if file["petition"] else file["name"]
    size = "" if file["size"] is None else f" · {text('dossier.bytes', language, size=file['size'])}"
    why = "infected" if file["infected"] else "absent"
    absent = "" if file["enclosed"] else f" · {text(f'dossier.{why}', language)}"
    cells = (str(file["number"]), f"{name}{size}{absent}", "", "")
    return [*(_set(cell, "bold cell") for cell in cells), _hash(file["sha256"])]


def _document_row(file: Json, number: int, document: Json, language: Language) -> list[Paragraph]:
    shown = say("document.paper", language, **document) if document["papers"] > 1 else document["name"]
    name = f"{shown}\n{kind_name(Kind(document['kind']), language)}"
    cells = (f"{file['number']}.{number}", name, _pages(document), _day(document["dated"], language))
    return [*(_set(cell, "cell") for cell in cells), _hash(document["sha256"])]


def _pages(document: Json) -> str:
    """Return how many pages a paper has: those of the file, or those in it that belong to the paper."""
    return str(len(document["page_numbers"]) or document["pages"] or "–")


def _remarks(index: Json, language: Language) -> Iterator[str]:
    yield text("dossier.masked", language)
    for stamp in sorted(set(index["explanation"]["destroyed"].values())):
        yield text("dossier.destroyed", language, day=_day(stamp, language))


def _findings(told: Json, language: Language) -> Iterator[Flowable]:
    if told["findings"]:
        yield _set(text("dossier.whole", language), "person")
        yield from _questions(told["findings"], language)
    for person in told["people"]:
        name = " ".join(filter(None, (person["given_name"], person["family_name"])))
        yield _set(f"{name} ({person['national_id']}) · {decided(person, language)}", "person")
        yield from _questions(person["findings"], language)


def _questions(findings: list[Json], language: Language) -> Iterator[Flowable]:
    for finding in sorted(findings, key=lambda each: not each["flags"]):
        outcome = say(f"explain.outcome.{finding['outcome']}", language)
        basis = {"basis": finding["legal_basis"], "code": finding["code"], "outcome": outcome}
        yield KeepTogether(
            [
                _set(finding["question"][language.value], "flagged" if finding["flags"] else "question"),
                _set(finding["answer"][language.value], "answer"),
                _set(text("dossier.basis", language, **basis), "small"),
            ]
        )


def _decisions(events: list[Json], language: Language) -> Iterator[Flowable]:
    if not events:
        yield _set(text("dossier.no_decisions", language))
    for event in events:
        yield KeepTogether([_set(line, style) for line, style in _event(event, language)])


def _event(event: Json, language: Language) -> Iterator[tuple[str, str]]:
    facts = {
        "moment": _moment(event["ruled_at"], language),
        "officer": event["officer"],
        "kind": text(f"dossier.kinds.{event['kind']}", language),
        "state": text(f"dossier.states.{event['state']}", language),
    }
    yield text("dossier.event", language, **facts), "question"
    if event["reason"]:
        yield text("dossier.reason", language, reason=event["reason"]), "answer"
    if event["codes"]:
        yield text("dossier.codes", language, codes=", ".join(event["codes"])), "small"
    if event["second"]:
        seconded = {"officer": event["second"], "moment": _moment(event["seconded_at"], language)}
        yield text("dossier.seconded", language, **seconded), "answer"
    if event["second_reason"]:
        yield text("dossier.reason", language, reason=event["second_reason"]), "answer"


def _moment(stamp: str | None, language: Language) -> str:
    return spell_moment(datetime.fromisoformat(stamp), language) if stamp else "–"


def _day(stamp: str | None, language: Language) -> str:
    return spell_day(date.fromisoformat(stamp[:_DAY_LENGTH]), language) if stamp else "–"


def _hash(sha256: str) -> Paragraph:
    return _set(f"{sha256[:_HASH_LINE]}\n{sha256[_HASH_LINE:]}", "hash")


def _set(words: str, style: str = "body") -> Paragraph:
    lines = words.replace(" m.", "\N{NO-BREAK SPACE}m.").splitlines()
    return Paragraph("<br/>".join(escape(printable(line)) for line in lines), _STYLES[style])
