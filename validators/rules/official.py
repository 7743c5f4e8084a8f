"""E3, official documents (ticaret sicil gazetesi vb.) for partners and authorised persons (m.6(3)(e)).

A human reads them: the pipeline only says that the bond of an official rests on one.
"""

from collections.abc import Callable, Iterator

from validators.finding import Code, Finding
from validators.subjects import Claim

OfficialRule = Callable[[Claim], Iterator[Finding]]


def proof_is_for_a_human(claim: Claim) -> Iterator[Finding]:
    """Ask whether an official document ties the person to the provider."""
    for paper in claim.official_documents:
        yield claim.ask.failed(Code.PARTNER_PROOF, paper.at())


def statement_lacks_link(claim: Claim) -> Iterator[Finding]:
    """Ask whether a statement is there on which the bond cannot be seen."""
    if claim.statements:
        yield claim.ask.passed(Code.LINK_ABSENCE_NOT_SHOWN, claim.statements[0].at())
    else:
        yield claim.ask.failed(Code.LINK_ABSENCE_NOT_SHOWN, claim.official_documents[0].at())


OFFICIAL_RULES: tuple[OfficialRule, ...] = (proof_is_for_a_human, statement_lacks_link)
