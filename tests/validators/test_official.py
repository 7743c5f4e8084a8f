"""What official documents say of a bond, as facts for a reviewer (Kılavuz m.6(3)(e))."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import jsonschema
import pytest

from extractors.facts import Document
from extractors.official_forms import FORM_NAMES
from extractors.official_people import ROLES
from storage.facts import pack_document, unpack_document
from tests.validators import factory as f
from tests.validators.cases.officials import AYSE_OFFICIAL, OTHERS, PARTNER_ROWS, SOLE, THEIRS
from tests.validators.officials import Company, Named, official
from validators.application import Person
from validators.case import RegistryFacts
from validators.finding import Code, Decision, Finding, Outcome, Proposal, Route
from validators.judgement import judge
from validators.messages import LANGUAGES, load_messages, message
from validators.official import CompanyTie, PersonTie, is_sole_trader
from validators.report import document_report, document_schema

AYSE = Person.model_validate(f.AYSE)
DOCUMENT = jsonschema.Draft202012Validator(document_schema())
DECLARED = {"officials": [f.AYSE["national_id"]]}


def asked(code: Code, *papers: Document, **changes: Any) -> list[Finding]:
    """The findings of one code on the first person, who is declared as an official unless told otherwise."""
    about = f.application(**{"provider": DECLARED, **changes})
    (person, *_) = judge(f.case(*papers, about=about)).people
    return [finding for finding in person.findings if finding.code is code]


@pytest.mark.parametrize("procedure", ["provider_registration", "personnel_addition"])
def test_an_official_document_never_verifies_by_itself(procedure: str) -> None:
    """A human reads it, in m.6 as in m.7 (A-4), whatever it shows."""
    about = f.application(procedure=procedure, provider=DECLARED)
    judged = judge(
        f.case(f.lacking(), official(Company((Named(number=f.AYSE["national_id"]),))), about=about)
    )
    (person,) = judged.people
    assert (person.decision, person.route) == (Decision.FLAGGED, Route.OFFICIAL_DOCUMENT)
    assert person.proposal is Proposal.CHECK_BY_HAND


def test_facts_tell_the_reviewer_what_was_read_and_where() -> None:
    (finding,) = asked(Code.PARTNER_PROOF, f.lacking(rows=PARTNER_ROWS), official(Company()))
    assert finding.outcome is Outcome.INDETERMINATE
    expected = {
        "form": "gazette",
        "issue_number": "11106",
        "registry_number": "123456",
        "company_tie": "mersis",
        "person_tie": "masked_number",
        "roles": "partner, manager",
        "authority": "single",
        "issued_on": "2026-06-21",
        "age": "recent",
        "partner_period": "2026-08",
        "foreseen": "article_6",
        "sole_trader": "no",
        "company_page": 1,
        "company_box": "10 20 30 40",
        "role_box": "10 20 30 40",
        "partner_box": "10 20 30 40",
    }
    assert {name: finding.facts[name] for name in expected} == expected
    assert (finding.page, finding.box) == (1, f.BOX)
    for language in ("tr", "en"):
        assert f.AYSE["national_id"] not in message(finding, language)


@pytest.mark.parametrize(
    ("days", "age"), [(0, "recent"), (365, "recent"), (366, "old"), (2000, "old"), (-1, "later")]
)
def test_an_old_gazette_is_noted_and_not_refused(days: int, age: str) -> None:
    """The guide sets no age; a later announcement may have changed what an old one says (A-8)."""
    issued = date(2026, 11, 20) - timedelta(days=days)
    (finding,) = asked(Code.PARTNER_PROOF, f.lacking(), official(Company(), issued_on=issued.isoformat()))
    assert (finding.facts["age"], finding.facts["age_days"]) == (age, days)
    assert finding.outcome is Outcome.INDETERMINATE


def test_the_age_that_is_noted_is_the_policy_s() -> None:
    case = f.case(
        f.lacking(),
        official(Company()),
        about=f.application(provider=DECLARED),
        policy=f.policy(gazette_age_note_days=30),
    )
    (finding,) = [x for x in judge(case).people[0].findings if x.code is Code.PARTNER_PROOF]
    assert finding.facts["age"] == "old"
    assert "politikadaki süreden eski" in message(finding, "tr")


@pytest.mark.parametrize(
    ("parameters", "foreseen"),
    [({}, "not_in_article_7"), ({"official_document_in_addition": "accept"}, "accepted_in_article_7")],
)
def test_adding_personnel_does_not_name_the_official_document(
    parameters: dict[str, Any], foreseen: str
) -> None:
    """Kılavuz m.7(1)(e) names the statement alone; m.6(3)(e) is drafted generally (A-4)."""
    about = f.application(procedure="personnel_addition", provider=DECLARED)
    judged = judge(f.case(f.lacking(), official(Company()), about=about, policy=f.policy(**parameters)))
    (finding,) = [x for x in judged.people[0].findings if x.code is Code.PARTNER_PROOF]
    assert finding.facts["foreseen"] == foreseen


def test_somebody_whom_the_document_names_with_a_role_is_an_official() -> None:
    """ "Yetkililer (firma ortağı vb.)": partner, manager, board member, signatory (A-6), declared or not."""
    (finding,) = asked(Code.PARTNER_PROOF, f.lacking(), official(Company()), provider={})
    assert finding.facts["reason"] == "tied"


@pytest.mark.parametrize("roles", ["", "leaving"])
def test_a_name_without_a_role_makes_nobody_an_official(roles: str) -> None:
    named = official(Company((Named(roles=roles),)))
    assert asked(Code.PARTNER_PROOF, f.lacking(), named, provider={}) == []
    (link,) = asked(Code.NO_LINK, f.lacking(), named, provider={})
    assert link.outcome is Outcome.FAILED


def test_a_document_that_names_neither_leaves_the_ordinary_answer() -> None:
    papers = (f.lacking(), official(replace(THEIRS, people=OTHERS)))
    assert asked(Code.PARTNER_PROOF, *papers) == []
    assert [x.outcome for x in asked(Code.NO_LINK, *papers)] == [Outcome.FAILED]
    (person,) = judge(f.case(*papers, about=f.application(provider=DECLARED))).people
    assert (person.route, person.proposal) == (None, Proposal.RETURN_TO_APPLICANT)


def test_a_sole_trader_is_tied_by_the_own_number() -> None:
    """The tax number of a sole trader is the T.C. number: a hard link (A-6)."""
    paper = official(
        Company((), "ÖRNEK CİHAZ SERVİSİ", "", f.AYSE["national_id"]), form="tax_certificate", issue=None
    )
    (finding,) = asked(Code.PARTNER_PROOF, f.lacking(), paper, provider=SOLE)
    assert (finding.facts["reason"], finding.facts["sole_trader"]) == ("sole_trader", "yes")
    assert (finding.facts["company_tie"], finding.facts["person_tie"]) == ("tax_number", "number")
    provider = f.application(provider=SOLE).provider
    assert provider is not None
    assert is_sole_trader(AYSE, provider)
    assert not is_sole_trader(Person.model_validate(f.CAN), provider)


def test_the_number_in_a_natural_person_s_mersis_counts_too() -> None:
    paper = official(Company((Named(number=""),), mersis=f"{f.AYSE['national_id']}00001"))
    (finding,) = asked(Code.PARTNER_PROOF, f.lacking(), paper, provider=SOLE)
    assert (finding.facts["reason"], finding.facts["company_tie"]) == ("sole_trader", "mersis")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "declared"),
        ({"entry_date": "2008-10-01"}, "declared"),
        ({"entry_date": "2008-09-30"}, None),
        ({"branch": "4b", "status": "Şirket Ortağı", "workplace": "", "unit": ""}, None),
        ({"exit_date": "2026-09-10", "days": 10}, None),
    ],
)
def test_a_partner_insured_by_the_own_company_is_noted(row: dict[str, Any], reason: str | None) -> None:
    """5510 m.53/2: partners cannot be 4/a at their own company since 1 October 2008; no ground to refuse."""
    rows = (f.row("2026-09", **row),)
    found = asked(Code.PARTNER_INSURED_AS_EMPLOYEE, f.statement(rows=rows))
    assert [x.facts["reason"] for x in found] == ([reason] if reason else [])
    assert not any(x.flags for x in found)
    assert all((x.page, x.box) == (1, f.BOX) for x in found)


@pytest.mark.parametrize(
    ("roles", "noted"), [("partner", True), ("sole_partner manager", True), ("manager representative", False)]
)
def test_only_an_owner_of_the_document_is_noted_where_nobody_is_declared(roles: str, noted: bool) -> None:
    """A manager without shares may be an employee (rules on 4/a and 4/b)."""
    papers = (f.statement(), official(Company((Named(roles=roles),))))
    found = asked(Code.PARTNER_INSURED_AS_EMPLOYEE, *papers, provider={})
    assert [x.facts["reason"] for x in found] == (["document"] if noted else [])


def test_a_document_that_does_not_name_an_official_goes_back_to_the_applicant() -> None:
    """Only what might tie the person is for a human."""
    (failed,) = asked(Code.PARTNER_PROOF, f.lacking(), official(Company(OTHERS)))
    assert (failed.outcome, failed.proposal) == (Outcome.FAILED, Proposal.RETURN_TO_APPLICANT)


def test_every_deciding_statement_must_lack_the_link() -> None:
    """Of two of one day, one without rows leaves open what it would have shown."""
    empty = f.lacking(rows=(), barcode="hd0123456789abcdef09")
    (alone,) = asked(Code.LINK_ABSENCE_NOT_SHOWN, f.lacking(), official(Company()))
    assert alone.outcome is Outcome.PASSED
    (both,) = asked(Code.LINK_ABSENCE_NOT_SHOWN, f.lacking(), empty, official(Company()))
    assert (both.outcome, both.facts["reason"]) == (Outcome.INDETERMINATE, "no_rows")


def test_the_newest_row_of_a_partner_supports_the_claim() -> None:
    """Branch 4b alone shows a partner; the same status in another branch does not (A-5)."""
    (partner,) = PARTNER_ROWS
    employee = f.elsewhere("2026-09", status="Şirket Ortağı")
    rows = (replace(partner, period="2026-07"), partner, employee)
    (finding,) = asked(Code.PARTNER_PROOF, f.lacking(rows=rows), official(Company()))
    assert (finding.facts["partner_rows"], finding.facts["partner_period"]) == ("shown", "2026-08")


def test_a_fetched_certificate_belongs_to_nobody() -> None:
    """The code of a certificate names whoever fetched it at e-Devlet: that is nobody's paper on a person."""
    certificate = f.with_codes(
        official(Company(), form="trade_registry_certificate"), f.qr("TOBB123", f.STRANGER)
    )
    judged = judge(f.case(f.lacking(), certificate, about=f.application(provider=AYSE_OFFICIAL)))
    codes = {x.code for x in (*judged.findings, *judged.people[0].findings) if x.flags}
    assert Code.PERSON_NOT_DECLARED not in codes
    assert judged.people[0].route is Route.OFFICIAL_DOCUMENT


