"""Madde 8, Sorgulama: what a health-service provider may ask, and the six facts of the answer."""

import dataclasses

import pytest

from storage.models import RegistryState
from storage.search import (
    Answer,
    PersonRecord,
    people_by_name,
    person_by_national_id,
    providers_by_title,
    registration_of,
)
from tests.clauses.law import proves
from tests.storage.procedures import remove
from tests.storage.samples import AYSE, ISIL, PROVIDER, Inbox, application, register, statement
from tests.storage.views import SIX_FACTS


@pytest.fixture
def working(inbox: Inbox) -> Inbox:
    """Somebody who works at a provider."""
    register(inbox, AYSE)
    inbox.put(application("B-1"), statement())
    inbox.run()
    return inbox


@proves("m.8(1)(a)", "m.8(1)(b)")
def test_only_what_is_registered_is_found(inbox: Inbox) -> None:
    inbox.put(application("B-1"), statement())
    inbox.run()
    with inbox.database.reading() as work:
        assert person_by_national_id(work, AYSE.national_id) is None
        assert providers_by_title(work, PROVIDER.title) == ()


@proves("m.8(1)(c)")
def test_the_answer_has_six_facts_and_no_other() -> None:
    facts = {field.name for field in dataclasses.fields(PersonRecord)}
    assert facts == SIX_FACTS


@proves("m.8(1)(ç)")
@pytest.mark.parametrize("asked", ["Ayşe Örnek", "AYSE ORNEK", "ayşe  örnek"])
def test_a_person_is_asked_for_by_name_or_number(working: Inbox, asked: str) -> None:
    with working.database.reading() as work:
        by_number = person_by_national_id(work, AYSE.national_id)
        assert by_number is not None
        assert people_by_name(work, asked) == (by_number,)
        assert people_by_name(work, "AYŞE DENEMECİ") == ()
        assert person_by_national_id(work, ISIL.national_id) is None


@proves("m.8(1)(d)")
def test_state_day_of_the_record_and_organisation_are_shown(working: Inbox) -> None:
    with working.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
    assert record is not None
    assert record.registered_at is not None
    assert (record.state.value, [place.title for place in record.works_at]) == ("active", [PROVIDER.title])


@proves("m.8(1)(e)")
def test_a_provider_is_asked_for_by_title_and_its_people_are_listed(working: Inbox) -> None:
    with working.database.reading() as work:
        (provider,) = providers_by_title(work, "örnek biyomedikal")
    (person,) = provider.people
    assert (person.national_id, len(person.certificates)) == (AYSE.national_id, 1)


@proves("m.8(2)")
@pytest.mark.parametrize(
    ("bidder", "there"),
    [(PROVIDER.title, Answer.YES), ("KURGU YÜKLENİCİ ANONİM ŞİRKETİ", Answer.NO)],
)
def test_the_provider_of_the_record_counts_whoever_won_the_contract(
    working: Inbox, bidder: str, there: Answer
) -> None:
    with working.database.reading() as work:
        found = registration_of(work, AYSE.national_id, bidder)
    assert ([place.title for place in found.works_at], found.recorded_there) == ([PROVIDER.title], there)


@proves("m.8(2)")
def test_who_works_nowhere_is_told_to_be_recorded_under_no_provider(working: Inbox) -> None:
    remove(working, "C-1", "22T14:05")
    working.run()
    with working.database.reading() as work:
        found = registration_of(work, AYSE.national_id, PROVIDER.title)
        stranger = registration_of(work, ISIL.national_id, PROVIDER.title)
    assert (found.state, found.works_at, found.recorded_there) == (RegistryState.ACTIVE, (), Answer.NO)
    assert (stranger.state, stranger.works_at, stranger.recorded_there) == (None, (), Answer.NO)
