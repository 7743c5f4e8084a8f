"""What a batch reports: the figures of the contract, and the tally of which tables are made. Only ids in here."""

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
        """Return the object of `kanit batch --json`; what waits for a later batch is told where there is any."""
        counts = asdict(self.counts)
        if not self.counts.waiting:
            del counts["waiting"]
        return {"run": self.run, **counts, "seconds": round(self.seconds, 1)}
