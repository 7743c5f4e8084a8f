"""Lines of the audit trail in words: what a line is about, and what else it holds.

A line keeps ids and keys (`storage.desk.audit`), and so do the files that are made of it; readers of the page are told
what they mean. What has no words yet is told as it is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from review.texts import Language, catalogue, text
from storage.desk.accounts import Account

_VALUES: Mapping[str, str] = {
    "kind": "decide.ruling",
    "state": "decide.ruling_state",
    "codes": "queue.reason",
    "code": "queue.reason",
    "proposal": "queue.proposal",
    "role": "roles",
    "action": "audit.actions",
}
"""Where the words for the values of a detail stand; those of the others stand under `audit.values`."""
_FROM_NOUGHT = frozenset({"document", "person"})
"""Details that count from 0, which people do not."""
_LONGEST = 12
"""Signs of a hash that are shown."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a line is about, in words; `path` is its page, empty where it has none."""

    words: str
    path: str = ""


def told_subject(kept: str, accounts: Sequence[Account], language: Language) -> Subject:
    """Tell what a line is about, such as `application:TS-1`."""
    kind, _, name = kept.partition(":")
    if kind == "application" and name:
        return Subject(
            text("audit.objects.application", language, name=name), f"/cases/{quote(name, safe='')}"
        )
    names = {str(account.id): f"{account.name} – {account.display}" for account in accounts}
    shown = {"account": names.get(name, name), "certificate": name[:_LONGEST], "page": _page(name, language)}
    for key in (f"audit.objects.{kind}_{name}", f"audit.objects.{kind}"):
        if key in catalogue(language):
            return Subject(text(key, language, name=shown.get(kind, name)))
    return Subject(kept)


def told_details(details: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    """Tell what a line holds besides; what is merely untrue or empty is left out."""
    told = ((name, value) for name, value in details.items() if value is not False and value != [])
    return tuple(_detail(name, value, language) for name, value in told)


def _page(name: str, language: Language) -> str:
    """Name a page by the module of its endpoint (`review.queue.show`) or the name of its route (`queue_search`)."""
    module = name.split(".")[-2] if "." in name else name.partition("_")[0]
    key = f"audit.pages.{module}"
    return text(key, language) if key in catalogue(language) else name


def _detail(name: str, value: Any, language: Language) -> str:
    key = f"audit.keys.{name}"
    label = text(key, language) if key in catalogue(language) else name
    return label if value is True else f"{label}: {_value(name, value, language)}"


def _value(name: str, value: Any, language: Language) -> str:
    if isinstance(value, list):
        return ", ".join(_value(name, each, language) for each in value)
    if name == "what" and ":" in str(value):  # `role:auditor`
        part, _, new = str(value).partition(":")
        return _detail(part, new, language)
    if name in _FROM_NOUGHT and isinstance(value, int):
        return str(value + 1)
    for key in (f"{_VALUES[name]}.{value}" if name in _VALUES else "", f"audit.values.{value}"):
        if key in catalogue(language):
            return text(key, language)
    return str(value)
