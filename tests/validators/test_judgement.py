"""Acceptance is closed by default: whatever is taken from or changed in a good case, nobody is verified."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.facts import Document, Fault, FaultCode, Kind, TextSource
from tests.validators import factory as f
from validators import judgement
from validators.application import Problem, ProblemKind
from validators.case import Case, RegistryFacts
from validators.finding import Code, Decision
from validators.judgement import UnprovenAcceptance, judge, judge_invalid
from validators.rules import route
from validators.rules.application import APPLICATION_RULES
from validators.rules.declaration import DECLARATION_RULES
from validators.rules.document import DOCUMENT_RULES
from validators.rules.person import PERSON_RULES

Draw = st.DataObject


def digit_changed(data: Draw, text: str, places: list[int] | None = None) -> str:
    """The text with one digit replaced by another digit."""
    where = data.draw(st.sampled_from(places or [i for i, c in enumerate(text) if c.isdigit()]))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != text[where]]))
    return text[:where] + other + text[where + 1 :]


def letter_changed(data: Draw, text: str) -> str:
    """The text with one letter replaced by one that is another letter in ASCII too."""
    where = data.draw(st.integers(0, len(text) - 1))
    return text[:where] + ("X" if text[where] != "X" else "Y") + text[where + 1 :]


def value_of(paper: Document, name: str) -> str:
    return str(paper.fields[name].value)


def drop_field(data: Draw, paper: Document) -> Document:
    names = ["national_id", "given_name", "family_name"]
    if paper.kind is Kind.ENTRY_DECLARATION:
        names += ["start_date", "workplace_number"]
    return f.without_field(paper, data.draw(st.sampled_from(names)))


def dispute_field(data: Draw, paper: Document) -> Document:
    name = data.draw(st.sampled_from(["national_id", "given_name", "family_name"]))
    return f.with_field(paper, name, None)


def print_another_number(data: Draw, paper: Document) -> Document:
    return f.with_field(paper, "national_id", digit_changed(data, value_of(paper, "national_id")))


def print_another_name(data: Draw, paper: Document) -> Document:
    name = data.draw(st.sampled_from(["given_name", "family_name"]))
    return f.with_field(paper, name, letter_changed(data, value_of(paper, name)))


def print_another_barcode(data: Draw, paper: Document) -> Document:
    return replace(paper, barcodes=(f.seen(digit_changed(data, value_of_barcode(paper))),))


def value_of_barcode(paper: Document) -> str:
    return str(paper.barcodes[0].value)


def code_another_barcode(data: Draw, paper: Document) -> Document:
    return f.with_codes(paper, f.qr(digit_changed(data, paper.qrs[0].barcode), paper.qrs[0].national_id))


def code_another_person(data: Draw, paper: Document) -> Document:
    number = digit_changed(data, str(paper.qrs[0].national_id))
    return f.with_codes(paper, f.qr(paper.qrs[0].barcode, number))


def lose_the_code(data: Draw, paper: Document) -> Document:
    return data.draw(st.sampled_from([f.with_codes(paper), f.foreign(paper)]))


def lose_the_print(data: Draw, paper: Document) -> Document:
    lost = [
        replace(paper, barcodes=()),
        replace(paper, barcodes=(f.seen(None),)),
        replace(paper, text=TextSource.NONE),
        replace(paper, scan=True),
        replace(paper, doubts=("readers disagree: records",)),
        replace(paper, faults=(Fault(FaultCode.DOCUMENT_UNREADABLE, {"reason": "crash"}),)),
        f.scan(paper),
    ]
    return data.draw(st.sampled_from(lost))


def be_another_kind(data: Draw, paper: Document) -> Document:
    return f.of_kind(data.draw(st.sampled_from([kind for kind in Kind if kind is not paper.kind])), paper)


ON_EVERY_PAPER: list[Callable[[Draw, Document], Document]] = [
    drop_field,
    dispute_field,
    print_another_number,
    print_another_name,
    print_another_barcode,
    code_another_barcode,
    code_another_person,
    lose_the_code,
    lose_the_print,
    be_another_kind,
]


def spoil_last_row(data: Draw, paper: Document) -> Document:
    change: dict[str, Any] = data.draw(
        st.sampled_from(
            [
                {"exit_date": "2026-09-30"},
                {"document_type": "İptal"},
                {"document_type": "Fark"},
                {"days": None},
                {"days": 32},
                {"doubts": ("days: two values",)},
                {"branch": "*4a"},
                {"branch": "4b"},
                {"period": "2026-08"},
                {"period": "2026-19"},
                {"workplace": ""},
            ]
        )
    )
    return replace(paper, records=(*paper.records[:-1], replace(paper.records[-1], **change)))


def lose_last_rows(data: Draw, paper: Document) -> Document:
    return replace(paper, records=paper.records[: data.draw(st.integers(0, len(paper.records) - 1))])


def cancel_every_row(data: Draw, paper: Document) -> Document:
    kept = data.draw(st.integers(0, 2))
    cancelled = tuple(replace(r, document_type="İptal") for r in paper.records[kept:])
    return replace(paper, records=(*paper.records, *cancelled))


def be_elsewhere(data: Draw, paper: Document) -> Document:
    number = digit_changed(data, f.SEQUENCE)
    return replace(paper, records=tuple(replace(r, workplace=number) for r in paper.records))


def list_another_title(data: Draw, paper: Document) -> Document:
    where = data.draw(st.integers(0, len(f.TITLE) - 20))
    title = f.TITLE[:where] + "KURGU" + f.TITLE[where:]
    return replace(paper, workplaces=data.draw(st.sampled_from([(), f.listing((f.SEQUENCE, title))])))


ON_A_STATEMENT = [
    *ON_EVERY_PAPER,
    spoil_last_row,
    lose_last_rows,
    cancel_every_row,
    be_elsewhere,
    list_another_title,
]


def start_on_another_day(data: Draw, paper: Document) -> Document:
    days = data.draw(st.integers(32, 4000) | st.integers(-400, -1))
    start = date(2026, 11, 20) - timedelta(days=days)
    return f.with_field(paper, "start_date", start.isoformat())


def name_another_employer(data: Draw, paper: Document) -> Document:
    group = data.draw(st.sampled_from(["sequence", "province", "sector", "subcontractor"]))
    changed = {**f.GROUPS, group: digit_changed(data, f.GROUPS[group])}
    return f.with_field(paper, "workplace_number", changed)


ON_A_DECLARATION = [*ON_EVERY_PAPER, start_on_another_day, name_another_employer]


def declare_otherwise(data: Draw, case: Case) -> Case:
    person = dict(f.AYSE)
    name = data.draw(st.sampled_from(sorted(person)))
    change = digit_changed if name == "national_id" else letter_changed
    return replace(case, application=f.application({**person, name: change(data, person[name])}))


def know_otherwise(data: Draw, case: Case) -> Case:
    document = case.uploads[0].documents[0]
    registries = [
        RegistryFacts(registered=frozenset()),
        RegistryFacts(reused={document.id: ("TS-2026-000001",)}),
    ]
    return replace(case, registry=data.draw(st.sampled_from(registries)))


def nobody_is_verified(case: Case) -> None:
    result = judge(case)
    assert result.decision is Decision.FLAGGED
    assert all(person.decision is Decision.FLAGGED for person in result.people)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_statement_with_anything_changed_verifies_nobody(data: Draw) -> None:
    paper = data.draw(st.sampled_from(ON_A_STATEMENT))(data, f.statement())
    nobody_is_verified(f.case(paper))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_declaration_with_anything_changed_verifies_nobody(data: Draw) -> None:
    paper = data.draw(st.sampled_from(ON_A_DECLARATION))(data, f.declaration())
    nobody_is_verified(f.case(paper))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_another_declaration_of_the_applicant_verifies_nobody(data: Draw) -> None:
    good = f.case(data.draw(st.sampled_from([f.statement(), f.declaration()])))
    nobody_is_verified(data.draw(st.sampled_from([declare_otherwise, know_otherwise]))(data, good))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_several_changes_never_end_in_an_unproven_acceptance(data: Draw) -> None:
    paper = f.statement()
    for change in data.draw(
        st.lists(st.sampled_from([spoil_last_row, lose_the_code, print_another_barcode]))
    ):
        if paper.qrs and paper.barcodes and paper.records:
            paper = change(data, paper)
    result = judge(f.case(paper, f.declaration()))
    for person in result.people:
        assert (person.decision is Decision.FLAGGED) == any(x.flags for x in person.findings)


def test_a_question_that_was_not_asked_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    without = tuple(rule for rule in DOCUMENT_RULES if rule.__name__ != "barcode_agrees")
    monkeypatch.setattr(judgement, "DOCUMENT_RULES", without)
    with pytest.raises(UnprovenAcceptance, match=r"10\*{9}"):
        judge(f.case(f.statement()))


@pytest.mark.parametrize("rule", [rule.__name__ for rule in DOCUMENT_RULES])
def test_every_question_to_a_paper_is_needed(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """Leaving a rule out is noticed, except for those that only ever add a flag."""
    without = tuple(r for r in DOCUMENT_RULES if r.__name__ != rule)
    monkeypatch.setattr(judgement, "DOCUMENT_RULES", without)
    if rule in {"is_supported", "has_text", "is_original", "is_unedited"}:
        assert judge(f.case(f.statement())).decision is Decision.VERIFIED
    else:
        with pytest.raises(UnprovenAcceptance):
            judge(f.case(f.statement()))


@pytest.mark.parametrize(
    "rule", ["employer_is_provider", "has_start_date", "is_within_last_month", "absence_is_shown"]
)
def test_every_question_to_a_declaration_is_needed(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    without = tuple(r for r in DECLARATION_RULES if r.__name__ != rule)
    monkeypatch.setattr(route, "DECLARATION_RULES", without)
    with pytest.raises(UnprovenAcceptance):
        judge(f.case(f.declaration()))


@pytest.mark.parametrize("rule", ["number_is_valid", "has_evidence", "name_agrees"])
def test_every_question_to_a_person_is_needed(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    without = tuple(r for r in PERSON_RULES if r.__name__ != rule)
    monkeypatch.setattr(judgement, "PERSON_RULES", without)
    with pytest.raises(UnprovenAcceptance):
        judge(f.case(f.statement()))


@pytest.mark.parametrize("rule", ["people_are_declared", "papers_are_used_once"])
def test_every_question_to_the_application_is_needed(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    without = tuple(r for r in APPLICATION_RULES if r.__name__ != rule)
    monkeypatch.setattr(judgement, "APPLICATION_RULES", without)
    with pytest.raises(UnprovenAcceptance):
        judge(f.case(f.statement()))


def test_an_official_document_alone_never_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "proof_is_for_a_human", lambda _claim: ())
    about = f.application(provider={"officials": [f.AYSE["national_id"]]})
    with pytest.raises(UnprovenAcceptance):
        judge(f.case(f.lacking(), f.gazette(), about=about))


def test_a_lowered_code_stays_in_sight_without_flagging() -> None:
    paper = f.with_field(f.statement(), "family_name", "SINAMACI")
    result = judge(f.case(paper, policy=f.policy({"PERSON_NAME_DIFFERS": "note"})))
    assert result.decision is Decision.VERIFIED
    assert Code.PERSON_NAME_DIFFERS in {x.code for x in result.people[0].findings if x.outcome == "failed"}


def test_a_month_end_that_a_policy_lowers_is_accepted() -> None:
    about = f.application(submitted_at="2025-03-31T12:00:00+03:00")
    case = f.case(
        f.declaration(start=date(2025, 2, 28)), about=about, policy=f.policy({"START_DATE_MONTH_END": "note"})
    )
    assert judge(case).decision is Decision.VERIFIED


def test_judging_twice_gives_the_same() -> None:
    case = f.case(f.lacking(), f.declaration())
    assert judge(case) == judge(case)


def test_people_stand_in_the_order_of_the_application() -> None:
    about = f.application(f.CAN, f.AYSE)
    result = judge(f.case(f.statement(), about=about))
    assert [p.national_id for p in result.people] == [f.CAN["national_id"], f.AYSE["national_id"]]


def test_documents_stand_in_the_order_of_the_upload_each_as_often_as_uploaded() -> None:
    papers = (f.declaration(), f.statement(), replace(f.statement(), name="b.pdf"))
    result = judge(f.case(*papers))
    assert [d.name for d, _ in result.documents] == [paper.name for paper in papers]


def test_findings_that_passed_are_listed_as_notes() -> None:
    passed = [x for x in judge(f.case(f.statement())).people[0].findings if x.outcome == "passed"]
    assert len(passed) > 15
    assert {x.level for x in passed} == {"note"}


def test_statement_issued_after_the_application_is_no_ground_to_flag() -> None:
    assert judge(f.case(f.statement(issued_on="2026-11-24"))).decision is Decision.VERIFIED


def test_each_problem_of_a_declaration_is_told_with_place_and_reason() -> None:
    problems = [
        Problem("people.0.national_id", "Field required", ProblemKind.MISSING),
        Problem("reason", "This procedure does not have the field", ProblemKind.NOT_ALLOWED),
    ]
    judged = judge_invalid("TS-1", problems, f.POLICY)
    assert [(finding.code, finding.facts) for finding in judged.findings] == [
        (
            Code.APPLICATION_INVALID,
            {"reason": problem.kind.value, "place": problem.place, "problem": problem.message},
        )
        for problem in problems
    ]
    assert (judged.application_id, judged.procedure, judged.policy) == ("TS-1", None, f.POLICY.name)


def test_a_declaration_without_a_told_problem_has_an_unknown_one() -> None:
    (finding,) = judge_invalid("TS-1", [], f.POLICY).findings
    assert finding.flags
    assert finding.facts == {"reason": "unknown", "place": "", "problem": ""}
