"""Second factors, passwords of others, log-ins that are old, sessions elsewhere: how a browser meets them."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha1
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update

from review.access import routes_with_roles
from review.desk import Desk
from storage.columns import now
from storage.desk.accounts import Role, account_by_name, set_password
from storage.desk.audit import Line, lines
from storage.desk.sessions import FRESH
from storage.desk.totp import code_at
from storage.models import AccountRow, SessionRow
from storage.settings import load_settings
from tests.review.visiting import PASSWORD, Visitor, running
from tests.web.test_routes import ROUTES

Visit = Callable[..., Visitor]
NEW = "a second long sentence"


def found(desk: Desk, action: str) -> list[Line]:
    return [line for line in desk.database.read(lines) if line.action == action]


def let_time_pass(desk: Desk) -> None:
    """Make every log-in an old one."""
    values = {"opened_at": now() - FRESH - timedelta(seconds=1)}
    desk.database.transact(lambda work: work.session.execute(update(SessionRow).values(values)))


def forget_code(desk: Desk) -> None:
    """Let the code that was used last be good again, as the next one will be in half a minute."""
    desk.database.transact(lambda work: work.session.execute(update(AccountRow).values(second_step=None)))


def code(secret: str) -> str:
    return code_at(secret, int(now().timestamp()))


def switch_on(visitor: Visitor, desk: Desk) -> str:
    """Give the account of a visitor a second factor by its pages, and return the secret."""
    page = visitor.get("/account/second-factor").text
    assert "<svg" in page
    (sealed,) = re.findall(r'name="sealed" value="([^"]+)"', page)
    (key,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
    secret = str(key).replace(" ", "")
    answer = visitor.post(
        "/account/second-factor", sealed=unescape(sealed), old=PASSWORD, new_code=code(secret)
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/account"), answer.text
    assert "İki adımlı giriş açıldı" in visitor.get("/account").text
    forget_code(desk)
    return secret


def log_in(visitor: Visitor, name: str, **fields: str) -> int:
    visitor.get("/login")
    return visitor.post("/login", name=name, **{"password": PASSWORD, **fields}).status_code


def test_second_factor_is_switched_on_asked_for_and_switched_off(visit: Visit, desk: Desk) -> None:
    here, elsewhere = visit(Role.REVIEWER, "ayse"), visit(Role.REVIEWER, "ayse")
    secret = switch_on(here, desk)
    assert elsewhere.get("/account").status_code == 303, "other sessions ended"
    guest = visit()
    assert log_in(guest, "ayse") == 403
    assert log_in(guest, "ayse", code="000000") == 403
    assert log_in(guest, "ayse", code=code(secret)) == 303
    assert log_in(visit(), "ayse", code=code(secret)) == 403, "a code works once"
    assert [line.details["reason"] for line in found(desk, "login_refused")] == ["code"] * 3
    assert here.post("/account/second-factor/off", old=PASSWORD, code="000000").status_code == 422
    forget_code(desk)
    assert here.post("/account/second-factor/off", old=PASSWORD, code=code(secret)).status_code == 303
    assert log_in(visit(), "ayse") == 303


def test_second_factor_needs_the_password_a_right_code_and_its_own_page(visit: Visit, desk: Desk) -> None:
    visitor, other = visit(Role.REVIEWER, "ayse"), visit(Role.REVIEWER, "fatma")
    page = visitor.get("/account/second-factor").text
    sealed = unescape(re.findall(r'name="sealed" value="([^"]+)"', page)[0])
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    good = {"sealed": sealed, "old": PASSWORD, "new_code": code(secret)}
    for changed, status in (
        ({"old": "wrong"}, 422),
        ({"new_code": "000000"}, 422),
        ({"new_code": ""}, 422),
        ({"sealed": "AAAA"}, 400),
        ({"sealed": ""}, 400),
        ({"sealed": sealed[:-8] + "AAAAAAAA"}, 400),
    ):
        assert visitor.post("/account/second-factor", **{**good, **changed}).status_code == status, changed
    assert other.post("/account/second-factor", **good).status_code == 400, "a secret is for one session"
    assert visitor.post("/account/second-factor", **good).status_code == 303
    page = visitor.get("/account/second-factor").text
    forget_code(desk)
    again = {**good, "sealed": unescape(re.findall(r'name="sealed" value="([^"]+)"', page)[0])}
    assert visitor.post("/account/second-factor", **again).status_code == 409, "it is not replaced unseen"


def test_operator_takes_away_a_lost_factor_and_ends_sessions(visit: Visit, desk: Desk) -> None:
    operator, officer = visit(Role.OPERATOR, "isletmen"), visit(Role.REVIEWER, "ayse")
    switch_on(officer, desk)
    assert "İki adımlı girişi kaldır" in operator.get("/accounts/2").text
    assert operator.post("/accounts/2/second-factor").status_code == 303
    assert operator.post("/accounts/2/second-factor").status_code == 409
    assert officer.get("/account").status_code == 303
    assert log_in(officer, "ayse") == 303
    assert operator.post("/accounts/2/sessions").status_code == 303
    assert officer.get("/account").status_code == 303
    assert operator.post("/accounts/1/sessions").status_code == 409


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk that asks everybody for a second factor."""
    monkeypatch.chdir(tmp_path)
    with running(load_settings(home=tmp_path / "kanit", review_second_factor="required")) as served:
        yield served.desk


