"""Short texts of the clauses on which findings rest, in Turkish and English, by the clause's number.

The texts say what a clause asks for in a sentence; the law is the guide (Kılavuz) itself. Other statutes are
there as far as findings cite them.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from validators.messages import Language


@cache
def load_clauses(language: Language) -> Mapping[str, str]:
    """Load the texts of a language by clause, for example `Kılavuz m.6(3)(d)`, in the order of the law."""
    return tomllib.loads((resources.files(__name__) / f"{language}.toml").read_text("utf-8"))


def clauses_of(basis: str) -> tuple[str, ...]:
    """Take a legal basis apart: `Kılavuz m.6(3)(d); TBK m.92, m.93` names three clauses."""
    return tuple(_clauses(basis))


def clause_text(clause: str, language: Language) -> str | None:
    """Return what a clause says, or None where no text is kept of it."""
    return load_clauses(language).get(clause)


def _clauses(basis: str) -> Iterator[str]:
    for statute in basis.split(";"):
        name, _, numbers = statute.strip().partition(" ")
        for number in numbers.split(","):
            yield f"{name} {number.strip()}"
