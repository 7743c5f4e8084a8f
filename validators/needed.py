"""Which rows of a statement have to be kept once it was judged.

A statement tells of every employer that a person ever had. The rules need the rows of one, the provider (Kılavuz
m.6(3)(d): "çalıştığı yerin bilgisi"); what is kept beyond that must be needed, too (KVKK m.4(2)(ç): linked to the
purpose, limited, proportionate). So rows of others are kept only while a finding rests on them: where the provider's
rows did not answer everything, the whole history is what an officer has to look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from extractors.facts import Document
from validators.case import Case, Judgement
from validators.employer import KnownProvider
from validators.employment import rows_of_others, same_workplace
from validators.finding import Code, Decision, Outcome

ABOUT_ROWS = frozenset(
    {Code.NO_LINK, Code.EMPLOYER_UNCERTAIN, Code.EMPLOYMENT_CANCELLED, Code.EMPLOYMENT_ENDED}
)
"""Questions that the rows of a statement answer."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Positions, from 0, of the rows and of the lines of the İşyeri Ünvan Listesi that have to be kept."""

    records: frozenset[int]
    workplaces: frozenset[int]


NOTHING = Needed(frozenset(), frozenset())
"""Of a paper in a procedure without a provider, whose upload is certificates (m.4, m.5)."""


def needed_rows(case: Case, judgement: Judgement) -> Mapping[str, Needed]:
    """Return by key what is needed of the papers that have rows or a list; those needed whole are left out.

    Judged again on what is needed, by the same policy and registry, the case gives the same judgement.
    """
    papers = (document for upload in case.uploads for document in upload.documents)
    with_rows = (document for document in papers if document.records or document.workplaces)
    return {
        document.key: _needed(case, document)
        for document in with_rows
        if not _is_open(case, document, judgement)
    }


def _is_open(case: Case, document: Document, judgement: Judgement) -> bool:
    """Tell whether somebody may have to look at all rows: they did not show it, or nobody was asked about yet."""
    if case.application.provider is None:
        return False
    about = (f for f in judgement.all_findings if f.document == document.key and f.code in ABOUT_ROWS)
    answers = {finding.outcome for finding in about}
    if not answers:
        return judgement.decision is not Decision.VERIFIED
    return answers != {Outcome.PASSED}


def _needed(case: Case, document: Document) -> Needed:
    provider = case.application.provider
    if provider is None:
        return NOTHING
    known = KnownProvider.of(provider, case.policy.parameters)
    rows = frozenset(range(len(document.records)))
    rows -= rows_of_others(document.records, document.workplaces, known)
    numbers = {document.records[place].workplace for place in rows}
    listed = (
        place
        for place, line in enumerate(document.workplaces)
        if any(same_workplace(line.number, number) for number in numbers)
    )
    return Needed(rows, frozenset(listed))
