from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from storage.columns import now
from storage.database import Database
from storage.desk.accounts import Account, Role, create_account
from storage.desk.audit import Action, lines
from storage.desk.sessions import ABSOLUTE, IDLE, close_session, open_session, session_of
from storage.models import SessionRow


@pytest.fixture
def account(database: Database) -> Account:
    return create_account(database, "ayla", "Ayla Örnek", Role.REVIEWER)


def shift(database: Database, **values: datetime) -> None:
    with database.unit_of_work() as work:
        work.session.execute(update(SessionRow).values(**values))
        work.commit()


def test_a_session_is_found_by_its_token(database: Database, account: Account) -> None:
    session = open_session(database, account, "10.0.0.1")
    found = session_of(database, session.token)
    assert found is not None
    assert (found.csrf, found.account.name) == (session.csrf, "ayla")
    assert session_of(database, "nothing") is None


def test_the_database_holds_nothing_that_opens_a_session(database: Database, account: Account) -> None:
    session = open_session(database, account)
    with database.reading() as work:
        stored = work.session.scalars(select(SessionRow.token)).one()
    assert stored not in (session.token, session.csrf)
    assert session_of(database, stored) is None


def test_two_sessions_share_nothing(database: Database, account: Account) -> None:
    one, two = open_session(database, account), open_session(database, account)
    assert len({one.token, two.token, one.csrf, two.csrf}) == 4


@pytest.mark.parametrize(
    "ended", [{"seen_at": IDLE + timedelta(seconds=1)}, {"opened_at": ABSOLUTE + timedelta(seconds=1)}]
)
def test_a_session_ends_unused_and_in_any_case(
    database: Database, account: Account, ended: dict[str, timedelta]
) -> None:
    session = open_session(database, account)
    shift(database, **{name: now() - age for name, age in ended.items()})
    assert session_of(database, session.token) is None
    open_session(database, account)
    with database.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(SessionRow)) == 1


def test_a_session_that_is_used_goes_on(database: Database, account: Account) -> None:
    session = open_session(database, account)
    shift(database, seen_at=now() - IDLE / 2)
    found = session_of(database, session.token)
    again = session_of(database, session.token)
    assert found is not None
    assert again is not None
    assert again.expires_at > found.expires_at


def test_a_log_out_ends_the_session(database: Database, account: Account) -> None:
    session = open_session(database, account, "10.0.0.1")
    close_session(database, session, "10.0.0.1")
    close_session(database, session, "10.0.0.1")
    assert session_of(database, session.token) is None
    with database.reading() as work:
        told: list[Any] = [(line.action, line.address) for line in lines(work)]
    assert told[:2] == [(Action.LOGOUT, "10.0.0.1"), (Action.LOGIN, "10.0.0.1")]
    assert len(told) == 3
