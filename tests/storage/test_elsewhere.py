"""A person at two providers: a note on the application that was submitted later, in whatever order they are judged."""

import dataclasses
from datetime import datetime

import pytest
from sqlalchemy import func, select

from extractors.facts import Workplace
from storage.cases import due_for_rejudging
from storage.elsewhere import lacking_the_note
from storage.findings import current_judgement
from storage.models import Employment, JudgementRow, RegistryState
from tests.storage.samples import AYSE, BOX, PROVIDER, Inbox, application, register, statement
from tests.storage.views import decision_of
from validators.application import Provider
from validators.finding import Code, Decision, Finding, Level, Outcome

OTHER = Provider(
    title="KURGU TIBBİ CİHAZ ANONİM ŞİRKETİ",
    tax_number="9876543217",
    workplace_numbers=PROVIDER.workplace_numbers,
)
EARLIER, LATER = "2026-11-20", "2026-11-21"


def note(inbox: Inbox, application_id: str) -> Finding | None:
    """The answer to the question on the only person of an application."""
    with inbox.database.reading() as work:
        judgement = current_judgement(work, application_id)
    assert judgement is not None
    (person,) = judgement.people
    found = [finding for finding in person.findings if finding.code is Code.ALSO_REGISTERED_ELSEWHERE]
    return found[0] if found else None


def put_at(inbox: Inbox, name: str, provider: Provider, day: str, barcode: str) -> None:
    """Put an application that brings AYŞE to a provider, with a paper of its own."""
    listed = (Workplace("1043377", provider.title, 1, BOX),)
    paper = dataclasses.replace(statement(barcode=barcode), workplaces=listed)
    inbox.put(application(name, day=day, provider=provider), paper)


@pytest.fixture
def both(inbox: Inbox) -> Inbox:
    """An inbox with one person at two providers; the later application comes first by its id."""
    register(inbox, AYSE)
    put_at(inbox, "B-2", PROVIDER, EARLIER, "hd11-1111-1111-1111")
    put_at(inbox, "B-1", OTHER, LATER, "hd22-2222-2222-2222")
    return inbox


def test_the_later_of_two_providers_of_one_night_gets_a_note_and_no_refusal(both: Inbox) -> None:
    """Kılavuz m.8(1)(d), m.8(2); A-14: not forbidden."""
    both.run()
    found = note(both, "B-1")
    assert found is not None
    assert (found.outcome, found.level) == (Outcome.FAILED, Level.NOTE)
    assert found.facts == {"providers": PROVIDER.title}
    assert found.legal_basis == "Kılavuz m.8(1)(d), m.8(2)"
    assert decision_of(both, "B-1") is Decision.VERIFIED
    earlier = note(both, "B-2")
    assert earlier is not None
    assert earlier.outcome is Outcome.PASSED


@pytest.mark.parametrize("chunk", [1, 50])
def test_the_note_does_not_depend_on_how_the_night_was_cut(both: Inbox, chunk: int) -> None:
    both.read_all()
    both.judge_all(chunk)
    outcomes = [found.outcome for name in ("B-1", "B-2") if (found := note(both, name))]
    assert outcomes == [Outcome.FAILED, Outcome.PASSED]
    with both.database.reading() as work:
        assert due_for_rejudging(work, both.name) == ()


def test_a_second_night_judges_nobody_again(both: Inbox) -> None:
    both.run()
    with both.database.reading() as work:
        before = work.session.scalar(select(func.count(JudgementRow.id)))
    both.run()
    with both.database.reading() as work:
        assert work.session.scalar(select(func.count(JudgementRow.id))) == before


def test_an_earlier_application_that_comes_a_night_late_is_noted_on_the_later_one(inbox: Inbox) -> None:
    register(inbox, AYSE)
    put_at(inbox, "B-1", OTHER, LATER, "hd22-2222-2222-2222")
    inbox.run()
    first = note(inbox, "B-1")
    assert first is not None
    assert first.outcome is Outcome.PASSED
    put_at(inbox, "B-2", PROVIDER, EARLIER, "hd11-1111-1111-1111")
    inbox.run()
    second = note(inbox, "B-1")
    assert second is not None
    assert second.outcome is Outcome.FAILED


def test_the_own_provider_is_not_elsewhere(inbox: Inbox) -> None:
    register(inbox, AYSE)
    put_at(inbox, "B-1", PROVIDER, EARLIER, "hd11-1111-1111-1111")
    put_at(inbox, "B-2", PROVIDER, LATER, "hd22-2222-2222-2222")
    inbox.run()
    found = note(inbox, "B-2")
    assert found is not None
    assert found.outcome is Outcome.PASSED
    with inbox.database.reading() as work:
        assert lacking_the_note(work, inbox.name) == frozenset()


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [("2026-11-20", Outcome.PASSED), ("2026-11-22", Outcome.FAILED), (None, Outcome.PASSED)],
)
def test_an_employment_counts_as_of_the_e_signature(
    inbox: Inbox, ended: str | None, outcome: Outcome
) -> None:
    """Kılavuz m.7(1)(g)-(ı): who was removed before is not at that provider any more; asked again, nothing changes."""
    register(inbox, AYSE)
    put_at(inbox, "B-1", PROVIDER, EARLIER, "hd11-1111-1111-1111")
    inbox.run()
    with inbox.database.unit_of_work() as work:
        for row in work.session.scalars(select(Employment)):
            row.state = RegistryState.CLOSED
            row.ended_at = datetime.fromisoformat(f"{ended}T23:00:00+03:00") if ended else None
        work.commit()
    put_at(inbox, "B-2", OTHER, LATER, "hd22-2222-2222-2222")
    inbox.run()
    found = note(inbox, "B-2")
    assert found is not None
    assert found.outcome is outcome
    with inbox.database.reading() as work:
        assert lacking_the_note(work, inbox.name) == frozenset()


def test_personnel_records_are_not_asked(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.run()
    assert note(inbox, f"P-{AYSE.national_id[-3:]}") is None
