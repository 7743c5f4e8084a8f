"""Policies: which level each code has and how open questions of the guide are decided. Data, versioned and dated.

The guide's clauses leave questions open (is the declaration allowed in md. 7, which counting of a month);
an authority answers them in a policy file, says on what basis and for which days, and every judgement names the
policy it was made under. `validators.policy_series` chooses among policies by the day.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from validators.catalogue import CATALOGUE
from validators.finding import Code, Level
from validators.period import Counting

DEFAULT = "kilavuz-v3"
POLICY_ITSELF = "policy"
"""Key of a policy's `basis` under which the text that it applies stands."""


_NAME = r"^[a-z0-9][a-z0-9._-]{0,60}$"


class PolicyFault(StrEnum):
    """What is wrong with a policy, or with several; in brackets the facts that `PolicyInvalid` tells about it."""

    UNKNOWN = "unknown"
    """There is no policy or series of that name (`policy`, `known`)."""
    UNREADABLE = "unreadable"
    """A file or the folder of policies cannot be read (`path`, `details` in the machine's words)."""
    NOT_TOML = "not_toml"
    """A file is no TOML (`policy`, `details` in the parser's words)."""
    NOT_A_POLICY = "not_a_policy"
    """A file has an unknown field, code, level or parameter, or says what cannot be (`policy`, `places`, `details`)."""
    SAME_NAME = "same_name"
    """Two files of one folder hold policies of one name (`policy`, `path`)."""
    NAME_OF_BOTH = "name_of_both"
    """A policy has the name of a series (`names`)."""
    SAME_DAYS = "same_days"
    """Two policies of a series are in force on one day (`series`, `earlier`, `later`, `day`)."""


class PolicyInvalid(ValueError):
    """A policy cannot be used: what is wrong with it, and where."""

    def __init__(self, fault: PolicyFault, **facts: str) -> None:
        self.fault, self.facts = fault, facts
        super().__init__(f"policy {fault}: {'; '.join(f'{name} {value}' for name, value in facts.items())}")


class Parameters(BaseModel):
    """How a policy answers what the guide leaves open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title_alone: Literal["review", "accept"] = Field(
        default="review",
        description="Whether an equal title is enough where the provider registered no workplace number.",
    )
    month_counting: Counting = Field(
        default="strict", description="`lenient` counts backward where the two ways of counting disagree."
    )
    declaration_in_addition: Literal["review", "accept"] = Field(
        default="review",
        description="Whether an entry declaration is evidence in md. 7, which does not name it.",
    )
    official_document_in_addition: Literal["review", "accept"] = Field(
        default="review",
        description="Whether an official document is evidence in md. 7; a human reads it anyway.",
    )
    gazette_age_note_days: int = Field(
        default=365,
        ge=1,
        description="Age in days from which it is noted that a later gazette may say otherwise.",
    )
    issuer_check_required: bool = Field(
        default=False,
        description="Whether nobody is verified before the issuer has confirmed the paper.",
    )
    removal: Literal["accept", "review"] = Field(
        default="accept",
        description="Whether the provider's written reason is enough for a removal, or an officer decides.",
    )
    statement_max_age_note_days: int = Field(
        default=30,
        ge=1,
        description="Age in days from which a statement's age is noted.",
    )
    statement_max_age_review_days: int = Field(
        default=183,
        ge=1,
        description="Age in days from which an officer looks whether a statement still says how things are.",
    )


class Policy(BaseModel):
    """One policy file. Codes that `levels` does not name keep the level of the catalogue.

    `valid_from` and `valid_to` are its first and last day in force. Without a last day it is in force until the next
    policy of its series begins, as a new guide repeals the one before (Kılavuz m.9(1)); a policy without a series is
    applied only where it is asked for by name. `basis` says under `policy` which text the policy applies, and by the
    name of a parameter or code on which clause or reading its answer rests.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=_NAME)
    version: str = Field(min_length=1)
    series: str | None = Field(default=None, pattern=_NAME)
    basis: Mapping[str, str]
    valid_from: date
    valid_to: date | None = None
    levels: Mapping[Code, Level] = {}
    parameters: Parameters = Parameters()

    def level(self, code: Code) -> Level:
        """Return the level of a code's answers other than `passed`."""
        return self.levels.get(code, CATALOGUE[code].level)

    def on(self, day: date | None) -> "Policy":  # noqa: ARG002 - what `validators.policy_series.Policies` asks
        """Return this policy: one that is asked for by name is applied whatever the day."""
        return self

    def in_force(self, day: date) -> bool:
        """Tell whether a day lies within the dates of force that the policy itself names."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @field_validator("basis", mode="before")
    @classmethod
    def _text_alone_is_the_basis_of_the_policy(cls, basis: object) -> object:
        return {POLICY_ITSELF: basis} if isinstance(basis, str) else basis

    @field_validator("basis")
    @classmethod
    def _basis_is_of_what_there_is(cls, basis: Mapping[str, str]) -> Mapping[str, str]:
        known = {POLICY_ITSELF, *Parameters.model_fields, *Code}
        if unknown := sorted(set(basis) - known):
            raise ValueError(f"there is no such parameter or code: {', '.join(unknown)}")
        if POLICY_ITSELF not in basis:
            raise ValueError(f"'{POLICY_ITSELF}' is missing: the text that the policy applies")
        if empty := sorted(name for name, text in basis.items() if not text.strip()):
            raise ValueError(f"these say nothing: {', '.join(empty)}")
        return basis

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        return self

    @model_validator(mode="after")
    def _essential_codes_keep_their_weight(self) -> Self:
        lowered = [c for c, level in self.levels.items() if level is Level.NOTE and CATALOGUE[c].essential]
        if lowered:
            raise ValueError(f"acceptance rests on these, they cannot be notes: {', '.join(sorted(lowered))}")
        return self


def load_policy(name: str = DEFAULT) -> Policy:
    """Load a policy that comes with the project by its name, or a file by a path that ends in `.toml`.

    Raises `PolicyInvalid`, whatever is wrong with it.
    """
    try:
        policy = Policy.model_validate(tomllib.loads(_text(name)))
    except OSError as error:
        raise PolicyInvalid(PolicyFault.UNREADABLE, path=name, details=str(error.strerror)) from error
    except ValidationError as error:
        raise PolicyInvalid(PolicyFault.NOT_A_POLICY, policy=name, **_faults(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyInvalid(PolicyFault.NOT_TOML, policy=name, details=str(error)) from error
    return policy


def _faults(error: ValidationError) -> dict[str, str]:
    found = error.errors(include_url=False, include_input=False)
    places = (".".join(str(part) for part in fault["loc"] if part != "[key]") for fault in found)
    return {
        "places": ", ".join(filter(None, places)) or "policy",
        "details": "; ".join(fault["msg"] for fault in found),
    }


def _text(name: str) -> str:
    if name.endswith(".toml"):
        return Path(name).read_text("utf-8")
    return (resources.files("validators") / "policies" / f"{name}.toml").read_text("utf-8")
