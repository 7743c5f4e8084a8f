"""Looks at the registry from the command line, entered into the audit trail before anything is shown (KVKK m.12).

Who has the command line has no account here: the line says that it was the command line, and what was asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from storage.database import UnitOfWork
from storage.desk.audit import COMMAND_LINE, Action, about, record


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: the kind and name of the object; `person` is a T.C. number, `words` are sealed."""

    action: Action
    kind: str
    name: str
    person: str | None = None
    words: str = ""


def enter(work: UnitOfWork, looks: Iterable[Look], *, reveal: bool) -> None:
    """Enter looks, a line each; `reveal`: T.C. numbers are shown in full."""
    for look in looks:
        record(
            work,
            COMMAND_LINE,
            look.action,
            about(look.kind, look.name),
            look.person,
            look.words,
            {"reveal": reveal},
        )
