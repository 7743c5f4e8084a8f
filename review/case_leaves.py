"""A paper as the case page shows it: its pages with their pictures, and on each the places that were read.

A place is drawn as a rectangle of an SVG over the picture, in the unit of the page, so that it needs neither a script
nor an inline style to fit. T.C. numbers are masked in what places say; the picture itself shows them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from extractors.facts import Document, Field, Record, Value
from extractors.page_views import READING_WIDTH, STRIP_WIDTH, Size
from review.case_comparison import told_record
from review.decide_fields import spell
from review.leaves import Paper
from review.papers import CasePapers, OpenPaper, picture_path, why_unseen
from review.places import Place, PlaceKind, places
from review.texts import Language, catalogue, text
from storage.desk.corrections import METHOD as CORRECTED
from validators.case import Judgement
from validators.finding import Finding
from validators.report import Mask

Rectangle: TypeAlias = tuple[float, float, float, float]
"""x, y, width, height in the unit of the page, from its top left."""

_MARGIN = 0.004
"""Part of the page's width that a rectangle is drawn around what it marks."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a page: what it is called, what was read there, and the findings there by number.

    `tone` is the gravest of those findings (`block`, `review`, `note`, `passed`), else `plain`. `at` is None where the
    whole page is meant.
    """

    name: str
    kind: str
    label: str
    value: str
    tone: str
    findings: tuple[int, ...]
    at: Rectangle | None


@dataclass(frozen=True, slots=True)
class PageView:
    """A page: size in the unit of its marks, addresses of its pictures, or a sentence that says why it is not shown."""

    page: int
    size: Size | None
    picture: str
    thumbnail: str
    marks: tuple[Mark, ...]
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class PaperView:
    """An opened paper: its position, name and kind, its pages, or a sentence that says why there are none."""

    document: int
    name: str
    kind: str
    pages: tuple[PageView, ...]
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    """What places are told of: a paper as read (None: a petition), all findings by number, and how to tell it."""

    document: Document | None
    findings: Sequence[Finding]
    mask: Mask
    language: Language


@dataclass(frozen=True, slots=True)
class Tab:
    """A document of a case, to be chosen: its position, name, kind, and whether there is anything to look at.

    `flags` says that a finding that flags is seen on it.
    """

    document: int
    name: str
    kind: str
    seen: bool
    flags: bool


def tabs_of(judgement: Judgement, papers: Sequence[Paper], mask: Mask, language: Language) -> tuple[Tab, ...]:
    """Return the documents of a case in their order, those that cannot be drawn too; a petition comes last."""
    drawn = {paper.document for paper in papers}
    joined = {position for paper in papers for position in paper.documents} - drawn
    listed = [
        Tab(
            position,
            _name(document, mask, language),
            f"kinds.{document.kind.value}",
            position in drawn,
            any(finding.flags for finding in findings),
        )
        for position, (document, findings) in enumerate(judgement.documents)
        if position not in joined
    ]
    petitions = drawn - {tab.document for tab in listed}
    title = text("case.petition", language)
    return (*listed, *(Tab(number, title, "kinds.petition", seen=True, flags=False) for number in petitions))


def view_paper(  # noqa: PLR0913, PLR0917 - all that a paper's view rests on
    application_id: str,
    case: CasePapers,
    paper: Paper,
    opened: OpenPaper,
    judgement: Judgement,
    findings: Sequence[Finding],
    mask: Mask,
    language: Language,
) -> PaperView:
    """Lay the places of an opened paper on its pages."""
    document = _document(judgement, paper.document)
    seen = places(judgement, case.papers, paper, opened.sizes)
    read = _Read(document, findings, mask, language)
    path = partial(picture_path, application_id, paper.document, version=case.version)
    pages = (
        PageView(
            page.page,
            page.size,
            path(page=page.page, width=READING_WIDTH),
            path(page=page.page, width=STRIP_WIDTH),
            tuple(_drawn_last(_mark(place, page.size, read) for place in seen if place.page == page.page)),
            why_unseen(page.unseen, language) if page.unseen else "",
        )
        for page in opened.pages
    )
    name = _name(document, mask, language) if document is not None else text("case.petition", language)
    return PaperView(
        paper.document,
        name,
        f"kinds.{document.kind.value}" if document is not None else "kinds.petition",
        tuple(pages),
        why_unseen(opened.unseen, language) if opened.unseen else "",
    )


def _document(judgement: Judgement, position: int) -> Document | None:
    """Return a document of a case; None for the petition."""
    return judgement.documents[position][0] if position < len(judgement.documents) else None


def _name(document: Document, mask: Mask, language: Language) -> str:
    name = mask.text(document.name).rpartition("/")[2]
    if document.papers == 1:
        return name
    return text("case.one_of_several", language, name=name, paper=document.paper, papers=document.papers)


def _drawn_last(marks: Iterator[Mark]) -> list[Mark]:
    """What flags is drawn over what was merely read, so that a click finds it."""
    order = ("plain", "passed", "note", "review", "block")
    return sorted(marks, key=lambda mark: order.index(mark.tone))


def _mark(place: Place, size: Size | None, read: _Read) -> Mark:
    findings = read.findings
    return Mark(
        place.name,
        place.kind.value,
        _label(place, read.language),
        _value(place, read),
        _tone([findings[number] for number in place.findings]),
        tuple(sorted(place.findings, key=lambda number: not findings[number].flags)),
        _rectangle(place, size),
    )


def _tone(findings: Sequence[Finding]) -> str:
    flagging = [finding.level.value for finding in findings if finding.flags]
    if flagging:
        return "block" if "block" in flagging else "review"
    if any(finding.outcome != "passed" for finding in findings):
        return "note"
    return "passed" if findings else "plain"


def _rectangle(place: Place, size: Size | None) -> Rectangle | None:
    if place.box is None or size is None:
        return None
    width, height = size
    margin = width * _MARGIN
    x0, y0, x1, y1 = place.box
    left, top = max(x0 * width - margin, 0.0), max(y0 * height - margin, 0.0)
    right, bottom = min(x1 * width + margin, width), min(y1 * height + margin, height)
    return round(left, 2), round(top, 2), round(right - left, 2), round(bottom - top, 2)


def _label(place: Place, language: Language) -> str:
    """Name a place as the paper's reader does; a part of an official document by the last word of its name."""
    name, _, number = place.name.partition(".")
    if place.kind is PlaceKind.FIELD and name in {"records", "workplaces"}:
        return text(f"case.places.{name}", language, number=number)
    key = f"case.places.{place.kind}.{place.name.rpartition('.')[2]}"
    return text(key if key in catalogue(language) else f"case.places.{place.kind}.other", language)


