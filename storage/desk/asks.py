"""What an officer may ask for, and why it may not be had."""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from extractors.facts import Box, Kind, Value
from storage.columns import now
from storage.desk.corrections import KIND, Change
from storage.facts import to_bytes
from storage.keys import Keyring
from storage.models import RulingKind
from validators.application import ISTANBUL
from validators.finding import Code


@dataclass(frozen=True, slots=True)
class Approve:
    """The application is as a verified one; the reason is required against a block."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Back to the applicant, for these codes, with this letter."""

    codes: tuple[Code, ...]
    letter: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """The application is rejected, for these codes, with this letter."""

    codes: tuple[Code, ...]
    letter: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is done until a day."""

    until: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Correct:
    """A field of a paper was misread.

    `document` is the paper's key; `field` a field's name (`start_date`), `barcode`, a cell of a row
    (`records.3.exit_date`, counted from 0) or of the list of workplaces (`workplaces.0.title`). `value` is normalised
    as in the facts: ISO days, digits, groups as a mapping; None: the paper does not tell it. `page` and `box` say where
    it stands, if not where it was read.
    """

    document: str
    field: str
    value: Value
    reason: str
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class MarkKind:
    """A paper is of another kind."""

    document: str
    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """The case is open again, and what an approval wrote is under review."""

    reason: str


Ask: TypeAlias = Approve | Return | Reject | Wait | Correct | MarkKind | Reopen


class Obstacle(StrEnum):
    """Why a ruling was not entered; nothing was changed. The last five are those of `kanit decide`."""

    NO_CASE = "NO_CASE"
    JUDGEMENT_CHANGED = "JUDGEMENT_CHANGED"
    """The case was judged again, or its folder changed, since the officer saw it."""
    NOT_CLAIMED = "NOT_CLAIMED"
    """The officer does not hold the case (any more)."""
    HELD = "HELD"
    """Somebody else holds it."""
    ROLE = "ROLE"
    """The account may not rule so."""
    STATE = "STATE"
    """The case is not in a state for this: decided already, or a proposal waits for a second officer."""
    REASON_MISSING = "REASON_MISSING"
    LETTER_MISSING = "LETTER_MISSING"
    CODES_MISSING = "CODES_MISSING"
    DAY_PAST = "DAY_PAST"
    NOT_PARSED = "NOT_PARSED"
    """The declaration could not be parsed: there is nothing that could be approved."""
    NO_SUCH_PLACE = "NO_SUCH_PLACE"
    """No such paper, field, row or cell."""
    VALUE_INVALID = "VALUE_INVALID"
    """The value is not of the form that such a field has."""
    SAME_VALUE = "SAME_VALUE"
    """Nothing would change."""
    SAME_OFFICER = "SAME_OFFICER"
    """The second officer must be another one."""
    NO_PROPOSAL = "NO_PROPOSAL"
    """The proposal does not wait for a second officer (any more)."""
    NOT_FORESEEN = "DECISION_NOT_FORESEEN"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    NOT_CREATOR = "PETITIONER_NOT_CREATOR"
    NO_RECORD = "RECORD_NOT_FOUND"
    RECORD_CHANGED = "RECORD_CHANGED"


KINDS: dict[type[Any], RulingKind] = {
    Approve: RulingKind.APPROVE,
    Return: RulingKind.RETURN,
    Reject: RulingKind.REJECT,
    Wait: RulingKind.WAIT,
    Correct: RulingKind.CORRECT,
    MarkKind: RulingKind.MARK_KIND,
    Reopen: RulingKind.REOPEN,
}
_TYPES = {kind: TypeAdapter(ask) for ask, kind in KINDS.items()}
_COLUMN = "desk_ruling_texts.request"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, and the value that a correction replaces."""

    ask: Ask
    old: Value = None


def kind_of(ask: Ask) -> RulingKind:
    """Return the kind of ruling that is asked for."""
    return KINDS[type(ask)]


def change_of(ask: Ask) -> Change | None:
    """Return what a correction or another kind changes of a paper; None for all else."""
    if isinstance(ask, Correct):
        return Change(ask.document, ask.field, ask.value, ask.page, ask.box)
    return Change(ask.document, KIND, ask.kind.value) if isinstance(ask, MarkKind) else None


def missing_in(ask: Ask) -> Obstacle | None:
    """Return what is missing in what was asked for, looked at alone."""
    if isinstance(ask, Correct | MarkKind | Reopen) and not ask.reason.strip():
        return Obstacle.REASON_MISSING
    if isinstance(ask, Return | Reject) and not ask.letter.strip():
        return Obstacle.LETTER_MISSING
    if isinstance(ask, Return | Reject) and not ask.codes:
        return Obstacle.CODES_MISSING
    if isinstance(ask, Wait) and ask.until <= now().astimezone(ISTANBUL).date():
        return Obstacle.DAY_PAST
    return None


def seal_request(request: Request, keys: Keyring) -> bytes:
    """Seal what was asked for."""
    content = {"ask": json.loads(to_bytes(request.ask)), "old": request.old}
    return keys.seal_bytes(to_bytes(content), _COLUMN)


def unseal_request(kind: RulingKind, sealed: bytes, keys: Keyring) -> Request:
    """Give back what `seal_request` sealed. Raises WrongKey."""
    content = json.loads(keys.unseal_bytes(sealed, _COLUMN))
    return Request(_TYPES[kind].validate_python(content["ask"]), content["old"])
