"""E3, official documents (ticaret sicil gazetesi vb.) for partners and authorised persons (Kılavuz m.6(3)(e)).

A human reads them: the pipeline says which document it is, what ties it to the provider and to the person, in which
role, and how old it is. It never verifies by one.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from extractors.facts import Box, Field, Record, Value
from extractors.turkish import fold
from validators.application import Procedure
from validators.fields import day_of
from validators.finding import Code, Finding, Outcome, Proposal
from validators.official import NamedPerson, Proof
from validators.rules.statement import StatementView
from validators.subjects import Claim, Paper, Place

_PARTNER_BRANCH, _PARTNER_STATUS = "4b", "ORTA"
"""Branch and beginning of the second word of the status `Şirket Ortağı` (statement, Sgrt. Statü)."""
_EMPLOYED = "4a"
_ALLOWED_UNTIL = date(2008, 10, 1)
"""Partners who were employees of their company before this day and since then may still be (5510, transitional)."""


def proof_is_for_a_human(claim: Claim) -> Iterator[Finding]:
    """Ask whether an official document ties the person to the provider."""
    for paper, proof in claim.proofs:
        facts = {**_ties(claim, proof), **_day(claim, paper), **_partner_rows(claim)}
        facts["reason"] = proof.conclusion.value
        at = _place(paper, proof)
        if proof.conclusion.fails:
            failed = claim.ask.failed(Code.PARTNER_PROOF, at, **facts)
            yield replace(failed, proposal=Proposal.RETURN_TO_APPLICANT)
        else:
            yield claim.ask.unclear(Code.PARTNER_PROOF, at, **facts)


def statement_lacks_link(claim: Claim, views: tuple[StatementView, ...]) -> Iterator[Finding]:
    """Ask whether a statement is there on which the bond cannot be seen."""
    code = Code.LINK_ABSENCE_NOT_SHOWN
    if not views:
        yield claim.ask.failed(code, claim.official_documents[0].at())
    elif all(view.proves_absence for view in views):
        yield claim.ask.passed(code, views[0].paper.at())
    else:
        yield claim.ask.unclear(code, views[0].paper.at(), reason="no_rows")


def is_insured_as_employee(claim: Claim, view: StatementView) -> Iterator[Finding]:
    """Note a partner whom the own company reports as its employee, which 5510 m.53/2 forbids since 1 October 2008.

    The guide does not refuse such a person. Nothing is asked of those who are no partners.
    """
    status, row = view.employment.status, view.employment.record
    if status is None or row is None or status.outcome is not Outcome.PASSED or row.branch != _EMPLOYED:
        return
    shown = any(proof.shows_partner for _, proof in claim.proofs)
    if not (shown or claim.is_official):
        return
    entry = str(status.facts.get("entry_date") or "") or None
    entered = day_of(entry)
    if entered is not None and entered < _ALLOWED_UNTIL:
        return
    reason = "document" if shown else "declared"
    facts: dict[str, Value] = {
        "reason": reason,
        "workplace": row.workplace,
        "period": row.period,
        "entry_date": entry,
    }
    yield claim.ask.failed(Code.PARTNER_INSURED_AS_EMPLOYEE, view.paper.at(row), **facts)


def partner_rows(records: tuple[Record, ...]) -> list[Record]:
    """Return the rows of a statement that show a partner of some company: branch 4b, status `Şirket Ortağı`."""
    return [
        row
        for row in records
        if row.branch == _PARTNER_BRANCH
        and any(w.startswith(_PARTNER_STATUS) for w in fold(row.status).split())
    ]


def _ties(claim: Claim, proof: Proof) -> dict[str, Value]:
    """What ties company and person, and what is said of the person."""
    person, company = proof.person or NamedPerson(), proof.company
    facts: dict[str, Value] = {
        "company_tie": proof.company_tie.value,
        "person_tie": proof.person_tie.value,
        "company": company.text("title") if company is not None else None,
        "registry_number": company.text("registry_number") if company is not None else None,
        "role": person.role.raw if person.role is not None else None,
        "roles": ", ".join(person.roles) or None,
        "authority": person.authority,
        "sole_trader": "yes" if proof.sole_trader else "no",
        "foreseen": _foreseen(claim),
    }
    seen = next(filter(None, map(company.fields.get, _COMPANY_FIELDS)), None) if company is not None else None
    return {**facts, **_where("company", seen), **_where("role", person.role)}


_COMPANY_FIELDS = ("mersis_number", "tax_number", "title", "registry_number")


def _where(name: str, field: Field | None) -> dict[str, Value]:
    """The page and box of a second place that a reviewer has to see, beside that of the finding itself."""
    if field is None:
        return {}
    return {f"{name}_page": field.page, f"{name}_box": _corners(field.box)}


def _corners(box: Box) -> str:
    return " ".join(str(value) for value in box.as_list())


def _foreseen(claim: Claim) -> str:
    """Where the guide speaks of such documents: m.6; m.7 names the statement alone (A-4, by policy)."""
    if claim.application.procedure is not Procedure.PERSONNEL_ADDITION:
        return "article_6"
    accepted = claim.ask.policy.parameters.official_document_in_addition == "accept"
    return "accepted_in_article_7" if accepted else "not_in_article_7"


def _day(claim: Claim, paper: Paper) -> dict[str, Value]:
    """The form, number and day of a document, and its age: a later one may say otherwise, the guide sets no limit."""
    facts: dict[str, Value] = {"form": paper.text("form"), "issue_number": paper.text("issue_number")}
    issued = paper.day("issued_on")
    if issued is None:
        return {**facts, "issued_on": None, "age": "undated"}
    days = (claim.reference_day - issued).days
    old = days > claim.ask.policy.parameters.gazette_age_note_days
    age = "later" if days < 0 else ("old" if old else "recent")
    return {**facts, "issued_on": issued.isoformat(), "age_days": days, "age": age}


def _partner_rows(claim: Claim) -> dict[str, Value]:
    """The newest row that shows the person as a partner of some company: it supports the claim (A-5)."""
    rows = [(row, paper) for paper in claim.statements for row in partner_rows(paper.document.records)]
    if not rows:
        return {"partner_rows": "none", "partner_period": None}
    newest, _ = max(rows, key=lambda found: found[0].period)
    return {"partner_rows": "shown", "partner_period": newest.period, **_row_place(newest)}


def _row_place(row: Record) -> dict[str, Value]:
    return {"partner_page": row.page, "partner_box": _corners(row.box)}


def _place(paper: Paper, proof: Proof) -> Place:
    """Where to look: at the person's name, else at the company, else at the paper."""
    person, company = proof.person, proof.company
    if person is not None and person.name is not None:
        return paper.at(person.name)
    seen = next(filter(None, map(company.fields.get, _COMPANY_FIELDS)), None) if company is not None else None
    return paper.at(seen)
