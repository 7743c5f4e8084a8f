"""What an issuer is asked and what it answers. Nothing in here prints personal data, not even by `repr`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from validators.issuer import Question


class Word(StrEnum):
    """The issuer's own word about a paper."""

    IDENTICAL = "identical"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An answer: the issuer's word, its original where it gives one, and fields of it where it tells them."""

    word: Word
    original: bytes | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


class Reason(StrEnum):
    """Why an issuer gave no answer."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    REDIRECT = "redirect"
    """It pointed elsewhere: a T.C. number goes to the configured address and to no other."""
    REFUSED = "refused"
    """Any other status than 200: a wrong address, a wrong secret, a fault of the gateway."""
    BUSY = "busy"
    """Too many requests (429), or not now (503)."""
    TOO_LARGE = "too_large"
    NOT_UNDERSTOOD = "not_understood"
    """The body is not what docs/issuer.md describes."""
    GIVEN_UP = "given_up"
    """It was not asked: it has failed too often just before."""


class IssuerUnreachable(Exception):
    """The issuer gave no answer. It says why and nothing else; `again` tells whether a retry may help.

    `after` is the number of seconds that the issuer asked to be left alone, None where it did not.
    """

    def __init__(
        self, reason: Reason, status: int | None = None, *, again: bool = False, after: float | None = None
    ) -> None:
        super().__init__(reason.value if status is None else f"{reason.value} ({status})")
        self.reason = reason
        self.again = again
        self.after = after


class Issuer(Protocol):
    """Whoever can say whether a paper is genuine. Threads may share one."""

    def ask(self, question: Question) -> Reply:
        """Ask about one paper. Raises IssuerUnreachable, and nothing else for reasons outside this program."""
