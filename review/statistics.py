"""The statistics page: each figure as a chart beside its table, and the tables as files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.texts import spell_day
from review.access import needs
from review.charts import COLOURS, Chart, Series, draw, legend_mark
from review.desk import desk_of
from review.exports import TYPES, Cell, Form, Table, download, exported
from review.forms import Form as Fields
from review.pages import page, say
from review.sessions import actor_of, language_of
from review.texts import Language
from storage.columns import now
from storage.database import UnitOfWork
from storage.desk.accounts import Role
from storage.desk.audit import Action, about, record
from storage.desk.stats import (
    BANDS,
    Period,
    decisions,
    intake,
    queue_age,
    reasons,
    time_to_decision,
)
from validators.application import ISTANBUL
from validators.finding import Proposal
from validators.messages import question

READERS = (Role.REVIEWER, Role.SUPERVISOR, Role.OPERATOR, Role.AUDITOR)
"""Who may see figures: they tell of nobody."""
USUAL = 30
"""Days of the period where none is asked for."""
CHOICES = (7, 30, 90, 365)
"""Days of the periods that are offered."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is told: a table, the sentence above it, and the chart of it where there is one."""

    key: str
    table: Table
    summary: str = ""
    chart: Chart | None = None


def figures_of(work: UnitOfWork, period: Period, request: Request) -> tuple[Figure, ...]:
    """Return all figures of a period in the language of the request."""
    return tuple(figure for make in FIGURES.values() for figure in make(work, period, request))


def _arrivals(work: UnitOfWork, period: Period, request: Request) -> tuple[Figure, ...]:
    told = partial(say, request)
    counted, steps = intake(work, period), _steps(period, request)
    names = ("untouched", "by_hand", "unjudged")
    series = tuple(
        Series(told(f"statistics.{name}"), tuple(float(getattr(each, name)) for each in counted))
        for name in names
    )
    rows = tuple(
        (each.step, each.received, each.untouched, each.by_hand, each.unjudged, _percent(each.share))
        for each in counted
    )
    columns = tuple(told(f"statistics.{name}") for name in ("received", *names, "share_percent"))
    untouched, by_hand = (sum(getattr(each, name) for each in counted) for name in names[:2])
    received = sum(each.received for each in counted)
    share = _percent(untouched / (untouched + by_hand)) if untouched + by_hand else None
    shares = Series(told("statistics.share_percent"), tuple(_percent(each.share) for each in counted))
    first, second = _title("applications", request), _title("share", request)
    table = Table(first, (_step_name(period, request), *columns), rows)
    summary = told("statistics.applications.summary", count=received)
    rate = told(
        "statistics.share.summary", share=_shown(share, request), untouched=untouched, by_hand=by_hand
    )
    return (
        Figure("applications", table, summary, _chart("applications", first, summary, steps, series)),
        Figure(
            "share",
            Table(second, (table.columns[0], columns[-1]), tuple((row[0], row[-1]) for row in rows)),
            rate,
            Chart("share", second, rate, steps, (shares,), lines=True, unit="%", whole=100),
        ),
    )


def _reasons(work: UnitOfWork, period: Period, request: Request) -> tuple[Figure, ...]:
    found, title = reasons(work, period), _title("reasons", request)
    columns = (
        say(request, "statistics.code"),
        say(request, "statistics.question"),
        say(request, "statistics.total"),
    )
    language: Literal["tr", "en"] = language_of(request).value
    rows = tuple((each.code.value, question(each.code, language), each.total, *each.counts) for each in found)
    days = tuple(spell_day(step, language_of(request)) for step in period.steps)
    most = found[: COLOURS - 1]
    summary = say(request, "statistics.reasons.summary", count=len(found), most=len(most))
    series = tuple(
        Series(say(request, f"queue.reason.{each.code}"), tuple(map(float, each.counts))) for each in most
    )
    chart = Chart("reasons", title, summary, _steps(period, request), series, lines=True)
    return (Figure("reasons", Table(title, (*columns, *days), rows), summary, chart if series else None),)


def _queue(work: UnitOfWork, period: Period, request: Request) -> tuple[Figure, ...]:  # noqa: ARG001 - as all figures
    queue = queue_age(work)
    summary = say(request, "statistics.queue.summary", count=queue.total, overdue=queue.overdue)
    return (_banded("queue", queue.bands, summary, request),)


def _time(work: UnitOfWork, period: Period, request: Request) -> tuple[Figure, ...]:
    taken = time_to_decision(work, period)
    summary = say(
        request,
        "statistics.time.summary",
        count=taken.total,
        median=_shown(_tenth(taken.median), request),
        ninetieth=_shown(_tenth(taken.ninetieth), request),
    )
    return (_banded("time", taken.bands, summary, request),)


