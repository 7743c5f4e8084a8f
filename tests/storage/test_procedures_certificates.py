"""Personnel records and their certificates (Kılavuz m.4, m.5): what is optional, what replaces what."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from storage.models import Person, Provider, RegistryState
from storage.search import person_by_national_id
from tests.storage.procedures import certify, petition, signed
from tests.storage.samples import AYSE, ISIL, PROVIDER, Inbox, application, certificate, register
from tests.storage.views import codes_of, counts_of, decision_of, person_of, registry_of
from validators.case import Certificate
from validators.finding import Code, Decision

FIRST, SECOND, THIRD = (certificate(AYSE, name) for name in ("kurs.pdf", "lisans.pdf", "yeni.pdf"))


@pytest.fixture
def certified(inbox: Inbox) -> Inbox:
    """Somebody who registered with two certificates."""
    certify(inbox, "P-1", "01T09:00", FIRST, SECOND, procedure="registration")
    inbox.run()
    return inbox


def test_certificates_are_optional_in_a_registration_and_in_an_update(inbox: Inbox) -> None:
    """Kılavuz m.4(4)(c): "var ise"."""
    certify(inbox, "P-1", "01T09:00", procedure="registration")
    certify(inbox, "U-1", "02T09:00")
    inbox.run()
    assert {decision_of(inbox, name) for name in ("P-1", "U-1")} == {Decision.VERIFIED}
    assert person_of(inbox, AYSE.national_id).certificates == ()


def test_an_update_that_lacks_a_certificate_waits_for_an_officer_and_replaces_nothing(
    certified: Inbox,
) -> None:
    """Kılavuz m.5(2)(ç): the certificates that were uploaded before are deleted from the system."""
    before = person_of(certified, AYSE.national_id).certificates
    certify(certified, "U-1", "05T09:00", SECOND, THIRD)
    certified.run()
    assert codes_of(certified, "U-1") == {Code.CERTIFICATES_SHRINK}
    assert person_of(certified, AYSE.national_id).certificates == before


def test_a_certificate_is_kept_by_its_bytes_or_by_its_name(certified: Inbox) -> None:
    """Kılavuz m.5(2)(ç): a renamed file and a renewed one are both there."""
    renamed, renewed = replace(FIRST, name="eski/başka ad.pdf"), certificate(AYSE, "LİSANS.PDF")
    certify(certified, "U-1", "05T09:00", renamed, renewed, THIRD)
    certified.run()
    assert decision_of(certified, "U-1") is Decision.VERIFIED


def test_an_update_without_an_upload_leaves_the_certificates_alone(certified: Inbox) -> None:
    """Kılavuz m.5(2)(ç): only the fields that are entered again are replaced."""
    before = person_of(certified, AYSE.national_id).certificates
    certify(certified, "U-1", "05T09:00")
    certified.run()
    assert decision_of(certified, "U-1") is Decision.VERIFIED
    assert person_of(certified, AYSE.national_id).certificates == before


@pytest.mark.parametrize("together", [True, False], ids=["one night", "two nights"])
def test_each_update_is_compared_with_the_set_that_was_in_force_when_it_was_signed(
    certified: Inbox, together: bool
) -> None:
    """Kılavuz m.5(2)(ç); two updates of one person in one night are judged one after the other."""
    certify(certified, "U-1", "05T09:00", FIRST, SECOND, THIRD)
    if not together:
        certified.run()
    certify(certified, "A-0", "06T09:00", FIRST, SECOND)
    certified.run()
    assert decision_of(certified, "U-1") is Decision.VERIFIED
    assert codes_of(certified, "A-0") == {Code.CERTIFICATES_SHRINK}


def test_an_update_that_is_judged_again_is_compared_with_the_same_set(certified: Inbox) -> None:
    certify(certified, "U-1", "05T09:00", FIRST, SECOND, THIRD)
    certified.read_all()
    key = [certified.key("U-1")]
    (first,) = certified.judged(key)
    certified.judge_wave(key)
    (again,) = certified.judged(key)
    assert first.file.registry.certificates == again.file.registry.certificates
    before = counts_of(certified.database)
    certified.judge_wave(key)
    assert counts_of(certified.database) == before


def test_an_update_that_arrives_late_is_compared_with_the_set_before_it_and_replaces_no_later_one(
    certified: Inbox,
) -> None:
    certify(certified, "U-2", "10T09:00", FIRST, SECOND, THIRD)
    certified.run()
    newest = person_of(certified, AYSE.national_id).certificates
    certify(certified, "U-1", "05T09:00", FIRST, SECOND)
    certified.run()
    assert decision_of(certified, "U-1") is Decision.VERIFIED
    assert person_of(certified, AYSE.national_id).certificates == newest


def test_an_update_that_is_sent_again_is_compared_with_what_it_put_in_force(certified: Inbox) -> None:
    certify(certified, "U-1", "05T09:00", FIRST, SECOND, THIRD)
    certified.run()
    certify(certified, "U-1", "06T09:00", FIRST, SECOND)
    certified.run()
    assert codes_of(certified, "U-1") == {Code.CERTIFICATES_SHRINK}


def test_a_file_of_several_papers_is_one_certificate(inbox: Inbox) -> None:
    papers = [replace(FIRST, paper=number, papers=2) for number in (1, 2)]
    certify(inbox, "P-1", "01T09:00", *papers, procedure="registration")
    certify(inbox, "U-1", "05T09:00", SECOND)
    inbox.read_all()
    inbox.judge_wave([inbox.key("P-1")])
    (judged,) = inbox.judged([inbox.key("U-1")])
    assert judged.file.registry.certificates == {
        AYSE.national_id: (Certificate(FIRST.name, FIRST.id.removeprefix("sha256:")),)
    }


def test_an_update_of_somebody_without_a_record_is_flagged_and_writes_nothing(inbox: Inbox) -> None:
    """Kılavuz m.5(1): who made a personnel record can update it."""
    certify(inbox, "U-1", "05T09:00", FIRST)
    inbox.run()
    assert codes_of(inbox, "U-1") == {Code.PERSON_NOT_REGISTERED}
    with inbox.database.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_registration_of_the_same_night_counts_for_an_update(inbox: Inbox) -> None:
    certify(inbox, "U-1", "05T09:00", FIRST)
    certify(inbox, "Z-1", "01T09:00", FIRST, procedure="registration")
    inbox.run()
    assert decision_of(inbox, "U-1") is Decision.VERIFIED


def test_a_second_registration_is_entered_as_an_update_is(certified: Inbox) -> None:
    """Kılavuz m.4: no ground to refuse; the day of the record stays, and the set that it replaces is compared."""
    certify(certified, "P-2", "05T09:00", FIRST, procedure="registration")
    certified.run()
    assert codes_of(certified, "P-2") == {Code.CERTIFICATES_SHRINK}
    certify(certified, "P-2", "06T09:00", FIRST, SECOND, THIRD, procedure="registration")
    certified.run()
    record = person_of(certified, AYSE.national_id)
    assert decision_of(certified, "P-2") is Decision.VERIFIED
    assert record.registered_at is not None
    assert record.registered_at.day == 1


def test_the_provider_of_an_update_is_not_looked_at(certified: Inbox) -> None:
    """Kılavuz m.5(1): the person alone updates the own record; naming a provider changes nothing."""
    content = application("U-1", "personnel_update", [AYSE])
    content["provider"] = PROVIDER.model_dump(exclude_none=True)
    certified.put(signed(content, "05T09:00"), FIRST, SECOND)
    certified.run()
    assert decision_of(certified, "U-1") is Decision.VERIFIED
    with certified.database.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(Provider)) == 0


def test_certificates_of_two_people_in_one_zip_belong_to_nobody(inbox: Inbox) -> None:
    """Kılavuz m.4(4)(c): a person uploads the own certificates."""
    inbox.put(application("P-1", "personnel_registration", [AYSE, ISIL]), FIRST)
    inbox.run()
    assert decision_of(inbox, "P-1") is Decision.VERIFIED
    inbox.put(signed(application("U-1", "personnel_update", [AYSE]), "25T09:00"), SECOND)
    inbox.run()
    assert decision_of(inbox, "U-1") is Decision.VERIFIED
    with inbox.database.reading() as work:
        shown = [person_by_national_id(work, person.national_id) for person in (AYSE, ISIL)]
    assert [len(record.certificates) for record in shown if record] == [1, 0]


def test_people_must_have_a_record_before_a_provider_adds_them(inbox: Inbox) -> None:
    """Kılavuz m.6(3)(ğ), m.7(1)(d): fetched, never created; a record of the same night counts, in any order."""
    inbox.put(application("A-1", "personnel_addition"), certificate(AYSE))
    inbox.put(application("A-2", "provider_registration"), certificate(AYSE))
    inbox.run()
    assert Code.PERSON_NOT_REGISTERED in codes_of(inbox, "A-1") & codes_of(inbox, "A-2")
    register(inbox, AYSE)
    inbox.run()
    assert Code.PERSON_NOT_REGISTERED not in codes_of(inbox, "A-1") | codes_of(inbox, "A-2")


def test_a_deletion_is_no_registration_and_changes_nothing_by_itself(certified: Inbox) -> None:
    """Kılavuz m.4(3): an officer decides."""
    before = registry_of(certified.database)["people"]
    petition(certified, "D-1", "05T09:00")
    certified.run()
    assert codes_of(certified, "D-1") == {Code.PROCEDURE_BY_HAND}
    assert registry_of(certified.database)["people"] == before
    assert person_of(certified, AYSE.national_id).state is RegistryState.ACTIVE
