"""The summary of a night as Markdown, for the operators who look at it in the morning. Only ids and counts in here.

Prefect's pages are English; beside each label stands the Turkish one. Prefect is not known here: `flows.artifacts`
hands it on.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from flows.summary import LISTED, Summary
from flows.texts import Language, catalogue, say
from storage.nights import LookBack, Night, flagged_share
from validators.application import ISTANBUL
from validators.messages import question

Row: TypeAlias = Sequence[str]

IDS_IN_A_LINE = 5
"""Prefect's page does not break the lines of a table's cell; it is as wide as half a screen."""

_BETWEEN = " · "


def report(summary: Summary, back: LookBack) -> str:
    """Return the summary of a night that ended in good order."""
    parts = (
        _counts(summary, back.night),
        _comparison(back),
        _reasons(summary),
        _failures(summary),
        _queue(summary, back),
        _slowest(summary),
        _sources(summary),
    )
    return "\n\n".join(part for part in parts if part)


def counted_name(name: str, applications: int) -> str:
    """Return the name of a run with how many applications it has, instead of what an earlier try of it said."""
    begun = name.partition(_BETWEEN)[0]
    return f"{begun}{_BETWEEN}{applications:,} application{'s' if applications != 1 else ''}"


def headline(summary: Summary) -> str:
    """Return the figures of a night in one line."""
    counts = summary.counts
    return (
        f"{counts.verified:,} verified, {counts.flagged:,} flagged, {counts.unchanged:,} unchanged, "
        f"{counts.failed:,} failed"
    )


def _counts(summary: Summary, night: Night) -> str:
    share = flagged_share([night])
    shares = {} if share is None else {"verified": f"{1 - share:.1%}", "flagged": f"{share:.1%}"}
    rows = [
        (f"{getattr(summary.counts, name):,}", shares.get(name, ""), _both(f"batch.{name}"))
        for name in ("verified", "flagged", "unchanged", "failed", "waiting")
    ]
    table = _table("night.counts", [*_heads("applications", "share"), ""], rows)
    return f"{table}\n\n{_moment(night)}, {_duration(night.seconds)}, run `{night.run}`"


def _reasons(summary: Summary) -> str:
    rows = [
        (
            f"{len(which):,}",
            f"`{code}` {question(code, 'en')}<br>*{question(code, 'tr')}*<br>{_listed(which)}",
        )
        for code, which in summary.tally.by_reason()
    ]
    return _table("night.reasons", _heads("applications", "reason"), rows)


def _failures(summary: Summary) -> str:
    by_code: defaultdict[str, list[str]] = defaultdict(list)
    for application_id, code in sorted((summary.tally.failures | summary.tally.unjudged).items()):
        by_code[code].append(application_id)
    rows = [
        (f"{len(which):,}", f"{_meaning(code)}<br>{_listed(which)}")
        for code, which in sorted(by_code.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return _table("night.failures", _heads("applications", "reason"), rows)


def _meaning(code: str) -> str:
    english, turkish = (
        catalogue(language).get(f"queue.reason.{code}") for language in (Language.ENGLISH, Language.TURKISH)
    )
    return f"`{code}` {english}<br>*{turkish}*" if english else f"`{code}`"


def _queue(summary: Summary, back: LookBack) -> str:
    oldest = "–" if back.queue_days is None else f"{back.queue_days:.1f}"
    row = (f"{summary.counts.waiting:,}", f"{back.parked:,}", oldest)
    return _table("night.queue", _heads("waiting", "parked", "oldest"), [row])


def _comparison(back: LookBack) -> str:
    if not back.earlier:
        return f"## {_both('night.comparison')}\n\n{_both('night.first')}"
    heads = _heads("night", "judged", "verified", "flagged", "failed", "seconds", "rate")
    mean = _both("night.mean", "<br>", count=len(back.earlier))
    rows = [
        _figures(f"**{_both('night.this', '<br>')}**", [back.night]),
        _figures(f"**{mean}**", back.earlier),
        *(_figures(_moment(night), [night]) for night in back.earlier),
    ]
    return _table("night.comparison", heads, rows)


def _moment(night: Night) -> str:
    return f"{night.started_at.astimezone(ISTANBUL):%Y-%m-%d %H:%M}"


def _figures(name: str, nights: Sequence[Night]) -> Row:
    """Return the figures of a night, or the means of several; shares and rates are those of all their applications."""
    share, count = flagged_share(nights), len(nights)
    judged, seconds = sum(each.judged for each in nights), sum(each.seconds for each in nights)
    return (
        name,
        f"{judged / count:,.0f}",
        "–" if share is None else f"{1 - share:.1%}",
        "–" if share is None else f"{share:.1%}",
        f"{sum(each.counts.failed for each in nights) / count:,.0f}",
        f"{seconds / count:,.0f}",
        f"{judged / seconds:,.1f}" if seconds else "–",
    )


def _slowest(summary: Summary) -> str:
    rows = [(_plain(name), f"{seconds:.1f}") for name, seconds in summary.tally.slowest()]
    return _table("night.slowest", _heads("application", "seconds"), rows)


def _sources(summary: Summary) -> str:
    sources = summary.tally.sources
    texts = {_both(f"batch.text.{source}"): count for source, count in sources.texts.items()}
    decoders = {f"`{name}`": count for name, count in sources.decoders.items()}
    tables = (
        _table("batch.texts", ["", _both("night.papers")], _counted(texts), level=3),
        _table("batch.decoders", ["", _both("night.codes")], _counted(decoders), level=3),
    )
    shown = [table for table in tables if table]
    return "\n\n".join([f"## {_both('night.sources')}", *shown]) if shown else ""


def _counted(counts: Mapping[str, int]) -> list[Row]:
    return [(name, f"{count:,}") for name, count in counts.items()]


def _table(title: str, heads: Row, rows: Sequence[Row], *, level: int = 2) -> str:
    """Return a table under its title; nothing where it has no rows. Columns of figures stand to the right."""
    if not rows:
        return ""
    marks = ["---:" if cell[:1].isdigit() or cell == "–" else "---" for cell in rows[0]]
    lines = (_line(cells) for cells in (heads, marks, *rows))
    return "\n".join([f"{'#' * level} {_both(title)}", "", *lines])


def _line(cells: Row) -> str:
    return f"| {' | '.join(cells)} |"


def _heads(*names: str) -> list[str]:
    return [_both(f"night.{name}", "<br>") for name in names]


def _both(key: str, between: str = _BETWEEN, **facts: object) -> str:
    """Return a text in English with the Turkish one beside it."""
    return between.join(say(key, language, **facts) for language in (Language.ENGLISH, Language.TURKISH))


def _listed(application_ids: Sequence[str]) -> str:
    shown = [_plain(name) for name in application_ids[:LISTED]]
    lines = [", ".join(shown[start : start + IDS_IN_A_LINE]) for start in range(0, len(shown), IDS_IN_A_LINE)]
    return ",<br>".join(lines) + (", …" if len(application_ids) > LISTED else "")


def _plain(application_id: str) -> str:
    """Return the id so that Markdown takes it as it is: folders may be called anything."""
    return "".join(
        letter if letter.isalnum() or letter in "-._ " else f"&#{ord(letter)};" for letter in application_id
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
