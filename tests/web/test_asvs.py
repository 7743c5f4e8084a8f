"""The page on web security speaks of every requirement once, and of files that are there."""

import re
from collections import Counter

import pytest

from tests.web.components import ROOT

TEXT = (ROOT / "docs" / "asvs.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]
STATES = {"holds", "office", "partly", "does not apply"}


def test_every_requirement_of_both_levels_has_one_line() -> None:
    """The standard's counts: 70 of level 1, 183 of level 2."""
    assert Counter(row[1] for row in ROWS) == {"1": 70, "2": 183}
    assert [number for number, count in Counter(row[0] for row in ROWS).items() if count > 1] == []
    places = [tuple(map(int, row[0].split("."))) for row in ROWS]
    assert places == sorted(places)
    assert {chapter for chapter, _, _ in places} == set(range(1, 18))


def test_counts_in_the_text_are_those_of_the_table() -> None:
    found = Counter(row[3] for row in ROWS)
    assert found.keys() == STATES
    told = f"Of {len(ROWS)} requirements {found['holds']} hold, {found['office']} are the office's as well, "
    assert f"{told}{found['partly']} hold partly, {found['does not apply']} do not apply." in TEXT


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:review|storage|flows|extractors|tests)/[^` ]+)`", TEXT)))
)
def test_what_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_whatever_does_not_hold_says_why() -> None:
    assert [row[0] for row in ROWS if row[3] != "holds" and len(row[4]) < 5] == []
