"""A paper's answer: what the gateway says, checked against the original that it gives (Kılavuz m.6(3)(d))."""

import io
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest

from extractors.evidence import read_upload
from extractors.facts import Document
from extractors.sandbox import Sandbox
from flows.issuer.checking import Checker, checker_of
from flows.issuer.patience import Breaker
from flows.issuer.port import IssuerUnreachable, Reason, Reply, Word
from storage.settings import load_settings
from tests.flows.gateway import running, word
from tests.papers import builders, identities, with_reportlab
from tests.papers.model import EntryDeclaration, Paper
from tests.papers.style import Style
from validators.issuer import UNREACHABLE, Compared, IssuerAnswer, IssuerStatus, Question

RNG = Random(4)
PERSON, FIRM = identities.person(RNG), identities.company(RNG)
DECLARATION: EntryDeclaration = builders.entry_declaration(RNG, PERSON, FIRM, date(2026, 11, 9))
STATEMENT = builders.service_statement(RNG, PERSON, [builders.Job(FIRM, date(2026, 3, 2))])
BYTES = IssuerAnswer(IssuerStatus.IDENTICAL, Compared.BYTES)
FIELDS = IssuerAnswer(IssuerStatus.IDENTICAL, Compared.FIELDS)


def drawn(paper: Paper, **style: object) -> bytes:
    return with_reportlab.draw(paper, Style(**style))  # type: ignore[arg-type]  # a style's own fields


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1) as running:
        yield running


@pytest.fixture(scope="module")
def read(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """The two papers as an upload gives them."""
    path = tmp_path_factory.mktemp("upload") / "evidence.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bildirge.pdf", drawn(DECLARATION))
        archive.writestr("hizmet.pdf", drawn(STATEMENT))
    return {document.kind.value: document for document in read_upload(path, sandbox).documents}


class Saying:
    """An issuer with one thing to say."""

    def __init__(self, said: Reply | IssuerUnreachable) -> None:
        self.said = said
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        if isinstance(self.said, IssuerUnreachable):
            raise self.said
        return self.said


def answer(document: Document, said: Reply | IssuerUnreachable, sandbox: Sandbox) -> IssuerAnswer:
    return Checker(Saying(said), sandbox, Breaker()).answer(document)


def different(*names: str) -> IssuerAnswer:
    return IssuerAnswer(IssuerStatus.DIFFERENT, Compared.FIELDS, names)


LATER = replace(DECLARATION, day=date(2026, 8, 3))
CAN = replace(PERSON, given_name="CAN")


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        (drawn(DECLARATION), BYTES),
        (drawn(DECLARATION) + b"\n", FIELDS),
        (drawn(LATER), different("start_date")),
        (drawn(replace(DECLARATION, person=CAN)), different("given_name")),
        (b"%PDF-1.7 broken", IssuerAnswer(IssuerStatus.UNCOMPARED)),
        (b"no PDF at all", IssuerAnswer(IssuerStatus.UNCOMPARED)),
    ],
)
def test_the_original_is_compared_by_bytes_then_by_what_it_says(
    read: dict[str, Document], sandbox: Sandbox, original: bytes, expected: IssuerAnswer
) -> None:
    assert answer(read["entry_declaration"], Reply(Word.IDENTICAL, original), sandbox) == expected


