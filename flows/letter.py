"""The letter that returns an application: what is missing, for whom, how to mend it, on which clause, until when.

A letter is due when nobody has to look first: every flagged person is proposed for return or for waiting. It says
only what is proposed for return or waiting, and hides T.C. numbers. Whoever signs it decides; kanit proposes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from extractors.facts import Document
from flows.explanation import declared_person, mask_of
from flows.texts import Language, catalogue, say, spell_day, spell_moment
from flows.verdict import Verdict
from validators.application import OWN_RECORD, Application, Person, Procedure
from validators.case import PersonJudgement
from validators.catalogue import proposal_of
from validators.finding import Code, Finding, Proposal
from validators.identity import mask_national_id
from validators.messages import answer, remedy
from validators.report import Mask

IN_A_LETTER = frozenset({Proposal.RETURN_TO_APPLICANT, Proposal.WAIT_UNTIL})

_FREE: Mapping[Procedure | None, str] = {
    Procedure.PERSONNEL_REGISTRATION: "m.4(2)",
    Procedure.PROVIDER_REGISTRATION: "m.6(2)",
}
"""The clause by which neither paper nor fee is asked for."""


class NoLetter(Enum):
    """Why no letter is due."""

    VERIFIED = "verified"
    APPROVED = "approved"
    """An officer approved it."""
    PROPOSED = "proposed"
    """An approval waits for a second officer."""
    OFFICER_FIRST = "officer_first"
    DESTROYED = "destroyed"
    """Retention destroyed the findings that it would tell."""


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: the sentence, the names of the papers it is about, the clause."""

    sentence: str
    papers: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Part:
    """What is missing for some people (for none of them by name: for the application as a whole).

    `mends` says how to mend it, each sentence once; `days` says what happens on which day.
    """

    people: tuple[str, ...]
    lacks: tuple[Lack, ...]
    mends: tuple[str, ...]
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, ready to be set as text or PDF. `reference` is the small line that officers find the case by."""

    language: Language
    addressee: str
    application_id: str
    procedure: Procedure | None
    submitted_on: date | None
    written_on: date
    parts: tuple[Part, ...]
    reference: str

    @property
    def only_waits(self) -> bool:
        """True when the applicant has nothing to mend."""
        return not any(part.mends for part in self.parts)


def why_no_letter(verdict: Verdict) -> NoLetter | None:
    """Return why no letter is due, None where one is."""
    if verdict.is_verified:
        return NoLetter.VERIFIED
    if verdict.stands is not None and verdict.stands.ruling == "approved":
        return NoLetter.PROPOSED if verdict.stands.state == "proposed" else NoLetter.APPROVED
    if verdict.facts_destroyed_at is not None:
        return NoLetter.DESTROYED
    judgement = verdict.judgement
    by_hand = any(person.proposal is Proposal.CHECK_BY_HAND for person in judgement.people)
    return NoLetter.OFFICER_FIRST if by_hand or _needs_an_officer(judgement.findings) else None


def write_letter(verdict: Verdict, language: Language, written_on: date) -> Letter:
    """Write the letter on an application for which one is due."""
    judgement, application = verdict.judgement, verdict.application
    mask = mask_of(verdict)
    manner = _Manner(language, written_on, mask, _paper_names(judgement.documents, mask, language))
    whole = _part((), judgement.findings, manner)
    people = [
        _part((_person_name(person, application, mask, language),), person.findings, manner)
        for person in judgement.people
    ]
    return Letter(
        language,
        _addressee(application, mask, language),
        judgement.application_id,
        application.procedure if application else None,
        application.reference_day if application else None,
        written_on,
        tuple(part for part in (whole, *_together(people)) if part.lacks),
        _reference(verdict, language),
    )


def _needs_an_officer(findings: Sequence[Finding]) -> bool:
    """Tell whether an officer has to look at an application's own findings: a paper of nobody may be anybody's."""
    return any(proposal_of(finding) not in IN_A_LETTER for finding in findings if finding.flags)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a letter is written: language, day, what it hides, and the names of papers by their keys."""

    language: Language
    written_on: date
    mask: Mask
    papers: Mapping[str, str]


