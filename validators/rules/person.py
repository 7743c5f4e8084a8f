"""Questions to one declared person: number, record, papers, name."""

from collections.abc import Callable, Iterator

from validators.finding import Code, Finding
from validators.identity import is_foreign_id, is_national_id, mask_national_id
from validators.names import compare_names
from validators.subjects import Claim

PersonRule = Callable[[Claim], Iterator[Finding]]


def number_is_valid(claim: Claim) -> Iterator[Finding]:
    """Ask whether the check digits of the declared T.C. number hold."""
    number = claim.person.national_id
    answer = claim.ask.passed if is_national_id(number) else claim.ask.failed
    kind = "foreign" if is_foreign_id(number) else "citizen"
    yield answer(Code.PERSON_ID_INVALID, person=mask_national_id(number), kind=kind)


def is_registered(claim: Claim) -> Iterator[Finding]:
    """Ask whether the person has a personnel record (m.5(1), m.6(3)(ğ), m.7(1)(d)); not without the registry."""
    if claim.registered is None:
        return
    answer = claim.ask.passed if claim.registered else claim.ask.failed
    yield answer(Code.PERSON_NOT_REGISTERED)


def has_evidence(claim: Claim) -> Iterator[Finding]:
    """Ask whether there is a paper on the person that can be judged."""
    usable = (*claim.statements, *claim.declarations, *claim.official_documents)
    if usable:
        yield claim.ask.passed(Code.PERSON_NO_EVIDENCE, papers=len(usable))
    else:
        reason = "unusable" if claim.papers else "none"
        yield claim.ask.failed(Code.PERSON_NO_EVIDENCE, reason=reason, papers=len(claim.papers))


def name_agrees(claim: Claim) -> Iterator[Finding]:
    """Ask whether the name on each paper is the declared one, after Turkish folding."""
    person, code = claim.person, Code.PERSON_NAME_DIFFERS
    for paper in (*claim.statements, *claim.declarations):
        given, family = paper.text("given_name"), paper.text("family_name")
        at = paper.at(paper.field("family_name") or paper.field("given_name"))
        if given is None or family is None:
            yield claim.ask.unclear(code, at)
            continue
        match = compare_names(person.given_name, person.family_name, given, family)
        declared = f"{person.given_name} {person.family_name}"
        answer = claim.ask.passed if match.agrees else claim.ask.failed
        yield answer(code, at, declared=declared, printed=f"{given} {family}")


PERSON_RULES: tuple[PersonRule, ...] = (number_is_valid, is_registered, has_evidence, name_agrees)
