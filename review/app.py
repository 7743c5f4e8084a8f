"""The review application: its rooms, and what stands before every one of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from review import (
    accounts_page,
    audit_page,
    case,
    decide,
    dossier,
    home,
    login,
    oidc,
    papers,
    query_page,
    queue,
    second_factor,
    statistics,
)
from review.access import routes_with_roles
from review.desk import open_desk
from review.errors import failed
from review.pace import Paces
from review.pages import HERE
from review.security import Bounds, Headers, RateLimit
from review.sessions import Sessions
from storage.settings import Settings

ROOMS = (
    home,
    login,
    oidc,
    second_factor,
    accounts_page,
    papers,
    case,
    decide,
    queue,
    statistics,
    query_page,
    audit_page,
    dossier,
)
"""Modules that export `routes`. The places that the navigation offers stand in `navigation.PLACES`."""

_HERE = ("127.0.0.1", "localhost", "[::1]")


def create_app(settings: Settings) -> Starlette:
    """Return the application on the registry of the settings. Raises StorageError, Unguarded."""
    routes = [*_rooms(), Mount("/static", _Files(directory=HERE / "static"), name="static")]
    list(routes_with_roles(routes))  # every endpoint says who may ask for it
    provider = oidc.provider_of(settings)
    desk = open_desk(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with papers.open_papers(desk) as app.state.papers:
            yield
        desk.database.close()

    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Headers, failed=failed),
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings), www_redirect=False),
            Middleware(Bounds),
            Middleware(Sessions),
        ],
        exception_handlers={HTTPException: failed},
        lifespan=lifespan,
    )
    app.state.desk = desk
    app.state.oidc = provider
    app.state.paces = Paces()
    app.state.login_limit = RateLimit(login.TRIES, login.SECONDS)
    return app


def _rooms() -> list[BaseRoute]:
    return [route for room in ROOMS for route in room.routes]


def _hosts(settings: Settings) -> list[str]:
    """Return the names that this is asked by: another site's name that points here is refused (DNS rebinding)."""
    named = urlsplit(settings.review_url).hostname
    return [*_HERE, *([named] if named else [])]


class _Files(StaticFiles):
    """Files that browsers keep: their addresses change with their content (`pages.static`)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file. Raises HTTPException 404."""
        answer = await super().get_response(path, scope)
        # A module that another one imports is asked for without its version.
        kept = "public, max-age=31536000, immutable" if b"v=" in scope["query_string"] else "no-cache"
        answer.headers["Cache-Control"] = kept
        return answer
