"""An officer's way through the decision pages: forms opened and sent with what they hold."""

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from review.desk import Desk
from storage.desk.accounts import Role
from storage.desk.audit import LineFilter, lines
from storage.desk.queue import CaseLine, case_line
from storage.desk.rulings import Event, history
from storage.models import Employment, Standing
from tests.review.visiting import Visitor
from tests.storage.samples import Inbox


def inbox_of(desk: Desk, folder: Path) -> Inbox:
    """An inbox of the registry of a desk."""
    return Inbox.at(folder / "inbox", desk.database)


def events_on(desk: Desk, name: str) -> tuple[Event, ...]:
    """What was ruled on an application."""
    return desk.database.read(lambda work: history(work, name))


def line_of(desk: Desk, name: str) -> CaseLine:
    """The row of a case in the queue."""
    line = desk.database.read(lambda work: case_line(work, name))
    assert line is not None
    return line


def hidden(page: str) -> dict[str, str]:
    """The judgement and the ruling that a form brings back."""
    found = {name: re.search(rf'name="{name}" value="(\d+)"', page) for name in ("judgement", "seen")}
    return {name: match[1] for name, match in found.items() if match}


def area(page: str, name: str) -> str:
    """What a field of several lines holds."""
    found = re.search(rf'<textarea id="decide-{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def ticked(page: str) -> list[str]:
    """The codes that are ticked."""
    return re.findall(r'name="codes" value="(\w+)" checked', page)


def main_of(page: str) -> str:
    """What a page says, without its tags."""
    body = page[page.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def unlabelled(page: str) -> list[str]:
    """The fields of a page to which no label is tied."""
    main = page[page.index("<main") :]
    labels = set(re.findall(r'<label for="([^"]+)"', main))
    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", main)
    shown = [field for field in fields if 'type="hidden"' not in field]
    assert shown
    return [field for field in shown if not labels & set(re.findall(r'\bid="([^"]+)"', field))]


@dataclass
class Officer:
    """Somebody who decides cases by their pages."""

    visitor: Visitor

    def open(self, name: str, deed: str, **query: Any) -> httpx.Response:
        """Open the form of a decision."""
        return self.visitor.get(f"/cases/{name}/decide/{deed}", params=query)

    def send(self, name: str, deed: str, page: str, **fields: Any) -> httpx.Response:
        """Send a form that was shown."""
        return self.visitor.post(f"/cases/{name}/decide/{deed}", **{**hidden(page), **fields})

    def decide(self, name: str, deed: str, **fields: Any) -> httpx.Response:
        """Open a form, send it, and see what came of it."""
        place = {each: fields[each] for each in ("document", "field") if each in fields}
        page = self.open(name, deed, **place).text
        sent = self.send(name, deed, page, **fields)
        assert sent.status_code == 303, main_of(sent.text)
        return self.visitor.get(sent.headers["location"])


def officer(visit: Any, role: Role = Role.REVIEWER, name: str = "ayla") -> Officer:
    """Log an officer in."""
    return Officer(visit(role, name))


def rulings_audited(desk: Desk) -> list[tuple[str, str]]:
    wanted = LineFilter()
    found = desk.database.read(lambda work: lines(work, wanted))
    return [
        (line.action, line.details["kind"]) for line in reversed(found) if line.action in ("ruling", "second")
    ]


def employed(desk: Desk) -> list[Standing]:
    return desk.database.read(lambda work: [row.standing for row in work.session.scalars(select(Employment))])
