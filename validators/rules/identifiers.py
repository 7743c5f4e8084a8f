"""Do the numbers of the provider hold together? Hints for an officer: none of them refuses anybody.

Tax numbers and MERSİS numbers carry check digits; a MERSİS number carries the tax number of its company. The rule of
the control digits of an SGK workplace number is derived from printed numbers and published nowhere.
"""

from collections.abc import Iterator

from extractors.facts import Kind
from validators.application import Provider
from validators.finding import Code, Finding
from validators.identity import WorkplaceNumber, is_tax_number, tax_number_of_mersis
from validators.subjects import Dossier


def identifiers_hold(dossier: Dossier) -> Iterator[Finding]:
    """Ask whether tax, MERSİS and workplace numbers, declared and printed, satisfy their control digits."""
    provider = dossier.application.provider
    if provider is None:
        return
    reasons = (*_of_the_company(provider), *_of_its_workplaces(provider))
    for reason in dict.fromkeys(reasons):
        yield dossier.ask.failed(Code.IDENTIFIER_SUSPECT, reason=reason)
    if not reasons:
        yield dossier.ask.passed(Code.IDENTIFIER_SUSPECT)
    yield from _printed(dossier)


def _of_the_company(provider: Provider) -> Iterator[str]:
    if not is_tax_number(provider.tax_number):
        yield "tax_number"
    if provider.mersis_number is None:
        return
    inside = tax_number_of_mersis(provider.mersis_number)
    if inside is None:
        yield "mersis"
    elif inside != provider.tax_number:
        yield "mersis_of_another"


def _of_its_workplaces(provider: Provider) -> Iterator[str]:
    numbers = (WorkplaceNumber.parse(text) for text in provider.workplace_numbers)
    if any(number is not None and number.control_holds is False for number in numbers):
        yield "workplace"


def _printed(dossier: Dossier) -> Iterator[Finding]:
    for paper in dossier.papers:
        groups = paper.groups("workplace_number")
        if paper.kind is Kind.ENTRY_DECLARATION and groups is not None:
            holds = WorkplaceNumber.from_groups(groups).control_holds
            if holds is False:
                at = paper.at(paper.field("workplace_number"))
                yield dossier.ask.failed(Code.IDENTIFIER_SUSPECT, at, reason="printed_workplace")
