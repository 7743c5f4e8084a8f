"""Log-ins: a random token that the browser keeps, of which the database holds the SHA-256 alone.

A session ends when nobody has used it for a while, after a working day in any case, at log-out, and when its account
gets another password or role or is disabled.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.accounts import Account, account_of, changed, locked_row
from storage.desk.audit import Action, Actor, about, record
from storage.leases import SLACK
from storage.models import AccountRow, SessionRow

FRESH = timedelta(minutes=10)
"""How long after a log-in somebody is taken to be still at the keyboard, for what changes who may log in."""
IDLE = timedelta(minutes=30)
"""How long a session lasts unused."""
ABSOLUTE = timedelta(hours=12)
"""How long it lasts at most."""
SEEN_EVERY = timedelta(minutes=1)
"""How often its use is written down."""
_OTHERS = {"which": "others"}


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in. `token` goes into the cookie, `csrf` into forms; the one cannot be made of the other's hash."""

    token: str
    csrf: str
    account: Account
    opened_at: datetime
    expires_at: datetime

    @property
    def is_fresh(self) -> bool:
        """Whether the log-in was only just."""
        return now() < self.opened_at + FRESH


@dataclass(frozen=True, slots=True)
class Running:
    """A session of an account as its owner sees it; `own`: the one that asks."""

    opened_at: datetime
    seen_at: datetime
    own: bool


def open_session(database: Database, account: Account, address: str = "") -> Session:
    """Log an account in: a new session, with its audit line."""
    token = secrets.token_urlsafe(32)
    return database.transact(lambda work: _open(work, account, token, address))


def session_of(database: Database, token: str) -> Session | None:
    """Return the session of a cookie; None for one that ended, or whose account may not log in any more."""
    with database.reading() as work:
        found = work.session.execute(
            select(SessionRow, AccountRow)
            .join(AccountRow, AccountRow.id == SessionRow.account_key)
            .where(SessionRow.token == _digest(token), AccountRow.disabled_at.is_(None))
        ).one_or_none()
        if found is None or not _lasts(found.SessionRow):
            return None
        row, account = found.SessionRow, account_of(work, found.AccountRow)
    if row.seen_at <= now() - SEEN_EVERY:
        database.transact(lambda work: _see(work, token))
    return _session(token, row, account)


def close_session(database: Database, session: Session, address: str = "") -> None:
    """Log out."""

    def close(work: UnitOfWork) -> None:
        gone = (
            delete(SessionRow).where(SessionRow.token == _digest(session.token)).returning(SessionRow.token)
        )
        if work.session.scalar(gone) is not None:
            actor, account = session.account.actor(address), session.account.id
            record(work, actor, Action.LOGOUT, about("account", account))

    database.transact(close)


def running_sessions(work: UnitOfWork, session: Session) -> tuple[Running, ...]:
    """Return the sessions of an account that have not ended, the newest first."""
    rows = work.session.scalars(
        select(SessionRow)
        .where(SessionRow.account_key == session.account.id)
        .order_by(SessionRow.opened_at.desc(), SessionRow.token)
    )
    own, moment = _digest(session.token), now()
    return tuple(
        Running(row.opened_at, row.seen_at, row.token == own) for row in rows if _ends_at(row) > moment
    )


def close_others(database: Database, session: Session, address: str = "") -> None:
    """End every session of an account but one."""

    def close(work: UnitOfWork) -> None:
        own, account = _digest(session.token), session.account
        work.session.execute(
            delete(SessionRow).where(SessionRow.account_key == account.id, SessionRow.token != own)
        )
        record(work, account.actor(address), Action.LOGOUT, about("account", account.id), details=_OTHERS)

    database.transact(close)


def close_all(database: Database, account: Account, by: Actor) -> None:
    """End every session of an account, for an operator. Raises AccountImpossible."""
    database.transact(lambda work: changed(work, locked_row(work, account.name), by, "sessions"))


def forget_sessions(work: UnitOfWork) -> int:
    """Delete the sessions that have ended, and return how many."""
    moment = now()
    ended = or_(
        SessionRow.seen_at <= moment - IDLE,
        SessionRow.opened_at <= moment - ABSOLUTE,
        SessionRow.seen_at > moment + SLACK,
    )
    return len(work.session.scalars(delete(SessionRow).where(ended).returning(SessionRow.token)).all())


def _open(work: UnitOfWork, account: Account, token: str, address: str) -> Session:
    moment = now()
    forget_sessions(work)
    row = SessionRow(token=_digest(token), account_key=account.id, opened_at=moment, seen_at=moment)
    work.session.add(row)
    work.session.execute(update(AccountRow).where(AccountRow.id == account.id).values(last_login_at=moment))
    record(work, account.actor(address), Action.LOGIN, about("account", account.id))
    return _session(token, row, account)


def _session(token: str, row: SessionRow, account: Account) -> Session:
    csrf = hashlib.sha256(f"csrf\0{token}".encode()).hexdigest()
    return Session(token, csrf, account, row.opened_at, _ends_at(row))


def _see(work: UnitOfWork, token: str) -> None:
    work.session.execute(update(SessionRow).where(SessionRow.token == _digest(token)).values(seen_at=now()))


def _ends_at(row: SessionRow) -> datetime:
    return min(row.seen_at + IDLE, row.opened_at + ABSOLUTE)


def _lasts(row: SessionRow) -> bool:
    """Return whether a session has not ended; one of a clock that was ahead has, or it would last until that day."""
    return row.seen_at <= now() + SLACK and _ends_at(row) > now()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
