"""Builders of consistent papers: rows that follow from jobs, footers that follow from people."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from tests.papers import identities
from tests.papers.identities import Company, Person
from tests.papers.model import (
    EntryDeclaration,
    ExitDeclaration,
    Footer,
    Period,
    Qr,
    Row,
    ServiceStatement,
    SocialSecurityRecord,
    list_of_workplaces,
    payload,
)

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 11, 20, 14, 5, tzinfo=ISTANBUL)
"""The moment at which papers are issued unless told otherwise."""
REPORTING_DAY = 26
"""A month's service stands on statements from this day of the following month (SSİY m.102)."""
REGISTERED_BEFORE = timedelta(days=20)
"""How long before an application its people registered themselves."""
_DAILY = Decimal("1101.00")


@dataclass(frozen=True, slots=True)
class Job:
    """Work at a company, or several months of it. `last` is the last reported month where that is not the
    last one that SGK can show; `workplace` replaces the printed workplace number.
    """

    company: Company
    entry: date
    exit: date | None = None
    last: Period | None = None
    branch: str = "4a"
    status: str = "APHB"
    workplace: str | None = None


def last_shown(issued_at: datetime) -> Period:
    """Return the last month whose service a statement of that moment must show."""
    month = Period.of(issued_at.date()).previous()
    return month if issued_at.day >= REPORTING_DAY else month.previous()


def rows_of(job: Job, through: Period) -> tuple[Row, ...]:
    """Return one row a month from the entry to the exit or the last reported month.

    The entry date stands in the first row only, the exit date in the last only.
    """
    end = Period.of(job.exit) if job.exit else (job.last or through)
    rows = []
    period = Period.of(job.entry)
    while period <= end:
        rows.append(_row(job, period))
        period = period.next()
    return tuple(rows)


def _row(job: Job, period: Period) -> Row:
    entry = job.entry if Period.of(job.entry) == period else None
    leaving = job.exit if job.exit and Period.of(job.exit) == period else None
    days = _days(period, entry, leaving)
    return Row(
        period=period,
        days=days,
        earnings=_DAILY * days,
        workplace=job.company.workplace if job.workplace is None else job.workplace,
        unit=job.company.unit,
        branch=job.branch,
        status=job.status,
        entry=entry,
        exit=leaving,
        exit_reason="22" if leaving else "",
    )


def _days(period: Period, entry: date | None, leaving: date | None) -> int:
    length = monthrange(*period)[1]
    if (entry is None or entry.day == 1) and (leaving is None or leaving.day == length):
        return 30
    first = entry.day if entry else 1
    last = leaving.day if leaving else length
    return min(last - first + 1, 30)


def cancelled(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows, each followed by an İptal row that takes it back."""
    return tuple(each for row in rows for each in (row, _cancelling(row, row.days)))


def partly_cancelled(rows: tuple[Row, ...], days: int) -> tuple[Row, ...]:
    """Return the rows with an İptal row that takes `days` of the last one back."""
    return (*rows, _cancelling(rows[-1], days))


def _cancelling(row: Row, days: int) -> Row:
    return replace(row, document_type="İptal", days=days, earnings=_DAILY * days, entry=None, exit=None)


def partner_rows(since: Period, through: Period) -> tuple[Row, ...]:
    """Return 4/b rows of a company's partner: no workplace, no unit."""
    rows = []
    while since <= through:
        rows.append(
            Row(
                since,
                30,
                Decimal("0.00"),
                branch="4b",
                status="Şirket Ortağı",
                document_code="",
                occupation="",
            )
        )
        since = since.next()
    return tuple(rows)


def in_order(*groups: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows of several jobs month by month."""
    return tuple(sorted((row for group in groups for row in group), key=lambda row: row.period))


def footer(rng: Random, person: Person, shape: Qr = Qr.CLOSED, family: str = "hd") -> Footer:
    """Return a footer whose barcode and QR code agree."""
    barcode = identities.barcode(rng, family)
    return Footer(barcode, (payload(shape, barcode, person.national_id),))


def service_statement(
    rng: Random,
    person: Person,
    jobs: Iterable[Job],
    issued_at: datetime = NOW,
    *,
    rows: tuple[Row, ...] | None = None,
) -> ServiceStatement:
    """Return the statement of a person with those jobs; `rows` replaces the rows that follow from them."""
    jobs = tuple(jobs)
    through = last_shown(issued_at)
    titles = list_of_workplaces(job.company for job in jobs)
    printed = {job.company.workplace: job.workplace for job in jobs if job.workplace is not None}
    return ServiceStatement(
        person=person,
        issued_at=issued_at,
        rows=in_order(*(rows_of(job, through) for job in jobs)) if rows is None else rows,
        workplaces=tuple((printed.get(number, number), title) for number, title in titles),
        footer=footer(rng, person),
    )


def entry_declaration(
    rng: Random, person: Person, company: Company, start: date, generated_at: datetime | None = None
) -> EntryDeclaration:
    """Return a declaration of work from `start`; it is generated a day before unless told otherwise."""
    return EntryDeclaration(
        person=person,
        day=start,
        generated_at=generated_at or _morning(start - timedelta(days=1)),
        employer_title=company.title,
        employer_address=company.address,
        workplace_number=company.workplace_number,
        footer=footer(rng, person, family=rng.choice(("hd", "SGK"))),
    )


def exit_declaration(rng: Random, person: Person, company: Company, last_day: date) -> ExitDeclaration:
    """Return an exit declaration; it is generated three days after the last day."""
    return ExitDeclaration(
        person=person,
        day=last_day,
        generated_at=_morning(last_day + timedelta(days=3)),
        employer_title=company.title,
        employer_address=company.address,
        workplace_number=company.workplace_number,
        footer=footer(rng, person),
    )


def social_security_record(
    rng: Random, person: Person, since: date, issued_at: datetime = NOW
) -> SocialSecurityRecord:
    """Return a Sosyal Güvenlik Kayıt Belgesi of somebody insured since then."""
    days = (issued_at.date() - since).days * 360 // 365
    return SocialSecurityRecord(person, issued_at, since, days, footer(rng, person, family="SGK"))


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, 12, 45, tzinfo=ISTANBUL)
