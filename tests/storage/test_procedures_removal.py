"""Removal of personnel (Kılavuz m.7(1)(g)-(ı)): a written reason, no document, effective at once."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from storage.employments import Ending, end_employments
from storage.models import (
    ApplicationRow,
    Basis,
    Employment,
    RegistryState,
    Standing,
    Version,
)
from storage.verdicts import stored_verdict
from tests.storage.procedures import OTHER_PROVIDER, add, remove, signed
from tests.storage.samples import (
    AYSE,
    ISIL,
    KEYS,
    PROVIDER,
    Crash,
    Inbox,
    application,
    crash_before,
    register,
    statement,
)
from tests.storage.views import codes_of, counts_of, decision_of, employments_of, person_of, registry_of
from validators.finding import Code, Decision

ISTANBUL = ZoneInfo("Europe/Istanbul")
ACTIVE, CLOSED = RegistryState.ACTIVE, RegistryState.CLOSED


@pytest.fixture
def employed(inbox: Inbox) -> Inbox:
    """Somebody who was added to a provider on 10 November."""
    register(inbox, AYSE)
    add(inbox, "A-1", "10T10:00", "hd11-1111-1111-1111")
    inbox.run()
    return inbox


def states_of(inbox: Inbox) -> list[RegistryState]:
    return [row.state for row in employments_of(inbox)]


def test_a_removal_is_verified_and_ends_the_employment_at_the_moment_of_its_signature(
    employed: Inbox,
) -> None:
    """Kılavuz m.7(1)(ı): no approval; the history stays, and the reason with the sealed declaration."""
    remove(employed, "R-1", "20T11:30")
    employed.run()
    assert decision_of(employed, "R-1") is Decision.VERIFIED
    (row,) = employments_of(employed)
    assert (row.state, row.standing) == (CLOSED, Standing.ENDED)
    assert row.ended_at == datetime(2026, 11, 20, 11, 30, tzinfo=ISTANBUL)
    assert row.ended_by == employed.key("R-1")
    assert row.application_key == employed.key("A-1")
    assert row.evidence is not None
    assert person_of(employed, AYSE.national_id).works_at == ()
    with employed.database.reading() as work:
        verdict = stored_verdict(work, "R-1")
        declaration = work.session.scalars(
            select(Version.declaration).join(ApplicationRow).where(ApplicationRow.application_id == "R-1")
        ).one()
    assert verdict is not None
    assert verdict.application is not None
    assert verdict.application.reason == "Sağlık nedeniyle ayrıldı."
    assert declaration is not None
    assert "Sağlık".encode() not in declaration


@pytest.mark.parametrize("together", [True, False], ids=["one night", "two nights"])
def test_somebody_who_does_not_work_there_is_flagged(inbox: Inbox, together: bool) -> None:
    """Kılavuz m.7(1)(g): the person is chosen among the provider's own."""
    register(inbox, AYSE)
    add(inbox, "A-1", "10T10:00", "hd11-1111-1111-1111")
    if not together:
        inbox.run()
    remove(inbox, "R-1", "20T10:00", provider=OTHER_PROVIDER)
    inbox.run()
    assert codes_of(inbox, "R-1") == {Code.EMPLOYMENT_NOT_FOUND}
    assert states_of(inbox) == [ACTIVE]


def test_one_who_is_not_found_keeps_the_others_of_the_application(employed: Inbox) -> None:
    remove(employed, "R-1", "20T10:00", people=[AYSE, ISIL])
    employed.run()
    assert codes_of(employed, "R-1") == {Code.EMPLOYMENT_NOT_FOUND}
    assert states_of(employed) == [ACTIVE]


