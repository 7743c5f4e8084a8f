"""The second factor of one's own account, and one's sessions elsewhere."""

import base64
import binascii

import zxingcpp
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from review.access import EVERYBODY, needs
from review.desk import desk_of
from review.forms import Form
from review.login import account_page, again, confirmed
from review.pages import go, page
from review.security import token_of
from review.sessions import account_of, actor_of, address_of, session_in
from storage.desk.accounts import Account
from storage.desk.second_factor import enrol, remove
from storage.desk.sessions import close_others
from storage.desk.totp import address, new_secret
from storage.errors import WrongKey


@needs(*EVERYBODY, unready=True)
def show(request: Request) -> Response:
    """Show a new secret to be read by an authenticator."""
    return _page(request, _own(request), Form(), new_secret())


@needs(*EVERYBODY, unready=True)
def switch_on(request: Request) -> Response:
    """Give the account its second factor, once a code shows that the authenticator has it."""
    account, form = _own(request), Form(request.state.form)
    if account.has_second_factor:
        raise HTTPException(409)
    secret, new_code = _opened(request, form), form.line("new_code")
    found = None if form.errors else confirmed(request, form)
    if found is None:
        return _page(request, account, form, secret, 422)
    if not enrol(desk_of(request).database, account.name, secret, new_code, actor_of(request)):
        form.refuse({"new_code": "second_factor.wrong"})
        return _page(request, account, form, secret, 422)
    return again(request, found, "second_factor.is_on")


@needs(*EVERYBODY, unready=True)
def switch_off(request: Request) -> Response:
    """Take the second factor away, for somebody who gets another device."""
    account, form = _own(request), Form(request.state.form)
    found = confirmed(request, form) if account.has_second_factor else None
    if found is None:
        return account_page(request, form, 422)
    remove(desk_of(request).database, account.name, actor_of(request))
    return again(request, found, "second_factor.is_off")


@needs(*EVERYBODY, fresh=True)
def end_others(request: Request) -> Response:
    """End one's sessions in other browsers."""
    session = session_in(request)
    assert session is not None  # noqa: S101 - `needs` saw one
    close_others(desk_of(request).database, session, address_of(request))
    return go(request, "/account", "account.others_ended")


def _own(request: Request) -> Account:
    """Return the account that is logged in. Raises HTTPException 404 for one without a password."""
    account = account_of(request)
    if account is None or not account.has_password:
        raise HTTPException(404)
    return account


def _page(request: Request, account: Account, form: Form, secret: str, status: int = 200) -> Response:
    keys = desk_of(request).database.keys
    sealed = base64.urlsafe_b64encode(keys.seal(secret, _purpose(request))).decode()
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    drawn = drawing(address(secret, account.name))
    return page(
        request, "login/second_factor.html", status, form=form, sealed=sealed, groups=groups, drawn=drawn
    )


def drawing(text: str) -> Markup:
    """Return a QR code as an SVG element."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    svg = zxingcpp.write_barcode_to_svg(code, scale=4)
    return Markup(svg[svg.index("<svg") :])  # noqa: S704 - paths of squares; the text is not in it


def _opened(request: Request, form: Form) -> str:
    """Return the secret that the page showed to this session. Raises HTTPException 400."""
    try:
        sealed = base64.urlsafe_b64decode(form.line("sealed", longest=500).encode())
        return desk_of(request).database.keys.unseal(sealed, _purpose(request))
    except (binascii.Error, ValueError, WrongKey):
        raise HTTPException(400) from None


def _purpose(request: Request) -> str:
    return f"desk.second_factor:{token_of(request)}"


routes = [
    Route("/account/second-factor", show, name="second_factor"),
    Route("/account/second-factor", switch_on, methods=["POST"], name="second_factor_on"),
    Route("/account/second-factor/off", switch_off, methods=["POST"], name="second_factor_off"),
    Route("/account/sessions", end_others, methods=["POST"], name="sessions_end"),
]
