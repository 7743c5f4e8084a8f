"""The audit trail: whatever is done to it behind kanit's back is found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.accounts import Role, create_account
from storage.desk.audit import (
    Action,
    Actor,
    Fault,
    FaultKind,
    LineFilter,
    about,
    count_lines,
    forget,
    line_hash,
    lines,
    record,
    verify,
)
from storage.models import AuditLine, AuditMark
from tests.storage.fixtures import unguarded
from tests.storage.samples import AYSE, ISIL

WHO = Actor(None, "kanit", "10.0.0.1")


def write(database: Database, number: int = 5) -> None:
    for step in range(number):
        database.transact(
            lambda work, step=step: record(  # type: ignore[misc]  # the step of this round
                work,
                WHO,
                Action.VIEW_PAPER,
                about("application", f"A-{step}"),
                AYSE.national_id,
                "çünkü",
                {"page": step},
            )
        )


def faults(database: Database) -> list[Fault]:
    return database.read(verify)


def tamper(database: Database, *statements: Any) -> None:
    """What somebody does who owns the database, triggers and all."""
    with database.engine.begin() as connection, unguarded(connection):
        for statement in statements:
            connection.execute(statement)


def test_a_trail_that_nobody_touched_is_whole(database: Database) -> None:
    assert faults(database) == []
    write(database)
    assert faults(database) == []


def test_a_line_that_is_written_while_the_trail_is_read_is_no_fault(database: Database) -> None:
    write(database, 2)
    late = [1]

    def interrupt(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if late and "ORDER BY audit_lines.id" in statement:
            late.clear()
            write(database, 1)

    event.listen(database.engine, "before_cursor_execute", interrupt)
    try:
        with database.reading() as work:
            assert count_lines(work) == 2, "the transaction has begun to see what others write"
            assert verify(work) == []
    finally:
        event.remove(database.engine, "before_cursor_execute", interrupt)
    assert not late


def test_a_gap_without_end_is_told_in_some_lines(database: Database) -> None:
    write(database, 3)
    tamper(database, update(AuditLine).where(AuditLine.id == 3).values(id=2**60))
    found = faults(database)
    assert {fault.kind for fault in found} >= {FaultKind.MISSING, FaultKind.ALTERED, FaultKind.BEYOND}
    assert len(found) < 1100


@pytest.mark.parametrize(
    "change",
    [
        {"action": "reveal"},
        {"object": "application:A-9"},
        {"address": "10.0.0.2"},
        {"at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"details": {"page": 9}},
        {"person_index": b"x" * 32},
        {"person_index": None},
        {"reason": None},
        {"previous": "0" * 63 + "1"},
    ],
)
def test_an_altered_line_is_found(database: Database, change: dict[str, Any]) -> None:
    write(database)
    tamper(database, update(AuditLine).where(AuditLine.id == 3).values(change))
    assert Fault(3, FaultKind.ALTERED) in faults(database)


def test_an_altered_line_with_its_hash_made_anew_is_found(database: Database) -> None:
    write(database)
    with database.reading() as work:
        row = work.session.get_one(AuditLine, 3)
        line = {column.name: getattr(row, column.key) for column in AuditLine.__table__.columns}
    forged = {**line, "action": "reveal"}
    tamper(
        database, update(AuditLine).where(AuditLine.id == 3).values(action="reveal", hash=line_hash(forged))
    )
    assert faults(database) == [Fault(4, FaultKind.UNLINKED)]


def test_a_deleted_line_is_found(database: Database) -> None:
    write(database)
    tamper(database, delete(AuditLine).where(AuditLine.id == 3))
    assert faults(database) == [Fault(3, FaultKind.MISSING)]


def test_a_deleted_line_whose_place_was_closed_up_is_found(database: Database) -> None:
    write(database)
    moved = [update(AuditLine).where(AuditLine.id == n).values(id=n - 1) for n in (4, 5)]
    tamper(database, delete(AuditLine).where(AuditLine.id == 3), *moved)
    found = faults(database)
    assert Fault(3, FaultKind.UNLINKED) in found
    assert Fault(5, FaultKind.TRUNCATED) in found


def test_lines_that_changed_places_are_found(database: Database) -> None:
    write(database)
    places = [(2, 99), (3, 2), (99, 3)]
    tamper(database, *(update(AuditLine).where(AuditLine.id == a).values(id=b) for a, b in places))
    found = faults(database)
    assert Fault(2, FaultKind.UNLINKED) in found
    assert Fault(3, FaultKind.UNLINKED) in found


@pytest.mark.parametrize("left", [0, 3])
def test_a_trail_that_was_cut_short_is_found(database: Database, left: int) -> None:
    write(database)
    tamper(database, delete(AuditLine).where(AuditLine.id > left))
    assert faults(database) == [Fault(left + 1, FaultKind.TRUNCATED)]


def test_a_trail_that_was_cut_at_its_beginning_is_found(database: Database) -> None:
    write(database)
    tamper(database, delete(AuditLine).where(AuditLine.id < 3))
    assert faults(database) == [Fault(1, FaultKind.MISSING), Fault(2, FaultKind.MISSING)]


def test_a_mark_that_was_moved_is_found(database: Database) -> None:
    write(database)
    with database.reading() as work:
        third = work.session.get_one(AuditLine, 3).hash
    moved = update(AuditMark).where(AuditMark.name == "head").values(line=3, hash=third)
    tamper(database, delete(AuditLine).where(AuditLine.id > 3), moved)
    assert faults(database) == [Fault(3, FaultKind.MARK_FORGED)]


def test_a_mark_that_was_taken_away_is_found_for_ever(database: Database) -> None:
    write(database)
    tamper(database, delete(AuditLine).where(AuditLine.id > 3), delete(AuditMark))
    assert Fault(1, FaultKind.BEYOND) in faults(database)
    write(database, 1)
    assert faults(database) == [Fault(4, FaultKind.UNLINKED)]


def test_a_trail_that_was_taken_away_whole_is_found_for_ever(database: Database) -> None:
    for name in ("ayla", "bora"):
        create_account(database, name, name, Role.AUDITOR)
    write(database)
    tamper(database, delete(AuditLine), delete(AuditMark))
    write(database, 2)
    assert faults(database) == [Fault(1, FaultKind.UNLINKED)]


def test_a_line_that_was_put_in_at_the_end_is_found(database: Database) -> None:
    write(database)
    with database.reading() as work:
        last = work.session.get_one(AuditLine, 5)
        line = {column.name: getattr(last, column.key) for column in AuditLine.__table__.columns}
    line |= {"id": 6, "previous": last.hash}
    line["hash"] = line_hash(line)
    tamper(database, insert(AuditLine).values(line))
    assert faults(database) == [Fault(6, FaultKind.BEYOND)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_lines SET action = 'reveal' WHERE id = 3",
        "UPDATE audit_lines SET id = 9 WHERE id = 5",
        "DELETE FROM audit_lines WHERE id = 5",
        "DELETE FROM audit_lines",
        "DELETE FROM audit_marks",
        "UPDATE audit_marks SET line = 1",
    ],
)
def test_the_database_refuses_to_touch_what_was_written(database: Database, statement: str) -> None:
    write(database)
    with pytest.raises(DBAPIError), database.engine.begin() as connection:
        connection.execute(text(statement))
    assert faults(database) == []


def test_a_transaction_that_fails_leaves_no_line_and_no_gap(database: Database) -> None:
    write(database, 2)

    def fail(work: UnitOfWork) -> None:
        record(work, WHO, Action.REVEAL, "application:A-1")
        raise LookupError

    with pytest.raises(LookupError):
        database.transact(fail)
    write(database, 1)
    assert faults(database) == []
    with database.reading() as work:
        assert [line.id for line in lines(work)] == [3, 2, 1]


def age(database: Database, through: int, days: int) -> None:
    """Write the trail anew as if its first lines had been written so many days ago."""

    def rewrite(connection: Connection) -> None:
        previous = "0" * 64
        for row in connection.execute(select(AuditLine.__table__).order_by(AuditLine.id)).mappings().all():
            at = row["at"] - timedelta(days=days) if row["id"] <= through else row["at"]
            line = {**row, "at": at, "previous": previous}
            previous = line_hash(line)
            values = {"at": at, "previous": line["previous"], "hash": previous}
            connection.execute(update(AuditLine).where(AuditLine.id == row["id"]).values(values))

    with database.engine.begin() as connection, unguarded(connection):
        rewrite(connection)
        last = connection.execute(select(AuditLine.hash).order_by(AuditLine.id.desc()).limit(1)).scalar_one()
        seal = database.keys.index(f"head\0{5}\0{last}", "audit_mark")
        connection.execute(update(AuditMark).values(hash=last, seal=seal))


def test_lines_whose_period_is_over_are_destroyed_and_the_rest_stays_whole(database: Database) -> None:
    write(database)
    age(database, through=3, days=400)
    assert faults(database) == []
    assert database.transact(lambda work: forget(work, now() - timedelta(days=365))) == 3
    assert faults(database) == []
    with database.reading() as work:
        kept = lines(work)
    assert [line.id for line in kept] == [6, 5, 4]
    assert (kept[0].action, kept[0].details) == (Action.AUDIT_FORGOTTEN, {"lines": 3})
    assert database.transact(lambda work: forget(work, now() - timedelta(days=365))) == 0
    tamper(database, delete(AuditLine).where(AuditLine.id == 4))
    assert faults(database) == [Fault(4, FaultKind.MISSING)]


def test_lines_are_found_by_what_they_tell(database: Database) -> None:
    account = create_account(database, "ayla", "Ayla Örnek", Role.AUDITOR)
    write(database, 2)
    actor = account.actor("10.0.0.9")
    database.transact(
        lambda work: record(work, actor, Action.REVEAL, "application:A-1", ISIL.national_id, "dilekçe")
    )

    def found(**wanted: Any) -> list[int]:
        with database.reading() as work:
            chosen = LineFilter(**wanted)
            assert count_lines(work, chosen) == len(lines(work, chosen))
            return [line.id for line in lines(work, chosen)]

    assert found() == [4, 3, 2, 1]
    assert found(account_id=account.id) == [4]
    assert found(actions=(Action.VIEW_PAPER, Action.REVEAL)) == [4, 3, 2]
    assert found(object="application:A-1") == [4, 3]
    assert found(person=AYSE.national_id) == [3, 2]
    assert found(since=now()) == []
    assert found(until=now()) == [4, 3, 2, 1]
    with database.reading() as work:
        (line,) = lines(work, LineFilter(person=ISIL.national_id))
        assert [each.id for each in lines(work, before=4, limit=2)] == [3, 2]
    assert (line.account, line.address, line.reason, line.concerns_person) == (
        "ayla",
        "10.0.0.9",
        "dilekçe",
        True,
    )


def test_no_name_number_or_reason_can_be_read_in_a_line(database: Database) -> None:
    write(database, 1)
    with database.reading() as work:
        row = work.session.scalars(select(AuditLine)).one()
        written = repr([getattr(row, column.key) for column in AuditLine.__table__.columns])
    assert AYSE.national_id not in written
    assert "çünkü" not in written
    assert row.reason is not None
    assert "çünkü".encode() not in row.reason
