"""The rows of a service statement: whether they show the person working at the provider.

A row is one month's report of one workplace (Dönem); `Asıl` and `Ek` rows add days, `İptal` rows take them
back. The date of entry is printed in the month of entry, the date of exit in the month of exit: no exit date
means still employed (Kılavuz m.6(3)(d): "çalıştığı yerin bilgisi"). Whatever in a provider's row could not
be read helps nobody: the answer is then that it cannot be told.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from extractors.facts import Record, Value, Workplace
from extractors.turkish import fold
from validators.employer import Employer, EmployerAnswer, KnownProvider, employer_of_row
from validators.fields import day_of
from validators.finding import Code, Outcome
from validators.period import newest_period_due

Month: TypeAlias = tuple[int, int]
"""Year and month."""

_ADDING = frozenset({"ASIL", "EK"})
_CANCELLING = "IPTAL"
_PERIOD = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_LONGEST_MONTH = 31
_REPORTING_GRACE = timedelta(days=7)
"""A reporting day on a weekend moves to the next working day, and a report takes days to reach the statement."""
_EMPLOYED = "4a"
"""The branch of those who work under a contract (5510 m.4(1)(a)); `*4a` are interns and apprentices."""


class Bond(StrEnum):
    """Whether the statement shows work at the provider at all."""

    SHOWN = "shown"
    UNCERTAIN = "uncertain"
    NOT_SHOWN = "not_shown"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Status:
    """The answer about an employment: the question's code, its outcome, and the row that decides.

    `EMPLOYMENT_ENDED` passed means: open. `reason` chooses the message.
    """

    code: Code
    outcome: Outcome
    record: Record
    reason: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """True when the employment was found to be running."""
        return self.outcome is Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Employment:
    """What a statement says about one person and one provider.

    `status` is None where no row can be ascribed to the provider. `record` is the newest row of the
    provider, or the one that makes the bond uncertain or unreadable.
    """

    bond: Bond
    reason: str = ""
    record: Record | None = None
    status: Status | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    record: Record
    answer: EmployerAnswer


@dataclass(frozen=True, slots=True)
class _Net:
    """Rows that stand after cancellation, the newest cancelled month, and a row whose exit is in doubt."""

    standing: tuple[Record, ...]
    newest_cancelled: Month | None
    disputed: Record | None


def judge_employment(
    records: Sequence[Record],
    workplaces: Sequence[Workplace],
    known: KnownProvider,
    reference: date,
    issued: date | None,
) -> Employment:
    """Judge the rows of one statement for one provider, as of the reference day of the application.

    `issued` is the day of the statement; where it was not read, the statement counts as of the reference day.
    """
    titles = _titles(workplaces)
    rows = [_Row(record, _answer(record, titles, known)) for record in records]
    shown = [row for row in rows if row.answer.employer is Employer.PROVIDER]
    uncertain = [row for row in rows if row.answer.employer is Employer.UNCERTAIN]
    if shown:
        return _shown(shown, uncertain, reference, issued)
    if uncertain:
        return _uncertain(uncertain, reference, issued)
    unread = next((row for row in rows if row.answer.employer is Employer.UNREAD), None)
    if unread is not None:
        return Employment(Bond.UNREAD, unread.answer.reason, unread.record, facts=_facts(unread))
    return Employment(Bond.NOT_SHOWN)


def rows_of_others(
    records: Sequence[Record], workplaces: Sequence[Workplace], known: KnownProvider
) -> frozenset[int]:
    """Return the positions of rows that are certainly not the provider's: without them the answer is the same."""
    titles = _titles(workplaces)
    answers = ((place, _answer(record, titles, known)) for place, record in enumerate(records))
    return frozenset(place for place, answer in answers if answer.employer is Employer.SOMEBODY_ELSE)


def same_workplace(one: str, other: str) -> bool:
    """Tell whether two texts are one workplace number; zeros in front and separators do not count."""
    number = _number(one)
    return number is not None and number == _number(other)


def _shown(
    shown: Sequence[_Row], uncertain: Sequence[_Row], reference: date, issued: date | None
) -> Employment:
    """Judge proven rows; where they are not open, newer rows that may be the provider's leave it uncertain."""
    newest = _newest(shown)
    status = _status([row.record for row in shown], reference, issued)
    later = [row for row in uncertain if row.record.period > newest.record.period]
    if later and not status.is_open:
        other = _newest(later)
        return Employment(Bond.UNCERTAIN, other.answer.reason, other.record, status, _facts(other))
    return Employment(Bond.SHOWN, "", newest.record, status, _facts(newest))


