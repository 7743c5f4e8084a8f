"""Two policies on the same stored facts: who is decided otherwise, why, and what is written of it."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from sqlalchemy import select

from storage.cases import CaseFile, judged_before
from storage.models import JudgementRow, RegistryState
from storage.rejudging import Change, Rejudged, by_policy, rejudge
from tests.storage.samples import AYSE, ISIL, POLICY, Inbox, application, certificate, register, statement
from tests.storage.views import counts_of, decision_of, employments_of, registry_of
from tests.validators import factory as f
from validators.case import Case, Judgement
from validators.finding import Code, Decision
from validators.judgement import judge, judge_invalid
from validators.policy_series import Policies, find_policies, policy_for

STRICT, LENIENT = find_policies("kilavuz-v3-strict"), find_policies("kilavuz-v3-lenient")
DECLARATION = f.declaration(start=date(2026, 11, 9))
"""An entry declaration on AYSE by the provider of the samples, without a statement beside it."""


def judging(policies: Policies) -> Callable[[CaseFile], Judgement]:
    """The rules themselves under a policy."""

    def judge_file(file: CaseFile) -> Judgement:
        policy = policy_for(policies, file.application)
        if file.application is None:
            return judge_invalid(file.application_id, file.problems, policy)
        return judge(Case(file.application, file.uploads, file.registry, policy))

    return judge_file


def again(inbox: Inbox, policies: Policies, *, write: bool = True) -> Sequence[Rejudged]:
    """Judge everything again, wave by wave."""
    with inbox.database.reading() as work:
        waves = judged_before(work)
    return [rejudge(inbox.database, wave, policies, judging(policies), write=write) for wave in waves]


def changes(inbox: Inbox, policies: Policies, *, write: bool = True) -> list[Change]:
    return [change for done in again(inbox, policies, write=write) for change in done.changes]


@pytest.fixture
def addition(inbox: Inbox) -> Inbox:
    """A judged inbox in which m.7 rests on an entry declaration, which m.7(1)(e) does not name (A-3)."""
    register(inbox, AYSE)
    inbox.put(application("D-1", "personnel_addition"), DECLARATION)
    inbox.run()
    return inbox


@pytest.fixture
def registration(inbox: Inbox) -> Inbox:
    """A judged inbox in which m.6 rests on a declaration alone: nothing shows that the statement lacks it (A-2)."""
    register(inbox, AYSE)
    inbox.put(application("A-1"), DECLARATION)
    inbox.run()
    return inbox


def test_a_lenient_policy_verifies_what_the_default_sends_to_an_officer(addition: Inbox) -> None:
    assert decision_of(addition, "D-1") is Decision.FLAGGED
    (change,) = changes(addition, LENIENT)
    assert (change.application_id, change.policy_before, change.policy_after) == (
        "D-1",
        "kilavuz-v3",
        "kilavuz-v3-lenient",
    )
    assert (change.whole.before.decision, change.whole.after.decision) == (
        Decision.FLAGGED,
        Decision.VERIFIED,
    )
    (person,) = change.people
    assert person.national_id == AYSE.national_id
    assert not person.appeared
    assert person.vanished == {Code.DECLARATION_NOT_FORESEEN}
    assert decision_of(addition, "D-1") is Decision.VERIFIED
    assert [row.state for row in employments_of(addition)] == [RegistryState.ACTIVE]


def test_a_strict_policy_puts_what_the_default_verified_under_review(registration: Inbox) -> None:
    assert decision_of(registration, "A-1") is Decision.VERIFIED
    (change,) = changes(registration, STRICT)
    assert change.decides
    assert Code.ABSENCE_NOT_EVIDENCED in change.people[0].appeared
    assert [row.state for row in employments_of(registration)] == [RegistryState.UNDER_REVIEW]
    (back,) = changes(registration, POLICY)
    assert back.people[0].vanished == change.people[0].appeared
    assert [row.state for row in employments_of(registration)] == [RegistryState.ACTIVE]


def test_a_trial_writes_nothing_and_tells_the_same(addition: Inbox) -> None:
    before, counts = registry_of(addition.database), counts_of(addition.database)
    trial = changes(addition, LENIENT, write=False)
    assert registry_of(addition.database) == before
    assert counts_of(addition.database) == counts
    assert changes(addition, LENIENT) == trial


def test_a_second_time_changes_nothing_and_writes_nothing(addition: Inbox) -> None:
    again(addition, LENIENT)
    before, counts = registry_of(addition.database), counts_of(addition.database)
    assert changes(addition, LENIENT) == []
    assert registry_of(addition.database) == before
    assert counts_of(addition.database) == counts


def test_old_judgements_stay_and_every_judgement_names_its_policy(addition: Inbox) -> None:
    again(addition, LENIENT)
    with addition.database.reading() as work:
        rows = work.session.scalars(
            select(JudgementRow).where(JudgementRow.application_key == addition.key("D-1"))
        ).all()
    assert {(row.policy, row.policy_version, row.current) for row in rows} == {
        ("kilavuz-v3", "1", False),
        ("kilavuz-v3-lenient", "1", True),
    }


def test_a_batch_after_it_leaves_the_new_judgements_alone(addition: Inbox) -> None:
    again(addition, LENIENT)
    before = registry_of(addition.database)
    assert addition.run() == []
    assert registry_of(addition.database) == before


def test_the_policy_that_stands_changes_nothing(inbox: Inbox) -> None:
    """Records and updates, a sound and a flagged registration, a paper used twice, a removal, and broken JSON."""
    register(inbox, AYSE, ISIL)
    inbox.put(application("A-1"), statement())
    inbox.put(application("A-2", people=[ISIL]), statement(ISIL, "hd99-9999-9999-9999", "2026-10-31"))
    inbox.put(application("D-1", "personnel_addition", day="2026-11-21"), statement())
    inbox.put(application("U-1", "personnel_update", day="2026-11-22"), certificate(AYSE, "yeni.pdf"))
    put_removal(inbox, "R-1", day="2026-11-23")
    inbox.write("X-1", b"not json", b"")
    inbox.run()
    before = registry_of(inbox.database)
    done = again(inbox, POLICY)
    assert [change for each in done for change in each.changes] == []
    assert sum(each.judged for each in done) == 8
    assert registry_of(inbox.database) == before


def put_removal(inbox: Inbox, application_id: str, day: str) -> None:
    """Put the removal of AYSE from the provider, which has a reason and no papers (m.7(1)(h))."""
    content = application(application_id, "personnel_removal", day=day)
    inbox.put({**content, "reason": "İşten ayrıldı.", "evidence": []})
    inbox.facts[application_id] = ()


def test_a_removal_that_a_strict_policy_leaves_to_an_officer_stays_in_effect(inbox: Inbox) -> None:
    """m.7(1)(ı): it was effective at once, so the policy of today only makes somebody look at it."""
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    put_removal(inbox, "R-1", day="2026-11-23")
    inbox.run()
    assert [row.state for row in employments_of(inbox)] == [RegistryState.CLOSED]
    (change,) = (change for change in changes(inbox, STRICT) if change.application_id == "R-1")
    assert change.people[0].appeared == {Code.PROCEDURE_BY_HAND}
    assert [row.state for row in employments_of(inbox)] == [RegistryState.CLOSED]


def test_what_waits_for_the_batch_is_left_to_it(addition: Inbox) -> None:
    with addition.database.reading() as work:
        waves = judged_before(work)
    addition.put(application("D-1", "personnel_addition"), statement())
    addition.read_all()
    with addition.database.reading() as work:
        assert addition.key("D-1") not in {key for wave in judged_before(work) for key in wave}
    (late,) = [
        rejudge(addition.database, wave, LENIENT, judging(LENIENT), write=True)
        for wave in waves
        if addition.key("D-1") in wave
    ]
    assert (late.judged, late.left_out, late.changes) == (0, 1, ())
    addition.judge_all()
    assert decision_of(addition, "D-1") is Decision.VERIFIED


def test_an_application_on_which_the_rules_fail_keeps_its_judgement(addition: Inbox) -> None:
    with addition.database.reading() as work:
        waves = judged_before(work)
    before = registry_of(addition.database)
    for wave in waves:
        done = rejudge(addition.database, wave, LENIENT, lambda _: None, write=True)
        assert (done.judged, done.changes) == (0, ())
    assert registry_of(addition.database) == before


def test_applications_are_found_by_id_and_grouped_by_their_policy(addition: Inbox) -> None:
    with addition.database.reading() as work:
        assert judged_before(work, ["D-1", "none"]) == ((addition.key("D-1"),),)
        (wave,) = judged_before(work, ["D-1"])
    rejudge(addition.database, wave, LENIENT, judging(LENIENT), write=True)
    with addition.database.reading() as work:
        keys = [key for wave in judged_before(work) for key in wave]
        groups = by_policy(work, keys)
    assert groups["kilavuz-v3-lenient"] == [addition.key("D-1")]
    assert groups["kilavuz-v3"] == [addition.key("P-078")]
