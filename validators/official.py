"""What an official document (E3) says of a person and a provider: which company it names, and whom with which role.

Companies are known by their tax number, printed or inside the MERSİS number, and by their title only where no number
was read; people by their T.C. number, in full or with stars, and by name. Nothing decides here: a human reads it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from extractors.facts import Document, Field, TextSource
from extractors.turkish import fold
from validators.application import Person, Provider
from validators.fields import groups_of, text_of
from validators.identity import is_national_id, is_tax_number, tax_number_of_mersis
from validators.names import compare_names
from validators.titles import TitleMatch, compare_titles

PARTNERS = frozenset({"partner", "sole_partner", "founder", "owner"})
"""Roles of those who own the business or a part of it: they cannot be its employees (5510 m.53/2)."""
_FIELD = re.compile(r"company_(?P<company>[0-9]+)\.(?:person_(?P<person>[0-9]+)\.)?(?P<name>[a-z_]+)")
_NEARLY = 0.88
"""Likeness (0 to 1) from which a title or name that OCR read may be the one compared: one letter in eight."""


class CompanyTie(StrEnum):
    """What shows that the document is about the provider."""

    MERSIS = "mersis"
    TAX_NUMBER = "tax_number"
    TITLE = "title"
    TITLE_SIMILAR = "title_similar"
    OTHER = "other"
    """Another company."""
    UNREAD = "unread"

    @property
    def holds(self) -> bool:
        """True where the company is, or may be, the provider."""
        return self not in (CompanyTie.OTHER, CompanyTie.UNREAD)


class PersonTie(StrEnum):
    """What shows that the document names the person."""

    NUMBER = "number"
    MASKED_NUMBER = "masked_number"
    NAME = "name"
    NAME_SIMILAR = "name_similar"
    OTHERS = "others"
    """It names others only."""
    NOBODY = "nobody"
    """No name could be read."""

    @property
    def holds(self) -> bool:
        """True where somebody named is, or may be, the person."""
        return self not in (PersonTie.OTHERS, PersonTie.NOBODY)


class Conclusion(StrEnum):
    """What follows for the person; the names choose the messages."""

    TIED = "tied"
    SOLE_TRADER = "sole_trader"
    LEAVING = "leaving"
    NOBODY_NAMED = "nobody_named"
    COMPANY_UNREAD = "company_unread"
    UNREAD = "unread"
    OTHER_PERSON = "other_person"
    OTHER_COMPANY = "other_company"
    NEITHER = "neither"

    @property
    def fails(self) -> bool:
        """True where the document is of another company or names others."""
        return self in (Conclusion.OTHER_PERSON, Conclusion.OTHER_COMPANY, Conclusion.NEITHER)


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Somebody whom a document names; fields as read, None where not."""

    name: Field | None = None
    national_id: Field | None = None
    role: Field | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """Machine words of the roles near the name."""
        return _words(self.role, "roles")

    @property
    def authority(self) -> str:
        """`single`, `joint`, `both` or `unknown`: how the person signs."""
        found = _words(self.role, "authority")
        return "both" if len(found) > 1 else (found[0] if found else "unknown")


@dataclass(frozen=True, slots=True)
class NamedCompany:
    """One company that a document names, with its people."""

    fields: Mapping[str, Field]
    people: tuple[NamedPerson, ...]

    def text(self, name: str) -> str | None:
        """Return a value, or None where it was not read or is disputed."""
        return text_of(self.fields.get(name))


@dataclass(frozen=True, slots=True)
class Proof:
    """What one document shows of the bond of a person with a provider."""

    company_tie: CompanyTie
    person_tie: PersonTie
    company: NamedCompany | None = None
    person: NamedPerson | None = None
    sole_trader: bool = False

    @property
    def conclusion(self) -> Conclusion:
        """What follows from company and person together."""
        if self.company is None:
            return Conclusion.UNREAD
        if self.company_tie.holds:
            return self._of_the_provider()
        if not self.person_tie.holds:
            return Conclusion.NEITHER
        unread = self.company_tie is CompanyTie.UNREAD
        return Conclusion.COMPANY_UNREAD if unread else Conclusion.OTHER_COMPANY

    @property
    def ties(self) -> bool:
        """True where the document names the person at the provider."""
        return self.company_tie.holds and self.person_tie.holds

    @property
    def names_with_role(self) -> bool:
        """True where the document names the person at the provider with a role (m.6(3)(e): "firma ortağı vb.")."""
        return self.ties and self.person is not None and bool(set(self.person.roles) - {"leaving"})

    @property
    def shows_partner(self) -> bool:
        """True where the document names the person as a partner or owner of the provider."""
        return self.ties and self.person is not None and bool(PARTNERS.intersection(self.person.roles))

    def _of_the_provider(self) -> Conclusion:
        if self.person_tie is PersonTie.NOBODY:
            return Conclusion.NOBODY_NAMED
        if not self.person_tie.holds:
            return Conclusion.OTHER_PERSON
        if self.sole_trader:
            return Conclusion.SOLE_TRADER
        leaving = self.person is not None and "leaving" in self.person.roles
        return Conclusion.LEAVING if leaving else Conclusion.TIED


def is_sole_trader(person: Person, provider: Provider) -> bool:
    """Tell whether the provider's tax number is the person's own T.C. number: the business is the person."""
    return person.national_id in _tax_numbers(provider)


