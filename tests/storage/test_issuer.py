"""Answers of issuers from night to night: kept sealed, asked for again only where that can help."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from extractors.facts import Document, Field
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.issuer import (
    SETTLED,
    UNSETTLED,
    store_answers,
    stored_answers,
    to_be_asked,
    waiting_for_answers,
)
from storage.models import IssuerAnswerRow, JudgementRow
from tests.storage import samples
from tests.storage.samples import AYSE, BOX, ISIL, Inbox, application, certificate, register, statement
from validators.finding import Decision
from validators.issuer import UNREACHABLE, Compared, IssuerAnswer, IssuerStatus

PAPER = statement()
SAME = IssuerAnswer(IssuerStatus.IDENTICAL, Compared.BYTES)
UNKNOWN = IssuerAnswer(IssuerStatus.UNKNOWN)
DIFFERENT = IssuerAnswer(IssuerStatus.DIFFERENT, Compared.FIELDS, ("family_name", "records"))


def known(database: Database, *papers: Document) -> dict[str, IssuerAnswer]:
    with database.reading() as work:
        return dict(stored_answers(work, papers))


def to_ask(database: Database, *papers: Document) -> tuple[Document, ...]:
    with database.reading() as work:
        return to_be_asked(work, papers)


def row(database: Database) -> IssuerAnswerRow:
    with database.reading() as work:
        return work.session.scalars(select(IssuerAnswerRow)).one()


def expire(database: Database) -> None:
    def change(work: UnitOfWork) -> None:
        for each in work.session.scalars(select(IssuerAnswerRow)):
            each.expires_at = now() - timedelta(seconds=1)

    database.transact(change)


@pytest.mark.parametrize("answer", [SAME, UNKNOWN, DIFFERENT])
def test_an_answer_is_kept_and_not_asked_for_again(database: Database, answer: IssuerAnswer) -> None:
    assert known(database, PAPER) == {}
    assert to_ask(database, PAPER, PAPER) == (PAPER,)
    store_answers(database, [(PAPER, answer)])
    assert known(database, PAPER) == {PAPER.key: answer}
    assert to_ask(database, PAPER) == ()


def test_an_identical_paper_is_settled_for_longer_than_a_bad_one(database: Database) -> None:
    store_answers(database, [(PAPER, SAME)])
    settled = row(database)
    assert settled.expires_at - settled.asked_at == SETTLED
    store_answers(database, [(PAPER, UNKNOWN)])
    unsettled = row(database)
    assert unsettled.expires_at - unsettled.asked_at == UNSETTLED


def test_an_expired_answer_is_asked_for_again_and_counts_until_then(database: Database) -> None:
    store_answers(database, [(PAPER, SAME)])
    expire(database)
    assert to_ask(database, PAPER) == (PAPER,)
    assert known(database, PAPER) == {PAPER.key: SAME}


def test_what_could_not_be_reached_is_asked_again_and_replaces_no_answer(database: Database) -> None:
    store_answers(database, [(PAPER, UNREACHABLE)])
    assert known(database, PAPER) == {PAPER.key: UNREACHABLE}
    assert to_ask(database, PAPER) == (PAPER,)
    store_answers(database, [(PAPER, SAME)])
    store_answers(database, [(PAPER, UNREACHABLE)])
    assert known(database, PAPER) == {PAPER.key: SAME}


@pytest.mark.parametrize(
    "other",
    [
        replace(PAPER, fields={**PAPER.fields, "issued_on": Field("2026-11-18", "18.11.2026", 1, BOX)}),
        replace(PAPER, records=PAPER.records[:-1]),
        replace(PAPER, workplaces=()),
        replace(PAPER, qrs=(), barcodes=(Field("hd99", "hd99", 1, BOX),)),
    ],
)
def test_an_answer_about_another_reading_of_the_same_bytes_does_not_count(
    database: Database, other: Document
) -> None:
    store_answers(database, [(other, SAME)])
    assert known(database, PAPER) == {}
    assert to_ask(database, PAPER) == (PAPER,)
    store_answers(database, [(PAPER, UNREACHABLE)])
    assert known(database, PAPER) == {PAPER.key: UNREACHABLE}


def test_a_changed_file_with_the_same_barcode_gets_an_answer_of_its_own(database: Database) -> None:
    """Else a genuine paper would vouch for every forgery that carries its code."""
    forged = replace(PAPER, id=f"sha256:{'0' * 64}")
    store_answers(database, [(PAPER, SAME)])
    assert known(database, forged) == {}
    assert to_ask(database, PAPER, forged) == (forged,)


def test_papers_that_nobody_can_be_asked_about_are_left_out(database: Database) -> None:
    nameless = replace(PAPER, fields={}, qrs=())
    store_answers(database, [(certificate(AYSE), SAME), (nameless, SAME)])
    assert to_ask(database, certificate(AYSE), nameless) == ()
    assert known(database, certificate(AYSE), nameless) == {}


def test_the_table_tells_nothing_without_the_key(database: Database) -> None:
    store_answers(database, [(PAPER, DIFFERENT)])
    kept = row(database)
    content = repr((kept.document, kept.barcode_index, kept.answer))
    for secret in (AYSE.national_id, "hd12", "HD12", "different", "family_name", IssuerStatus.DIFFERENT):
        assert secret not in content


def judged(inbox: Inbox) -> list[tuple[Decision, bool]]:
    with inbox.database.reading() as work:
        rows = work.session.scalars(
            select(JudgementRow).where(JudgementRow.application_key == inbox.key("A"))
        )
        return [(row.decision, row.current) for row in rows]


def test_a_judgement_depends_on_the_answer(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A"), PAPER)
    inbox.run()
    (before,) = inbox.judged([inbox.key("A")])
    store_answers(inbox.database, [(PAPER, DIFFERENT)])
    (after,) = inbox.judged([inbox.key("A")])
    assert (before.judgement.decision, after.judgement.decision) == (Decision.VERIFIED, Decision.FLAGGED)
    keys = {
        item.file.run_key(samples.POLICY, "1", inbox.database.keys)
        for item in (before, after, *inbox.judged([inbox.key("A")]))
    }
    assert len(keys) == 2


def test_an_answer_that_comes_later_makes_the_application_due_once(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A"), PAPER)
    inbox.read_all()
    store_answers(inbox.database, [(PAPER, UNREACHABLE)])
    inbox.judge_all()
    assert judged(inbox) == [(Decision.VERIFIED, True)]
    assert inbox.judge_all() == []
    store_answers(inbox.database, [(PAPER, UNKNOWN)])
    inbox.judge_all()
    assert judged(inbox) == [(Decision.VERIFIED, False), (Decision.FLAGGED, True)]
    assert inbox.judge_all() == []


def test_those_wait_for_an_answer_whose_issuer_could_not_be_reached(inbox: Inbox) -> None:
    register(inbox, AYSE, ISIL)
    theirs = statement(ISIL, "hd99-3456-7890-abcd")
    inbox.put(application("A"), PAPER)
    inbox.put(application("B", people=[ISIL]), theirs)
    inbox.read_all()
    store_answers(inbox.database, [(PAPER, UNREACHABLE)])
    inbox.judge_all()
    assert waiting(inbox) == (inbox.key("A"),)
    store_answers(inbox.database, [(PAPER, SAME)])
    inbox.judge_all()
    assert waiting(inbox) == ()


def test_those_wait_whom_the_policy_flags_because_nobody_was_asked(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = samples.POLICY.parameters.model_copy(update={"issuer_check_required": True})
    monkeypatch.setattr(samples, "POLICY", samples.POLICY.model_copy(update={"parameters": parameters}))
    register(inbox, AYSE)
    inbox.put(application("A"), PAPER)
    inbox.run()
    assert judged(inbox) == [(Decision.FLAGGED, True)]
    assert waiting(inbox) == (inbox.key("A"),)
    store_answers(inbox.database, [(PAPER, SAME)])
    inbox.judge_all()
    assert judged(inbox) == [(Decision.FLAGGED, False), (Decision.VERIFIED, True)]


def waiting(inbox: Inbox) -> tuple[int, ...]:
    with inbox.database.reading() as work:
        return waiting_for_answers(work, inbox.name)
