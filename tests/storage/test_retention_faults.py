"""Retention that is killed at any moment goes on; over random ages it keeps what it must and leaves nothing behind."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from storage.database import Database, connect
from storage.decisions import decide
from storage.errors import EvidenceUnreachable
from storage.evidence import EvidenceStore
from storage.models import (
    RUNNING,
    ApplicationRow,
    CondemnedFile,
    Destruction,
    Employment,
    JudgementRow,
    Ruling,
    Version,
)
from storage.recheck import due_for_recheck
from storage.retention import run_retention
from storage.verdicts import stored_verdict
from tests.storage.procedures import add, certify, petition, remove
from tests.storage.retained import (
    assert_consistent,
    destroyed,
    files,
    keep_files,
    later,
    retain,
    sizes,
    store_of,
)
from tests.storage.samples import AYSE, ISIL, KEYS, Crash, Inbox, application, certificate, statement

BEYOND = 800


def fill(inbox: Inbox) -> None:
    """Records, a running and an ended employment, a replaced version, an open case, a petition that was decided."""
    certify(inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    certify(inbox, "P-2", "01T10:00", procedure="registration", person=ISIL)
    add(inbox, "A-1", "10T10:00", "hd77-7777-7777-7777")
    add(inbox, "A-2", "11T10:00", "hd22-2222-2222-2222", person=ISIL)
    inbox.put(application("F-1", "personnel_addition", day="2026-11-16"), statement(exit_date="2026-10-10"))
    inbox.run()
    keep_files(inbox)
    add(inbox, "A-1", "10T10:00", "hd11-1111-1111-1111")
    remove(inbox, "R-2", "15T10:00", people=[ISIL])
    petition(inbox, "D-2", "16T10:00", people=[ISIL.model_dump()])
    inbox.run()
    keep_files(inbox)
    decide(inbox.database, "D-2", Ruling.REFUSED, "Görevli Deneme", "Deneme.")


class Deaths:
    """Dies before the nth statement that changes anything, or before or after the removal of a file."""

    def __init__(self, database: Database, number: int) -> None:
        self._engine = database.engine
        self._left = number

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Crash

    def _before(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            self._count()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Watch the database and the store while the block runs."""
        real, count = EvidenceStore.delete, self._count

        def delete(store: EvidenceStore, sha256: str) -> None:
            count()
            real(store, sha256)
            count()

        event.listen(self._engine, "before_cursor_execute", self._before)
        try:
            with patch.object(EvidenceStore, "delete", delete):
                yield
        finally:
            event.remove(self._engine, "before_cursor_execute", self._before)


def left(inbox: Inbox) -> object:
    """The tables and files without the log, whose entries may come from several runs."""
    return {name: rows for name, rows in sizes(inbox).items() if name != "destructions"}


def logged(inbox: Inbox) -> dict[str, int]:
    with inbox.database.reading() as work:
        rows = work.session.execute(
            select(Destruction.data_class, func.sum(Destruction.amount)).group_by(Destruction.data_class)
        )
        return {name: int(amount) for name, amount in rows}


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_comes_to_the_same_end_and_counts_nothing_twice(
    inbox: Inbox,
) -> None:
    fill(inbox)
    periods = later(BEYOND, inbox.path.parent)
    number = 0
    while True:
        number += 1
        try:
            with Deaths(inbox.database, number)():
                run_retention(inbox.database, store_of(inbox), periods)
        except Crash:
            assert_consistent(inbox)
            assert_kept(inbox)
        else:
            break
    assert number > 3, "it was never killed"
    with tempfile.TemporaryDirectory() as folder, _twin(Path(folder)) as twin:
        run_retention(twin.database, store_of(twin), later(BEYOND, twin.path.parent))
        assert left(twin) == left(inbox)
        assert logged(twin) == logged(inbox)


@contextmanager
def _twin(folder: Path) -> Iterator[Inbox]:
    with closing(connect(f"sqlite:///{folder / 'registry.db'}", KEYS)) as database:
        inbox = Inbox.at(folder / "inbox", database)
        fill(inbox)
        yield inbox


