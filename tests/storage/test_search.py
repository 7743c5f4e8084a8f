"""The queries of Kılavuz m.8."""

import dataclasses
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from extractors import turkish
from storage.matching import NameQuery, TitleQuery
from storage.models import Employment, Person, RegistryState
from storage.search import (
    Answer,
    PersonRecord,
    ProviderRecord,
    Workplace,
    people_by_name,
    person_by_national_id,
    provider_by_tax_number,
    providers_by_title,
    registration_of,
)
from tests.storage.samples import AYSE, ISIL, PROVIDER, Inbox, application, certificate, register, statement
from tests.storage.views import SIX_FACTS
from validators.application import Person as Declared


@pytest.fixture
def filled(inbox: Inbox) -> Inbox:
    """Two people at one provider."""
    register(inbox, AYSE, ISIL)
    inbox.put(
        application("B-1", people=[AYSE, ISIL]), statement(AYSE), statement(ISIL, "hd99-9999-9999-9999")
    )
    inbox.run()
    return inbox


def names(record: type[PersonRecord | ProviderRecord | Workplace]) -> Sequence[str]:
    return [field.name for field in dataclasses.fields(record)]


def test_a_person_is_found_by_number_with_the_facts_of_the_guide(filled: Inbox) -> None:
    """m.8(1)(ç) and (d): state, day of the record and organisation."""
    with filled.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
    assert record is not None
    assert (record.national_id, record.given_name, record.family_name) == (AYSE.national_id, "AYŞE", "ÖRNEK")
    assert record.state is RegistryState.ACTIVE
    assert record.registered_at is not None
    assert record.registered_at.date().isoformat() == "2026-11-01"
    assert record.works_at == (Workplace(PROVIDER.title),)
    assert [file.name for file in record.certificates] == ["evidence.zip"]


def test_a_record_shows_six_facts_and_no_evidence() -> None:
    """m.8(1)(c): T.C. number, given and family name, state, day of the record, workplaces, certificates."""
    assert set(names(PersonRecord)) == SIX_FACTS
    assert names(Workplace) == ["title"]
    assert names(ProviderRecord) == ["title", "people"]


@pytest.mark.parametrize(
    "name",
    [
        "IŞIL DENEMECİ",
        "ışıl denemeci",
        "  Işıl   Denemeci ",
        "ISIL DENEMECI",
        "isil denemeci",
        "Denemeci Işıl",
    ],
)
def test_a_person_is_found_by_name_however_it_is_written(filled: Inbox, name: str) -> None:
    """m.8(1)(ç): ad ve soyad."""
    with filled.database.reading() as work:
        assert [record.national_id for record in people_by_name(work, name)] == [ISIL.national_id]


def test_those_of_exactly_that_name_come_before_those_with_more_names(inbox: Inbox) -> None:
    """m.8(1)(ç): somebody with several given names is found by one of them, after the exact hits."""
    longer = Declared(national_id="10000000214", given_name="AYŞE NUR", family_name="ÖRNEK")
    register(inbox, longer, AYSE)
    inbox.run()
    with inbox.database.reading() as work:
        found = [record.given_name for record in people_by_name(work, "ayşe örnek")]
        assert found == ["AYŞE", "AYŞE NUR"]
        assert [record.given_name for record in people_by_name(work, "nur örnek")] == ["AYŞE NUR"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ayşe nur örnek deneme", True),
        ("ÖRNEK-DENEME AYŞE NUR", True),
        ("nur  deneme", True),
        ("ayse ornek", True),
        ("ayşe", False),
        ("ayşe nur", False),
        ("örnek deneme", False),
        ("ayşe ayşe örnek", False),
        ("ayş örnek", False),
        ("fatma örnek", False),
        ("", False),
    ],
)
def test_a_name_needs_a_given_and_a_family_name(typed: str, found: bool) -> None:
    """m.8(1)(ç) asks for "ad ve soyad": one of them alone would list the registry, and beginnings are no names."""
    assert NameQuery.of(typed).finds("AYŞE NUR", "ÖRNEK DENEME") is found


_word = st.text("abcçdefgğhıijklmnoöprsştuüvyz", min_size=1, max_size=12)


@given(st.lists(_word, min_size=1, max_size=3), st.lists(_word, min_size=1, max_size=2), st.randoms())
def test_any_given_and_family_name_in_any_order_and_case_find_the_person(
    given_names: list[str], family_names: list[str], random: Random
) -> None:
    """m.8(1)(ç): Turkish casing (i, ı, İ, I), several names, order, double spaces."""
    typed = [random.choice(given_names), random.choice(family_names)]
    random.shuffle(typed)
    as_written = random.choice([turkish.upper, turkish.lower, turkish.fold])("  ".join(typed))
    recorded = [turkish.upper(" ".join(names)) for names in (given_names, family_names)]
    assert NameQuery.of(as_written).finds(*recorded)


