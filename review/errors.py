"""Pages for what cannot be answered. They tell what to do, and nothing of what happened inside."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from review.pages import page
from review.sessions import language_of
from review.texts import catalogue
from storage.outages import is_outage

KNOWN = (400, 403, 404, 405, 408, 409, 413, 429, 500, 503)
"""Statuses with texts of their own: `errors.N.title`, `errors.N.message`."""


BACK_SOON = 30
"""Seconds after which to try again when the database is away."""


async def failed(request: Request, error: Exception) -> Response:
    """Return the page of an error.

    A room raises `HTTPException(409, "queue.taken")`: the second is the key of the text that is told instead of the
    usual one of that status.
    """
    if is_outage(error):
        return _page(request, HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": f"{BACK_SOON}"})
    if not isinstance(error, HTTPException):
        return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR)
    told = error.detail if error.detail in catalogue(language_of(request)) else ""
    return _page(request, error.status_code, told, dict(error.headers or {}))


def _page(request: Request, status: int, told: str = "", headers: dict[str, str] | None = None) -> Response:
    name = status if status in KNOWN else 500 if status >= 500 else 400
    context = {"title": f"errors.{name}.title", "message": told or f"errors.{name}.message"}
    # HTMX puts a fragment into the place for notices, whatever part of the page it was to replace.
    place = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
    return page(request, "errors/error.html", status, {**place, **(headers or {})}, code=status, **context)
