"""What is kept about a person, as plain JSON values: the answer to a request by KVKK m.11(1)(a)-(ç).

The person gets what is kept of the person: record, employments, applications with the declaration, the findings and
decisions on the person, the papers and what was read of them, answers of issuers, what officers wrote, and which
health-service providers asked about the person: those are third parties to whom data were transferred (m.11(1)(ç)).
Other people of the same applications are left out or masked. Officers are not named: who they are is no data of the
person; how often they looked is counted.
"""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import select

from extractors.facts import Document, Upload
from storage.cards import person_card, provider_card
from storage.cases import load_uploads
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.accounts import accounts
from storage.desk.history import Event, history
from storage.findings import judgement_of
from storage.issuer import stored_answers
from storage.models import JudgementRow, Role
from storage.subject.access import accesses
from storage.subject.masking import OthersMask
from storage.subject.mentions import Mention, mentions_of
from storage.subject.papers import Enclosure, OwnPaper, own_papers, told, told_of_others_paper
from validators.application import ISTANBUL
from validators.case import Judgement, PersonJudgement
from validators.finding import Finding
from validators.issuer import IssuerAnswer
from validators.messages import LANGUAGES, message, question

Json: TypeAlias = dict[str, Any]

EXPORT_VERSION = 1
"""Of the object that `subject_of` returns."""


@dataclass(frozen=True, slots=True)
class Enclosable:
    """A paper whose file may be handed over, and its entry in the object, which tells whether it is."""

    entry: Json
    mention: Mention
    paper: OwnPaper


@dataclass(frozen=True, slots=True)
class Subject:
    """What is kept about a person: the object to hand over, and the papers whose files can be enclosed."""

    told: Json
    papers: tuple[Enclosable, ...]


def subject_of(database: Database, national_id: str) -> Subject | None:
    """Return what is kept about a person; None where nothing is. Raises WrongKey."""
    return database.read(lambda work: _subject(work, national_id))


def _subject(work: UnitOfWork, national_id: str) -> Subject | None:
    mentions = mentions_of(work, national_id)
    card, provider = person_card(work, national_id), provider_card(work, national_id)
    looks = _looks(work, national_id, mentions)
    if not mentions and card is None and provider is None and not looks["lines"]:
        return None
    papers: list[Enclosable] = []
    content = {
        "export": EXPORT_VERSION,
        "made_at": _stamp(now()),
        "national_id": national_id,
        "record": _plain(asdict(card)) if card is not None else None,
        # Who works or worked there is theirs.
        "provider": _plain({**asdict(provider), "employments": []}) if provider is not None else None,
        "applications": [_application(work, mention, national_id, papers) for mention in mentions],
        "access": looks,
    }
    return Subject(content, tuple(papers))


def _application(work: UnitOfWork, mention: Mention, national_id: str, papers: list[Enclosable]) -> Json:
    version = mention.version
    uploads = load_uploads(work, [version.id])[version.id]
    papers_read = [document for upload in uploads for document in upload.documents]
    mask = OthersMask.of(national_id, mention.application, papers_read)
    own = list(own_papers(mention, uploads, national_id))
    keys = frozenset(paper.document.key for paper in own)
    answers = stored_answers(work, [paper.document for paper in own])
    entries = [_paper(paper, answers.get(paper.document.key)) for paper in own]
    papers += [Enclosable(*each) for each in zip(entries, [mention] * len(own), own, strict=True)]
    return {
        "application_id": mention.application_id,
        "current": mention.is_current,
        "procedure": version.procedure.value if version.procedure is not None else None,
        "submitted_at": _stamp(version.submitted_at),
        "read_at": _stamp(version.read_at),
        "evidence_destroyed_at": _stamp(version.evidence_destroyed_at),
        "parts": sorted(mention.roles),
        "other_people": len(mention.others),
        "declared": _declared(mention, mask),
        "judgements": [_judgement(each, keys, mask) for each in _judgements(work, mention)],
        "papers": entries,
        "named_in": [
            told_of_others_paper(document, national_id)
            for document in _naming(uploads, mention, {paper.position for paper in own})
        ],
        "decisions": [_event(event, mask) for event in history(work, mention.application_id)],
    }


def _naming(uploads: Sequence[Upload], mention: Mention, own: set[int]) -> Iterator[Document]:
    documents = [document for upload in uploads for document in upload.documents]
    return (documents[place] for place in sorted(mention.papers - own) if place < len(documents))


