"""Official documents (E3) as facts: forms, companies and the people whom they name, to be changed by a test."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from extractors.facts import Document, Field, Value
from tests.validators import factory as f

MERSIS = "0123456789000014"
OTHER_MERSIS = "0987654321700018"
MASKED_AYSE = "100******78"


@dataclass(frozen=True)
class Named:
    """Somebody whom a document names; empty texts are not printed."""

    name: str = "AYŞE ÖRNEK"
    number: str = MASKED_AYSE
    roles: str = "partner manager"
    authority: str = "single"

    def fields(self) -> Mapping[str, Value]:
        said: Value = (
            {"roles": self.roles, "authority": self.authority} if self.roles or self.authority else None
        )
        found = {"name": self.name or None, "national_id": self.number or None, "role": said}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class Company:
    """A company that a document names; empty texts are not printed."""

    people: tuple[Named, ...] = (Named(),)
    title: str = f.TITLE
    mersis: str = MERSIS
    tax: str = ""
    registry: str = "123456"

    def fields(self) -> Mapping[str, Value]:
        own = {
            "title": self.title,
            "mersis_number": self.mersis,
            "tax_number": self.tax,
            "registry_number": self.registry,
        }
        people = {
            f"person_{number}.{name}": value
            for number, who in enumerate(self.people, start=1)
            for name, value in who.fields().items()
        }
        return {**{name: value for name, value in own.items() if value}, **people}


def official(
    *companies: Company,
    form: str = "gazette",
    issued_on: str | None = "2026-06-21",
    issue: str | None = "11106",
) -> Document:
    """An official document that names these companies."""
    fields: dict[str, Field] = {"form": f.seen(form)}
    for name, value in (("issued_on", issued_on), ("issue_number", issue)):
        if value is not None:
            fields[name] = f.seen(value)
    for number, company in enumerate(companies, start=1):
        for name, found in company.fields().items():
            raw = "ortak ve müdür" if isinstance(found, dict) else None
            fields[f"company_{number}.{name}"] = f.seen(found, raw)
    return replace(f.gazette(), fields=fields)