def _uncertain(rows: Sequence[_Row], reference: date, issued: date | None) -> Employment:
    """Judge rows that may be the provider's; those with a contradicting title say nothing about an exit."""
    newest = _newest(rows)
    likely = [row.record for row in rows if row.answer.reason != "title_contradicts"]
    status = _status(likely, reference, issued) if likely else None
    return Employment(Bond.UNCERTAIN, newest.answer.reason, newest.record, status, _facts(newest))


def _newest(rows: Sequence[_Row]) -> _Row:
    return max(rows, key=lambda row: row.record.period)


def _facts(row: _Row) -> dict[str, Value]:
    return {"workplace": row.record.workplace, "period": row.record.period, **row.answer.facts}


def _titles(workplaces: Iterable[Workplace]) -> dict[int, list[str]]:
    """Collect the titles listed for each number; two companies of two provinces can share one."""
    titles: dict[int, list[str]] = {}
    for place in workplaces:
        number = _number(place.number)
        if number is not None:
            titles.setdefault(number, []).append(place.title)
    return titles


def _number(text: str) -> int | None:
    digits = re.sub(r"[.-]", "", text.strip())
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _answer(record: Record, titles: Mapping[int, Sequence[str]], known: KnownProvider) -> EmployerAnswer:
    """Say whose row it is; only rows of branch 4a can show a contract with the provider."""
    if record.left_out:
        return EmployerAnswer(Employer.SOMEBODY_ELSE)
    number = _number(record.workplace)
    if number is None:
        return _without_workplace(record)
    answer = employer_of_row(known, number, titles.get(number, ()))
    if record.doubts and number not in titles and answer.employer is Employer.SOMEBODY_ELSE:
        return EmployerAnswer(Employer.UNREAD, "workplace_unread")
    if answer.employer is Employer.PROVIDER and record.branch not in (_EMPLOYED, ""):
        return EmployerAnswer(Employer.UNCERTAIN, "branch", {**answer.facts, "branch": record.branch})
    return answer


def _without_workplace(record: Record) -> EmployerAnswer:
    """Partners (4b) and civil servants (4c) have no workplace; an employee's row must have one."""
    if record.branch in (_EMPLOYED, "") or record.workplace.strip():
        return EmployerAnswer(Employer.UNREAD, "workplace_unread")
    return EmployerAnswer(Employer.SOMEBODY_ELSE)


def _status(rows: Sequence[Record], reference: date, issued: date | None) -> Status:
    """Say whether the employment that these rows of one employer show is running."""
    unsound = next((row for row in rows if not _is_sound(row)), None)
    if unsound is not None:
        return _unclear(unsound, "row_unread")
    net = _net(rows)
    if net.disputed is not None:
        return _unclear(net.disputed, "exit_partly_cancelled", exit_date=net.disputed.exit_date)
    if not net.standing:
        last = max(rows, key=_month)
        return Status(Code.EMPLOYMENT_CANCELLED, Outcome.FAILED, last, "", {"period": last.period})
    return (
        _in_the_future(net.standing, reference, issued)
        or _ended(net.standing, reference)
        or _newest_cancelled(net)
        or _running(net.standing, reference, issued)
    )


def _is_sound(row: Record) -> bool:
    """True when every cell that decides something was read and makes sense."""
    entry, left = day_of(row.entry_date), day_of(row.exit_date)
    return (
        not row.doubts
        and _kind(row) in {*_ADDING, _CANCELLING}
        and row.days is not None
        and 0 <= row.days <= _LONGEST_MONTH
        and _PERIOD.fullmatch(row.period) is not None
        and (row.entry_date is None or entry is not None)
        and (row.exit_date is None or left is not None)
        and (entry is None or left is None or entry <= left)
    )


def _kind(row: Record) -> str:
    return _folded(row.document_type)


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    return fold(text).strip()


def _month(row: Record) -> Month:
    year, month = row.period.split("-")
    return int(year), int(month)


