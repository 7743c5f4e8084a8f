"""What `kanit store verify` finds, counted by kind, with the first places of each."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SHOWN = 20
"""Places that are named of one kind; all are counted."""


class FaultKind(StrEnum):
    """What is wrong. The values are part of the command's output."""

    DATABASE_DAMAGED = "database_damaged"
    """SQLite says that its file is not whole."""
    SCHEMA_DIFFERS = "schema_differs"
    """A table, column, index, constraint or trigger is not as the migrations made it."""
    REFERENCE_BROKEN = "reference_broken"
    """A row refers to one that is not there."""
    APPLICATION_UNREAD = "application_unread"
    """An application counts as read, and nothing is kept of its files."""
    APPLICATION_UNJUDGED = "application_unjudged"
    """An application counts as judged, and no judgement on its files is the current one."""
    JUDGEMENT_WITHOUT_FACTS = "judgement_without_facts"
    """A judgement rests on a version without facts that retention did not destroy."""
    JUDGEMENT_ELSEWHERE = "judgement_elsewhere"
    """A judgement, or a case of the desk, and what it is about belong to different applications."""
    DESTROYED_REMAINS = "destroyed_remains"
    """Something is left of a version whose facts count as destroyed."""
    EMPLOYMENT_UNJUDGED = "employment_unjudged"
    """An employment rests on a judgement that neither verified the application nor was approved by an officer."""
    EMPLOYMENT_ELSEWHERE = "employment_elsewhere"
    """An employment rests on a judgement of another application, or on one that does not name the person."""
    EMPLOYMENT_END = "employment_end"
    """An employment is closed without an end, or has an end and is not closed."""
    EMPLOYMENT_OF_DELETED = "employment_of_deleted"
    """An employment runs of a person whose record was deleted (Kılavuz m.4(3))."""
    EVIDENCE_TWICE = "evidence_twice"
    """Two employments of different applications run on one paper, and no judgement told that it was used before."""
    EVIDENCE_FOREIGN = "evidence_foreign"
    """An employment rests on a paper that is not among those that were judged."""
    RECORD_UNCLEAR = "record_unclear"
    """A personnel record has a day without the application that made it, or the other way round."""
    SEALED_CLOSED = "sealed_closed"
    """A sealed value does not open: altered, moved, or under a key that is not at hand."""
    FACTS_UNREADABLE = "facts_unreadable"
    """A sealed value opens and is not what its column holds, or not about the row it stands in."""
    INDEX_DIFFERS = "index_differs"
    """An index is not that of the value beside it: the row is not found by it."""
    AUDIT_TRAIL = "audit_trail"
    """The audit trail is not whole (`storage.desk.audit`)."""
    FILE_MISSING = "file_missing"
    """A row names a file that is not kept, and retention did not destroy it."""
    FILE_DAMAGED = "file_damaged"
    """A file does not open, cannot be read, or has another content than its name says."""
    FILE_ORPHANED = "file_orphaned"
    """A file that no row names."""
    FILE_OUTLIVED = "file_outlived"
    """A file that counts as destroyed by retention, and is there."""
    FILE_FOREIGN = "file_foreign"
    """Something in the evidence store that kanit did not put there."""
    FILE_UNFINISHED = "file_unfinished"
    """A file that a killed writer left unfinished; the next batch removes it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, and where: a table with the key of its row, or the name of a file.

    `detail` is a word on what exactly: a column, a fault of the audit trail, the ids of the applications that have a
    file. Nothing of it tells about a person.
    """

    kind: FaultKind
    place: str
    detail: str = ""


@dataclass
class Findings:
    """Faults by kind: all of them counted, the first `SHOWN` of each kept."""

    counts: dict[FaultKind, int] = field(default_factory=lambda: defaultdict(int))
    shown: dict[FaultKind, list[Fault]] = field(default_factory=lambda: defaultdict(list))

    def take(self, faults: Iterable[Fault]) -> None:
        """Count faults, however many."""
        for fault in faults:
            self.counts[fault.kind] += 1
            if len(self.shown[fault.kind]) < SHOWN:
                self.shown[fault.kind].append(fault)


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at and what was found.

    `applications`, `values` (sealed ones), `audit_lines` and `files` count what was looked at; `unsettled` the files
    that a batch at work may be about to name: they are no fault, and no proof of soundness either. `quick` says that
    files were looked for and not opened.
    """

    schema: str
    quick: bool
    applications: int
    values: int
    audit_lines: int
    files: int
    unsettled: int
    findings: Findings

    @property
    def sound(self) -> bool:
        """Return whether nothing was found."""
        return not self.findings.counts

    def as_json(self) -> dict[str, Any]:
        """Return the object of `kanit store verify --json`."""
        looked_at = ("applications", "values", "audit_lines", "files", "unsettled")
        return {
            "sound": self.sound,
            "schema": self.schema,
            "quick": self.quick,
            **{name: getattr(self, name) for name in looked_at},
            "faults": [
                {"kind": kind.value, "count": count, "places": [_place(f) for f in self.findings.shown[kind]]}
                for kind, count in sorted(self.findings.counts.items())
            ],
        }


def _place(fault: Fault) -> dict[str, str]:
    return {"place": fault.place, **({"detail": fault.detail} if fault.detail else {})}
