"""The reviewer's desk: who may work at it, what is open, who works on what, what was ruled, and the audit trail.

Accounts, their log-in names and roles are plain; names of people, notes, letters and reasons are sealed. Rulings and
audit lines are only added: triggers of the migration refuse to change or delete them (`storage.desk.rulings`,
`storage.desk.audit`). What rulings say about somebody stands in tables of its own, so that retention can destroy it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Digest, Hash, Label, Sealed
from validators.application import Procedure
from validators.finding import Code, Proposal


class Role(StrEnum):
    """What an account may do. Nobody has two."""

    REVIEWER = "reviewer"
    """An officer who decides cases."""
    SUPERVISOR = "supervisor"
    """An officer who also seconds overrides of a block."""
    OPERATOR = "operator"
    """Keeps accounts and the machine; decides nothing."""
    AUDITOR = "auditor"
    """Reads the audit trail and the figures; decides nothing."""
    PROVIDER_QUERY = "provider_query"
    """A health-service provider: the queries of Kılavuz m.8 and nothing else."""


class CaseState(StrEnum):
    """How far a flagged application is."""

    OPEN = "open"
    WAITING = "waiting"
    """An officer put it off until its due date."""
    PROPOSED = "proposed"
    """Approved against a block, or corrected past one; takes effect when a second officer agrees."""
    APPROVED = "approved"
    RETURNED = "returned"
    """Sent back to the applicant; a changed folder opens it again."""
    REJECTED = "rejected"


class RulingKind(StrEnum):
    """What an officer ruled."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    WAIT = "wait"
    CORRECT = "correct"
    """A field of a paper was misread."""
    MARK_KIND = "mark_kind"
    """A paper is of another kind."""
    REOPEN = "reopen"
    """The case is open again: undoes what was decided, which stays on record."""


class RulingState(StrEnum):
    """Whether a ruling has effect."""

    EFFECTIVE = "effective"
    PROPOSED = "proposed"
    """Waits for a second officer."""
    DECLINED = "declined"
    """The second officer did not agree."""