def every_other_page() -> list[str]:
    """Return the pages without places in their paths that are not open to all and are not one's own account."""
    return [
        path
        for path, route, roles in routes_with_roles(ROUTES)
        if roles and "GET" in (route.methods or ()) and "{" not in path
        if not path.startswith(("/account/", "/confirm")) and path not in {"/account", "/alive"}
    ]


def test_who_must_have_a_second_factor_sees_nothing_before(strict: Desk) -> None:
    for role in Role:
        visitor = Visitor(strict).log_in(role, role.value)
        for path in every_other_page():
            answer = visitor.get(path)
            assert (answer.status_code == 403) or answer.headers["location"] == "/account", (role, path)
        assert "iki adımlı giriş gerekiyor" in visitor.get("/account").text
        switch_on(visitor, strict)
        assert visitor.get("/").headers["location"] != "/account" or role is Role.PROVIDER_QUERY
        visitor.close()


def test_second_factor_is_a_must_behind_a_proxy_unless_somebody_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    there = {"review_behind_proxy": True, "review_url": "https://review.example"}
    for options, first in ((there, "factor"), ({**there, "review_second_factor": "optional"}, "")):
        with running(load_settings(home=tmp_path / f"kanit{first}", **options)) as served:
            visitor = Visitor(served.desk).log_in(Role.REVIEWER, "ayse")
            session = visitor.http.cookies["kanit_session"]
            headers = {
                "X-Forwarded-Proto": "https",
                "Host": "review.example",
                "Cookie": f"__Host-kanit_session={session}",
            }
            answer = visitor.get("/queue", headers=headers)
            assert answer.headers.get("location", "") == ("/account" if first else "")
            visitor.close()


