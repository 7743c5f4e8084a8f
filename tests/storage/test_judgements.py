"""Judgements and what they change, with the real rules."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from storage.cases import due_for_rejudging, unjudged
from storage.database import connect
from storage.findings import current_judgement
from storage.inbox import discover
from storage.judgements import save_judgements
from storage.keys import person_index
from storage.models import (
    ApplicationRow,
    ApplicationState,
    Basis,
    JudgedPerson,
    JudgementRow,
    RegistryState,
)
from tests.storage.samples import (
    AYSE,
    ISIL,
    KEYS,
    POLICY,
    PROVIDER,
    Crash,
    Inbox,
    application,
    crash_before,
    register,
    statement,
)
from tests.storage.views import (
    codes_of,
    counts_of,
    decision_of,
    employments_of,
    person_of,
    put_two,
    registry_of,
)
from validators.application import Person as Declared
from validators.finding import Code, Decision, Route


def _put_three(inbox: Inbox) -> None:
    put_two(inbox)
    inbox.put(application("D-1", "personnel_addition", [ISIL]), statement(ISIL, "hd55-5555-5555-5555"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The registry that the inbox of `_put_three` gives where nothing is in the way."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database = connect(f"sqlite:///{folder / 'registry.db'}", KEYS)
    inbox = Inbox.at(folder / "inbox", database)
    _put_three(inbox)
    inbox.run()
    registry = registry_of(database)
    database.close()
    return registry


def test_a_verified_application_fills_the_registry(two: Inbox) -> None:
    two.run()
    assert decision_of(two, "B-1") is Decision.VERIFIED
    first, second = employments_of(two)
    assert (first.route, first.basis, first.state) == (
        Route.SERVICE_STATEMENT,
        Basis.APPROVAL,
        RegistryState.ACTIVE,
    )
    assert first.since == date(2026, 8, 3)
    assert f"sha256:{first.evidence}" == statement(AYSE).id
    assert f"sha256:{second.evidence}" == statement(ISIL, "hd99-9999-9999-9999").id
    assert [place.title for place in person_of(two, AYSE.national_id).works_at] == [PROVIDER.title]


def test_people_are_registered_before_providers_name_them_whatever_the_order_of_folders(inbox: Inbox) -> None:
    inbox.put(application("A-1"), statement())
    register(inbox, AYSE)
    inbox.run()
    assert decision_of(inbox, "A-1") is Decision.VERIFIED


def test_a_flagged_person_makes_the_whole_application_wait(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(
        application("B-1", people=[AYSE, ISIL]), statement(AYSE), statement(ISIL, "hd99-9999-9999-9999")
    )
    inbox.run()
    assert decision_of(inbox, "B-1") is Decision.FLAGGED
    assert codes_of(inbox, "B-1") == {Code.PERSON_NOT_REGISTERED}
    assert employments_of(inbox) == []


def test_an_application_that_did_not_parse_is_flagged_and_stored(inbox: Inbox) -> None:
    inbox.write("A-1", b"not json", b"")
    inbox.run()
    assert codes_of(inbox, "A-1") == {Code.APPLICATION_INVALID}


def test_a_second_run_writes_nothing(two: Inbox) -> None:
    two.run()
    before, counts = registry_of(two.database), counts_of(two.database)
    assert two.run() == []
    assert registry_of(two.database) == before
    assert counts_of(two.database) == counts


def test_a_judgement_that_is_there_already_is_not_written_again(two: Inbox) -> None:
    two.read_all()
    with two.database.reading() as work:
        waves = unjudged(work, two.name)
    judged = two.judged(waves[0])
    assert len(save_judgements(two.database, judged, POLICY).new) == 2
    counts = counts_of(two.database)
    again = save_judgements(two.database, judged, POLICY)
    assert (again.new, len(again.known)) == (frozenset(), 2)
    assert counts_of(two.database) == counts


def test_two_batches_at_once_write_what_one_writes(two: Inbox) -> None:
    for number in range(6):
        person = another_person(number)
        register(two, person)
        two.put(application(f"C-{number}", people=[person]), statement(person, f"hd00000000{number}"))
    two.read_all()
    barrier = threading.Barrier(2)

    def batch(chunk: int) -> None:
        with two.database.reading() as work:
            waves = unjudged(work, two.name)
        barrier.wait()
        for wave in waves:
            two.judge_wave(wave, chunk)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(batch, (1, 3)))
    counts = counts_of(two.database)
    assert counts[0] == 8 + 7
    two.judge_all()
    assert counts_of(two.database) == counts
    with two.database.reading() as work:
        assert {row.state for row in work.session.scalars(select(ApplicationRow))} == {
            ApplicationState.JUDGED
        }


def another_person(number: int) -> Declared:
    """Another invented person: T.C. numbers whose check digits hold, counted up."""
    body = f"1000001{number:02d}"
    odd, even = sum(map(int, body[0::2])), sum(map(int, body[1::2]))
    tenth = (7 * odd - even) % 10
    eleventh = (odd + even + tenth) % 10
    return AYSE.model_copy(update={"national_id": f"{body}{tenth}{eleventh}"})


STEPS = [("INSERT INTO versions", 1), ("UPDATE applications", 2), ("INSERT INTO judgements", 1)]
STEPS += [("INSERT INTO judgements", 2), ("INSERT INTO findings", 2), ("INSERT INTO people", 1)]
STEPS += [("UPDATE people", 1), ("INSERT INTO providers", 1), ("INSERT INTO employments", 1)]


@pytest.mark.parametrize(("beginning", "number"), STEPS)
def test_a_batch_that_dies_anywhere_ends_in_the_same_registry(
    inbox: Inbox, undisturbed: dict[str, list[Any]], beginning: str, number: int
) -> None:
    _put_three(inbox)
    with pytest.raises(Crash), crash_before(inbox.database, beginning, number):
        inbox.run()
    inbox.run()
    assert registry_of(inbox.database) == undisturbed


def test_the_size_of_chunks_does_not_matter(inbox: Inbox, undisturbed: dict[str, list[Any]]) -> None:
    _put_three(inbox)
    inbox.read_all(chunk=1)
    inbox.judge_all(chunk=1)
    assert registry_of(inbox.database) == undisturbed


def test_who_was_not_registered_and_is_now_is_judged_again(inbox: Inbox) -> None:
    inbox.put(application("A-1"), statement())
    inbox.run()
    assert codes_of(inbox, "A-1") == {Code.PERSON_NOT_REGISTERED}
    register(inbox, AYSE)
    inbox.run()
    assert decision_of(inbox, "A-1") is Decision.VERIFIED
    assert len(employments_of(inbox)) == 1
    with inbox.database.reading() as work:
        assert due_for_rejudging(work, inbox.name) == ()
        assert work.session.scalar(select(func.count(JudgementRow.id))) == 3


def test_a_changed_application_is_judged_anew_and_its_old_judgement_stays(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    inbox.put(application("A-1"), statement(exit_date="2026-10-31"))
    inbox.run()
    assert codes_of(inbox, "A-1") == {Code.EMPLOYMENT_ENDED}
    with inbox.database.reading() as work:
        rows = work.session.execute(
            select(JudgementRow.decision, JudgementRow.current)
            .join(ApplicationRow, ApplicationRow.id == JudgementRow.application_key)
            .where(ApplicationRow.application_id == "A-1")
            .order_by(JudgementRow.id)
        ).all()
    assert [tuple(row) for row in rows] == [(Decision.VERIFIED, False), (Decision.FLAGGED, True)]


def test_a_judgement_on_facts_that_changed_meanwhile_is_left_out(inbox: Inbox) -> None:
    inbox.put(application("A-1"), statement())
    inbox.read_all()
    with inbox.database.reading() as work:
        ((key,),) = unjudged(work, inbox.name)
    judged = inbox.judged([key])
    inbox.put(application("A-1", day="2026-11-21"), statement())
    discover(inbox.database, inbox.source)
    assert save_judgements(inbox.database, judged, POLICY).stale == {"A-1"}
    assert decision_of(inbox, "A-1") is None


def test_a_judgement_reads_back_as_it_was_made(two: Inbox) -> None:
    two.read_all()
    with two.database.reading() as work:
        waves = unjudged(work, two.name)
    for wave in waves:
        judged = two.judged(wave)
        save_judgements(two.database, judged, POLICY)
        for item in judged:
            with two.database.reading() as work:
                assert current_judgement(work, item.file.application_id) == item.judgement


def test_another_policy_is_another_judgement_and_the_same_policy_is_not(two: Inbox) -> None:
    two.read_all()
    with two.database.reading() as work:
        wave = unjudged(work, two.name)[0]
    judged = two.judged(wave)
    save_judgements(two.database, judged, POLICY)
    stricter = POLICY.model_copy(update={"version": "test"})
    assert len(save_judgements(two.database, judged, stricter).new) == len(wave)
    with two.database.reading() as work:
        current = work.session.scalars(select(JudgementRow.policy_version).where(JudgementRow.current))
        assert set(current) == {"test"}


def test_a_judgement_that_was_made_before_becomes_current_again(inbox: Inbox) -> None:
    register(inbox, AYSE)
    for exit_date in (None, "2026-10-31", None):
        inbox.put(application("A-1"), statement(exit_date=exit_date))
        inbox.run()
    with inbox.database.reading() as work:
        rows = work.session.scalars(
            select(JudgementRow).where(JudgementRow.decision == Decision.FLAGGED)
        ).all()
        assert [row.current for row in rows] == [False]
        assert work.session.scalar(select(func.count(JudgementRow.id))) == 3


def test_the_registry_remembers_who_was_not_registered(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("B-1", people=[AYSE, ISIL]), statement(AYSE))
    inbox.run()
    with inbox.database.reading() as work:
        rows = work.session.execute(
            select(JudgedPerson.person_index, JudgedPerson.registered).where(
                JudgedPerson.registered.is_not(None)
            )
        )
        assert {row.person_index: row.registered for row in rows} == {
            person_index(KEYS, AYSE.national_id): True,
            person_index(KEYS, ISIL.national_id): False,
        }


def test_waves_are_in_order_and_hold_everything_once(two: Inbox) -> None:
    two.put(application("D-1", "personnel_addition", [ISIL], "2026-11-02"), statement(ISIL))
    two.put(application("D-2", "personnel_addition", [ISIL], "2026-11-01"), statement(ISIL))
    two.write("E-1", b"", b"")
    two.read_all()
    with two.database.reading() as work:
        names = {row.id: row.application_id for row in work.session.scalars(select(ApplicationRow))}
        waves = [[names[key] for key in wave] for wave in unjudged(work, two.name)]
    assert waves == [["P-078", "P-146"], ["B-1"], ["D-2", "D-1"], ["E-1"]]


def test_evidence_without_a_known_day_still_says_who_works_where(inbox: Inbox) -> None:
    paper = statement()
    rows = tuple(replace(row, entry_date=None) for row in paper.records)
    register(inbox, AYSE)
    inbox.put(application("A-1"), replace(paper, records=rows))
    inbox.run()
    assert [row.since for row in employments_of(inbox)] == [None]
