"""What a batch reports: the figures of the contract, and the tables for people and for Prefect. Only ids in here."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from flows.tally import Tally
from storage.runs import Counts

LISTED = 20
"""Applications named for each reason; the registry holds all of them."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of one run. `seconds` is the wall time from discovery to the last judgement."""

    run: str
    counts: Counts
    seconds: float
    tally: Tally

    def as_json(self) -> dict[str, str | int | float]:
        """Return the object of `kanit batch --json`."""
        return {"run": self.run, **asdict(self.counts), "seconds": round(self.seconds, 1)}

    def rows(self) -> Iterator[Mapping[str, str]]:
        """Yield the rows of the table artifact: what was counted, how often, for which applications."""
        for name, count in self.as_json().items():
            yield _row("run", name, str(count))
        for code, applications in self.tally.by_reason():
            yield _row("flagged", code.value, str(len(applications)), applications)
        for application_id, failure in sorted((self.tally.failures | self.tally.unjudged).items()):
            yield _row("failed", failure, "1", [application_id])
        for application_id, seconds in self.tally.slowest():
            yield _row("slowest", "seconds", f"{seconds:.1f}", [application_id])
        sources = self.tally.sources
        for decoder, count in sources.decoders.items():
            yield _row("codes read", decoder, str(count))
        for text, count in sources.texts.items():
            yield _row("texts", text, str(count))


def _row(about: str, what: str, figure: str, applications: list[str] | None = None) -> Mapping[str, str]:
    listed = applications or []
    more = ["…"] if len(listed) > LISTED else []
    return {
        "about": about,
        "what": what,
        "figure": figure,
        "applications": ", ".join([*listed[:LISTED], *more]),
    }
