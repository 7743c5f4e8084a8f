"""One zip for several people (Kılavuz m.6(3)(h)): the people of the papers are those of the application."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.facts import Kind
from tests.validators import factory as f
from validators.application import Procedure
from validators.case import Judgement
from validators.finding import Code, Decision, Finding
from validators.identity import mask_national_id
from validators.judgement import judge

PEOPLE = (
    f.AYSE,
    f.CAN,
    f.FOREIGNER,
    {"national_id": f.STRANGER, "given_name": "DURU", "family_name": "YABANCI"},
)
SOME = st.lists(st.sampled_from(range(len(PEOPLE))), unique=True, min_size=1)
ADDING = st.sampled_from([Procedure.PROVIDER_REGISTRATION, Procedure.PERSONNEL_ADDITION])


def judged(declared: list[int], shown: list[int], procedure: str = "provider_registration") -> Judgement:
    """Judge an application that names some people, with one good statement for each of others."""
    papers = [f.statement(PEOPLE[n], f"hd0123456789abcdef1{n}") for n in shown]
    about = f.application(*(PEOPLE[n] for n in declared), procedure=procedure)
    return judge(f.case(*papers, about=about))


def flagged(findings: tuple[Finding, ...], code: Code) -> list[Finding]:
    return [finding for finding in findings if finding.code is code and finding.flags]


@given(SOME, SOME, ADDING)
def test_each_person_needs_a_paper_and_each_paper_a_person(
    declared: list[int], shown: list[int], procedure: Procedure
) -> None:
    judgement = judged(declared, shown, procedure.value)
    without = {
        person.national_id for person in judgement.people if flagged(person.findings, Code.PERSON_NO_EVIDENCE)
    }
    strangers = flagged(judgement.findings, Code.PERSON_NOT_DECLARED)
    assert without == {PEOPLE[n]["national_id"] for n in set(declared) - set(shown)}
    assert sorted(str(finding.facts["person"]) for finding in strangers) == sorted(
        mask_national_id(PEOPLE[n]["national_id"]) for n in set(shown) - set(declared)
    )
    assert (judgement.decision is Decision.VERIFIED) == (set(declared) == set(shown))


def test_both_directions_are_told_at_once() -> None:
    judgement = judged([0, 1, 2], [1, 2, 3])
    assert [person.decision for person in judgement.people] == ["flagged", "verified", "verified"]
    (stranger,) = flagged(judgement.findings, Code.PERSON_NOT_DECLARED)
    assert stranger.document is not None
    assert f.STRANGER not in str(stranger.facts)


@pytest.mark.parametrize("kind", [Kind.EXIT_DECLARATION, Kind.SOCIAL_SECURITY_RECORD])
def test_a_paper_that_is_no_evidence_does_not_fill_the_place_of_one(kind: Kind) -> None:
    paper = f.of_kind(kind, f.statement(f.CAN, "hd0123456789abcdef11"))
    judgement = judge(f.case(f.statement(), paper, about=f.application(f.AYSE, f.CAN)))
    ayse, can = judgement.people
    assert ayse.decision is Decision.VERIFIED
    assert flagged(can.findings, Code.PERSON_NO_EVIDENCE)


def test_two_papers_of_one_person_do_not_stand_for_two_people() -> None:
    papers = [f.statement(barcode="hd0123456789abcdef11"), f.declaration()]
    judgement = judge(f.case(*papers, about=f.application(f.AYSE, f.CAN)))
    assert [bool(flagged(p.findings, Code.PERSON_NO_EVIDENCE)) for p in judgement.people] == [False, True]


def test_a_deletion_is_for_an_officer_whatever_the_policy_says_of_removals() -> None:
    """Kılavuz m.4(3): on petition."""
    about = f.application(procedure="record_deletion", provider=None, evidence=None, petition="dilekce.pdf")
    for removal in ("accept", "review"):
        judgement = judge(f.case(about=about, uploads=(), policy=f.policy(removal=removal)))
        assert flagged(judgement.findings, Code.PROCEDURE_BY_HAND)


@pytest.mark.parametrize(
    ("tax_number", "outcome"), [(f.AYSE["national_id"], "passed"), ("1234567890", "failed")]
)
def test_a_sole_trader_is_the_person_who_made_the_record(tax_number: str, outcome: str) -> None:
    """Kılavuz m.4(3): a provider cannot ask for somebody's record, unless the provider is the person."""
    about = f.application(
        procedure="record_deletion",
        provider={"tax_number": tax_number},
        evidence=None,
        petition="dilekce.pdf",
    )
    found = judge(f.case(about=about, uploads=())).findings
    assert [x.outcome.value for x in found if x.code is Code.PETITIONER_NOT_CREATOR] == [outcome]
