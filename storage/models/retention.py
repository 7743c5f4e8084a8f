"""What retention destroyed, in numbers, and the files that it has yet to remove."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, Hash, Label


class Destruction(Base):
    """A step of retention: so many of a class were destroyed then. Rows are added in the transaction that destroys.

    Tells nothing about anybody: no ids, no hashes. `run_id` is that of the retention run, which makes many steps.
    """

    __tablename__ = "destructions"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(String(36))
    data_class: Mapped[Label]
    amount: Mapped[int]
    destroyed_at: Mapped[datetime] = mapped_column(index=True)


class CondemnedFile(Base):
    """A file of the evidence store that no row needs any more: it is removed after the rows, and then this row."""

    __tablename__ = "condemned_files"

    sha256: Mapped[Hash] = mapped_column(primary_key=True)
