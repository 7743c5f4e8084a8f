"""What was judged, with every finding, and what officers decided on it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Digest, Hash, Label, Sealed
from validators.finding import Code, Decision, Level, Outcome, Proposal, Route


class Ruling(StrEnum):
    """What an officer decided."""

    APPROVED = "approved"
    REFUSED = "refused"


class JudgementRow(Base):
    """One judgement of an application. Rows are only added; the `current` one counts.

    `run_key` is the hash of all that went in: fingerprint, policy, pipeline version, and what the registry
    knew.
    """

    __tablename__ = "judgements"
    __table_args__ = (
        Index(
            "uq_judgements_current",
            "application_key",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_key: Mapped[int] = mapped_column(ForeignKey("applications.id"), index=True)
    version_key: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    run_key: Mapped[Hash] = mapped_column(unique=True)
    decision: Mapped[Decision]
    policy: Mapped[Label]
    policy_version: Mapped[Label]
    pipeline_version: Mapped[Label]
    current: Mapped[bool]
    created_at: Mapped[datetime]


class JudgedPerson(Base):
    """A declared person in a judgement.

    `registered` says whether the registry had a personnel record of the person then, `employed` whether the person
    worked at the provider; null: not asked.
    """

    __tablename__ = "judged_people"

    judgement_key: Mapped[int] = mapped_column(ForeignKey("judgements.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    national_id: Mapped[Sealed]
    person_index: Mapped[Digest] = mapped_column(index=True)
    decision: Mapped[Decision]
    route: Mapped[Route | None]
    proposal: Mapped[Proposal | None]
    wait_until: Mapped[date | None]
    registered: Mapped[bool | None]
    employed: Mapped[bool | None]


class FindingRow(Base):
    """A finding of a judgement.

    `person` is the position of the judged person it belongs to, null for the application's own. One that names a
    `document` (its id) is listed beside the document as well. `box` is `[x0, y0, x1, y1]`.
    """

    __tablename__ = "findings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["judgement_key", "person"], ["judged_people.judgement_key", "judged_people.position"]
        ),
    )

    judgement_key: Mapped[int] = mapped_column(ForeignKey("judgements.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[int | None]
    code: Mapped[Code]
    outcome: Mapped[Outcome]
    level: Mapped[Level]
    legal_basis: Mapped[str] = mapped_column(Text)
    document: Mapped[Label | None]
    page: Mapped[int | None]
    box: Mapped[list[float] | None] = mapped_column(JSON)
    facts: Mapped[Sealed | None]
    proposal: Mapped[Proposal | None]
    wait_until: Mapped[date | None]


class RecordDecision(Base):
    """What an officer decided on an application that kanit leaves to officers; rows are only added.

    One version of an application is decided once, on the judgement that was current then. `officer` says who decided
    and `note` why.
    """

    __tablename__ = "record_decisions"
    __table_args__ = (UniqueConstraint("version_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_key: Mapped[int] = mapped_column(ForeignKey("applications.id"), index=True)
    version_key: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    judgement_key: Mapped[int] = mapped_column(ForeignKey("judgements.id"))
    decision: Mapped[Ruling]
    officer: Mapped[Sealed]
    note: Mapped[Sealed]
    decided_at: Mapped[datetime]