@pytest.mark.parametrize("title", ["örnek biyomedikal", "ORNEK BIYOMEDIKAL TEKNIK", PROVIDER.title])
def test_a_provider_is_found_by_a_part_of_its_title(filled: Inbox, title: str) -> None:
    """m.8(1)(e): the people who work there, with their certificates."""
    with filled.database.reading() as work:
        (record,) = providers_by_title(work, title)
    assert record.title == PROVIDER.title
    assert {person.national_id for person in record.people} == {AYSE.national_id, ISIL.national_id}
    assert all(person.certificates for person in record.people)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("örnek biyomedikal teknik servis san. ve tic. ltd. şti.", True),
        ("Örnek  Biyomedikal Teknik Servis San.Tic.Ltd.Şti.", True),
        ("ÖRNEK LTD ŞTİ", True),
        ("örnek limited", True),
        ("biyomedikal tek ser", True),
        ("medikal teknik", True),
        ("biyo medikal", True),
        ("servis örnek", True),
        ("ORNEK BIYOMEDIKAL TICARET VE SANAYI", True),
        ("ÖRNEK A.Ş.", False),
        ("ÖRNEK BİYOMEDİKAL ANONİM ŞİRKETİ", False),
        ("örnek ankara", False),
        ("LTD. ŞTİ.", False),
        (" ", False),
    ],
)
def test_a_title_is_found_with_its_abbreviations(typed: str, found: bool) -> None:
    """m.8(1)(e): the provider's name is typed as people write it; another legal form is another company."""
    assert TitleQuery.of(typed).finds(PROVIDER.title) is found


def test_a_legal_form_is_not_found_inside_a_word() -> None:
    assert not TitleQuery.of("örnek aş").finds("ÖRNEK ASANSÖR LİMİTED ŞİRKETİ")
    assert TitleQuery.of("örnek aş").finds("ÖRNEK ASANSÖR ANONİM ŞİRKETİ")


def test_a_branch_is_found_by_its_place() -> None:
    branch = "ÖRNEK BİYOMEDİKAL LİMİTED ŞİRKETİ ÇANKAYA ŞUBESİ"
    assert TitleQuery.of("örnek biyomedikal çankaya").finds(branch)
    assert TitleQuery.of("örnek cankaya subesi").finds(branch)


def test_a_provider_is_found_by_its_tax_number(filled: Inbox) -> None:
    with filled.database.reading() as work:
        record = provider_by_tax_number(work, PROVIDER.tax_number)
    assert record is not None
    assert record.title == PROVIDER.title
    assert len(record.people) == 2


def test_nobody_is_found_where_nobody_is(filled: Inbox) -> None:
    """m.8(1): only what is registered is found."""
    with filled.database.reading() as work:
        assert person_by_national_id(work, "10000000214") is None
        assert people_by_name(work, "AYŞE") == ()
        assert people_by_name(work, "AYŞE DENEMECİ") == ()
        assert provider_by_tax_number(work, "0000000000") is None
        assert providers_by_title(work, "BAŞKA") == ()
        assert providers_by_title(work, " ") == ()


def test_a_closed_employment_is_not_where_somebody_works(filled: Inbox) -> None:
    """m.7(1)(g)-(ı), m.8(1)(e)."""
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


def test_a_deleted_record_is_not_found(filled: Inbox) -> None:
    """m.4(3): deleted on petition; the tombstone is no record for m.8."""
    with filled.database.unit_of_work() as work:
        for row in work.session.scalars(select(Person)):
            row.state = RegistryState.DELETED
        work.commit()
    with filled.database.reading() as work:
        assert person_by_national_id(work, AYSE.national_id) is None
        assert people_by_name(work, "AYŞE ÖRNEK") == ()
        (provider,) = providers_by_title(work, PROVIDER.title)
        assert provider.people == ()
        assert registration_of(work, AYSE.national_id).state is None


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (None, None),
        ("örnek biyomedikal teknik servis san. tic. ltd. şti.", Answer.YES),
        ("ÖRNEK BİYOMEDİKAL TEKNİK SERVİS", Answer.UNCERTAIN),
        ("örnek biyo", Answer.UNCERTAIN),
        ("KURGU İNŞAAT ANONİM ŞİRKETİ", Answer.NO),
    ],
)
def test_the_answer_about_a_person_is_the_provider_of_the_record(
    filled: Inbox, asked: str | None, answer: Answer | None
) -> None:
    """m.8(2): in subcontracting the provider under which the person is recorded counts, whoever won the contract."""
    with filled.database.reading() as work:
        found = registration_of(work, AYSE.national_id, asked)
    assert found.works_at == (Workplace(PROVIDER.title),)
    assert (found.asked, found.recorded_there) == (asked, answer)


def test_a_new_set_of_certificates_replaces_the_old_one(filled: Inbox) -> None:
    """m.5(2)(ç)."""
    with filled.database.reading() as work:
        old = person_by_national_id(work, AYSE.national_id)
    filled.put(
        application("U-1", "personnel_update", [AYSE]), certificate(AYSE), certificate(AYSE, "yeni.pdf")
    )
    filled.run()
    with filled.database.reading() as work:
        new = person_by_national_id(work, AYSE.national_id)
    assert old is not None
    assert new is not None
    assert old.certificates != new.certificates
    assert len(new.certificates) == 1
