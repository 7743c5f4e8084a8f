"""Logging in with the organisation's account: OpenID Connect, authorisation code with PKCE, by Authlib.

The provider only tells who somebody is (issuer and `sub`); what the person may do says the account that an operator
opened here. Nobody gets an account by logging in.
"""

import logging
import secrets
from typing import Any, Final

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from review.access import open_to_all
from review.desk import desk_of
from review.login import enter, limit_of
from review.pages import page
from review.sessions import address_of
from storage.columns import now
from storage.database import UnitOfWork
from storage.desk.accounts import Account, admitted_subject
from storage.desk.audit import Action, Actor, about, record
from storage.desk.sessions import FRESH
from storage.errors import SettingsInvalid
from storage.settings import Settings

log = logging.getLogger(__name__)

SECONDS: Final = 600
"""How long a log-in at the provider may take."""
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512")
"""By which a token may be signed: never with a shared secret, never not at all, whatever the provider offers."""
TIMEOUT: Final = 10.0
"""Seconds that the provider may take to answer us."""
_LEEWAY: Final = 60
"""Seconds by which its clock may differ from ours."""


def provider_of(settings: Settings) -> StarletteOAuth2App | None:
    """Return the provider of the settings, or None. Raises SettingsInvalid."""
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise SettingsInvalid(text="oidc_client_missing")
    registry = OAuth()
    registry.register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=_secret(settings),
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid",
            "code_challenge_method": "S256",
            "timeout": TIMEOUT,
            "trust_env": False,
        },
    )
    provider = registry.create_client("provider")  # type: ignore[no-untyped-call]  # so are its stubs
    assert isinstance(provider, StarletteOAuth2App)  # noqa: S101 - narrows the type
    return provider


@open_to_all
async def start(request: Request) -> Response:
    """Send the browser to the provider."""
    provider = _provider(request)
    try:
        await _check_provider(provider, desk_of(request).settings.oidc_issuer)
        # Whoever did not give the password there lately is asked for it: a session here lasts for a day.
        answer = await provider.authorize_redirect(
            request, _return_address(request), max_age=int(FRESH.total_seconds())
        )
    except (httpx2.HTTPError, ValueError, RuntimeError) as error:
        log.warning("the OpenID Connect provider cannot be used: %s", type(error).__name__)
        return _told(request, "oidc.away", 503)
    assert isinstance(answer, RedirectResponse)  # noqa: S101 - narrows the type
    return answer


@open_to_all
async def back(request: Request) -> Response:
    """Take what the provider says about who came back, and open a session of the account that is theirs."""
    provider = _provider(request)
    if limit_of(request).wait(address_of(request)):
        raise HTTPException(429)
    try:
        await _check_provider(provider, desk_of(request).settings.oidc_issuer)
        told = await provider.authorize_access_token(  # type: ignore[no-untyped-call]  # so are its stubs
            request, claims_options=_claims(desk_of(request).settings)
        )
        subject = str(told["userinfo"]["sub"])
        _check_time(told["userinfo"])
    except (OAuthError, JoseError, httpx2.HTTPError, KeyError, TypeError, ValueError, RuntimeError) as error:
        log.warning("log-in at the OpenID Connect provider: %s", type(error).__name__)
        await run_in_threadpool(_note_refusal, request, "failed")
        return _told(request, "oidc.failed", 403)
    account = await run_in_threadpool(_account, request, subject)
    if account is None:
        return _told(request, "oidc.unknown", 403)
    return await run_in_threadpool(enter, request, account, "/")


def _provider(request: Request) -> StarletteOAuth2App:
    provider = request.app.state.oidc
    if provider is None:
        raise HTTPException(404)
    assert isinstance(provider, StarletteOAuth2App)  # noqa: S101 - narrows the type
    return provider


async def _check_provider(provider: StarletteOAuth2App, issuer: str) -> None:
    """Refuse what the provider says of itself where it names another, and leave only good ways to sign.

    Raises ValueError.
    """
    told = await provider.load_server_metadata()
    if told.get("issuer") != issuer:
        raise ValueError("the provider names another issuer")
    offered = told.get("id_token_signing_alg_values_supported") or ("RS256",)
    told["id_token_signing_alg_values_supported"] = [name for name in ALGORITHMS if name in offered]
    if not told["id_token_signing_alg_values_supported"]:
        raise ValueError("the provider signs by none of the allowed algorithms")


def _check_time(claims: dict[str, Any]) -> None:
    """Refuse who logged in at the provider long ago. Raises KeyError and ValueError."""
    if claims["auth_time"] < now().timestamp() - FRESH.total_seconds() - _LEEWAY:
        raise ValueError("the log-in at the provider is old")


def _claims(settings: Settings) -> dict[str, Any]:
    """Return what the token must say: that it is of the provider of the settings, and for us."""
    return {
        "iss": {"essential": True, "value": settings.oidc_issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
        "sub": {"essential": True},
    }


def _return_address(request: Request) -> str:
    seen = desk_of(request).settings.review_url or str(request.base_url)
    return f"{seen.rstrip('/')}/oidc/return"


def _account(request: Request, subject: str) -> Account | None:
    desk = desk_of(request)
    issuer = desk.settings.oidc_issuer
    account = admitted_subject(desk.database, issuer, subject)
    if account is None:
        _note_refusal(request, "unknown")
    return account


def _note_refusal(request: Request, reason: str) -> None:
    address = address_of(request)
    limit_of(request).note(address)

    def note(work: UnitOfWork) -> None:
        details: dict[str, Any] = {"reason": reason, "by": "oidc"}
        record(
            work, Actor(None, "", address), Action.LOGIN_REFUSED, about("account", "unknown"), details=details
        )

    desk_of(request).database.transact(note)


def _told(request: Request, told: str, status: int) -> Response:
    return page(request, "login/oidc.html", status, told=told)


def _secret(settings: Settings) -> str | None:
    if settings.oidc_secret is not None:
        return settings.oidc_secret.get_secret_value()
    if settings.oidc_secret_file is None:
        return None  # a public client: PKCE alone
    try:
        return settings.oidc_secret_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(text="oidc_secret_unreadable", reason=type(error).__name__) from error


class _Carried:
    """Lets the browser carry state, nonce and code verifier between the two requests, signed under our key.

    The key lives as long as the process: a log-in that was begun before a restart has to be begun again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain, self._secure = (
            SessionMiddleware(
                app,
                secret_key=_KEY,
                session_cookie=name,
                path=path,
                max_age=SECONDS,
                same_site="lax",
                https_only=https_only,
            )
            # `__Host-` is for cookies of the whole site only.
            for name, path, https_only in (("kanit_oidc", "/oidc", False), ("__Host-kanit_oidc", "/", True))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._secure if scope["scheme"] == "https" else self._plain)(scope, receive, send)


_KEY = secrets.token_urlsafe(32)
_CARRIED = Middleware(_Carried)

routes = [
    Route("/oidc/start", start, name="oidc_start", middleware=[_CARRIED]),
    Route("/oidc/return", back, name="oidc_return", middleware=[_CARRIED]),
]
