"""What kanit is made of: the packages that it needs, as `pyproject.toml`, the lock and the machine know them."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")
_OSI = "License :: OSI Approved :: "


@dataclass(frozen=True, slots=True)
class Locked:
    """A line of the lock."""

    requirement: Requirement
    version: Version
    hashes: tuple[str, ...]
    """SHA-256 of the files that may be installed."""


@cache
def locked() -> dict[NormalizedName, list[Locked]]:
    """Return the lines of the lock by the names of packages; a package has one for each platform that differs."""
    found: dict[NormalizedName, list[Locked]] = {}
    for entry in LOCK.read_text("utf-8").replace("\\\n", " ").splitlines():
        line = entry.split(" #")[0].strip()
        if line and not line.startswith("#"):
            requirement = Requirement(line.split(" --hash=")[0])
            (pin,) = requirement.specifier
            hashes = tuple(_HASH.findall(line))
            found.setdefault(canonicalize_name(requirement.name), []).append(
                Locked(requirement, Version(pin.version), hashes)
            )
    return found


@cache
def wanted() -> dict[str, tuple[Requirement, ...]]:
    """Return what `pyproject.toml` asks for: `product`, its extras, and `dev`."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = told["project"]
    groups = {
        "product": project["dependencies"],
        **project["optional-dependencies"],
        **told["dependency-groups"],
    }
    return {
        group: tuple(each for each in map(Requirement, asked) if each.name != project["name"])
        for group, asked in groups.items()
    }


def needed(*groups: str) -> dict[NormalizedName, tuple[NormalizedName, ...]]:
    """Return every package that groups need on this machine, with the packages that each of them needs."""
    found: dict[NormalizedName, set[NormalizedName]] = {}
    seen: set[tuple[NormalizedName, frozenset[str]]] = set()
    waiting = [requirement for group in groups for requirement in wanted()[group]]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) not in seen:
            seen.add((name, frozenset(requirement.extras)))
            below = list(_below(name, requirement.extras))
            found.setdefault(name, set()).update(canonicalize_name(each.name) for each in below)
            waiting += below
    return {name: tuple(sorted(below)) for name, below in sorted(found.items())}


def _below(name: str, extras: Iterable[str]) -> Iterator[Requirement]:
    for told in metadata.requires(name) or ():
        requirement = Requirement(told)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def licences_of(name: str) -> tuple[str, ...]:
    """Return the licences among which whoever uses a package may choose, in the package's own words."""
    told = metadata.metadata(name)
    for expression in told.get_all("License-Expression", ()):
        return tuple(part.strip(" ()") for part in expression.split(" OR "))
    classified = [each.removeprefix(_OSI) for each in told.get_all("Classifier", ()) if each.startswith(_OSI)]
    named = [first for first in map(_first_line, told.get_all("License", ())) if first]
    return tuple(classified or named or _of_file(name))


def _of_file(name: str) -> Iterator[str]:
    """Yield the title of the licence that a package brings along, where it says nothing else of it."""
    for path in metadata.files(name) or ():
        if path.name in ("LICENSE", "LICENSE.txt"):
            yield _first_line(path.read_text())


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
