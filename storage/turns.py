"""Whose turn it is: applications of one wave that must see each other's effects on the same person.

Most of a wave can be judged in any order. An update must know the set of certificates that an earlier update of the
same person put in force (Kılavuz m.5(2)(ç)), a removal the additions before it (m.7(1)(g)), and an addition the
removals before it: whoever was signed first comes first.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from validators.application import OWN_RECORD, Procedure

CHANGES_WHAT_IS_ASKED = OWN_RECORD | {Procedure.PERSONNEL_REMOVAL}
"""Procedures that see what was done to a person before, and change what is asked after."""


@dataclass(frozen=True, slots=True)
class Step:
    """An application of a wave: its key, its procedure, and the T.C. numbers that it names."""

    key: int
    procedure: Procedure
    people: frozenset[str]


def in_turns(steps: Iterable[Step]) -> tuple[tuple[int, ...], ...]:
    """Cut a wave, given in the order of signatures, into as few turns as will do, each in that order."""
    touched: dict[str, int] = {}
    changed: dict[str, int] = {}
    turns: dict[int, list[int]] = defaultdict(list)
    for step in steps:
        changes = step.procedure in CHANGES_WHAT_IS_ASKED
        before = touched if changes else changed
        turn = max((before[person] + 1 for person in step.people if person in before), default=0)
        for person in step.people:
            touched[person] = max(turn, touched.get(person, 0))
            if changes:
                changed[person] = turn
        turns[turn].append(step.key)
    return tuple(tuple(turns[turn]) for turn in sorted(turns))
