"""The operator's pages: who may log in, and as what."""

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from review.access import needs
from review.desk import desk_of
from review.forms import Form
from review.pages import go, page
from review.passwords import new_password
from review.sessions import actor_of
from storage.desk.accounts import (
    Account,
    AccountFault,
    AccountImpossible,
    Role,
    accounts,
    create_account,
    disable,
    enable,
    link_subject,
    set_password,
    set_role,
)
from storage.desk.passwords import SHORTEST
from storage.desk.second_factor import remove
from storage.desk.sessions import close_all

FAULTS = {
    AccountFault.NAME_FORM: {"name": "accounts.bad_name"},
    AccountFault.NAME_TAKEN: {"name": "accounts.taken"},
    AccountFault.NO_DISPLAY: {"display": "forms.missing"},
    AccountFault.PASSWORD_SHORT: {"new": "passwords.short"},
    AccountFault.PASSWORD_LONG: {"new": "passwords.long"},
    AccountFault.PASSWORD_IS_NAME: {"new": "passwords.like_name"},
    AccountFault.PASSWORD_COMMON: {"new": "passwords.simple"},
    AccountFault.PASSWORD_BREACHED: {"new": "passwords.leaked"},
    AccountFault.SUBJECT_TAKEN: {"subject": "accounts.subject_taken"},
}
"""Field and text of what the registry refuses."""


@needs(Role.OPERATOR)
def show_accounts(request: Request) -> Response:
    """List the accounts."""
    return page(request, "accounts/list.html", accounts=desk_of(request).database.read(accounts))


@needs(Role.OPERATOR)
def show_new(request: Request) -> Response:
    """Show the form for a new account."""
    return _new_page(request, Form())


@needs(Role.OPERATOR, fresh=True)
def create(request: Request) -> Response:
    """Make an account with a password, with a subject of the OpenID Connect provider, or with both."""
    form = Form(request.state.form)
    name, display = form.line("name", longest=64), form.line("display", longest=100)
    role, subject = form.choice("role", Role), form.line("subject", required=False)
    desk, by = desk_of(request), actor_of(request)
    leaked = desk.settings.breached_passwords
    password = new_password(form, name, leaked) if form["new"] or not subject else None
    if form.errors or role is None:
        return _new_page(request, form, 422)
    try:
        create_account(desk.database, name, display, role, password, by, temporary=password is not None)
        if subject:
            link_subject(desk.database, name, desk.settings.oidc_issuer, subject, by)
    except AccountImpossible as error:
        form.refuse(FAULTS[error.fault])
        return _new_page(request, form, 422)
    return go(request, "/accounts", "accounts.created")


@needs(Role.OPERATOR)
def show_one(request: Request) -> Response:
    """Show one account with what can be done about it."""
    return _one_page(request, _account(request), Form())


@needs(Role.OPERATOR, fresh=True)
def change_role(request: Request) -> Response:
    """Give an account another role; one's own stays."""
    account, form = _another(request), Form(request.state.form)
    role = form.choice("role", Role)

    def change() -> None:
        assert role is not None  # noqa: S101 - the form had no errors
        set_role(desk_of(request).database, account.name, role, actor_of(request))

    return _change(request, account, form, change, "accounts.role_changed")


@needs(Role.OPERATOR, fresh=True)
def give_password(request: Request) -> Response:
    """Give an account a new password, for somebody who forgot it."""
    account, form = _another(request), Form(request.state.form)
    desk = desk_of(request)
    new = new_password(form, account.name, desk.settings.breached_passwords)

    def change() -> None:
        set_password(desk.database, account.name, new, actor_of(request), temporary=True)

    return _change(request, account, form, change, "accounts.password_set")


@needs(Role.OPERATOR, fresh=True)
def close(request: Request) -> Response:
    """Let an account in no more; not one's own."""
    account = _another(request)
    disable(desk_of(request).database, account.name, actor_of(request))
    return go(request, "/accounts", "accounts.was_disabled")


@needs(Role.OPERATOR, fresh=True)
def reopen(request: Request) -> Response:
    """Let a closed or locked account in again."""
    enable(desk_of(request).database, _account(request).name, actor_of(request))
    return go(request, "/accounts", "accounts.was_enabled")


@needs(Role.OPERATOR, fresh=True)
def take_factor(request: Request) -> Response:
    """Take the second factor from an account whose owner has lost it and has shown in person who they are."""
    account = _another(request)
    try:
        remove(desk_of(request).database, account.name, actor_of(request))
    except AccountImpossible:
        raise HTTPException(409) from None
    return go(request, "/accounts", "accounts.factor_taken")


@needs(Role.OPERATOR, fresh=True)
def end_sessions(request: Request) -> Response:
    """End every session of an account."""
    account = _another(request)
    close_all(desk_of(request).database, account, actor_of(request))
    return go(request, "/accounts", "accounts.sessions_ended")


def _change(
    request: Request, account: Account, form: Form, change: Callable[[], None], notice: str
) -> Response:
    """Change an account, unless its form has errors, and tell so."""
    if not form.errors:
        try:
            change()
        except AccountImpossible as error:
            form.refuse(FAULTS[error.fault])
    return _one_page(request, account, form, 422) if form.errors else go(request, "/accounts", notice)


def _another(request: Request) -> Account:
    """Return the account of the path. Raises HTTPException 404, or 409 when it is one's own."""
    account = _account(request)
    if account.id == actor_of(request).account_id:
        raise HTTPException(409, "accounts.own")
    return account


def _account(request: Request) -> Account:
    number = request.path_params["number"]
    for account in desk_of(request).database.read(accounts):
        if account.id == number:
            return account
    raise HTTPException(404)


def _new_page(request: Request, form: Form, status: int = 200) -> Response:
    oidc = bool(desk_of(request).settings.oidc_issuer)
    return page(request, "accounts/new.html", status, form=form, roles=tuple(Role), least=SHORTEST, oidc=oidc)


def _one_page(request: Request, account: Account, form: Form, status: int = 200) -> Response:
    own = actor_of(request).account_id == account.id
    context: dict[str, Any] = {"one": account, "form": form, "own": own}
    return page(request, "accounts/one.html", status, roles=tuple(Role), least=SHORTEST, **context)


routes = [
    Route("/accounts", show_accounts, name="accounts"),
    Route("/accounts/new", show_new, name="account_new"),
    Route("/accounts/new", create, methods=["POST"], name="account_create"),
    Route("/accounts/{number:int}", show_one, name="account_one"),
    Route("/accounts/{number:int}/role", change_role, methods=["POST"], name="account_role"),
    Route("/accounts/{number:int}/password", give_password, methods=["POST"], name="account_password"),
    Route("/accounts/{number:int}/second-factor", take_factor, methods=["POST"], name="account_factor"),
    Route("/accounts/{number:int}/sessions", end_sessions, methods=["POST"], name="account_sessions"),
    Route("/accounts/{number:int}/close", close, methods=["POST"], name="account_close"),
    Route("/accounts/{number:int}/open", reopen, methods=["POST"], name="account_open"),
]
