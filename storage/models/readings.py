"""What is waiting, and what was read: applications, their versions, uploads, documents, and answers of issuers."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from extractors.facts import Kind, Media
from storage.columns import Base, Digest, Hash, Label, Sealed
from validators.application import Procedure


class ApplicationState(StrEnum):
    """How far the work on an application is: pending → read → judged, or parked as failed."""

    PENDING = "pending"
    READ = "read"
    JUDGED = "judged"
    FAILED = "failed"


class ApplicationRow(Base):
    """One folder of the inbox and the state of the work on it.

    `signature` (names, sizes, times of the files) tells cheaply that nothing changed; `fingerprint` (their
    bytes) is what the work is about. `submitted_at` is the moment of e-signature as the declaration tells it when the
    folder is found, null where it tells none: the order of work goes by it, and nothing else.

    `claims` counts readings that were begun and came to no good end, `attempts` those of them that failed; of the
    others the owner died, or is at work. `owner` works on it until `leased_until`; before `not_before` nobody does.
    `error` is the reason of the last failure.
    """

    __tablename__ = "applications"
    __table_args__ = (Index(None, "inbox", "state", "claims", "submitted_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[str] = mapped_column(Text, unique=True)
    inbox: Mapped[str] = mapped_column(Text)
    signature: Mapped[Hash]
    fingerprint: Mapped[Hash]
    submitted_at: Mapped[datetime | None]
    state: Mapped[ApplicationState]
    attempts: Mapped[int] = mapped_column(default=0)
    claims: Mapped[int] = mapped_column(default=0)
    error: Mapped[Label | None]
    owner: Mapped[Label | None] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Version(Base):
    """What was read of an application while its files had one fingerprint; the current one has the application's.

    `declaration` is the application.json as JSON; where it did not parse it is null and `problems` holds the
    `(place, message)` pairs. `petition` is the SHA-256 under which the evidence store keeps the petition (m.4(3)).

    `evidence_destroyed_at` says since when the uploaded files, `facts_destroyed_at` since when the declaration and all
    that was read and found are gone by retention (`storage.retention`); what is left then says nothing about anybody.
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
    petition: Mapped[Hash | None] = mapped_column(index=True)
    read_at: Mapped[datetime]
    evidence_destroyed_at: Mapped[datetime | None]
    facts_destroyed_at: Mapped[datetime | None]


class UploadRow(Base):
    """One uploaded file of a version; `facts` is the `Upload` without its documents."""

    __tablename__ = "uploads"

    version_key: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Sealed]
    sha256: Mapped[Hash] = mapped_column(index=True)
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
