from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from storage.columns import now
from storage.database import Database
from storage.desk.accounts import (
    FAILURES,
    Account,
    AccountFault,
    AccountImpossible,
    Refusal,
    Refused,
    Role,
    account_by_name,
    account_by_subject,
    accounts,
    authenticate,
    create_account,
    disable,
    enable,
    link_subject,
    set_password,
    set_role,
)
from storage.desk.audit import Action, LineFilter, lines
from storage.desk.passwords import LONGEST
from storage.desk.sessions import open_session, session_of
from storage.models import AccountRow

PASSWORD = "uzun ve tuhaf bir cümle"


def make(database: Database, name: str = "ayla", password: str | None = PASSWORD) -> Account:
    return create_account(database, name, "Ayla Örnek", Role.REVIEWER, password)


def refusals(database: Database) -> list[str]:
    """The reasons in the audit trail, the newest first."""
    with database.reading() as work:
        return [line.details["reason"] for line in lines(work, LineFilter(actions=(Action.LOGIN_REFUSED,)))]


def test_an_account_is_entered_by_its_password_alone(database: Database) -> None:
    account = make(database)
    assert authenticate(database, " AYLA ", PASSWORD) == account
    assert authenticate(database, "ayla", PASSWORD + "x") == Refused(Refusal.PASSWORD)
    assert authenticate(database, "bora", PASSWORD) == Refused(Refusal.UNKNOWN)
    assert refusals(database) == ["unknown", "password"]


def test_the_password_and_the_name_of_the_person_cannot_be_read_in_the_database(database: Database) -> None:
    make(database)
    with database.reading() as work:
        row = work.session.scalars(select(AccountRow)).one()
    assert row.password is not None
    assert row.password.startswith("$argon2id$")
    assert PASSWORD not in row.password
    assert b"Ayla" not in row.display


def test_an_account_locks_for_a_while(database: Database) -> None:
    make(database)
    for _ in range(FAILURES):
        assert authenticate(database, "ayla", "yanlış") == Refused(Refusal.PASSWORD)
    assert authenticate(database, "ayla", PASSWORD) == Refused(Refusal.LOCKED)
    with database.unit_of_work() as work:
        work.session.execute(update(AccountRow).values(locked_until=now() - timedelta(seconds=1)))
        work.commit()
    assert isinstance(authenticate(database, "ayla", PASSWORD), Account)


def test_a_right_password_forgets_the_wrong_ones_before(database: Database) -> None:
    make(database)
    for _ in range(2):
        for _ in range(FAILURES - 1):
            authenticate(database, "ayla", "yanlış")
        assert isinstance(authenticate(database, "ayla", PASSWORD), Account)


def test_an_unknown_name_costs_as_much_work_as_a_known_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted are comparisons of hashes, since that is where the time goes."""
    make(database)
    compared: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, known: str, given: str) -> bool:
        compared.append(known)
        return verify(self, known, given)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    authenticate(database, "ayla", "yanlış")
    authenticate(database, "kimse", "yanlış")
    parameters = [known.split("$")[1:4] for known in compared]
    assert len(parameters) == 2
    assert parameters[0] == parameters[1]


def test_an_account_without_a_password_is_not_entered_by_one(database: Database) -> None:
    make(database, password=None)
    assert authenticate(database, "ayla", "nobody") == Refused(Refusal.UNKNOWN)


def test_a_disabled_account_is_not_entered(database: Database) -> None:
    make(database)
    disable(database, "ayla")
    assert authenticate(database, "ayla", PASSWORD) == Refused(Refusal.DISABLED)
    enable(database, "ayla")
    assert isinstance(authenticate(database, "ayla", PASSWORD), Account)


def test_a_new_password_replaces_the_old_one(database: Database) -> None:
    make(database)
    set_password(database, "ayla", "başka uzun bir cümle")
    assert authenticate(database, "ayla", PASSWORD) == Refused(Refusal.PASSWORD)
    assert isinstance(authenticate(database, "ayla", "başka uzun bir cümle"), Account)


def test_a_change_ends_the_sessions_of_an_account(database: Database) -> None:
    account = make(database, password=None)
    changes: tuple[Callable[[], None], ...] = (
        lambda: set_role(database, "ayla", Role.AUDITOR),
        lambda: set_password(database, "ayla", PASSWORD),
        lambda: disable(database, "ayla"),
    )
    for change in changes:
        session = open_session(database, account)
        assert session_of(database, session.token) is not None
        change()
        assert session_of(database, session.token) is None


@pytest.mark.parametrize(
    ("name", "display", "password", "fault"),
    [
        ("a", "A", PASSWORD, AccountFault.NAME_FORM),
        ("ayla örnek", "A", PASSWORD, AccountFault.NAME_FORM),
        ("ayla", " ", PASSWORD, AccountFault.NO_DISPLAY),
        ("ayla", "A", "kısa", AccountFault.PASSWORD_SHORT),
        ("ayla", "A", "x" * (LONGEST + 1), AccountFault.PASSWORD_LONG),
        ("ayla", "A", "AYLAAYLAAYLA", AccountFault.PASSWORD_IS_NAME),
    ],
)
def test_what_makes_no_account_is_refused(
    database: Database, name: str, display: str, password: str, fault: AccountFault
) -> None:
    with pytest.raises(AccountImpossible) as refused:
        create_account(database, name, display, Role.REVIEWER, password)
    assert refused.value.fault is fault


def test_a_name_is_given_once(database: Database) -> None:
    make(database, password=None)
    with pytest.raises(AccountImpossible) as refused:
        make(database, "AYLA", None)
    assert refused.value.fault is AccountFault.NAME_TAKEN


def test_an_unknown_account_is_not_changed(database: Database) -> None:
    with pytest.raises(AccountImpossible) as refused:
        set_role(database, "kimse", Role.AUDITOR)
    assert refused.value.fault is AccountFault.UNKNOWN


def test_a_subject_is_one_account(database: Database) -> None:
    make(database, password=None)
    make(database, "bora", None)
    link_subject(database, "ayla", "https://idp.example", "s-1")
    with database.reading() as work:
        found = account_by_subject(work, "https://idp.example", "s-1")
        assert found is not None
        assert found.name == "ayla"
        assert account_by_subject(work, "https://other.example", "s-1") is None
    with pytest.raises(AccountImpossible) as refused:
        link_subject(database, "bora", "https://idp.example", "s-1")
    assert refused.value.fault is AccountFault.SUBJECT_TAKEN
    disable(database, "ayla")
    with database.reading() as work:
        assert account_by_subject(work, "https://idp.example", "s-1") is None


def test_accounts_are_listed_and_found_by_name(database: Database) -> None:
    make(database, "bora", None)
    make(database, "ayla", None)
    with database.reading() as work:
        assert [account.name for account in accounts(work)] == ["ayla", "bora"]
        found = account_by_name(work, "AYLA")
        assert found is not None
        assert (found.display, found.role, found.active) == ("Ayla Örnek", Role.REVIEWER, True)
        assert account_by_name(work, "kimse") is None


def test_what_was_done_to_an_account_stands_in_the_trail(database: Database) -> None:
    account = make(database, password=None)
    set_role(database, "ayla", Role.SUPERVISOR, by=account.actor("10.0.0.1"))
    with database.reading() as work:
        changed, created = lines(work, LineFilter(object=f"account:{account.id}"))
    assert (created.action, created.details) == (Action.ACCOUNT_CREATED, {"role": "reviewer"})
    assert (changed.account, changed.address, changed.details) == (
        "ayla",
        "10.0.0.1",
        {"what": "role:supervisor"},
    )
