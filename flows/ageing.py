"""How much evidence has aged: counts and ages, nothing about anybody. What Prefect may be told of a re-check."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from storage.recheck import Ageing

NO_PAPER = "none"


@dataclass(frozen=True, slots=True)
class AgeingGroup:
    """Employments of one basis on papers of one kind; `oldest_days` is the age of the oldest paper."""

    evidence: str
    basis: str
    employments: int
    oldest_days: int


@dataclass(frozen=True, slots=True)
class AgeingCounts:
    """How many running employments rest on evidence older than so many days."""

    older_than_days: int
    employments: int
    groups: tuple[AgeingGroup, ...]

    def as_json(self) -> dict[str, object]:
        """Return the object of `kanit registry recheck --flow --json`."""
        return asdict(self)

    def rows(self) -> Iterator[Mapping[str, str | int]]:
        """Yield the rows of the table artifact."""
        yield from (asdict(group) for group in self.groups)


def count_ageing(due: Iterable[Ageing], older_than: int) -> AgeingCounts:
    """Count employments by the kind of their paper and by their basis."""
    ages: dict[tuple[str, str], list[int]] = {}
    for each in due:
        kind = each.kind.value if each.kind is not None else NO_PAPER
        ages.setdefault((kind, each.basis.value), []).append(each.age_days)
    groups = tuple(
        AgeingGroup(kind, basis, len(days), max(days)) for (kind, basis), days in sorted(ages.items())
    )
    return AgeingCounts(older_than, sum(group.employments for group in groups), groups)
