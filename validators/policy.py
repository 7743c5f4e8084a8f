"""Policies: which level each code has and how open questions of the guide are decided. Data, versioned.

The guide's clauses leave questions open (is the declaration allowed in md. 7, which counting of a month);
an authority answers them in a policy file, and every judgement names the policy it was made under.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from validators.catalogue import CATALOGUE
from validators.finding import Code, Level
from validators.period import Counting

DEFAULT = "kilavuz-v3"


class PolicyInvalid(ValueError):
    """A policy file is missing, is no TOML, or names an unknown code, level or parameter."""


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
    """One policy file. Codes that `levels` does not name keep the level of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,60}$")
    version: str = Field(min_length=1)
    basis: str = Field(min_length=1, description="The text that the policy applies.")
    valid_from: date
    levels: Mapping[Code, Level] = {}
    parameters: Parameters = Parameters()

    def level(self, code: Code) -> Level:
        """Return the level of a code's answers other than `passed`."""
        return self.levels.get(code, CATALOGUE[code].level)

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
        raise PolicyInvalid(f"policy {name}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise PolicyInvalid(f"policy {name}: {error}") from error
    return policy


def _text(name: str) -> str:
    if name.endswith(".toml"):
        return Path(name).read_text("utf-8")
    return (resources.files("validators") / "policies" / f"{name}.toml").read_text("utf-8")
