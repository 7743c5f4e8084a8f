"""What one batch did, counted while it runs: decisions, reasons, slow applications, decoder rungs. Only ids in here."""

import heapq
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from extractors.facts import Upload
from storage.runs import Sources
from validators.case import Judgement
from validators.finding import Code, Decision

SLOWEST = 10
"""How many of the slowest applications the summary names."""


@dataclass(slots=True)
class Tally:
    """Counts of one run; threads may add to it at the same time.

    `read` counts the applications that this process read. `decoders` counts the e-Devlet codes of what was judged for
    the first time by the rung that read them, `texts` its papers by where their words came from. `failures` are the
    codes of the applications that were left unread after a failure, `unjudged` of those that could not be judged.
    """

    found: int = 0
    decisions: dict[str, Decision] = field(default_factory=dict)
    reasons: dict[str, frozenset[Code]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    unjudged: dict[str, str] = field(default_factory=dict)
    read: int = 0
    decoders: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    _slowest: list[tuple[float, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_reading(self, application_id: str, seconds: float) -> None:
        """Count an application that was read in so many seconds."""
        with self._lock:
            self.read += 1
            self._slowest = heapq.nlargest(SLOWEST, [*self._slowest, (seconds, application_id)])

    def add_papers(self, uploads: Iterable[Upload]) -> None:
        """Count what was judged for the first time: which decoders read its codes, where its texts came from."""
        papers = [paper for upload in uploads for paper in upload.documents]
        with self._lock:
            self.decoders.update(qr.decoder for paper in papers for qr in paper.qrs)
            self.texts.update(paper.text.value for paper in papers if paper.pages)

    def add_unjudged(self, application_id: str, code: str) -> None:
        """Count an application that was read and could not be judged."""
        with self._lock:
            self.unjudged[application_id] = code

    def add_judgement(self, judgement: Judgement) -> None:
        """Count a decision; a second one on the same application replaces the first."""
        codes = frozenset(finding.code for finding in judgement.all_findings if finding.flags)
        with self._lock:
            self.decisions[judgement.application_id] = judgement.decision
            self.reasons[judgement.application_id] = codes

    @property
    def sources(self) -> Sources:
        """What the papers of this run were read by."""
        return Sources(dict(self.decoders.most_common()), dict(self.texts.most_common()))

    @property
    def judged(self) -> int:
        """How many applications were judged in this run, or could not be."""
        return len(self.decisions) + len(self.unjudged)

    def count(self, decision: Decision) -> int:
        """Return how many applications had this decision in this run."""
        return sum(made is decision for made in self.decisions.values())

    def by_reason(self) -> list[tuple[Code, list[str]]]:
        """Return the flagged applications by each of their reasons, the most frequent reason first."""
        applications: dict[Code, list[str]] = {}
        for application_id, codes in sorted(self.reasons.items()):
            for code in codes:
                applications.setdefault(code, []).append(application_id)
        return sorted(applications.items(), key=lambda item: (-len(item[1]), item[0]))

    def slowest(self) -> list[tuple[str, float]]:
        """Return the applications that took longest to read, with the seconds."""
        return [(application_id, seconds) for seconds, application_id in self._slowest]
