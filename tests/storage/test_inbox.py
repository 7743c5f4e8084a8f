import os
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.folders import LocalInbox, fingerprint
from storage.inbox import Discovery, discover
from storage.models import ApplicationRow, ApplicationState
from storage.queue import claim, states, store_readings
from tests.storage.samples import OWNER, Inbox, application, statement


def _state(inbox: Inbox, application_id: str) -> ApplicationState | None:
    with inbox.database.reading() as work:
        return work.session.scalar(
            select(ApplicationRow.state).where(ApplicationRow.application_id == application_id)
        )


def test_every_folder_is_found_once(inbox: Inbox) -> None:
    for number in range(3):
        inbox.put(application(f"A-{number}"))
    assert discover(inbox.database, inbox.source) == Discovery(found=3, new=3, changed=0, unchanged=0)
    assert discover(inbox.database, inbox.source) == Discovery(found=3, new=0, changed=0, unchanged=3)


def test_more_folders_than_one_transaction_takes(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.inbox.CHUNK", 2)
    for number in range(5):
        inbox.put(application(f"A-{number}"))
    assert discover(inbox.database, inbox.source).new == 5
    assert discover(inbox.database, inbox.source).unchanged == 5


def test_folders_that_are_not_ready_and_files_are_left_out(inbox: Inbox) -> None:
    (inbox.path / ".A-1").mkdir()
    (inbox.path / "A-2.zip").write_text("x")
    inbox.put(application("A-3"))
    assert [folder.name for folder in inbox.source.folders()] == ["A-3"]


def test_a_changed_folder_is_pending_again(inbox: Inbox) -> None:
    name = inbox.put(application("A-1"), statement())
    inbox.read_all()
    assert _state(inbox, name) is ApplicationState.READ
    inbox.put(application("A-1", day="2026-11-21"), statement())
    assert discover(inbox.database, inbox.source) == Discovery(found=1, new=0, changed=1, unchanged=0)
    assert _state(inbox, name) is ApplicationState.PENDING


def test_an_added_file_is_a_change(inbox: Inbox) -> None:
    name = inbox.put(application("A-1"))
    before = fingerprint(inbox.path / name)
    (inbox.path / name / "more.zip").write_bytes(b"")
    assert fingerprint(inbox.path / name) != before


def test_the_fingerprint_goes_by_names_and_bytes(tmp_path: Path) -> None:
    """Neither the order of writing nor times count, and bytes do not wander from one file to the next."""
    contents = {
        "one": {"a": b"12", "b": b"3"},
        "two": {"b": b"3", "a": b"12"},
        "three": {"a": b"1", "b": b"23"},
    }
    for folder, files in contents.items():
        (tmp_path / folder).mkdir()
        for name, data in files.items():
            (tmp_path / folder / name).write_bytes(data)
    one, two, three = (fingerprint(tmp_path / folder) for folder in contents)
    assert one == two
    assert one != three


def test_touched_files_are_no_change_and_are_not_read_twice(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = inbox.put(application("A-1"), statement())
    inbox.read_all()
    os.utime(inbox.path / name / "evidence.zip", ns=(1, 1))
    assert discover(inbox.database, inbox.source).unchanged == 1
    monkeypatch.setattr("storage.folders.fingerprint", lambda _: pytest.fail("read although nothing changed"))
    assert discover(inbox.database, inbox.source).unchanged == 1
    assert _state(inbox, name) is ApplicationState.READ


def test_a_folder_that_changes_while_it_is_read_is_read_again(inbox: Inbox) -> None:
    inbox.put(application("A-1"), statement())
    discover(inbox.database, inbox.source)
    (claimed,) = claim(inbox.database, inbox.name, OWNER, 1)
    reading = inbox.read(claimed)
    inbox.put(application("A-1", day="2026-11-21"), statement())
    discover(inbox.database, inbox.source)
    assert store_readings(inbox.database, OWNER, [reading]) == frozenset()
    assert _state(inbox, "A-1") is ApplicationState.PENDING


def test_an_inbox_that_moved_is_the_same_work(inbox: Inbox) -> None:
    inbox.put(application("A-1"), statement())
    inbox.read_all()
    moved = inbox.path.rename(inbox.path.parent / "moved")
    assert discover(inbox.database, LocalInbox(moved)) == Discovery(found=1, new=0, changed=0, unchanged=1)
    with inbox.database.reading() as work:
        assert states(work, str(moved)) == {ApplicationState.READ: 1}


def test_a_folder_whose_files_cannot_be_read_does_not_stop_the_others(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path) -> str:
        if folder.name == "A-1":
            raise PermissionError
        return fingerprint(folder)

    monkeypatch.setattr("storage.folders.fingerprint", broken)
    inbox.put(application("A-1"))
    inbox.put(application("A-2"))
    assert discover(inbox.database, inbox.source).new == 2
    assert discover(inbox.database, inbox.source).unchanged == 2


def test_a_folder_with_a_name_that_is_no_text_does_not_stop_the_others(inbox: Inbox) -> None:
    os.mkdir(os.fsencode(inbox.path) + b"/A-\xff")  # noqa: PTH102 - pathlib takes no bytes
    inbox.put(application("A-2"))
    assert discover(inbox.database, inbox.source).new == 2
    assert _state(inbox, "A-\\xff") is ApplicationState.PENDING


def test_an_inbox_that_is_not_there_is_an_error(inbox: Inbox) -> None:
    with pytest.raises(FileNotFoundError):
        discover(inbox.database, LocalInbox(inbox.path / "missing"))
