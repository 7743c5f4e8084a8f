"""Letters that officers edit: a draft of the machine, the text that is kept, and that text set as PDF.

A letter's head (institution, day, number, subject, addressee, the application it answers) and foot (signature,
reference) are written by the machine; what stands between them is the officer's. All of it is kept as one text whose
blocks are parted by empty lines, so that the PDF can be made again from what was sent. Letters are Turkish, whatever
language the officer works in.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flows.letter import IN_A_LETTER, Paragraph, Role, paragraphs, write_letter
from flows.texts import say
from flows.verdict import Verdict
from review.texts import Language, text
from validators.catalogue import proposal_of
from validators.finding import Code, Finding, Proposal

TURKISH = Language.TURKISH
_AFTER = 2
"""Paragraphs after the officer's text: signature and reference."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter in three parts: what the machine writes before and after the officer's text, and that text."""

    before: str
    body: str
    after: str

    def whole(self, body: str) -> str:
        """Return the letter with an officer's text in it."""
        return "\n\n".join((self.before, _tidy(body), self.after))


def returning(verdict: Verdict, codes: Sequence[Code], written_on: date) -> Draft:
    """Return the draft of the letter that returns an application for these codes."""
    laid = _laid(verdict, codes, written_on)
    return _draft(laid, laid[_first_body(laid) : -_AFTER])


def rejecting(verdict: Verdict, codes: Sequence[Code], written_on: date) -> Draft:
    """Return the draft of the letter that rejects an application for these codes.

    It names the remedies and their periods, as the Constitution demands of every act (Anayasa m.40/2): a suit within
    sixty days (2577 sayılı Kanun m.7), and before it the superior authority (m.11).
    """
    laid = _laid(verdict, codes, written_on)
    procedure = verdict.application.procedure.value if verdict.application else "none"
    subject = text("decide.letter.subject", TURKISH, procedure=say(f"procedure.{procedure}", TURKISH))
    laid = [Paragraph(p.role, subject) if p.text.startswith("Konu:") else p for p in laid]
    lacks = [p for p in laid if p.role in (Role.HEADING, Role.LABEL, Role.ITEM)]
    said = (Paragraph(Role.BODY, text(f"decide.letter.{key}", TURKISH)) for key in ("remedies", "closing"))
    opening = Paragraph(Role.BODY, text("decide.letter.opening", TURKISH))
    return _draft(laid, [opening, *_without_mending(lacks), *said])


def _laid(verdict: Verdict, codes: Sequence[Code], written_on: date) -> list[Paragraph]:
    return list(paragraphs(write_letter(_about(verdict, frozenset(codes)), TURKISH, written_on)))


def _about(verdict: Verdict, codes: frozenset[Code]) -> Verdict:
    """Return a verdict of nothing but the findings that an officer gives as reasons.

    A letter tells what is proposed for return; what the machine left to the officer is, once the officer gives it as a
    reason.
    """
    judgement = verdict.judgement
    people = tuple(replace(person, findings=_given(person.findings, codes)) for person in judgement.people)
    return replace(
        verdict, judgement=replace(judgement, people=people, findings=_given(judgement.findings, codes))
    )


def _given(findings: Iterable[Finding], codes: frozenset[Code]) -> tuple[Finding, ...]:
    return tuple(
        finding
        if proposal_of(finding) in IN_A_LETTER
        else replace(finding, proposal=Proposal.RETURN_TO_APPLICANT)
        for finding in findings
        if finding.flags and finding.code in codes
    )


def _first_body(laid: Sequence[Paragraph]) -> int:
    return next(place for place, paragraph in enumerate(laid) if paragraph.role is Role.BODY)


def _draft(laid: Sequence[Paragraph], body: Sequence[Paragraph]) -> Draft:
    head = laid[: _first_body(laid)]
    signature, reference = laid[-_AFTER:]
    institution = [p.text for p in head if p.role is Role.INSTITUTION]
    fields = [p.text for p in head if p.role in (Role.DATE, Role.FIELD)]
    addressee = " ".join(next(p.text for p in head if p.role is Role.ADDRESSEE).split())
    before = ["\n".join(institution), "\n".join(fields[:-1]), addressee, fields[-1]]
    return Draft("\n\n".join(before), _plain(body), f"{signature.text}\n\n{reference.text}")


def _without_mending(laid: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Yield headings and what was found, without what mends it and without days: a rejection asks for nothing."""
    kept = {say(f"letter.lacks.{number}", TURKISH) for number in ("one", "many")}
    wanted = False
    for paragraph in laid:
        if paragraph.role is Role.LABEL:
            wanted = paragraph.text in kept
        if wanted or paragraph.role is Role.HEADING:
            yield paragraph


def _plain(body: Iterable[Paragraph]) -> str:
    lines: list[str] = []
    for paragraph in body:
        if paragraph.role in (Role.BODY, Role.HEADING) and lines:
            lines.append("")
        told = "; ".join(paragraph.text.splitlines())
        lines.append(f"{paragraph.mark} {told}".strip())
    return "\n".join(lines)


def _tidy(body: str) -> str:
    lines = (line.strip() for line in body.replace("\r\n", "\n").strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
