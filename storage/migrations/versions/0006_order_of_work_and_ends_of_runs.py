"""The order of work by the moment of e-signature, pauses after failures, and how runs ended.

Applications that wait get their moment when they are read or found anew; until then they stand behind those that have
one. Which applications were read before, `versions` tells.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("applications", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("applications", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE applications SET submitted_at = (SELECT versions.submitted_at FROM versions"
        " WHERE versions.application_key = applications.id AND versions.fingerprint = applications.fingerprint)"
    )
    op.drop_index(op.f("ix_applications_inbox_state_claims_id"), "applications")
    op.create_index(
        op.f("ix_applications_inbox_state_claims_submitted_at_id"),
        "applications",
        ["inbox", "state", "claims", "submitted_at", "id"],
        unique=False,
    )
    op.add_column("runs", sa.Column("ended", sa.String(40), nullable=True))
    op.add_column("runs", sa.Column("flow_run_id", sa.String(36), nullable=True))
    op.add_column("runs", sa.Column("owner", sa.String(100), nullable=True))
    op.add_column("runs", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("waiting", sa.Integer(), nullable=True))
    op.add_column("runs", sa.Column("reasons", sa.JSON(), nullable=True))
    op.execute("UPDATE runs SET ended = 'finished' WHERE finished_at IS NOT NULL")