class AccountRow(Base):
    """Somebody who may log in. `subject_index` is of issuer and subject at an OpenID Connect provider.

    It is under the key `subject_key`: the subject is known only while its owner logs in.
    `temporary`: somebody else chose the password. `second_factor` is the secret of one-time passwords, `second_step`
    the last step of 30 seconds of which a code was used.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Label] = mapped_column(unique=True)
    display: Mapped[Sealed]
    role: Mapped[Role]
    password: Mapped[str | None] = mapped_column(Text)
    subject_index: Mapped[Digest | None] = mapped_column(unique=True)
    subject_key: Mapped[Label | None]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    temporary: Mapped[bool] = mapped_column(default=False, server_default=false())
    second_factor: Mapped[Sealed | None]
    second_step: Mapped[int | None] = mapped_column(BigInteger)


class SessionRow(Base):
    """A log-in. The token itself is with the browser alone; here is its SHA-256."""

    __tablename__ = "desk_sessions"

    token: Mapped[Hash] = mapped_column(primary_key=True)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class AuditLine(Base):
    """Who did what, when, from where and why; lines are numbered without a gap and only added.

    `object` names what it was done to, as `application:TS-1` or `account:3`; `person_index` is that of the person
    concerned. `details` holds codes, keys and counts. `hash` is of all that and of `previous`, the hash of the line
    before.
    """

    __tablename__ = "audit_lines"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    account_key: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    address: Mapped[Label]
    action: Mapped[Label]
    object: Mapped[str] = mapped_column(Text, index=True)
    person_index: Mapped[Digest | None] = mapped_column(index=True)
    reason: Mapped[Sealed | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[Hash]
    hash: Mapped[Hash]


class AuditMark(Base):
    """An end of the audit trail, sealed with a key that the database does not hold.

    `head` is the last line that was written; `tail` the last one that retention destroyed.
    """

    __tablename__ = "audit_marks"
    __table_args__ = (CheckConstraint("name IN ('head', 'tail')", name="known"),)

    name: Mapped[str] = mapped_column(String(4), primary_key=True)
    line: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[Hash]
    seal: Mapped[Digest]


class DeskCase(Base):
    """An application that is, or was, for an officer: what the queue shows and sorts by, in one row.

    Written in the transaction of the judgement. `rank` is 0 with a finding of level block, 1 with one of level review,
    2 with neither. `pending` says whether somebody must still do something.
    """

    __tablename__ = "desk_cases"
    __table_args__ = (
        Index("ix_desk_cases_due", "pending", "due_on", "rank", "application_key", "state"),
        Index("ix_desk_cases_rank", "pending", "rank", "due_on", "application_key"),
        Index("ix_desk_cases_age", "pending", "opened_at", "application_key"),
        Index("ix_desk_cases_provider", "provider_index", "application_key"),
    )

    application_key: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    judgement_key: Mapped[int] = mapped_column(ForeignKey("judgements.id"), index=True)
    version_key: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    state: Mapped[CaseState]
    pending: Mapped[bool]
    rank: Mapped[int]
    due_on: Mapped[date]
    procedure: Mapped[Procedure | None]
    provider_index: Mapped[Digest | None]
    provider_title: Mapped[Sealed | None]
    people: Mapped[int]
    proposal: Mapped[Proposal]
    run_id: Mapped[str | None] = mapped_column(String(36))
    submitted_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]


class CaseReason(Base):
    """A code that flags a case."""

    __tablename__ = "desk_case_reasons"
    __table_args__ = (Index(None, "code", "application_key"),)

    application_key: Mapped[int] = mapped_column(ForeignKey("desk_cases.application_key"), primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)


class ClaimRow(Base):
    """Who works on a case, and until when nobody else does."""

    __tablename__ = "desk_claims"

    application_key: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    claimed_at: Mapped[datetime]
    leased_until: Mapped[datetime]


class RulingRow(Base):
    """What an officer ruled on a judgement; rows are only added, and a second officer's word is added once.

    `codes` are those that flagged the application then; `lifted` those of level block that a correction takes away. An
    `override` (an approval against a block, or past one that a correction lifted) has effect only with a second
    officer: the checks and triggers of the database see to it.
    """

    __tablename__ = "desk_rulings"
    __table_args__ = (
        CheckConstraint("second_key IS NULL OR second_key <> officer_key", name="four_eyes"),
        CheckConstraint(
            "state = 'proposed' OR NOT override OR second_key IS NOT NULL", name="override_seconded"
        ),
        CheckConstraint("(second_key IS NULL) = (seconded_at IS NULL)", name="second_dated"),
        CheckConstraint("(state = 'effective') = (effective_at IS NOT NULL)", name="effect_dated"),
        CheckConstraint("state IN ('effective', 'proposed', 'declined')", name="known_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_key: Mapped[int] = mapped_column(ForeignKey("applications.id"), index=True)
    version_key: Mapped[int] = mapped_column(ForeignKey("versions.id"), index=True)
    judgement_key: Mapped[int] = mapped_column(ForeignKey("judgements.id"), index=True)
    kind: Mapped[RulingKind]
    state: Mapped[RulingState]
    override: Mapped[bool]
    codes: Mapped[list[str]] = mapped_column(JSON)
    lifted: Mapped[list[str]] = mapped_column(JSON)
    officer_key: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    ruled_at: Mapped[datetime] = mapped_column(index=True)
    second_key: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    seconded_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    record_decision_key: Mapped[int | None] = mapped_column(ForeignKey("record_decisions.id"))


class RulingText(Base):
    """What a ruling says: the request as JSON (reason, letter, coded reasons, values). Retention destroys it."""

    __tablename__ = "desk_ruling_texts"

    ruling_key: Mapped[int] = mapped_column(ForeignKey("desk_rulings.id"), primary_key=True)
    request: Mapped[Sealed]
    second_reason: Mapped[Sealed | None]


class CorrectionRow(Base):
    """A correction that has effect on the papers of a version; `change` holds place, old value and value as JSON."""

    __tablename__ = "desk_corrections"

    ruling_key: Mapped[int] = mapped_column(ForeignKey("desk_rulings.id"), primary_key=True)
    version_key: Mapped[int] = mapped_column(ForeignKey("versions.id"), index=True)
    change: Mapped[Sealed]


class SavedView(Base):
    """A filter of the queue that somebody keeps under a name."""

    __tablename__ = "desk_views"
    __table_args__ = (UniqueConstraint("account_key", "name_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name_index: Mapped[Digest]
    name: Mapped[Sealed]
    filter: Mapped[Sealed]