def _overturned(work: UnitOfWork, period: Period, request: Request) -> tuple[Figure, ...]:
    found, steps = decisions(work, period), _steps(period, request)
    followed, otherwise = (
        sum(getattr(each, name) for each in found.steps) for name in ("followed", "otherwise")
    )
    names = tuple(say(request, f"statistics.{name}") for name in ("followed", "otherwise"))
    summary = say(request, "statistics.overturned.summary", count=followed + otherwise, otherwise=otherwise)
    title = _title("overturned", request)
    rows = tuple((each.step, each.followed, each.otherwise) for each in found.steps)
    series = (
        Series(names[0], tuple(float(each.followed) for each in found.steps)),
        Series(names[1], tuple(float(each.otherwise) for each in found.steps)),
    )
    table = Table(title, (_step_name(period, request), *names), rows)
    kinds = sorted({kind for _, kind in found.matrix})
    columns = (
        say(request, "statistics.proposal"),
        *(say(request, f"statistics.kind.{kind}") for kind in kinds),
    )
    crossed: tuple[tuple[Cell, ...], ...] = tuple(
        (say(request, f"statistics.proposals.{each}"), *(found.matrix.get((each, kind), 0) for kind in kinds))
        for each in Proposal
    )
    chart = _chart("overturned", title, summary, steps, series)
    matrix = Table(_title("decisions", request), columns, crossed if kinds else ())
    return (
        Figure("overturned", table, summary, chart),
        Figure("decisions", matrix, say(request, "statistics.decisions.summary")),
    )


Make = Callable[[UnitOfWork, Period, Request], tuple[Figure, ...]]
FIGURES: dict[tuple[str, ...], Make] = {
    ("applications", "share"): _arrivals,
    ("reasons",): _reasons,
    ("queue",): _queue,
    ("time",): _time,
    ("overturned", "decisions"): _overturned,
}
"""What makes figures, by their keys."""


@needs(*READERS)
def show(request: Request) -> Response:
    """Show all figures of a period."""
    fields = Fields(request.query_params)
    period = _period(fields)
    figures = desk_of(request).database.read(lambda work: figures_of(work, period, request))
    today = _today()
    offers = [(days, today - timedelta(days - 1), today) for days in CHOICES]
    return page(
        request,
        "statistics/figures.html",
        422 if fields.errors else 200,
        form=fields,
        period=period,
        figures=figures,
        offers=offers,
        draw=draw,
        mark=legend_mark,
        cell=partial(_cell, request),
        forms=tuple(Form),
    )


@needs(*READERS)
def export(request: Request) -> Response:
    """Send the table of a figure as a file."""
    fields, wanted = Fields(request.query_params), request.path_params["figure"]
    make = next((make for keys, make in FIGURES.items() if wanted in keys), None)
    form = request.path_params["form"]
    period = _period(fields)
    if make is None or form not in tuple(Form) or fields.errors:
        raise HTTPException(404)
    database = desk_of(request).database
    made = database.read(lambda work: make(work, period, request))
    table = next(figure.table for figure in made if figure.key == wanted)
    details = {"form": form, "first": period.first.isoformat(), "last": period.last.isoformat()}
    database.transact(
        lambda work: record(
            work, actor_of(request), Action.EXPORT, about("statistics", wanted), details=details
        )
    )
    name = f"kanit-{wanted}-{period.first}-{period.last}.{form}"
    return download(exported(table, Form(form)), name, TYPES[Form(form)])


def _period(fields: Fields) -> Period:
    """Return the period that is asked for, the usual one where none is or what is asked for is none."""
    today = _today()
    usual = Period(today - timedelta(USUAL - 1), today)
    first, last = fields.day("from", required=False), fields.day("to", required=False)
    if fields.errors:
        return usual
    try:
        last = last or today
        return Period(first or last - timedelta(USUAL - 1), last)
    except (ValueError, OverflowError):
        fields.refuse({"to": "statistics.bad_period"})
        return usual


def _today() -> date:
    return now().astimezone(ISTANBUL).date()


def _title(key: str, request: Request) -> str:
    return say(request, f"statistics.{key}.title")


def _step_name(period: Period, request: Request) -> str:
    return say(request, "statistics.week" if period.by_week else "statistics.day")


def _steps(period: Period, request: Request) -> tuple[str, ...]:
    """Return the labels under a chart: day and month."""
    form = "%d.%m." if language_of(request) is Language.TURKISH else "%m-%d"
    return tuple(step.strftime(form) for step in period.steps)


def _chart(
    key: str, title: str, description: str, steps: tuple[str, ...], series: tuple[Series, ...]
) -> Chart | None:
    return Chart(key, title, description, steps, series) if any(any(each.values) for each in series) else None


def _banded(key: str, bands: tuple[int, ...], summary: str, request: Request) -> Figure:
    """Return a figure of cases by days."""
    ends = zip((0, *BANDS), BANDS, strict=False)
    names = (
        *(say(request, "statistics.band", first=first, last=last) for first, last in ends),
        say(request, "statistics.last_band", first=BANDS[-1]),
    )
    title, cases = _title(key, request), say(request, "statistics.cases")
    table = Table(title, (say(request, "statistics.days"), cases), tuple(zip(names, bands, strict=True)))
    chart = _chart(key, title, summary, names, (Series(cases, tuple(map(float, bands))),))
    return Figure(key, table, summary, chart)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _tenth(days: float | None) -> float | None:
    return None if days is None else round(days, 1)


def _shown(number: float | None, request: Request) -> str:
    if number is None:
        return "–"
    written = f"{number:.1f}"
    return written.replace(".", ",") if language_of(request) is Language.TURKISH else written


def _cell(request: Request, cell: Cell) -> str:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return spell_day(cell, language_of(request))
    return _shown(cell, request) if cell is None or isinstance(cell, float) else str(cell)


routes = [
    Route("/statistics", show, name="statistics"),
    Route("/statistics/{figure}.{form}", export, name="statistics_export"),
]
"""Everybody but health-service providers."""
