"""Every route asked with rubbish as every role and as nobody: no fault inside, no page of another role."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from review import app as application
from review.access import routes_with_roles
from review.desk import Desk
from review.security import HEADERS
from storage.desk.accounts import Account, Role, create_account
from storage.desk.audit import verify
from storage.desk.claims import Claim, claim_case
from storage.desk.sessions import Session, open_session
from storage.settings import load_settings
from tests.postgres import PostgresServer
from tests.review.decided import Officer
from tests.review.nights import put_night
from tests.review.visiting import Visitor, running
from tests.web.openapi import WORST, document_of, fields_of, plausible

ROUTES = [route for room in application.ROOMS for route in room.routes]
ROLES: dict[tuple[str, str], frozenset[Role]] = {}
FIELDS: dict[tuple[str, str], tuple[str, ...]] = {}
for _path, _route, _roles in routes_with_roles(ROUTES):
    for _method in (_route.methods or set()) - {"HEAD"}:
        _key = _method, re.sub(r":[a-z]+\}", "}", _path)
        ROLES[_key], FIELDS[_key] = _roles, fields_of(_path, _route)
OPERATIONS: list[APIOperation[Any, Any, Any, Any]] = [
    found.ok()
    for found in schemathesis.openapi.from_dict(document_of(ROUTES)).get_all_operations()
    if isinstance(found, Ok)
]
EXAMPLES = {"sqlite": 2, "postgres": 2}
"""Requests of each role to each route that it may ask for; one to every other."""
DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
LIMITS = frozenset({404, 405, 409, 413, 414, 422, 429})


@dataclass
class Place:
    """A running application, an account of each role, and who visits it."""

    desk: Desk
    url: str
    http: httpx.Client
    examples: int
    accounts: dict[Role, Account]

    def log_in(self, role: Role | None) -> Session | None:
        """Log in anew each time: a request may have ended the session."""
        return open_session(self.desk.database, self.accounts[role], "127.0.0.1") if role else None

    def send(self, case: Case[Any], role: Role | None) -> httpx.Response:
        """Send a request as a browser does that shows a page of ours."""
        call = case.as_transport_kwargs(base_url=self.url)
        return self.ask(call["method"], call["url"], role, params=call.get("params"), data=call.get("data"))

    def ask(self, method: str, url: str, role: Role | None, **sent: Any) -> httpx.Response:
        headers = {"Origin": self.url}
        if session := self.log_in(role):
            headers |= {"Cookie": f"kanit_session={session.token}", "X-CSRF-Token": session.csrf}
        return self.http.request(method, url, headers=headers, **sent)


@pytest.fixture(scope="module", params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("routes")
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).chdir(folder)
        options = {}
        if request.param == "postgres":
            server: PostgresServer = request.getfixturevalue("postgres")
            options["database_url"] = stack.enter_context(server.database())
        served = stack.enter_context(running(load_settings(home=folder / "kanit", **options)))
        http = stack.enter_context(httpx.Client(trust_env=False, timeout=60))
        accounts = fill(served.desk, folder)
        yield Place(served.desk, served.url, http, EXAMPLES[request.param], accounts)
        assert not served.desk.database.read(verify), "the audit trail is not whole any more"


def fill(desk: Desk, folder: Path) -> dict[Role, Account]:
    """Put cases, a proposal and accounts there; the first accounts are those that requests change."""
    put_night(desk, folder / "inbox")
    proposer = Visitor(desk)
    for name in ("first", "second", "third"):
        proposer.log_in(Role.SUPERVISOR, name)
    Officer(proposer).decide("A-1", "approve", reason="Çıkış bildirgesi iptal edilmiş.")
    proposer.close()
    accounts = {role: create_account(desk.database, role.value, "Deneme", role) for role in Role}
    assert isinstance(claim_case(desk.database, "A-2", accounts[Role.REVIEWER]), Claim)
    return accounts


def check(answer: httpx.Response) -> None:
    """What holds for every answer."""
    assert answer.status_code < 500, answer.request.url
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "Traceback" not in answer.text
    kind = answer.headers.get("content-type", "")
    assert not kind.startswith("text/") or "charset=utf-8" in kind
    if answer.is_redirect:
        assert re.match(r"/(?![/\\])", answer.headers["location"]), answer.headers["location"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_rubbish_finds_no_fault_and_no_page_of_another_role(
    operation: APIOperation[Any, Any, Any, Any], place: Place
) -> None:
    roles = ROLES[operation.method.upper(), operation.path]

    @settings(
        max_examples=place.examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Case[Any]) -> None:
        while asking:
            role = asking.pop()
            answer = place.send(case, role)
            check(answer)
            assert is_refused(answer, role), (role, answer.status_code)
        for role in roles or (None,):
            check(place.send(case, role))

    asking = [role for role in (None, *Role) if roles and role not in roles]
    ask()


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
@pytest.mark.parametrize(("method", "path"), sorted(ROLES))
def test_each_field_bears_what_databases_and_calendars_stumble_over(
    method: str, path: str, place: Place
) -> None:
    role = next(iter(sorted(ROLES[method, path])), None)
    names, places = FIELDS[method, path], re.findall(r"\{([a-z_]+)\}", path)
    for worst, target in product(WORST, [*names, *places]):
        fields = {name: worst if name == target else plausible(name) for name in names}
        parts = {name: worst if name == target else plausible(name) or "1" for name in places}
        url = place.url + path.format(**{name: quote(part, safe="") for name, part in parts.items()})
        check(place.ask(method, url, role, **{"params" if method == "GET" else "data": fields}))


def is_refused(answer: httpx.Response, role: Role | None) -> bool:
    """Return whether nothing was shown or done."""
    if answer.status_code == 303:
        return role is None and answer.headers["location"].startswith("/login?")
    return answer.status_code in ({403, *LIMITS} if role else LIMITS)
