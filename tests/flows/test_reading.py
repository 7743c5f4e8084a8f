"""How much a batch reads and when: its hour, its limit, what failed, what is left for the next one, a database away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from flows import batch as steps
from flows import judging, reading, verification
from flows.batch import Batch
from flows.bounds import Bounds
from flows.progress import LogProgress
from flows.summary import Summary
from storage import queue
from storage.columns import now
from storage.models import Run, RunEnd
from storage.queue import PAUSES, claim
from storage.queued import queued, retry_all
from storage.runs import start_run
from storage.settings import Settings, load_settings
from tests.flows.helpers import dump
from tests.flows.test_batch import opened, registrations, run, run_steps
from tests.papers.inbox import write_sample_inbox
from tests.postgres import PostgresCluster, postgres_cluster
from validators.policy import load_policy


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return settings with an empty registry: the test runs on SQLite and on PostgreSQL."""
    return load_settings(database_url=database_url, home=tmp_path / "home", workers=2)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Return an inbox of six applications without papers."""
    registrations(tmp_path / "inbox", 6)
    return tmp_path / "inbox"


def run_within(bounds: Bounds, inbox: Path, settings: Settings) -> Summary:
    """Run a whole batch with bounds."""
    with steps.open_batch(inbox, settings, load_policy(), LogProgress(), bounds) as batch:
        return run_steps(batch)


def runs(settings: Settings) -> list[Run]:
    """Return the registry's runs, the oldest first."""
    with opened(settings) as database:
        return list(
            database.read(lambda work: work.session.scalars(select(Run).order_by(Run.started_at)).all())
        )


def fail_for(monkeypatch: pytest.MonkeyPatch, *names: str) -> list[str]:
    """Let the reading of these applications fail; return the list of their readings, as it grows."""
    attempts: list[str] = []
    read = verification.read_application

    def failing(folder: Path, *arguments: Any, **named: Any) -> verification.Reading:
        if folder.name in names:
            attempts.append(folder.name)
            raise RuntimeError("a fault of ours")
        return read(folder, *arguments, **named)

    monkeypatch.setattr(reading, "read_application", failing)
    return attempts


def test_a_limit_leaves_the_rest_to_the_next_batch_in_order(inbox: Path, settings: Settings) -> None:
    ids = sorted(folder.name for folder in inbox.iterdir())
    first = run_within(Bounds(limit=4), inbox, settings)
    assert (first.counts.verified, first.counts.waiting, first.counts.unchanged) == (4, 2, 0)
    assert first.as_json()["waiting"] == 2
    with opened(settings) as database:
        assert [row.application_id for row in database.read(queued)] == ids[4:]
    second = run(inbox, settings)
    assert (second.counts.verified, second.counts.unchanged) == (2, 4)
    assert "waiting" not in second.as_json()
    assert [each.ended for each in runs(settings)] == [RunEnd.DEADLINE, RunEnd.FINISHED]
    assert [each.waiting for each in runs(settings)] == [2, 0]


