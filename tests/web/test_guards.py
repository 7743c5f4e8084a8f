"""What stands before every room, asked at every route: tokens, origins, bounds, paces, cookies, methods, proxies."""

import logging
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from review import app as application
from review import pace, security
from review.access import routes_with_roles
from review.desk import Desk
from review.pace import REQUESTS, Paces
from review.security import HEADERS, MAX_BODY
from storage.desk.accounts import Role
from storage.desk.audit import lines
from storage.settings import load_settings
from tests.review.visiting import Visitor, running

Visit = Callable[..., Visitor]
ROUTES = [route for room in application.ROOMS for route in room.routes]
CHANGES = [
    (re.sub(r"\{[a-z_]+(:int)?\}", "1", path), next(iter(sorted(roles)), None))
    for path, route, roles in routes_with_roles(ROUTES)
    if "POST" in (route.methods or ())
]
TLS = {"X-Forwarded-Proto": "https", "Host": "review.example"}


def actions(desk: Desk) -> list[str]:
    return [line.action for line in desk.database.read(lines)]


def test_nothing_is_changed_without_token_from_elsewhere_or_by_another_kind_of_body(
    visit: Visit, desk: Desk
) -> None:
    visitors = {role: visit(role) for role in Role}
    before = actions(desk)
    assert len(CHANGES) > 20
    for path, role in CHANGES:
        visitor = visitors[role] if role else visit()
        own, evil = {"Origin": visitor.url}, {"Origin": "http://evil.example"}
        good = {"csrf": visitor.token}
        refused: tuple[tuple[int, dict[str, Any]], ...] = (
            (403, {"headers": own}),
            (403, {"headers": own, "data": {"csrf": ""}}),
            (403, {"headers": own, "data": {"csrf": "0" * 64}}),
            (403, {"headers": own, "data": {"csrf": visitors[Role.AUDITOR].token + "x"}}),
            (403, {"headers": own, "json": good}),
            (403, {"headers": own, "content": b"\xff\xfe", "params": good}),
            (403, {"headers": evil, "data": good}),
            (403, {"headers": {"Origin": "null"}, "data": good}),
            (403, {"headers": {"Sec-Fetch-Site": "cross-site"}, "data": good}),
            (403, {"headers": {"Sec-Fetch-Site": "same-site"}, "data": good}),
            (400, {"headers": own, "files": {"csrf": ("csrf", visitor.token.encode())}}),
            (400, {"headers": own, "data": {**good, "x": "\0"}}),
            (413, {"headers": own, "content": b"x" * (MAX_BODY + 1)}),
        )
        for status, sent in refused:
            headers = dict(sent.pop("headers"))
            if "content" in sent:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            answer = visitor.http.post(path, headers=headers, **sent)
            assert answer.status_code == status, (path, sent.keys(), headers)
    assert actions(desk) == before


