"""Answers: a page of a template, or a way to another page.

A template knows, besides what the room hands over:

    request, account, language, theme, path, here (path with query)
    t(key, **facts)         a text of `texts/{tr,en}.toml`
    token                   of the session, for `<input type="hidden" name="csrf" value="{{ token }}">`
    static(name)            address of a file of `static/`, new whenever its content is
    day(date), moment(datetime)     as people of the language write them, clock of Istanbul
    navigation              (path, key of its text, whether it is this page) of what the account may open
    fragment                whether HTMX asked: `{% extends "fragment.html" if fragment else "base.html" %}`
"""

import hashlib
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from flows.terminal import unturned
from flows.texts import spell_day, spell_moment
from review.navigation import navigation_of
from review.security import hand_out_guest, token_of
from review.sessions import account_of, cookie_name, is_secure, language_of, theme_of
from review.texts import catalogue, text

HERE: Final = Path(__file__).parent
NOTICE_COOKIE: Final = "kanit_notice"
_SAFE: Final = ":/%#?=@[]!$&'()*+,;~"
"""Characters that stand for themselves in the address of a page."""


def page(
    request: Request,
    template: str,
    /,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    """Return the page of a template, for example `queue/list.html`."""
    notice = _notice(request)
    known = {**_common(request), "notice": notice, **context}
    answer = HTMLResponse(unturned(_templates().get_template(template).render(known)), status, headers)
    hand_out_guest(request, answer)
    if notice:
        answer.delete_cookie(
            cookie_name(request, NOTICE_COOKIE),
            path="/",
            secure=is_secure(request),
            httponly=True,
            samesite="lax",
        )
    return answer


def go(request: Request, path: str, notice: str = "") -> Response:
    """Send the browser to a page of ours, where the text of the key `notice` is shown once."""
    if "HX-Request" in request.headers:
        answer = Response(status_code=204, headers={"HX-Redirect": quote(path, safe=_SAFE)})
    else:
        answer = RedirectResponse(path, 303)
    if notice:
        answer.set_cookie(
            cookie_name(request, NOTICE_COOKIE),
            notice,
            max_age=60,
            path="/",
            secure=is_secure(request),
            httponly=True,
            samesite="lax",
        )
    return answer


def own_path(wanted: str) -> str:
    """Return a path of ours to go to, as a browser asked for it; the first page for what could lead elsewhere."""
    local = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if local and wanted.isprintable() else "/"


def say(request: Request, key: str, **facts: object) -> str:
    """Return a text in the language of the browser."""
    return text(key, language_of(request), **facts)


@cache
def static(name: str) -> str:
    """Return the address of a file of `static/`: browsers may keep it, since a changed file has another."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _common(request: Request) -> dict[str, Any]:
    language = language_of(request)
    return {
        "request": request,
        "account": account_of(request),
        "language": language.value,
        "theme": theme_of(request),
        "path": request.url.path,
        "here": _here(request),
        "t": partial(_text, language),
        "token": token_of(request),
        "static": static,
        "day": partial(_day, language),
        "moment": partial(_moment, language),
        "navigation": navigation_of(request),
        "fragment": "HX-Request" in request.headers and "HX-Boosted" not in request.headers,
    }


def _here(request: Request) -> str:
    """Return where to come back to; a page that answers to a form is not asked for again by its own address."""
    if request.method == "GET":
        return f"{request.url.path}?{request.url.query}".rstrip("?")
    return own_path(urlsplit(request.headers.get("referer", "/")).path)


def _text(language: Any, key: str, **facts: object) -> str:
    return text(key, language, **facts)


def _day(language: Any, day: date) -> str:
    return spell_day(day, language)


def _moment(language: Any, moment: datetime) -> str:
    return spell_moment(moment, language)


def _notice(request: Request) -> str:
    key = request.cookies.get(cookie_name(request, NOTICE_COOKIE), "")
    told = catalogue(language_of(request)).get(key, "{}")
    return "" if "{" in told else key  # who edits a cookie gets no page with places left open
