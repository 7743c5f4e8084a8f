"""The schema of a report refuses what the contract does not allow: each row spoils one place of a good report."""

import copy
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from extractors.facts import Signature, Trace, TraceKind
from tests.validators import factory as f
from validators.finding import Decision, Level, Outcome, Proposal, Route
from validators.judgement import judge
from validators.report import document_report, document_schema, report_schema, to_report

GONE = object()
PAPER = replace(
    f.statement(),
    traces=(Trace(TraceKind.ANNOTATION, 2, f.BOX, {"field": "records"}),),
    signature=Signature("AYŞE ÖRNEK", None, True, True),
)
FLAGGED = to_report(judge(f.case(f.with_codes(PAPER))))
WAITING = to_report(judge(f.case(f.lacking(), f.declaration(start=f.START.replace(day=25)))))
DOCUMENT = document_report(PAPER)


def spoilt(good: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """The report with one place changed, or taken away."""
    changed = copy.deepcopy(good)
    *path, last = (int(step) if step.isdigit() else step for step in place.split("."))
    target: Any = changed
    for step in path:
        target = target[step]
    if value is GONE:
        del target[last]
    else:
        target[last] = value
    return changed


def is_valid(schema: dict[str, Any], report: dict[str, Any]) -> bool:
    return jsonschema.Draft202012Validator(schema).is_valid(report)


def test_the_good_reports_are_good() -> None:
    assert is_valid(report_schema(), FLAGGED)
    assert is_valid(report_schema(), WAITING)
    assert is_valid(document_schema(), DOCUMENT)
    assert is_valid(document_schema(), {**DOCUMENT, "paper": 1, "papers": 2})


@pytest.mark.parametrize("member", FLAGGED)
def test_a_report_lacks_nothing(member: str) -> None:
    assert not is_valid(report_schema(), spoilt(FLAGGED, member, GONE))


@pytest.mark.parametrize(
    ("part", "members"),
    [
        ("people.0", "national_id decision route findings proposal"),
        ("people.0.findings.0", "code outcome level legal_basis message document page box facts"),
        ("people.0.findings.0.message", "tr en"),
        ("documents.0", "id name kind pages text qr codes barcode fields findings"),
    ],
)
def test_a_part_of_a_report_lacks_nothing(part: str, members: str) -> None:
    for member in members.split():
        assert not is_valid(report_schema(), spoilt(FLAGGED, f"{part}.{member}", GONE)), member


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("report", 2),
        ("application_id", ""),
        ("procedure", "registration"),
        ("decision", "refused"),
        ("policy", ""),
        ("people", None),
        ("people.0.national_id", "1000000007"),
        ("people.0.national_id", "10********"),
        ("people.0.decision", "refused"),
        ("people.0.route", "gazette"),
        ("people.0.proposal", "refuse"),
        ("people.0.proposal", "wait_until"),
        ("people.0.wait_until", "2026-11-25"),
        ("people.0.findings.0.code", "NO_SUCH_CODE"),
        ("people.0.findings.0.outcome", "unknown"),
        ("people.0.findings.0.level", "warning"),
        ("people.0.findings.0.legal_basis", ""),
        ("people.0.findings.0.message.tr", ""),
        ("people.0.findings.0.message.en", ""),
        ("people.0.findings.0.document", "sha256:0"),
        ("people.0.findings.0.page", 0),
        ("people.0.findings.0.box", [1, 2, 3]),
        ("people.0.findings.0.box", [1, 2, 3, 4, 5]),
        ("people.0.findings.0.box", [1, 2, 3, "4"]),
        ("people.0.findings.0.facts", []),
        ("people.0.findings.0.facts.rows", [1]),
        ("people.0.findings.0.paper", 0),
        ("documents.0.findings", {}),
    ],
)
def test_a_spoilt_report_is_refused(place: str, value: Any) -> None:
    assert not is_valid(report_schema(), spoilt(FLAGGED, place, value))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("people.0.wait_until", GONE),
        ("people.0.wait_until", "25.11.2026"),
        ("people.0.proposal", "check_by_hand"),
        ("people.0.decision", "verified"),
    ],
)
def test_who_waits_is_told_until_when(place: str, value: Any) -> None:
    assert not is_valid(report_schema(), spoilt(WAITING, place, value))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("id", "sha256:"),
        ("name", None),
        ("kind", "passport"),
        ("pages", -1),
        ("text", "read"),
        ("qr.text", None),
        ("qr.barcode", ""),
        ("qr.page", 0),
        ("qr.box", []),
        ("qr.decoder", ""),
        ("codes", [{"text": "x"}]),
        ("barcode", ""),
        ("fields.national_id.value", "10"),
        ("fields.national_id.page", 0),
        ("fields.national_id.box", [1]),
        ("fields.national_id.method", "guess"),
        ("fields.national_id.raw", 1),
        ("fields.start_date", {"value": "9.11.2026", "page": 1, "box": [1, 2, 3, 4], "method": "text"}),
        ("fields.records.value", [{}]),
        ("fields.records.value.0.branch", None),
        ("fields.records.value.0.status", None),
        ("fields.records.value.0.workplace", 1043377),
        ("fields.records.value.0.unit", None),
        ("fields.records.value.0.period", None),
        ("fields.records.value.0.document_type", None),
        ("fields.records.value.0.entry_date", "6.7.2026"),
        ("fields.records.value.0.exit_date", ""),
        ("fields.records.value.0.days", -1),
        ("fields.workplaces.value", {"1043377": None}),
        ("fields.given_name", {}),
        ("media", "word"),
        ("size", -1),
        ("scan", "no"),
        ("faults", [{"code": "NO_SUCH_FAULT", "facts": {}}]),
        ("faults", [{"code": "DOCUMENT_ENCRYPTED"}]),
        ("doubts", [1]),
        ("traces.0.kind", "magic"),
        ("traces.0.page", 0),
        ("traces.0.box", [1]),
        ("traces.0.facts", None),
        ("signature.signer", 1),
        ("signature.signed_at", 1),
        ("signature.intact", "yes"),
        ("signature.whole_file", None),
        ("signature.trust", "trusted"),
        ("signature.count", 0),
        ("paper", 0),
        ("papers", 1),
        ("page_numbers", [0]),
        ("part_of", "sha256:"),
    ],
)
def test_a_spoilt_document_is_refused(place: str, value: Any) -> None:
    assert not is_valid(document_schema(), spoilt(DOCUMENT, place, value))


def test_words_of_the_contract() -> None:
    """Contract, section 3."""
    words = {kind.__name__: {member.value for member in kind} for kind in (Decision, Outcome, Level)}
    assert words == {
        "Decision": {"verified", "flagged"},
        "Outcome": {"passed", "failed", "indeterminate"},
        "Level": {"block", "review", "note"},
    }
    assert {route.value for route in Route} == {"service_statement", "entry_declaration", "official_document"}
    assert {proposal.value for proposal in Proposal} == {
        "return_to_applicant",
        "check_by_hand",
        "wait_until",
    }
