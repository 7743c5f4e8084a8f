"""No clause of md. 4 to 8 is left out."""

from importlib import import_module

import pytest

from tests.clauses.law import PROVED, clauses

for _article in range(4, 9):
    import_module(f"tests.clauses.test_madde_{_article}")


@pytest.mark.parametrize("clause", list(clauses()))
def test_a_clause_is_proved_by_a_test(clause: str) -> None:
    assert PROVED.get(clause)


def test_nothing_is_proved_that_the_guide_does_not_say() -> None:
    assert set(PROVED) <= set(clauses())
