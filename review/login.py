"""Logging in and out, and one's own password."""

from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from review.access import EVERYBODY, needs, open_to_all
from review.desk import desk_of
from review.forms import Form
from review.pages import go, own_path, page
from review.passwords import new_password
from review.security import RateLimit
from review.sessions import account_of, actor_of, address_of, hand_out, session_in, take_back
from storage.desk.accounts import (
    FAILURES,
    LOCKED_FOR,
    LONGEST,
    SHORTEST,
    Account,
    Refused,
    authenticate,
    set_password,
)
from storage.desk.sessions import Session, close_session, open_session

TRIES, SECONDS = 20, 300.0
"""Log-ins at which one network address may fail in so many seconds; a lock of the account comes sooner."""


@open_to_all
def show_login(request: Request) -> Response:
    """Show the log-in page; whoever is logged in goes on."""
    wanted = own_path(request.query_params.get("next", "/"))
    if account_of(request) is not None:
        return go(request, wanted)
    return _login_page(request, Form(), wanted, "login.ended" if wanted != "/" else "")


@open_to_all
def log_in(request: Request) -> Response:
    """Check name and password. Every refusal is told by one sentence: it must not tell whether a name exists."""
    form = Form(request.state.form)
    wanted = own_path(form["next"] or "/")
    if seconds := ceil(limit_of(request).wait(address_of(request))):
        answer = _login_page(request, form, wanted, "login.waiting", 429, seconds=seconds)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    name, password = form.line("name"), form.secret("password", longest=LONGEST)
    if form.errors:
        return _login_page(request, form, wanted, status=422)
    found = authenticate(desk_of(request).database, name, password, address_of(request))
    if isinstance(found, Refused):
        limit_of(request).note(address_of(request))
        minutes = int(LOCKED_FOR.total_seconds() // 60)
        return _login_page(request, form, wanted, "login.refused", 403, failures=FAILURES, minutes=minutes)
    return enter(request, found, wanted)


def enter(request: Request, account: Account, wanted: str) -> Response:
    """Open a session of an account and go on to a page of ours."""
    answer = go(request, wanted)
    hand_out(request, answer, _open(request, account))
    return answer


@needs(*EVERYBODY)
def log_out(request: Request) -> Response:
    """End the session."""
    session = session_in(request)
    assert session is not None  # noqa: S101 - `needs` saw one
    close_session(desk_of(request).database, session, address_of(request))
    answer = go(request, "/login", "login.left")
    take_back(request, answer)
    return answer


@needs(*EVERYBODY)
def show_account(request: Request) -> Response:
    """Show one's own account."""
    return _account_page(request, Form())


@needs(*EVERYBODY)
def change_password(request: Request) -> Response:
    """Change one's own password, which ends every session; this browser gets a new one."""
    account = account_of(request)
    assert account is not None  # noqa: S101 - `needs` saw one
    form = Form(request.state.form)
    old = form.secret("old", longest=LONGEST)
    new = new_password(form, account.name)
    if form.errors or not account.has_password:
        return _account_page(request, form, 422)
    database = desk_of(request).database
    found = authenticate(database, account.name, old, address_of(request))
    if isinstance(found, Refused):
        form.refuse({"old": "account.wrong"})
        return _account_page(request, form, 422)
    set_password(database, account.name, new, actor_of(request))
    answer = go(request, "/account", "account.changed")
    hand_out(request, answer, _open(request, found))
    return answer


def _open(request: Request, account: Account) -> Session:
    return open_session(desk_of(request).database, account, address_of(request))


def limit_of(request: Request) -> RateLimit:
    """Return how often an address may fail to log in."""
    limit = request.app.state.login_limit
    assert isinstance(limit, RateLimit)  # noqa: S101 - narrows the type; `create_app` put it there
    return limit


def _login_page(
    request: Request, form: Form, wanted: str, told: str = "", status: int = 200, **facts: int
) -> Response:
    oidc = bool(desk_of(request).settings.oidc_issuer)
    context: dict[str, Any] = {"form": form, "next": wanted, "told": told, "facts": facts, "oidc": oidc}
    return page(request, "login/login.html", status, **context)


def _account_page(request: Request, form: Form, status: int = 200) -> Response:
    return page(request, "login/account.html", status, form=form, least=SHORTEST)


routes = [
    Route("/login", show_login, name="login"),
    Route("/login", log_in, methods=["POST"], name="log_in"),
    Route("/logout", log_out, methods=["POST"], name="logout"),
    Route("/account", show_account, name="account"),
    Route("/account/password", change_password, methods=["POST"], name="password"),
]
