from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.models import Run, RunEnd
from storage.queue import LEASE
from storage.runs import (
    Counts,
    Outcome,
    Sources,
    break_run,
    finish_run,
    finished_flow_runs,
    hear_from,
    interrupt_lost,
    interrupted_lately,
    lost_flow_runs,
    name_flow_run,
    pipeline_version,
    start_run,
    unknown_flow_runs,
)

COUNTS = Counts(applications=6, verified=2, flagged=1, unchanged=1, failed=1, waiting=1)
SOURCES = Sources(decoders={"zxing": 3, "zbar+blur": 1}, texts={"embedded": 3, "ocr": 1})
OUTCOME = Outcome(COUNTS, SOURCES, {"NO_LINK": 1}, RunEnd.DEADLINE)


def _started(database: Database, owner: str = "owner") -> str:
    return start_run(database, "/inbox", "kilavuz-v3", owner)


def _rows(database: Database) -> dict[str, Run]:
    return database.read(lambda work: {row.id: row for row in work.session.scalars(select(Run))})


def test_a_run_is_entered_when_it_begins_and_again_when_it_ends(database: Database) -> None:
    killed, finished = _started(database), _started(database)
    finish_run(database, finished, OUTCOME)
    rows = _rows(database)
    assert rows[killed].finished_at is None
    row = rows[finished]
    assert row.finished_at is not None
    assert row.started_at <= row.finished_at
    assert row.sources is not None
    assert Sources(**row.sources) == SOURCES
    assert Counts(*(getattr(row, name) for name in Counts.__slots__)) == COUNTS
    assert (row.inbox, row.policy, row.pipeline_version) == ("/inbox", "kilavuz-v3", pipeline_version())
    assert (row.ended, row.reasons, row.owner) == (RunEnd.DEADLINE, {"NO_LINK": 1}, "owner")


def test_a_run_whose_owner_died_is_interrupted_at_once(database: Database) -> None:
    lost, alive, finished = _started(database, "dead"), _started(database), _started(database, "dead")
    finish_run(database, finished, OUTCOME)
    interrupt_lost(database, ["dead"])
    ends = {key: row.ended for key, row in _rows(database).items()}
    assert ends == {lost: RunEnd.INTERRUPTED, alive: None, finished: RunEnd.DEADLINE}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock of the runs: its last entry is the present."""
    moments = [now()]
    monkeypatch.setattr("storage.runs.now", lambda: moments[-1])
    return moments


def test_a_run_that_was_not_heard_from_for_a_lease_is_interrupted(
    database: Database, at: list[datetime]
) -> None:
    silent, heard = _started(database, "silent"), _started(database, "heard")
    at.append(at[0] + LEASE)
    hear_from(database, "heard")
    interrupt_lost(database)
    assert _rows(database)[silent].ended is None, "a lease is the time that it may be silent"
    at.append(at[-1] + timedelta(seconds=1))
    interrupt_lost(database)
    assert {key: row.ended for key, row in _rows(database).items()} == {
        silent: RunEnd.INTERRUPTED,
        heard: None,
    }


def test_a_run_that_was_given_up_too_early_finishes_all_the_same(database: Database) -> None:
    run = _started(database)
    interrupt_lost(database, ["owner"])
    finish_run(database, run, OUTCOME)
    assert _rows(database)[run].ended is RunEnd.DEADLINE


def test_a_run_that_ended_is_not_broken_afterwards(database: Database) -> None:
    failed, finished = _started(database), _started(database)
    break_run(database, failed, RunEnd.FAILED)
    finish_run(database, finished, OUTCOME)
    break_run(database, finished, RunEnd.FAILED)
    assert {key: row.ended for key, row in _rows(database).items()} == {
        failed: RunEnd.FAILED,
        finished: RunEnd.DEADLINE,
    }


def test_only_flow_runs_of_lost_batches_are_lost(database: Database) -> None:
    flow_runs = {_started(database, owner): f"flow-{owner}" for owner in ("dead", "alive", "done")}
    for run, flow_run in flow_runs.items():
        name_flow_run(database, run, flow_run)
    finish_run(database, next(run for run, name in flow_runs.items() if name == "flow-done"), OUTCOME)
    interrupt_lost(database, ["dead"])
    assert lost_flow_runs(database, [*flow_runs.values(), "somebody-else-s"]) == {"flow-dead"}


def test_flow_runs_of_batches_that_ended_well_are_finished_after_a_lease(
    database: Database, at: list[datetime]
) -> None:
    for owner in ("done", "alive"):
        name_flow_run(database, _started(database, owner), f"flow-{owner}")
    done = next(key for key, row in _rows(database).items() if row.owner == "done")
    finish_run(database, done, OUTCOME)
    asked = ["flow-done", "flow-alive", "somebody-else-s"]
    at.append(at[0] + LEASE)
    assert finished_flow_runs(database, asked) == set(), "it may be about to say so"
    at.append(at[-1] + timedelta(seconds=1))
    assert finished_flow_runs(database, asked) == {"flow-done"}
    assert unknown_flow_runs(database, asked) == {"somebody-else-s"}


def test_a_start_whose_answer_was_lost_is_entered_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends after the commit: the batch does not know and enters the same run again."""
    transact = database.transact

    def twice(function: Callable[[UnitOfWork], object]) -> object:
        transact(function)
        return transact(function)

    monkeypatch.setattr(database, "transact", twice)
    run = _started(database)
    assert list(_rows(database)) == [run]


def test_killed_runs_in_a_row_are_counted_since_the_last_one_in_good_order(database: Database) -> None:
    since = now() - timedelta(hours=1)
    for owner in ("first", "second"):
        _started(database, owner)
    interrupt_lost(database, ["first", "second"])
    assert interrupted_lately(database, "/inbox", since) == 2
    assert interrupted_lately(database, "/other", since) == 0
    assert interrupted_lately(database, "/inbox", now() + timedelta(hours=1)) == 0
    finish_run(database, _started(database), OUTCOME)
    assert interrupted_lately(database, "/inbox", since) == 0
    _started(database, "third")
    interrupt_lost(database, ["third"])
    assert interrupted_lately(database, "/inbox", since) == 1
