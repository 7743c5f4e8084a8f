"""Who reaches Prefect's server without leave: other sites through a browser, and anybody on the network."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from flows.deployment.guarded_server import Guard
from tests.flows.deployment.conftest import Served, serving, until

EVIL = {"Origin": "http://evil.example"}
BODY = b'{"name": "planted"}'


def names(served: Served) -> set[str]:
    return {each["name"] for each in served.ask("flows/filter", {})}


@pytest.mark.slow
def test_no_page_of_another_site_uses_the_server_of_this_machine(served: Served) -> None:
    flows = f"{served.base}/api/flows/"
    for headers in (EVIL, {**EVIL, "Content-Type": "application/json"}, {"Origin": "null"}):
        assert httpx.post(flows, content=BODY, headers=headers).status_code == httpx.codes.FORBIDDEN
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert not httpx.options(flows, headers={**EVIL, **asked}).is_success
    read = httpx.get(f"{served.base}/api/admin/version", headers=EVIL)
    assert "access-control-allow-origin" not in read.headers
    assert "planted" not in names(served)


@pytest.mark.slow
def test_a_name_that_is_pointed_at_this_machine_is_not_answered(served: Served) -> None:
    for path in ("/", "/api/health", "/api/flows/filter", "/docs"):
        answer = httpx.get(f"{served.base}{path}", headers={"Host": f"evil.example:{served.port}"})
        assert answer.status_code == httpx.codes.FORBIDDEN, path
    for host in (f"localhost:{served.port}", f"[::1]:{served.port}"):
        assert httpx.get(f"{served.base}/api/health", headers={"Host": host}).is_success


@pytest.mark.slow
def test_events_are_given_to_the_own_pages_only(served: Served) -> None:
    address = f"ws://127.0.0.1:{served.port}/api/events/out"
    with pytest.raises(InvalidStatus), connect(address, additional_headers=EVIL, proxy=None):
        pass
    with connect(address, additional_headers={"Origin": served.base}, subprotocols=["prefect"], proxy=None):  # type: ignore[list-item]  # a new type of str
        pass


@pytest.mark.slow
def test_without_the_password_nothing_is_answered_but_whether_the_server_runs(tmp_path: Path) -> None:
    with serving(tmp_path, {"KANIT_PREFECT_AUTH": "officer:a-password"}, "--host", "0.0.0.0") as served:  # noqa: S104 - that is what is tested
        api = f"{served.base}/api"
        document: dict[str, Any] = served.ask("openapi.json", method="GET")
        with httpx.Client(trust_env=False) as http:
            for path, methods in document["paths"].items():
                url = api + re.sub(r"\{[^}]+\}", "1", path)
                for method in methods:
                    answer = http.request(method, url, json={})
                    expected = 200 if path in ("/health", "/ready") else 401
                    assert answer.status_code == expected, (method, path)
            for headers in (
                {"Authorization": "Basic !"},
                {"Authorization": "Bearer x"},
                {"X-Forwarded-For": "127.0.0.1"},
            ):
                assert http.get(f"{api}/admin/settings", headers=headers).status_code == 401
            assert (
                http.post(
                    f"{api}/flows/", content=BODY, auth=("officer", "a-password"), headers=EVIL
                ).status_code
                == 403
            )
        assert len(document["paths"]) > 100
        workers = until(lambda: served.ask("work_pools/kanit/workers/filter", {}), served.log)
        assert [worker["status"] for worker in workers] == ["ONLINE"], "our own worker knows the password"


def scope(**headers: str) -> dict[str, Any]:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "POST", "headers": pairs}


@pytest.mark.parametrize(
    ("headers", "named", "passes"),
    [
        ({"host": "127.0.0.1:4200"}, True, True),
        ({"host": "localhost"}, True, True),
        ({"host": "[::1]:4200"}, True, True),
        ({"host": "evil.example"}, True, False),
        ({"host": "localhost.evil.example"}, True, False),
        ({"host": "127.0.0.1@evil.example"}, True, False),
        ({"host": ""}, True, False),
        ({}, True, False),
        ({"host": "prefect.example"}, False, True),
        ({"host": "prefect.example", "origin": "https://prefect.example"}, False, True),
        ({"host": "prefect.example", "origin": "https://evil.example"}, False, False),
        ({"host": "prefect.example", "origin": "null"}, False, False),
        ({"host": "localhost", "origin": "http://localhost:3000"}, True, False),
    ],
)
def test_guard_tells_own_pages_from_others(headers: dict[str, str], named: bool, passes: bool) -> None:
    async def nobody(*_: object) -> None:
        raise AssertionError

    assert Guard(nobody, named=named)._may_pass(scope(**headers)) is passes
