"""Which policy an application is judged under: the one in force on its reference day, or one that was asked for.

Policies of one series follow each other in time, as one version of the guide repeals the one before (Kılavuz m.9(1));
each application is judged under the one in force on the day of its e-signature. The policies that come with the
project stand in `validators/policies`; an authority keeps its own in a folder, and one of the same name there takes the
place of the project's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from validators.application import Application
from validators.policy import Policy, PolicyFault, PolicyInvalid, load_policy

DEFAULT_SERIES = "kilavuz"
"""The series of the guide itself."""


class Policies(Protocol):
    """What an inbox is judged under: one policy whatever the day, or a series."""

    @property
    def name(self) -> str:
        """Name of the policy or of the series."""
        ...

    def on(self, day: date | None) -> Policy:
        """Return the policy for a reference day; None where no day could be read."""
        ...


@dataclass(frozen=True, slots=True)
class PolicySeries:
    """Policies that follow each other, the earliest first. Make it with `in_series`."""

    name: str
    policies: tuple[Policy, ...]

    def on(self, day: date | None) -> Policy:
        """Return the policy in force on a day.

        A day before all of them has the earliest, one after an end the policy that ended last; the judgement says so
        (`POLICY_NOT_IN_FORCE`). Without a day it is the newest.
        """
        if day is None:
            return self.policies[-1]
        begun = [policy for policy in self.policies if policy.valid_from <= day]
        return begun[-1] if begun else self.policies[0]


def in_series(name: str, policies: Iterable[Policy]) -> PolicySeries:
    """Put the policies of a series in order. Raises PolicyInvalid where two are in force on the same day."""
    ordered = tuple(sorted(policies, key=lambda policy: policy.valid_from))
    for earlier, later in pairwise(ordered):
        same_beginning = earlier.valid_from == later.valid_from
        if same_beginning or (earlier.valid_to is not None and earlier.in_force(later.valid_from)):
            day = later.valid_from.isoformat()
            raise PolicyInvalid(
                PolicyFault.SAME_DAYS, series=name, earlier=earlier.name, later=later.name, day=day
            )
    return PolicySeries(name, ordered)


def find_policies(name: str = DEFAULT_SERIES, folder: Path | None = None) -> Policies:
    """Return the series or the policy of a name, or the policy in a file whose path ends in `.toml`.

    `folder` holds policies of one's own, one a file. Raises PolicyInvalid, whatever is wrong with any of them.
    """
    if name.endswith(".toml"):
        return load_policy(name)
    known = known_policies(folder)
    members = [policy for policy in known.values() if policy.series == name]
    if members:
        return in_series(name, members)
    if name not in known:
        series = {policy.series for policy in known.values() if policy.series}
        names = ", ".join(sorted({*series, *known}))
        raise PolicyInvalid(PolicyFault.UNKNOWN, policy=name, known=names)
    return known[name]


def known_policies(folder: Path | None = None) -> Mapping[str, Policy]:
    """Return every policy by its name: those of the project and those in the folder. Raises PolicyInvalid."""
    own = _by_name(_own_files(folder)) if folder is not None else {}
    with resources.as_file(resources.files("validators") / "policies") as packaged:
        known = {**_by_name(packaged.glob("*.toml")), **own}
    if clash := known.keys() & {policy.series for policy in known.values()}:
        raise PolicyInvalid(PolicyFault.NAME_OF_BOTH, names=", ".join(sorted(clash)))
    return known


def policy_for(policies: Policies, application: Application | None) -> Policy:
    """Return the policy under which an application is judged; None is one whose declaration did not parse."""
    return policies.on(None if application is None else application.reference_day)


def _own_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except OSError as error:
        raise PolicyInvalid(PolicyFault.UNREADABLE, path=str(folder), details=str(error.strerror)) from error


def _by_name(files: Iterable[Path]) -> dict[str, Policy]:
    known: dict[str, Policy] = {}
    for file in files:
        policy = load_policy(str(file))
        if policy.name in known:
            raise PolicyInvalid(PolicyFault.SAME_NAME, policy=policy.name, path=str(file))
        known[policy.name] = policy
    return known
