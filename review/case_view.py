"""A case as its page shows it: the judgement that counts, the declaration, state and claim, in one reading."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from flows.explanation import Json, declared_person, explain, mask_of
from flows.verdict import Verdict
from review.case_comparison import NUMBER, Compared, Declared, compare, papers_of_person
from review.texts import Language
from storage.cases import declared_application
from storage.database import UnitOfWork
from storage.desk.claims import HeldBy, holder_of
from storage.findings import current_row, judgement_of
from storage.models import ApplicationRow, CaseState, DeskCase, JudgementRow, Version
from validators.application import Application, Person
from validators.case import Judgement
from validators.fields import owner_of
from validators.finding import Finding, Proposal
from validators.report import Mask

_PROPOSED: Mapping[Proposal, str] = {Proposal.RETURN_TO_APPLICANT: "return", Proposal.WAIT_UNTIL: "wait"}


@dataclass(frozen=True, slots=True)
class CaseView:
    """A judged application. What the desk knows of it is None where it was never in the queue.

    `judgement_id` is the judgement that the officer sees, and on which a decision is entered; `version` the key of the
    folder's version; `holder` who holds the case, whoever that is.
    """

    application_id: str
    application_key: int
    judgement_id: int
    version: int
    verdict: Verdict
    state: CaseState | None
    proposal: Proposal | None
    pending: bool
    due_on: date | None
    holder: HeldBy | None
    mask: Mask
    explanation: Json = field(repr=False)

    @property
    def judgement(self) -> Judgement:
        """The judgement that counts."""
        return self.verdict.judgement

    @property
    def application(self) -> Application | None:
        """The declaration; None where it did not parse, or was destroyed."""
        return self.verdict.application

    @property
    def offered(self) -> tuple[str, ...]:
        """The decisions that the case's state and content leave open, by the last words of their addresses.

        What did not parse cannot be approved, what nothing flags is neither returned nor rejected, and without papers
        there is nothing to correct.
        """
        if self.state not in (CaseState.OPEN, CaseState.WAITING):
            return ("reopen",)
        papers = any(document.part_of is None for document, _ in self.judgement.documents)
        flags = any(finding.flags for finding in self.findings)
        open_to = {
            "approve": self.application is not None,
            "return": flags,
            "reject": flags,
            "wait": True,
            "correct": papers,
            "kind": papers,
            "reopen": self.state is CaseState.WAITING,
        }
        return tuple(name for name, is_open in open_to.items() if is_open)

    @property
    def proposed(self) -> str:
        """The decision that the machine proposes; empty where an officer is to look first."""
        return _PROPOSED.get(self.proposal, "") if self.proposal is not None else ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings by their numbers."""
        return self.judgement.all_findings

    def is_held_by(self, account_id: int) -> bool:
        """Return whether the case is this account's."""
        return self.holder is not None and self.holder.account_id == account_id

    def declared(self, position: int) -> Person | None:
        """Return the declaration of the judged person at a position."""
        number = self.judgement.people[position].national_id
        return declared_person(number, self.application)


def load_case(work: UnitOfWork, application_id: str) -> CaseView | None:
    """Load the case of an application; None where it is unknown or not judged yet. Raises WrongKey."""
    found = current_row(work, application_id)
    if found is None:
        return None
    row, version = found
    verdict = _verdict(work, application_id, row, version)
    desk = work.session.get(DeskCase, row.application_key)
    return CaseView(
        application_id=application_id,
        application_key=row.application_key,
        judgement_id=row.id,
        version=version.id,
        verdict=verdict,
        state=desk.state if desk else None,
        proposal=desk.proposal if desk else None,
        pending=desk is not None and desk.pending,
        due_on=desk.due_on if desk else None,
        holder=holder_of(work, row.application_key),
        mask=mask_of(verdict),
        explanation=explain(verdict),
    )


def is_known(work: UnitOfWork, application_id: str) -> bool:
    """Return whether the registry has an application of that id, judged or not."""
    where = ApplicationRow.application_id == application_id
    return work.session.scalar(select(ApplicationRow.id).where(where)) is not None


def _verdict(work: UnitOfWork, application_id: str, row: JudgementRow, version: Version) -> Verdict:
    return Verdict(
        judgement_of(work, application_id, row, version),
        declared_application(version, work.keys),
        row.policy_version,
        row.pipeline_version,
        row.created_at,
        stored=True,
        evidence_destroyed_at=version.evidence_destroyed_at,
        facts_destroyed_at=version.facts_destroyed_at,
    )


def comparisons_of(
    case: CaseView, language: Language
) -> tuple[Mapping[int, tuple[Compared, ...]], tuple[Compared, ...]]:
    """Return, by position of the person, the papers beside the declaration; and those that are nobody's."""
    documents = [document for document, _ in case.judgement.documents]
    provider = case.application.provider if case.application is not None else None
    nobody = Declared(None, provider, case.mask, language)
    people: dict[int, tuple[Compared, ...]] = {}
    for position, person in enumerate(case.judgement.people):
        named = (finding.document for finding in person.findings if finding.document)
        owned = papers_of_person(person.national_id, documents, named)
        declared = Declared(case.declared(position), provider, case.mask, language)
        people[position] = tuple(compare(number, documents[number], declared) for number in owned)
    known = {compared.document for papers in people.values() for compared in papers}
    rest = (
        compare(number, document, nobody)
        for number, document in enumerate(documents)
        if number not in known and document.part_of is None
    )
    return people, tuple(rest)


def numbers_of(case: CaseView, position: int) -> tuple[str, Mapping[int, str]]:
    """Return the T.C. number of a judged person, and by document those that were read of the person's papers."""
    person = case.judgement.people[position]
    documents = [document for document, _ in case.judgement.documents]
    named = (finding.document for finding in person.findings if finding.document)
    papers = papers_of_person(person.national_id, documents, named)
    read = {number: owner_of(documents[number]) for number in papers}
    return person.national_id, {
        number: owner for number, owner in read.items() if owner and NUMBER in documents[number].fields
    }