def read_proof(document: Document, person: Person, provider: Provider) -> Proof:
    """Say what a document shows of a person and a provider: of its companies, the one that shows most."""
    by_ocr = document.text is TextSource.OCR
    proofs = [_proof(company, person, provider, by_ocr=by_ocr) for company in companies_of(document)]
    if all(proof.company_tie is CompanyTie.UNREAD and not proof.person_tie.holds for proof in proofs):
        return Proof(CompanyTie.UNREAD, PersonTie.NOBODY)
    return min(proofs, key=_rank)


def companies_of(document: Document) -> tuple[NamedCompany, ...]:
    """List the companies of an official document with their people, from its fields."""
    companies: dict[int, dict[str, Field]] = {}
    people: dict[int, dict[int, dict[str, Field]]] = {}
    for key, field in document.fields.items():
        match = _FIELD.fullmatch(key)
        if match is None:
            continue
        number, name = int(match["company"]), match["name"]
        company = companies.setdefault(number, {})
        if match["person"] is None:
            company[name] = field
        else:
            people.setdefault(number, {}).setdefault(int(match["person"]), {})[name] = field
    return tuple(NamedCompany(found, _people(people.get(number, {}))) for number, found in companies.items())


def _people(found: Mapping[int, Mapping[str, Field]]) -> tuple[NamedPerson, ...]:
    return tuple(NamedPerson(f.get("name"), f.get("national_id"), f.get("role")) for f in found.values())


def _rank(proof: Proof) -> int:
    return tuple(Conclusion).index(proof.conclusion)


def _proof(company: NamedCompany, person: Person, provider: Provider, *, by_ocr: bool) -> Proof:
    tie = _company_tie(company, provider, by_ocr=by_ocr)
    named, who = _person_tie(company, person, by_ocr=by_ocr)
    own = is_sole_trader(person, provider) and tie in (CompanyTie.MERSIS, CompanyTie.TAX_NUMBER)
    if own and not named.holds:
        named = PersonTie.NUMBER
    return Proof(tie, named, company, who, sole_trader=own)


def _company_tie(company: NamedCompany, provider: Provider, *, by_ocr: bool) -> CompanyTie:
    """Compare the numbers; where both sides have one and they differ, titles do not count."""
    known = _tax_numbers(provider)
    printed, mersis = company.text("tax_number"), company.text("mersis_number")
    inside = tax_number_of_mersis(mersis) if mersis is not None else None
    if inside in known:
        return CompanyTie.MERSIS
    if printed in known:
        return CompanyTie.TAX_NUMBER
    if inside is not None or (printed is not None and is_tax_number(printed)):
        return CompanyTie.OTHER
    title = company.text("title")
    return CompanyTie.UNREAD if title is None else _title_tie(title, provider.title, by_ocr=by_ocr)


def _title_tie(printed: str, title: str, *, by_ocr: bool) -> CompanyTie:
    match = compare_titles(title, printed)
    if match is TitleMatch.SAME:
        return CompanyTie.TITLE
    similar = match.uncertain or (by_ocr and _is_near(title, printed))
    return CompanyTie.TITLE_SIMILAR if similar else CompanyTie.OTHER


def _person_tie(
    company: NamedCompany, person: Person, *, by_ocr: bool
) -> tuple[PersonTie, NamedPerson | None]:
    """Find the person among those whom a company's announcement names; the surest tie counts."""
    named = [
        who for who in company.people if text_of(who.name) is not None or text_of(who.national_id) is not None
    ]
    if not named:
        return PersonTie.NOBODY, None
    ties = [(_one(who, person, by_ocr=by_ocr), who) for who in named]
    order = tuple(PersonTie)
    tie, who = min(ties, key=lambda found: order.index(found[0]))
    return (tie, who) if tie.holds else (PersonTie.OTHERS, None)


def _one(who: NamedPerson, person: Person, *, by_ocr: bool) -> PersonTie:
    """Compare somebody named with the person; a number that is another's counts for more than an equal name."""
    name, number = text_of(who.name) or "", text_of(who.national_id)
    agrees = compare_names(person.given_name, person.family_name, name, "").agrees
    if number is not None and is_national_id(number):
        return PersonTie.NUMBER if number == person.national_id else PersonTie.OTHERS
    if number is not None and not number.isdigit():
        if not fits(number, person.national_id):
            return PersonTie.OTHERS
        if agrees:
            return PersonTie.MASKED_NUMBER
    if agrees:
        return PersonTie.NAME
    near = by_ocr and _is_near(f"{person.given_name} {person.family_name}", name)
    return PersonTie.NAME_SIMILAR if near else PersonTie.OTHERS


def fits(masked: str, number: str) -> bool:
    """Tell whether the digits that a number with stars shows are those of a T.C. number."""
    if len(masked) == len(number):
        return all(not a.isdigit() or a == b for a, b in zip(masked, number, strict=True))
    start, end = re.match(r"[0-9]*", masked), re.search(r"[0-9]*$", masked)
    shown = (start[0] if start else "", end[0] if end else "")
    return number.startswith(shown[0]) and number.endswith(shown[1])


def _is_near(one: str, other: str) -> bool:
    return SequenceMatcher(None, fold(one), fold(other)).ratio() >= _NEARLY


def _tax_numbers(provider: Provider) -> frozenset[str]:
    inside = tax_number_of_mersis(provider.mersis_number) if provider.mersis_number else None
    return frozenset(filter(None, (provider.tax_number, inside)))


def _words(field: Field | None, name: str) -> tuple[str, ...]:
    return tuple((groups_of(field) or {}).get(name, "").split())
