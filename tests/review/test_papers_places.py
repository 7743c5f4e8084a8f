"""Which page of which file is which page of a paper, and where on it an officer is shown something."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.facts import (
    Box,
    Code,
    Document,
    Fault,
    FaultCode,
    Field,
    Kind,
    Media,
    QrReading,
    Record,
    Upload,
    Workplace,
)
from review.leaves import Leaf, Paper, Source, papers_of
from review.places import Place, PlaceKind, Target, part, places, targets
from validators.case import Judgement, PersonJudgement
from validators.finding import Code as FindingCode
from validators.finding import Decision, Finding, Level, Outcome

A4 = (600.0, 800.0)
BOX, QR_BOX, ROW = Box(60, 80, 120, 160), Box(300, 400, 360, 480), Box(0, 600, 600, 610)


def document(name: str, **facts: object) -> Document:
    return replace(Document(f"sha256:{name}", f"{name}.pdf", 1, Media.PDF, pages=1), **facts)  # type: ignore[arg-type]  # names of fields


def upload(*documents: Document, name: str = "zip") -> Upload:
    return Upload(name, f"hash of {name}", 1, None, documents)


def leaves(paper: Paper) -> list[tuple[int, str | None, int]]:
    return [(leaf.page, leaf.source.document, leaf.file_page) for leaf in paper.leaves]


def finding(document: str | None, page: int | None = None, box: Box | None = None, **facts: str) -> Finding:
    return Finding(
        FindingCode.NO_LINK, Outcome.FAILED, Level.BLOCK, "Kılavuz m.6(3)(d)", facts, document, page, box
    )


def judgement(
    documents: tuple[Document, ...], of_person: tuple[Finding, ...], own: tuple[Finding, ...]
) -> Judgement:
    person = PersonJudgement("10000000078", Decision.FLAGGED, None, of_person)
    return Judgement(
        "TS-1",
        "provider_registration",
        Decision.FLAGGED,
        "kilavuz",
        (person,),
        own,
        tuple((d, ()) for d in documents),
    )


def statement() -> Document:
    return document(
        "a",
        kind=Kind.SERVICE_STATEMENT,
        pages=2,
        qrs=(QrReading("barkod:x", "x", None, 2, QR_BOX, "zxing"),),
        codes=(Code("barkod:x", 2, QR_BOX, "zxing"), Code("https://example.org", 1, BOX, "zxing")),
        fields={"national_id": Field("10000000078", "10000000078", 1, BOX)},
        barcodes=(Field("x", "x", 2, BOX),),
        records=(Record("4a", "", "1", "", "2026-10", "Asıl", None, 30, None, 1, ROW),),
    )


def test_a_file_is_turned_page_by_page() -> None:
    (paper,) = papers_of([upload(document("a", pages=3))])
    assert leaves(paper) == [(1, "sha256:a", 1), (2, "sha256:a", 2), (3, "sha256:a", 3)]
    assert paper.leaf(2) == Leaf(2, Source("hash of zip", "sha256:a"), 2)
    assert paper.leaf(4) is None
    assert paper.leaf(0) is None


def test_documents_are_counted_on_from_upload_to_upload() -> None:
    papers = papers_of([upload(document("a")), upload(document("b"), document("c"), name="second")])
    assert [(paper.document, paper.leaves[0].source.upload) for paper in papers] == [
        (0, "hash of zip"),
        (1, "hash of second"),
        (2, "hash of second"),
    ]


def test_a_paper_over_several_pictures_is_turned_as_one() -> None:
    picture = Media.IMAGE
    first = document("a", media=picture, pages=3, page_numbers=(2,))
    second = document("b", media=picture, pages=1, page_numbers=(1,), part_of="sha256:a")
    third = document("c", media=picture, pages=1, page_numbers=(3,), part_of="sha256:a")
    (paper,) = papers_of([upload(second, first, third)])
    assert leaves(paper) == [(1, "sha256:b", 1), (2, "sha256:a", 1), (3, "sha256:c", 1)]
    assert (paper.document, set(paper.documents)) == (1, {0, 1, 2})


def test_a_part_whose_paper_is_elsewhere_is_a_paper_of_its_own() -> None:
    part_alone = document("b", media=Media.IMAGE, page_numbers=(2,), part_of="sha256:a")
    papers = papers_of([upload(part_alone), upload(document("a"), name="second")])
    assert [leaves(paper) for paper in papers] == [[(1, "sha256:b", 1)], [(1, "sha256:a", 1)]]


def test_a_file_with_several_papers_hides_none_of_its_pages() -> None:
    one = document("a", pages=6, papers=2, paper=1, page_numbers=(2, 3))
    other = document("a", pages=6, papers=2, paper=2, page_numbers=(5,))
    papers = papers_of([upload(one, other)])
    assert [[leaf.page for leaf in paper.leaves] for paper in papers] == [[1, 2, 3, 4], [5, 6]]
    assert all(leaf.page == leaf.file_page for paper in papers for leaf in paper.leaves)


def test_pages_of_a_file_that_could_not_be_read_are_not_counted() -> None:
    fault = Fault(FaultCode.DOCUMENT_UNREADABLE, {"reason": "timeout"})
    (paper,) = papers_of([upload(document("a", pages=0, faults=(fault,)))])
    assert paper.leaf(7) == Leaf(7, Source("hash of zip", "sha256:a"), 7)
    assert paper.leaf(0) is None


def test_only_pdfs_and_pictures_are_drawn() -> None:
    word = document("a", media=Media.OTHER)
    assert [paper.document for paper in papers_of([upload(word, document("b"))])] == [1]


def test_the_petition_comes_after_the_documents() -> None:
    *_, petition = papers_of([upload(document("a"))], petition="hash of petition")
    assert petition.document == 1
    assert petition.leaf(1) == Leaf(1, Source("hash of petition", None), 1)


def test_codes_fields_and_rows_have_places_in_parts_of_the_page() -> None:
    judged = judgement((statement(),), (), ())
    (paper,) = papers = papers_of([upload(statement())])
    found = {(place.kind, place.name): place for place in places(judged, papers, paper, {1: A4, 2: A4})}
    assert found == {
        (PlaceKind.QR, "foreign"): Place(0, 1, PlaceKind.QR, "foreign", (0.1, 0.1, 0.2, 0.2)),
        (PlaceKind.FIELD, "national_id"): Place(0, 1, PlaceKind.FIELD, "national_id", (0.1, 0.1, 0.2, 0.2)),
        (PlaceKind.FIELD, "records.1"): Place(0, 1, PlaceKind.FIELD, "records.1", (0.0, 0.75, 1.0, 0.7625)),
        (PlaceKind.QR, "edevlet"): Place(0, 2, PlaceKind.QR, "edevlet", (0.5, 0.5, 0.6, 0.6)),
        (PlaceKind.FIELD, "barcode"): Place(0, 2, PlaceKind.FIELD, "barcode", (0.1, 0.1, 0.2, 0.2)),
    }


def test_rows_that_are_not_kept_any_more_have_no_places_and_the_others_keep_their_numbers() -> None:
    whole = statement()
    first, line = whole.records[0], Workplace("1", "KURGU", 1, ROW)
    reduced = replace(whole, records=(first.emptied(), first), workplaces=(line.emptied(), line))
    (paper,) = papers = papers_of([upload(reduced)])
    found = {place.name for place in places(judgement((reduced,), (), ()), papers, paper, {1: A4, 2: A4})}
    assert found >= {"records.2", "workplaces.2"}
    assert not found & {"records.1", "workplaces.1"}


def test_a_finding_leads_to_its_box_and_the_box_to_its_finding() -> None:
    at_row, at_qr = finding("sha256:a", 1, ROW), finding("sha256:a", 2, QR_BOX)
    nowhere, at_page, elsewhere = finding(None), finding("sha256:a", 2), finding("sha256:gone", 1, ROW)
    alone = Box(10, 10, 20, 20)
    judged = judgement(
        (statement(),),
        (nowhere, at_row, finding("sha256:a", 2, alone)),
        (at_qr, at_page, elsewhere, finding("sha256:a", 2, alone)),
    )
    assert judged.all_findings[3] is at_qr
    (paper,) = papers = papers_of([upload(statement())])
    assert targets(judged, papers) == {
        n: Target(0, page) for n, page in ((1, 1), (2, 2), (3, 2), (4, 2), (6, 2))
    }
    shown = {
        place.findings: place for place in places(judged, papers, paper, {1: A4, 2: A4}) if place.findings
    }
    assert {numbers: (place.kind, place.name, place.page) for numbers, place in shown.items()} == {
        (1,): (PlaceKind.FIELD, "records.1", 1),
        (3,): (PlaceKind.QR, "edevlet", 2),
        (2, 6): (PlaceKind.FINDING, "NO_LINK", 2),
        (4,): (PlaceKind.FINDING, "NO_LINK", 2),
    }
    assert shown[4,].box is None


def test_findings_of_one_of_several_papers_of_a_file_lead_to_that_one() -> None:
    one = document("a", pages=2, papers=2, paper=1, page_numbers=(1,))
    other = document("a", pages=2, papers=2, paper=2, page_numbers=(2,))
    judged = judgement((one, other), (finding("sha256:a#2", 2, BOX), finding("sha256:a#2")), ())
    assert targets(judged, papers_of([upload(one, other)])) == {0: Target(1, 2), 1: Target(1, 2)}


def test_findings_of_a_file_that_continues_a_paper_lead_to_its_pages_there() -> None:
    first = document("a", media=Media.IMAGE, pages=2, page_numbers=(1,))
    second = document("b", media=Media.IMAGE, page_numbers=(2,), part_of="sha256:a")
    judged = judgement((first, second), (finding("sha256:b", 1, BOX),), ())
    papers = papers_of([upload(first, second)])
    assert targets(judged, papers) == {0: Target(0, 2)}
    (place,) = places(judged, papers, papers[0], {2: A4})
    assert (place.page, place.box) == (2, (0.1, 0.1, 0.2, 0.2))


def test_a_page_that_could_not_be_drawn_has_places_without_boxes() -> None:
    judged = judgement((statement(),), (), ())
    (paper,) = papers = papers_of([upload(statement())])
    assert {place.box is None for place in places(judged, papers, paper, {1: A4}) if place.page == 2} == {
        True
    }


def test_a_petition_has_no_places() -> None:
    papers = papers_of([], petition="hash")
    assert places(judgement((), (finding(None),), ()), papers, papers[0], {1: A4}) == ()


@pytest.mark.parametrize("edge", [math.nan, math.inf, -math.inf])
def test_a_box_that_is_no_number_is_not_shown(edge: float) -> None:
    assert part(Box(1, edge, 2, 3), A4) is None


@given(st.builds(Box, *[st.floats(-1e6, 1e6)] * 4), st.tuples(st.floats(1, 14_400), st.floats(1, 14_400)))
def test_a_box_never_leaves_its_page(box: Box, size: tuple[float, float]) -> None:
    shown = part(box, size)
    assert shown is not None
    x0, y0, x1, y1 = shown
    assert 0 <= x0 <= x1 <= 1
    assert 0 <= y0 <= y1 <= 1
