"""Four eyes: nobody alone lets an application past a block, whatever program writes."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from storage.columns import Base, now
from storage.desk.accounts import set_role
from storage.desk.rulings import (
    Approve,
    Entered,
    Obstacle,
    Refused,
    Reopen,
    RulingState,
    history,
    needs_second,
    proposals,
)
from storage.models import (
    AuditLine,
    AuditMark,
    CaseState,
    Employment,
    RegistryState,
    Role,
    RulingKind,
    RulingRow,
)
from tests.storage.desk.cases import Desk, put_blocked, put_for_review
from tests.storage.samples import application, statement
from validators.finding import Code


def states_of(desk: Desk) -> list[RegistryState]:
    with desk.database.reading() as work:
        return list(work.session.scalars(select(Employment.state)))


def proposed(desk: Desk) -> int:
    """An override that the reviewer proposed."""
    put_blocked(desk.inbox)
    return desk.enter("A-1", Approve("Çıkış iptal edilmiş.")).ruling


def test_an_override_takes_effect_when_a_supervisor_agrees(desk: Desk) -> None:
    ruling = proposed(desk)
    assert (states_of(desk), desk.state("A-1")) == ([], CaseState.PROPOSED)
    entered = desk.second(ruling)
    assert isinstance(entered, Entered)
    assert entered.state is RulingState.EFFECTIVE
    assert (states_of(desk), desk.state("A-1")) == ([RegistryState.ACTIVE], CaseState.APPROVED)
    with desk.database.reading() as work:
        (event,) = history(work, "A-1")
    assert (event.officer, event.second, event.second_reason) == ("Ayla", "Canan", "Gördüm.")
    assert (event.override, event.state) == (True, RulingState.EFFECTIVE)


def test_an_override_that_is_declined_is_open_again(desk: Desk) -> None:
    entered = desk.second(proposed(desk), agree=False)
    assert isinstance(entered, Entered)
    assert entered.state is RulingState.DECLINED
    assert (states_of(desk), desk.state("A-1")) == ([], CaseState.OPEN)


def test_an_override_says_why(desk: Desk) -> None:
    put_blocked(desk.inbox)
    assert desk.rule("A-1", Approve(" ")) == Refused(Obstacle.REASON_MISSING)


def test_nobody_seconds_himself(desk: Desk) -> None:
    put_blocked(desk.inbox)
    ruling = desk.enter("A-1", Approve("Gördüm."), desk.supervisor).ruling
    assert desk.second(ruling, desk.supervisor) == Refused(Obstacle.SAME_OFFICER)
    assert isinstance(desk.second(ruling, desk.superior), Entered)


def test_only_a_supervisor_seconds(desk: Desk) -> None:
    assert desk.second(proposed(desk), desk.colleague) == Refused(Obstacle.ROLE)


def test_a_proposal_is_seconded_once(desk: Desk) -> None:
    ruling = proposed(desk)
    desk.second(ruling)
    assert desk.second(ruling, desk.superior) == Refused(Obstacle.NO_PROPOSAL)


def test_an_unknown_proposal_is_told(desk: Desk) -> None:
    assert desk.second(99) == Refused(Obstacle.NO_PROPOSAL)


def test_a_proposal_that_was_withdrawn_is_not_seconded(desk: Desk) -> None:
    ruling = proposed(desk)
    desk.enter("A-1", Reopen("Yanlış."))
    assert desk.second(ruling) == Refused(Obstacle.NO_PROPOSAL)
    again = desk.enter("A-1", Approve("Doğru."))
    assert desk.second(ruling) == Refused(Obstacle.NO_PROPOSAL)
    assert isinstance(desk.second(again.ruling), Entered)


def test_a_proposal_on_files_that_changed_is_not_seconded(desk: Desk) -> None:
    ruling = proposed(desk)
    paper = statement(barcode="hd99-9999-9999-9999", exit_date="2026-10-15")
    desk.inbox.put(application("A-1"), paper)
    desk.inbox.run()
    assert desk.second(ruling) == Refused(Obstacle.NO_PROPOSAL)
    assert desk.state("A-1") is CaseState.OPEN


def test_what_waits_for_a_second_officer_is_listed(desk: Desk) -> None:
    ruling = proposed(desk)
    put_for_review(desk.inbox, "A-2")
    desk.enter("A-2", Approve())
    with desk.database.reading() as work:
        (one,) = proposals(work)
        assert needs_second(work, "A-1")
        assert not needs_second(work, "A-2")
        assert not needs_second(work, "A-9")
    assert (one.application_id, one.ruling, one.officer, one.kind) == (
        "A-1",
        ruling,
        "Ayla",
        RulingKind.APPROVE,
    )
    desk.second(ruling)
    with desk.database.reading() as work:
        assert proposals(work) == ()


def values(desk: Desk, **changes: Any) -> dict[str, Any]:
    """A row of a ruling as a program might write it."""
    with desk.database.reading() as work:
        row = work.session.scalars(select(RulingRow).order_by(RulingRow.id.desc())).first()
        assert row is not None
        kept = {c.name: getattr(row, c.name) for c in RulingRow.__table__.columns if c.name != "id"}
    return {**kept, **changes}


def attempt(desk: Desk, statement: Any) -> None:
    """Carry a statement out past kanit's code."""
    with desk.database.engine.begin() as connection:
        connection.execute(statement)


