"""Rotation of keys: since when which key is current, indexes worked out ahead, and the key of an account's subject.

The subject of an OpenID Connect provider is known only while its owner logs in, so its index keeps the key that it was
written with until then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_eras",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=100), nullable=False),
        sa.Column("replaced", sa.String(length=100), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_line", sa.BigInteger(), nullable=False),
        sa.Column("last_judgement", sa.Integer(), nullable=False),
        sa.Column("resealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_eras")),
        sa.UniqueConstraint("key_id", name=op.f("uq_key_eras_key_id")),
    )
    op.create_table(
        "index_moves",
        sa.Column("old", sa.LargeBinary(length=32), nullable=False),
        sa.Column("new", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("old", name=op.f("pk_index_moves")),
    )
    op.add_column("accounts", sa.Column("subject_key", sa.String(length=100), nullable=True))
    op.execute(
        "UPDATE accounts SET subject_key = (SELECT key_id FROM key_mark) WHERE subject_index IS NOT NULL"
    )
