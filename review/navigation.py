"""What the navigation offers: of the places below, those that are there and that the account may open."""

from functools import cache

from starlette.applications import Starlette
from starlette.requests import Request

from review.access import routes_with_roles
from review.sessions import account_of
from storage.desk.accounts import Role

PLACES = (
    ("/queue", "nav.queue"),
    ("/proposals", "nav.proposals"),
    ("/statistics", "nav.statistics"),
    ("/query", "nav.query"),
    ("/audit", "nav.audit"),
    ("/accounts", "nav.accounts"),
)
"""Paths and the keys of their texts, in their order; `/` leads to the first that an account may open."""
BELOW = {"/queue": "/cases"}
"""Places whose pages have another address as well."""


def navigation_of(request: Request) -> list[tuple[str, str, bool]]:
    """Return path, key of the text, and whether the asked page is there or below."""
    account = account_of(request)
    if account is None:
        return []
    known = _roles_by_path(request.app)
    return [
        (
            path,
            key,
            any(f"{request.url.path}/".startswith(f"{each}/") for each in (path, BELOW.get(path, path))),
        )
        for path, key in PLACES
        if account.role in known.get(path, ())
    ]


@cache
def _roles_by_path(app: Starlette) -> dict[str, frozenset[Role]]:
    return {
        path: roles for path, route, roles in routes_with_roles(app.routes) if "GET" in (route.methods or ())
    }
