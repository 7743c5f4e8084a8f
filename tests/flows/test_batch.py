"""The nightly batch without Prefect: what it enters, what it does twice (nothing), what cannot stop it."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from flows import batch as steps
from flows import judging, reading, rejudging, verification
from flows.batch import Batch
from flows.commands.batch import print_summary
from flows.console import console
from flows.night_report import report
from flows.progress import LogProgress
from flows.summary import Summary
from flows.tally import Tally
from flows.texts import Language, say
from flows.verification import Reading
from storage import queue
from storage.database import Database, open_database
from storage.findings import current_judgement
from storage.nights import look_back
from storage.queue import FOLDER_CHANGED, MAX_ATTEMPTS, PAUSES
from storage.runs import Counts
from storage.settings import Settings, load_settings
from tests.flows.helpers import check_report, codes, dump
from tests.papers import builders
from tests.papers.applications import registration
from tests.papers.identities import people
from tests.papers.inbox import write_application, write_sample_inbox
from validators.policy import load_policy
from validators.report import to_report


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return settings with an empty registry: the test runs on SQLite and on PostgreSQL."""
    return load_settings(database_url=database_url, home=tmp_path / "home", workers=2)


def run(inbox: str | Path, settings: Settings) -> Summary:
    """Run a whole batch in this thread."""
    with steps.open_batch(inbox, settings, load_policy(), LogProgress()) as batch:
        return run_steps(batch)


