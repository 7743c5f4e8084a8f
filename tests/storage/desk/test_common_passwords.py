"""Which passwords are guessed first, and which stand in a list of leaked ones."""

from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.database import Database
from storage.desk.accounts import AccountFault, AccountImpossible, Role, create_account, set_password
from storage.desk.common_passwords import is_breached, is_common

GOOD = "uzun ve tuhaf bir cümle"
COMMON = (
    "password1234",
    "123456789012",
    "qwertyuiop123",
    "aaaaaaaaaaaaaaaaaaaa",
    "iloveyou12345",
    "galatasaray1905",
    "Fenerbahce1907!",
    "Ankara2026!!",
    "teknikservis2026",
    "istanbul123456",
    "KanitKanit2026",
    "p4ssw0rdp4ssw0rd",
)


@pytest.mark.parametrize("password", COMMON)
def test_passwords_that_are_guessed_first_are_refused(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [GOOD, "correct horse battery staple", "Yağmurlu bir salı günü, kırmızı vapur: " * 6, "Zq7! kmw9 vxp2"],
)
def test_long_and_strange_ones_are_not(password: str) -> None:
    assert not is_common(password)


def test_name_of_the_account_counts_as_a_frequent_word() -> None:
    assert not is_common("xkqzvbwpt 40")
    assert is_common("xkqzvbwpt 40", "xkqzvbwpt")


def test_registry_refuses_common_passwords_whoever_sets_them(database: Database) -> None:
    create_account(database, "ayla", "Ayla", Role.REVIEWER, GOOD)
    for attempt in (
        lambda: create_account(database, "bora", "Bora", Role.REVIEWER, COMMON[0]),
        lambda: set_password(database, "ayla", COMMON[0]),
    ):
        with pytest.raises(AccountImpossible) as refused:
            attempt()
        assert refused.value.fault is AccountFault.PASSWORD_COMMON


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("leaked")


@given(
    leaked=st.sets(st.text(min_size=1, max_size=20), max_size=30),
    others=st.sets(st.text(min_size=1, max_size=20), max_size=10),
    end=st.sampled_from(["", ":3"]),
    line=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_list_is_searched_as_its_lines_stand(  # noqa: PLR0917 - parts of a file
    folder: Path, leaked: set[str], others: set[str], end: str, line: str, last: bool
) -> None:
    lines = sorted(sha1(word.encode()).hexdigest().upper() + end for word in leaked)  # noqa: S324 - as lists are
    file = folder / "list"
    file.write_bytes((line.join(lines) + (line if last and lines else "")).encode())
    assert {word for word in leaked | others if is_breached(word, file)} == leaked


def test_without_a_list_nothing_is_leaked_and_a_missing_one_is_told(tmp_path: Path) -> None:
    assert not is_breached("password", None)
    with pytest.raises(FileNotFoundError):
        is_breached("password", tmp_path / "nowhere")
