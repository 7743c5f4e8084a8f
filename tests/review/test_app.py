"""What stands before every room: headers, who may ask, tokens, origins, bounds, pages for what goes wrong."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from review import app as application
from review import pages
from review.access import EVERYBODY, Unguarded, needs, open_to_all, routes_with_roles
from review.desk import Desk
from review.pages import own_path
from review.security import HEADERS, MAX_BODY, POLICY, RateLimit
from review.texts import Language, catalogue
from storage.desk.accounts import Role
from storage.desk.audit import lines
from storage.settings import Settings, load_settings
from tests.review.access_table import OPEN, TABLE
from tests.review.visiting import Visitor, running

Visit = Callable[..., Visitor]


def every_route() -> list[tuple[str, str, frozenset[Role]]]:
    routes = [route for room in application.ROOMS for route in room.routes]
    return [
        (method, path, roles)
        for path, route, roles in routes_with_roles(routes)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


ROUTES = every_route()


def example(path: str) -> str:
    """Put something in the places of a path: whoever is refused must be refused before it is looked up."""
    return re.sub(r"\{[a-z_]+(:[a-z]+)?\}", lambda place: "1" if place[1] in (":int", ":path") else "X", path)


def ask(visitor: Visitor, method: str, path: str) -> httpx.Response:
    return visitor.get(example(path)) if method == "GET" else visitor.post(example(path))


def test_every_route_stands_in_the_table_with_its_roles() -> None:
    assert {(method, path): roles for method, path, roles in ROUTES} == {
        **{place: frozenset(roles) for place, roles in TABLE.items()},
        **dict.fromkeys(OPEN, frozenset()),
    }


def test_every_role_is_refused_where_it_must_be(visit: Visit, desk: Desk) -> None:
    for role in Role:
        visitor = visit(role)
        for method, path, roles in ROUTES:
            if roles and role not in roles:
                answer = ask(visitor, method, path)
                assert answer.status_code == 403, (role, method, path)
                assert "Buna yetkiniz yok" in answer.text
    refused = [
        line for line in desk.database.read(lambda work: lines(work, limit=1000)) if line.action == "refused"
    ]
    assert len(refused) == sum(len(set(Role) - roles) for _, _, roles in ROUTES if roles)
    assert {line.address for line in refused} == {"127.0.0.1"}


def test_a_guest_is_sent_to_the_log_in_page_from_everywhere(visit: Visit) -> None:
    visitor = visit()
    for method, path, roles in ROUTES:
        if roles:
            answer = ask(visitor, method, path)
            assert (answer.status_code, answer.headers["location"][:7]) == (303, "/login?"), (method, path)


def test_navigation_offers_what_the_role_may_open(visit: Visit) -> None:
    allowed = {path: roles for method, path, roles in ROUTES if method == "GET"}
    for role in Role:
        visitor = visit(role)
        offered = re.findall(r'<li><a href="(/[^"]*)"', visitor.get("/account").text)
        assert all(role in allowed[path] for path in offered)
        assert visitor.get("/").headers["location"] == (offered[0] if offered else "/account")


def test_route_that_says_nothing_keeps_the_application_from_starting(
    monkeypatch: pytest.MonkeyPatch, desk_settings: Settings
) -> None:
    def endpoint(_: Request) -> Response:
        return PlainTextResponse("secret")

    class Room:
        routes = (Route("/secret", endpoint),)

    monkeypatch.setattr(application, "ROOMS", (Room,))
    with pytest.raises(Unguarded, match="/secret"):
        application.create_app(desk_settings)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, desk_settings: Settings) -> Any:
    """An application with a room in which things go wrong."""

    @open_to_all
    def explode(_: Request) -> Response:
        raise ValueError("10000000146 AYŞE ÖRNEK")

    @needs(*EVERYBODY)
    def change(request: Request) -> Response:
        return PlainTextResponse(request.state.form["word"])

    class Room:
        routes = (Route("/explode", explode), Route("/change", change, methods=["POST"]))

    monkeypatch.setattr(application, "ROOMS", (*application.ROOMS, Room))
    with running(desk_settings) as served:
        yield served.desk


def test_headers_stand_on_every_answer(broken: Desk) -> None:
    visitor = Visitor(broken).log_in(Role.OPERATOR, "isletmen")
    guest = Visitor(broken)
    places = [example(path) for method, path, _ in ROUTES if method == "GET"]
    for path in [*places, "/nowhere", "/explode", "/static/base.css", "/static/nothing", "/static/../app.py"]:
        for answer in (
            visitor.get(path),
            guest.get(path),
            visitor.post(path),
            guest.post(path, csrf="wrong"),
        ):
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, (path, answer.status_code)
            assert "server" not in answer.headers
            if not path.startswith("/static/b"):
                assert answer.headers["cache-control"] == "no-store"
    visitor.close()
    guest.close()


def test_policy_lets_nothing_in_from_elsewhere_and_nothing_inline() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert POLICY.startswith("default-src 'none'")


def test_page_of_a_fault_tells_nothing_of_what_is_inside(
    broken: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = Visitor(broken)
    answer = visitor.get("/explode")
    assert answer.status_code == 500
    assert "Beklenmeyen bir hata oldu" in answer.text
    for told in (answer.text, caplog.text):
        assert "10000000146" not in told
        assert "ÖRNEK" not in told
    assert "ValueError" not in answer.text
    assert "ValueError" in caplog.text
    visitor.close()


def test_page_that_is_broken_itself_still_has_the_headers(
    broken: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_token(_: Request) -> str:
        raise RuntimeError("10000000146")

    monkeypatch.setattr(pages, "token_of", no_token)
    visitor = Visitor(broken)
    for path in ("/login", "/nowhere", "/explode"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.text) == (500, "500")
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    visitor.close()


def test_change_needs_the_token_of_the_session(broken: Desk) -> None:
    visitor, other = (Visitor(broken).log_in(Role.REVIEWER, name) for name in ("ayse", "fatma"))
    assert visitor.post("/change", word="yes").text == "yes"
    for token in ("", "wrong", "ç", other.token):
        assert visitor.post("/change", csrf=token, word="yes").status_code == 403
    by_header = visitor.http.post("/change", data={"word": "yes"}, headers={"X-CSRF-Token": visitor.token})
    assert by_header.text == "yes"
    visitor.close()
    other.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_another_site_sends_is_refused_even_with_the_token(
    broken: Desk, headers: dict[str, str]
) -> None:
    visitor = Visitor(broken).log_in(Role.REVIEWER, "ayse")
    sent = {"csrf": visitor.token, "word": "yes"}
    assert visitor.http.post("/change", data=sent, headers=headers).status_code == 403
    visitor.close()


def test_body_that_is_too_long_is_refused(broken: Desk) -> None:
    visitor = Visitor(broken).log_in(Role.REVIEWER, "ayse")
    answer = visitor.post("/change", word="x" * (MAX_BODY + 1))
    assert answer.status_code == 413
    assert "çok büyük" in answer.text
    visitor.close()


def test_file_in_a_form_is_refused(broken: Desk) -> None:
    visitor = Visitor(broken).log_in(Role.REVIEWER, "ayse")
    answer = visitor.http.post("/change", data={"csrf": visitor.token}, files={"word": b"bytes"})
    assert answer.status_code == 400
    visitor.close()


def test_another_site_that_points_its_name_here_is_refused(visit: Visit) -> None:
    for name, status in (("evil.example", 400), ("localhost:4300", 200), ("[::1]:4300", 200)):
        assert visit().http.get("/login", headers={"Host": name}).status_code == status


def test_pages_for_errors_come_in_the_language_of_the_browser(visit: Visit) -> None:
    visitor = visit()
    assert "Böyle bir sayfa yok" in visitor.get("/nowhere").text
    answer = visitor.post("/preferences", language="en", next="/login")
    visitor.get("/login")
    answer = visitor.post("/preferences", language="en", next="/login")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    shown = visitor.get("/nowhere")
    assert (shown.status_code, '<html lang="en"' in shown.text) == (404, True)
    assert "There is no such page" in shown.text


def test_theme_is_remembered_and_nothing_else_is_taken_for_one(visit: Visit) -> None:
    visitor = visit()
    assert 'data-theme="auto"' in visitor.get("/login").text
    visitor.post("/preferences", theme="dark")
    assert 'data-theme="dark"' in visitor.get("/login").text
    visitor.post("/preferences", theme='"><script>')
    assert 'data-theme="dark"' in visitor.get("/login").text


def test_error_for_htmx_is_a_part_of_a_page_in_the_place_for_notices(visit: Visit) -> None:
    answer = visit(Role.REVIEWER).get("/accounts", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_htmx_is_sent_to_the_log_in_page_as_a_whole(visit: Visit) -> None:
    answer = visit().get("/accounts", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, "/login")


def test_files_may_be_kept_since_their_address_changes_with_them(visit: Visit) -> None:
    visitor = visit()
    address = re.search(r'href="(/static/base\.css\?v=[0-9a-f]{12})"', visitor.get("/login").text)
    assert address is not None
    assert "immutable" in visitor.get(address[1]).headers["cache-control"]
    assert visitor.get("/static/base.css").headers["cache-control"] == "no-cache"


def test_pages_name_no_file_from_elsewhere_and_hold_nothing_inline(visit: Visit) -> None:
    visitor = visit(Role.OPERATOR)
    for path in ("/account", "/accounts", "/accounts/new", "/accounts/1", "/nowhere"):
        html = visitor.get(path).text
        assert not re.search(r"<(script|style)>|\sstyle=|\son[a-z]+=|javascript:", html)
        assert all(
            found.startswith("/") or found == "#main" for found in re.findall(r'(?:src|href)="([^"]*)"', html)
        )


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/queue?page=2", "/queue?page=2"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\/evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n", "/"),
        ("", "/"),
    ],
)
def test_only_paths_of_ours_are_gone_to(wanted: str, path: str) -> None:
    assert own_path(wanted) == path


def test_address_that_fails_too_often_waits() -> None:
    clock = [0.0]
    limit = RateLimit(3, 60.0, lambda: clock[0])
    for moment in (0.0, 10.0, 20.0):
        clock[0] = moment
        assert limit.wait("a") == 0.0
        limit.note("a")
    assert (limit.wait("a"), limit.wait("b")) == (40.0, 0.0)
    clock[0] = 60.0
    assert limit.wait("a") == 0.0
    limit.note("a")
    assert limit.wait("a") == 10.0


def test_rate_limit_forgets_addresses_that_are_quiet() -> None:
    clock = [0.0]
    limit = RateLimit(3, 60.0, lambda: clock[0])
    for number in range(1000):
        clock[0] += 1.0
        limit.note(str(number))
    assert len(limit._seen) == 60


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    turkish, english = catalogue(Language.TURKISH), catalogue(Language.ENGLISH)
    places = re.compile(r"\{[^}]*\}")
    assert turkish.keys() == english.keys()
    for key, told in turkish.items():
        assert set(places.findall(told)) == set(places.findall(english[key])), key


def test_routes_inside_a_mounted_part_are_seen() -> None:
    @open_to_all
    def endpoint(_: Request) -> Response:
        return PlainTextResponse("")

    inner = Starlette(routes=[Route("/b", endpoint)])
    outer = Starlette()
    outer.mount("/a", inner)
    assert [path for path, _, _ in routes_with_roles(outer.routes)] == ["/a/b"]


def test_behind_a_proxy_cookies_and_headers_are_those_of_tls(
    desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(
        home=desk_settings.home, review_behind_proxy=True, review_url="https://review.example"
    )
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", "Host": "review.example"}
    with running(settings) as served:
        visitor = Visitor(served.desk)
        answer = visitor.get("/login", headers=forwarded)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-kanit_guest=")
        assert "; Secure" in cookie
        assert "max-age=" in answer.headers["strict-transport-security"]
        sent = {"csrf": visitor.token, "name": "nobody", "password": "x"}
        headers = {**forwarded, "Origin": "https://review.example", "Cookie": cookie.split(";")[0]}
        assert visitor.http.post("/login", data=sent, headers=headers).status_code == 403
        assert served.desk.database.read(lines)[0].address == "192.0.2.7"
        visitor.close()
