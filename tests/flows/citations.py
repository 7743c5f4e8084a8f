"""Which code cites which clause in which procedure: the catalogue's word, for the questions that are asked there."""

from collections.abc import Iterator, Mapping
from functools import cache

from tests.validators.cases import ROWS
from validators.application import Procedure
from validators.catalogue import legal_basis
from validators.clauses import clauses_of
from validators.finding import Code
from validators.judgement import judge

_ALIKE: tuple[tuple[Procedure | None, ...], ...] = (
    (Procedure.PROVIDER_REGISTRATION, Procedure.PERSONNEL_ADDITION),
    (Procedure.PERSONNEL_REGISTRATION, Procedure.PERSONNEL_UPDATE),
    (Procedure.PERSONNEL_REMOVAL,),
    (Procedure.RECORD_DELETION,),
    (None,),
)
"""Procedures that are judged by the same rules; None stands for what does not parse."""


@cache
def bases() -> Mapping[Code, Mapping[Procedure | None, str]]:
    """Return the legal basis of every code, by the procedures in which its question is asked.

    Which those are is seen from the cases that the rules are tested on. A code that none of them raises counts as
    asked where papers are judged.
    """
    return {code: {each: legal_basis(code, each) for each in _asked_in(code)} for code in Code}


def citing(clause: str) -> list[Code]:
    """Return the codes that cite a clause, for example `Kılavuz m.6(3)(d)`, in their order."""
    return [
        code
        for code, cited in bases().items()
        if any(clause in clauses_of(basis) for basis in cited.values())
    ]


def cited() -> frozenset[str]:
    """Return every clause that some code cites."""
    return frozenset(
        clause
        for by_procedure in bases().values()
        for basis in by_procedure.values()
        for clause in clauses_of(basis)
    )


def _asked_in(code: Code) -> Iterator[Procedure | None]:
    raised = _raised()
    groups = [alike for alike in _ALIKE if any(code in raised.get(each, ()) for each in alike)]
    for alike in groups or _ALIKE[:1]:
        yield from alike


@cache
def _raised() -> Mapping[Procedure | None, frozenset[Code]]:
    found: dict[Procedure | None, frozenset[Code]] = {None: frozenset({Code.APPLICATION_INVALID})}
    for row in ROWS:
        judgement = judge(row.case)
        every = [
            *judgement.findings,
            *(finding for person in judgement.people for finding in person.findings),
        ]
        procedure = row.case.application.procedure
        found[procedure] = found.get(procedure, frozenset()) | {finding.code for finding in every}
    return found
