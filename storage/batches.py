"""Lists in bounded pieces: databases limit the values of one statement."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

IN_VALUES = 5_000
"""Values in one `IN (…)`: SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535."""


def batched(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
