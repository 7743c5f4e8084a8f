"""The three routes to a bond between person and provider, tried in the guide's order.

The statement first; where it lacks the workplace, a declaration that leaves nothing open; an official document that
ties a partner or authorised person; then what else there is. The route of a flagged person is the one that was judged.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from validators.employment import Bond
from validators.finding import Code, Finding, Level, Outcome, Proposal, Route
from validators.rules.declaration import (
    DECLARATION_RULES,
    Absence,
    rehired_on,
    view_declarations,
)
from validators.rules.official import is_insured_as_employee, proof_is_for_a_human, statement_lacks_link
from validators.rules.statement import StatementView, no_link, statement_findings, view_statements
from validators.subjects import Claim

Findings = tuple[Finding, ...]
RouteAnswer = tuple[Route | None, Findings]


def find_route(claim: Claim) -> RouteAnswer:
    """Judge the bond of one person; None where nothing could be judged or no route holds."""
    views = view_statements(claim)
    if any(not view.is_absent for view in views):
        return Route.SERVICE_STATEMENT, _by_statement(claim, views)
    declared = _by_declaration(claim, views)
    if declared and not _flags(declared):
        return Route.ENTRY_DECLARATION, declared
    proofs = tuple(proof_is_for_a_human(claim))
    if _is_tied(claim):
        return Route.OFFICIAL_DOCUMENT, (*proofs, *statement_lacks_link(claim, views))
    if declared:
        return Route.ENTRY_DECLARATION, (*declared, *proofs)
    return None, (*(no_link(claim, view, contradicted=False) for view in views), *proofs)


def _flags(findings: Iterable[Finding]) -> bool:
    return any(finding.flags for finding in findings)


def _is_tied(claim: Claim) -> bool:
    """Tell whether an official document ties the person, or could not be read well enough to say that it does not."""
    return any(not proof.conclusion.fails for _, proof in claim.proofs)


def _by_statement(claim: Claim, views: tuple[StatementView, ...]) -> Findings:
    """A statement shows the provider, or may: it decides, and every other one of its day must agree."""
    findings: list[Finding] = []
    for view in views:
        if view.is_absent:
            findings.append(no_link(claim, view, contradicted=True))
        else:
            findings.extend(
                _with_other_papers(claim, finding, views) for finding in statement_findings(claim, view)
            )
            findings.extend(_beside(claim, view))
    if any(_is_ended(finding) for finding in findings) and _is_tied(claim):
        findings.extend(proof_is_for_a_human(claim))
    return tuple(findings)


def _beside(claim: Claim, view: StatementView) -> Iterator[Finding]:
    """Note what a statement that shows the provider makes superfluous or strange (A-2; 5510 m.53/2)."""
    if claim.declarations and view.employment.bond is Bond.SHOWN and view.ended_on is None:
        superfluous = claim.ask.failed(Code.ABSENCE_NOT_EVIDENCED, view.paper.at(view.employment.record))
        yield replace(superfluous, level=Level.NOTE, facts={"reason": "superfluous"})
    yield from is_insured_as_employee(claim, view)


def _is_ended(finding: Finding) -> bool:
    return finding.code is Code.EMPLOYMENT_ENDED and finding.outcome is Outcome.FAILED


def _with_other_papers(claim: Claim, finding: Finding, views: tuple[StatementView, ...]) -> Finding:
    """Say what stands beside an ended employment: a later start, or a proof of partnership. Then an officer looks."""
    ended = max((view.ended_on for view in views if view.ended_on is not None), default=None)
    if not _is_ended(finding) or ended is None:
        return finding
    again = rehired_on(view_declarations(claim, Absence.PROVEN), date.fromisoformat(ended))
    if again is not None:
        facts = {**finding.facts, "reason": "rehired", "rehired_on": again.isoformat()}
    elif _is_tied(claim):
        facts = {**finding.facts, "reason": "official"}
    else:
        return finding
    return replace(finding, facts=facts, proposal=Proposal.CHECK_BY_HAND)


def _by_declaration(claim: Claim, views: tuple[StatementView, ...]) -> Findings:
    if not views:
        absence = Absence.NO_STATEMENT
    else:
        absence = Absence.PROVEN if all(view.proves_absence for view in views) else Absence.NO_ROWS
    declarations = view_declarations(claim, absence)
    return tuple(finding for view in declarations for rule in DECLARATION_RULES for finding in rule(view))
