"""Giving an account a second factor, and taking it away."""

from storage.database import Database, UnitOfWork
from storage.desk.accounts import AccountFault, AccountImpossible, changed, locked_row
from storage.desk.audit import COMMAND_LINE, Actor
from storage.desk.totp import SEALED_AS, step_of


def enrol(database: Database, name: str, secret: str, code: str, by: Actor) -> bool:
    """Give an account a second factor, once a code shows that the authenticator has it; its sessions end.

    False for a wrong code. Raises AccountImpossible, ValueError for what is no secret.
    """
    step = step_of(secret, code)
    if step is None:
        return False

    def change(work: UnitOfWork) -> None:
        row = locked_row(work, name)
        row.second_factor, row.second_step = work.keys.seal(secret, SEALED_AS), step
        changed(work, row, by, "second_factor")

    database.transact(change)
    return True


def remove(database: Database, name: str, by: Actor = COMMAND_LINE) -> None:
    """Take an account's second factor away, for somebody who lost it; its sessions end. Raises AccountImpossible."""

    def change(work: UnitOfWork) -> None:
        row = locked_row(work, name)
        if row.second_factor is None:
            raise AccountImpossible(AccountFault.NO_FACTOR)
        row.second_factor = row.second_step = None
        changed(work, row, by, "second_factor_removed")

    database.transact(change)
