"""From a case to a decision on every person and on the application.

Acceptance is closed by default. A person or application is flagged exactly when it has a finding of level
`block` or `review` whose outcome is not `passed` (contract, section 3); and nobody is verified unless every
question on which the route rests was asked of that person's paper and answered (`_is_proven`).
"""

from collections.abc import Iterable, Mapping, Sequence

from validators.application import ADDS_PEOPLE, Person, Problem
from validators.case import Case, Judgement, PersonJudgement, RegistryFacts
from validators.catalogue import insists_on_a_human, proposal_of
from validators.finding import Code, Decision, Finding, Proposal, Route
from validators.identity import mask_national_id
from validators.policy import Policy
from validators.rules.application import APPLICATION_RULES, SIMPLE_RULES
from validators.rules.document import CERTIFICATE_RULES, CONTINUATION_RULES, DOCUMENT_RULES, DocumentRule
from validators.rules.elsewhere import works_at_one_provider
from validators.rules.issuer import issuer_agrees
from validators.rules.person import PERSON_RULES
from validators.rules.policy import policy_is_in_force
from validators.rules.procedures import about_application, about_person
from validators.rules.route import find_route
from validators.subjects import Ask, Claim, Dossier, Paper, documents_of

__all__ = [
    "Case",
    "Judgement",
    "PersonJudgement",
    "RegistryFacts",
    "UnprovenAcceptance",
    "judge",
    "judge_invalid",
]

_OF_THE_PERSON = (Code.PERSON_ID_INVALID, Code.PERSON_NO_EVIDENCE)
_OF_THE_PAPER = (
    Code.DOCUMENT_UNREADABLE,
    Code.DOCUMENT_KIND_UNKNOWN,
    Code.DOCUMENT_KIND_REFUSED,
    Code.DOCUMENT_REUSED,
    Code.EDEVLET_NOT_CHECKED,
    Code.QR_MISSING,
    Code.QR_FOREIGN,
    Code.QR_BARCODE_MISMATCH,
    Code.QR_PERSON_MISMATCH,
    Code.PERSON_NOT_DECLARED,
    Code.PERSON_NAME_DIFFERS,
)
_NEEDED: Mapping[Route, tuple[Code, ...]] = {
    Route.SERVICE_STATEMENT: (
        Code.NO_LINK,
        Code.EMPLOYER_UNCERTAIN,
        Code.EMPLOYMENT_CANCELLED,
        Code.EMPLOYMENT_ENDED,
    ),
    Route.ENTRY_DECLARATION: (
        Code.EMPLOYER_DIFFERENT,
        Code.EMPLOYER_UNCERTAIN,
        Code.START_DATE_MISSING,
        Code.ABSENCE_NOT_EVIDENCED,
    ),
}
_OF_THE_MONTH = frozenset(
    {
        Code.START_DATE_TOO_OLD,
        Code.START_DATE_MONTH_END,
        Code.START_DATE_HOLIDAY,
        Code.EVIDENCE_GAP,
    }
)
"""One of these answers the question of the last month; a policy may make the last three notes."""


class UnprovenAcceptance(RuntimeError):
    """A person has no flagging finding, and yet a question was not asked: a fault of the rules, never a pass."""


def judge(case: Case) -> Judgement:
    """Judge one application. Pure: the same case gives the same judgement."""
    dossier = Dossier.of(case)
    if case.application.procedure in ADDS_PEOPLE:
        return _judge_evidence(dossier)
    return _judge_without_papers(dossier)


def judge_invalid(application_id: str, problems: Iterable[Problem], policy: Policy) -> Judgement:
    """Judge an application whose `application.json` did not parse, or whose files are missing."""
    ask = Ask(policy, None)
    findings = tuple(
        ask.failed(
            Code.APPLICATION_INVALID, reason=problem.kind.value, place=problem.place, problem=problem.message
        )
        for problem in problems
    )
    findings = findings or (ask.failed(Code.APPLICATION_INVALID, reason="unknown", place="", problem=""),)
    return Judgement(application_id, None, Decision.FLAGGED, policy.name, (), findings, ())


def _judge_evidence(dossier: Dossier) -> Judgement:
    """Judge the papers, then every declared person on them, then put each finding where it belongs."""
    about = [finding for rule in (*APPLICATION_RULES, issuer_agrees) for finding in rule(dossier)]
    asked = [finding for paper in dossier.papers for rule in _rules_of(paper) for finding in rule(paper)]
    owners = _owners(dossier)
    owned: dict[str | None, list[Finding]] = {}
    for finding in (*asked, *about):
        owner = owners.get(finding.document) if finding.document is not None else None
        owned.setdefault(owner if owner in dossier.declared else None, []).append(finding)
    people = tuple(
        _judge_person(_claim(dossier, person), owned.get(person.national_id, ()))
        for person in dossier.application.people
    )
    return _assemble(dossier, people, tuple(owned.get(None, ())))


def _rules_of(paper: Paper) -> tuple[DocumentRule, ...]:
    return CONTINUATION_RULES if paper.is_continuation else DOCUMENT_RULES


