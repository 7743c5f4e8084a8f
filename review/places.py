"""Places on a paper that an officer is shown: its codes, every field that was read, and what was found there.

A place is a box in parts of the page as shown, so that it fits the picture at any size. The number of a finding is its
place in the judgement: those of the people in their order, then the application's own.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from extractors.facts import Box, Document, Record, Workplace
from extractors.page_views import Size
from review.leaves import Paper
from validators.case import Judgement
from validators.finding import Finding

Part: TypeAlias = tuple[float, float, float, float]
"""x0, y0, x1, y1 from the top left of the page, in parts of its width and height, 0 to 1."""


_Row = TypeVar("_Row", Record, Workplace)


class PlaceKind(StrEnum):
    """What is at a place."""

    QR = "qr"
    """A QR code; the name is `edevlet` for one of an e-Devlet paper, else `foreign`."""
    FIELD = "field"
    """A value that was read; the name is that of the field, `barcode`, `records.N` or `workplaces.N` (from 1)."""
    FINDING = "finding"
    """Nothing but a finding; the name is its code."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a paper: position of the paper's document, page, kind and name, and the findings there by number.

    `box` is None where the whole page is meant, or where the page could not be drawn.
    """

    document: int
    page: int
    kind: PlaceKind
    name: str
    box: Part | None
    findings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a finding points: position of the paper's document, and page."""

    document: int
    page: int


@dataclass(frozen=True, slots=True)
class _Seen:
    page: int
    kind: PlaceKind
    name: str
    box: Box | None


def targets(judgement: Judgement, papers: Sequence[Paper]) -> Mapping[int, Target]:
    """Return where findings point, by their number; those without a paper to look at are left out."""
    documents = [document for document, _ in judgement.documents]
    found = ((n, _target(finding, documents, papers)) for n, finding in enumerate(judgement.all_findings))
    return {number: target for number, target in found if target is not None}


def places(
    judgement: Judgement, papers: Sequence[Paper], paper: Paper, sizes: Mapping[int, Size]
) -> tuple[Place, ...]:
    """Return the places of one paper, page by page; `sizes` are those of its pages as they were drawn."""
    findings = judgement.all_findings
    here = {n: to.page for n, to in targets(judgement, papers).items() if to.document == paper.document}
    read = [document for document, _ in judgement.documents[paper.document :][:1]]  # none of a petition
    seen = (each for document in read for each in _seen(document))
    shown = [_place(paper, each, sizes, _on(each, here, findings)) for each in seen]
    placed = {number for place in shown for number in place.findings}
    alone = _alone({n: page for n, page in here.items() if n not in placed}, findings)
    shown += [_place(paper, each, sizes, numbers) for each, numbers in alone.items()]
    return tuple(sorted(shown, key=lambda place: place.page))


def _seen(document: Document) -> Iterator[_Seen]:
    genuine = {qr.text for qr in document.qrs}
    for code in document.codes:
        yield _Seen(code.page, PlaceKind.QR, "edevlet" if code.text in genuine else "foreign", code.box)
    for name, field in (*document.fields.items(), *(("barcode", each) for each in document.barcodes)):
        yield _Seen(field.page, PlaceKind.FIELD, name, field.box)
    for number, record in _kept(document.records):
        yield _Seen(record.page, PlaceKind.FIELD, f"records.{number}", record.box)
    for number, workplace in _kept(document.workplaces):
        yield _Seen(workplace.page, PlaceKind.FIELD, f"workplaces.{number}", workplace.box)


def _kept(rows: Sequence[_Row]) -> Iterator[tuple[int, _Row]]:
    return ((number, row) for number, row in enumerate(rows, start=1) if not row.left_out)


def _on(seen: _Seen, here: Mapping[int, int], findings: Sequence[Finding]) -> tuple[int, ...]:
    """Return the findings that are about exactly this place."""
    return tuple(
        number
        for number, page in here.items()
        if page == seen.page and seen.box is not None and _same(findings[number].box, seen.box)
    )


def _alone(here: Mapping[int, int], findings: Sequence[Finding]) -> dict[_Seen, tuple[int, ...]]:
    """Return the places that only findings have; several findings may have one."""
    places: dict[_Seen, tuple[int, ...]] = {}
    for number, page in here.items():
        finding = findings[number]
        known = (each for each in places if each.page == page and _same(each.box, finding.box))
        place = next(known, _Seen(page, PlaceKind.FINDING, finding.code.value, finding.box))
        places[place] = (*places.get(place, ()), number)
    return places


def _same(one: Box | None, other: Box | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(
        math.isclose(a, b, abs_tol=0.05)
        for a, b in zip(
            (one.x0, one.y0, one.x1, one.y1), (other.x0, other.y0, other.x1, other.y1), strict=True
        )
    )


def _place(paper: Paper, seen: _Seen, sizes: Mapping[int, Size], findings: tuple[int, ...]) -> Place:
    size = sizes.get(seen.page)
    box = part(seen.box, size) if seen.box is not None and size is not None else None
    return Place(paper.document, seen.page, seen.kind, seen.name, box, findings)


def part(box: Box, size: Size) -> Part | None:
    """Return a box in parts of a page of that size, cut to the page; None for one that is no number."""
    width, height = size
    edges = (box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height)
    if not all(map(math.isfinite, edges)):
        return None
    x0, y0, x1, y1 = (min(max(edge, 0.0), 1.0) for edge in edges)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _target(finding: Finding, documents: Sequence[Document], papers: Sequence[Paper]) -> Target | None:
    for position, document in enumerate(documents):
        if document.key == finding.document:
            paper = next((paper for paper in papers if position in paper.documents), None)
            return _in_paper(finding, position, document, paper) if paper is not None else None
    return None


def _in_paper(finding: Finding, position: int, document: Document, paper: Paper) -> Target | None:
    """Return the page of a finding; pages of a file that continues a paper are counted on from those before."""
    if position == paper.document:
        page = finding.page or paper.leaves[0].page
    else:
        page = document.page_numbers[(finding.page or 1) - 1]
    return Target(paper.document, page) if paper.leaf(page) is not None else None
