"""Several papers in one file, one paper in several files: each paper is judged for itself, and named as itself."""

from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from extractors.facts import Document, Kind, Media, TextSource, paper_key, split_key
from tests.validators import factory as f
from validators.case import RegistryFacts
from validators.finding import Code, Decision
from validators.judgement import judge
from validators.report import document_report, document_schema, report_schema, to_report

REPORT = jsonschema.Draft202012Validator(report_schema())
DOCUMENT = jsonschema.Draft202012Validator(document_schema())
FILE = "sha256:" + "a" * 64
CANS = f.statement(f.CAN, "hd0123456789abcdef09")


def bundle(*papers: Document) -> tuple[Document, ...]:
    """Papers as they come out of one file: the same bytes, two pages each."""
    return tuple(
        replace(
            paper,
            id=FILE,
            name="hepsi.pdf",
            pages=2 * len(papers),
            paper=number,
            papers=len(papers),
            page_numbers=(2 * number - 1, 2 * number),
        )
        for number, paper in enumerate(papers, start=1)
    )


def photographed(paper: Document) -> tuple[Document, Document]:
    """A paper over two pictures: the first holds all that was read, the second continues it."""
    first = replace(
        paper, name="hizmet-1.jpg", media=Media.IMAGE, text=TextSource.OCR, scan=True, page_numbers=(1,)
    )
    second = Document(
        "sha256:" + "b" * 64,
        "hizmet-2.jpg",
        9,
        Media.IMAGE,
        paper.kind,
        1,
        TextSource.OCR,
        scan=True,
        codes=paper.codes,
        page_numbers=(2,),
        part_of=first.key,
    )
    return first, second


def test_the_key_of_a_paper_tells_it_from_the_others_of_its_file() -> None:
    one, other = bundle(f.statement(), CANS)
    assert (one.id, one.key, other.key) == (FILE, f"{FILE}#1", f"{FILE}#2")
    assert [split_key(key) for key in (one.key, f.statement().key)] == [(FILE, 1), (f.statement().id, None)]
    assert split_key(paper_key(FILE, 12)) == (FILE, 12)


def test_everybody_is_verified_by_the_own_paper_in_the_file() -> None:
    judged = judge(f.case(*bundle(f.statement(), CANS), about=f.application(f.AYSE, f.CAN)))
    assert judged.decision is Decision.VERIFIED
    for number, person in enumerate(judged.people, start=1):
        keys = {finding.document for finding in person.findings if finding.document is not None}
        assert keys == {paper_key(FILE, number)}


@pytest.mark.parametrize("number", [0, 1])
def test_a_faulty_paper_flags_only_whom_it_is_about(number: int) -> None:
    papers = list(bundle(f.statement(), CANS))
    papers[number] = replace(papers[number], qrs=(), codes=())
    judged = judge(f.case(*papers, about=f.application(f.AYSE, f.CAN)))
    flagged = [person.decision is Decision.FLAGGED for person in judged.people]
    assert flagged == [number == 0, number == 1]
    about = [any(finding.flags for finding in findings) for _, findings in judged.documents]
    assert about == flagged


def test_the_same_barcode_on_two_people_s_papers_of_a_file_is_a_reuse() -> None:
    papers = bundle(f.statement(), f.statement(f.CAN))
    judged = judge(f.case(*papers, about=f.application(f.AYSE, f.CAN)))
    for person in judged.people:
        assert Code.DOCUMENT_REUSED in {finding.code for finding in person.findings if finding.flags}


def test_a_paper_that_was_used_before_flags_only_its_own_person() -> None:
    registry = RegistryFacts(None, {paper_key(FILE, 2): ("TS-2026-000001",)})
    papers = bundle(f.statement(), CANS)
    judged = judge(f.case(*papers, about=f.application(f.AYSE, f.CAN), registry=registry))
    assert [person.decision for person in judged.people] == [Decision.VERIFIED, Decision.FLAGGED]


def test_two_codes_on_a_paper_of_unknown_kind_contradict_each_other() -> None:
    paper = f.with_codes(f.statement(), f.qr("hd0001", "10000000078"), f.qr("hd0002", "10000000146"))
    judged = judge(f.case(f.scan(paper)))
    codes = {finding.code for finding in judged.findings if finding.flags}
    assert Code.QR_BARCODE_MISMATCH in codes


