"""Judgements and what they change, with the real rules."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from extractors.facts import Upload
from storage.cases import due_for_rejudging, unjudged
from storage.database import Database, connect
from storage.findings import current_judgement
from storage.inbox import discover
from storage.judgements import save_judgements
from storage.models import (
    ApplicationRow,
    ApplicationState,
    Basis,
    Employment,
    FindingRow,
    JudgedPerson,
    JudgementRow,
    Person,
    Provider,
    ProviderWorkplace,
    RegistryState,
    Version,
)
from storage.registry import person_index
from storage.reuse import papers_of_others
from storage.search import PersonRecord, person_by_national_id
from tests.storage.samples import (
    AYSE,
    ISIL,
    KEYS,
    POLICY,
    PROVIDER,
    Crash,
    Inbox,
    application,
    certificate,
    crash_before,
    register,
    statement,
)
from validators.application import Application
from validators.application import Person as Declared
from validators.finding import Code, Decision, Route

TABLES = (JudgementRow, JudgedPerson, FindingRow, Person, Provider, ProviderWorkplace, Employment)


def _registry(database: Database) -> dict[str, list[Any]]:
    """The registry without row numbers, random nonces and times of writing: equal for equal registries."""
    with database.reading() as work:
        names = {row.id: row.application_id for row in work.session.scalars(select(ApplicationRow))}
        people = {row.id: row for row in work.session.scalars(select(Person))}
        providers = {row.id: row for row in work.session.scalars(select(Provider))}
        versions = {row.id: row.fingerprint for row in work.session.scalars(select(Version))}
        judgements = work.session.scalars(select(JudgementRow)).all()
        employments = work.session.scalars(select(Employment)).all()
        findings = work.session.execute(
            select(FindingRow.code, FindingRow.outcome, func.count()).group_by(
                FindingRow.code, FindingRow.outcome
            )
        )
        keys = {row.id: row.run_key for row in judgements}
        return {
            "judgements": sorted(
                (names[j.application_key], j.run_key, j.decision, j.current) for j in judgements
            ),
            "findings": sorted(tuple(row) for row in findings),
            "people": sorted(
                (
                    p.person_index,
                    p.registered_at,
                    names.get(p.registered_by or 0),
                    p.state,
                    versions.get(p.certified_by or 0),
                )
                for p in people.values()
            ),
            "providers": sorted(
                (p.tax_index, p.as_of, names.get(p.registered_by or 0)) for p in providers.values()
            ),
            "employments": sorted(
                (
                    people[e.person_key].person_index,
                    providers[e.provider_key].tax_index,
                    keys[e.judgement_key],
                    e.since,
                    e.route,
                    e.basis,
                    e.evidence,
                    e.state,
                )
                for e in employments
            ),
            "states": sorted(
                (row.application_id, row.state) for row in work.session.scalars(select(ApplicationRow))
            ),
        }


def _counts(database: Database) -> list[int]:
    with database.reading() as work:
        return [work.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def _decision(inbox: Inbox, application_id: str) -> Decision | None:
    with inbox.database.reading() as work:
        judgement = current_judgement(work, application_id)
    return judgement.decision if judgement else None


def _codes(inbox: Inbox, application_id: str) -> set[Code]:
    with inbox.database.reading() as work:
        judgement = current_judgement(work, application_id)
    assert judgement is not None
    everything = [
        *judgement.findings,
        *(finding for person in judgement.people for finding in person.findings),
    ]
    return {finding.code for finding in everything if finding.flags}


def _employments(inbox: Inbox) -> list[Employment]:
    with inbox.database.reading() as work:
        return list(work.session.scalars(select(Employment).order_by(Employment.id)))


def _person(inbox: Inbox, national_id: str) -> PersonRecord:
    with inbox.database.reading() as work:
        record = person_by_national_id(work, national_id)
    assert record is not None
    return record


@pytest.fixture
def two(inbox: Inbox) -> Inbox:
    """Two people with personnel records, and a provider that registers with both."""
    _put_two(inbox)
    return inbox


def _put_two(inbox: Inbox) -> None:
    register(inbox, AYSE, ISIL)
    inbox.put(
        application("B-1", people=[AYSE, ISIL]), statement(AYSE), statement(ISIL, "hd99-9999-9999-9999")
    )


def _put_three(inbox: Inbox) -> None:
    _put_two(inbox)
    inbox.put(application("D-1", "personnel_addition", [ISIL]), statement(ISIL, "hd55-5555-5555-5555"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The registry that the inbox of `_put_three` gives where nothing is in the way."""
    folder = tmp_path_factory.mktemp("undisturbed")
    database = connect(f"sqlite:///{folder / 'registry.db'}", KEYS)
    inbox = Inbox.at(folder / "inbox", database)
    _put_three(inbox)
    inbox.run()
    registry = _registry(database)
    database.close()
    return registry