def _owners(dossier: Dossier) -> Mapping[str, str | None]:
    """Say by the key of each document to whom it belongs; a continuation to the owner of its paper."""
    owners = {paper.document.key: paper.owner for paper in dossier.papers}
    parts = {paper.document.key: paper.document.part_of for paper in dossier.papers}
    return {key: owners.get(parts[key] or key) for key in owners}


def _judge_without_papers(dossier: Dossier) -> Judgement:
    """Judge procedures whose upload is certificates (m.4, m.5) or nothing (m.7(1)(g)-(ı), m.4(3))."""
    findings = [finding for rule in (*SIMPLE_RULES, about_application) for finding in rule(dossier)]
    findings += [f for paper in dossier.papers for rule in CERTIFICATE_RULES for f in rule(paper)]
    by_hand = [finding for finding in findings if finding.code is Code.PROCEDURE_BY_HAND]
    people = tuple(_simple_person(dossier, person, by_hand) for person in dossier.application.people)
    return _assemble(dossier, people, tuple(findings))


def _simple_person(dossier: Dossier, person: Person, by_hand: Sequence[Finding]) -> PersonJudgement:
    findings = (*about_person(dossier, _claim(dossier, person)), *by_hand)
    return _decide(person, None, findings)


def _claim(dossier: Dossier, person: Person) -> Claim:
    number, registered = person.national_id, dossier.registry.registered
    elsewhere = dossier.registry.elsewhere
    return Claim(
        person=person,
        application=dossier.application,
        papers=tuple(paper for paper in dossier.papers if paper.owner == number),
        gazettes=dossier.gazettes,
        ask=dossier.ask,
        registered=None if registered is None else number in registered,
        elsewhere=None if elsewhere is None else elsewhere.get(number, ()),
    )


def _judge_person(claim: Claim, on_papers: Sequence[Finding]) -> PersonJudgement:
    own = [finding for rule in (*PERSON_RULES, works_at_one_provider) for finding in rule(claim)]
    route, link = find_route(claim)
    findings = (*own, *on_papers, *link)
    judgement = _decide(claim.person, route, findings)
    if judgement.decision is Decision.VERIFIED and not _is_proven(route, findings, link):
        raise UnprovenAcceptance(f"{mask_national_id(claim.person.national_id)}: {route}")
    return judgement


def _decide(person: Person, route: Route | None, findings: tuple[Finding, ...]) -> PersonJudgement:
    """Flag or verify, with a proposal for the flagged (contract, section 3)."""
    flagging = [finding for finding in findings if finding.flags]
    if not flagging:
        return PersonJudgement(person.national_id, Decision.VERIFIED, route, findings)
    proposal = _proposal(flagging)
    wait_until = None
    if proposal is Proposal.WAIT_UNTIL:
        wait_until = max(finding.wait_until for finding in flagging if finding.wait_until is not None)
    return PersonJudgement(person.national_id, Decision.FLAGGED, route, findings, proposal, wait_until)


def _proposal(flagging: Sequence[Finding]) -> Proposal:
    """Wait only where nothing else is wrong; return unless an officer must look first."""
    proposals = {proposal_of(finding) for finding in flagging}
    if proposals == {Proposal.WAIT_UNTIL}:
        return Proposal.WAIT_UNTIL
    if Proposal.RETURN_TO_APPLICANT in proposals and not any(map(insists_on_a_human, flagging)):
        return Proposal.RETURN_TO_APPLICANT
    return Proposal.CHECK_BY_HAND


def _is_proven(route: Route | None, findings: Sequence[Finding], link: Sequence[Finding]) -> bool:
    """Tell whether every question that the route needs was answered, on each paper that carries the route.

    Called where nothing flags: an essential code that does not flag has passed (policy sees to it), with one
    exception that the rules make: a QR code without a T.C. number. An official document proves nothing here.
    """
    papers = {finding.document for finding in link}
    needed = _NEEDED.get(route) if route is not None else None
    if needed is None or not papers or not _answered(findings, None, _OF_THE_PERSON):
        return False
    asked_month = {finding.document for finding in link if finding.code in _OF_THE_MONTH}
    in_time = route is Route.SERVICE_STATEMENT or asked_month == papers
    return in_time and all(_answered(findings, paper, (*_OF_THE_PAPER, *needed)) for paper in papers)


def _answered(findings: Sequence[Finding], document: str | None, codes: Iterable[Code]) -> bool:
    asked = {finding.code for finding in findings if finding.document == document and not finding.flags}
    return asked.issuperset(codes)


def _assemble(
    dossier: Dossier, people: tuple[PersonJudgement, ...], findings: tuple[Finding, ...]
) -> Judgement:
    findings = (*findings, *policy_is_in_force(dossier))
    flagged = any(finding.flags for finding in findings) or any(
        person.decision is Decision.FLAGGED for person in people
    )
    beside: dict[str, list[Finding]] = {}
    for finding in (*(finding for person in people for finding in person.findings), *findings):
        if finding.document is not None:
            beside.setdefault(finding.document, []).append(finding)
    return Judgement(
        dossier.application.application_id,
        dossier.application.procedure.value,
        Decision.FLAGGED if flagged else Decision.VERIFIED,
        dossier.case.policy.name,
        people,
        findings,
        tuple((document, tuple(beside.get(document.key, ()))) for document in documents_of(dossier.case)),
    )
