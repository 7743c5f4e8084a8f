"""How a database came from one key to the next: since when which key is current, and a change that is being made."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Digest, Label


class KeyEra(Base):
    """The time of a key that replaced another one; the first key of a database has no row.

    `first_line` is the first audit line that was written under the key: lines keep the key of their time.
    `last_judgement` is the id of the last judgement from before. What the key before had sealed is all under this one
    since `resealed_at`; null while that is being done.
    """

    __tablename__ = "key_eras"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[Label] = mapped_column(unique=True)
    replaced: Mapped[Label]
    since: Mapped[datetime]
    first_line: Mapped[int] = mapped_column(BigInteger)
    last_judgement: Mapped[int]
    resealed_at: Mapped[datetime | None]


class IndexMove(Base):
    """What an index will be under the next key, worked out ahead; empty but for the time of a rotation."""

    __tablename__ = "index_moves"

    old: Mapped[Digest] = mapped_column(primary_key=True)
    new: Mapped[Digest]
    key_id: Mapped[Label]
