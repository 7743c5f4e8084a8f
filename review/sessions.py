"""Who is asking: the session of a request by its cookie, and the language and theme that the browser chose.

`Sessions` puts `account`, `session`, `language` and `theme` on `request.state` before any room is asked; the functions
below read them with their types.
"""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from review.desk import desk_of
from review.texts import Language
from storage.desk.accounts import Account
from storage.desk.audit import Actor
from storage.desk.sessions import Session, session_of

LANGUAGE_COOKIE: Final = "kanit_language"
THEME_COOKIE: Final = "kanit_theme"
THEMES: Final = ("auto", "light", "dark")
YEAR: Final = 365 * 24 * 3600
"""Seconds that a browser remembers language and theme."""


class Sessions:
    """Looks up who is asking. Files that do not change are given to anybody, without a look at the database."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, knowing who asks."""
        if scope["type"] == "http":
            await _remember(Request(scope))
        await self._app(scope, receive, send)


def account_of(request: Request) -> Account | None:
    """Return the account that is logged in, or None."""
    session = session_in(request)
    return session.account if session else None


def session_in(request: Request) -> Session | None:
    """Return the session of a request, or None."""
    session: Session | None = getattr(request.state, "session", None)
    return session


def is_fresh(request: Request) -> bool:
    """Return whether whoever asks has logged in only just."""
    session = session_in(request)
    return session is not None and session.is_fresh


def unready(request: Request) -> str:
    """Return what the account must do before anything else: `password`, `factor` or nothing."""
    account, settings = account_of(request), desk_of(request).settings
    if account is None or not account.has_password:
        return ""  # the provider of OpenID Connect sees to it
    if account.temporary:
        return "password"
    required = settings.review_second_factor or ("required" if settings.review_behind_proxy else "optional")
    return "factor" if required == "required" and not account.has_second_factor else ""


def actor_of(request: Request) -> Actor:
    """Return who a line of the audit speaks of. Raises LookupError when nobody is logged in."""
    account = account_of(request)
    if account is None:
        raise LookupError("nobody is logged in")
    return Actor(account.id, account.name, address_of(request))


def address_of(request: Request) -> str:
    """Return the network address from which a request came; behind a proxy, the one that the proxy tells."""
    return request.client.host if request.client else ""


def language_of(request: Request) -> Language:
    """Return the language that the browser chose: Turkish unless English."""
    chosen = request.cookies.get(cookie_name(request, LANGUAGE_COOKIE))
    return Language.ENGLISH if chosen == "en" else Language.TURKISH


def theme_of(request: Request) -> str:
    """Return the theme that the browser chose: `auto`, `light` or `dark`."""
    chosen = request.cookies.get(cookie_name(request, THEME_COOKIE), "auto")
    return chosen if chosen in THEMES else "auto"


def cookie_name(request: Request, name: str) -> str:
    """Return the name of a cookie as the browser knows it. Under TLS (`__Host-`) it lets no other site set it."""
    return f"__Host-{name}" if is_secure(request) else name


def session_cookie(request: Request) -> str:
    """Return the name of the session's cookie."""
    return cookie_name(request, "kanit_session")


def is_secure(request: Request) -> bool:
    """Return whether the browser came by TLS."""
    return request.url.scheme == "https"


def hand_out(request: Request, response: Response, session: Session) -> None:
    """Give the browser its session. It lasts until the browser closes or the database says that it is over."""
    response.set_cookie(
        session_cookie(request),
        session.token,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def take_back(request: Request, response: Response) -> None:
    """Make the browser forget its session."""
    response.delete_cookie(
        session_cookie(request), path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


async def _remember(request: Request) -> None:
    state: State = request.state
    token = request.cookies.get(session_cookie(request))
    state.session = None
    if token and not request.url.path.startswith("/static/"):
        state.session = await run_in_threadpool(session_of, desk_of(request).database, token)
    state.account = account_of(request)
    state.language = language_of(request)
    state.theme = theme_of(request)