def test_removal_and_additions_of_one_night_take_effect_in_the_order_of_their_signatures(
    inbox: Inbox,
) -> None:
    """Kılavuz m.7(1)(f), (ı): both are effective at once. Ids run against the signatures here."""
    register(inbox, AYSE)
    add(inbox, "Z-1", "20T09:00", "hd11-1111-1111-1111")
    remove(inbox, "R-1", "20T10:00")
    add(inbox, "A-1", "20T11:00", "hd22-2222-2222-2222")
    remove(inbox, "B-1", "20T12:00")
    add(inbox, "C-1", "20T13:00", "hd33-3333-3333-3333")
    inbox.run()
    assert {decision_of(inbox, name) for name in ("Z-1", "R-1", "A-1", "B-1", "C-1")} == {Decision.VERIFIED}
    key = inbox.key
    assert [(row.state, row.application_key, row.ended_by) for row in employments_of(inbox)] == [
        (CLOSED, key("Z-1"), key("R-1")),
        (CLOSED, key("A-1"), key("B-1")),
        (ACTIVE, key("C-1"), None),
    ]


def test_a_second_removal_finds_nobody(employed: Inbox) -> None:
    remove(employed, "R-1", "20T10:00")
    remove(employed, "R-2", "20T11:00")
    employed.run()
    assert decision_of(employed, "R-1") is Decision.VERIFIED
    assert codes_of(employed, "R-2") == {Code.EMPLOYMENT_NOT_FOUND}


def test_an_addition_signed_after_the_removal_is_left_alone(employed: Inbox) -> None:
    remove(employed, "R-1", "09T10:00")
    employed.run()
    assert codes_of(employed, "R-1") == {Code.EMPLOYMENT_NOT_FOUND}
    assert states_of(employed) == [ACTIVE]


def test_ending_by_an_earlier_signature_changes_nothing(employed: Inbox) -> None:
    """A night may enter an addition between the judgement on a removal and its effects."""
    person = KEYS.index(AYSE.national_id, "national_id")
    provider = KEYS.index(PROVIDER.tax_number, "tax_number")
    earlier = Ending(person, provider, employed.key("A-1"), datetime(2026, 11, 9, tzinfo=ISTANBUL))
    employed.database.transact(lambda work: end_employments(work, [earlier]))
    assert states_of(employed) == [ACTIVE]


def test_a_later_addition_with_a_new_paper_opens_a_new_employment(employed: Inbox) -> None:
    remove(employed, "R-1", "20T10:00")
    employed.run()
    add(employed, "A-2", "25T10:00", "hd22-2222-2222-2222")
    employed.run()
    assert states_of(employed) == [CLOSED, ACTIVE]


def test_an_addition_signed_before_the_removal_does_not_come_back_after_it(employed: Inbox) -> None:
    """It arrived late; the removal was signed later and ended what was running."""
    remove(employed, "R-1", "20T10:00")
    employed.run()
    add(employed, "A-2", "15T10:00", "hd22-2222-2222-2222")
    employed.run()
    assert states_of(employed) == [CLOSED]


def test_a_removal_that_came_before_the_record_is_judged_again_with_its_addition(inbox: Inbox) -> None:
    """The addition waited for a personnel record: without the second look it would outlive its removal."""
    add(inbox, "A-1", "10T10:00", "hd11-1111-1111-1111")
    remove(inbox, "R-1", "12T10:00")
    inbox.run()
    assert codes_of(inbox, "R-1") == {Code.EMPLOYMENT_NOT_FOUND}
    register(inbox, AYSE)
    inbox.run()
    assert decision_of(inbox, "R-1") is Decision.VERIFIED
    assert states_of(inbox) == [CLOSED]


def test_a_second_run_and_a_second_judgement_change_nothing(employed: Inbox) -> None:
    remove(employed, "R-1", "20T10:00")
    employed.run()
    before, counts = registry_of(employed.database), counts_of(employed.database)
    employed.run()
    employed.judge_wave([employed.key("A-1"), employed.key("R-1")])
    assert (registry_of(employed.database), counts_of(employed.database)) == (before, counts)


