"""Who works on a case: a claim under a lease that expires, so that two officers never decide the same case."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.accounts import Account
from storage.desk.audit import Action, about, record
from storage.leases import holds
from storage.models import AccountRow, ApplicationRow, ClaimRow, DeskCase

LEASE = timedelta(minutes=15)
"""How long a claim holds without being renewed."""
DISPLAY = "accounts.display"


@dataclass(frozen=True, slots=True)
class Claim:
    """A case that is the account's until the moment."""

    application_id: str
    account_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A case that is somebody else's until the moment; `name` is that account's log-in name, `display` its owner's."""

    application_id: str
    account_id: int
    name: str
    until: datetime
    display: str


class NoSuchCase(LookupError):
    """No case of that id stands in the queue."""


def claim_case(
    database: Database, application_id: str, account: Account, address: str = ""
) -> Claim | HeldBy:
    """Take a case, or take it again; told is whose it is otherwise. Raises NoSuchCase."""
    return database.transact(lambda work: _claim(work, application_id, account, address))


def renew(database: Database, application_id: str, account: Account) -> Claim | HeldBy | None:
    """Hold a claim for another lease; None where the account's claim has run out and nobody holds the case."""
    return database.transact(lambda work: _renew(work, application_id, account))


def release(database: Database, application_id: str, account: Account, address: str = "") -> bool:
    """Give a case back; return whether the account held it."""
    return database.transact(lambda work: _release(work, application_id, account, address))


def holder_of(work: UnitOfWork, application_key: int) -> HeldBy | None:
    """Return who holds a case; None where nobody does, or the lease has run out."""
    found = work.session.execute(
        select(ClaimRow, AccountRow.name, AccountRow.display, ApplicationRow.application_id)
        .join(AccountRow, AccountRow.id == ClaimRow.account_key)
        .join(ApplicationRow, ApplicationRow.id == ClaimRow.application_key)
        .where(ClaimRow.application_key == application_key, holds(ClaimRow.leased_until, now(), LEASE))
    ).one_or_none()
    if found is None:
        return None
    row, display = found.ClaimRow, work.keys.unseal(found.display, DISPLAY)
    return HeldBy(found.application_id, row.account_key, found.name, row.leased_until, display)


def give_back(work: UnitOfWork, application_key: int) -> bool:
    """End the claim on a case, in the caller's transaction; return whether there was one."""
    gone = delete(ClaimRow).where(ClaimRow.application_key == application_key)
    return work.session.scalar(gone.returning(ClaimRow.application_key)) is not None


def _claim(work: UnitOfWork, application_id: str, account: Account, address: str) -> Claim | HeldBy:
    key = _lock(work, application_id)
    if key is None:
        raise NoSuchCase(application_id)
    held = holder_of(work, key)
    if held is not None and held.account_id != account.id:
        return held
    claim = _lease(work, key, application_id, account)
    if held is None:
        record(work, account.actor(address), Action.CLAIM, about("application", application_id))
    return claim


def _lease(work: UnitOfWork, key: int, application_id: str, account: Account) -> Claim:
    moment = now()
    give_back(work, key)
    until = moment + LEASE
    values = {"application_key": key, "account_key": account.id, "claimed_at": moment, "leased_until": until}
    work.session.execute(insert(ClaimRow).values(values))
    return Claim(application_id, account.id, until)


def _renew(work: UnitOfWork, application_id: str, account: Account) -> Claim | HeldBy | None:
    key = _lock(work, application_id)
    held = holder_of(work, key) if key is not None else None
    if key is None or held is None or held.account_id != account.id:
        return held
    return _lease(work, key, application_id, account)


def _release(work: UnitOfWork, application_id: str, account: Account, address: str) -> bool:
    key = _lock(work, application_id)
    held = holder_of(work, key) if key is not None else None
    if key is None or held is None or held.account_id != account.id:
        return False
    give_back(work, key)
    record(work, account.actor(address), Action.RELEASE, about("application", application_id))
    return True


def _lock(work: UnitOfWork, application_id: str) -> int | None:
    """Lock a case as whoever judges it or rules on it does, so that all of them come one after the other."""
    row = (
        select(ApplicationRow.id)
        .join(DeskCase, DeskCase.application_key == ApplicationRow.id)
        .where(ApplicationRow.application_id == application_id)
        .with_for_update(of=ApplicationRow)
    )
    return work.session.scalar(row)
