"""People without the index of their names, which nothing looked them up by."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_people_name_index"), "people")
    op.drop_column("people", "name_index")