def _net(rows: Sequence[Record]) -> _Net:
    """Take cancelled rows away, month by month and workplace by workplace."""
    groups: dict[tuple[int | None, Month], list[Record]] = {}
    for row in rows:
        groups.setdefault((_number(row.workplace), _month(row)), []).append(row)
    standing: list[Record] = []
    cancelled: list[Month] = []
    for (_, month), group in groups.items():
        left = _uncancelled(group)
        if left is None:
            return _Net((), None, next(row for row in group if row.exit_date))
        standing.extend(left)
        if not left:
            cancelled.append(month)
    return _Net(tuple(standing), max(cancelled, default=None), None)


def _uncancelled(group: Sequence[Record]) -> list[Record] | None:
    """Return the rows of one month that stand; None when it cannot be told whether an exit was cancelled."""
    adding = [row for row in group if _kind(row) in _ADDING]
    cancelling = [row for row in group if _kind(row) == _CANCELLING]
    if not cancelling:
        return adding
    if sum(row.days or 0 for row in adding) <= sum(row.days or 0 for row in cancelling):
        return []
    unmatched = 0
    for cancel in cancelling:
        match = next((row for row in adding if _cells(row) == _cells(cancel)), None)
        if match is None:
            unmatched += 1
        else:
            adding.remove(match)
    exits = {row.exit_date for row in group if _kind(row) in _ADDING}
    exit_cancelled = all(cancel.exit_date for cancel in cancelling) and not unmatched
    return adding if len(exits) == 1 or exit_cancelled else None


def _cells(row: Record) -> tuple[int | None, str | None, str | None]:
    return row.days, row.entry_date, row.exit_date


def _in_the_future(rows: Sequence[Record], reference: date, issued: date | None) -> Status | None:
    """A row later than the statement itself, or an entry after the application, contradicts them."""
    horizon = issued or reference
    for row in rows:
        entry = day_of(row.entry_date)
        if _month(row) > (horizon.year, horizon.month) or (entry is not None and entry > reference):
            return _unclear(row, "row_in_the_future", period=row.period)
    return None


def _ended(rows: Sequence[Record], reference: date) -> Status | None:
    """Look for an exit after which the person did not come back."""
    exits = [(left, row) for row in rows if (left := day_of(row.exit_date)) is not None]
    if not exits:
        return None
    left, row = max(exits, key=lambda pair: pair[0])
    if any(_came_back(other, row, left) for other in rows):
        return None
    facts = {"exit_date": left.isoformat(), "workplace": row.workplace}
    if left > reference:
        return _unclear(row, "ends_later", **facts)
    if any(other.days and _month(other) > max(_month(row), (left.year, left.month)) for other in rows):
        return _unclear(row, "days_after_exit", **facts)
    return Status(Code.EMPLOYMENT_ENDED, Outcome.FAILED, row, "", facts)


def _came_back(other: Record, exit_row: Record, left: date) -> bool:
    """True for a later entry, or for later days at another of the provider's workplaces (nakil)."""
    elsewhere = _number(other.workplace) != _number(exit_row.workplace)
    entry = day_of(other.entry_date)
    if entry is not None:
        return entry > left or (entry == left and elsewhere)
    return elsewhere and bool(other.days) and _month(other) > max(_month(exit_row), (left.year, left.month))


def _newest_cancelled(net: _Net) -> Status | None:
    """The newest month was cancelled while older ones stand: nobody can tell whether work went on."""
    last = max(net.standing, key=_month)
    if net.newest_cancelled is None or net.newest_cancelled <= _month(last):
        return None
    facts = {"period": "{}-{:02d}".format(*net.newest_cancelled)}
    return Status(Code.EMPLOYMENT_CANCELLED, Outcome.INDETERMINATE, last, "newest_month", facts)


def _running(rows: Sequence[Record], reference: date, issued: date | None) -> Status:
    """Without an exit: running, if the newest month that SGK must show by then is there."""
    last = max(rows, key=_month)
    due = newest_period_due((issued or reference) - _REPORTING_GRACE)
    entries = [row.entry_date for row in rows if row.entry_date]
    facts: dict[str, Value] = {"last_period": last.period, "entry_date": max(entries, default=None)}
    if _month(last) < due:
        return _unclear(last, "stale", due_period="{}-{:02d}".format(*due), **facts)
    if not any(row.days for row in rows):
        return _unclear(last, "no_days", **facts)
    return Status(Code.EMPLOYMENT_ENDED, Outcome.PASSED, last, "", facts)


def _unclear(row: Record, reason: str, **facts: Value) -> Status:
    return Status(Code.EMPLOYMENT_ENDED, Outcome.INDETERMINATE, row, reason, facts)
