"""Column types that all tables share."""

import enum
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from sqlalchemy import DateTime, Dialect, Enum, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

Sealed: TypeAlias = Annotated[bytes, mapped_column(LargeBinary)]
"""Sealed under the name of its table and column, for instance `people.given_name`."""
Digest: TypeAlias = Annotated[bytes, mapped_column(LargeBinary(32))]
"""Keyed index of a sealed value (`Keyring.index`)."""
Hash: TypeAlias = Annotated[str, mapped_column(String(64))]
"""SHA-256 in hexadecimal."""
Label: TypeAlias = Annotated[str, mapped_column(String(100))]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no time zone, so it is put back on reading; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn an aware moment into UTC; raise ValueError for a naive one."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """Return the moment with its time zone, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _values(members: type[enum.Enum]) -> list[str]:
    return [member.value for member in members]


class Base(DeclarativeBase):
    """Base of every table; names of constraints are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: dict[Any, Any] = {  # noqa: RUF012 - declared so by SQLAlchemy
        datetime: UtcDateTime,
        bytes: LargeBinary,
        # Plain text in the database: a new code needs no migration, and old rows stay readable by hand.
        enum.Enum: Enum(enum.Enum, native_enum=False, length=40, values_callable=_values),
    }


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
