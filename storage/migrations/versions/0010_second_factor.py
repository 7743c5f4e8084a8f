"""Second factors of accounts, and passwords that somebody else chose and that are to be changed at the first log-in."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("temporary", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("accounts", sa.Column("second_factor", sa.LargeBinary(), nullable=True))
    op.add_column("accounts", sa.Column("second_step", sa.BigInteger(), nullable=True))