def test_roles_and_reasons_have_words_in_both_languages() -> None:
    """Every machine word of the extraction and of a proof is told in words."""
    roles = {name for name, _ in ROLES}
    for language in LANGUAGES:
        words = load_messages(language)["words"]
        assert set(words["roles"]) == roles
        assert set(words["company_tie"]) == set(CompanyTie)
        assert set(words["person_tie"]) == set(PersonTie)
        assert set(words["form"]) == set(FORM_NAMES)


def test_a_report_shows_no_number_of_anybody_a_document_names() -> None:
    """T.C. numbers are masked, also with stars in the print, as the tax number, and inside a MERSİS number."""
    named = Company(
        (Named(number=f.STRANGER), Named("CAN DENEMECİ", "100******46")), mersis=f"{f.STRANGER}00001"
    )
    report = document_report(official(replace(named, tax=f.STRANGER)))
    assert f.STRANGER not in str(report)
    assert "100******46" not in str(report)
    assert f.STRANGER in str(document_report(official(named), reveal=True))
    DOCUMENT.validate(report)


def test_facts_of_a_document_survive_storage() -> None:
    paper = official(Company())
    assert unpack_document(pack_document(paper)) == paper


def test_a_company_s_document_may_serve_every_application_of_the_company() -> None:
    certificate = f.with_codes(official(Company()), f.qr("tt0123456789", None))
    facts = RegistryFacts(reused={certificate.key: ("TS-2026-000007",)})
    about = f.application(provider=DECLARED)
    judgement = judge(f.case(f.lacking(), certificate, about=about, registry=facts))
    asked_of = {
        found.document for found in judgement.people[0].findings if found.code is Code.DOCUMENT_REUSED
    }
    assert certificate.key not in asked_of
    assert not [found for found in judgement.findings if found.code is Code.DOCUMENT_REUSED]