def _part(people: tuple[str, ...], findings: Sequence[Finding], manner: _Manner) -> Part:
    said = [finding for finding in findings if finding.flags and proposal_of(finding) in IN_A_LETTER]
    mends = [
        manner.mask.text(remedy(finding, manner.language.value))
        for finding in said
        if proposal_of(finding) is Proposal.RETURN_TO_APPLICANT
    ]
    days = [_day(finding, manner) for finding in findings if finding.flags]
    return Part(
        people,
        tuple(_lacks(said, manner)),
        tuple(dict.fromkeys(mends)),
        tuple(dict.fromkeys(filter(None, days))),
    )


def _lacks(findings: Iterable[Finding], manner: _Manner) -> Iterator[Lack]:
    """Yield each sentence once, with all papers that it is said of."""
    papers: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        sentence = manner.mask.text(_sentence(finding, manner.language))
        named = papers.setdefault((sentence, finding.legal_basis), [])
        name = manner.papers.get(finding.document or "")
        if name and name not in named:
            named.append(name)
    for (sentence, basis), named in papers.items():
        yield Lack(sentence, tuple(named), basis)


def _sentence(finding: Finding, language: Language) -> str:
    """Return what is told of a finding: its answer, or other words where that speaks to officers."""
    instead = catalogue(language).get(f"letter.instead.{finding.code.value}")
    return instead or answer(finding, language.value)


def _day(finding: Finding, manner: _Manner) -> str | None:
    """Say what a finding waits for; of the gap in the rules, from when on a statement will do."""
    shown_from = finding.facts.get("statement_from")
    if finding.wait_until is not None:
        day = date.fromisoformat(finding.wait_until)
        key = "letter.wait" if day > manner.written_on else "letter.waited"
    elif finding.code is Code.EVIDENCE_GAP and isinstance(shown_from, str):
        day, key = date.fromisoformat(shown_from), "letter.gap"
    else:
        return None
    return say(key, manner.language, day=spell_day(day, manner.language))


def _together(parts: Iterable[Part]) -> Iterator[Part]:
    """Put the people of whom the same is said under one heading, with the papers of all of them."""
    groups: dict[object, list[Part]] = {}
    for part in parts:
        said = tuple((lack.sentence, lack.basis) for lack in part.lacks)
        groups.setdefault((said, part.mends, part.days), []).append(part)
    for alike in groups.values():
        people = tuple(name for part in alike for name in part.people)
        lacks = tuple(map(_joined, zip(*(part.lacks for part in alike), strict=True)))
        yield Part(people, lacks, alike[0].mends, alike[0].days)


def _joined(lacks: tuple[Lack, ...]) -> Lack:
    papers = dict.fromkeys(name for lack in lacks for name in lack.papers)
    return Lack(lacks[0].sentence, tuple(papers), lacks[0].basis)


def _paper_names(
    documents: Sequence[tuple[Document, object]], mask: Mask, language: Language
) -> dict[str, str]:
    return {
        document.key: mask.text(
            say("document.paper", language, name=document.name, paper=document.paper, papers=document.papers)
            if document.papers > 1
            else document.name
        )
        for document, _ in documents
    }


def _person_name(
    person: PersonJudgement, application: Application | None, mask: Mask, language: Language
) -> str:
    number = mask_national_id(person.national_id)
    declared = declared_person(person.national_id, application)
    return (
        say("letter.person", language, name=_full_name(declared, mask), number=number) if declared else number
    )


def _full_name(person: Person, mask: Mask) -> str:
    return mask.text(f"{person.given_name} {person.family_name}")


def _addressee(application: Application | None, mask: Mask, language: Language) -> str:
    """Address the person who acts alone, else the provider, else the applicant without a name."""
    if application is not None:
        alone = application.procedure in OWN_RECORD or application.provider is None
        if alone and len(application.people) == 1:
            return say("letter.dear", language, name=_full_name(application.people[0], mask))
        if application.provider is not None:
            return mask.text(application.provider.title)
    return say("letter.applicant", language)


def _reference(verdict: Verdict, language: Language) -> str:
    findings = (
        *verdict.judgement.findings,
        *(finding for person in verdict.judgement.people for finding in person.findings),
    )
    said = [f.code.value for f in findings if f.flags and proposal_of(f) in IN_A_LETTER]
    return say(
        "letter.reference",
        language,
        moment=spell_moment(verdict.judged_at, language),
        policy=verdict.judgement.policy,
        version=verdict.policy_version,
        codes=", ".join(dict.fromkeys(said)),
    )


