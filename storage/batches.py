"""Many rows at once: lists in bounded pieces, since databases limit the values of one statement, and inserts."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, cast

from sqlalchemy import Insert, Table, insert

from storage.columns import Base

T = TypeVar("T")

IN_VALUES = 5_000
"""Values in one `IN (…)`: SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535."""


def batched(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def bulk_insert(table: type[Base]) -> Insert:
    """Return an insert that writes a list of rows by one statement, whichever of their columns are null.

    It speaks of the table, not of its class, with which SQLAlchemy would look at every row and group them by nulls.
    """
    return insert(cast("Table", table.__table__))
