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
from review.sessions import account_of, actor_of, address_of, hand_out, session_in, take_back, unready
from storage.desk.accounts import (
    FAILURES,
    LOCKED_FOR,
    Account,
    Refused,
    authenticate,
    set_password,
)
from storage.desk.passwords import LONGEST, SHORTEST
from storage.desk.sessions import Session, close_session, open_session, running_sessions

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
    code = form.line("code", required=False)
    if form.errors:
        return _login_page(request, form, wanted, status=422)
    found = authenticate(desk_of(request).database, name, password, address_of(request), code)
    if isinstance(found, Refused):
        limit_of(request).note(address_of(request))
        minutes = int(LOCKED_FOR.total_seconds() // 60)
        return _login_page(request, form, wanted, "login.refused", 403, failures=FAILURES, minutes=minutes)
    return enter(request, found, wanted)


def enter(request: Request, account: Account, wanted: str) -> Response:
    """Open a session of an account in place of the one that the browser had, and go on to a page of ours."""
    if present := session_in(request):
        close_session(desk_of(request).database, present, address_of(request))
    answer = go(request, wanted)
    hand_out(request, answer, _open(request, account))
    return answer


@needs(*EVERYBODY, unready=True)
def show_confirm(request: Request) -> Response:
    """Ask who is logged in to log in again, before what changes who may."""
    return _confirm_page(request, Form(), own_path(request.query_params.get("next", "/")))


@needs(*EVERYBODY, unready=True)
def confirm(request: Request) -> Response:
    """Check the password of who is logged in, and go back with a new session."""
    form = Form(request.state.form)
    wanted = own_path(form["next"] or "/")
    found = confirmed(request, form)
    if found is None:
        return _confirm_page(request, form, wanted, 422)
    return enter(request, found, wanted)


def confirmed(request: Request, form: Form) -> Account | None:
    """Return the account that is logged in, if the fields `old` and `code` are right for it; the form tells if not."""
    account = account_of(request)
    assert account is not None  # noqa: S101 - `needs` saw one
    old, code = form.secret("old", longest=LONGEST), form.line("code", required=False)
    if form.errors or not account.has_password:
        return None
    found = authenticate(desk_of(request).database, account.name, old, address_of(request), code)
    if isinstance(found, Refused):
        form.refuse({"old": "account.wrong"})
        return None
    return found


@needs(*EVERYBODY, unready=True)
def log_out(request: Request) -> Response:
    """End the session."""
    session = session_in(request)
    assert session is not None  # noqa: S101 - `needs` saw one
    close_session(desk_of(request).database, session, address_of(request))
    answer = go(request, "/login", "login.left")
    take_back(request, answer)
    # Not `cookies`: language and theme are of the browser, and the notice is to be shown.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@needs(*EVERYBODY, unready=True)
def show_account(request: Request) -> Response:
    """Show one's own account."""
    return account_page(request, Form())


@needs(*EVERYBODY, unready=True)
def change_password(request: Request) -> Response:
    """Change one's own password, which ends every session; this browser gets a new one."""
    account = account_of(request)
    assert account is not None  # noqa: S101 - `needs` saw one
    form = Form(request.state.form)
    desk = desk_of(request)
    form.secret("old", longest=LONGEST)
    new = new_password(form, account.name, desk.settings.breached_passwords)
    if not form.errors and form["new"] == form["old"]:
        form.refuse({"new": "passwords.same"})
    found = None if form.errors else confirmed(request, form)
    if found is None:
        return account_page(request, form, 422)
    set_password(desk.database, account.name, new, actor_of(request))
    return again(request, found, "account.changed")


def again(request: Request, account: Account, notice: str) -> Response:
    """Go to one's own account with a new session, after what ended all of them."""
    answer = go(request, "/account", notice)
    hand_out(request, answer, _open(request, account))
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


def account_page(request: Request, form: Form, status: int = 200) -> Response:
    """Show one's own account, with what was sent."""
    session = session_in(request)
    assert session is not None  # noqa: S101 - `needs` saw one
    running = desk_of(request).database.read(lambda work: running_sessions(work, session))
    context: dict[str, Any] = {
        "form": form,
        "least": SHORTEST,
        "sessions": running,
        "first": unready(request),
    }
    return page(request, "login/account.html", status, **context)


def _confirm_page(request: Request, form: Form, wanted: str, status: int = 200) -> Response:
    oidc = bool(desk_of(request).settings.oidc_issuer)
    return page(request, "login/confirm.html", status, form=form, next=wanted, oidc=oidc)


routes = [
    Route("/login", show_login, name="login"),
    Route("/login", log_in, methods=["POST"], name="log_in"),
    Route("/confirm", show_confirm, name="confirm"),
    Route("/confirm", confirm, methods=["POST"], name="confirm_answer"),
    Route("/logout", log_out, methods=["POST"], name="logout"),
    Route("/account", show_account, name="account"),
    Route("/account/password", change_password, methods=["POST"], name="password"),
]
