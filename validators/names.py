"""Names of people: whether two spellings are of one."""

import re
from collections import Counter
from enum import StrEnum

from extractors.turkish import capitals, fold

_WORD = re.compile(r"[^\W_]+|\+")


class NameMatch(StrEnum):
    """How two people's names compare."""

    SAME = "same"
    FOLDED = "folded"
    """Equal when Turkish letters are reduced to ASCII (AYŞE, AYSE)."""
    DIFFERENT = "different"

    @property
    def agrees(self) -> bool:
        """True when the names agree after Turkish folding, as the contract asks (`PERSON_NAME_DIFFERS`)."""
        return self is not NameMatch.DIFFERENT


def compare_names(given_a: str, family_a: str, given_b: str, family_b: str) -> NameMatch:
    """Compare two people's names as the same words in any order, whichever is given and family name.

    Only to be asked where the T.C. numbers agree. A missing middle name or second family name makes names
    different: a human looks. An empty name is different from any.
    """
    for spell, match in ((capitals, NameMatch.SAME), (fold, NameMatch.FOLDED)):
        first, second = (
            Counter(_WORD.findall(spell(f"{given} {family}")))
            for given, family in ((given_a, family_a), (given_b, family_b))
        )
        if first and first == second:
            return match
    return NameMatch.DIFFERENT
