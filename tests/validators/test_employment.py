"""Rows of a statement: what may never change the answer, and what must."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.facts import Record
from tests.validators import factory as f
from validators.employer import KnownProvider
from validators.employment import Bond, Employment, judge_employment
from validators.finding import Code, Outcome
from validators.period import newest_period_due

REFERENCE = date(2026, 11, 20)
ISSUED = date(2026, 11, 10)
PERIODS = ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]


def known() -> KnownProvider:
    provider = f.application(
        provider={"workplace_numbers": [f.WORKPLACE, f.SECOND_WORKPLACE], "mersis_number": None}
    ).provider
    assert provider is not None
    return KnownProvider.of(provider, f.POLICY.parameters)


LISTED = f.listing((f.SEQUENCE, f.TITLE), (f.SECOND_SEQUENCE, f.TITLE), (f.OTHER_SEQUENCE, f.OTHER_TITLE))


def answer(records: Sequence[Record]) -> Employment:
    return judge_employment(records, LISTED, known(), REFERENCE, ISSUED)


def is_open(records: Sequence[Record]) -> bool:
    found = answer(records)
    return found.bond is Bond.SHOWN and found.status is not None and found.status.is_open


@st.composite
def rows(draw: st.DrawFn) -> Record:
    """A sound row; entries and exits lie in the row's month, or there are none."""
    period = draw(st.sampled_from(PERIODS))
    first, last = (draw(st.none() | st.integers(1, 28)) for _ in range(2))
    if first is not None and last is not None and last < first:
        first, last = last, first
    return f.row(
        period,
        workplace=draw(st.sampled_from([f.SEQUENCE, f.SEQUENCE, f.SECOND_SEQUENCE, f.OTHER_SEQUENCE])),
        document_type=draw(st.sampled_from(["Asıl", "Asıl", "Asıl", "Ek", "İptal"])),
        days=draw(st.sampled_from([0, 5, 30])),
        entry_date=f"{period}-{first:02d}" if first else None,
        exit_date=f"{period}-{last:02d}" if last and draw(st.booleans()) else None,
    )


statements = st.lists(rows(), max_size=8)


@settings(max_examples=200, deadline=None)
@given(statements, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(records: list[Record], random: Random) -> None:
    shuffled = random.sample(records, len(records))
    assert is_open(shuffled) == is_open(records)
    assert answer(shuffled).bond is answer(records).bond


@settings(max_examples=200, deadline=None)
@given(statements)
def test_rows_of_other_employers_do_not_matter(records: list[Record]) -> None:
    ours = [record for record in records if record.workplace != f.OTHER_SEQUENCE]
    assert is_open(ours) == is_open(records)


@settings(max_examples=200, deadline=None)
@given(statements)
def test_open_means_reported_in_the_newest_month_due(records: list[Record]) -> None:
    year, month = newest_period_due(ISSUED)
    if is_open(records):
        ours = [r for r in records if r.workplace != f.OTHER_SEQUENCE and r.document_type != "İptal"]
        assert any(r.period >= f"{year}-{month:02d}" for r in ours)
        assert any(r.days for r in ours)


@settings(max_examples=200, deadline=None)
@given(statements)
def test_an_exit_at_the_end_closes_every_employment(records: list[Record]) -> None:
    left = [f.row("2026-10", workplace=w, exit_date="2026-10-31") for w in (f.SEQUENCE, f.SECOND_SEQUENCE)]
    assert not is_open([*records, *left])


@settings(max_examples=200, deadline=None)
@given(statements)
def test_cancelling_every_row_closes_every_employment(records: list[Record]) -> None:
    cancelled = [replace(record, document_type="İptal") for record in records]
    assert not is_open([*records, *cancelled])


@settings(max_examples=100, deadline=None)
@given(statements, st.integers(0, 7), st.sampled_from(["doubts", "days", "type", "period"]))
def test_a_doubtful_row_of_the_provider_helps_nobody(records: list[Record], place: int, what: str) -> None:
    spoilt = {
        "doubts": f.row("2026-09", doubts=("a date on a line of its own",)),
        "days": f.row("2026-09", days=None),
        "type": f.row("2026-09", document_type="Fark"),
        "period": f.row("2026-9"),
    }
    records.insert(min(place, len(records)), spoilt[what])
    assert not is_open(records)


def test_no_rows_show_nothing() -> None:
    assert answer([]).bond is Bond.NOT_SHOWN


def test_the_row_that_decides_is_pointed_at() -> None:
    found = answer(f.ENDED_ROWS)
    assert found.status is not None
    assert (found.status.code, found.status.outcome) == (Code.EMPLOYMENT_ENDED, Outcome.FAILED)
    assert found.status.record.exit_date == "2026-09-10"
