"""Logging in and out, lock-out, the end of sessions, one's own password."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import update

from review.desk import Desk
from review.login import TRIES
from storage.columns import now
from storage.desk.accounts import FAILURES, Role, disable, set_role
from storage.desk.audit import lines
from storage.desk.sessions import ABSOLUTE, IDLE
from storage.models import SessionRow
from tests.review.visiting import PASSWORD, Visitor

Visit = Callable[..., Visitor]
NEW = "a second long sentence"


def actions(desk: Desk) -> list[str]:
    return [line.action for line in reversed(desk.database.read(lines))]


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/account").status_code == 200


def test_whoever_is_not_logged_in_is_sent_to_the_log_in_page_and_back(visit: Visit) -> None:
    visitor = visit()
    asked = visitor.get("/accounts?page=2")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2Faccounts%3Fpage%3D2"
    visit(Role.OPERATOR, "isletmen")
    visitor.get(asked.headers["location"])
    answer = visitor.post("/login", name="isletmen", password=PASSWORD, next="/accounts?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts?page=2")


def test_whoever_is_logged_in_needs_no_log_in_page(visit: Visit) -> None:
    assert visit(Role.REVIEWER).get("/login?next=/account").headers["location"] == "/account"


def test_log_in_and_out_are_audited_and_end_the_session(visit: Visit, desk: Desk) -> None:
    visitor = visit(Role.REVIEWER)
    cookies = dict(visitor.http.cookies)
    assert visitor.post("/logout").headers["location"] == "/login"
    assert "Çıkış yaptınız" in visitor.get("/login").text
    assert "Çıkış yaptınız" not in visitor.get("/login").text
    visitor.http.cookies.update(cookies)
    assert not is_in(visitor)
    assert actions(desk) == ["account_created", "login", "logout"]


def test_cookie_of_a_session_is_kept_from_scripts_and_from_other_sites(visit: Visit) -> None:
    visit(Role.REVIEWER, "ayse")
    visitor = visit()
    visitor.get("/login")
    cookie = visitor.post("/login", name="ayse", password=PASSWORD).headers["set-cookie"]
    assert cookie.startswith("kanit_session=")
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "max-age" not in cookie.lower()


def test_every_refusal_is_told_by_the_same_sentence(visit: Visit, desk: Desk) -> None:
    for name in ("ayse", "locked", "closed"):
        visit(Role.REVIEWER, name)
    disable(desk.database, "closed")
    visitor = visit()
    visitor.get("/login")
    for _ in range(FAILURES):
        visitor.post("/login", name="locked", password="wrong")
    told = {
        visitor.post("/login", name=name, password=password).text.replace(name, "NAME")
        for name, password in (
            ("ayse", "wrong"),
            ("nobody", "wrong"),
            ("locked", PASSWORD),
            ("closed", PASSWORD),
        )
    }
    assert len(told) == 1
    assert f"{FAILURES} yanlış deneme hesabı 15 dakika kilitler" in told.pop()
    assert not is_in(visitor)


def test_address_that_fails_too_often_must_wait_even_with_the_right_password(visit: Visit) -> None:
    visit(Role.REVIEWER, "ayse")
    visitor = visit()
    visitor.get("/login")
    for number in range(TRIES):
        assert visitor.post("/login", name=f"guess{number}", password="wrong").status_code == 403
    answer = visitor.post("/login", name="ayse", password=PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 300
    assert not is_in(visitor)


def test_empty_fields_are_told_beside_them(visit: Visit) -> None:
    visitor = visit()
    visitor.get("/login")
    answer = visitor.post("/login", name="", password="")
    assert answer.status_code == 422
    assert 'id="name-wrong"' in answer.text
    assert 'aria-describedby="password-wrong"' in answer.text


def test_log_in_needs_the_token_of_its_page(visit: Visit) -> None:
    visit(Role.REVIEWER, "ayse")
    visitor = visit()
    assert visitor.post("/login", csrf="", name="ayse", password=PASSWORD).status_code == 403
    visitor.get("/login")
    assert visitor.post("/login", csrf="guessed", name="ayse", password=PASSWORD).status_code == 403
    assert not is_in(visitor)


def set_back(desk: Desk, **times: datetime) -> None:
    """Let the sessions be older than they are."""
    desk.database.transact(lambda work: work.session.execute(update(SessionRow).values(times)))


def test_session_ends_when_unused_and_after_a_working_day(visit: Visit, desk: Desk) -> None:
    for times in ({"seen_at": now() - IDLE}, {"opened_at": now() - ABSOLUTE, "seen_at": now()}):
        visitor = visit(Role.REVIEWER)
        assert is_in(visitor)
        set_back(desk, **times)
        asked = visitor.get("/account")
        assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Faccount")
        assert "süresi doldu" in visitor.get(asked.headers["location"]).text


def test_session_that_is_used_goes_on(visit: Visit, desk: Desk) -> None:
    visitor = visit(Role.REVIEWER)
    for _ in range(2):
        set_back(desk, seen_at=now() - IDLE + timedelta(minutes=2))
        assert is_in(visitor)
    with desk.database.reading() as work:
        (seen,) = work.session.execute(SessionRow.__table__.select()).mappings()
        assert seen["seen_at"] > now() - timedelta(minutes=1)


def test_another_role_or_a_closed_account_ends_its_sessions(visit: Visit, desk: Desk) -> None:
    first, second = visit(Role.REVIEWER, "ayse"), visit(Role.REVIEWER, "fatma")
    set_role(desk.database, "ayse", Role.AUDITOR)
    disable(desk.database, "fatma")
    assert (is_in(first), is_in(second)) == (False, False)


def test_own_password_is_changed_and_other_sessions_end(visit: Visit, desk: Desk) -> None:
    here, elsewhere = visit(Role.REVIEWER, "ayse"), visit(Role.REVIEWER, "ayse")
    answer = here.post("/account/password", old=PASSWORD, new=NEW, again=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Parolanız değişti" in here.get("/account").text
    assert not is_in(elsewhere)
    guest = visit()
    guest.get("/login")
    assert guest.post("/login", name="ayse", password=PASSWORD).status_code == 403
    assert guest.post("/login", name="ayse", password=NEW).status_code == 303


def test_own_password_is_changed_only_with_the_present_one_and_to_a_good_one(visit: Visit) -> None:
    visitor = visit(Role.REVIEWER, "ayse")
    for fields, told in (
        ({"old": "wrong", "new": NEW, "again": NEW}, "Şimdiki parola bu değil"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "en az 12 karakter"),
        ({"old": PASSWORD, "new": "ayse ayse ayse", "again": "ayse ayse ayse"}, "kullanıcı adını içermemeli"),
        ({"old": PASSWORD, "new": NEW, "again": NEW + "x"}, "birbirinden farklı"),
        ({"old": PASSWORD, "new": "x" * 300, "again": "x" * 300}, "çok uzun"),
    ):
        answer = visitor.post("/account/password", **fields)
        assert answer.status_code == 422, told
        assert told in answer.text
        assert NEW not in answer.text
        assert PASSWORD not in answer.text
    assert visitor.post("/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303


def test_wrong_present_passwords_lock_the_account_too(visit: Visit) -> None:
    visitor = visit(Role.REVIEWER, "ayse")
    for _ in range(FAILURES):
        visitor.post("/account/password", old="wrong", new=NEW, again=NEW)
    assert visitor.post("/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 422
