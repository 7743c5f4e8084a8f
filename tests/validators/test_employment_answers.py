"""What is answered about each state of an employment: the row that decides, the reason, the facts told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from extractors.facts import Record, Value
from tests.validators import factory as f
from validators.employer import KnownProvider
from validators.employment import Bond, Employment, Status, judge_employment
from validators.finding import Code, Outcome

REFERENCE = date(2026, 11, 20)
ISSUED = date(2026, 11, 10)
LISTED = f.listing((f.SEQUENCE, f.TITLE), (f.SECOND_SEQUENCE, f.TITLE), (f.OTHER_SEQUENCE, f.OTHER_TITLE))
BEGAN = f.row("2026-07", entry_date="2026-07-06", days=25)
AUGUST, SEPTEMBER, OCTOBER = f.row("2026-08"), f.row("2026-09"), f.row("2026-10")


def employment(
    *rows: Record,
    reference: date = REFERENCE,
    issued: date | None = ISSUED,
    titles: Sequence[tuple[str, str]] | None = None,
) -> Employment:
    provider = f.application(provider={"workplace_numbers": [f.WORKPLACE, f.SECOND_WORKPLACE]}).provider
    assert provider is not None
    known = KnownProvider.of(provider, f.POLICY.parameters)
    listed = LISTED if titles is None else f.listing(*titles)
    return judge_employment(rows, listed, known, reference, issued)


def status(*rows: Record, reference: date = REFERENCE, issued: date | None = ISSUED) -> Status:
    found = employment(*rows, reference=reference, issued=issued)
    assert found.bond is Bond.SHOWN
    assert found.status is not None
    return found.status


def reason(*rows: Record, reference: date = REFERENCE, issued: date | None = ISSUED) -> tuple[Outcome, str]:
    found = status(*rows, reference=reference, issued=issued)
    return found.outcome, found.reason


def unclear(row: Record, why: str, **facts: Value) -> Status:
    return Status(Code.EMPLOYMENT_ENDED, Outcome.INDETERMINATE, row, why, facts)


def ended(row: Record, exit_date: str) -> Status:
    facts = {"exit_date": exit_date, "workplace": row.workplace}
    return Status(Code.EMPLOYMENT_ENDED, Outcome.FAILED, row, "", facts)


RUNS = (Outcome.PASSED, "")
STALE = (Outcome.INDETERMINATE, "stale")
FUTURE = (Outcome.INDETERMINATE, "row_in_the_future")


# What is told


def test_a_running_employment_is_shown_by_its_newest_row() -> None:
    found = employment(BEGAN, SEPTEMBER, AUGUST)
    assert found.record == SEPTEMBER
    assert found.facts == {"workplace": f.SEQUENCE, "period": "2026-09", "title": f.TITLE}
    facts = {"last_period": "2026-09", "entry_date": "2026-07-06"}
    assert found.status == Status(Code.EMPLOYMENT_ENDED, Outcome.PASSED, SEPTEMBER, "", facts)


def test_the_latest_of_several_entries_is_told() -> None:
    again = f.row("2026-09", entry_date="2026-09-03")
    assert status(again, BEGAN).facts["entry_date"] == "2026-09-03"


def test_without_an_entry_no_date_is_told() -> None:
    assert status(SEPTEMBER).facts["entry_date"] is None


def test_an_exit_is_told_with_its_day_and_workplace() -> None:
    left = f.row("2026-09", days=10, exit_date="2026-09-10")
    assert status(BEGAN, AUGUST, left) == ended(left, "2026-09-10")


def test_of_several_exits_the_latest_decides() -> None:
    first = f.row("2026-07", days=25, entry_date="2026-07-06", exit_date="2026-07-31")
    last = f.row("2026-09", days=10, exit_date="2026-09-10")
    assert status(last, first) == ended(last, "2026-09-10")
    assert status(first, last) == ended(last, "2026-09-10")


def test_a_month_that_was_taken_back_after_the_others_is_told() -> None:
    taken = f.row("2026-09", document_type="İptal")
    told = Status(
        Code.EMPLOYMENT_CANCELLED, Outcome.INDETERMINATE, AUGUST, "newest_month", {"period": "2026-09"}
    )
    assert status(BEGAN, AUGUST, SEPTEMBER, taken) == told


def test_a_month_that_was_taken_back_between_others_changes_nothing() -> None:
    assert reason(BEGAN, AUGUST, f.row("2026-08", document_type="İptal"), SEPTEMBER) == RUNS


def test_an_employment_taken_back_whole_is_told_by_its_last_row() -> None:
    taken = f.row("2026-08", document_type="İptal")
    found = status(AUGUST, taken, f.row("2026-07"), f.row("2026-07", document_type="İptal"))
    assert found == Status(Code.EMPLOYMENT_CANCELLED, Outcome.FAILED, AUGUST, "", {"period": "2026-08"})


def test_a_row_that_was_not_read_is_pointed_at() -> None:
    spoilt = f.row("2026-08", days=None)
    assert status(BEGAN, spoilt, SEPTEMBER) == unclear(spoilt, "row_unread")


def test_an_exit_that_may_be_taken_back_is_told() -> None:
    left = f.row("2026-09", days=20, exit_date="2026-09-20")
    part = f.row("2026-09", days=5, document_type="İptal")
    rows = (f.row("2026-09", days=10, document_type="Ek"), left, part)
    assert status(*rows) == unclear(left, "exit_partly_cancelled", exit_date="2026-09-20")


def test_rows_without_a_single_day_point_at_the_newest() -> None:
    facts = {"last_period": "2026-09", "entry_date": None}
    newest = f.row("2026-09", days=0)
    assert status(f.row("2026-08", days=0), newest) == unclear(newest, "no_days", **facts)


def test_a_statement_that_ends_too_early_says_which_month_was_due() -> None:
    facts = {"due_period": "2026-09", "last_period": "2026-08", "entry_date": None}
    assert status(AUGUST) == unclear(AUGUST, "stale", **facts)


def test_an_unread_employer_is_told_with_its_row() -> None:
    spoilt = f.row("2026-09", workplace="1o43377")
    found = employment(f.elsewhere("2026-08"), spoilt)
    assert (found.bond, found.reason, found.record) == (Bond.UNREAD, "workplace_unread", spoilt)
    assert found.facts == {"workplace": "1o43377", "period": "2026-09"}


def test_newer_rows_that_may_be_the_providers_are_told_where_the_others_have_ended() -> None:
    left = f.row("2026-08", exit_date="2026-08-31")
    unlisted = f.row("2026-09", workplace=f.SECOND_SEQUENCE)
    found = employment(left, unlisted, titles=[(f.SEQUENCE, f.TITLE)])
    assert (found.bond, found.reason, found.record) == (Bond.UNCERTAIN, "title_not_listed", unlisted)
    assert found.status == ended(left, "2026-08-31")
    assert found.facts == {"workplace": f.SECOND_SEQUENCE, "period": "2026-09", "title": None}


def test_rows_of_the_same_month_or_older_leave_an_exit_what_it_is() -> None:
    left = f.row("2026-09", exit_date="2026-09-30")
    for period in ("2026-08", "2026-09"):
        unlisted = f.row(period, workplace=f.SECOND_SEQUENCE)
        assert employment(left, unlisted, titles=[(f.SEQUENCE, f.TITLE)]).bond is Bond.SHOWN


# Where the borders lie


@pytest.mark.parametrize(
    ("exit_date", "answer"),
    [
        ("2026-11-19", (Outcome.FAILED, "")),
        ("2026-11-20", (Outcome.FAILED, "")),
        ("2026-11-21", (Outcome.INDETERMINATE, "ends_later")),
    ],
)
def test_an_exit_counts_up_to_the_day_of_the_application(exit_date: str, answer: tuple[Outcome, str]) -> None:
    left = f.row("2026-11", days=5, exit_date=exit_date)
    found = status(SEPTEMBER, left)
    assert (found.outcome, found.reason) == answer
    assert (found.record, found.facts) == (left, {"exit_date": exit_date, "workplace": f.SEQUENCE})


@pytest.mark.parametrize(("period", "answer"), [("2026-11", RUNS), ("2026-12", FUTURE), ("2027-01", FUTURE)])
def test_no_month_lies_after_the_statement(period: str, answer: tuple[Outcome, str]) -> None:
    late = f.row(period)
    assert reason(SEPTEMBER, late) == answer
    if answer == FUTURE:
        assert status(SEPTEMBER, late) == unclear(late, "row_in_the_future", period=period)


def test_the_day_of_the_statement_is_the_border_not_that_of_the_application() -> None:
    assert reason(SEPTEMBER, OCTOBER, issued=date(2026, 9, 30)) == FUTURE
    assert reason(SEPTEMBER, OCTOBER, issued=None) == RUNS


@pytest.mark.parametrize(("entry", "answer"), [("2026-11-20", RUNS), ("2026-11-21", FUTURE)])
def test_nobody_enters_after_the_application(entry: str, answer: tuple[Outcome, str]) -> None:
    assert reason(SEPTEMBER, f.row("2026-11", days=1, entry_date=entry)) == answer


@pytest.mark.parametrize(
    ("issued", "answer"),
    [
        (date(2026, 11, 3), RUNS),  # seven days after 27 October: only August is due until then
        (date(2026, 11, 2), RUNS),
        (date(2026, 12, 3), RUNS),
        (date(2026, 12, 4), STALE),  # 27 November and a week: October is due
    ],
)
def test_a_month_is_missed_a_week_after_sgk_must_show_it(issued: date, answer: tuple[Outcome, str]) -> None:
    assert reason(SEPTEMBER, issued=issued, reference=date(2026, 12, 10)) == answer


def test_where_the_day_of_the_statement_is_unread_that_of_the_application_counts() -> None:
    assert reason(SEPTEMBER, issued=None, reference=date(2026, 12, 3)) == RUNS
    assert reason(SEPTEMBER, issued=None, reference=date(2026, 12, 4)) == STALE


@pytest.mark.parametrize(
    ("back", "answer"),
    [
        (f.row("2026-09", entry_date="2026-09-11"), RUNS),
        (f.row("2026-09", entry_date="2026-09-10"), (Outcome.FAILED, "")),
        (f.row("2026-09", entry_date="2026-09-10", workplace=f.SECOND_SEQUENCE), RUNS),
        (f.row("2026-09", entry_date="2026-09-09", workplace=f.SECOND_SEQUENCE), (Outcome.FAILED, "")),
        (f.row("2026-09", workplace=f.SECOND_SEQUENCE), (Outcome.FAILED, "")),
        (f.row("2026-10", workplace=f.SECOND_SEQUENCE), RUNS),
        (f.row("2026-10", workplace=f.SECOND_SEQUENCE, days=0), (Outcome.FAILED, "")),
        (f.row("2026-10"), (Outcome.INDETERMINATE, "days_after_exit")),
        (f.row("2026-10", days=0), (Outcome.FAILED, "")),
    ],
    ids=[
        "entry the day after",
        "entry on the day of the exit, same workplace",
        "moved between workplaces on one day",
        "entry before the exit at another workplace",
        "days of the same month at another workplace",
        "later days at another workplace",
        "later month without days at another workplace",
        "later days at the same workplace without an entry",
        "later month without days at the same workplace",
    ],
)
def test_who_came_back_after_an_exit(back: Record, answer: tuple[Outcome, str]) -> None:
    assert reason(AUGUST, f.row("2026-09", days=10, exit_date="2026-09-10"), back) == answer


def test_an_exit_printed_a_month_late_covers_the_days_up_to_its_own_row() -> None:
    """The exit of the 30th stands in the row of October: the days of that row are no days after it."""
    late = f.row("2026-10", days=0, exit_date="2026-09-30")
    assert reason(SEPTEMBER, late, f.row("2026-10", days=1, document_type="Ek")) == (Outcome.FAILED, "")
    early = f.row("2026-08", days=30, exit_date="2026-09-30")
    assert reason(early, SEPTEMBER) == (Outcome.FAILED, "")
    assert reason(early, OCTOBER) == (Outcome.INDETERMINATE, "days_after_exit")


@pytest.mark.parametrize(
    ("cells", "sound"),
    [
        ({"days": 0}, True),
        ({"days": 31}, True),
        ({"days": 32}, False),
        ({"days": -1}, False),
        ({"days": None}, False),
        ({"entry_date": "2026-09-10", "exit_date": "2026-09-10"}, True),
        ({"entry_date": "2026-09-11", "exit_date": "2026-09-10"}, False),
        ({"entry_date": "10.09.2026"}, False),
        ({"exit_date": "?"}, False),
        ({"document_type": "ASIL "}, True),
        ({"document_type": "iptal"}, True),
        ({"document_type": "Fark"}, False),
        ({"period": "2026-00"}, False),
        ({"period": "2026-13"}, False),
        ({"period": "2026-091"}, False),
        ({"doubts": ("two dates",)}, False),
    ],
)
def test_a_row_helps_only_if_all_that_decides_was_read(cells: dict[str, Any], sound: bool) -> None:
    row = replace(f.row("2026-09"), **cells)
    assert (employment(row, OCTOBER).status == unclear(row, "row_unread")) is not sound


# What a cancellation takes away


@pytest.mark.parametrize(
    ("adding", "taken", "answer"),
    [
        ([30], [30], (Outcome.FAILED, "")),
        ([30], [29], RUNS),
        ([30], [31], (Outcome.FAILED, "")),
        ([20, 10], [15, 15], (Outcome.FAILED, "")),
        ([20, 10], [10], RUNS),
        ([30], [10, 10], RUNS),
    ],
)
def test_a_month_is_taken_back_when_all_its_days_are(
    adding: list[int], taken: list[int], answer: tuple[Outcome, str]
) -> None:
    rows = [f.row("2026-09", days=days) for days in adding]
    rows += [f.row("2026-09", days=days, document_type="İptal") for days in taken]
    assert reason(*rows) == answer


def test_a_cancellation_takes_away_the_row_that_it_repeats() -> None:
    """The wrong exit is taken back, cell by cell, and the right row stands."""
    wrong = {"days": 10, "exit_date": "2026-09-10"}
    rows = (
        f.row("2026-09", **wrong),
        f.row("2026-09", **wrong, document_type="İptal"),
        f.row("2026-09", document_type="Ek"),
    )
    assert reason(BEGAN, AUGUST, *rows) == RUNS


def test_a_cancellation_of_another_row_leaves_an_exit_in_doubt() -> None:
    rows = (
        f.row("2026-09", days=10, exit_date="2026-09-10"),
        f.row("2026-09", days=9, exit_date="2026-09-10", document_type="İptal"),
        f.row("2026-09", document_type="Ek"),
    )
    assert reason(BEGAN, AUGUST, *rows) == (Outcome.INDETERMINATE, "exit_partly_cancelled")


def test_months_and_workplaces_are_taken_back_each_alone() -> None:
    taken = f.row("2026-09", document_type="İptal")
    assert reason(OCTOBER, f.row("2026-10", workplace=f.SECOND_SEQUENCE, document_type="İptal")) == RUNS
    assert reason(SEPTEMBER, taken, OCTOBER) == RUNS
    assert reason(SEPTEMBER, f.row("2026-09", workplace=f"{f.SEQUENCE[:3]}.{f.SEQUENCE[3:]}"), taken) == RUNS


# Whose row it is


@pytest.mark.parametrize(
    ("changes", "bond", "why"),
    [
        ({"branch": "4a"}, Bond.SHOWN, ""),
        ({"branch": ""}, Bond.SHOWN, ""),
        ({"branch": "*4a"}, Bond.UNCERTAIN, "branch"),
        ({"branch": "4b", "workplace": ""}, Bond.NOT_SHOWN, ""),
        ({"branch": "4c", "workplace": " "}, Bond.NOT_SHOWN, ""),
        ({"branch": "4a", "workplace": ""}, Bond.UNREAD, "workplace_unread"),
        ({"branch": "", "workplace": ""}, Bond.UNREAD, "workplace_unread"),
        ({"branch": "4b", "workplace": "x"}, Bond.UNREAD, "workplace_unread"),
        ({"workplace": "1.043.377"}, Bond.SHOWN, ""),
        ({"workplace": " 1043377 "}, Bond.SHOWN, ""),
        ({"workplace": "01043377"}, Bond.SHOWN, ""),
        ({"workplace": "١٠٤٣٣٧٧"}, Bond.UNREAD, "workplace_unread"),
        ({"workplace": "8888888"}, Bond.NOT_SHOWN, ""),
        ({"workplace": "8888888", "doubts": ("x",)}, Bond.UNREAD, "workplace_unread"),
        ({"workplace": f.OTHER_SEQUENCE, "doubts": ("x",)}, Bond.NOT_SHOWN, ""),
    ],
)
def test_whose_row_it_is(changes: dict[str, Any], bond: Bond, why: str) -> None:
    found = employment(f.row("2026-09", **changes))
    assert (found.bond, found.reason) == (bond, why)


def test_another_branch_is_told_beside_title_and_row() -> None:
    found = employment(f.row("2026-09", branch="*4a"))
    told = {"workplace": f.SEQUENCE, "period": "2026-09", "title": f.TITLE, "branch": "*4a"}
    assert found.facts == told


def test_a_contradicting_title_says_nothing_about_an_exit() -> None:
    left = f.row("2026-09", exit_date="2026-09-30")
    found = employment(left, titles=[(f.SEQUENCE, f.OTHER_TITLE)])
    assert (found.bond, found.reason, found.status) == (Bond.UNCERTAIN, "title_contradicts", None)


def test_an_uncertain_employer_is_told_by_its_newest_row() -> None:
    left = f.row("2026-09", exit_date="2026-09-30")
    found = employment(AUGUST, left, titles=[])
    assert (found.bond, found.reason, found.record) == (Bond.UNCERTAIN, "title_not_listed", left)
    assert found.status == ended(left, "2026-09-30")


def test_titles_of_one_number_in_two_provinces_are_told_together() -> None:
    found = employment(SEPTEMBER, titles=[(f.SEQUENCE, f.TITLE), (f"0{f.SEQUENCE}", f.OTHER_TITLE)])
    assert (found.bond, found.reason) == (Bond.UNCERTAIN, "title_contradicts")
    assert found.facts["title"] == f"{f.TITLE} / {f.OTHER_TITLE}"