def run_steps(batch: Batch) -> Summary:
    """Run the steps of the nightly flow in their order."""
    steps.discover_applications(batch)
    while plan := reading.plan_reading(batch):
        for _ in range(plan.chunks):
            reading.read_chunk(batch, plan.size)
    for chunk in judging.chunks_to_judge(batch):
        judging.judge_chunk(batch, chunk)
    return steps.finish(batch)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Open the registry."""
    database = open_database(settings)
    yield database
    database.close()


def test_a_dozen_applications_twice(small_inbox: Path, settings: Settings, tmp_path: Path) -> None:
    expected = write_sample_inbox(tmp_path / "again", 12)
    first = run(small_inbox, settings)
    with opened(settings) as database:
        registry = dump(database, small_inbox)
    flagged = {each.application_id for each in expected if each.decision == "flagged"}
    assert first.as_json() | {"run": "", "seconds": 0} == {
        "run": "",
        "applications": len(expected),
        "verified": len(expected) - len(flagged),
        "flagged": len(flagged),
        "unchanged": 0,
        "failed": 0,
        "seconds": 0,
    }
    for each in expected:
        report = registry["reports"][each.application_id]
        check_report(report)
        assert report["decision"] == each.decision
        assert each.codes <= codes(report)
    second = run(small_inbox, settings)
    assert second.counts.unchanged == len(expected)
    assert (second.counts.verified, second.counts.flagged) == (0, 0)
    with opened(settings) as database:
        assert dump(database, small_inbox) == registry


def test_a_changed_application_is_done_again_and_only_that_one(settings: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 2, only=["statement", "declaration"])
    run(inbox, settings)
    (inbox / "TS-2026-000001" / "evidence.zip").write_bytes(b"no archive any more")
    summary = run(inbox, settings)
    assert (summary.counts.verified, summary.counts.flagged, summary.counts.unchanged) == (0, 1, 3)
    assert {code.value for code, _ in summary.tally.by_reason()} == {"ARCHIVE_NOT_ZIP", "PERSON_NO_EVIDENCE"}


def test_what_is_not_ready_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 1, only=["statement"], registrations=False)
    (inbox / "TS-2026-000001").rename(inbox / ".TS-2026-000001")
    (inbox / "notes.txt").write_text("no application", "utf-8")
    assert run(inbox, settings).counts.applications == 0


def registrations(inbox: Path, count: int) -> list[str]:
    """Write applications of m.4, which have no papers, and return their ids."""
    ids = [f"TP-2026-{number:06d}" for number in range(1, count + 1)]
    for application_id, person in zip(ids, people(Random(7), count), strict=True):
        write_application(inbox, registration(application_id, person, builders.NOW)[0])
    return ids


@pytest.mark.slow
def test_one_unreadable_application_among_a_hundred(settings: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    ids = registrations(inbox, 100)
    (inbox / ids[41] / "application.json").write_bytes(b"\x00 not JSON at all")
    summary = run(inbox, settings)
    assert (summary.counts.verified, summary.counts.flagged, summary.counts.failed) == (99, 1, 0)
    with opened(settings) as database, database.reading() as work:
        judgement = current_judgement(work, ids[41])
    assert judgement is not None
    assert codes(to_report(judgement)) == {"APPLICATION_INVALID"}


def test_a_folder_that_is_not_named_by_its_application_is_flagged(settings: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (name,) = registrations(inbox, 1)
    (inbox / name).rename(inbox / "TP-other")
    summary = run(inbox, settings)
    assert [(code.value, ids) for code, ids in summary.tally.by_reason()] == [
        ("APPLICATION_INVALID", ["TP-other"])
    ]


def test_a_fault_of_ours_parks_one_application_and_stops_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    ids = registrations(inbox, 5)
    attempts = []
    read = verification.read_application

    def fails_for_one(folder: Path, *arguments: Any, **named: Any) -> Reading:
        if folder.name == ids[2]:
            attempts.append(folder.name)
            raise RuntimeError("a fault of ours")
        return read(folder, *arguments, **named)

    monkeypatch.setattr(reading, "read_application", fails_for_one)
    monkeypatch.setattr(queue, "PAUSES", (timedelta(0),) * len(PAUSES))
    summary = run(inbox, settings)
    assert (summary.counts.verified, summary.counts.failed) == (4, 1)
    assert summary.tally.failures == {ids[2]: reading.INTERNAL_ERROR}
    assert len(attempts) == MAX_ATTEMPTS
    again = run(inbox, settings)
    assert (again.counts.unchanged, again.counts.failed) == (4, 1)
    assert len(attempts) == MAX_ATTEMPTS, "a parked application is not tried again"


def test_a_rule_that_fails_leaves_one_application_unjudged_until_it_is_mended(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    ids = registrations(inbox, 3)
    judge = verification.judge_reading

    def fails_for_one(reading: Reading, *arguments: Any) -> Any:
        if reading.application_id == ids[0]:
            raise RuntimeError("a fault of ours")
        return judge(reading, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(rejudging, "judge_reading", fails_for_one)
        summary = run(inbox, settings)
    assert (summary.counts.verified, summary.counts.failed) == (2, 1)
    assert summary.tally.unjudged == {ids[0]: reading.INTERNAL_ERROR}
    mended = run(inbox, settings)
    assert (mended.counts.verified, mended.counts.unchanged, mended.counts.failed) == (1, 2, 0)


def test_a_folder_that_changes_while_it_is_read_is_not_entered(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    (name,) = registrations(inbox, 1)
    read = verification.read_application

    def changes(folder: Path, *arguments: Any, **named: Any) -> Reading:
        done = read(folder, *arguments, **named)
        (folder / "late.zip").write_bytes(b"late")
        return done

    monkeypatch.setattr(reading, "read_application", changes)
    summary = run(inbox, settings)
    assert summary.tally.failures == {name: FOLDER_CHANGED}
    monkeypatch.undo()
    monkeypatch.setenv("KANIT_WORKERS", "2")
    assert run(inbox, settings).counts.verified == 1


def test_two_batches_share_an_inbox(small_inbox: Path, settings: Settings) -> None:
    summaries: list[Summary] = []
    batches = [
        threading.Thread(target=lambda: summaries.append(run(small_inbox, settings))) for _ in range(2)
    ]
    for each in batches:
        each.start()
    for each in batches:
        each.join()
    with opened(settings) as database:
        shared = dump(database, small_inbox)
    assert len(summaries) == 2
    assert all(report is not None for report in shared["reports"].values())
    assert run(small_inbox, settings).counts.unchanged == len(shared["reports"])


def test_the_uploads_are_kept_sealed(settings: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 1, only=["statement"])
    run(inbox, settings)
    upload = (inbox / "TS-2026-000001" / "evidence.zip").read_bytes()
    kept = [path.read_bytes() for path in Path(settings.evidence_url).rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert upload not in kept[0]


@pytest.mark.parametrize(("applications", "size"), [(1, 1), (8, 1), (30, 4), (1000, 100)])
def test_few_applications_make_small_chunks(applications: int, size: int, tmp_path: Path) -> None:
    assert reading.chunk_size(load_settings(workers=2, home=tmp_path), applications) == size


def test_the_report_of_a_night_holds_ids_and_no_numbers_of_people(small_inbox: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    summary = run(small_inbox, settings)
    with opened(settings) as database:
        numbers = [number for number, *_ in dump(database, small_inbox)["people"]]
        told = report(summary, database.read(lambda work: look_back(work, summary.run)))
    assert [name for _, names in summary.tally.by_reason() for name in names if name in told]
    assert numbers
    assert not [number for number in numbers if number in told]


@pytest.mark.parametrize("language", Language)
def test_the_printed_summary_tells_what_the_papers_were_read_by(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally(decoders=Counter({"zbar+blur": 2, "zxing": 40}), texts=Counter(embedded=39, ocr=3))
    print_summary(console(), language, Summary("run", Counts(42, 42, 0, 0, 0), 1.0, tally))
    printed = capsys.readouterr().out
    assert say("batch.text.ocr", language) in printed
    assert printed.index("40  zxing") < printed.index("2  zbar+blur")
