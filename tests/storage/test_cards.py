"""The registry cards of officers: who, since when, on what evidence, by which judgement, and who has left."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from extractors.facts import Kind
from storage.cards import person_card, provider_card, provider_cards
from storage.models import ApplicationRow, Basis, Employment, Person, RegistryState, Standing
from tests.storage.samples import AYSE, ISIL, POLICY, PROVIDER, Inbox, application, register, statement
from validators.finding import Route


@pytest.fixture
def filled(inbox: Inbox) -> Inbox:
    """One person by a registration (m.6), one by an addition (m.7)."""
    register(inbox, AYSE, ISIL)
    inbox.put(application("B-1"), statement())
    inbox.put(
        application("C-1", "personnel_addition", [ISIL], day="2026-11-21"),
        statement(ISIL, "hd99-9999-9999-9999"),
    )
    inbox.run()
    return inbox


def end_employment_of(inbox: Inbox, national_id: str, ended_by: str) -> None:
    """Close somebody's employment as a removal does."""
    with inbox.database.unit_of_work() as work:
        index = work.keys.index(national_id, "national_id")
        row = work.session.scalars(
            select(Employment)
            .join(Person, Person.id == Employment.person_key)
            .where(Person.person_index == index)
        ).one()
        key = select(ApplicationRow.id).where(ApplicationRow.application_id == ended_by)
        row.state, row.ended_at = RegistryState.CLOSED, datetime(2026, 12, 1, tzinfo=UTC)
        row.ended_by = work.session.scalar(key)
        work.commit()


def test_a_card_tells_who_works_at_a_provider_since_when_and_on_what_evidence(filled: Inbox) -> None:
    """m.8(1)(d), and for officers the evidence of m.6(3)(d)."""
    paper = statement()
    with filled.database.reading() as work:
        card = provider_card(work, PROVIDER.tax_number)
    assert card is not None
    assert (card.title, card.tax_number) == (PROVIDER.title, PROVIDER.tax_number)
    assert card.workplace_numbers == PROVIDER.workplace_numbers
    assert card.registered_by == "B-1"
    assert card.registered_at is not None
    first = card.employments[0]
    assert (first.national_id, first.family_name) == (AYSE.national_id, AYSE.family_name)
    assert (first.since, first.route) == (date(2026, 8, 3), Route.SERVICE_STATEMENT)
    assert first.evidence is not None
    assert (f"sha256:{first.evidence.sha256}", first.evidence.kind) == (paper.id, Kind.SERVICE_STATEMENT)
    assert first.evidence.day == date(2026, 11, 19)
    assert (first.application_id, first.policy) == ("B-1", POLICY.name)


def test_a_card_tells_approval_from_what_is_looked_at_afterwards(filled: Inbox) -> None:
    """m.6(3)(ı) against m.7(1)(f)."""
    with filled.database.reading() as work:
        (card,) = provider_cards(work, "örnek ltd şti")
    assert [(each.application_id, each.basis, each.standing) for each in card.employments] == [
        ("B-1", Basis.APPROVAL, Standing.AWAITS_APPROVAL),
        ("C-1", Basis.POST_HOC, Standing.EFFECTIVE),
    ]


def test_who_has_left_stands_behind_with_the_day(filled: Inbox) -> None:
    """m.7(1)(g)-(ı): the history stays."""
    end_employment_of(filled, AYSE.national_id, "B-1")
    with filled.database.reading() as work:
        card = provider_card(work, PROVIDER.tax_number)
    assert card is not None
    assert [each.family_name for each in card.employments] == [ISIL.family_name, AYSE.family_name]
    ended = card.employments[-1]
    assert (ended.standing, ended.ended_by) == (Standing.ENDED, "B-1")
    assert ended.ended_at == datetime(2026, 12, 1, tzinfo=UTC)


def test_the_card_of_a_person_has_all_employments(filled: Inbox) -> None:
    end_employment_of(filled, AYSE.national_id, "B-1")
    with filled.database.reading() as work:
        card = person_card(work, AYSE.national_id)
    assert card is not None
    assert (card.state, card.registered_by) == (RegistryState.ACTIVE, f"P-{AYSE.national_id[-3:]}")
    assert [(each.provider, each.standing) for each in card.employments] == [(PROVIDER.title, Standing.ENDED)]


def test_an_officer_sees_a_deleted_record_as_deleted(filled: Inbox) -> None:
    """m.4(3): a tombstone keeps the history."""
    with filled.database.unit_of_work() as work:
        for row in work.session.scalars(select(Person)):
            row.state, row.deleted_as_of = RegistryState.DELETED, datetime(2026, 12, 1, tzinfo=UTC)
        work.commit()
    with filled.database.reading() as work:
        card = person_card(work, AYSE.national_id)
    assert card is not None
    assert card.state is RegistryState.DELETED
    assert card.deleted_as_of == datetime(2026, 12, 1, tzinfo=UTC)
    assert len(card.employments) == 1


def test_nothing_is_known_of_a_stranger(filled: Inbox) -> None:
    with filled.database.reading() as work:
        assert provider_card(work, "0000000000") is None
        assert provider_cards(work, "başka") == ()
        assert person_card(work, "10000000214") is None