def test_after_the_hour_what_was_read_is_judged_and_the_rest_waits(
    inbox: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = Bounds(until=now() + timedelta(hours=1))
    read = verification.read_application

    def strike(folder: Path, *arguments: Any, **named: Any) -> verification.Reading:
        bounds.until = now()
        return read(folder, *arguments, **named)

    monkeypatch.setattr(reading, "read_application", strike)
    first = run_within(bounds, inbox, settings)
    assert (first.counts.verified, first.counts.waiting) == (1, 5)
    assert runs(settings)[0].ended is RunEnd.DEADLINE
    monkeypatch.undo()
    monkeypatch.setenv("KANIT_WORKERS", "2")
    assert run(inbox, settings).counts.verified == 5


def test_a_batch_whose_hour_has_passed_reads_nothing_and_ends(inbox: Path, settings: Settings) -> None:
    assert run_within(Bounds(until=now()), inbox, settings).counts.waiting == 6


def test_what_failed_and_may_be_tried_again_soon_is_waited_for(
    inbox: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two failures it rests for an hour: so long no batch waits, and the application counts as failed."""
    monkeypatch.setattr(queue, "PAUSES", (timedelta(0), timedelta(seconds=0.5), timedelta(hours=1)))
    monkeypatch.setattr(reading, "POLL_SECONDS", 0.1)
    (name, *_) = sorted(folder.name for folder in inbox.iterdir())
    attempts = fail_for(monkeypatch, name)
    summary = run(inbox, settings)
    assert len(attempts) == 3
    assert (summary.counts.verified, summary.counts.failed, summary.counts.waiting) == (5, 1, 0)
    assert summary.tally.failures == {name: reading.INTERNAL_ERROR}
    again = run(inbox, settings)
    assert (again.counts.unchanged, again.counts.failed) == (5, 1)
    assert len(attempts) == 3, "it rests"


def test_a_poisoned_inbox_is_parked_and_can_be_tried_afresh(
    inbox: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAUSES", (timedelta(0),) * len(PAUSES))
    with monkeypatch.context() as poisoned:
        fail_for(poisoned, *(folder.name for folder in inbox.iterdir()))
        assert run(inbox, settings).counts.failed == 6
    assert run(inbox, settings).counts.failed == 6, "what is parked is not tried again"
    with opened(settings) as database:
        assert len(retry_all(database)) == 6
    assert run(inbox, settings).counts.verified == 6


def test_the_pauses_of_the_day_are_worth_waiting_for_twice() -> None:
    assert [pause <= reading.WORTH_WAITING for pause in PAUSES] == [True, True, False]


@contextmanager
def sliced(inbox: Path, settings: Settings, bounds: Bounds | None = None) -> Iterator[Batch]:
    """Open a slice as another host does, with a home of its own."""
    with steps.open_slice(inbox, settings, load_policy(), LogProgress(), bounds) as batch:
        yield batch


def read_slice(batch: Batch) -> int:
    """Read what is free and return how many readings were begun."""
    begun = 0
    while plan := reading.plan_slice(batch):
        begun += reading.read_chunk(batch, plan.size)
    return begun


def test_a_slice_reads_and_the_batch_that_offered_it_judges(
    small_inbox: Path, settings: Settings, tmp_path: Path
) -> None:
    alone = load_settings(home=tmp_path / "alone")
    expected = run(small_inbox, alone)
    with steps.open_batch(small_inbox, settings, load_policy(), LogProgress()) as batch:
        steps.discover_applications(batch)
        with sliced(small_inbox, settings) as helper:
            assert read_slice(helper) == expected.counts.applications
            assert read_slice(helper) == 0
        summary = run_steps(batch)
    assert summary.counts == expected.counts
    assert summary.tally.sources == expected.tally.sources
    with opened(settings) as shared, opened(alone) as single:
        assert dump(shared, small_inbox) == dump(single, small_inbox)
    assert len(runs(settings)) == 1, "a slice is a part of a run"


def test_a_slice_ends_at_the_hour_and_waits_for_nobody(inbox: Path, settings: Settings) -> None:
    with steps.open_batch(inbox, settings, load_policy(), LogProgress()) as batch:
        steps.discover_applications(batch)
        with sliced(inbox, settings, Bounds(until=now())) as late:
            assert read_slice(late) == 0
        claim(batch.database, batch.name, "somebody", 6)
        with sliced(inbox, settings) as helper:
            assert read_slice(helper) == 0


def test_a_claim_whose_answer_was_lost_is_given_back(inbox: Path, settings: Settings) -> None:
    with steps.open_batch(inbox, settings, load_policy(), LogProgress()) as batch:
        steps.discover_applications(batch)
        claim(batch.database, batch.name, batch.owner, 6)
        assert reading.plan_reading(batch) is not None


def test_a_batch_that_fails_or_is_stopped_says_so(inbox: Path, settings: Settings) -> None:
    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error), steps.open_batch(inbox, settings, load_policy(), LogProgress()):
            raise error
    assert [each.ended for each in runs(settings)] == [RunEnd.FAILED, RunEnd.INTERRUPTED]


def test_whoever_starts_next_marks_the_batch_that_was_killed(inbox: Path, settings: Settings) -> None:
    """Its lock is free and its run has no end: the owner died without a word."""
    with opened(settings) as database:
        start_run(database, "/inbox", "kilavuz", "killed")
    folder = settings.home / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "killed").touch()
    run(inbox, settings)
    assert [each.ended for each in runs(settings)] == [RunEnd.INTERRUPTED, RunEnd.FINISHED]


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """Run a PostgreSQL that tests may stop."""
    with postgres_cluster() as running:
        yield running


def stop_in(
    phase: str, cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch, *, back: bool = True
) -> threading.Event:
    """Stop the server, and start it again after a second, when a batch first does what the phase names."""
    module, name = {
        "reading": (reading, "read_application"),
        "storing": (reading, "store_readings"),
        "judging": (judging, "save_judgements"),
    }[phase]
    function, stopped, lock = getattr(module, name), threading.Event(), threading.Lock()

    def away(*arguments: Any, **named: Any) -> Any:
        with lock:
            if not stopped.is_set():
                stopped.set()
                cluster.stop()
                if back:
                    threading.Timer(1.0, cluster.start).start()
        return function(*arguments, **named)

    monkeypatch.setattr(module, name, away)
    return stopped


@pytest.mark.postgres
@pytest.mark.parametrize("phase", ["reading", "storing", "judging"])
def test_a_batch_goes_on_when_the_database_is_back(
    phase: str, cluster: PostgresCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 4, only=["statement", "declaration", "no_link"])
    undisturbed = load_settings(home=tmp_path / "undisturbed")
    expected = run(inbox, undisturbed)
    with cluster.server.database() as url:
        settings = load_settings(database_url=url, home=tmp_path / "home", workers=2)
        stopped = stop_in(phase, cluster, monkeypatch)
        summary = run(inbox, settings)
        assert stopped.is_set()
        assert summary.counts == expected.counts
        with opened(settings) as disturbed, opened(undisturbed) as quiet:
            assert dump(disturbed, inbox) == dump(quiet, inbox)
            assert disturbed.read(queued) == ()
        assert runs(settings)[0].ended is RunEnd.FINISHED


@pytest.mark.postgres
def test_a_database_that_stays_away_ends_the_batch_and_the_next_one_does_the_rest(
    cluster: PostgresCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    ids = registrations(inbox, 3)
    monkeypatch.setattr(steps, "PATIENCE", timedelta(seconds=1))
    with cluster.server.database() as url:
        settings = load_settings(database_url=url, home=tmp_path / "home", workers=2)
        with monkeypatch.context() as patch:
            stop_in("storing", cluster, patch, back=False)
            try:
                with pytest.raises(OperationalError):
                    run(inbox, settings)
            finally:
                cluster.start()
        assert run(inbox, settings).counts.verified == len(ids)
        assert [each.ended for each in runs(settings)] == [RunEnd.INTERRUPTED, RunEnd.FINISHED]
