"""What retention destroyed: marks on versions, the destruction log, and the files that are yet to be removed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("versions", sa.Column("evidence_destroyed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("versions", sa.Column("facts_destroyed_at", sa.DateTime(timezone=True), nullable=True))
    for table, column in (("versions", "petition"), ("uploads", "sha256"), ("people", "certified_by")):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    op.create_table(
        "destructions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("data_class", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destructions")),
    )
    op.create_index(op.f("ix_destructions_destroyed_at"), "destructions", ["destroyed_at"], unique=False)
    op.create_table(
        "condemned_files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_condemned_files")),
    )