def assert_kept(inbox: Inbox) -> None:
    """What must be there at every moment: the open case whole, and what running employments rest on."""
    with inbox.database.reading() as work:
        for verdict in (stored_verdict(work, name) for name in ("A-1", "F-1")):
            assert verdict is not None
            assert verdict.judgement.people
            assert verdict.judgement.documents
            assert (verdict.evidence_destroyed_at, verdict.facts_destroyed_at) == (None, None)
        running = select(func.count()).select_from(Employment).where(Employment.state.in_(RUNNING))
        (ageing,) = due_for_recheck(work, -1, date(2030, 1, 1))
        assert work.session.scalar(running) == 1
    assert (ageing.application_id, ageing.by_judgement) == ("A-1", False)
    for name in ("A-1", "F-1", "P-1"):
        for upload in inbox.facts[name]:
            assert store_of(inbox).open(upload.sha256)


def test_a_kill_between_the_commit_and_the_removal_of_a_file_leaves_it_to_the_next_run(inbox: Inbox) -> None:
    fill(inbox)
    periods, before = later(61, inbox.path.parent), files(inbox)
    with patch.object(EvidenceStore, "delete", side_effect=Crash), pytest.raises(Crash):
        run_retention(inbox.database, store_of(inbox), periods)
    assert files(inbox) == before
    with inbox.database.reading() as work:
        condemned = set(work.session.scalars(select(CondemnedFile.sha256)))
    assert inbox.facts["A-2"][0].sha256 in condemned
    report = run_retention(inbox.database, store_of(inbox), periods)
    assert destroyed(report) == {"files": len(condemned)}
    assert files(inbox) == before - condemned


def test_a_store_that_does_not_answer_is_told_and_its_files_are_left_to_the_next_run(inbox: Inbox) -> None:
    fill(inbox)
    periods = later(61, inbox.path.parent)
    away = EvidenceUnreachable("The evidence store does not answer: away.", "")
    with patch.object(EvidenceStore, "delete", side_effect=away), pytest.raises(EvidenceUnreachable):
        run_retention(inbox.database, store_of(inbox), periods)
    assert destroyed(run_retention(inbox.database, store_of(inbox), periods)).keys() == {"files"}


def test_nothing_of_what_was_destroyed_can_be_found_in_the_file_of_the_database(tmp_path: Path) -> None:
    """SQLite leaves what it deletes in free pages and in its log, unless it is told otherwise."""
    with _twin(tmp_path) as inbox:
        with inbox.database.reading() as work:
            key = inbox.key("A-2")
            rows = select(Version.declaration).where(Version.application_key == key)
            sealed = bytes(work.session.scalars(rows).one() or b"")
        assert sealed in _bytes_of(tmp_path)
        run_retention(inbox.database, store_of(inbox), later(BEYOND, tmp_path))
        assert sealed not in _bytes_of(tmp_path)


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("registry.db*")))


CLASSES = ("evidence", "facts", "replaced", "employments", "people", "judgements", "issuer_answers")


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    ages=st.lists(st.integers(0, 2000), min_size=1, max_size=3).map(sorted),
    periods=st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 1000)),
)
def test_whatever_the_ages_and_periods_what_must_be_kept_is_kept(
    ages: list[int], periods: dict[str, int]
) -> None:
    """Each run is one that `retain` checks: told before, repeatable, consistent."""
    with tempfile.TemporaryDirectory() as folder, _twin(Path(folder)) as inbox:
        for age in ages:
            retain(inbox, age, **periods)
            assert_kept(inbox)
            assert_every_file_has_a_row(inbox)
        assert_nothing_comes_back(inbox)


def assert_every_file_has_a_row(inbox: Inbox) -> None:
    """The store holds what versions with files need, and nothing else."""
    needed = set()
    with inbox.database.reading() as work:
        rows = work.session.execute(
            select(ApplicationRow.application_id, Version.evidence_destroyed_at).join(
                Version, Version.application_key == ApplicationRow.id
            )
        ).all()
    for name in {row.application_id for row in rows if row.evidence_destroyed_at is None}:
        needed |= {upload.sha256 for upload in inbox.facts[name]}
    assert needed <= files(inbox)


def assert_nothing_comes_back(inbox: Inbox) -> None:
    """Another batch over the same folders finds nothing to do, and what is kept is judged as before."""
    with inbox.database.reading() as work:
        before = work.session.scalar(select(func.count()).select_from(JudgementRow))
        employments = work.session.scalar(select(func.count()).select_from(Employment))
    inbox.run()
    with inbox.database.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(JudgementRow)) == before
        assert work.session.scalar(select(func.count()).select_from(Employment)) == employments
