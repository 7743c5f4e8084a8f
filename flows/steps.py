"""Errors of a flow's steps: Prefect keeps what exceptions say, so it is told their type alone."""

from collections.abc import Iterator
from contextlib import contextmanager


class StepFailed(Exception):
    """A step of a flow ended with `error`."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


@contextmanager
def told_by_type() -> Iterator[None]:
    """Let no exception out but StepFailed."""
    try:
        yield
    except StepFailed:
        raise
    except Exception as error:
        raise StepFailed(error) from None


@contextmanager
def step_errors() -> Iterator[None]:
    """Let out the error that a failed step holds, outside of Prefect."""
    try:
        yield
    except StepFailed as failure:
        raise failure.error from failure.error.__cause__
