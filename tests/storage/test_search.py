"""The queries of Kılavuz m.8."""

import dataclasses

import pytest
from sqlalchemy import select

from storage.models import Employment, RegistryState
from storage.search import (
    PersonRecord,
    people_by_name,
    person_by_national_id,
    provider_by_tax_number,
    providers_by_title,
)
from tests.storage.samples import AYSE, ISIL, PROVIDER, Inbox, application, certificate, register, statement


@pytest.fixture
def filled(inbox: Inbox) -> Inbox:
    """Two people at one provider."""
    register(inbox, AYSE, ISIL)
    inbox.put(
        application("B-1", people=[AYSE, ISIL]), statement(AYSE), statement(ISIL, "hd99-9999-9999-9999")
    )
    inbox.run()
    return inbox


def test_a_person_is_found_by_number_with_the_facts_of_the_guide(filled: Inbox) -> None:
    with filled.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
    assert record is not None
    assert (record.national_id, record.given_name, record.family_name) == (AYSE.national_id, "AYŞE", "ÖRNEK")
    assert record.state is RegistryState.ACTIVE
    assert record.registered_at is not None
    assert [(place.title, str(place.since)) for place in record.works_at] == [(PROVIDER.title, "2026-08-03")]
    assert [file.name for file in record.certificates] == ["evidence.zip"]


def test_a_record_shows_six_facts_and_no_evidence() -> None:
    """m.8(1)(c): T.C. number, given and family name, state, day of the record, workplaces, certificates."""
    assert [field.name for field in dataclasses.fields(PersonRecord)] == [
        "national_id",
        "given_name",
        "family_name",
        "state",
        "registered_at",
        "works_at",
        "certificates",
    ]


@pytest.mark.parametrize("name", ["IŞIL DENEMECİ", "ışıl denemeci", "  Işıl   Denemeci ", "ISIL DENEMECI"])
def test_a_person_is_found_by_name_however_it_is_written(filled: Inbox, name: str) -> None:
    with filled.database.reading() as work:
        assert [record.national_id for record in people_by_name(work, name)] == [ISIL.national_id]


@pytest.mark.parametrize("title", ["örnek biyomedikal", "ORNEK BIYOMEDIKAL TEKNIK", PROVIDER.title])
def test_a_provider_is_found_by_a_part_of_its_title(filled: Inbox, title: str) -> None:
    with filled.database.reading() as work:
        (record,) = providers_by_title(work, title)
    assert record.title == PROVIDER.title
    assert {person.national_id for person in record.people} == {AYSE.national_id, ISIL.national_id}


def test_a_provider_is_found_by_its_tax_number(filled: Inbox) -> None:
    with filled.database.reading() as work:
        record = provider_by_tax_number(work, PROVIDER.tax_number)
    assert record is not None
    assert (record.tax_number, record.workplace_numbers) == (PROVIDER.tax_number, PROVIDER.workplace_numbers)
    assert record.registered_at is not None


def test_nobody_is_found_where_nobody_is(filled: Inbox) -> None:
    with filled.database.reading() as work:
        assert person_by_national_id(work, "10000000214") is None
        assert people_by_name(work, "AYŞE") == ()
        assert provider_by_tax_number(work, "0000000000") is None
        assert providers_by_title(work, "BAŞKA") == ()
        assert providers_by_title(work, " ") == ()


def test_a_closed_employment_is_not_where_somebody_works(filled: Inbox) -> None:
    with filled.database.unit_of_work() as work:
        for row in work.session.scalars(select(Employment)):
            row.state = RegistryState.CLOSED
        work.commit()
    with filled.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
        provider = provider_by_tax_number(work, PROVIDER.tax_number)
    assert record is not None
    assert record.works_at == ()
    assert provider is not None
    assert provider.people == ()


def test_a_new_set_of_certificates_replaces_the_old_one(filled: Inbox) -> None:
    """m.5(2)(ç)."""
    with filled.database.reading() as work:
        old = person_by_national_id(work, AYSE.national_id)
    filled.put(application("U-1", "personnel_update", [AYSE]), certificate(AYSE, "yeni.pdf"))
    filled.run()
    with filled.database.reading() as work:
        new = person_by_national_id(work, AYSE.national_id)
    assert old is not None
    assert new is not None
    assert old.certificates != new.certificates
    assert len(new.certificates) == 1
