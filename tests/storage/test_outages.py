"""A database that goes away and comes back: a real PostgreSQL that is stopped and started again."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from storage.database import Database, UnitOfWork, connect
from storage.inbox import discover
from storage.outages import is_outage
from storage.presence import release_departed, worker
from storage.queue import backlog, claim
from storage.runs import start_run
from tests.postgres import PostgresCluster, postgres_cluster
from tests.storage.samples import KEYS, Inbox, application

LONG = timedelta(minutes=2)


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    with postgres_cluster() as running:
        yield running


@pytest.fixture
def registry(cluster: PostgresCluster) -> Iterator[Database]:
    """A registry whose server the test may stop; it runs again afterwards."""
    with cluster.server.database() as url:
        database = connect(url, KEYS)
        yield database
        database.close()


def _one(work: UnitOfWork) -> int:
    return int(work.session.execute(text("SELECT 1")).scalar_one())


@contextmanager
def _away(cluster: PostgresCluster, how: signal.Signals) -> Iterator[None]:
    """Stop the server and start it again at the end, in any case."""
    cluster.stop(how)
    try:
        yield
    finally:
        cluster.start()


@pytest.mark.postgres
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_who_is_patient_does_not_notice_a_restart(
    registry: Database, cluster: PostgresCluster, how: signal.Signals
) -> None:
    registry.patience = LONG
    assert registry.read(_one) == 1
    answers: list[int] = []
    with _away(cluster, how):
        asking = [
            threading.Thread(target=lambda: answers.append(registry.read(_one))),
            threading.Thread(target=lambda: answers.append(registry.transact(_one))),
        ]
        for thread in asking:
            thread.start()
        assert not answers
    for thread in asking:
        thread.join(timeout=60)
    assert answers == [1, 1]


@pytest.mark.postgres
def test_a_transaction_that_the_restart_cut_off_is_made_again_as_a_whole(
    registry: Database, cluster: PostgresCluster
) -> None:
    registry.patience = LONG
    tries = []

    def count(work: UnitOfWork) -> int:
        tries.append("begun")
        work.session.execute(text("CREATE TABLE IF NOT EXISTS lost_twice (id integer)"))
        if len(tries) == 1:
            cluster.stop(signal.SIGQUIT)
            cluster.start()
        work.session.execute(text("INSERT INTO lost_twice VALUES (1)"))
        return int(work.session.execute(text("SELECT count(*) FROM lost_twice")).scalar_one())

    assert registry.transact(count) == 1
    assert len(tries) == 2


@pytest.mark.postgres
def test_who_is_not_patient_is_told_at_once(registry: Database, cluster: PostgresCluster) -> None:
    with _away(cluster, signal.SIGINT), pytest.raises(DBAPIError) as caught:
        registry.read(_one)
    assert is_outage(caught.value)


@pytest.mark.postgres
def test_patience_has_an_end(registry: Database, cluster: PostgresCluster) -> None:
    registry.patience = timedelta(seconds=0.5)
    with _away(cluster, signal.SIGINT), pytest.raises(OperationalError):
        start_run(registry, "/inbox", "kilavuz", "owner")
    assert start_run(registry, "/inbox", "kilavuz", "owner")


@pytest.mark.postgres
def test_a_worker_ends_in_good_order_without_its_database_and_the_next_one_gives_back_its_claims(
    registry: Database, cluster: PostgresCluster, tmp_path: Path
) -> None:
    inbox, home = Inbox.at(tmp_path / "inbox", registry), tmp_path / "home"
    inbox.put(application("A-1"))
    discover(registry, inbox.source)
    with ExitStack() as stack, worker(registry, home) as owner:
        assert len(claim(registry, inbox.name, owner, 1)) == 1
        stack.enter_context(_away(cluster, signal.SIGINT))
    assert release_departed(registry, home) == {owner}
    assert backlog(registry, inbox.name).free == 1
    assert list((home / "workers").iterdir()) == []


def test_a_fault_of_the_statement_is_no_outage(database: Database) -> None:
    database.patience = LONG
    try:
        with pytest.raises((ProgrammingError, OperationalError)) as caught:
            database.read(lambda work: work.session.execute(text("SELECT nothing FROM nowhere")))
    finally:
        database.patience = timedelta(0)
    assert not is_outage(caught.value)


def test_a_locked_sqlite_file_is_an_outage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.BUSY_SECONDS", 0)
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    one, other = connect(url, KEYS), connect(url, KEYS)
    with one.unit_of_work() as work:
        work.session.execute(text("UPDATE key_mark SET id = id"))
        with pytest.raises(OperationalError) as caught:
            other.transact(lambda work: work.session.execute(text("UPDATE key_mark SET id = id")))
        assert is_outage(caught.value)
    other.patience = LONG
    other.transact(lambda work: work.session.execute(text("UPDATE key_mark SET id = id")))
    one.close()
    other.close()


def test_other_errors_are_no_outages() -> None:
    assert not is_outage(ValueError())
    assert not is_outage(OSError())
