"""What flows share: their settings, and their errors, of which Prefect is told the type alone since it keeps texts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flows.logs import set_up_logging_once
from storage.settings import Settings, load_settings


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


def flow_settings(**options: Any) -> Settings:
    """Load the settings of a flow, and let its process log as they say. Raises SettingsInvalid."""
    settings = load_settings(**options)
    set_up_logging_once(settings.log_level)
    return settings