def _declared(mention: Mention, mask: OthersMask) -> Json | None:
    """Return the declaration: the person's own entry, and what is of the application as a whole."""
    application = mention.application
    if application is None:
        return None
    content = application.model_dump(mode="json", exclude={"people": True, "provider": {"officials": True}})
    own = [person.model_dump() for person in application.people if person.national_id == mask.own]
    return {**mask.value(content), "people": own}


def _judgements(work: UnitOfWork, mention: Mention) -> Iterator[tuple[JudgementRow, Judgement]]:
    of_version = JudgementRow.version_key == mention.version.id
    for row in work.session.scalars(select(JudgementRow).where(of_version).order_by(JudgementRow.id)):
        yield row, judgement_of(work, mention.application_id, row, mention.version)


def _judgement(made: tuple[JudgementRow, Judgement], papers: Set[str], mask: OthersMask) -> Json:
    """Return a judgement: what was found on the person, on the person's papers (their keys), and on no paper."""
    row, judgement = made
    people = [_person(person, mask) for person in judgement.people if person.national_id == mask.own]
    found = [each for each in judgement.findings if each.document is None or each.document in papers]
    return {
        "judged_at": _stamp(row.created_at),
        "current": row.current,
        "decision": judgement.decision.value,
        "policy": row.policy,
        "policy_version": row.policy_version,
        "person": people[0] if people else None,
        "findings": [_finding(finding, mask) for finding in found],
    }


def _person(person: PersonJudgement, mask: OthersMask) -> Json:
    return {
        "decision": person.decision.value,
        "route": person.route.value if person.route is not None else None,
        "proposal": person.proposal.value if person.proposal is not None else None,
        "wait_until": person.wait_until,
        "findings": [_finding(finding, mask) for finding in person.findings],
    }


def _finding(finding: Finding, mask: OthersMask) -> Json:
    return {
        "code": finding.code.value,
        "outcome": finding.outcome.value,
        "level": finding.level.value,
        "legal_basis": finding.legal_basis,
        "question": {language: question(finding.code, language) for language in LANGUAGES},
        "answer": {language: mask.text(message(finding, language)) for language in LANGUAGES},
        "document": finding.document,
        "page": finding.page,
        "facts": mask.value(dict(finding.facts)),
    }


def _paper(paper: OwnPaper, answer: IssuerAnswer | None) -> Json:
    status = answer.status.value if answer is not None else None
    return {
        "number": paper.position + 1,
        **_plain(told(paper.document)),
        "issuer_answered": status,
        "enclosed": Enclosure.NOT_ASKED.value,
        "file": None,
    }


def _event(event: Event, mask: OthersMask) -> Json:
    """Return a decision with what was written; the officers are not named."""
    ask = _plain(asdict(event.ask)) if event.ask is not None else None
    return {
        "kind": event.kind.value,
        "state": event.state.value,
        "decided_at": _stamp(event.ruled_at),
        "seconded_at": _stamp(event.seconded_at),
        "codes": [code.value for code in event.codes],
        "written": mask.value(ask),
        "reason": mask.text(event.reason),
        "second_reason": mask.text(event.second_reason),
    }


def _looks(work: UnitOfWork, national_id: str, mentions: Sequence[Mention]) -> Json:
    """Count who looked by role and action; the queries of health-service providers are listed."""
    applications = frozenset(mention.application_id for mention in mentions)
    roles = {account.id: account.role for account in accounts(work)}
    found = [each.line for each in accesses(work, person=national_id, applications=applications)]
    asked = [line for line in found if roles.get(line.account_id or 0) is Role.PROVIDER_QUERY]
    counted = Counter((str(roles.get(line.account_id or 0, "command_line")), line.action) for line in found)
    return {
        "lines": len(found),
        "first": _stamp(found[-1].at) if found else None,
        "counts": [
            {"role": role, "action": action, "count": n} for (role, action), n in sorted(counted.items())
        ],
        "queries_by_providers": [
            {"at": _stamp(line.at), "account": line.account, "action": line.action} for line in asked
        ],
    }


def _stamp(moment: datetime | None) -> str | None:
    return moment.astimezone(ISTANBUL).isoformat(timespec="seconds") if moment is not None else None


def _plain(value: Any) -> Any:
    """Return values of JSON: moments by the clock of Istanbul."""
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return _stamp(value)
    return value.isoformat() if isinstance(value, date) else value
