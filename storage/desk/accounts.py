"""Who may log in, and as what: local accounts with passwords (argon2id), roles, and subjects of OpenID Connect.

An account locks for a while when wrong passwords follow each other. Whether a name exists shows neither in the answer's
words (tell every refusal by the same sentence) nor in its time.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select

from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.audit import COMMAND_LINE, Action, Actor, about, record
from storage.desk.common_passwords import is_common
from storage.desk.passwords import LONGEST, SHORTEST, hashed_password, matches
from storage.desk.totp import admits
from storage.errors import StorageError
from storage.leases import is_held
from storage.models import AccountRow, Role, SessionRow

__all__ = [
    "Account",
    "AccountFault",
    "AccountImpossible",
    "Refusal",
    "Refused",
    "Role",
    "account_by_name",
    "account_by_subject",
    "account_of",
    "accounts",
    "admitted_subject",
    "authenticate",
    "create_account",
    "disable",
    "enable",
    "link_subject",
    "set_password",
    "set_role",
]

FAILURES = 5
"""So many wrong passwords in a row lock an account."""
LOCKED_FOR = timedelta(minutes=15)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_DISPLAY, _SUBJECT = "accounts.display", "oidc_subject"


@dataclass(frozen=True, slots=True)
class Account:
    """An account; `name` is the log-in name, `display` the name of the person. Not active: disabled."""

    id: int
    name: str
    display: str
    role: Role
    has_password: bool
    has_subject: bool
    subject_key: str | None
    active: bool
    locked_until: datetime | None
    created_at: datetime
    last_login_at: datetime | None
    temporary: bool = False
    """Somebody else chose the password: it is to be changed before anything else."""
    has_second_factor: bool = False

    def actor(self, address: str = "") -> Actor:
        """Return who acts when this account does, from a network address."""
        return Actor(self.id, self.name, address)


class Refusal(StrEnum):
    """Why somebody was not let in: for the audit trail, not for who asked."""

    UNKNOWN = "unknown"
    """There is no such name, or it has no password."""
    PASSWORD = "password"  # noqa: S105 - the reason, not a secret
    CODE = "code"
    """The password was right, the code of the second factor was not."""
    LOCKED = "locked"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Refused:
    """A log-in that was refused."""

    reason: Refusal


class AccountFault(StrEnum):
    """Why an account cannot be made or changed so."""

    NAME_FORM = "name_form"
    """2 to 64 of a-z, 0-9, dot, dash, underscore; the first a letter or digit."""
    NAME_TAKEN = "name_taken"
    NO_DISPLAY = "no_display"
    PASSWORD_SHORT = "password_short"  # noqa: S105 - the fault, not a secret
    PASSWORD_LONG = "password_long"  # noqa: S105 - as above
    PASSWORD_IS_NAME = "password_is_name"  # noqa: S105 - as above
    UNKNOWN = "unknown"
    SUBJECT_TAKEN = "subject_taken"
    PASSWORD_COMMON = "password_common"  # noqa: S105 - as above
    """It is guessed among the first."""
    PASSWORD_BREACHED = "password_breached"  # noqa: S105 - as above
    NO_FACTOR = "no_factor"


class AccountImpossible(StorageError):
    """An account cannot be made or changed so; nothing was changed."""

    def __init__(self, fault: AccountFault) -> None:
        super().__init__(text="account_impossible", fault=fault)
        self.fault = fault


def create_account(  # noqa: PLR0913, PLR0917 - the parts of an account
    database: Database,
    name: str,
    display: str,
    role: Role,
    password: str | None = None,
    by: Actor = COMMAND_LINE,
    *,
    temporary: bool = False,
) -> Account:
    """Make an account; without a password it can be entered by OpenID Connect only. Raises AccountImpossible.

    `temporary`: whoever enters with this password must change it first.
    """
    name, display = name.strip().lower(), display.strip()
    _check(name, display, password)
    hashed = hashed_password(password)
    return database.transact(lambda work: _create(work, name, display, role, hashed, by, temporary))


def authenticate(
    database: Database, name: str, password: str, address: str = "", code: str = ""
) -> Account | Refused:
    """Return the account of a name and password, or why not; a refusal is counted and has its audit line.

    `code` is that of the second factor, for an account that has one.
    Takes the same time for every name. The log-in itself is entered by `sessions.open_session`.
    """
    name = name.strip().lower()
    with database.reading() as work:
        stored = work.session.scalar(select(AccountRow.password).where(AccountRow.name == name))
    right = matches(stored, password)
    return database.transact(lambda work: _admit(work, name, right, address, code))


def set_password(
    database: Database, name: str, password: str, by: Actor = COMMAND_LINE, *, temporary: bool = False
) -> None:
    """Give an account a new password, unlock it, and end its sessions. Raises AccountImpossible."""
    _check_password(name, password)
    hashed = hashed_password(password)

    def change(work: UnitOfWork) -> None:
        row = locked_row(work, name)
        row.password, row.failures, row.locked_until = hashed, 0, None
        row.temporary = temporary
        changed(work, row, by, "password")

    database.transact(change)


def set_role(database: Database, name: str, role: Role, by: Actor = COMMAND_LINE) -> None:
    """Give an account another role and end its sessions. Raises AccountImpossible."""

    def change(work: UnitOfWork) -> None:
        row = locked_row(work, name)
        row.role = role
        changed(work, row, by, f"role:{role}")

    database.transact(change)


def disable(database: Database, name: str, by: Actor = COMMAND_LINE) -> None:
    """Let an account in no more and end its sessions; it stays for the history. Raises AccountImpossible."""

    def change(work: UnitOfWork) -> None:
        row = locked_row(work, name)
        row.disabled_at = row.disabled_at or now()
        changed(work, row, by, "disabled")

    database.transact(change)


def enable(database: Database, name: str, by: Actor = COMMAND_LINE) -> None:
    """Let a disabled or locked account in again. Raises AccountImpossible."""

    def change(work: UnitOfWork) -> None:
        row = locked_row(work, name)
        row.disabled_at, row.failures, row.locked_until = None, 0, None
        changed(work, row, by, "enabled")

    database.transact(change)


def link_subject(database: Database, name: str, issuer: str, subject: str, by: Actor = COMMAND_LINE) -> None:
    """Let the subject of an OpenID Connect provider in as an account. Raises AccountImpossible."""

    def change(work: UnitOfWork) -> None:
        row = locked_row(work, name)
        taken = select(AccountRow.id).where(_is_of(work, issuer, subject), AccountRow.id != row.id)
        if work.session.scalar(taken) is not None:
            raise AccountImpossible(AccountFault.SUBJECT_TAKEN)
        _index_subject(work, row, issuer, subject)
        changed(work, row, by, "subject")

    database.transact(change)


def account_by_subject(work: UnitOfWork, issuer: str, subject: str) -> Account | None:
    """Return the active account of a subject of an OpenID Connect provider."""
    row = work.session.scalar(select(AccountRow).where(*_active(work, issuer, subject)))
    return None if row is None else account_of(work, row)


def admitted_subject(database: Database, issuer: str, subject: str) -> Account | None:
    """Do what `account_by_subject` does, and index anew an account that was found under an older key."""
    account = database.read(lambda work: account_by_subject(work, issuer, subject))
    if account is not None and account.subject_key != database.keys.id:
        database.transact(lambda work: _index_again(work, issuer, subject))
    return account


def _index_again(work: UnitOfWork, issuer: str, subject: str) -> None:
    row = work.session.scalar(select(AccountRow).where(*_active(work, issuer, subject)).with_for_update())
    if row is not None:
        _index_subject(work, row, issuer, subject)


def account_by_name(work: UnitOfWork, name: str) -> Account | None:
    """Return the account with a log-in name."""
    row = work.session.scalar(select(AccountRow).where(AccountRow.name == name.strip().lower()))
    return None if row is None else account_of(work, row)


def accounts(work: UnitOfWork) -> tuple[Account, ...]:
    """Return all accounts by name."""
    rows = work.session.scalars(select(AccountRow).order_by(AccountRow.name))
    return tuple(account_of(work, row) for row in rows)


def account_of(work: UnitOfWork, row: AccountRow) -> Account:
    """Return an account as it is shown, of its row."""
    return Account(
        id=row.id,
        name=row.name,
        display=work.keys.unseal(row.display, _DISPLAY),
        role=row.role,
        has_password=row.password is not None,
        has_subject=row.subject_index is not None,
        subject_key=row.subject_key,
        active=row.disabled_at is None,
        locked_until=row.locked_until if _is_locked(row) else None,
        created_at=row.created_at,
        last_login_at=row.last_login_at,
        temporary=row.temporary,
        has_second_factor=row.second_factor is not None,
    )


def _create(  # noqa: PLR0913, PLR0917 - as above
    work: UnitOfWork, name: str, display: str, role: Role, hashed: str | None, by: Actor, temporary: bool
) -> Account:
    if work.session.scalar(select(AccountRow.id).where(AccountRow.name == name)) is not None:
        raise AccountImpossible(AccountFault.NAME_TAKEN)
    row = AccountRow(
        name=name,
        display=work.keys.seal(display, _DISPLAY),
        role=role,
        password=hashed,
        failures=0,
        created_at=now(),
        temporary=temporary,
    )
    work.session.add(row)
    work.session.flush()
    record(work, by, Action.ACCOUNT_CREATED, about("account", row.id), details={"role": role.value})
    return account_of(work, row)


def _admit(work: UnitOfWork, name: str, right: bool, address: str, code: str) -> Account | Refused:
    row = work.session.scalar(select(AccountRow).where(AccountRow.name == name).with_for_update())
    refusal = _refusal(row, right)
    if row is not None and refusal is None and not admits(work.keys, row, code):
        refusal = Refusal.CODE
    if row is not None and refusal is None:
        row.failures, row.locked_until = 0, None
        return account_of(work, row)
    if row is not None and refusal in (Refusal.PASSWORD, Refusal.CODE):
        _count_failure(row)
    key = row.id if row is not None else None
    assert refusal is not None  # noqa: S101 - an unknown name has one
    details = {"reason": refusal.value}
    record(
        work,
        Actor(key, name, address),
        Action.LOGIN_REFUSED,
        about("account", key or "unknown"),
        details=details,
    )
    return Refused(refusal)


def _refusal(row: AccountRow | None, right: bool) -> Refusal | None:
    if row is None or row.password is None:
        return Refusal.UNKNOWN
    if row.disabled_at is not None:
        return Refusal.DISABLED
    if _is_locked(row):
        return Refusal.LOCKED
    return None if right else Refusal.PASSWORD


def _count_failure(row: AccountRow) -> None:
    row.failures += 1
    if row.failures >= FAILURES:
        row.failures, row.locked_until = 0, now() + LOCKED_FOR


def _is_locked(row: AccountRow) -> bool:
    return is_held(row.locked_until, now(), LOCKED_FOR)


def locked_row(work: UnitOfWork, name: str) -> AccountRow:
    """Return the row of an account, locked until the transaction ends. Raises AccountImpossible."""
    where = AccountRow.name == name.strip().lower()
    row = work.session.scalar(select(AccountRow).where(where).with_for_update())
    if row is None:
        raise AccountImpossible(AccountFault.UNKNOWN)
    return row


def changed(work: UnitOfWork, row: AccountRow, by: Actor, what: str) -> None:
    """End the sessions of an account and enter into the audit trail what was changed."""
    work.session.execute(delete(SessionRow).where(SessionRow.account_key == row.id))
    record(work, by, Action.ACCOUNT_CHANGED, about("account", row.id), details={"what": what})


def _check(name: str, display: str, password: str | None) -> None:
    if not _NAME.fullmatch(name):
        raise AccountImpossible(AccountFault.NAME_FORM)
    if not display:
        raise AccountImpossible(AccountFault.NO_DISPLAY)
    if password is not None:
        _check_password(name, password)


def _check_password(name: str, password: str) -> None:
    if len(password) < SHORTEST:
        raise AccountImpossible(AccountFault.PASSWORD_SHORT)
    if len(password) > LONGEST:
        raise AccountImpossible(AccountFault.PASSWORD_LONG)
    if name.strip().lower() in password.lower():
        raise AccountImpossible(AccountFault.PASSWORD_IS_NAME)
    if is_common(password, name):
        raise AccountImpossible(AccountFault.PASSWORD_COMMON)


def _index_subject(work: UnitOfWork, row: AccountRow, issuer: str, subject: str) -> None:
    row.subject_index = work.keys.index(f"{issuer}\0{subject}", _SUBJECT)
    row.subject_key = work.keys.id


def _is_of(work: UnitOfWork, issuer: str, subject: str) -> ColumnElement[bool]:
    return AccountRow.subject_index.in_(work.keys.indexes(f"{issuer}\0{subject}", _SUBJECT))


def _active(work: UnitOfWork, issuer: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return _is_of(work, issuer, subject), AccountRow.disabled_at.is_(None)
