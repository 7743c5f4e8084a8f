"""What keeps other sites, and whoever tries passwords, out: headers, the origin of a request, tokens, bounds.

Headers go on every answer, errors and files included, and what goes wrong behind them becomes a page of ours: an
exception's text may hold personal data, so only its kind is logged.
"""

import logging
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from anyio import fail_after
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from review.sessions import cookie_name, is_secure, session_in

log = logging.getLogger(__name__)

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # `no-referrer` would make browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
STRICT_TRANSPORT: Final = "max-age=31536000; includeSubDomains"
MAX_BODY: Final = 1024 * 1024
"""Bytes that a request may send: forms only, the longest with an edited letter in it."""
SECONDS: Final = 30.0
"""How long the body of a request may take to come: forms are small, whoever needs longer only keeps us waiting."""
MAX_FIELDS: Final = 5000
"""Fields that a form may have: a preview of many cases sends one for each."""
TOKEN_FIELD: Final = "csrf"  # noqa: S105 - the name of a field
TOKEN_HEADER: Final = "X-CSRF-Token"  # noqa: S105 - the name of a header

Failed = Callable[[Request, Exception], Awaitable[Response]]


class Headers:
    """Puts the headers on every answer, and makes a page of every exception."""

    def __init__(self, app: ASGIApp, failed: Failed) -> None:
        self._app = app
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        sending = _Sending(send, secure=is_secure(request))
        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if not isinstance(error, HTTPException):
                _note(request, error)
            if not sending.begun:
                await (await self._page(request, error))(scope, receive, sending)

    async def _page(self, request: Request, error: Exception) -> Response:
        try:
            return await self._failed(request, error)
        except Exception as another:  # what broke the page may break the page for errors too
            _note(request, another)
            return PlainTextResponse("500", 500)


class _Sending:
    """Sends an answer with the headers on it."""

    def __init__(self, send: Send, *, secure: bool) -> None:
        self._send = send
        self._secure = secure
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            # Pages hold personal data: neither a proxy nor the browser's cache on a shared machine keeps them.
            headers.setdefault("Cache-Control", "no-store")
            if self._secure:
                headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        await self._send(message)


class Bounds:
    """Refuses requests that other sites send, bodies that are too long or too slow, and null characters."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. Raises HTTPException 400, 403, 408 and 413."""
        if scope["type"] == "http":
            request = Request(scope)
            # No page of ours asks so, and PostgreSQL takes no text with one.
            if "\0" in scope["path"] or b"%00" in scope["query_string"]:
                raise HTTPException(400)
            if request.method not in ("GET", "HEAD") and not is_from_here(request):
                log.warning("%s was refused: another site asked for it", request.method)
                raise HTTPException(403)
            receive = _bounded(receive)
        await self._app(scope, receive, send)


def is_from_here(request: Request) -> bool:
    """Return whether a request comes from a page of ours, as far as the browser tells; old ones tell nothing."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if origin is not None and _site(origin) != (request.url.scheme, request.url.netloc):
        return False
    return site in (None, "same-origin")


def _site(origin: str) -> tuple[str, str]:
    parts = urlsplit(origin)
    return parts.scheme, parts.netloc


def _bounded(receive: Receive) -> Receive:
    taken, last = 0, False

    async def bounded() -> Message:
        nonlocal taken, last
        with fail_after(None if last else SECONDS):  # after the body, one waits for the browser to go away
            message = await receive()
        taken += len(message.get("body", b""))
        last = not message.get("more_body", False)
        if taken > MAX_BODY:
            raise HTTPException(413)
        return message

    async def in_time() -> Message:
        try:
            return await bounded()
        except TimeoutError:
            raise HTTPException(408) from None

    return in_time


async def check_token(request: Request) -> None:
    """Refuse what does not bring the token of its session. Raises HTTPException 403.

    The form is left in `request.state.form`; a program of ours may send the token as a header instead.
    """
    form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    if any(isinstance(value, str) and "\0" in value for _, value in form.multi_items()):
        raise HTTPException(400)
    request.state.form = form
    told = request.headers.get(TOKEN_HEADER) or form.get(TOKEN_FIELD)
    if not isinstance(told, str) or not compare_digest(told.encode(), token_of(request).encode()):
        log.warning("%s %s was refused: no token of its session", request.method, endpoint_of(request))
        raise HTTPException(403)


GUEST_COOKIE: Final = "kanit_guest"


def token_of(request: Request) -> str:
    """Return the token that a form must bring: the session's, or that of a browser that is not logged in."""
    session = session_in(request)
    if session is not None:
        return session.csrf
    known = request.cookies.get(guest_cookie(request)) or getattr(request.state, "guest", "")
    if not known:
        known = request.state.guest = secrets.token_urlsafe(32)
    return str(known)


def guest_cookie(request: Request) -> str:
    """Return the name of the cookie with the token of a browser that is not logged in."""
    return cookie_name(request, GUEST_COOKIE)


def hand_out_guest(request: Request, response: Response) -> None:
    """Give the browser the token that its form was written with, if that is a new one."""
    if guest := getattr(request.state, "guest", ""):
        response.set_cookie(
            guest_cookie(request), guest, path="/", secure=is_secure(request), httponly=True, samesite="lax"
        )


class RateLimit:
    """How often one network address may fail, or one account ask, for something. Threads may share it.

    Kept in memory only: one process serves the application.
    """

    def __init__(self, failures: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures, self._seconds, self._clock = failures, seconds, clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str) -> float:
        """Return 0, or the seconds to wait where an address failed too often."""
        with self._lock:
            times = self._seen.get(address)
            if times is None or len(times) < self._failures:
                return 0.0
            return max(times[0] + self._seconds - self._clock(), 0.0)

    def note(self, address: str) -> None:
        """Note a failure, or one more request."""
        now = self._clock()
        with self._lock:
            self._seen.setdefault(address, deque(maxlen=self._failures)).append(now)
            self._seen.move_to_end(address)
            while next(iter(self._seen.values()))[-1] <= now - self._seconds:
                self._seen.popitem(last=False)


def endpoint_of(request: Request) -> str:
    """Return the name of what answers a request: unlike its path, it names no application."""
    return getattr(request.scope.get("endpoint"), "__qualname__", "-")


def _note(request: Request, error: Exception) -> None:
    """Log an error without its text, which may hold personal data."""
    log.error("%s %s ended with %s", request.method, endpoint_of(request), type(error).__name__)
    log.debug("the request ended with an error", exc_info=error)
