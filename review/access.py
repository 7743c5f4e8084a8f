"""Who may ask for what: every endpoint of every room is guarded by `needs` or `open_to_all`.

A guarded endpoint answers only to an account of one of its roles. Everybody else is sent to the log-in page, or refused
with 403 and a line of the audit. What changes something must bring the token of its session (`security.check_token`).
An endpoint may be a plain function, which then runs on a thread of its own and may wait for the database.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import wraps
from inspect import iscoroutinefunction
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from review.desk import desk_of
from review.pace import keep_pace
from review.security import check_token
from review.sessions import account_of, actor_of, is_fresh
from review.sessions import unready as what_is_first
from storage.desk.accounts import Role
from storage.desk.audit import Action, about, record

Endpoint: TypeAlias = Callable[[Request], Response | Awaitable[Response]]
Guarded: TypeAlias = Callable[[Request], Awaitable[Response]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OFFICERS = (Role.REVIEWER, Role.SUPERVISOR)
"""Who decides cases."""
EVERYBODY = tuple(Role)
"""Everybody who is logged in."""

_ROLES = "kanit_roles"


class Unguarded(RuntimeError):
    """A route says nothing about who may ask for it: the application does not start."""


def needs(*roles: Role, fresh: bool = False, unready: bool = False) -> Callable[[Endpoint], Guarded]:
    """Let only accounts of these roles ask for an endpoint.

    `fresh`: whoever logged in some time ago must do so again first. `unready`: also accounts that must first change a
    password which somebody else chose, or get a second factor.
    """

    def guard(endpoint: Endpoint) -> Guarded:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            account = account_of(request)
            if account is None:
                return to_login(request)
            if account.role not in roles:
                await run_in_threadpool(_note_refusal, request)
                raise HTTPException(403)
            if not unready and what_is_first(request):
                return _to(request, "/account")
            if fresh and not is_fresh(request):
                return _to(request, f"/confirm?next={quote(_shown(request), safe='')}")
            await keep_pace(request)
            return await _answer(endpoint, request)

        setattr(guarded, _ROLES, frozenset(roles))
        return guarded

    return guard


def open_to_all(endpoint: Endpoint) -> Guarded:
    """Let everybody ask for an endpoint, logged in or not."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        return await _answer(endpoint, request)

    setattr(guarded, _ROLES, frozenset())
    return guarded


def to_login(request: Request) -> Response:
    """Send somebody who is not logged in to the log-in page, and from there back to where a page was asked for."""
    wanted = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        wanted = f"{wanted}?{request.url.query}"
    if "HX-Request" in request.headers:
        return _to(request, "/login")
    return _to(request, f"/login?next={quote(wanted, safe='')}")


def _shown(request: Request) -> str:
    """Return the path of the page from which something was asked."""
    if request.method == "GET":
        return request.url.path
    return urlsplit(request.headers.get("referer", "/")).path


def _to(request: Request, path: str) -> Response:
    """Send the browser to another page, whatever it asked for."""
    if "HX-Request" in request.headers:
        return Response(status_code=403, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def routes_with_roles(
    routes: Iterable[BaseRoute], prefix: str = ""
) -> Iterator[tuple[str, Route, frozenset[Role]]]:
    """Yield path, route and roles of every endpoint; no roles: open to all. Raises Unguarded.

    Mounted applications without routes (files that do not change) are open to all and are not told.
    """
    for route in routes:
        if isinstance(route, Mount):
            yield from routes_with_roles(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            roles = getattr(route.endpoint, _ROLES, None)
            if roles is None:
                raise Unguarded(f"{prefix}{route.path}")
            yield prefix + route.path, route, roles


async def _answer(endpoint: Endpoint, request: Request) -> Response:
    if request.method not in SAFE:
        await check_token(request)
    if iscoroutinefunction(endpoint):
        answer = await endpoint(request)
    else:
        answer = await run_in_threadpool(endpoint, request)
    assert isinstance(answer, Response)  # noqa: S101 - narrows the type
    return answer


def _note_refusal(request: Request) -> None:
    endpoint = request.scope["endpoint"]
    asked = about("page", f"{endpoint.__module__}.{endpoint.__name__}")
    desk_of(request).database.transact(lambda work: record(work, actor_of(request), Action.REFUSED, asked))
