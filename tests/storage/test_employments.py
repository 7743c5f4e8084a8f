"""Employments and personnel records that lose or regain what they rest on."""

from sqlalchemy import select

from storage.models import (
    Basis,
    Employment,
    RegistryState,
)
from tests.storage.samples import (
    AYSE,
    Inbox,
    application,
    certificate,
    register,
    statement,
)
from tests.storage.views import decision_of, employments_of, person_of
from validators.finding import Decision


def test_an_employment_whose_application_is_no_longer_verified_waits_for_an_officer(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    inbox.put(application("A-1"), statement(exit_date="2026-10-31"))
    inbox.run()
    assert [row.state for row in employments_of(inbox)] == [RegistryState.UNDER_REVIEW]
    inbox.put(application("A-1"), statement())
    inbox.run()
    assert [row.state for row in employments_of(inbox)] == [RegistryState.ACTIVE]
    assert decision_of(inbox, "A-1") is Decision.VERIFIED


def test_a_person_whom_the_new_version_does_not_name_waits_for_an_officer(two: Inbox) -> None:
    two.run()
    two.put(application("B-1", people=[AYSE]), statement(AYSE))
    two.run()
    assert [row.state for row in employments_of(two)] == [RegistryState.ACTIVE, RegistryState.UNDER_REVIEW]


def test_a_running_employment_is_not_written_twice(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.put(application("A-2", "personnel_addition"), statement(barcode="hd55-5555-5555-5555"))
    inbox.run()
    assert decision_of(inbox, "A-2") is Decision.VERIFIED
    (employment,) = employments_of(inbox)
    assert employment.basis is Basis.APPROVAL


def test_an_employment_under_review_rests_on_the_next_good_evidence(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    inbox.put(application("A-1"), statement(exit_date="2026-10-31"))
    inbox.run()
    other = statement(barcode="hd55-5555-5555-5555")
    inbox.put(application("A-2", "personnel_addition"), other)
    inbox.run()
    (employment,) = employments_of(inbox)
    assert (employment.state, employment.basis) == (RegistryState.ACTIVE, Basis.POST_HOC)
    assert f"sha256:{employment.evidence}" == other.id


def test_an_employment_that_was_closed_does_not_come_back_by_the_same_paper(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    with inbox.database.unit_of_work() as work:
        work.session.scalars(select(Employment)).one().state = RegistryState.CLOSED
        work.commit()
    inbox.put(application("A-1", day="2026-11-21"), statement())
    inbox.run()
    assert [row.state for row in employments_of(inbox)] == [RegistryState.CLOSED]
    inbox.put(application("A-2", "personnel_addition"), statement(barcode="hd55-5555-5555-5555"))
    inbox.run()
    assert [row.state for row in employments_of(inbox)] == [RegistryState.CLOSED, RegistryState.ACTIVE]


def test_the_newest_application_names_the_person_and_the_earliest_registers(inbox: Inbox) -> None:
    renamed = AYSE.model_copy(update={"family_name": "YENİSOYAD"})
    inbox.put(
        application("P-2", "personnel_registration", [renamed], "2026-11-10"),
        certificate(AYSE, "bir.pdf"),
        certificate(renamed, "iki.pdf"),
    )
    inbox.put(
        application("P-1", "personnel_registration", [AYSE], "2026-11-01"), certificate(AYSE, "bir.pdf")
    )
    inbox.run()
    record = person_of(inbox, AYSE.national_id)
    assert record.family_name == "YENİSOYAD"
    assert record.registered_at is not None
    assert record.registered_at.day == 1
    inbox.put(application("P-1", "personnel_registration", [AYSE], "2026-11-02"), certificate(AYSE, "uc.pdf"))
    inbox.run()
    assert person_of(inbox, AYSE.national_id).family_name == "YENİSOYAD"


def test_a_personnel_record_whose_application_is_no_longer_verified_waits(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.run()
    name = "P-078"
    inbox.write(name, b"not json", b"")
    inbox.run()
    assert person_of(inbox, AYSE.national_id).state is RegistryState.UNDER_REVIEW
    register(inbox, AYSE)
    inbox.run()
    assert person_of(inbox, AYSE.national_id).state is RegistryState.ACTIVE
