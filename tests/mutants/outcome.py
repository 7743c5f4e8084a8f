"""What became of a fault."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a test noticed a fault."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    """The tests did not come to an end within several times what they take without the fault."""
    SURVIVED = "survived"
    NO_FAULT = "no fault"
    """The change gives the same program or none at all."""
    COLD = "cold"
    """The fault lies in what runs on import, or while tests are collected: it is to be tried in a fork that does so."""


@dataclass(frozen=True)
class Outcome:
    """A verdict, and the test (or the signal) that gave it."""

    verdict: Verdict
    by: str = ""
