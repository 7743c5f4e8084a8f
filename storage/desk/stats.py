"""Figures for the statistics page: what came, what was verified without a hand, how long it takes, what is overturned.

All of it is counted from judgements, rulings and the queue; nothing of a person is opened. Days are those of Istanbul.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from math import ceil
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    Row,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from storage.batches import IN_VALUES, batched
from storage.columns import now
from storage.database import UnitOfWork
from storage.models import (
    ApplicationRow,
    CaseState,
    DeskCase,
    FindingRow,
    JudgedPerson,
    JudgementRow,
    RecordDecision,
    Ruling,
    RulingKind,
    RulingRow,
    RulingState,
)
from validators.application import ISTANBUL
from validators.catalogue import proposal_of
from validators.finding import Code, Decision, Finding, Level, Outcome, Proposal

LONGEST = 366
"""Days that a period has at most."""
BANDS = (1, 3, 7, 15, 30)
"""Days at which bands of age end; the last band has no end."""
DECIDING = (RulingKind.APPROVE, RulingKind.RETURN, RulingKind.REJECT)
"""Rulings that close a case."""

_Found: TypeAlias = tuple[int, Code, Outcome, Level, Proposal | None]
_DAYS_BY_WEEK = 45
_ORDER = (Proposal.CHECK_BY_HAND, Proposal.RETURN_TO_APPLICANT, Proposal.WAIT_UNTIL)


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days in Istanbul, first and last included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Raises ValueError for one that ends before it begins, is longer than `LONGEST` days, or beyond clocks."""
        if not 0 <= (self.last - self.first).days < LONGEST or {self.first, self.last} & {date.min, date.max}:
            raise ValueError("not a period")

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The first moment of the period, and the first one after it."""
        begin, end = (
            datetime.combine(day, clock(), ISTANBUL) for day in (self.first, self.last + timedelta(1))
        )
        return begin, end

    @property
    def steps(self) -> tuple[date, ...]:
        """The days, or in a long period the first days of weeks, by which figures are told."""
        days = (self.last - self.first).days + 1
        stride = 1 if days <= _DAYS_BY_WEEK else 7
        return tuple(self.first + timedelta(n) for n in range(0, days, stride))

    @property
    def by_week(self) -> bool:
        """Whether a step is seven days."""
        return (self.last - self.first).days >= _DAYS_BY_WEEK

    def step_of(self, moment: datetime) -> date:
        """Return the step that a moment of the period belongs to."""
        days = (moment.astimezone(ISTANBUL).date() - self.first).days
        return self.first + timedelta(days - days % 7 if self.by_week else days)


@dataclass(frozen=True, slots=True)
class Intake:
    """Applications taken in during a step: verified without a hand, for officers, and not judged (yet)."""

    step: date
    untouched: int
    by_hand: int
    unjudged: int

    @property
    def received(self) -> int:
        """All of them."""
        return self.untouched + self.by_hand + self.unjudged

    @property
    def share(self) -> float | None:
        """The share, 0 to 1, of the judged ones that were verified without a hand; None where none was judged."""
        judged = self.untouched + self.by_hand
        return self.untouched / judged if judged else None


@dataclass(frozen=True, slots=True)
class Reasons:
    """How many applications a code flagged, step by step."""

    code: Code
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """The sum over the steps; an application that was judged in two of them counts in both."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Queue:
    """How long cases have been waiting for somebody, by `BANDS`, now; `overdue` are past the day of their answer."""

    bands: tuple[int, ...]
    overdue: int

    @property
    def total(self) -> int:
        """All cases that wait."""
        return sum(self.bands)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Days from the first judgement that flagged the files to the decision, by `BANDS`.

    Median and 90th percentile are None where nothing was decided.
    """

    bands: tuple[int, ...]
    median: float | None
    ninetieth: float | None

    @property
    def total(self) -> int:
        """All decisions."""
        return sum(self.bands)


@dataclass(frozen=True, slots=True)
class Overturned:
    """Proposals that officers followed and those that they decided otherwise, in a step."""

    step: date
    followed: int
    otherwise: int


@dataclass(frozen=True, slots=True)
class Decisions:
    """What officers decided on what was proposed: step by step, and by proposal and ruling.

    `CHECK_BY_HAND` proposes nothing that could be overturned; it counts in `matrix` alone.
    """

    steps: tuple[Overturned, ...]
    matrix: Mapping[tuple[Proposal, RulingKind], int]


_AGREES = {Proposal.RETURN_TO_APPLICANT: RulingKind.RETURN, Proposal.WAIT_UNTIL: RulingKind.WAIT}
"""The ruling that follows a proposal."""


def intake(work: UnitOfWork, period: Period) -> tuple[Intake, ...]:
    """Count the applications that were taken in, by what has become of them since."""
    touched = or_(
        select(RulingRow.id).where(RulingRow.application_key == ApplicationRow.id).exists(),
        select(RecordDecision.id).where(RecordDecision.application_key == ApplicationRow.id).exists(),
    )
    step = _step(ApplicationRow.created_at, period)
    rows = work.session.execute(
        select(step, JudgementRow.decision, touched, func.count())
        .select_from(ApplicationRow)
        .outerjoin(
            JudgementRow, and_(JudgementRow.application_key == ApplicationRow.id, JudgementRow.current)
        )
        .where(_within(ApplicationRow.created_at, period))
        .group_by(step, JudgementRow.decision, touched)
    )
    counts: Counter[tuple[date, str]] = Counter()
    for place, decision, was_touched, number in rows:
        counts[period.steps[place], _fate(decision, was_touched)] += number
    return tuple(
        Intake(step, *(counts[step, fate] for fate in ("untouched", "by_hand", "unjudged")))
        for step in period.steps
    )


def reasons(work: UnitOfWork, period: Period) -> tuple[Reasons, ...]:
    """Count, by code, the applications that judgements of the period flagged, the most frequent code first."""
    step = _step(JudgementRow.created_at, period)
    rows = work.session.execute(
        select(step, FindingRow.code, func.count(JudgementRow.application_key.distinct()))
        .join(FindingRow, FindingRow.judgement_key == JudgementRow.id)
        .where(
            _within(JudgementRow.created_at, period),
            JudgementRow.decision == Decision.FLAGGED,
            FindingRow.level != Level.NOTE,
            FindingRow.outcome != Outcome.PASSED,
        )
        .group_by(step, FindingRow.code)
    )
    counts: dict[Code, Counter[int]] = defaultdict(Counter)
    for place, code, number in rows:
        counts[code][place] = number
    places = range(len(period.steps))
    found = [Reasons(code, tuple(each[place] for place in places)) for code, each in counts.items()]
    return tuple(sorted(found, key=lambda each: (-each.total, each.code)))


def queue_age(work: UnitOfWork, moment: datetime | None = None) -> Queue:
    """Tell how long the cases of the queue have been waiting at a moment (now)."""
    moment = moment or now()
    today = moment.astimezone(ISTANBUL).date()
    band = case(
        *((DeskCase.opened_at > moment - timedelta(days), place) for place, days in enumerate(BANDS)),
        else_=len(BANDS),
    )
    overdue = DeskCase.due_on < today
    waits = or_(DeskCase.state != CaseState.WAITING, DeskCase.due_on <= today)
    rows = work.session.execute(
        select(band, overdue, func.count()).where(DeskCase.pending, waits).group_by(band, overdue)
    )
    bands, late = Counter[int](), 0
    for place, is_late, number in rows:
        bands[place] += number
        late += number if is_late else 0
    return Queue(tuple(bands[place] for place in range(len(BANDS) + 1)), late)


def time_to_decision(work: UnitOfWork, period: Period) -> Waiting:
    """Tell how long decisions of the period took."""
    flagged_at = (
        select(JudgementRow.version_key, func.min(JudgementRow.created_at).label("at"))
        .where(JudgementRow.decision == Decision.FLAGGED)
        .group_by(JudgementRow.version_key)
        .subquery()
    )
    ruled = select(RulingRow.effective_at.label("done"), flagged_at.c.at).join(
        flagged_at, flagged_at.c.version_key == RulingRow.version_key
    )
    decided = select(RecordDecision.decided_at.label("done"), flagged_at.c.at).join(
        flagged_at, flagged_at.c.version_key == RecordDecision.version_key
    )
    rows = [
        *work.session.execute(ruled.where(*_effective(period), RulingRow.kind.in_(DECIDING))),
        *work.session.execute(decided.where(_within(RecordDecision.decided_at, period), _by_command())),
    ]
    days = sorted((row.done - row.at).total_seconds() / _DAY for row in rows)
    return Waiting(_bands(days), _percentile(days, 50), _percentile(days, 90))


def decisions(work: UnitOfWork, period: Period) -> Decisions:
    """Tell what officers decided in the period, beside what was proposed to them."""
    ruled = work.session.execute(
        select(RulingRow.judgement_key, RulingRow.kind, RulingRow.effective_at.label("done")).where(
            *_effective(period), RulingRow.kind.in_((*DECIDING, RulingKind.WAIT))
        )
    ).all()
    decided = work.session.execute(
        select(
            RecordDecision.judgement_key, RecordDecision.decision, RecordDecision.decided_at.label("done")
        ).where(_within(RecordDecision.decided_at, period), _by_command())
    )
    rulings = [(row.judgement_key, row.kind, row.done) for row in ruled]
    rulings += [(row.judgement_key, _kind(row.decision), row.done) for row in decided]
    proposed = proposals_of(work, {key for key, _, _ in rulings})
    told = [(proposed[key], kind, period.step_of(done)) for key, kind, done in rulings]
    agreed = Counter((step, _AGREES[each] is kind) for each, kind, step in told if each in _AGREES)
    return Decisions(
        tuple(Overturned(step, agreed[step, True], agreed[step, False]) for step in period.steps),
        Counter((each, kind) for each, kind, _ in told),
    )


def proposals_of(work: UnitOfWork, judgement_keys: Collection[int]) -> Mapping[int, Proposal]:
    """Return what each judgement proposed on its application: of all its proposals what asks most of an officer."""
    found: dict[int, set[Proposal]] = defaultdict(set)
    for keys in batched(judgement_keys, IN_VALUES):
        people = select(JudgedPerson.judgement_key, JudgedPerson.proposal).where(
            JudgedPerson.judgement_key.in_(keys), JudgedPerson.proposal.is_not(None)
        )
        for key, proposal in work.session.execute(people):
            found[key].add(proposal)
        for row in work.session.execute(_own_findings(keys)):
            found[row.judgement_key].add(proposal_of(_finding(row)))
    return {
        key: next((each for each in _ORDER if each in found[key]), Proposal.CHECK_BY_HAND)
        for key in judgement_keys
    }


_DAY = timedelta(days=1).total_seconds()


def _within(column: InstrumentedAttribute[Any], period: Period) -> ColumnElement[bool]:
    begin, end = period.moments
    return and_(column >= begin, column < end)


def _step(column: InstrumentedAttribute[datetime], period: Period) -> Label[int]:
    """Return the place of the step that a moment of the period belongs to, in SQL."""
    begins = [datetime.combine(step, clock(), ISTANBUL) for step in period.steps[1:]]
    if not begins:
        return literal_column("0", Integer).label("step")
    return case(*((column < begin, place) for place, begin in enumerate(begins)), else_=len(begins)).label(
        "step"
    )


def _effective(period: Period) -> tuple[ColumnElement[bool], ...]:
    return RulingRow.state == RulingState.EFFECTIVE, _within(RulingRow.effective_at, period)


def _by_command() -> ColumnElement[bool]:
    """Decisions that were entered by `kanit decide`: those of the desk are counted as its rulings."""
    of_the_desk = select(RulingRow.record_decision_key).where(RulingRow.record_decision_key.is_not(None))
    return RecordDecision.id.not_in(of_the_desk)


def _fate(decision: Decision | None, touched: bool) -> str:
    if touched or decision is Decision.FLAGGED:
        return "by_hand"
    return "untouched" if decision is Decision.VERIFIED else "unjudged"


def _kind(decision: Ruling) -> RulingKind:
    return RulingKind.APPROVE if decision is Ruling.APPROVED else RulingKind.REJECT


def _own_findings(keys: Sequence[int]) -> Select[_Found]:
    return select(
        FindingRow.judgement_key, FindingRow.code, FindingRow.outcome, FindingRow.level, FindingRow.proposal
    ).where(
        FindingRow.judgement_key.in_(keys),
        FindingRow.person.is_(None),
        FindingRow.level != Level.NOTE,
        FindingRow.outcome != Outcome.PASSED,
    )


def _finding(row: Row[_Found]) -> Finding:
    return Finding(code=row.code, outcome=row.outcome, level=row.level, legal_basis="", proposal=row.proposal)


def _bands(days: Iterable[float]) -> tuple[int, ...]:
    counts = Counter(sum(day >= end for end in BANDS) for day in days)
    return tuple(counts[n] for n in range(len(BANDS) + 1))


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that so many percent do not exceed."""
    return ordered[max(ceil(len(ordered) * percent / 100), 1) - 1] if ordered else None
