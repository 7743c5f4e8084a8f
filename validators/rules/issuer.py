"""Questions to the issuer's answers: was the paper checked, does the issuer know it, does it say the same.

The guide asks for papers "e-devlet üzerinden karekodlu" (m.6(3)(d), m.7(1)(e)): the code is there so that the paper can
be checked where it was issued. Where nobody was asked, one note says so; a policy may make it weigh more.
"""

from collections.abc import Iterator
from dataclasses import replace

from validators.finding import Code, Finding, Level, Outcome
from validators.issuer import IssuerAnswer, IssuerStatus, is_of_an_issuer, question_of
from validators.subjects import Dossier, Paper


def issuer_agrees(dossier: Dossier) -> Iterator[Finding]:
    """Ask of every paper that rests on its issuer what the issuer says about it."""
    for paper in dossier.papers:
        if is_of_an_issuer(paper.document):
            yield from _about(paper, dossier.registry.issuer.get(paper.document.key))


def _about(paper: Paper, answer: IssuerAnswer | None) -> Iterator[Finding]:
    checked = _checked(paper, answer)
    required = paper.ask.policy.parameters.issuer_check_required and checked.outcome is not Outcome.PASSED
    yield replace(checked, level=Level.REVIEW) if required and checked.level is Level.NOTE else checked
    if answer is None or answer.status is IssuerStatus.UNREACHABLE:
        return
    if answer.status is IssuerStatus.UNKNOWN:
        yield paper.ask.failed(Code.EDEVLET_UNKNOWN, paper.at())
        return
    yield paper.ask.passed(Code.EDEVLET_UNKNOWN, paper.at())
    yield _compared(paper, answer)


def _checked(paper: Paper, answer: IssuerAnswer | None) -> Finding:
    code = Code.EDEVLET_NOT_CHECKED
    if answer is None:
        reason = "not_asked" if question_of(paper.document) else "no_number"
        return paper.ask.failed(code, paper.at(), reason=reason)
    if answer.status is IssuerStatus.UNREACHABLE:
        return paper.ask.unclear(code, paper.at())
    return paper.ask.passed(code, paper.at())


def _compared(paper: Paper, answer: IssuerAnswer) -> Finding:
    code, at = Code.EDEVLET_MISMATCH, paper.at()
    facts = {"reason": answer.compared.value, "differences": ", ".join(answer.differences)}
    if answer.status is IssuerStatus.IDENTICAL:
        return paper.ask.passed(code, at, reason=answer.compared.value)
    if answer.status is IssuerStatus.DIFFERENT:
        return paper.ask.failed(code, at, **facts)
    return paper.ask.unclear(code, at, **facts)
