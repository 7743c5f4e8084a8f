from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.bounds import Bounds, next_moment
from storage.columns import now
from validators.application import ISTANBUL

HOUR = timedelta(hours=1)


def test_without_bounds_everything_may_be_read() -> None:
    bounds = Bounds()
    assert bounds.take(1000) == 1000
    assert not bounds.reached


def test_after_its_hour_nothing_may_be_read() -> None:
    assert Bounds(until=now() + HOUR).take(5) == 5
    over = Bounds(until=now() - HOUR)
    assert over.take(5) == 0
    assert over.reached


def test_a_limit_is_shared_by_all_threads_and_what_was_not_begun_is_given_back() -> None:
    bounds = Bounds(limit=100)
    with ThreadPoolExecutor(4) as pool:
        taken = sum(pool.map(bounds.take, [7] * 40))
    assert taken == 100
    assert bounds.reached
    bounds.give_back(3)
    assert bounds.take(7) == 3


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-11-22T01:30", "2026-11-22T06:30"),
        ("2026-11-22T06:29", "2026-11-22T06:30"),
        ("2026-11-22T06:30", "2026-11-23T06:30"),
        ("2026-11-22T22:00", "2026-11-23T06:30"),
        ("2026-12-31T23:59", "2027-01-01T06:30"),
    ],
)
def test_the_hour_is_the_next_one_on_the_clocks_of_istanbul(after: str, expected: str) -> None:
    begun = datetime.fromisoformat(after).replace(tzinfo=ISTANBUL)
    assert next_moment("06:30", begun) == datetime.fromisoformat(expected).replace(tzinfo=ISTANBUL)


@given(
    st.times().map(lambda clock: f"{clock:%H:%M}"),
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them so
)
def test_the_next_moment_is_within_a_day_and_shows_that_time(clock: str, begun: datetime) -> None:
    moment = next_moment(clock, begun)
    assert moment is not None
    assert begun < moment
    assert f"{moment.astimezone(ISTANBUL):%H:%M}" == clock
    assert moment.astimezone(ISTANBUL).date() - begun.astimezone(ISTANBUL).date() <= timedelta(days=1)


def test_no_hour_is_no_bound() -> None:
    assert next_moment("", now()) is None
