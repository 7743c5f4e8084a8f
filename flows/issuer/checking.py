"""A paper's answer from its issuer: asked, and where the original comes with it, compared with that."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from extractors.edevlet import same_barcode
from extractors.facts import Document
from extractors.sandbox import ChildDied, Sandbox
from flows.issuer.gateway import Gateway
from flows.issuer.patience import Breaker, Pace, PatientIssuer
from flows.issuer.port import Issuer, IssuerUnreachable, Reply, Word
from storage.settings import Settings
from validators.issuer import (
    UNREACHABLE,
    Compared,
    IssuerAnswer,
    IssuerStatus,
    Question,
    compare,
    compare_fields,
    question_of,
)

log = logging.getLogger(__name__)

_UNCOMPARED = IssuerAnswer(IssuerStatus.UNCOMPARED)
_BYTES = IssuerAnswer(IssuerStatus.IDENTICAL, Compared.BYTES)


class Checker:
    """Gets answers about papers from one issuer. Threads may share it."""

    def __init__(
        self,
        issuer: Issuer,
        sandbox: Sandbox,
        breaker: Breaker,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._issuer = issuer
        self._sandbox = sandbox
        self._breaker = breaker
        self._sleep = sleep

    def answer(self, document: Document) -> IssuerAnswer:
        """Ask about a paper that `question_of` has a question for. Whatever goes wrong outside is an answer, too."""
        question = question_of(document)
        if question is None:
            raise ValueError("there is nothing to ask about this document")
        try:
            reply = self._issuer.ask(question)
        except IssuerUnreachable as failure:
            log.debug("issuer: no answer about %s: %s", document.id, failure)
            return UNREACHABLE
        return self._judged(document, question, reply)

    def answers(self, documents: Iterable[Document]) -> Mapping[str, IssuerAnswer]:
        """Ask about those of the documents that can be asked about, one after another; by document key."""
        asked = {document.key: document for document in documents if question_of(document) is not None}
        return {key: self.answer(document) for key, document in asked.items()}

    def rest(self) -> None:
        """Wait until the breaker lets a request through again; returns at once where it does."""
        if seconds := self._breaker.seconds_left():
            self._sleep(seconds)

    def _judged(self, document: Document, question: Question, reply: Reply) -> IssuerAnswer:
        """Compare what there is to compare: an issuer that calls a paper identical may not have seen its print."""
        if reply.word is Word.UNKNOWN:
            return IssuerAnswer(IssuerStatus.UNKNOWN)
        found = self._compared(document, question, reply)
        if reply.word is Word.IDENTICAL:
            return found or IssuerAnswer(IssuerStatus.IDENTICAL)
        differs = found is not None and found.status is IssuerStatus.DIFFERENT
        return found if found and differs else IssuerAnswer(IssuerStatus.DIFFERENT)

    def _compared(self, document: Document, question: Question, reply: Reply) -> IssuerAnswer | None:
        if reply.original is not None:
            if hashlib.sha256(reply.original).hexdigest() == question.sha256:
                return _BYTES
            return self._compared_with(document, question, reply.original)
        return compare_fields(document, reply.fields) if reply.fields else None

    def _compared_with(self, document: Document, question: Question, original: bytes) -> IssuerAnswer:
        try:
            papers = self._sandbox.run(read_original, original)
        except ChildDied as death:
            log.warning("issuer: its original of %s could not be read: %s", document.id, death.reason)
            return _UNCOMPARED
        mine = (paper for paper in papers if paper.qr and same_barcode(paper.qr.barcode, question.barcode))
        return compare(document, next(mine, papers[0]))


def read_original(data: bytes) -> tuple[Document, ...]:
    """Read the issuer's original as every upload is read, without OCR; runs inside the sandbox."""
    from extractors.document import read_document  # noqa: PLC0415 -- the program itself need not load the readers

    return read_document(data, "original.pdf", ocr=False)


@contextmanager
def checker_of(settings: Settings, sandbox: Sandbox) -> Iterator[Checker | None]:
    """Yield what checks papers as the settings say; None where they name no issuer. Raises SettingsInvalid."""
    if not settings.issuer_url:
        yield None
        return
    breaker = Breaker()
    with Gateway(settings) as gateway:
        yield Checker(PatientIssuer(gateway, Pace(settings.issuer_rate), breaker), sandbox, breaker)