@pytest.mark.parametrize("statement_text", ["INSERT INTO judgements", "UPDATE employments"])
def test_a_batch_that_dies_comes_to_the_same_registry(employed: Inbox, statement_text: str) -> None:
    remove(employed, "R-1", "20T10:00")
    add(employed, "A-2", "21T10:00", "hd22-2222-2222-2222")
    with pytest.raises(Crash), crash_before(employed.database, statement_text):
        employed.run()
    employed.run()
    assert states_of(employed) == [CLOSED, ACTIVE]
    assert employments_of(employed)[0].ended_by == employed.key("R-1")


def test_an_employment_under_review_can_be_removed(employed: Inbox) -> None:
    employed.put(
        signed(application("A-1", "personnel_addition"), "10T10:00"), statement(exit_date="2026-10-31")
    )
    employed.run()
    assert states_of(employed) == [RegistryState.UNDER_REVIEW]
    remove(employed, "R-1", "20T10:00")
    employed.run()
    assert states_of(employed) == [CLOSED]


def test_a_removal_touches_one_provider_only(employed: Inbox) -> None:
    """Kılavuz m.7(1)(g): the provider removes its own personnel."""
    add(employed, "B-1", "11T10:00", "hd22-2222-2222-2222", provider=OTHER_PROVIDER)
    employed.run()
    assert states_of(employed) == [ACTIVE, ACTIVE]
    remove(employed, "R-1", "20T10:00")
    employed.run()
    assert states_of(employed) == [CLOSED, ACTIVE]


def test_a_provider_that_removed_somebody_that_night_is_not_named_as_another_employer(
    employed: Inbox,
) -> None:
    """Kılavuz m.8(2): who changes the provider in one night is recorded at one."""
    remove(employed, "Z-9", "20T10:00")
    add(employed, "B-1", "20T11:00", "hd22-2222-2222-2222", provider=OTHER_PROVIDER)
    employed.run()
    with employed.database.reading() as work:
        verdict = stored_verdict(work, "B-1")
    assert verdict is not None
    (person,) = verdict.judgement.people
    asked = {finding.outcome for finding in person.findings if finding.code == "ALSO_REGISTERED_ELSEWHERE"}
    assert asked == {"passed"}


def test_several_people_of_one_addition_are_added_each(inbox: Inbox) -> None:
    """Kılavuz m.7(1)(e): the screen takes one person at a time; together, each needs the own paper."""
    register(inbox, AYSE, ISIL)
    content = application("A-1", "personnel_addition", [AYSE, ISIL])
    inbox.put(content, statement(AYSE))
    inbox.run()
    assert codes_of(inbox, "A-1") == {Code.PERSON_NO_EVIDENCE}
    inbox.put(content, statement(AYSE), statement(ISIL, "hd99-9999-9999-9999"))
    inbox.run()
    assert states_of(inbox) == [ACTIVE, ACTIVE]


def test_the_standing_tells_approval_from_audit(inbox: Inbox) -> None:
    """Kılavuz m.6(3)(ı) against m.7(1)(f): submitted to approval, or effective at once and audited afterwards."""
    register(inbox, AYSE, ISIL)
    inbox.put(application("A-1", "provider_registration", [AYSE]), statement(AYSE))
    add(inbox, "A-2", "20T10:00", "hd22-2222-2222-2222", ISIL)
    inbox.run()
    standings = {row.application_key: row.standing for row in employments_of(inbox)}
    assert standings == {
        inbox.key("A-1"): Standing.AWAITS_APPROVAL,
        inbox.key("A-2"): Standing.EFFECTIVE,
    }


@pytest.mark.parametrize("basis", Basis)
def test_a_standing_under_review_or_ended_does_not_depend_on_the_basis(basis: Basis) -> None:
    under_review = Employment(state=RegistryState.UNDER_REVIEW, basis=basis)
    assert under_review.standing is Standing.UNDER_REVIEW
    assert Employment(state=CLOSED, basis=basis).standing is Standing.ENDED