def test_a_verified_application_fills_the_registry(two: Inbox) -> None:
    two.run()
    assert _decision(two, "B-1") is Decision.VERIFIED
    first, second = _employments(two)
    assert (first.route, first.basis, first.state) == (
        Route.SERVICE_STATEMENT,
        Basis.APPROVAL,
        RegistryState.ACTIVE,
    )
    assert first.since == date(2026, 8, 3)
    assert f"sha256:{first.evidence}" == statement(AYSE).id
    assert f"sha256:{second.evidence}" == statement(ISIL, "hd99-9999-9999-9999").id
    assert [place.title for place in _person(two, AYSE.national_id).works_at] == [PROVIDER.title]


def test_people_are_registered_before_providers_name_them_whatever_the_order_of_folders(inbox: Inbox) -> None:
    inbox.put(application("A-1"), statement())
    register(inbox, AYSE)
    inbox.run()
    assert _decision(inbox, "A-1") is Decision.VERIFIED


def test_a_flagged_person_makes_the_whole_application_wait(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(
        application("B-1", people=[AYSE, ISIL]), statement(AYSE), statement(ISIL, "hd99-9999-9999-9999")
    )
    inbox.run()
    assert _decision(inbox, "B-1") is Decision.FLAGGED
    assert _codes(inbox, "B-1") == {Code.PERSON_NOT_REGISTERED}
    assert _employments(inbox) == []


def test_an_application_that_did_not_parse_is_flagged_and_stored(inbox: Inbox) -> None:
    inbox.write("A-1", b"not json", b"")
    inbox.run()
    assert _codes(inbox, "A-1") == {Code.APPLICATION_INVALID}


def test_a_second_run_writes_nothing(two: Inbox) -> None:
    two.run()
    before, counts = _registry(two.database), _counts(two.database)
    assert two.run() == []
    assert _registry(two.database) == before
    assert _counts(two.database) == counts


def test_a_judgement_that_is_there_already_is_not_written_again(two: Inbox) -> None:
    two.read_all()
    with two.database.reading() as work:
        waves = unjudged(work, two.name)
    judged = two.judged(waves[0])
    assert len(save_judgements(two.database, judged, POLICY).new) == 2
    counts = _counts(two.database)
    again = save_judgements(two.database, judged, POLICY)
    assert (again.new, len(again.known)) == (frozenset(), 2)
    assert _counts(two.database) == counts


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
    counts = _counts(two.database)
    assert counts[0] == 8 + 7
    two.judge_all()
    assert _counts(two.database) == counts
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
    assert _registry(inbox.database) == undisturbed


def test_the_size_of_chunks_does_not_matter(inbox: Inbox, undisturbed: dict[str, list[Any]]) -> None:
    _put_three(inbox)
    inbox.read_all(chunk=1)
    inbox.judge_all(chunk=1)
    assert _registry(inbox.database) == undisturbed


def test_a_paper_of_an_earlier_application_flags_the_later_one(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1", "personnel_addition", day="2026-11-21"), statement())
    inbox.put(application("A-2", "personnel_addition"), statement())
    inbox.run()
    assert _codes(inbox, "A-1") == {Code.DOCUMENT_REUSED}
    assert _decision(inbox, "A-2") is Decision.VERIFIED


def test_one_night_or_two_make_no_difference(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-2", "personnel_addition"), statement())
    inbox.run()
    inbox.put(application("A-1", "personnel_addition", day="2026-11-21"), statement())
    inbox.run()
    assert _codes(inbox, "A-1") == {Code.DOCUMENT_REUSED}
    assert _decision(inbox, "A-2") is Decision.VERIFIED


def test_a_paper_on_which_somebody_was_verified_is_used_however_early_the_other_says_it_was(
    inbox: Inbox,
) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1", "personnel_addition", day="2026-11-21"), statement())
    inbox.run()
    inbox.put(application("A-2", "personnel_addition"), statement())
    inbox.run()
    assert _codes(inbox, "A-2") == {Code.DOCUMENT_REUSED}


def test_a_paper_with_the_same_barcode_is_the_same_paper(inbox: Inbox) -> None:
    """Case, dashes and spaces do not count; that the bytes differ does not help."""
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement(barcode="hd12-3456-7890-abcd"))
    inbox.put(application("A-2", "personnel_addition"), statement(barcode="HD1234567890ABCD"))
    inbox.run()
    assert _codes(inbox, "A-2") == {Code.DOCUMENT_REUSED}


def test_a_paper_that_an_application_no_longer_has_is_not_reused(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    inbox.put(application("A-1"), statement(barcode="hd55-5555-5555-5555"))
    inbox.put(application("A-2", "personnel_addition"), statement())
    inbox.run()
    assert _decision(inbox, "A-2") is Decision.VERIFIED


def test_certificates_are_no_evidence_that_could_be_reused(inbox: Inbox) -> None:
    """A complete new set of certificates repeats the old ones."""
    register(inbox, AYSE)
    inbox.put(
        application("U-1", "personnel_update", [AYSE]), certificate(AYSE), certificate(AYSE, "yeni.pdf")
    )
    inbox.run()
    assert _decision(inbox, "U-1") is Decision.VERIFIED


def test_who_was_not_registered_and_is_now_is_judged_again(inbox: Inbox) -> None:
    inbox.put(application("A-1"), statement())
    inbox.run()
    assert _codes(inbox, "A-1") == {Code.PERSON_NOT_REGISTERED}
    register(inbox, AYSE)
    inbox.run()
    assert _decision(inbox, "A-1") is Decision.VERIFIED
    assert len(_employments(inbox)) == 1
    with inbox.database.reading() as work:
        assert due_for_rejudging(work, inbox.name) == ()
        assert work.session.scalar(select(func.count(JudgementRow.id))) == 3


def test_a_changed_application_is_judged_anew_and_its_old_judgement_stays(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    inbox.put(application("A-1"), statement(exit_date="2026-10-31"))
    inbox.run()
    assert _codes(inbox, "A-1") == {Code.EMPLOYMENT_ENDED}
    with inbox.database.reading() as work:
        rows = work.session.execute(
            select(JudgementRow.decision, JudgementRow.current)
            .join(ApplicationRow, ApplicationRow.id == JudgementRow.application_key)
            .where(ApplicationRow.application_id == "A-1")
            .order_by(JudgementRow.id)
        ).all()
    assert [tuple(row) for row in rows] == [(Decision.VERIFIED, False), (Decision.FLAGGED, True)]


def test_an_employment_whose_application_is_no_longer_verified_waits_for_an_officer(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    inbox.put(application("A-1"), statement(exit_date="2026-10-31"))
    inbox.run()
    assert [row.state for row in _employments(inbox)] == [RegistryState.UNDER_REVIEW]
    inbox.put(application("A-1"), statement())
    inbox.run()
    assert [row.state for row in _employments(inbox)] == [RegistryState.ACTIVE]
    assert _decision(inbox, "A-1") is Decision.VERIFIED


def test_a_person_whom_the_new_version_does_not_name_waits_for_an_officer(two: Inbox) -> None:
    two.run()
    two.put(application("B-1", people=[AYSE]), statement(AYSE))
    two.run()
    assert [row.state for row in _employments(two)] == [RegistryState.ACTIVE, RegistryState.UNDER_REVIEW]


def test_a_running_employment_is_not_written_twice(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.put(application("A-2", "personnel_addition"), statement(barcode="hd55-5555-5555-5555"))
    inbox.run()
    assert _decision(inbox, "A-2") is Decision.VERIFIED
    (employment,) = _employments(inbox)
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
    (employment,) = _employments(inbox)
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
    assert [row.state for row in _employments(inbox)] == [RegistryState.CLOSED]
    inbox.put(application("A-2", "personnel_addition"), statement(barcode="hd55-5555-5555-5555"))
    inbox.run()
    assert [row.state for row in _employments(inbox)] == [RegistryState.CLOSED, RegistryState.ACTIVE]


def test_the_newest_application_names_the_person_and_the_earliest_registers(inbox: Inbox) -> None:
    renamed = AYSE.model_copy(update={"family_name": "YENİSOYAD"})
    inbox.put(
        application("P-2", "personnel_registration", [renamed], "2026-11-10"), certificate(renamed, "iki.pdf")
    )
    inbox.put(
        application("P-1", "personnel_registration", [AYSE], "2026-11-01"), certificate(AYSE, "bir.pdf")
    )
    inbox.run()
    record = _person(inbox, AYSE.national_id)
    assert record.family_name == "YENİSOYAD"
    assert record.registered_at is not None
    assert record.registered_at.day == 1
    inbox.put(application("P-1", "personnel_registration", [AYSE], "2026-11-02"), certificate(AYSE, "uc.pdf"))
    inbox.run()
    assert _person(inbox, AYSE.national_id).family_name == "YENİSOYAD"


def test_a_personnel_record_whose_application_is_no_longer_verified_waits(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.run()
    name = "P-078"
    inbox.write(name, b"not json", b"")
    inbox.run()
    assert _person(inbox, AYSE.national_id).state is RegistryState.UNDER_REVIEW
    register(inbox, AYSE)
    inbox.run()
    assert _person(inbox, AYSE.national_id).state is RegistryState.ACTIVE


def test_a_judgement_on_facts_that_changed_meanwhile_is_left_out(inbox: Inbox) -> None:
    inbox.put(application("A-1"), statement())
    inbox.read_all()
    with inbox.database.reading() as work:
        ((key,),) = unjudged(work, inbox.name)
    judged = inbox.judged([key])
    inbox.put(application("A-1", day="2026-11-21"), statement())
    discover(inbox.database, inbox.path)
    assert save_judgements(inbox.database, judged, POLICY).stale == {"A-1"}
    assert _decision(inbox, "A-1") is None


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
    assert [row.since for row in _employments(inbox)] == [None]


def test_an_application_that_is_not_stored_is_asked_the_same(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    contents = (
        application("A-2", "personnel_addition", day="2026-11-21"),
        application("A-0", day="2026-11-01"),
        application("A-1"),
    )
    upload = Upload("evidence.zip", "0" * 64, 1, documents=(statement(),))
    with inbox.database.reading() as work:
        found = [
            papers_of_others(work, Application.model_validate_json(json.dumps(c)), [upload]) for c in contents
        ]
    assert found == [{statement().id: ("A-1",)}, {statement().id: ("A-1",)}, {}]
