"""Applications of the procedures without papers on people, signed at any hour of a day in November 2026."""

from collections.abc import Sequence
from typing import Any

from extractors.facts import Document
from tests.storage.samples import AYSE, PROVIDER, Inbox, application, statement
from validators.application import Person as Declared
from validators.application import Provider as DeclaredProvider

OTHER_PROVIDER = PROVIDER.model_copy(update={"tax_number": "9876543217"})
"""A company that differs by its tax number alone, so that the same statements are evidence for it."""


def signed(content: dict[str, Any], moment: str) -> dict[str, Any]:
    """The application, signed at a moment such as `20T14:05`."""
    return {**content, "submitted_at": f"2026-11-{moment}:00+03:00"}


def add(inbox: Inbox, name: str, moment: str, barcode: str, person: Declared = AYSE, **changes: Any) -> str:
    """Put an addition of the person, on a statement of its own, into the inbox (md. 7 a-f)."""
    content = application(name, "personnel_addition", [person], **changes)
    return inbox.put(signed(content, moment), statement(person, barcode))


def remove(
    inbox: Inbox,
    name: str,
    moment: str,
    people: Sequence[Declared] = (AYSE,),
    provider: DeclaredProvider = PROVIDER,
) -> str:
    """Put a removal with its reason into the inbox (md. 7 g-ı)."""
    content = application(name, "personnel_removal", people, provider=provider)
    del content["evidence"]
    return _put_without_papers(inbox, signed({**content, "reason": "Sağlık nedeniyle ayrıldı."}, moment))


def petition(inbox: Inbox, name: str, moment: str, **changes: Any) -> str:
    """Put the person's own petition for the deletion of the record into the inbox (md. 4(3))."""
    content = application(name, "record_deletion", [AYSE])
    del content["evidence"], content["provider"]
    return _put_without_papers(inbox, signed({**content, "petition": "dilekce.pdf", **changes}, moment))


def certify(
    inbox: Inbox,
    name: str,
    moment: str,
    *certificates: Document,
    procedure: str = "update",
    person: Declared = AYSE,
) -> str:
    """Put the person's registration or update with these certificates into the inbox (md. 4, 5)."""
    content = signed(application(name, f"personnel_{procedure}", [person]), moment)
    if certificates:
        return inbox.put(content, *certificates)
    del content["evidence"]
    return _put_without_papers(inbox, content)


def _put_without_papers(inbox: Inbox, content: dict[str, Any]) -> str:
    name = inbox.put(content)
    inbox.facts[name] = ()
    return name
