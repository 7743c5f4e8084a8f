"""Rotations that are killed (SIGKILL) as they commit, and rotations beside processes that work."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database import open_database
from storage.desk.audit import verify
from storage.errors import RotationImpossible
from storage.evidence import EvidenceStore
from storage.keys import load_keys
from storage.models import Person
from storage.rotation import opened, rotate
from storage.rotation_indexes import CHUNK
from storage.upkeep.verifying import verify as verify_all
from tests.storage.rotated import Registry, contents, digests, fill, keys_found, registry_at
from tests.storage.samples import AYSE, ISIL, Inbox, application, certificate, register, statement
from validators.application import Person as Declared

CHILD = """
import itertools, os, signal, sys
from sqlalchemy import Engine, event
from pathlib import Path
from storage.rotation import opened, rotate
from tests.storage.rotated import settings_at

left = itertools.count(int(sys.argv[3]), -1)

def may_die(*_):
    if next(left) == 1:
        os.kill(os.getpid(), signal.SIGKILL)

settings = settings_at(Path(sys.argv[1]), sys.argv[2])
with opened(settings) as (database, store):
    event.listen(Engine, "commit", may_die)
    rotate(settings, database, store)
"""


@pytest.fixture
def registry(tmp_path: Path, database_url: str) -> Iterator[Registry]:
    """A filled registry with a key file of its own."""
    with registry_at(tmp_path / "home", database_url) as made:
        fill(made)
        yield made


def rotate_and_die(registry: Registry, commits: int) -> int:
    """Rotate in a process of its own that is killed just before one of its commits; return how it ended."""
    arguments = [str(registry.settings.home), registry.settings.database_url, str(commits)]
    return subprocess.run([sys.executable, "-c", CHILD, *arguments], check=False, timeout=120).returncode


def test_killed_again_and_again_it_comes_to_its_end(registry: Registry) -> None:
    """The first is killed while it works out indexes, others in the change itself, among values, among files."""
    before, indexes, old = contents(registry), digests(registry), registry.database.keys.id
    kills = 0
    for commits in (2, 7, 8, 5, 12, 25):
        ended = rotate_and_die(registry, commits)
        assert ended in (0, -signal.SIGKILL)
        kills += ended != 0
        after = contents(registry)
        assert {name: after.get(name) for name in before} == before
    assert kills >= 4
    assert rotate_and_die(registry, 10_000) == 0
    found = keys_found(registry)
    assert found.pop("audit_lines") >= {old}
    (key,) = set().union(*found.values())
    assert key != old
    assert len(digests(registry) & indexes) == 1, "that of the subject alone"
    with registry.database.reading() as work:
        assert verify(work) == []


def person(number: int) -> Declared:
    """One of many invented people; the check digits do not matter here."""
    return Declared(
        national_id=f"{10_000_000_000 + number:011d}", given_name="AYŞE", family_name=f"KİŞİ{number}"
    )


def test_more_than_a_chunk_is_rotated(tmp_path: Path, database_url: str) -> None:
    with registry_at(tmp_path / "home", database_url) as registry:
        people = [person(number) for number in range(CHUNK + 30)]
        for start in range(0, len(people), 46):
            group = people[start : start + 46]
            content = application(f"P-{start}", "personnel_registration", group, "2026-11-01")
            registry.inbox.put(content, certificate(group[0], f"{start}.pdf"))
        registry.inbox.run()
        before, old = contents(registry), registry.database.keys.id
        rotate(registry.settings, registry.database, registry.store)
        assert contents(registry) == {**before, **_lines_of(registry)}
        assert old not in set().union(*keys_found(registry).values())


def _lines_of(registry: Registry) -> dict[str, object]:
    return {name: value for name, value in contents(registry).items() if name.startswith("line ")}


def test_a_batch_and_officers_go_on_beside_it(registry: Registry, tmp_path: Path) -> None:
    """They have connections and keys of their own, as other processes have, and meet two rotations."""
    stop = threading.Event()
    faults: list[BaseException] = []
    rounds: list[int] = []

    def night() -> None:
        try:
            with closing(open_database(registry.settings)) as database:
                store = EvidenceStore(registry.settings.evidence_url, database.keys)
                inbox = Inbox.at(tmp_path / "other", database)
                while not stop.is_set() or len(rounds) < 3:
                    _one_night(inbox, store, len(rounds))
                    rounds.append(1)
        except BaseException as error:  # told by the thread that waits
            faults.append(error)
            raise

    worker = threading.Thread(target=night)
    worker.start()
    try:
        for _ in range(2):
            rotate(registry.settings, registry.database, registry.store)
    finally:
        stop.set()
        worker.join(120)
    assert not faults
    rotate(registry.settings, registry.database, registry.store)
    found = keys_found(registry)
    del found["audit_lines"]
    assert set().union(*found.values()) == {load_keys(registry.settings.key_file).id}
    with registry.database.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(Person)) == 2, "nobody was entered twice"
        assert verify(work) == []


def _one_night(inbox: Inbox, store: EvidenceStore, number: int) -> None:
    register(inbox, AYSE, ISIL)
    paper = statement(AYSE, f"hd00-{number:04d}-0000-0000")
    inbox.put(application(f"N-{number}", "personnel_addition", day="2026-11-22"), paper)
    inbox.run()
    store.put(f"paper {number}".encode())


def test_two_rotations_at_once_lose_nothing(registry: Registry) -> None:
    """Each with connections and keys of its own, as two operators on one machine."""
    before, old = contents(registry), registry.database.keys.id
    faults = verify_all(registry.database, registry.store).findings.counts
    barrier = threading.Barrier(2)

    def turn(_: int) -> str | None:
        with opened(registry.settings) as (database, store):
            barrier.wait()
            return rotate(registry.settings, database, store).key

    with ThreadPoolExecutor(2) as pool:
        made = set(pool.map(turn, range(2)))
    rotate(registry.settings, registry.database, registry.store)
    after = contents(registry)
    assert {name: after.get(name) for name in before} == before
    assert made | {old} < set(load_keys(registry.settings.key_file).ids)
    found = keys_found(registry)
    del found["audit_lines"]
    assert set().union(*found.values()) == {registry.database.keys.now().id}
    assert verify_all(registry.database, registry.store).findings.counts == faults


@pytest.mark.postgres
def test_a_registry_that_is_read_without_end_is_told_and_nothing_changed(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are kept waiting for a moment only; when whoever read has ended, the rotation goes through."""
    monkeypatch.setattr("storage.rotation_indexes.LOCK_SECONDS", 1)
    monkeypatch.setattr("storage.rotation_indexes.LOCK_TRIES", 1)
    with registry_at(tmp_path / "home", postgres_url) as registry:
        old = registry.database.keys.id
        with closing(open_database(registry.settings)) as other:
            with other.reading() as reader:
                with pytest.raises(RotationImpossible, match="without a break") as refused:
                    rotate(registry.settings, registry.database, registry.store)
                assert refused.value.remedy
                assert reader.keys.id == old
                assert other.read(lambda work: work.keys.id) == old
            report = rotate(registry.settings, registry.database, registry.store)
            assert (report.before, other.read(lambda work: work.keys.id)) == (old, report.key)
