"""The tables: what is waiting, what was read, what was judged, and the registry itself.

Everything that tells about a person is sealed (`Sealed`, see `storage.keys`): T.C. numbers, names, titles
(a sole trader's holds a name), file names, and the facts read from papers. `Index` columns find a sealed
value again. Codes, dates, decisions and states are plain, so that the work can be followed with any SQL
tool.

Column names that end in `_key` are foreign keys; `application_id` is always the applicant's id of the
contract.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypeAlias

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from extractors.facts import Kind, Media
from storage.columns import Base
from validators.application import Procedure
from validators.finding import Code, Decision, Level, Outcome, Proposal, Route

Sealed: TypeAlias = Annotated[bytes, mapped_column(LargeBinary)]
"""Sealed under the name of its table and column, for instance `people.given_name`."""
Digest: TypeAlias = Annotated[bytes, mapped_column(LargeBinary(32))]
"""Keyed index of a sealed value (`Keyring.index`)."""
Hash: TypeAlias = Annotated[str, mapped_column(String(64))]
"""SHA-256 in hexadecimal."""
Label: TypeAlias = Annotated[str, mapped_column(String(100))]


class ApplicationState(StrEnum):
    """How far the work on an application is: pending → read → judged, or parked as failed."""

    PENDING = "pending"
    READ = "read"
    JUDGED = "judged"
    FAILED = "failed"


class RegistryState(StrEnum):
    """Standing of a record: `under_review` when the application it came from is no longer verified."""

    ACTIVE = "active"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"
    """An employment that was ended (Kılavuz m.7(1)(g)-(ı), or with the person's record)."""
    DELETED = "deleted"
    """A personnel record that was deleted on petition (m.4(3)): a tombstone. It counts as no record and is not found
    by the queries of m.8; the row and its history stay."""


RUNNING = (RegistryState.ACTIVE, RegistryState.UNDER_REVIEW)
"""States of an employment that nobody has ended."""


class Basis(StrEnum):
    """Who looks at an employment before it takes effect."""

    APPROVAL = "approval"
    """Kılavuz m.6(3)(ı): submitted to the agency's approval."""
    POST_HOC = "post_hoc"
    """Kılavuz m.7(1)(f): effective at once; the agency looks afterwards."""


class Standing(StrEnum):
    """State and basis of an employment in one word: whether it has effect, and who looks at it when."""

    AWAITS_APPROVAL = "awaits_approval"
    """Verified, and submitted to the agency's approval (Kılavuz m.6(3)(ı)), which kanit does not learn of."""
    EFFECTIVE = "effective"
    """Effective since the addition (m.7(1)(f)); the agency audits it afterwards."""
    UNDER_REVIEW = "under_review"
    """What it rests on is no longer verified: an officer decides."""
    ENDED = "ended"
    """Removed by the provider (m.7(1)(ı)), or ended with the person's record (m.4(3))."""


class Ruling(StrEnum):
    """What an officer decided."""

    APPROVED = "approved"
    REFUSED = "refused"


class KeyMark(Base):
    """The one row that says which key this database is sealed under."""

    __tablename__ = "key_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_id: Mapped[Label]


class Run(Base):
    """One batch: when, under which policy and version, and what came of it (null while it runs).

    `sources` counts what the papers were read by (`storage.runs.Sources`); null in rows of older versions, too.
    """

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    inbox: Mapped[str] = mapped_column(Text)
    policy: Mapped[Label]
    pipeline_version: Mapped[Label]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    applications: Mapped[int | None]
    verified: Mapped[int | None]
    flagged: Mapped[int | None]
    unchanged: Mapped[int | None]
    failed: Mapped[int | None]
    sources: Mapped[dict[str, dict[str, int]] | None] = mapped_column(JSON)


class ApplicationRow(Base):
    """One folder of the inbox and the state of the work on it.

    `signature` (names, sizes, times of the files) tells cheaply that nothing changed; `fingerprint` (their
    bytes) is what the work is about. `attempts` counts readings that failed, `claims` readings that were
    begun and not finished. `owner` works on it until `leased_until`.
    """

    __tablename__ = "applications"
    __table_args__ = (Index(None, "inbox", "state", "claims", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[str] = mapped_column(Text, unique=True)
    inbox: Mapped[str] = mapped_column(Text)
    signature: Mapped[Hash]
    fingerprint: Mapped[Hash]
    state: Mapped[ApplicationState]
    attempts: Mapped[int] = mapped_column(default=0)
    claims: Mapped[int] = mapped_column(default=0)
    error: Mapped[Label | None]
    owner: Mapped[Label | None] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Version(Base):
    """What was read of an application while its files had one fingerprint; the current one has the application's.

    `declaration` is the application.json as JSON; where it did not parse it is null and `problems` holds the
    `(place, message)` pairs. `petition` is the SHA-256 under which the evidence store keeps the petition (m.4(3)).
    """

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("application_key", "fingerprint"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_key: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    fingerprint: Mapped[Hash]
    procedure: Mapped[Procedure | None]
    submitted_at: Mapped[datetime | None]
    declaration: Mapped[Sealed | None]
    problems: Mapped[Sealed | None]
    petition: Mapped[Hash | None]
    read_at: Mapped[datetime]


class UploadRow(Base):
    """One uploaded file of a version; `facts` is the `Upload` without its documents."""

    __tablename__ = "uploads"

    version_key: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Sealed]
    sha256: Mapped[Hash]
    size: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[Sealed]


class DocumentRow(Base):
    """One document of an upload; `facts` is the whole `Document`.

    `barcode_index` is of the barcode number; case, dashes and spaces do not count. The number itself is sealed:
    together with the T.C. number it opens the paper at its issuer.
    """

    __tablename__ = "documents"
    __table_args__ = (
        ForeignKeyConstraint(["version_key", "upload"], ["uploads.version_key", "uploads.position"]),
    )

    version_key: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    upload: Mapped[int]
    name: Mapped[Sealed]
    sha256: Mapped[Hash] = mapped_column(index=True)
    kind: Mapped[Kind]
    media: Mapped[Media]
    barcode_index: Mapped[Digest | None] = mapped_column(index=True)
    facts: Mapped[Sealed]


class IssuerAnswerRow(Base):
    """What the issuer answered about a document (its key) with this barcode number.

    `answer` is null while the issuer could not be reached; after `expires_at` it is asked anew.
    """

    __tablename__ = "issuer_answers"

    document: Mapped[Label] = mapped_column(primary_key=True)
    barcode_index: Mapped[Digest] = mapped_column(primary_key=True)
    answer: Mapped[Sealed | None]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]


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


class Provider(Base):
    """A technical-service provider (teknik servis sağlayıcısı).

    `registered_at` is null for one that is known from a later addition only. Title and MERSİS number are
    those of the newest verified application, which was submitted at `as_of`.
    """

    __tablename__ = "providers"

    id: Mapped[int] = mapped_column(primary_key=True)
    tax_number: Mapped[Sealed]
    tax_index: Mapped[Digest] = mapped_column(unique=True)
    title: Mapped[Sealed]
    mersis_number: Mapped[Sealed | None]
    as_of: Mapped[datetime]
    registered_at: Mapped[datetime | None]
    registered_by: Mapped[int | None] = mapped_column(ForeignKey("applications.id"))


class ProviderWorkplace(Base):
    """An SGK workplace number of a provider, digits only."""

    __tablename__ = "provider_workplaces"

    provider_key: Mapped[int] = mapped_column(ForeignKey("providers.id"), primary_key=True)
    number: Mapped[Label] = mapped_column(primary_key=True)


class Person(Base):
    """A person (personel). `registered_at` is the day of the personnel record (Kılavuz m.4), null without one.

    Names are those of the newest verified application, submitted at `as_of`. `certified_by` is the version
    whose uploads are the certificates in force (m.5(2)(ç): a new set replaces the old one).

    A record in state `deleted` is a tombstone (m.4(3)). `deleted_as_of` is the moment of the petition's e-signature:
    what the person signed before it has no effect any more; a registration signed after it makes the record active
    again, with a new day, and leaves `deleted_as_of` as the mark of the tombstone. Why and by whom it was deleted
    stands in `record_decisions`.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    national_id: Mapped[Sealed]
    person_index: Mapped[Digest] = mapped_column(unique=True)
    given_name: Mapped[Sealed]
    family_name: Mapped[Sealed]
    name_index: Mapped[Digest] = mapped_column(index=True)
    as_of: Mapped[datetime]
    state: Mapped[RegistryState]
    registered_at: Mapped[datetime | None]
    registered_by: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), index=True)
    certified_by: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    certified_as_of: Mapped[datetime | None]
    deleted_as_of: Mapped[datetime | None]


class Employment(Base):
    """Who works where, since when, on what evidence, by which judgement.

    One judgement writes it once, one paper is evidence of it once (a closed employment does not come back
    by the same paper), and at most one runs for a person at a provider. `evidence` is the paper's SHA-256.

    One that was closed ended at `ended_at`, the moment of the e-signature of the application `ended_by`: a removal,
    whose declaration holds the reason (m.7(1)(h)), or a petition for deletion of the person's record (m.4(3)).
    """

    __tablename__ = "employments"
    __table_args__ = (
        UniqueConstraint("judgement_key", "person_key"),
        UniqueConstraint("person_key", "provider_key", "evidence"),
        Index(
            "uq_employments_running",
            "person_key",
            "provider_key",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[int] = mapped_column(ForeignKey("people.id"))
    provider_key: Mapped[int] = mapped_column(ForeignKey("providers.id"), index=True)
    application_key: Mapped[int] = mapped_column(ForeignKey("applications.id"), index=True)
    judgement_key: Mapped[int] = mapped_column(ForeignKey("judgements.id"))
    since: Mapped[date | None]
    route: Mapped[Route | None]
    basis: Mapped[Basis]
    evidence: Mapped[Hash | None]
    state: Mapped[RegistryState]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("applications.id"))

    @property
    def standing(self) -> Standing:
        """State and basis in one word."""
        return standing_of(self.state, self.basis)


def standing_of(state: RegistryState, basis: Basis) -> Standing:
    """Tell what an employment of this state and basis amounts to (Kılavuz m.6(3)(ı) against m.7(1)(f))."""
    if state is RegistryState.ACTIVE:
        return Standing.AWAITS_APPROVAL if basis is Basis.APPROVAL else Standing.EFFECTIVE
    return Standing.UNDER_REVIEW if state is RegistryState.UNDER_REVIEW else Standing.ENDED


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
