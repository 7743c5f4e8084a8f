"""`kanit queue` and `kanit queue retry`, in both languages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.clamd import ScanLimit, ScannerUnavailable
from flows.errors import Exit
from flows.texts import Language, catalogue
from storage.database import Database, open_database
from storage.inbox import discover
from storage.queue import FOLDER_CHANGED, MAX_ATTEMPTS, OWNER_DIED, PAUSES, claim, record_failures, release
from storage.settings import load_settings
from tests.flows.helpers import command
from tests.storage.samples import OWNER, Inbox, application, statement


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """Open the registry that the commands use by default."""
    database = open_database(load_settings(home=home))
    yield database
    database.close()


@pytest.fixture
def inbox(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    """Return an inbox with a parked application (A-0), a resting one (A-1) and one that waits (A-2)."""
    inbox = Inbox.at(tmp_path / "inbox", database)
    for number in range(3):
        inbox.put(application(f"A-{number}", day=f"2026-11-0{number + 1}"), statement())
    discover(database, inbox.source)
    with monkeypatch.context() as impatient:
        impatient.setattr("storage.queue.PAUSES", (timedelta(0),) * len(PAUSES))
        for _ in range(MAX_ATTEMPTS):
            _fail(inbox, "A-0", "INTERNAL_ERROR")
    _fail(inbox, "A-1", FOLDER_CHANGED)
    return inbox


def _fail(inbox: Inbox, application_id: str, code: str) -> None:
    claim(inbox.database, inbox.name, OWNER, 50)
    record_failures(inbox.database, OWNER, {application_id: code})
    release(inbox.database, OWNER)


def test_an_empty_queue_says_so(database: Database, capsys: Any) -> None:
    printed = command(capsys, "queue", "--lang", "en")
    assert (printed.code, printed.out) == (Exit.OK, "Nothing waits to be read.\n")


def test_the_queue_is_listed_for_people_with_reasons_and_ages(inbox: Inbox, capsys: Any) -> None:
    turkish, english = command(capsys, "queue"), command(capsys, "queue", "--lang", "en")
    assert turkish.code == english.code == Exit.FLAGGED, "one is parked"
    lines = english.out.splitlines()
    assert lines[0] == "Waiting: 1"
    assert lines[2] == "To be tried again after a failure: 1"
    assert "the folder changed while it was read (FOLDER_CHANGED)" in lines[3]
    assert lines[4] == "Parked, not tried again: 1"
    assert lines[5].startswith("  A-0  since 2026-11-01 14:05 (")
    assert "Bir kenara ayrılan, yeniden denenmeyecek: 1" in turkish.out
    assert "01.11.2026 14:05 tarihinden beri" in turkish.out


def test_the_queue_as_json_is_one_object_an_application(inbox: Inbox, capsys: Any) -> None:
    parked, resting, waiting = command(capsys, "queue", "--json").lines
    assert parked | {"age_days": 0} == {
        "application_id": "A-0",
        "inbox": inbox.name,
        "state": "parked",
        "reason": "INTERNAL_ERROR",
        "failures": MAX_ATTEMPTS,
        "since": "2026-11-01T11:05:00+00:00",
        "age_days": 0,
        "not_before": parked["not_before"],
    }
    assert (resting["state"], waiting["state"]) == ("resting", "waiting")
    assert waiting["reason"] is None
    assert parked["age_days"] >= waiting["age_days"]


def test_long_lists_are_cut_for_people_only(inbox: Inbox, capsys: Any) -> None:
    for number in range(10, 50):
        inbox.put(application(f"A-{number}"), statement())
    discover(inbox.database, inbox.source)
    assert "and more applications: 21" in command(capsys, "queue", "--lang", "en").out
    assert len(command(capsys, "queue", "--json").lines) == 43


def test_named_applications_are_tried_afresh(inbox: Inbox, capsys: Any) -> None:
    printed = command(capsys, "queue", "retry", "A-0", "A-1", "--json")
    assert (printed.code, printed.lines) == (Exit.OK, [{"retried": ["A-0", "A-1"]}])
    listed = command(capsys, "queue", "--json")
    assert listed.code == Exit.OK
    assert {row["state"] for row in listed.lines} == {"waiting"}


def test_all_parked_ones_are_tried_afresh(inbox: Inbox, capsys: Any) -> None:
    assert "1" in command(capsys, "queue", "retry", "--all-parked").out
    assert [row["state"] for row in command(capsys, "queue", "--json").lines] == [
        "waiting",
        "resting",
        "waiting",
    ]


@pytest.mark.parametrize("named", ["A-2", "A-9"])
def test_what_is_not_stuck_is_refused_and_nothing_is_changed(named: str, inbox: Inbox, capsys: Any) -> None:
    printed = command(capsys, "queue", "retry", "A-0", named)
    assert printed.code == Exit.USAGE
    assert named in printed.err
    assert command(capsys, "queue").code == Exit.FLAGGED, "A-0 is still parked"


@pytest.mark.parametrize("arguments", [[], ["A-0", "--all-parked"]])
def test_a_retry_of_nothing_or_of_two_things_is_refused(
    arguments: list[str], inbox: Inbox, capsys: Any
) -> None:
    assert command(capsys, "queue", "retry", *arguments).code == Exit.USAGE
    assert command(capsys, "queue").code == Exit.FLAGGED


@pytest.mark.parametrize("language", Language)
def test_every_reason_has_a_sentence(language: Language) -> None:
    reasons = {
        "INTERNAL_ERROR",
        "INPUT_OUTPUT_ERROR",
        "APPLICATION_TOO_LARGE",
        *(error.code for error in (ScannerUnavailable, ScanLimit)),
        FOLDER_CHANGED,
        OWNER_DIED,
    }
    sentences = {key for key in catalogue(language) if key.startswith("queue.reason.")}
    assert sentences == {f"queue.reason.{reason}" for reason in reasons}
