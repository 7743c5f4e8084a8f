"""What one call costs in the sandbox, measured by the child itself."""

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_KIB_A_MIB = 1024


@dataclass(frozen=True, slots=True)
class Measured(Generic[T]):
    """A result with wall and CPU seconds, and the child's highest resident memory so far in MiB."""

    result: T
    seconds: float
    cpu_seconds: float
    peak_mib: float
    process: int


def measured(function: Callable[[], T]) -> Measured[T]:
    """Call a function and measure it; in a sandbox of one task a child, the peak is that of this call.

    The readers that the child shares with its siblings count too, about 100 MiB.
    """
    wall, cpu = time.perf_counter(), _cpu_seconds()
    result = function()
    seconds, cpu_seconds = time.perf_counter() - wall, _cpu_seconds() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_A_MIB
    return Measured(result, seconds, cpu_seconds, peak, os.getpid())


def _cpu_seconds() -> float:
    """Return the processor time of this process and of those that it has started and that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
