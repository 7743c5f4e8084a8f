"""The operator's pages, and `kanit account`."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli import run
from review.accounts_page import FAULTS
from review.desk import Desk
from storage.desk.accounts import Account, AccountFault, Role, account_by_name, authenticate
from storage.desk.audit import lines
from tests.review.visiting import PASSWORD, Visitor

Visit = Callable[..., Visitor]
NEW = "a second long sentence"


@pytest.fixture
def operator(visit: Visit) -> Visitor:
    """An operator, whose account is the first."""
    return visit(Role.OPERATOR, "isletmen")


def named(desk: Desk, name: str) -> Account:
    found = desk.database.read(lambda work: account_by_name(work, name))
    assert found is not None
    return found


def test_account_is_opened_and_listed(operator: Visitor, desk: Desk) -> None:
    operator.get("/accounts/new")
    answer = operator.post(
        "/accounts/new", name="ayse", display="Ayşe <Örnek>", role="reviewer", new=NEW, again=NEW
    )
    assert answer.headers["location"] == "/accounts"
    listed = operator.get("/accounts").text
    assert "Hesap açıldı" in listed
    assert "Ayşe &lt;Örnek&gt;" in listed
    assert named(desk, "ayse").role is Role.REVIEWER
    last = desk.database.read(lines)[0]
    assert (last.action, last.account) == ("account_created", "isletmen")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": "isletmen"}, "kullanılıyor"),
        ({"name": "Boş luk"}, "yalnız küçük harf"),
        ({"display": " "}, "Bu alanı doldurun"),
        ({"role": "king"}, "Listeden birini seçin"),
        ({"new": "short", "again": "short"}, "en az 12 karakter"),
        ({"again": "another"}, "birbirinden farklı"),
        ({"new": "", "again": ""}, "Bu alanı doldurun"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_told_and_nothing_is_made(
    operator: Visitor, desk: Desk, changed: dict[str, str], told: str
) -> None:
    sent = {"name": "ayse", "display": "Ayşe", "role": "reviewer", "new": NEW, "again": NEW, **changed}
    answer = operator.post("/accounts/new", **sent)
    assert answer.status_code == 422
    assert told in answer.text
    assert NEW not in answer.text
    assert len(desk.database.read(lines)) == 2


def test_every_fault_of_an_account_has_a_field_and_a_text() -> None:
    assert FAULTS.keys() == set(AccountFault) - {AccountFault.UNKNOWN, AccountFault.NO_FACTOR}


def test_role_password_closing_and_opening(operator: Visitor, visit: Visit, desk: Desk) -> None:
    officer = visit(Role.REVIEWER, "ayse")
    place = f"/accounts/{named(desk, 'ayse').id}"
    assert operator.get(place).status_code == 200
    assert operator.post(f"{place}/role", role="supervisor").status_code == 303
    assert named(desk, "ayse").role is Role.SUPERVISOR
    assert officer.get("/account").status_code == 303
    assert operator.post(f"{place}/password", new=NEW, again=NEW).status_code == 303
    assert isinstance(authenticate(desk.database, "ayse", NEW), Account)
    assert operator.post(f"{place}/close").status_code == 303
    assert not isinstance(authenticate(desk.database, "ayse", NEW), Account)
    assert "kapalı" in operator.get("/accounts").text
    assert operator.post(f"{place}/open").status_code == 303
    assert isinstance(authenticate(desk.database, "ayse", NEW), Account)
    changes = [line for line in desk.database.read(lines) if line.action == "account_changed"]
    assert {line.account for line in changes} == {"isletmen"}
    assert len(changes) == 4


def test_what_is_wrong_with_a_change_is_told(operator: Visitor, visit: Visit, desk: Desk) -> None:
    visit(Role.REVIEWER, "ayse")
    place = f"/accounts/{named(desk, 'ayse').id}"
    assert operator.post(f"{place}/role", role="king").status_code == 422
    assert operator.post(f"{place}/password", new="short", again="short").status_code == 422
    assert operator.post("/accounts/99/close").status_code == 404
    assert operator.get("/accounts/99").status_code == 404


def test_nobody_closes_or_changes_the_own_account(operator: Visitor) -> None:
    for deed, fields in (
        ("role", {"role": "reviewer"}),
        ("close", {}),
        ("password", {"new": NEW, "again": NEW}),
    ):
        answer = operator.post(f"/accounts/1/{deed}", **fields)
        assert answer.status_code == 409
        assert "kendi" in answer.text.lower()
    assert operator.get("/accounts").status_code == 200


@pytest.fixture
def kanit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run a command on a new registry with a text on standard input; return exit code and what was printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KANIT_HOME", str(tmp_path / "kanit"))

    def command(*arguments: str, given: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        code = run(["account", *arguments])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return command


def test_first_account_is_opened_by_a_command(kanit: Callable[..., tuple[int, str]]) -> None:
    create = ("create", "isletmen", "--display", "Işıl Örnek", "--role", "operator")
    assert kanit(*create, given=f"{PASSWORD}\n") == (0, "“isletmen” hesabı açıldı.\n")
    code, listed = kanit("list", "--lang", "en")
    assert code == 0
    assert listed == "isletmen\tIşıl Örnek\tOperator\topen\tnever\n"


def test_accounts_are_changed_by_commands(kanit: Callable[..., tuple[int, str]]) -> None:
    kanit("create", "ayse", "--display", "Ayşe", "--role", "reviewer", given=PASSWORD)
    assert kanit("role", "ayse", "supervisor")[0] == 0
    assert kanit("password", "ayse", given=NEW)[0] == 0
    assert kanit("disable", "ayse")[0] == 0
    assert kanit("list")[1] == "ayse\tAyşe\tBirim amiri\tkapalı\thiç\n"
    assert kanit("enable", "ayse")[0] == 0
    assert "açık" in kanit("list")[1]


@pytest.mark.parametrize(
    ("arguments", "given", "told"),
    [
        (("create", "ayse", "--display", "A", "--role", "reviewer"), "short", "en az 12 karakter"),
        (("create", "Ş", "--display", "A", "--role", "reviewer"), PASSWORD, "küçük harf"),
        (("role", "nobody", "auditor"), "", "Bu adla bir hesap yok"),
        (("create", "ayse", "--display", "A", "--role", "reviewer", "--subject", "x"), "", "oidc_issuer"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    kanit: Callable[..., tuple[int, str]], arguments: tuple[str, ...], given: str, told: str
) -> None:
    code, printed = kanit(*arguments, given=given)
    assert code == 2
    assert told in printed
    assert kanit("list") == (0, "")
