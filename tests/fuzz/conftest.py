"""The end of a fuzzing run, and what its examples need."""

import os
import time
from pathlib import Path

import pytest

from tests.fuzz.profile import END


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Hypothesis print examples of any length: a page of words is long."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning"))


def pytest_runtest_setup() -> None:
    """Leave out what is not begun when the time is over."""
    if time.time() > float(os.environ.get(END, "inf")):
        pytest.skip("the time is over")
