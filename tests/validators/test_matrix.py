"""The acceptance matrix as a table: case to decision, codes, route and proposal."""

import jsonschema
import pytest

from extractors.facts import Kind
from tests.validators import factory as f
from tests.validators.cases import ROWS, Row
from validators.finding import Decision, Finding
from validators.judgement import judge
from validators.report import report_schema, to_report

VALIDATOR = jsonschema.Draft202012Validator(report_schema())
by_name = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def flagging(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code.value for finding in findings if finding.flags}


@by_name
def test_case_is_judged_as_the_table_says(row: Row) -> None:
    judgement = judge(row.case)
    people = [
        (flagging(p.findings), p.route and p.route.value, p.proposal and p.proposal.value)
        for p in judgement.people
    ]
    assert people == [(set(p.codes), p.route, p.proposal) for p in row.people]
    assert flagging(judgement.findings) == row.application


@by_name
def test_decisions_follow_from_the_findings_alone(row: Row) -> None:
    judgement = judge(row.case)
    for person in judgement.people:
        assert (person.decision is Decision.FLAGGED) == any(f.flags for f in person.findings)
        assert (person.proposal is not None) == (person.decision is Decision.FLAGGED)
    flagged = any(f.flags for f in judgement.findings) or any(
        p.decision is Decision.FLAGGED for p in judgement.people
    )
    assert (judgement.decision is Decision.FLAGGED) == flagged


@by_name
def test_every_finding_on_a_document_stands_beside_it(row: Row) -> None:
    judgement = judge(row.case)
    beside = {d.id: list(findings) for d, findings in judgement.documents}
    everything = [*judgement.findings, *(f for p in judgement.people for f in p.findings)]
    for finding in everything:
        assert finding.document is None or finding in beside[finding.document]
    about = [finding for finding in everything if finding.document is not None]
    assert sum(map(len, beside.values())) == len(about)


@by_name
def test_report_keeps_to_the_schema_and_hides_every_number(row: Row) -> None:
    judgement = judge(row.case)
    report = to_report(judgement)
    VALIDATOR.validate(report)
    text = str(report)
    for number in {p.national_id for p in judgement.people} | {
        f.STRANGER,
        f.CAN["national_id"],
        "10000000079",
    }:
        assert number not in text
    VALIDATOR.validate(to_report(judgement, reveal=True))


def test_row_names_are_distinct() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_every_kind_of_paper_is_in_the_matrix() -> None:
    kinds = {d.kind for row in ROWS for u in row.case.uploads for d in u.documents}
    assert kinds == set(Kind)
