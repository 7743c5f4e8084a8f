"""The batch's papers that nobody has asked their issuer about yet: asked, and the answers stored.

Runs between reading and judging, so that the answers are among what an application is judged on. What was answered
before is not asked again; what could not be reached is, the next night.

An issuer that is gone for a minute must not cost a whole night's answers, and one that is gone for good must not cost
the night: what was missed is tried a second time after one pause of the breaker, if one paper shows that it is back.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from extractors.facts import Document
from flows.issuer.checking import Checker
from flows.progress import Progress
from storage.batches import batched
from storage.cases import load_cases, unjudged
from storage.database import Database, UnitOfWork
from storage.issuer import store_answers, to_be_asked, waiting_for_answers
from validators.application import ADDS_PEOPLE
from validators.issuer import UNREACHABLE, IssuerAnswer

log = logging.getLogger(__name__)

PHASE = "asking"


@dataclass(frozen=True, slots=True)
class Night:
    """What asking for an inbox needs: `chunk_size` applications are asked about at a time, by all workers together."""

    database: Database
    inbox: str
    checker: Checker
    workers: Executor
    chunk_size: int
    progress: Progress
    told: dict[str, str] = field(default_factory=dict)
    """The last answer about each document that was asked about."""


def ask_for_inbox(night: Night) -> None:
    """Ask about every paper of the inbox that is to be judged and lacks an answer."""
    keys = _to_be_judged(night)
    if not keys:
        return
    night.progress.begin(PHASE, len(keys))
    missed = _ask_all(night, keys)
    if missed:
        night.checker.rest()
        if _is_back(night, missed):
            night.progress.begin(PHASE, len(keys) + len(missed))
            _ask_all(night, missed)
    if night.told:
        counts = sorted(Counter(night.told.values()).items())
        log.info("issuer: %s", ", ".join(f"{count} {answer}" for answer, count in counts))


def _to_be_judged(night: Night) -> list[int]:
    """Return the applications that were not judged, and those whose judgement lacks an answer."""

    def keys(work: UnitOfWork) -> list[int]:
        waves = unjudged(work, night.inbox)
        return [*(key for wave in waves for key in wave), *waiting_for_answers(work, night.inbox)]

    return night.database.read(keys)


def _ask_all(night: Night, keys: Sequence[int]) -> list[int]:
    """Ask about the papers of applications and return those of a chunk in which the issuer was not reached."""
    missed: list[int] = []
    for chunk in batched(keys, night.chunk_size):
        documents = _to_ask(night, chunk)
        answers = list(night.workers.map(night.checker.answer, documents))
        _enter(night, documents, answers)
        if UNREACHABLE in answers:
            missed += chunk
        night.progress.advance(len(chunk))
    return missed


def _is_back(night: Night, keys: Sequence[int]) -> bool:
    """Try one paper: while it is tried, an open breaker would let no other through."""
    documents = _to_ask(night, keys[: night.chunk_size])[:1]
    answers = [night.checker.answer(document) for document in documents]
    _enter(night, documents, answers)
    return UNREACHABLE not in answers


def _to_ask(night: Night, keys: Sequence[int]) -> tuple[Document, ...]:
    def papers(work: UnitOfWork) -> tuple[Document, ...]:
        files = [
            file
            for file in load_cases(work, keys)
            if file.application is not None and file.application.procedure in ADDS_PEOPLE
        ]
        return to_be_asked(work, (d for file in files for u in file.uploads for d in u.documents))

    return night.database.read(papers)


def _enter(night: Night, documents: Sequence[Document], answers: Sequence[IssuerAnswer]) -> None:
    store_answers(night.database, zip(documents, answers, strict=True))
    pairs = zip(documents, answers, strict=True)
    night.told.update((document.key, answer.status.value) for document, answer in pairs)
