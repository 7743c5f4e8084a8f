"""Charts as SVG in the page: bars and lines, each drawn once for wide and once for narrow windows.

Colours come from the style sheet by class (`s1` to `s6`), so that both themes have their own; series differ by dashes
and order, too, not by colour alone. A chart is one picture with a title and a description; its numbers stand in the
table that every page puts beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log10

from markupsafe import Markup

COLOURS = 6
"""Series that a chart can tell apart."""

_LABEL = 52
"""Pixels that a label under the axis needs."""
_STEPS = (1, 2, 5, 10)
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Series:
    """Values by category, None where there is none; `label` stands in the legend."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn. `key` is unique on a page; `whole` is the value at the top, by default the greatest one.

    Bars of several series are stacked; lines break where a value is missing. `unit` follows the numbers of the axis.
    """

    key: str
    title: str
    description: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    lines: bool = False
    unit: str = ""
    whole: float | None = None


@dataclass(frozen=True, slots=True)
class _Frame:
    """The drawing's size in pixels, the place of the axes in it, and the value at the top."""

    name: str
    width: int
    height: int
    top: float
    count: int

    left = 44
    upper = 12
    lower = 30

    @property
    def slot(self) -> float:
        return (self.width - self.left - 8) / max(self.count, 1)

    def x(self, place: float) -> float:
        return self.left + self.slot * place

    def y(self, value: float) -> float:
        return self.height - self.lower - (self.height - self.lower - self.upper) * value / self.top


def draw(chart: Chart) -> Markup:
    """Return the chart as two drawings, of which the style sheet shows the one that fits."""
    top = chart.whole or _top(chart)
    frames = (("wide", 600, 230), ("narrow", 330, 210))
    drawings = (_drawing(chart, _Frame(*frame, top, len(chart.categories))) for frame in frames)
    return Markup("").join(drawings)


def legend_mark(number: int, *, lines: bool) -> Markup:
    """Return the small sample that stands in the legend before the label of a series (from 1)."""
    shape = (
        Markup('<path class="line s{}" d="M1 6H23"/>').format(number)
        if lines
        else Markup('<rect class="bar s{}" x="5" y="0" width="12" height="12"/>').format(number)
    )
    return Markup(
        '<svg class="mark" viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">{}</svg>'
    ).format(shape)


def _drawing(chart: Chart, frame: _Frame) -> Markup:
    name = f"{chart.key}-{frame.name}"
    parts = [*_axis(chart, frame), *_labels(chart, frame)]
    parts += _lines(chart, frame) if chart.lines else _bars(chart, frame)
    return Markup(
        '<svg class="chart in-{frame}" role="img" viewBox="0 0 {width} {height}" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{description}</desc>{parts}</svg>'
    ).format(
        frame=frame.name,
        width=frame.width,
        height=frame.height,
        name=name,
        title=chart.title,
        description=chart.description,
        parts=Markup("").join(parts),
    )


def _axis(chart: Chart, frame: _Frame) -> Iterator[Markup]:
    for value in _ticks(frame.top):
        y = frame.y(value)
        yield Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(frame.left, y, frame.width - 8)
        yield Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
            frame.left - 6, y + 4, f"{value:g}{chart.unit}"
        )


def _labels(chart: Chart, frame: _Frame) -> Iterator[Markup]:
    """Yield the labels under the axis, as many as there is room for."""
    every = max(ceil(_LABEL / frame.slot), 1)
    for place, label in enumerate(chart.categories):
        if place % every == 0:
            yield Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                frame.x(place + 0.5), frame.height - 10, label
            )


def _bars(chart: Chart, frame: _Frame) -> Iterator[Markup]:
    width = min(frame.slot * 0.7, 48)
    for place, category in enumerate(chart.categories):
        below = 0.0
        for number, series in enumerate(chart.series, 1):
            value = series.values[place]
            if not value:
                continue
            x, y = frame.x(place + 0.5) - width / 2, frame.y(below + value)
            told = f"{category} · {series.label}: {value:g}{chart.unit}"
            yield Markup(
                '<rect class="bar s{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
            ).format(number, x, y, width, frame.y(below) - y, told)
            below += value


def _lines(chart: Chart, frame: _Frame) -> Iterator[Markup]:
    for number, series in enumerate(chart.series, 1):
        points = [
            (frame.x(place + 0.5), frame.y(value)) if value is not None else None
            for place, value in enumerate(series.values)
        ]
        yield Markup('<path class="line s{}" d="{}"/>').format(number, _path(points))
        for point, value, category in zip(points, series.values, chart.categories, strict=True):
            if point is not None:
                told = f"{category} · {series.label}: {value:g}{chart.unit}"
                yield Markup(
                    '<circle class="dot s{}" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}</title></circle>'
                ).format(number, *point, told)


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Return the points as a path that breaks where there is none."""
    path, drawn = "", False
    for point in points:
        if point is not None:
            path += f"{'L' if drawn else 'M'}{point[0]:.1f} {point[1]:.1f}"
        drawn = point is not None
    return path


def _top(chart: Chart) -> float:
    """Return the end of the axis: the greatest value, rounded up to a tick."""
    columns = zip(*(series.values for series in chart.series), strict=True)
    fold = max if chart.lines else sum
    greatest = max((fold(value or 0 for value in column) for column in columns), default=0)
    step = _step(greatest)
    return ceil(greatest / step) * step or step


def _ticks(top: float) -> Iterator[float]:
    step = _step(top)
    return (n * step for n in range(int(top / step) + 1))


def _step(top: float) -> float:
    """Return the distance of ticks: 1, 2 or 5 times a power of ten, never below 1."""
    if top <= _TICKS:
        return 1
    power = 10 ** int(log10(top / _TICKS))
    return float(next(step * power for step in _STEPS if step * power * _TICKS >= top))