def moment() -> dict[str, Any]:
    return {"state": RulingState.EFFECTIVE, "effective_at": now(), "seconded_at": now()}


def test_the_database_refuses_an_effective_override_without_a_second_officer(desk: Desk) -> None:
    ruling = proposed(desk)
    alone = {"state": RulingState.EFFECTIVE, "effective_at": now()}
    with pytest.raises(DBAPIError):
        attempt(desk, update(RulingRow).where(RulingRow.id == ruling).values(alone))
    with pytest.raises(DBAPIError):
        attempt(desk, insert(RulingRow).values(values(desk, **alone)))


def test_the_database_refuses_the_same_officer_twice(desk: Desk) -> None:
    put_blocked(desk.inbox)
    ruling = desk.enter("A-1", Approve("Gördüm."), desk.supervisor).ruling
    same = {**moment(), "second_key": desk.supervisor.id}
    with pytest.raises(DBAPIError):
        attempt(desk, update(RulingRow).where(RulingRow.id == ruling).values(same))


def test_the_database_refuses_a_second_officer_who_is_no_supervisor(desk: Desk) -> None:
    ruling = proposed(desk)
    reviewer = {**moment(), "second_key": desk.colleague.id}
    with pytest.raises(DBAPIError):
        attempt(desk, update(RulingRow).where(RulingRow.id == ruling).values(reviewer))
    with pytest.raises(DBAPIError):
        attempt(desk, insert(RulingRow).values(values(desk, **reviewer)))


def test_the_database_takes_a_supervisor_as_second_officer(desk: Desk) -> None:
    """The refusals above are for their reasons alone."""
    ruling = proposed(desk)
    seconded = {**moment(), "second_key": desk.supervisor.id}
    attempt(desk, update(RulingRow).where(RulingRow.id == ruling).values(seconded))


@pytest.mark.parametrize(
    "change", [{"kind": "reject"}, {"codes": []}, {"override": False}, {"lifted": ["QR_MISSING"]}]
)
def test_the_database_refuses_to_change_what_was_proposed_while_it_is_seconded(
    desk: Desk, change: dict[str, Any]
) -> None:
    ruling = proposed(desk)
    seconded = {**moment(), "second_key": desk.supervisor.id, **change}
    with pytest.raises(DBAPIError):
        attempt(desk, update(RulingRow).where(RulingRow.id == ruling).values(seconded))


def test_the_database_knows_an_override_by_the_findings(desk: Desk) -> None:
    """Called no override, an approval against a block is refused all the same."""
    proposed(desk)
    disguised = values(desk, override=False, state=RulingState.EFFECTIVE, effective_at=now())
    with pytest.raises(DBAPIError):
        attempt(desk, insert(RulingRow).values(disguised))
    attempt(desk, insert(RulingRow).values({**disguised, "kind": RulingKind.RETURN}))


def test_the_database_refuses_an_officer_who_may_not_rule(desk: Desk) -> None:
    proposed(desk)
    set_role(desk.database, desk.reviewer.name, Role.AUDITOR)
    with pytest.raises(DBAPIError):
        attempt(desk, insert(RulingRow).values(values(desk)))


@pytest.mark.parametrize("table", [RulingRow, AuditLine, AuditMark])
def test_the_database_refuses_to_delete_the_record(desk: Desk, table: type[Base]) -> None:
    proposed(desk)
    with pytest.raises(DBAPIError):
        attempt(desk, delete(table))
    if desk.database.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError):
            attempt(desk, text(f"TRUNCATE {table.__tablename__} CASCADE"))


def test_the_database_refuses_to_change_an_effective_ruling(desk: Desk) -> None:
    put_for_review(desk.inbox)
    ruling = desk.enter("A-1", Approve()).ruling
    for change in ({"kind": RulingKind.REJECT}, {"officer_key": desk.colleague.id}, {"state": "declined"}):
        with pytest.raises(DBAPIError):
            attempt(desk, update(RulingRow).where(RulingRow.id == ruling).values(change))
    with pytest.raises(DBAPIError):
        attempt(desk, delete(RulingRow))


def test_the_reasons_that_were_overridden_are_kept(desk: Desk) -> None:
    ruling = proposed(desk)
    with desk.database.reading() as work:
        row = work.session.get_one(RulingRow, ruling)
    assert Code.EMPLOYMENT_ENDED in row.codes
