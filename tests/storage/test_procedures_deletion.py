"""Deletion of an erroneous record (Kılavuz m.4(3)): on petition of who made it, by an officer, as a tombstone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database import Database, connect
from storage.decisions import Decided, decide, decisions_on
from storage.errors import DecisionImpossible, Obstacle
from storage.judgements import save_judgements
from storage.models import JudgementRow, Person, RecordDecision, RegistryState, Ruling
from storage.search import people_by_name, person_by_national_id, provider_by_tax_number
from tests.storage.procedures import add, certify, petition, remove
from tests.storage.samples import AYSE, ISIL, KEYS, POLICY, PROVIDER, Inbox, certificate, register
from tests.storage.views import codes_of, decision_of, employments_of, person_of
from validators.finding import Code, Decision

NAME = f"{AYSE.given_name} {AYSE.family_name}"


@pytest.fixture
def petitioned(inbox: Inbox) -> Inbox:
    """Somebody with a record, certificates and an employment, who asked for the deletion of the record."""
    certify(inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    add(inbox, "A-1", "10T10:00", "hd11-1111-1111-1111")
    petition(inbox, "D-1", "15T10:00")
    inbox.run()
    return inbox


def approve(inbox: Inbox, name: str = "D-1") -> Decided:
    return decide(inbox.database, name, Ruling.APPROVED, "Görevli Deneme", "Kayıt sehven yapılmış.")


def refused(inbox: Inbox, name: str, ruling: Ruling = Ruling.APPROVED) -> Obstacle:
    """The reason for which a decision cannot be entered."""
    with pytest.raises(DecisionImpossible) as impossible:
        decide(inbox.database, name, ruling, "Görevli Deneme", "Deneme.")
    assert impossible.value.remedy
    return impossible.value.obstacle


def row_of(inbox: Inbox) -> Person:
    with inbox.database.reading() as work:
        return work.session.scalars(select(Person)).one()


def test_a_record_stays_until_an_officer_approves_its_deletion(petitioned: Inbox) -> None:
    assert codes_of(petitioned, "D-1") == {Code.PROCEDURE_BY_HAND}
    assert person_of(petitioned, AYSE.national_id).state is RegistryState.ACTIVE


def test_an_approval_makes_a_tombstone_that_no_query_finds(petitioned: Inbox) -> None:
    """Kılavuz m.4(3), m.8(1): not by number, not by name, not among the provider's personnel."""
    approve(petitioned)
    with petitioned.database.reading() as work:
        assert person_by_national_id(work, AYSE.national_id) is None
        assert people_by_name(work, NAME) == ()
        provider = provider_by_tax_number(work, PROVIDER.tax_number)
    assert provider is not None
    assert provider.people == ()


def test_the_history_of_a_deleted_record_stays(petitioned: Inbox) -> None:
    before = row_of(petitioned)
    with petitioned.database.reading() as work:
        judgements = work.session.scalar(select(func.count()).select_from(JudgementRow))
    decided = approve(petitioned)
    row = row_of(petitioned)
    assert row.state is RegistryState.DELETED
    assert (row.registered_at, row.registered_by) == (before.registered_at, before.registered_by)
    (employment,) = employments_of(petitioned)
    assert (employment.state, employment.ended_by) == (RegistryState.CLOSED, petitioned.key("D-1"))
    with petitioned.database.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(JudgementRow)) == judgements
        assert decisions_on(work, "D-1") == (decided,)
    assert (decided.decision, decided.officer) == (Ruling.APPROVED, "Görevli Deneme")
    assert decided.note == "Kayıt sehven yapılmış."


def test_officer_and_note_are_sealed(petitioned: Inbox) -> None:
    approve(petitioned)
    with petitioned.database.reading() as work:
        row = work.session.scalars(select(RecordDecision)).one()
    assert "Görevli".encode() not in row.officer
    assert b"sehven" not in row.note


