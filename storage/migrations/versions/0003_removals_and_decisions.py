"""Removals that end employments, petitions, officers' decisions on records, and tombstones."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("versions", sa.Column("petition", sa.String(length=64), nullable=True))
    op.add_column("people", sa.Column("deleted_as_of", sa.DateTime(timezone=True), nullable=True))
    op.add_column("judged_people", sa.Column("employed", sa.Boolean(), nullable=True))
    # Alembic adds a foreign key by a statement of its own, which SQLite does not know.
    op.execute(
        "ALTER TABLE employments ADD COLUMN ended_by INTEGER"
        " CONSTRAINT fk_employments_ended_by REFERENCES applications (id)"
    )
    op.create_table(
        "record_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_key", sa.Integer(), nullable=False),
        sa.Column("version_key", sa.Integer(), nullable=False),
        sa.Column("judgement_key", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.Column("officer", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_key"], ["applications.id"], name=op.f("fk_record_decisions_application_key")
        ),
        sa.ForeignKeyConstraint(
            ["version_key"], ["versions.id"], name=op.f("fk_record_decisions_version_key")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_key"], ["judgements.id"], name=op.f("fk_record_decisions_judgement_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_decisions")),
        sa.UniqueConstraint("version_key", name=op.f("uq_record_decisions_version_key")),
    )
    op.create_index(
        op.f("ix_record_decisions_application_key"), "record_decisions", ["application_key"], unique=False
    )
