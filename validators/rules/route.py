"""The three routes to a bond between person and provider, tried in the guide's order.

The statement first; where it lacks the workplace, the declaration; where the person is a partner or authorised
person, an official document. The route of a flagged person is the one that was judged.
"""

from dataclasses import replace
from datetime import date

from validators.finding import Code, Finding, Outcome, Proposal, Route
from validators.rules.declaration import (
    DECLARATION_RULES,
    Absence,
    rehired_on,
    view_declarations,
)
from validators.rules.official import OFFICIAL_RULES
from validators.rules.statement import StatementView, no_link, statement_findings, view_statements
from validators.subjects import Claim

RouteAnswer = tuple[Route | None, tuple[Finding, ...]]


def find_route(claim: Claim) -> RouteAnswer:
    """Judge the bond of one person; None where nothing could be judged or no route holds."""
    views = view_statements(claim)
    if any(not view.is_absent for view in views):
        return _by_statement(claim, views)
    if claim.declarations:
        return _by_declaration(claim, views)
    if claim.official_documents:
        findings = tuple(finding for rule in OFFICIAL_RULES for finding in rule(claim))
        return Route.OFFICIAL_DOCUMENT, findings
    return None, tuple(no_link(claim, view, contradicted=False) for view in views)


def _by_statement(claim: Claim, views: tuple[StatementView, ...]) -> RouteAnswer:
    """A statement shows the provider, or may: it decides, and every other one of its day must agree."""
    findings: list[Finding] = []
    for view in views:
        if view.is_absent:
            findings.append(no_link(claim, view, contradicted=True))
        else:
            findings.extend(statement_findings(claim, view))
    return Route.SERVICE_STATEMENT, tuple(_with_rehire(claim, finding, views) for finding in findings)


def _with_rehire(claim: Claim, finding: Finding, views: tuple[StatementView, ...]) -> Finding:
    """Beside an ended employment, a declaration with a later start is a new one: an officer looks."""
    ended = max((view.ended_on for view in views if view.ended_on is not None), default=None)
    if finding.code is not Code.EMPLOYMENT_ENDED or finding.outcome is not Outcome.FAILED or ended is None:
        return finding
    again = rehired_on(view_declarations(claim, Absence.PROVEN), date.fromisoformat(ended))
    if again is None:
        return finding
    facts = {**finding.facts, "reason": "rehired", "rehired_on": again.isoformat()}
    return replace(finding, facts=facts, proposal=Proposal.CHECK_BY_HAND)


def _by_declaration(claim: Claim, views: tuple[StatementView, ...]) -> RouteAnswer:
    if not views:
        absence = Absence.NO_STATEMENT
    else:
        absence = Absence.PROVEN if all(view.proves_absence for view in views) else Absence.NO_ROWS
    declarations = view_declarations(claim, absence)
    findings = tuple(finding for view in declarations for rule in DECLARATION_RULES for finding in rule(view))
    return Route.ENTRY_DECLARATION, findings
