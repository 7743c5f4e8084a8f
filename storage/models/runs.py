"""The key that a database is sealed under, and the batches that were run on it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Label


class KeyMark(Base):
    """The one row that says which key seals this database and makes its indexes (`storage.rotation`)."""

    __tablename__ = "key_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_id: Mapped[Label]


class RunEnd(StrEnum):
    """How a batch ended."""

    FINISHED = "finished"
    """Everything that could be read was read, and judged."""
    DEADLINE = "deadline"
    """It ended in good order before everything was read: its hour or its limit had come."""
    FAILED = "failed"
    """By an error."""
    INTERRUPTED = "interrupted"
    """Stopped from outside, or killed; what is left of it says who found that out later."""


class Run(Base):
    """One batch: when, under which policy and version, and what came of it (null while it runs).

    `ended` says how it ended; `finished_at` and the figures are those of one that ended in good order. `owner` is whose
    claims it made, `heard_at` when it was last known to be alive, `flow_run_id` Prefect's id of it where there is one.

    `waiting` counts applications that were left unread for a later batch. `reasons` counts, by code, the applications
    that were flagged; `sources` what the papers were read by (`storage.runs.Sources`). Null in rows of older versions.
    """

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    inbox: Mapped[str] = mapped_column(Text)
    policy: Mapped[Label]
    pipeline_version: Mapped[Label]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    ended: Mapped[RunEnd | None]
    flow_run_id: Mapped[str | None] = mapped_column(String(36))
    owner: Mapped[Label | None]
    heard_at: Mapped[datetime | None]
    applications: Mapped[int | None]
    verified: Mapped[int | None]
    flagged: Mapped[int | None]
    unchanged: Mapped[int | None]
    failed: Mapped[int | None]
    waiting: Mapped[int | None]
    reasons: Mapped[dict[str, int] | None] = mapped_column(JSON)
    sources: Mapped[dict[str, dict[str, int]] | None] = mapped_column(JSON)
