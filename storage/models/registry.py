"""The registry itself: providers, people, and who works where."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Digest, Hash, Label, Sealed
from validators.finding import Route


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
    as_of: Mapped[datetime]
    state: Mapped[RegistryState]
    registered_at: Mapped[datetime | None]
    registered_by: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), index=True)
    certified_by: Mapped[int | None] = mapped_column(ForeignKey("versions.id"), index=True)
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
        """State and basis in one word (Kılavuz m.6(3)(ı) against m.7(1)(f))."""
        if self.state is RegistryState.ACTIVE:
            return Standing.AWAITS_APPROVAL if self.basis is Basis.APPROVAL else Standing.EFFECTIVE
        return Standing.UNDER_REVIEW if self.state is RegistryState.UNDER_REVIEW else Standing.ENDED