def test_a_deleted_record_counts_as_none(petitioned: Inbox) -> None:
    """Kılavuz m.5(1), m.7(1)(d)."""
    approve(petitioned)
    add(petitioned, "A-2", "20T10:00", "hd22-2222-2222-2222")
    certify(petitioned, "U-1", "20T10:00", certificate(AYSE))
    petitioned.run()
    assert codes_of(petitioned, "A-2") == codes_of(petitioned, "U-1") == {Code.PERSON_NOT_REGISTERED}


def test_a_new_registration_begins_anew_and_keeps_the_history(petitioned: Inbox) -> None:
    """With a new day, without the old certificates, which are neither shown nor compared with the new ones."""
    approve(petitioned)
    certify(petitioned, "P-2", "20T10:00", procedure="registration")
    petitioned.run()
    record = person_of(petitioned, AYSE.national_id)
    assert record.state is RegistryState.ACTIVE
    assert record.registered_at is not None
    assert record.registered_at.day == 20
    assert record.certificates == ()
    assert record.works_at == ()
    certify(petitioned, "U-1", "21T10:00", certificate(AYSE, "başka.pdf"))
    petitioned.run()
    assert decision_of(petitioned, "U-1") is Decision.VERIFIED
    with petitioned.database.reading() as work:
        assert len(decisions_on(work, "D-1")) == 1


def test_what_waited_for_the_record_is_judged_again_after_a_new_registration(petitioned: Inbox) -> None:
    approve(petitioned)
    add(petitioned, "A-2", "20T10:00", "hd22-2222-2222-2222")
    petitioned.run()
    certify(petitioned, "P-2", "21T10:00", procedure="registration")
    petitioned.run()
    assert decision_of(petitioned, "A-2") is Decision.VERIFIED
    assert [row.state for row in employments_of(petitioned)] == [RegistryState.CLOSED, RegistryState.ACTIVE]


def test_nothing_signed_before_the_petition_brings_the_record_back(petitioned: Inbox) -> None:
    """Not the old registration, changed or judged again, and not one that arrives late."""
    approve(petitioned)
    certify(petitioned, "P-1", "02T09:00", certificate(AYSE, "yeni.pdf"), procedure="registration")
    certify(petitioned, "P-0", "14T09:00", procedure="registration")
    petitioned.run()
    assert row_of(petitioned).state is RegistryState.DELETED
    petitioned.write("P-1", b"not json", b"")
    petitioned.run()
    assert row_of(petitioned).state is RegistryState.DELETED


def test_a_refusal_is_kept_and_changes_nothing(petitioned: Inbox) -> None:
    decided = decide(petitioned.database, "D-1", Ruling.REFUSED, "Görevli Deneme", "Kayıt doğru.")
    assert person_of(petitioned, AYSE.national_id).state is RegistryState.ACTIVE
    with petitioned.database.reading() as work:
        assert decisions_on(work, "D-1") == (decided,)


@pytest.mark.parametrize("first", Ruling)
@pytest.mark.parametrize("second", Ruling)
def test_an_application_is_decided_once(petitioned: Inbox, first: Ruling, second: Ruling) -> None:
    decide(petitioned.database, "D-1", first, "Görevli Deneme", "Deneme.")
    assert refused(petitioned, "D-1", second) is Obstacle.ALREADY_DECIDED


def test_of_two_officers_at_once_one_decides(petitioned: Inbox) -> None:
    def try_to(ruling: Ruling) -> object:
        try:
            return decide(petitioned.database, "D-1", ruling, "Görevli Deneme", "Deneme.").decision
        except DecisionImpossible as impossible:
            return impossible.obstacle

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(try_to, [Ruling.APPROVED, Ruling.REFUSED]))
    assert Obstacle.ALREADY_DECIDED in outcomes
    with petitioned.database.reading() as work:
        (decided,) = decisions_on(work, "D-1")
    assert decided.decision in outcomes
    deleted = row_of(petitioned).state is RegistryState.DELETED
    assert deleted == (decided.decision is Ruling.APPROVED)


