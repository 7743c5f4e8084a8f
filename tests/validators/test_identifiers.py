"""Control digits of declared and printed numbers: hints, and only where the digits are there."""

from typing import Any

from extractors.facts import Document, Kind
from tests.validators import factory as f
from validators.finding import Code, Finding, Outcome
from validators.judgement import judge

UNCONTROLLED = {name: value for name, value in f.GROUPS.items() if name != "control"}
MISREAD = f.with_field(f.declaration(), "workplace_number", {**f.GROUPS, "control": "25"})


def suspects(*papers: Document, **provider: Any) -> list[Finding]:
    """The answers on numbers that do not hold together."""
    judged = judge(f.case(*papers, about=f.application(provider=provider)))
    found = (*judged.findings, *judged.people[0].findings)
    return [x for x in found if x.code is Code.IDENTIFIER_SUSPECT and x.outcome is not Outcome.PASSED]


def reasons(*papers: Document, **provider: Any) -> list[object]:
    return [finding.facts["reason"] for finding in suspects(*papers, **provider)]


def test_a_workplace_number_without_control_digits_is_not_suspect() -> None:
    assert reasons(workplace_numbers=[f.WORKPLACE[:21]]) == []


def test_a_printed_number_is_suspect_where_its_control_digits_do_not_fit() -> None:
    assert reasons(MISREAD) == ["printed_workplace"]
    assert reasons(f.declaration()) == []
    assert reasons(f.with_field(f.declaration(), "workplace_number", UNCONTROLLED)) == []


def test_only_a_declaration_is_asked_for_its_printed_number() -> None:
    assert reasons(f.of_kind(Kind.EXIT_DECLARATION, MISREAD)) == []
