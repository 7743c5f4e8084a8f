from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.figures import RUNNING, figures
from storage.inbox import discover
from storage.models import ApplicationState, RunEnd
from tests.storage.samples import Inbox, application, statement
from tests.storage.test_nights import FIRST, enter
from validators.finding import Decision


def test_an_empty_registry_has_figures_too(database: Database) -> None:
    found = database.read(figures)
    assert found.applications == dict.fromkeys(ApplicationState, 0)
    assert found.decisions == dict.fromkeys(Decision, 0)
    assert (found.oldest_waiting, found.last_start, found.last) == (None, None, None)
    assert (found.runs, found.last_reasons) == ({}, {})


def test_applications_are_counted_by_state_and_by_their_current_decision(inbox: Inbox) -> None:
    inbox.put(application("A-0"), statement())
    inbox.run()
    inbox.put(application("A-0", day="2026-11-21"), statement())
    inbox.run()
    inbox.put(application("A-1", day="2026-11-03"), statement())
    discover(inbox.database, inbox.source)
    found = inbox.database.read(figures)
    assert found.applications[ApplicationState.JUDGED] == 1
    assert found.applications[ApplicationState.PENDING] == 1
    assert sum(found.decisions.values()) == 1, "an application has one current decision"
    assert found.oldest_waiting == datetime(2026, 11, 3, 11, 5, tzinfo=UTC)


def test_the_last_run_is_the_newest_that_ended_in_good_order(database: Database) -> None:
    enter(database, "old", 0)
    enter(database, "last", 1, ended=RunEnd.DEADLINE, reasons={"NO_LINK": 2})
    enter(database, "killed", 2, ended=RunEnd.INTERRUPTED, finished_at=None)
    enter(database, "running", 3, ended=None, finished_at=None)
    found = database.read(figures)
    assert found.last is not None
    assert (found.last.run, found.last_reasons) == ("last", {"NO_LINK": 2})
    assert found.last_start == FIRST + timedelta(days=3)
    assert found.runs == {"finished": 1, "deadline": 1, "interrupted": 1, RUNNING: 1}
