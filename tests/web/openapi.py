"""An OpenAPI document of the review application, made of its routes and of the fields that its code reads.

Nothing of it is written by hand but some values worth trying: a route or a field that is added tomorrow stands in it.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute, Route

from review.access import routes_with_roles
from storage.desk.accounts import Role
from storage.desk.audit import Action
from storage.desk.queue import Claimed, Sort
from validators.finding import Code, Level

HOSTILE = (
    "",
    " ",
    "\0",
    "a\r\nSet-Cookie: kanit_session=x",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    '=HYPERLINK("http://evil.example")',
    "\x1b[31m",
    "../../../../etc/passwd",
    "//evil.example/",
    "İIıi̇ß\u202e\ufeff",
    "\U0010ffff",
    "9" * 19,
    "9" * 400,
    "-1",
    "1e9",
    "0x1",
    "٣",
    "²",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "x" * 3000,
)
"""Texts that programs have stumbled over: control characters, other digits, the ends of calendars, great lengths."""
WORST = ("\0", "9" * 19, "0001-01-01", "9999-12-31")
"""Those of them that databases, calendars and numbers stumble over; each is tried in each field."""
PLAUSIBLE: dict[str, tuple[str, ...]] = {
    "account": ("1", "2"),
    "action": tuple(Action),
    "again": ("a second long sentence",),
    "application_id": ("A-1", "A-2", "A-3", "A-9"),
    "applications": ("A-1", "A-2"),
    "answer": ("agree", "decline"),
    "case": ("A-2",),
    "claimed": tuple(Claimed),
    "due": ("2026-12-31",),
    "codes": tuple(code.value for code in list(Code)[:5]),
    "deed": ("approve", "return", "reject", "defer", "note", "correct"),
    "do": ("take", "renew", "release", "second", "decline"),
    "figure": ("applications", "share", "reasons"),
    "form": ("csv", "xlsx", "pdf", "html"),
    "from": ("2026-01-01",),
    "judgement": ("1", "2"),
    "kind": ("person", "name", "provider"),
    "older": ("7",),
    "language": ("tr", "en"),
    "national_id": ("10000000146",),
    "new": ("a second long sentence",),
    "next": ("/account",),
    "person": ("0", "1"),
    "reason": (Code.EMPLOYMENT_ENDED.value,),
    "role": tuple(Role),
    "seen": ("0", "1"),
    "severity": tuple(Level),
    "sort": tuple(Sort),
    "state": ("today", "open", "all"),
    "theme": ("dark",),
    "until": ("2026-12-31",),
}
"""Values by which requests get past the first check."""
NUMBERS = (0, 1, 2, 3, 2**31, 2**63 - 1, 2**63, 10**30)

_READ = re.compile(
    r"""\.(?:line|letter|secret|choice|day|whole|ticked|several|get|getlist)\(\s*"([a-z_]+)"|"""
    r"""(?:form|fields|sent|query_params)\["([a-z_]+)"\]|\(request, "([a-z_]+)"\)"""
)
"""How code reads a field of a form or an address."""
_ASKED = re.compile(r"""\sname="([a-z_]+)"|\(form, "([a-z_]+)\"""")
"""How a template asks for one."""
_PLACE = re.compile(r"\{([a-z_]+)(?::([a-z]+))?\}")
_REVIEW = Path(inspect.getfile(routes_with_roles)).parent
_SHARED = {"login": ("passwords",), "accounts": ("passwords",)}
"""Modules that read fields for several rooms."""


def document_of(routes: list[BaseRoute]) -> dict[str, Any]:
    """Return the OpenAPI document of an application's routes."""
    paths: dict[str, dict[str, Any]] = {}
    for path, route, _ in routes_with_roles(routes):
        operations = paths.setdefault(_PLACE.sub(r"{\1}", path), {})
        for method in sorted((route.methods or set()) - {"HEAD"}):
            operations[method.lower()] = _operation(path, method, route)
    return {"openapi": "3.0.3", "info": {"title": "review", "version": "1"}, "paths": paths}


def _operation(path: str, method: str, route: Route) -> dict[str, Any]:
    places, fields = _PLACE.findall(path), fields_of(path, route)
    operation: dict[str, Any] = {
        "operationId": f"{method} {path}",
        "parameters": [_path_parameter(*found) for found in places],
        "responses": {"default": {"description": "any"}},
    }
    if method == "GET":
        operation["parameters"] += [{"name": name, "in": "query", "schema": _text(name)} for name in fields]
    else:
        form = {"type": "object", "properties": {name: _field(name) for name in fields}}
        operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    return operation


def fields_of(path: str, route: Route) -> tuple[str, ...]:
    """Return the names of the fields that the room of a route reads, and that its templates ask for."""
    module = inspect.unwrap(route.endpoint).__module__
    # `decide`, `decide_fields` and so on are one room.
    room = module.removeprefix("review.").split("_", maxsplit=1)[0]
    return tuple(sorted(_fields(room) - {name for name, _ in _PLACE.findall(path)} - {"csrf"}))


def plausible(name: str) -> str:
    """Return a value that gets a request past the first check, or nothing."""
    return next(iter(PLAUSIBLE.get(name, ())), "")


@cache
def _fields(room: str) -> frozenset[str]:
    modules = [path for name in (room, *_SHARED.get(room, ())) for path in _REVIEW.glob(f"{name}*.py")]
    templates = (_REVIEW / "templates" / room).glob("*.html")
    return frozenset((*_matches(_READ, modules), *_matches(_ASKED, templates)))


def _matches(pattern: re.Pattern[str], files: Iterable[Path]) -> Iterator[str]:
    for path in files:
        for match in pattern.findall(path.read_text("utf-8")):
            yield from filter(None, match)


def _path_parameter(name: str, kind: str) -> dict[str, Any]:
    whole = {"type": "integer", "enum": list(NUMBERS)}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": whole if kind == "int" else _segment(name),
    }


def _segment(name: str) -> dict[str, Any]:
    known = [*PLAUSIBLE.get(name, ()), *(text for text in HOSTILE if text.strip())]
    return {"anyOf": [{"enum": known}, {"type": "string", "minLength": 1, "maxLength": 300}]}


def _text(name: str) -> dict[str, Any]:
    return {"anyOf": [{"enum": [*PLAUSIBLE.get(name, ()), *HOSTILE]}, {"type": "string", "maxLength": 500}]}


def _field(name: str) -> dict[str, Any]:
    """Return what a form may hold: a field may stand more than once."""
    return {"anyOf": [_text(name), {"type": "array", "items": _text(name), "maxItems": 4}]}
