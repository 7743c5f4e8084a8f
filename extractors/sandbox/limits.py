"""What one child may cost, and what it may not see."""

from dataclasses import dataclass
from pathlib import Path

_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """Limits of each child process and of each task in it."""

    memory_bytes: int = 2 * _GIB
    """Address space of a child. With all readers loaded about 0.4 GiB are used before the first paper.

    The copy of a program that has more than half of it has half of it for itself.
    """
    seconds: float = 60.0
    """Wall time of one task; the worst sound papers take a few seconds on a busy machine."""
    cpu_seconds: int = 90
    """Processor time of one task, all its threads together: holds where nobody watches the clock."""
    tasks_per_child: int = 500
    """Tasks after which a child is replaced, so that leaks of the native readers do not add up; it takes 20 ms."""
    walls_required: bool = False
    """Whether nothing is read where the machine lacks a wall that the sandbox is to have (SandboxUnfit)."""
    hidden: tuple[Path, ...] = ()
    """Files and folders that no child may read, such as keys; none where Landlock is not to be had. Files that are made
    later right beside them cannot be read, either."""
