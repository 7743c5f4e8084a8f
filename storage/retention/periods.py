"""The classes of data, and from which day on each of them is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from storage.settings import Settings
from validators.application import ISTANBUL


class DataClass(StrEnum):
    """What is destroyed, in the order in which it is; each is counted by its own unit."""

    EVIDENCE = "evidence"
    """Decided applications that lost their uploaded files."""
    FACTS = "facts"
    """Decided applications that lost declaration, facts, people and findings."""
    REPLACED = "replaced"
    """Versions of folders that were replaced by a later one: files and facts."""
    EMPLOYMENTS = "employments"
    """Employments that have ended."""
    PEOPLE = "people"
    """Tombstones of deleted records (Kılavuz m.4(3)), and people without a record and without an employment."""
    JUDGEMENTS = "judgements"
    """Judgements that another one has superseded, with their people and findings."""
    ISSUER_ANSWERS = "issuer_answers"
    """Answers of issuers about papers whose facts are gone."""
    RUNS = "runs"
    """Batches that have ended."""
    AUDIT = "audit"
    """Lines of the audit trail, which is the access log; the rest of it can still be verified."""
    LOG = "log"
    """Entries of the destruction log."""
    FILES = "files"
    """Files of the evidence store that no row needs any more."""


@dataclass(frozen=True, slots=True)
class Periods:
    """When a run takes place, and before which moment the clock of each class must have begun for it to be due.

    FILES has none: a file goes with the last row that needs it, one that no row has named by the age of evidence.
    """

    moment: datetime
    before: Mapping[DataClass, datetime]

    @property
    def today(self) -> date:
        """The calendar day in Istanbul."""
        return self.moment.astimezone(ISTANBUL).date()


def periods_of(settings: Settings, moment: datetime) -> Periods:
    """Return the periods of the settings, as of a moment."""
    days: Mapping[DataClass, int] = {
        each: getattr(settings, f"retention_{each}_days") for each in DataClass if each is not DataClass.FILES
    }
    return Periods(moment, {each: moment - timedelta(days=kept) for each, kept in days.items()})