def test_password_that_an_operator_gave_must_be_changed_first(visit: Visit, desk: Desk) -> None:
    operator = visit(Role.OPERATOR, "isletmen")
    fields = {"name": "ayse", "display": "Ayşe Örnek", "role": "reviewer", "new": PASSWORD, "again": PASSWORD}
    assert operator.post("/accounts/new", **fields).status_code == 303
    officer = visit()
    assert log_in(officer, "ayse") == 303
    for path in ("/", "/queue", "/statistics"):
        assert officer.get(path).headers["location"] == "/account"
    assert officer.get("/queue", headers={"HX-Request": "true"}).headers["hx-redirect"] == "/account"
    assert "Bu parolayı size başkası verdi" in officer.get("/account").text
    same = officer.post("/account/password", old=PASSWORD, new=PASSWORD, again=PASSWORD)
    assert (same.status_code, "eskisinden farklı" in same.text) == (422, True)
    assert officer.post("/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303
    assert officer.get("/queue").status_code == 200
    assert operator.post("/accounts/2/password", new=PASSWORD, again=PASSWORD).status_code == 303
    account = desk.database.read(lambda work: account_by_name(work, "ayse"))
    assert account is not None
    assert account.temporary
    set_password(desk.database, "ayse", NEW)
    account = desk.database.read(lambda work: account_by_name(work, "ayse"))
    assert account is not None
    assert not account.temporary


ACCOUNT_DEEDS = ("role", "password", "close", "open", "second-factor", "sessions")


def test_an_old_log_in_changes_no_account_before_the_password_is_given_again(
    visit: Visit, desk: Desk
) -> None:
    operator = visit(Role.OPERATOR, "isletmen")
    visit(Role.REVIEWER, "ayse")
    let_time_pass(desk)
    for path in ("/accounts/new", *(f"/accounts/2/{deed}" for deed in ACCOUNT_DEEDS), "/account/sessions"):
        answer = operator.post(path, role="supervisor", new=NEW, again=NEW)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/confirm?next=%2F", path
    assert found(desk, "account_changed") == []
    token = operator.http.cookies["kanit_session"]
    assert operator.get("/confirm?next=/accounts/2").status_code == 200
    assert operator.post("/confirm", old="wrong", next="/accounts/2").status_code == 422
    answer = operator.post("/confirm", old=PASSWORD, next="/accounts/2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts/2")
    operator.get("/accounts/2")
    assert operator.http.cookies["kanit_session"] != token
    assert operator.post("/accounts/2/close").status_code == 303
    assert len(found(desk, "account_changed")) == 1
    operator.http.cookies.clear()
    operator.http.cookies.set("kanit_session", token, domain="127.0.0.1", path="/")
    assert operator.get("/account").status_code == 303, "the old session is over"


def test_where_a_page_asked_from_is_where_one_comes_back_to(visit: Visit, desk: Desk) -> None:
    operator = visit(Role.OPERATOR, "isletmen")
    let_time_pass(desk)
    for referer, back in (("/accounts/1", "/accounts/1"), ("//evil.example/x", "//evil.example/x")):
        headers = {"Origin": operator.url, "Referer": operator.url + referer}
        answer = operator.http.post("/accounts/2/close", data={"csrf": operator.token}, headers=headers)
        wanted = answer.headers["location"]
        assert wanted.startswith("/confirm?next=%2F")
        shown = operator.get(wanted).text
        assert (f'name="next" value="{back}"' in shown) is not back.startswith("//")


def test_logging_in_anew_ends_the_session_that_the_browser_had(visit: Visit) -> None:
    visit(Role.REVIEWER, "ayse")
    visitor = visit(Role.AUDITOR, "nilgun")
    token = visitor.http.cookies["kanit_session"]
    visitor.get("/account")
    assert visitor.post("/login", name="ayse", password=PASSWORD).status_code == 303
    assert visitor.http.cookies["kanit_session"] != token
    other = visit()
    other.http.cookies.set("kanit_session", token, domain="127.0.0.1", path="/")
    assert other.get("/account").status_code == 303


def test_sessions_elsewhere_are_listed_and_ended(visit: Visit, desk: Desk) -> None:
    here, elsewhere, other = (
        visit(Role.REVIEWER, "ayse"),
        visit(Role.REVIEWER, "ayse"),
        visit(Role.REVIEWER, "b2"),
    )
    assert here.get("/account").text.count("son kullanım") == 2
    assert here.post("/account/sessions").status_code == 303
    assert "Öteki oturumlarınız kapatıldı" in here.get("/account").text
    assert [each.get("/account").status_code for each in (here, elsewhere, other)] == [200, 303, 200]
    assert [line.details for line in found(desk, "logout")] == [{"which": "others"}]


def test_leaving_makes_the_browser_forget(visit: Visit) -> None:
    answer = visit(Role.REVIEWER).post("/logout")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'


@pytest.mark.parametrize("password", ["password1234", "teknikservis2026", "123456789012"])
def test_passwords_that_are_guessed_first_are_refused(password: str, visit: Visit) -> None:
    answer = visit(Role.REVIEWER, "ayse").post(
        "/account/password", old=PASSWORD, new=password, again=password
    )
    assert (answer.status_code, "çok kolay tahmin edilir" in answer.text) == (422, True)


def test_leaked_passwords_are_refused_and_so_is_every_one_while_the_list_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    leaked = tmp_path / "leaked"
    leaked.write_text(sha1(NEW.encode()).hexdigest().upper() + ":2\n")  # noqa: S324 - as lists are
    with running(load_settings(home=tmp_path / "kanit", breached_passwords=leaked)) as served:
        visitor = Visitor(served.desk).log_in(Role.REVIEWER, "ayse")
        answer = visitor.post("/account/password", old=PASSWORD, new=NEW, again=NEW)
        assert (answer.status_code, "sızdırılmış parolalar" in answer.text) == (422, True)
        leaked.unlink()
        answer = visitor.post("/account/password", old=PASSWORD, new=NEW, again=NEW)
        assert (answer.status_code, "denetlenemiyor" in answer.text) == (422, True)
        leaked.write_text("")
        assert visitor.post("/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303
        visitor.close()


def test_every_password_field_lets_managers_help(visit: Visit) -> None:
    visitor = visit(Role.OPERATOR, "isletmen")
    visit(Role.REVIEWER, "ayse")
    pages = [
        visit().get("/login"),
        *(visitor.get(path) for path in ("/account", "/accounts/new", "/accounts/2")),
    ]
    fields = [field for page in pages for field in re.findall(r"<input[^>]*password[^>]*>", page.text)]
    assert len(fields) >= 8
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field
        assert "maxlength" not in field