class Role(Enum):
    """What a paragraph of a letter is, for whoever sets it."""

    INSTITUTION = "institution"
    FIELD = "field"
    DATE = "date"
    ADDRESSEE = "addressee"
    BODY = "body"
    HEADING = "heading"
    LABEL = "label"
    ITEM = "item"
    SIGNATURE = "signature"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a letter, in one line or several; `mark` stands before it: its number or a dash."""

    role: Role
    text: str
    mark: str = ""


def paragraphs(letter: Letter) -> Iterator[Paragraph]:
    """Yield a letter's paragraphs in the order of an official letter (resmî yazı)."""
    language = letter.language
    yield Paragraph(Role.INSTITUTION, say("letter.state", language))
    yield Paragraph(Role.INSTITUTION, say("letter.institution", language))
    yield Paragraph(Role.DATE, say("letter.date", language, day=spell_day(letter.written_on, language)))
    yield Paragraph(Role.FIELD, say("letter.number", language, application=letter.application_id))
    yield Paragraph(Role.FIELD, subject(letter))
    yield Paragraph(Role.ADDRESSEE, letter.addressee)
    yield Paragraph(Role.FIELD, _about(letter))
    yield Paragraph(Role.BODY, say(f"letter.opening.{_tone(letter)}", language))
    for number, part in enumerate(letter.parts, start=1):
        yield from _part_paragraphs(part, number, language)
    yield from _closing(letter)
    yield Paragraph(Role.SIGNATURE, say("letter.signature", language))
    yield Paragraph(Role.SMALL, letter.reference)


def subject(letter: Letter) -> str:
    """Return the Konu line: what the letter is about, and in which procedure."""
    procedure = say(f"procedure.{letter.procedure.value if letter.procedure else 'none'}", letter.language)
    return say(f"letter.subject.{_tone(letter)}", letter.language, procedure=procedure)


def _tone(letter: Letter) -> str:
    return "waits" if letter.only_waits else "lacks"


def _about(letter: Letter) -> str:
    """Return the İlgi line: which application the letter answers."""
    if letter.submitted_on is None:
        return say("letter.about_undated", letter.language, application=letter.application_id)
    day = spell_day(letter.submitted_on, letter.language)
    return say("letter.about", letter.language, day=day, application=letter.application_id)


def _part_paragraphs(part: Part, number: int, language: Language) -> Iterator[Paragraph]:
    heading = "\n".join(part.people) or say("letter.whole", language)
    yield Paragraph(Role.HEADING, heading, f"{number}.")
    yield Paragraph(Role.LABEL, _counted("letter.lacks", part.lacks, language))
    yield from (Paragraph(Role.ITEM, _lack(lack, language), "–") for lack in part.lacks)
    if part.mends:
        yield Paragraph(Role.LABEL, _counted("letter.mends", part.mends, language))
        yield from (Paragraph(Role.ITEM, mend, "–") for mend in part.mends)
    if part.days:
        yield Paragraph(Role.LABEL, _counted("letter.days", part.days, language))
        yield from (Paragraph(Role.ITEM, day, "–") for day in part.days)


def _counted(key: str, items: Sequence[object], language: Language) -> str:
    return say(f"{key}.{'one' if len(items) == 1 else 'many'}", language)


def _lack(lack: Lack, language: Language) -> str:
    facts = {"sentence": lack.sentence, "basis": lack.basis}
    if not lack.papers:
        return say("letter.lack", language, **facts)
    key = "one" if len(lack.papers) == 1 else "many"
    return say(f"letter.lack_of.{key}", language, papers=", ".join(lack.papers), **facts)


def _closing(letter: Letter) -> Iterator[Paragraph]:
    language = letter.language
    if not letter.only_waits:
        yield Paragraph(Role.BODY, say("letter.again", language))
    if letter.procedure in _FREE and not letter.only_waits:
        yield Paragraph(Role.BODY, say("letter.free", language, clause=_FREE[letter.procedure]))
    yield Paragraph(Role.BODY, say(f"letter.closing.{_tone(letter)}", language))