def _value(place: Place, read: _Read) -> str:
    document, mask, language = read.document, read.mask, read.language
    if document is None or place.kind is not PlaceKind.FIELD:
        return ""
    name, _, number = place.name.partition(".")
    if name == "records":
        return mask.text(_of_record(document.records[int(number) - 1], language))
    if name == "workplaces":
        workplace = document.workplaces[int(number) - 1]
        return mask.text(f"{workplace.number} · {workplace.title}")
    if place.name == "barcode":
        return mask.text(" / ".join(each.raw for each in document.barcodes if each.page == place.page))
    return _printed(place.name, document.fields[place.name], mask, language)


def _of_record(record: Record, language: Language) -> str:
    return " · ".join(filter(None, (record.branch, record.workplace, told_record(record, language))))


def _printed(name: str, field: Field, mask: Mask, language: Language) -> str:
    """Return what a field prints, or what an officer corrected it to.

    A T.C. number, and a merchant's MERSİS number that begins with one, is masked.
    """
    last = name.rpartition(".")[2]
    if last == "national_id" or (last == "mersis_number" and not _text(field.value).startswith("0")):
        return mask.number(_text(field.value) or field.raw)
    is_corrected = field.method == CORRECTED
    return spell(name, field.value, mask, language) if is_corrected else mask.text(field.raw)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
