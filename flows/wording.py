"""The parts of a report in words: names of papers, places in them, decisions on people; the same in every output."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from flows.texts import Language, say, spell_day

Json: TypeAlias = Mapping[str, Any]
PaperKey: TypeAlias = tuple[str | None, int | None]


def paper_key(document: Json) -> PaperKey:
    """Return what findings name a document by: its id, and the paper's number where the file holds several."""
    return document["id"], document["paper"] if "papers" in document else None


def paper_name(document: Json, language: Language) -> str:
    """Return the file's name, with the paper's number where the file holds several."""
    return say("document.paper", language, **document) if "papers" in document else str(document["name"])


def place(finding: Json, name: str, language: Language) -> str:
    """Say where in the paper of that name a finding was made, as exactly as it is known."""
    box, page = finding["box"], finding["page"]
    key = "box" if box else "page" if page else "document"
    return say(f"place.{key}", language, document=name, page=page, box=shown_box(box) if box else "")


def shown_box(box: Sequence[float]) -> str:
    """Return a box as its two corners: `(x0, y0)–(x1, y1)`."""
    x0, y0, x1, y1 = box
    return f"({x0:g}, {y0:g})–({x1:g}, {y1:g})"


def decided(person: Json, language: Language) -> str:
    """Return the decision on a person, the route on which it rests and what is proposed."""
    parts = [say(f"decision.{person['decision']}", language)]
    if person["route"]:
        parts.append(say(f"route.{person['route']}", language))
    if "proposal" in person:
        until = person.get("wait_until")
        day = spell_day(date.fromisoformat(until), language) if until else ""
        parts.append(say(f"proposal.{person['proposal']}", language, until=day))
    return " · ".join(parts)