def test_a_paper_of_unknown_kind_with_a_code_may_have_been_used_before() -> None:
    coded = f.of_kind(Kind.UNKNOWN, f.statement())
    facts = RegistryFacts(reused={coded.key: ("TS-2026-000007",)})
    (person,) = judge(f.case(coded, registry=facts)).people
    assert Code.DOCUMENT_REUSED in {finding.code for finding in person.findings if finding.flags}


def test_of_a_scan_only_the_code_is_asked() -> None:
    """What it prints is not known, so that nothing can be compared with its code; whether there is one can be told."""
    (person,) = judge(f.case(f.scan(f.statement()))).people
    asked = {finding.code for finding in person.findings}
    assert Code.QR_MISSING in asked
    assert Code.QR_BARCODE_MISMATCH not in asked
    without = judge(f.case(f.with_codes(f.scan(f.statement()))))
    assert Code.QR_MISSING in {finding.code for finding in without.findings if finding.flags}


def test_doubts_about_pages_without_words_are_told() -> None:
    paper = replace(f.scan(f.statement()), doubts=("pages 1-2: of two papers, not known which",))
    judged = judge(f.case(paper))
    (found,) = (
        finding
        for _, findings in judged.documents
        for finding in findings
        if finding.code is Code.DOCUMENT_UNREADABLE
    )
    assert found.flags
    assert "pages 1-2" in str(found.facts["doubts"])


def test_a_file_that_continues_a_paper_is_not_judged_as_one() -> None:
    first, second = photographed(f.statement())
    judged = judge(f.case(first, second))
    (person,) = judged.people
    about = {finding.code for finding in person.findings if finding.document == second.key}
    assert about == {Code.DOCUMENT_UNREADABLE, Code.DOCUMENT_NOT_ORIGINAL, Code.DOCUMENT_REUSED}
    flags = {finding.code for finding in person.findings if finding.flags}
    assert flags == {Code.DOCUMENT_NOT_ORIGINAL}
    assert judged.findings == tuple(finding for finding in judged.findings if not finding.flags)


def test_a_gazette_over_several_pictures_is_one_proof() -> None:
    first, second = photographed(replace(f.gazette(), kind=Kind.TRADE_REGISTRY_GAZETTE))
    about = f.application(f.AYSE, provider={"officials": [f.AYSE["national_id"]]})
    judged = judge(f.case(first, second, about=about))
    proofs = [x for person in judged.people for x in person.findings if x.code is Code.PARTNER_PROOF]
    assert [proof.document for proof in proofs] == [first.key]


def test_a_continuation_of_what_is_not_there_belongs_to_nobody() -> None:
    _, second = photographed(f.statement())
    judged = judge(f.case(second))
    assert judged.decision is Decision.FLAGGED
    assert {finding.document for finding in judged.findings if finding.flags} == {second.key}


def shown(*documents: Document) -> dict[str, Any]:
    report = to_report(judge(f.case(*documents, about=f.application(f.AYSE, f.CAN))))
    REPORT.validate(report)
    return report


def test_the_report_names_paper_and_pages_where_a_file_holds_several() -> None:
    report = shown(*bundle(f.statement(), CANS))
    assert [(d["id"], d["paper"], d["papers"], d["page_numbers"]) for d in report["documents"]] == [
        (FILE, 1, 2, [1, 2]),
        (FILE, 2, 2, [3, 4]),
    ]
    for number, person in enumerate(report["people"], start=1):
        named = {(x["document"], x["paper"]) for x in person["findings"] if x["document"] is not None}
        assert named == {(FILE, number)}


def test_the_report_names_neither_where_a_file_holds_one() -> None:
    report = shown(f.statement())
    (document,) = report["documents"]
    assert not {"paper", "papers", "page_numbers", "part_of"} & set(document)
    assert not any("paper" in finding for finding in document["findings"])


def test_the_report_says_which_pages_of_a_paper_a_file_holds() -> None:
    first, second = (document_report(document) for document in photographed(f.statement()))
    for report in (first, second):
        DOCUMENT.validate(report)
    assert (first["page_numbers"], "part_of" in first) == ([1], False)
    assert (second["page_numbers"], second["part_of"]) == ([2], first["id"])
