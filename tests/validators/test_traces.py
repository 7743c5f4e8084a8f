"""`PDF_SUSPECT`: a note with its place, never alone a refusal; what a page does not show verifies nobody."""

import datetime as dt
from dataclasses import replace
from random import Random

import jsonschema
import pytest

from extractors.document import read_document
from extractors.facts import HIDING, Document, FaultCode, Signature, TraceKind
from tests.papers import draw, forgeries, identities
from tests.papers.builders import Job, entry_declaration, service_statement
from tests.validators import factory as f
from tests.validators.cases.traces import FACTS, trace
from validators.case import Judgement
from validators.finding import Code, Decision, Finding, Level, Outcome
from validators.judgement import judge
from validators.report import document_report, document_schema
from validators.rules.traces import is_unedited
from validators.subjects import Ask, Paper

RNG = Random("traces")
PERSON, FIRM = identities.person(RNG), identities.company(RNG)
DECLARATION = entry_declaration(RNG, PERSON, FIRM, dt.date(2026, 11, 9))
ENDED = service_statement(RNG, PERSON, [Job(FIRM, dt.date(2024, 5, 2), dt.date(2026, 9, 30))])
START = "09.11.2026"


def judged(data: bytes) -> tuple[Document, Judgement]:
    """Judge an application on one drawn paper."""
    (document,) = read_document(data, "b.pdf", ocr=False)
    provider = {
        "title": FIRM.title,
        "tax_number": FIRM.tax_number,
        "mersis_number": None,
        "workplace_numbers": [str(FIRM.workplace_number)],
    }
    person = {
        "national_id": PERSON.national_id,
        "given_name": PERSON.given_name,
        "family_name": PERSON.family_name,
    }
    return document, judge(f.case(document, about=f.application(person, provider=provider)))


def suspicions(judgement: Judgement) -> list[Finding]:
    findings = [*judgement.findings, *(x for person in judgement.people for x in person.findings)]
    return [finding for finding in findings if finding.code is Code.PDF_SUSPECT]


def asked(document: Document) -> list[Finding]:
    return list(is_unedited(Paper(document, Ask(f.POLICY, None))))


def test_a_sound_paper_is_verified_and_was_asked() -> None:
    _, judgement = judged(draw(DECLARATION))
    assert judgement.decision is Decision.VERIFIED
    assert [finding.outcome for finding in suspicions(judgement)] == [Outcome.PASSED]


def test_an_update_alone_refuses_nobody() -> None:
    _, judgement = judged(forgeries.updated(draw(DECLARATION)))
    (finding,) = suspicions(judgement)
    assert (finding.outcome, finding.level, finding.flags) == (Outcome.FAILED, Level.NOTE, False)
    assert judgement.decision is Decision.VERIFIED


@pytest.mark.parametrize(
    "trick",
    [
        forgeries.unpainted,
        forgeries.white,
        forgeries.painted_over("02.10.2026"),
        forgeries.annotated("02.10.2026"),
    ],
)
def test_a_start_date_that_the_page_does_not_show_verifies_nobody(trick: forgeries.Trick) -> None:
    """Kılavuz m.6(3)(d): the start date decides, and the one in the text layer is not the one that is seen."""
    document, judgement = judged(forgeries.draw_forged(DECLARATION, START, trick))
    assert document.fields["start_date"].value is None
    assert judgement.decision is Decision.FLAGGED
    codes = {finding.code for person in judgement.people for finding in person.findings if finding.flags}
    assert codes == {Code.START_DATE_MISSING, Code.DOCUMENT_UNREADABLE}
    assert all(finding.level is Level.NOTE and finding.box for finding in suspicions(judgement))


def test_an_exit_date_that_only_people_see_verifies_nobody() -> None:
    """A-10: a picture of the exit date leaves the text layer with a running employment."""
    shown = forgeries.draw_forged(ENDED, "30.09.2026", forgeries.pictured("30.09.2026"))
    document, judgement = judged(shown)
    assert document.records[-1].exit_date is None
    assert judgement.decision is Decision.FLAGGED
    assert judged(draw(ENDED))[1].decision is Decision.FLAGGED


@pytest.mark.parametrize("kind", TraceKind)
def test_each_trace_is_told_with_its_place(kind: TraceKind) -> None:
    found = trace(kind)
    (finding,) = asked(replace(f.statement(), traces=(found,)))
    assert (finding.code, finding.outcome, finding.level) == (Code.PDF_SUSPECT, Outcome.FAILED, Level.NOTE)
    assert (finding.page, finding.box, finding.document) == (found.page, found.box, f.statement().id)
    assert finding.facts == {**FACTS.get(kind, {}), "reason": kind, "thing": found.facts.get("field")}


def test_several_traces_are_several_findings() -> None:
    traces = tuple(trace(kind) for kind in TraceKind)
    assert len(asked(replace(f.statement(), traces=traces))) == len(TraceKind)


def test_pictures_and_papers_that_were_not_read_are_not_asked() -> None:
    assert asked(f.scan(f.statement())) == []
    assert asked(f.faulty(FaultCode.DOCUMENT_UNREADABLE, reason="damaged")) == []


def test_a_policy_may_send_traces_to_an_officer() -> None:
    strict = f.policy(levels={"PDF_SUSPECT": "review"})
    document = replace(f.statement(), traces=(trace(TraceKind.UPDATED),))
    assert judge(f.case(document, policy=strict)).decision is Decision.FLAGGED
    assert judge(f.case(f.statement(), policy=strict)).decision is Decision.VERIFIED


def test_traces_and_signature_stand_in_the_report() -> None:
    signature = Signature("ÖRNEK 10000000146", "2026-11-20T12:00:00+03:00", intact=True, whole_file=True)
    document = replace(f.statement(), traces=(trace(TraceKind.NO_INK),), signature=signature)
    report = document_report(document)
    jsonschema.Draft202012Validator(document_schema()).validate(report)
    assert report["traces"] == [
        {"kind": "no_ink", "page": 1, "box": f.BOX.as_list(), "facts": {"field": "issued_on"}}
    ]
    assert report["signature"]["trust"] == "not_judged"
    assert report["signature"]["signer"] == "ÖRNEK 10*********"
    assert document_report(f.statement())["signature"] is None


def test_only_traces_of_text_that_is_not_seen_take_values() -> None:
    assert {kind for kind in TraceKind if kind in HIDING} == {
        TraceKind.ANNOTATION,
        TraceKind.INVISIBLE_TEXT,
        TraceKind.COVERED_TEXT,
        TraceKind.NO_INK,
        TraceKind.SHOWS_OTHERWISE,
        TraceKind.UNREAD_INK,
    }