def test_null_characters_are_refused_before_any_database_sees_them(visit: Visit) -> None:
    visitor = visit(Role.AUDITOR)
    for path in (
        "/cases/%00",
        "/cases/A%00B/history",
        "/audit?application=%00",
        "/login?next=/%00",
        "/static/%00",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 400, path
        assert "İstek anlaşılamadı" in answer.text


def test_methods_that_no_route_has_are_refused(visit: Visit) -> None:
    visitor = visit(Role.SUPERVISOR)
    for method in ("TRACE", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "PROPFIND"):
        for path in ("/queue", "/login", "/static/base.css"):
            answer = visitor.http.request(method, path, headers={"Origin": visitor.url})
            assert answer.status_code == 405, (method, path)
            assert "access-control-allow-origin" not in answer.headers


def test_folders_and_sources_are_not_served(visit: Visit) -> None:
    visitor = visit(Role.OPERATOR)
    for path in (
        "/static/",
        "/static",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/.git/config",
        "/docs",
        "/openapi.json",
        "/metrics",
        "/robots.txt",
    ):
        assert visitor.get(path, follow_redirects=True).status_code == 404, path


def raw(desk_url: str, sent: bytes) -> bytes:
    """Send bytes as they are and return the answer's first line."""
    host, port = desk_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(sent)
        return connection.makefile("rb").readline()


def test_messages_whose_length_is_doubtful_are_refused(visit: Visit) -> None:
    url = visit().url
    head = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    for doubtful in (
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 1x\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"X: a\rb\r\n",
        b"X : a\r\n",
    ):
        line = raw(url, head + doubtful + b"\r\nab=cd")
        assert b" 400 " in line or b" 501 " in line, (doubtful, line)


def test_who_keeps_us_waiting_for_the_body_is_told_so(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "SECONDS", 0.05)
    head = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    assert b" 408 " in raw(visit().url, head + b"Content-Length: 100\r\n\r\ncsrf=")


def test_refused_tokens_and_origins_are_logged_without_what_was_sent(
    visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = visit(Role.REVIEWER)
    with caplog.at_level(logging.WARNING, "review"):
        visitor.post("/cases/TS-10000000146/claim", csrf="10000000146", do="take")
        visitor.http.post("/logout", headers={"Origin": "http://evil.example"})
    assert [record.getMessage() for record in caplog.records if record.name == "review.security"] == [
        "POST claim was refused: no token of its session",
        "POST was refused: another site asked for it",
    ]


def test_paces_name_routes_that_there_are() -> None:
    assert REQUESTS.keys() <= {route.name for route in ROUTES}


def test_what_gives_much_away_is_asked_for_only_so_often(visit: Visit, desk: Desk) -> None:
    visitor, other = visit(Role.AUDITOR, "nilgun"), visit(Role.SUPERVISOR, "selin")
    for _ in range(REQUESTS["audit_export"]):
        assert visitor.get("/audit/lines.csv").status_code == 200
    for _ in range(3):
        answer = visitor.get("/audit/lines.csv")
        assert answer.status_code == 429
        assert "çok sık istediniz" in answer.text
        assert 0 < int(answer.headers["retry-after"]) <= pace.WITHIN
    assert other.get("/audit/lines.csv").status_code == 200, "others are not slowed"
    assert visitor.get("/audit").status_code == 200
    refused = [line for line in desk.database.read(lines) if line.action == "refused"]
    assert [(line.object, line.details) for line in refused] == [("page:audit_export", {"reason": "pace"})]


def test_pace_is_counted_over_the_time_that_has_passed() -> None:
    clock = [0.0]
    paces = Paces(lambda: clock[0], {"reveal": 2})
    assert [paces.wait("reveal", "1") for _ in range(3)] == [0.0, 0.0, pace.WITHIN]
    assert paces.wait("reveal", "2") == 0.0
    assert paces.wait("anything", "1") == 0.0
    assert [paces.is_news("reveal", "1") for _ in range(2)] == [True, False]
    clock[0] = pace.WITHIN
    assert paces.wait("reveal", "1") == 0.0
    assert paces.is_news("reveal", "1")


@contextmanager
def behind_a_proxy(folder: Path, **options: str) -> Iterator[Desk]:
    settings = load_settings(
        home=folder / "kanit", review_behind_proxy=True, review_url="https://review.example", **options
    )
    with running(settings) as served:
        yield served.desk


def test_under_tls_every_cookie_is_of_this_host_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with behind_a_proxy(tmp_path) as desk:
        visitor = Visitor(desk).log_in(Role.REVIEWER, "ayse")
        cookie = f"__Host-kanit_session={visitor.http.cookies['kanit_session']}"
        headers = {**TLS, "Cookie": cookie, "Origin": "https://review.example", "X-CSRF-Token": visitor.token}
        answers = [
            visitor.http.get("/login", headers=TLS),
            visitor.http.post("/preferences", headers=headers, data={"theme": "dark", "language": "en"}),
            visitor.http.post("/logout", headers=headers),
        ]
        cookies = [value for answer in answers for value in answer.headers.get_list("set-cookie")]
        assert len(cookies) == 5
        for each in cookies:
            parts = {part.strip().lower() for part in each.split(";")}
            assert each.startswith("__Host-"), each
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts, each
            assert not any(part.startswith("domain") for part in parts)
        for answer in answers:
            assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
            assert answer.headers.items() >= {name.lower(): value for name, value in HEADERS.items()}.items()
        visitor.close()


def test_a_cookie_without_the_prefix_is_no_session_under_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with behind_a_proxy(tmp_path) as desk:
        visitor = Visitor(desk).log_in(Role.REVIEWER, "ayse")
        assert visitor.get("/account", headers=TLS).status_code == 303
        visitor.close()


def test_what_a_stranger_says_of_itself_as_a_proxy_is_not_taken(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7"}
    guest = visit()
    answer = guest.get(
        "/login", headers={**told, "X-Forwarded-Host": "evil.example", "Forwarded": "for=192.0.2.7"}
    )
    assert answer.headers["set-cookie"].startswith("kanit_guest=")
    assert "strict-transport-security" not in answer.headers
    assert (
        guest.http.post(
            "/login",
            data={"csrf": guest.token, "name": "a", "password": "b"},
            headers={**told, "Origin": guest.url},
        ).status_code
        == 403
    )
    assert desk.database.read(lines)[0].address == "127.0.0.1"
    with behind_a_proxy(tmp_path / "other", review_proxies="10.0.0.1") as other:
        visitor = Visitor(other)
        answer = visitor.get("/login", headers={**told, "Host": "review.example"})
        assert "strict-transport-security" not in answer.headers
        visitor.close()


def test_every_text_tells_its_letters(visit: Visit) -> None:
    visitor = visit(Role.AUDITOR)
    for path in (
        "/",
        "/login",
        "/account",
        "/audit",
        "/audit/lines.csv",
        "/health",
        "/nowhere",
        "/static/base.css",
        "/static/base.js",
    ):
        answer = visitor.get(path)
        kind = answer.headers.get("content-type", "")
        assert "charset=utf-8" in kind or not answer.content, (path, kind)


def test_pages_hold_no_secret_of_the_session_but_the_token_for_forms(visit: Visit) -> None:
    visitor = visit(Role.REVIEWER)
    for path in ("/queue", "/account", "/account/second-factor", "/confirm"):
        answer: httpx.Response = visitor.get(path)
        assert visitor.http.cookies["kanit_session"] not in answer.text
        assert visitor.token not in str(answer.url)