def test_an_application_that_was_sent_again_is_decided_again(petitioned: Inbox) -> None:
    decide(petitioned.database, "D-1", Ruling.REFUSED, "Görevli Deneme", "Dilekçe eksik.")
    petition(petitioned, "D-1", "16T10:00")
    assert refused(petitioned, "D-1") is Obstacle.ALREADY_DECIDED
    petitioned.read_all()
    assert refused(petitioned, "D-1") is Obstacle.NOT_JUDGED
    petitioned.run()
    approve(petitioned)
    with petitioned.database.reading() as work:
        rulings = [decided.decision for decided in decisions_on(work, "D-1")]
    assert rulings == [Ruling.REFUSED, Ruling.APPROVED]


def test_what_cannot_be_decided_is_told(petitioned: Inbox) -> None:
    remove(petitioned, "R-1", "20T10:00")
    petitioned.run()
    assert refused(petitioned, "X-1") is Obstacle.NOT_JUDGED
    assert refused(petitioned, "A-1") is Obstacle.NOT_FORESEEN
    assert refused(petitioned, "R-1") is Obstacle.NOT_FORESEEN


def test_a_petition_without_a_record_can_only_be_refused(inbox: Inbox) -> None:
    register(inbox, ISIL)
    petition(inbox, "D-1", "15T10:00")
    inbox.run()
    assert refused(inbox, "D-1") is Obstacle.NO_RECORD
    decide(inbox.database, "D-1", Ruling.REFUSED, "Görevli Deneme", "Kayıt yok.")


def test_a_record_is_deleted_once(petitioned: Inbox) -> None:
    petition(petitioned, "D-2", "16T10:00")
    petitioned.run()
    approve(petitioned)
    assert refused(petitioned, "D-2") is Obstacle.NO_RECORD


def test_a_provider_s_petition_for_a_person_s_record_can_only_be_refused(petitioned: Inbox) -> None:
    """Kılavuz m.4(3): "kaydı oluşturan kişi tarafından"."""
    petition(petitioned, "D-2", "16T10:00", provider=PROVIDER.model_dump(exclude_none=True))
    petitioned.run()
    assert codes_of(petitioned, "D-2") == {Code.PROCEDURE_BY_HAND, Code.PETITIONER_NOT_CREATOR}
    assert refused(petitioned, "D-2") is Obstacle.NOT_CREATOR
    decide(petitioned.database, "D-2", Ruling.REFUSED, "Görevli Deneme", "Kişinin dilekçesi yok.")


def test_a_record_that_the_person_changed_since_is_not_deleted(petitioned: Inbox) -> None:
    """The petition is about the record as it was: a later registration or update is a later will."""
    certify(petitioned, "U-1", "16T10:00")
    petitioned.run()
    assert refused(petitioned, "D-1") is Obstacle.RECORD_CHANGED
    assert person_of(petitioned, AYSE.national_id).works_at != ()


def test_a_judgement_that_crosses_the_decision_brings_nothing_back(petitioned: Inbox) -> None:
    """The night judged on a record that an officer deletes before the judgements are entered."""
    add(petitioned, "A-2", "20T10:00", "hd22-2222-2222-2222")
    certify(petitioned, "U-1", "20T10:00", certificate(AYSE))
    petitioned.read_all()
    judged = petitioned.judged([petitioned.key("U-1"), petitioned.key("A-2")])
    assert {item.judgement.decision for item in judged} == {Decision.VERIFIED}
    approve(petitioned)
    before = row_of(petitioned)
    save_judgements(petitioned.database, judged, POLICY)
    assert row_of(petitioned).certified_by == before.certified_by
    assert [row.state for row in employments_of(petitioned)] == [RegistryState.CLOSED]


def test_decisions_survive_a_reopened_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    database: Database = connect(url, KEYS)
    inbox = Inbox.at(tmp_path / "inbox", database)
    certify(inbox, "P-1", "01T09:00", procedure="registration")
    petition(inbox, "D-1", "15T10:00")
    inbox.run()
    decided = approve(inbox)
    database.close()
    again = connect(url, KEYS)
    with again.reading() as work:
        assert decisions_on(work, "D-1") == (decided,)
    again.close()
