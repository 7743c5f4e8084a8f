"""Rotation: what opened before opens after, under another key, found by what it was found by; killed at any point."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select, text, update

from storage.columns import Base
from storage.database import Database, UnitOfWork, connect, open_database
from storage.desk.audit import FaultKind, LineFilter, lines, verify
from storage.desk.queue import Filter
from storage.desk.views import save_view, views
from storage.errors import RotationImpossible, WrongKey
from storage.inbox import discover
from storage.issuer import store_answers, stored_answers
from storage.keys import load_keys
from storage.models import (
    AccountRow,
    AuditLine,
    AuditMark,
    CondemnedFile,
    IssuerAnswerRow,
    JudgementRow,
    KeyMark,
    Person,
)
from storage.queue import claim, store_readings
from storage.retention.destroying import destroy_facts
from storage.rotation import KeyState, drop, keys_in_use, preview, rotate
from storage.rotation_indexes import MOVED, waiting
from storage.search import person_by_national_id, provider_by_tax_number
from storage.upkeep.verifying import verify as verify_all
from tests.storage.fixtures import unguarded
from tests.storage.rotated import (
    BARCODE,
    CORRECTED,
    SAME,
    Registry,
    assert_turned,
    contents,
    digests,
    fill,
    keys_found,
    paper_of,
    registry_at,
    turn,
)
from tests.storage.samples import AYSE, ISIL, OWNER, PROVIDER, Crash, application, crash_before, statement
from tests.storage.views import codes_of
from validators.finding import Code


@pytest.fixture
def registry(tmp_path: Path, database_url: str) -> Iterator[Registry]:
    """A filled registry with a key file of its own."""
    with registry_at(tmp_path / "home", database_url) as made:
        fill(made)
        yield made


def test_everything_opens_after_and_nothing_rests_on_the_old_key(registry: Registry) -> None:
    before, indexes, old = contents(registry), digests(registry), registry.database.keys.id
    faults = verify_all(registry.database, registry.store).findings.counts
    moved = sum(registry.database.read(waiting).values())
    report = turn(registry)
    assert_turned(registry, before, old)
    with registry.database.reading() as work:
        subject = work.session.scalars(
            select(AccountRow.subject_index).where(AccountRow.name == "ayla")
        ).one()
    assert digests(registry) & indexes == {subject}
    assert verify_all(registry.database, registry.store).findings.counts == faults
    told = (report.values.done, report.files.done, report.indexes)
    assert told == (sum("." in name for name in before), 5, moved)
    assert load_keys(registry.settings.key_file).ids == (report.key, old)


def test_what_was_found_before_is_found_after(registry: Registry) -> None:
    turn(registry)
    with registry.database.reading() as work:
        assert person_by_national_id(work, AYSE.national_id) is not None
        assert provider_by_tax_number(work, PROVIDER.tax_number) is not None
        assert len(lines(work, LineFilter(person=ISIL.national_id))) == len(
            _concerning(registry, ISIL.national_id)
        )
        assert stored_answers(work, [paper_of(registry, "A-1")]) == {paper_of(registry, "A-1").key: SAME}
        (account,) = work.session.scalars(select(AccountRow.id).where(AccountRow.name == "ayla"))
        assert [view.name for view in views(work, account)] == ["Benimkiler"]
    registry.database.transact(lambda work: save_view(work, account, "Benimkiler", Filter()))
    with registry.database.reading() as work:
        assert len(views(work, account)) == 1, "it was found under its name, not made anew"


def _concerning(registry: Registry, national_id: str) -> list[int]:
    """The audit lines about a person, told by hand."""
    indexes = registry.database.keys.indexes(national_id, "national_id")
    with registry.database.reading() as work:
        rows = work.session.execute(select(AuditLine.id, AuditLine.person_index))
        found = [row.id for row in rows if row.person_index in indexes]
    assert found
    return found


def test_papers_used_before_are_still_noticed(registry: Registry) -> None:
    """By a number as it was read, and by one that an officer corrected."""
    turn(registry)
    inbox = registry.inbox
    inbox.put(application("B-1", people=[ISIL], day="2026-11-22"), statement(ISIL, "HD000000A1"))
    inbox.put(application("B-2", people=[ISIL], day="2026-11-22"), statement(ISIL, CORRECTED))
    inbox.put(application("B-3", people=[ISIL], day="2026-11-22"), statement(ISIL, BARCODE))
    inbox.run()
    reused = {name for name in ("B-1", "B-2", "B-3") if Code.DOCUMENT_REUSED in codes_of(inbox, name)}
    assert reused == {"B-1", "B-2"}


def test_a_second_night_enters_nobody_twice(registry: Registry) -> None:
    turn(registry)
    with registry.database.reading() as work:
        people = len(work.session.scalars(select(Person)).all())
        judged = len(work.session.scalars(select(JudgementRow)).all())
    registry.inbox.run()
    with registry.database.reading() as work:
        assert len(work.session.scalars(select(Person)).all()) == people
        assert len(work.session.scalars(select(JudgementRow)).all()) == judged


def test_keys_of_judgements_cannot_be_tried_with_the_old_key(registry: Registry) -> None:
    def run_keys() -> set[str]:
        with registry.database.reading() as work:
            return set(work.session.scalars(select(JudgementRow.run_key)))

    before = run_keys()
    turn(registry)
    after = run_keys()
    assert before.isdisjoint(after)
    assert (len(after), {len(key) for key in after}) == (len(before), {64})


def test_a_preview_tells_what_a_rotation_does_and_changes_nothing(registry: Registry) -> None:
    before, key_file = contents(registry), registry.settings.key_file.read_bytes()
    told = preview(registry.database, registry.store)
    assert (contents(registry), registry.settings.key_file.read_bytes()) == (before, key_file)
    done = turn(registry)
    assert dataclasses.replace(told, key=done.key, dry_run=False) == done


def test_a_rotation_after_a_rotation_makes_a_third_key(registry: Registry) -> None:
    before, old = contents(registry), registry.database.keys.id
    first, second = turn(registry), turn(registry)
    assert second.before == first.key != second.key
    assert_turned(registry, before, old)
    assert load_keys(registry.settings.key_file).ids == (second.key, first.key, old)
    states = {key.id: (key.state, key.droppable) for key in keys_in_use(registry.database, registry.store)}
    assert states == {
        second.key: (KeyState.CURRENT, False),
        first.key: (KeyState.RETIRED, True),
        old: (KeyState.RETIRED, False),
    }


STEPS = [
    ("INSERT INTO index_moves", 1),
    ("INSERT INTO index_moves", 3),
    ("UPDATE people", 1),
    ("INSERT INTO key_eras", 1),
    ("UPDATE key_mark", 1),
    ("INSERT INTO audit_lines", 1),
    ("UPDATE versions", 1),
    ("UPDATE documents", 2),
    ("UPDATE judgements", 1),
    ("UPDATE key_eras", 1),
]


@pytest.mark.parametrize(("statement", "number"), STEPS)
def test_one_that_dies_is_gone_on_with(registry: Registry, statement: str, number: int) -> None:
    before, old = contents(registry), registry.database.keys.id
    with pytest.raises(Crash), crash_before(registry.database, statement, number):
        turn(registry)
    after = contents(registry)
    assert {name: after.get(name) for name in before} == before, "everything opens in between, too"
    report = turn(registry)
    assert_turned(registry, before, old)
    assert load_keys(registry.settings.key_file).ids == (report.key, old), "and no third key was made"


def test_another_process_goes_on_in_the_midst(registry: Registry) -> None:
    """It was opened before there was another key, and finds it in the file."""
    with closing(open_database(registry.settings)) as other:
        with pytest.raises(Crash), crash_before(registry.database, "UPDATE documents", 1):
            turn(registry)
        with other.reading() as work:
            assert person_by_national_id(work, AYSE.national_id) is not None
        running = dataclasses.replace(registry.inbox, database=other)
        running.put(application("B-1", day="2026-11-22"), statement(AYSE, "hd00-0000-A-1"))
        running.run()
        assert Code.DOCUMENT_REUSED in codes_of(running, "B-1")
        turn(registry)
        with registry.database.reading() as work:
            assert len(work.session.scalars(select(Person)).all()) == 2


def test_a_process_without_the_new_key_refuses_and_writes_nothing(
    registry: Registry, database_url: str, tmp_path: Path
) -> None:
    """A machine with a copy of the key file from before."""
    kept = tmp_path / "copy"
    kept.write_bytes(registry.settings.key_file.read_bytes())
    with closing(connect(database_url, load_keys(kept))) as elsewhere:
        report = turn(registry)
        with pytest.raises(WrongKey, match=f"{report.key}.*{report.before}") as refused:
            elsewhere.transact(lambda work: work.keys.seal("x", "people.given_name"))
        assert "copy its key file" in refused.value.remedy
        with pytest.raises(WrongKey), elsewhere.reading():
            pass
        kept.write_bytes(registry.settings.key_file.read_bytes())
        assert elsewhere.read(lambda work: work.keys.id) == report.key, "once it is there, it goes on"


def test_readings_packed_before_the_change_are_entered_under_the_new_key(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.inbox.put(application("B-1", day="2026-11-22"), statement(AYSE, "hd00-0000-A-1"))
    inbox, database = registry.inbox, registry.database
    discover(database, inbox.source)
    readings = [inbox.read(each) for each in claim(database, inbox.name, OWNER, 10)]

    def later(self: Database, function: Callable[[UnitOfWork], frozenset[str]]) -> frozenset[str]:
        monkeypatch.undo()
        turn(registry)
        return self.transact(function)

    monkeypatch.setattr(Database, "transact", later)
    assert store_readings(database, OWNER, readings) == {"B-1"}
    inbox.judge_all()
    assert Code.DOCUMENT_REUSED in codes_of(registry.inbox, "B-1")
    assert len(keys_found(registry)["documents"]) == 1


def test_a_forged_mark_of_the_trail_does_not_become_a_sound_one(registry: Registry) -> None:
    with registry.database.engine.begin() as connection, unguarded(connection):
        connection.execute(update(AuditMark).values(seal=b"x" * 32))
    turn(registry)
    with registry.database.reading() as work:
        assert {fault.kind for fault in verify(work)} == {FaultKind.UNLINKED}


def test_what_cannot_be_opened_is_told_and_stops_nothing(registry: Registry) -> None:
    with registry.database.engine.begin() as connection:
        connection.execute(text("UPDATE people SET given_name = family_name"))
    report = turn(registry)
    assert report.values.damaged == 2
    with pytest.raises(RotationImpossible, match="2 values"):
        drop(registry.settings, registry.database, registry.store, report.before)


def test_an_index_beside_another_value_stops_the_rotation_before_anything_changed(registry: Registry) -> None:
    old = registry.database.keys.id
    with registry.database.engine.begin() as connection:
        connection.execute(text("UPDATE providers SET tax_index = :other"), {"other": b"x" * 32})
    with pytest.raises(RotationImpossible, match=r"providers\.tax_index") as refused:
        turn(registry)
    assert "store verify" in refused.value.remedy
    with registry.database.reading() as work:
        assert work.session.scalars(select(KeyMark.key_id)).one() == old


def test_answers_about_papers_that_are_gone_are_asked_for_anew(registry: Registry) -> None:
    store_answers(registry.database, [(statement(ISIL, "hd77-7777"), SAME)])
    turn(registry)
    with registry.database.reading() as work:
        assert len(work.session.scalars(select(IssuerAnswerRow)).all()) == 1


def test_what_retention_left_is_rotated_too(registry: Registry) -> None:
    def destroy(work: UnitOfWork) -> None:
        keys = [registry.inbox.key(name) for name in ("A-1", "A-2", "A-3")]
        destroy_facts(work, keys)

    registry.database.transact(destroy)
    old = registry.database.keys.id
    turn(registry)
    found = keys_found(registry)
    del found["audit_lines"]
    assert old not in set().union(*found.values())


def test_a_file_that_retention_is_about_to_remove_is_left_to_it(registry: Registry) -> None:
    sha256 = next(registry.store.hashes())
    registry.database.transact(lambda work: work.session.add(CondemnedFile(sha256=sha256)))
    report = turn(registry)
    assert registry.store.key_of(sha256) == report.before
    registry.store.delete(sha256)
    assert rotate(registry.settings, registry.database, registry.store).files.done == 4


def test_every_index_has_its_place_in_a_rotation() -> None:
    """A new column of an index must be added to one of these."""
    special = {"accounts.subject_index", "audit_lines.person_index", "audit_marks.seal"}
    special |= {"index_moves.old", "index_moves.new"}
    indexes = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.type.length
    }
    assert indexes == special | {f"{column.class_.__tablename__}.{column.key}" for column in MOVED}
