"""One-time passwords: whose code is right, when, and how often."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from storage.database import Database
from storage.desk import totp
from storage.desk.accounts import (
    FAILURES,
    Account,
    AccountImpossible,
    Refusal,
    Refused,
    Role,
    account_by_name,
    authenticate,
    create_account,
)
from storage.desk.audit import COMMAND_LINE, lines
from storage.desk.second_factor import enrol, remove
from storage.desk.sessions import open_session, session_of
from storage.desk.totp import STEP, address, code_at, new_secret, step_of
from storage.models import AccountRow

PASSWORD = "uzun ve tuhaf bir cümle"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """The time by which codes are judged."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(totp, "now", found)
    return found


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The last six digits of the values of RFC 6238, appendix B."""
    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", seconds) == code


def test_secrets_are_long_random_and_told_to_the_authenticator() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(first) == 32
    assert address(first, "ayla").startswith(f"otpauth://totp/kanit:ayla?secret={first}&issuer=kanit")


def test_a_code_is_good_in_its_half_minute_and_the_next(clock: Clock) -> None:
    secret = new_secret()
    code = code_at(secret, int(NOON.timestamp()))
    for waited, right in ((0, True), (STEP, True), (2 * STEP, False), (-STEP, False)):
        clock.moment = NOON + timedelta(seconds=waited)
        assert (step_of(secret, code) is not None) is right, waited


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "\0"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert step_of(new_secret(), code) is None


def with_factor(database: Database, clock: Clock) -> str:
    """Make an account with a second factor and return the secret."""
    account = create_account(database, "ayla", "Ayla Örnek", Role.REVIEWER, PASSWORD)
    secret = new_secret()
    by = account.actor()
    assert not enrol(database, "ayla", secret, "000000", by)
    assert enrol(database, "ayla", secret, code_at(secret, int(clock().timestamp())), by)
    clock.wait(STEP)
    return secret


def test_password_and_code_are_both_needed_and_a_code_works_once(database: Database, clock: Clock) -> None:
    secret = with_factor(database, clock)
    code = code_at(secret, int(clock().timestamp()))
    assert authenticate(database, "ayla", PASSWORD) == Refused(Refusal.CODE)
    assert authenticate(database, "ayla", "yanlış", code=code) == Refused(Refusal.PASSWORD)
    assert isinstance(authenticate(database, "ayla", PASSWORD, code=f"{code[:3]} {code[3:]}"), Account)
    assert authenticate(database, "ayla", PASSWORD, code=code) == Refused(Refusal.CODE)


def test_the_code_that_switched_it_on_is_used_up(database: Database, clock: Clock) -> None:
    secret = with_factor(database, clock)
    before = code_at(secret, int(NOON.timestamp()))
    assert authenticate(database, "ayla", PASSWORD, code=before) == Refused(Refusal.CODE)


def test_wrong_codes_lock_the_account(database: Database, clock: Clock) -> None:
    secret = with_factor(database, clock)
    for _ in range(FAILURES):
        assert authenticate(database, "ayla", PASSWORD, code="000000") == Refused(Refusal.CODE)
    code = code_at(secret, int(clock().timestamp()))
    assert authenticate(database, "ayla", PASSWORD, code=code) == Refused(Refusal.LOCKED)


def test_the_secret_is_sealed_and_taking_it_away_ends_sessions(database: Database, clock: Clock) -> None:
    secret = with_factor(database, clock)
    account = database.read(lambda work: account_by_name(work, "ayla"))
    assert account is not None
    assert account.has_second_factor
    token = open_session(database, account).token
    with database.reading() as work:
        row = work.session.scalars(select(AccountRow)).one()
        assert row.second_factor is not None
        assert secret.encode() not in row.second_factor
        assert work.keys.unseal(row.second_factor, totp.SEALED_AS) == secret
    remove(database, "ayla", COMMAND_LINE)
    assert session_of(database, token) is None
    assert isinstance(authenticate(database, "ayla", PASSWORD), Account)
    assert [line.details["what"] for line in database.read(lines) if line.action == "account_changed"] == [
        "second_factor_removed",
        "second_factor",
    ]
    with pytest.raises(AccountImpossible):
        remove(database, "ayla", COMMAND_LINE)