def test_a_row_that_the_original_does_not_have_is_a_difference(
    read: dict[str, Document], sandbox: Sandbox
) -> None:
    ended = builders.Job(FIRM, date(2026, 3, 2), exit=date(2026, 5, 15))
    original = replace(STATEMENT, rows=builders.rows_of(ended, builders.last_shown(builders.NOW)))
    said = Reply(Word.IDENTICAL, drawn(original))
    assert answer(read["service_statement"], said, sandbox) == different("records")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Reply(Word.IDENTICAL), IssuerAnswer(IssuerStatus.IDENTICAL)),
        (Reply(Word.DIFFERENT), IssuerAnswer(IssuerStatus.DIFFERENT)),
        (Reply(Word.DIFFERENT, drawn(DECLARATION)), IssuerAnswer(IssuerStatus.DIFFERENT)),
        (Reply(Word.DIFFERENT, drawn(LATER)), different("start_date")),
        (Reply(Word.UNKNOWN, drawn(DECLARATION)), IssuerAnswer(IssuerStatus.UNKNOWN)),
        (Reply(Word.IDENTICAL, fields={"start_date": "2026-11-09"}), FIELDS),
        (Reply(Word.IDENTICAL, fields={"start_date": "2026-11-10"}), different("start_date")),
        (Reply(Word.IDENTICAL, drawn(DECLARATION), {"start_date": "2026-11-10"}), BYTES),
        (IssuerUnreachable(Reason.TIMEOUT), UNREACHABLE),
    ],
)
def test_the_word_counts_where_nothing_contradicts_it(
    read: dict[str, Document], sandbox: Sandbox, said: Reply | IssuerUnreachable, expected: IssuerAnswer
) -> None:
    assert answer(read["entry_declaration"], said, sandbox) == expected


def test_only_papers_with_a_question_are_asked_about(read: dict[str, Document], sandbox: Sandbox) -> None:
    issuer = Saying(Reply(Word.IDENTICAL))
    checker = Checker(issuer, sandbox, Breaker())
    nameless = replace(read["service_statement"], fields={}, qrs=())
    paper = read["entry_declaration"]
    assert checker.answers([nameless, paper, paper]) == {paper.key: IssuerAnswer(IssuerStatus.IDENTICAL)}
    assert [question.national_id for question in issuer.asked] == [PERSON.national_id]
    with pytest.raises(ValueError, match="nothing to ask"):
        checker.answer(nameless)


def test_without_an_address_there_is_nobody_to_ask(sandbox: Sandbox) -> None:
    with checker_of(load_settings(), sandbox) as checker:
        assert checker is None


def test_logs_tell_neither_person_nor_barcode(
    read: dict[str, Document], sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    paper = read["entry_declaration"]
    with running(lambda _: word("identical", drawn(LATER))) as server:
        with checker_of(load_settings(issuer_url=server.url), sandbox) as checker:
            assert checker is not None
            assert checker.answer(paper) == different("start_date")
        server.answering = lambda _: word("maybe")
        with checker_of(load_settings(issuer_url=server.url), sandbox) as checker:
            assert checker is not None
            assert [checker.answer(paper) for _ in range(6)] == [UNREACHABLE] * 6
    told = io.StringIO()
    for record in caplog.records:
        told.write(f"{record.getMessage()} {record.__dict__!r}\n")
    assert "not asked for the next" in told.getvalue()
    for secret in (PERSON.national_id, PERSON.family_name, DECLARATION.footer.barcode, "2026-08-03"):
        assert secret not in told.getvalue()


def test_rest_lasts_as_long_as_the_breaker_is_open(sandbox: Sandbox) -> None:
    slept: list[float] = []
    breaker = Breaker(1, 60.0, lambda: 100.0)
    checker = Checker(Saying(Reply(Word.UNKNOWN)), sandbox, breaker, slept.append)
    checker.rest()
    with pytest.raises(IssuerUnreachable), breaker.guard():
        raise IssuerUnreachable(Reason.TIMEOUT)
    checker.rest()
    assert slept == [60.0]


def test_settings_reach_the_gateway(tmp_path: Path, sandbox: Sandbox, read: dict[str, Document]) -> None:
    (tmp_path / "secret").write_text("hush")
    with running(lambda _: word("identical")) as server:
        settings = load_settings(issuer_url=server.url, issuer_token_file=tmp_path / "secret")
        with checker_of(settings, sandbox) as checker:
            assert checker is not None
            checker.answer(read["service_statement"])
        assert server.headers[0]["authorization"] == "Bearer hush"
