"""The sandbox that documents are read in, as the settings will have it."""

from collections.abc import Iterator
from contextlib import contextmanager

from extractors.sandbox import Sandbox, SandboxLimits
from storage.settings import Settings


def check_walls(settings: Settings) -> None:
    """Raise SandboxUnfit where the settings require walls that this machine has not."""
    if settings.sandbox_required:
        with open_sandbox(settings, 1, "fork"):
            pass


@contextmanager
def open_sandbox(settings: Settings, workers: int, start_method: str = "forkserver") -> Iterator[Sandbox]:
    """Yield a sandbox for reading documents; leaving it ends its children.

    Raises SandboxUnfit where the settings require walls that this machine has not.
    """
    limits = SandboxLimits(seconds=settings.document_timeout, walls_required=settings.sandbox_required)
    with Sandbox(workers, limits, start_method) as sandbox:
        sandbox.require_walls()
        yield sandbox
