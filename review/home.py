"""The first page, and the choice of language and theme."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from review.access import EVERYBODY, needs, open_to_all
from review.navigation import navigation_of
from review.pages import go, own_path
from review.sessions import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, YEAR, cookie_name, is_secure
from review.texts import Language


@needs(*EVERYBODY)
def first(request: Request) -> Response:
    """Go to the first place that the account may open."""
    places = navigation_of(request)
    return go(request, places[0][0] if places else "/account")


@open_to_all
def choose(request: Request) -> Response:
    """Remember language or theme in the browser, and go back to the page."""
    form = request.state.form
    answer = go(request, own_path(str(form.get("next", "/"))))
    for cookie, chosen, choices in (
        (LANGUAGE_COOKIE, form.get("language"), tuple(Language)),
        (THEME_COOKIE, form.get("theme"), THEMES),
    ):
        if chosen in choices:
            answer.set_cookie(
                cookie_name(request, cookie),
                chosen,
                max_age=YEAR,
                path="/",
                secure=is_secure(request),
                httponly=True,
                samesite="lax",
            )
    return answer


@needs(*EVERYBODY, unready=True)
def alive(_: Request) -> Response:
    """Keep the session open while somebody writes a long text; having asked is enough."""
    return Response(status_code=204)


@open_to_all
def health(_: Request) -> Response:
    """Answer a watcher that this is running."""
    return PlainTextResponse("ok")


routes = [
    Route("/", first, name="first"),
    Route("/preferences", choose, methods=["POST"], name="preferences"),
    Route("/alive", alive, name="alive"),
    Route("/health", health, name="health"),
]
