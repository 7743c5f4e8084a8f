import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from storage.database import connect
from storage.inbox import discover
from storage.presence import release_departed, worker
from storage.queue import backlog, claim
from tests.storage.samples import KEYS, Inbox, application


@pytest.fixture
def home(tmp_path: Path, inbox: Inbox) -> Path:
    inbox.put(application("A-1"))
    discover(inbox.database, inbox.source)
    return tmp_path / "home"


def _claim_and_hang(url: str, home: Path, inbox: str, claimed: "multiprocessing.synchronize.Event") -> None:
    database = connect(url, KEYS)
    with worker(database, home) as owner:
        claim(database, inbox, owner, 1)
        claimed.set()
        signal.pause()


def test_what_a_killed_worker_had_claimed_is_free_at_once(home: Path, inbox: Inbox) -> None:
    url = inbox.database.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    claimed = context.Event()
    process = context.Process(target=_claim_and_hang, args=(url, home, inbox.name, claimed))
    process.start()
    assert claimed.wait(60)
    assert release_departed(inbox.database, home) == frozenset()
    assert backlog(inbox.database, inbox.name).free == 0
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with worker(inbox.database, home) as owner:
        assert len(claim(inbox.database, inbox.name, owner, 1)) == 1
    assert list((home / "workers").iterdir()) == []


def test_a_worker_that_ends_gives_back_what_it_has_not_read(home: Path, inbox: Inbox) -> None:
    with worker(inbox.database, home) as owner:
        claim(inbox.database, inbox.name, owner, 1)
    assert backlog(inbox.database, inbox.name).free == 1


def test_workers_of_one_process_do_not_take_each_other_for_dead(home: Path, inbox: Inbox) -> None:
    with worker(inbox.database, home) as first:
        claim(inbox.database, inbox.name, first, 1)
        with worker(inbox.database, home) as second:
            assert claim(inbox.database, inbox.name, second, 1) == ()


def test_a_home_without_workers_is_no_error(tmp_path: Path, inbox: Inbox) -> None:
    assert release_departed(inbox.database, tmp_path / "nothing") == frozenset()
