"""Whether an employer is the provider: workplace number first, then tax number; a title alone is a reason to look.

A statement prints only the sequence (sıra) of the workplace, which is unique within a province: there the
title listed for it must agree. A declaration prints the whole number by group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from extractors.facts import Value
from validators.application import Provider
from validators.identity import WorkplaceMatch, WorkplaceNumber, tax_number_of_mersis
from validators.policy import Parameters
from validators.titles import TitleMatch, compare_titles

SIMILAR = frozenset(match for match in TitleMatch if match is TitleMatch.SAME or match.uncertain)
"""Titles that may be one company's."""
ENOUGH_WITH_NUMBER = SIMILAR - {TitleMatch.SOLE_TRADER}
"""Titles that, together with an equal workplace sequence, show one company; words of a name in common do not."""


class Employer(StrEnum):
    """Who an employer on a paper is."""

    PROVIDER = "provider"
    UNCERTAIN = "uncertain"
    SOMEBODY_ELSE = "somebody_else"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class EmployerAnswer:
    """The answer, why it is uncertain (`reason` chooses the message), and what was compared."""

    employer: Employer
    reason: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """What the application says of its provider, ready to be compared; `tax_numbers` with that in MERSİS."""

    title: str
    tax_numbers: frozenset[str]
    workplaces: tuple[WorkplaceNumber, ...]
    accept_title_alone: bool

    @classmethod
    def of(cls, provider: Provider, parameters: Parameters) -> "KnownProvider":
        """Take over a provider; workplace numbers that cannot be parsed are left out."""
        parsed = (WorkplaceNumber.parse(text) for text in provider.workplace_numbers)
        inside = tax_number_of_mersis(provider.mersis_number) if provider.mersis_number else None
        return cls(
            provider.title,
            frozenset(filter(None, (provider.tax_number, inside))),
            tuple(number for number in parsed if number is not None),
            parameters.title_alone == "accept",
        )

    def has_sequence(self, sequence: int) -> bool:
        """Tell whether one of the registered workplaces has this sequence number."""
        return any(int(number.sequence or 0) == sequence for number in self.workplaces)

    def runs_itself(self, number: WorkplaceNumber) -> bool:
        """Tell whether a registered workplace with this number is the provider's own, not a main employer's."""
        return any(
            registered.matches(number) is WorkplaceMatch.SAME and not registered.by_subcontractor
            for registered in self.workplaces
        )


def employer_of_row(known: KnownProvider, sequence: int, titles: Sequence[str]) -> EmployerAnswer:
    """Compare a statement's workplace: its sequence number and the titles listed for that number."""
    matches = {compare_titles(known.title, title) for title in titles}
    facts: dict[str, Value] = {"title": " / ".join(titles) or None}
    if known.has_sequence(sequence):
        if not matches:
            return EmployerAnswer(Employer.UNCERTAIN, "title_not_listed", facts)
        if matches <= ENOUGH_WITH_NUMBER:
            return EmployerAnswer(Employer.PROVIDER, "", facts)
        reason = "title_partly" if matches <= SIMILAR else "title_contradicts"
        return EmployerAnswer(Employer.UNCERTAIN, reason, facts)
    if matches & SIMILAR:
        return _by_title(known, matches, facts)
    if not matches and not known.workplaces:
        return EmployerAnswer(Employer.UNREAD, "title_not_listed", facts)
    return EmployerAnswer(Employer.SOMEBODY_ELSE, "", facts)


def employer_of_declaration(
    known: KnownProvider, groups: Mapping[str, str] | None, tax_number: str | None, title: str | None
) -> EmployerAnswer:
    """Compare a declaration's employer: workplace number by group, tax number if printed, title.

    A number that a subcontractor (aracı) uses, on the paper or in the application, is never enough, whatever
    else agrees: main employer and subcontractor share all of it but the last digits.
    """
    number = WorkplaceNumber.from_groups(groups) if groups else None
    match = _number_match(known, number)
    facts: dict[str, Value] = {"title": title, "number_match": match.value}
    if title is not None:
        facts["title_match"] = compare_titles(known.title, title).value
    answer = _by_numbers(known, match, tax_number, facts) or _by_title_beside(known, match, title, facts)
    if answer.employer is not Employer.PROVIDER or number is None:
        return answer
    if number.by_subcontractor:
        facts["subcontractor"] = number.subcontractor
        return EmployerAnswer(Employer.UNCERTAIN, "subcontractor", facts)
    if match is WorkplaceMatch.SAME and not known.runs_itself(number):
        return EmployerAnswer(Employer.UNCERTAIN, "provider_is_subcontractor", facts)
    return answer


def _by_numbers(
    known: KnownProvider, match: WorkplaceMatch, tax_number: str | None, facts: Mapping[str, Value]
) -> EmployerAnswer | None:
    """Judge by workplace and tax number; None where neither decides."""
    same_tax = tax_number in known.tax_numbers if tax_number is not None else None
    if match is WorkplaceMatch.CONFLICT:
        return EmployerAnswer(Employer.UNCERTAIN, "sector_differs", facts)
    if match is WorkplaceMatch.SAME and same_tax is False:
        return EmployerAnswer(Employer.UNCERTAIN, "tax_number_differs", facts)
    if match is WorkplaceMatch.SAME or same_tax is True:
        return EmployerAnswer(Employer.PROVIDER, "", facts)
    return EmployerAnswer(Employer.SOMEBODY_ELSE, "", facts) if same_tax is False else None


def _by_title_beside(
    known: KnownProvider, match: WorkplaceMatch, title: str | None, facts: Mapping[str, Value]
) -> EmployerAnswer:
    """Judge by the title where the numbers do not show the provider."""
    if title is None:
        return EmployerAnswer(Employer.UNREAD, "", facts)
    matches = {compare_titles(known.title, title)}
    if not matches & SIMILAR:
        return EmployerAnswer(Employer.SOMEBODY_ELSE, "", facts)
    if match is WorkplaceMatch.UNKNOWN and known.workplaces:
        return EmployerAnswer(Employer.UNCERTAIN, "number_unread", facts)
    return _by_title(known, matches, facts)


def _number_match(known: KnownProvider, number: WorkplaceNumber | None) -> WorkplaceMatch:
    """Compare with every registered number; the best answer counts, `UNKNOWN` where nothing was compared."""
    found = {registered.matches(number) for registered in known.workplaces} if number is not None else set()
    order = (WorkplaceMatch.SAME, WorkplaceMatch.CONFLICT, WorkplaceMatch.UNKNOWN, WorkplaceMatch.DIFFERENT)
    return next((match for match in order if match in found), WorkplaceMatch.UNKNOWN)


def _by_title(known: KnownProvider, matches: set[TitleMatch], facts: Mapping[str, Value]) -> EmployerAnswer:
    """Judge titles that agree without a number that does: a reason to look, by policy enough."""
    if known.workplaces:
        return EmployerAnswer(Employer.UNCERTAIN, "other_number", facts)
    if known.accept_title_alone and matches == {TitleMatch.SAME}:
        return EmployerAnswer(Employer.PROVIDER, "", facts)
    return EmployerAnswer(Employer.UNCERTAIN, "title_alone", facts)
