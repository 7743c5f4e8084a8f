"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=100), nullable=True),
        sa.Column("owner", sa.String(length=100), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("application_id", name=op.f("uq_applications_application_id")),
    )
    op.create_index(
        op.f("ix_applications_inbox_state_claims_id"),
        "applications",
        ["inbox", "state", "claims", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_applications_owner"), "applications", ["owner"], unique=False)
    op.create_table(
        "key_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=100), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_key_mark_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_mark")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("policy", sa.String(length=100), nullable=False),
        sa.Column("pipeline_version", sa.String(length=100), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applications", sa.Integer(), nullable=True),
        sa.Column("verified", sa.Integer(), nullable=True),
        sa.Column("flagged", sa.Integer(), nullable=True),
        sa.Column("unchanged", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tax_number", sa.LargeBinary(), nullable=False),
        sa.Column("tax_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("mersis_number", sa.LargeBinary(), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registered_by"], ["applications.id"], name=op.f("fk_providers_registered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("tax_index", name=op.f("uq_providers_tax_index")),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_key", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("procedure", sa.String(40), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declaration", sa.LargeBinary(), nullable=True),
        sa.Column("problems", sa.LargeBinary(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_key"], ["applications.id"], name=op.f("fk_versions_application_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint(
            "application_key", "fingerprint", name=op.f("uq_versions_application_key_fingerprint")
        ),
    )
    op.create_table(
        "judgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_key", sa.Integer(), nullable=False),
        sa.Column("version_key", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("run_key", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(length=100), nullable=False),
        sa.Column("policy_version", sa.String(length=100), nullable=False),
        sa.Column("pipeline_version", sa.String(length=100), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_key"], ["applications.id"], name=op.f("fk_judgements_application_key")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_judgements_run_id")),
        sa.ForeignKeyConstraint(["version_key"], ["versions.id"], name=op.f("fk_judgements_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        sa.UniqueConstraint("run_key", name=op.f("uq_judgements_run_key")),
    )
    op.create_index(op.f("ix_judgements_application_key"), "judgements", ["application_key"], unique=False)
    op.create_index(
        "uq_judgements_current",
        "judgements",
        ["application_key"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("national_id", sa.LargeBinary(), nullable=False),
        sa.Column("person_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("given_name", sa.LargeBinary(), nullable=False),
        sa.Column("family_name", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_by", sa.Integer(), nullable=True),
        sa.Column("certified_by", sa.Integer(), nullable=True),
        sa.Column("certified_as_of", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["certified_by"], ["versions.id"], name=op.f("fk_people_certified_by")),
        sa.ForeignKeyConstraint(["registered_by"], ["applications.id"], name=op.f("fk_people_registered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("person_index", name=op.f("uq_people_person_index")),
    )
    op.create_index(op.f("ix_people_name_index"), "people", ["name_index"], unique=False)
    op.create_index(op.f("ix_people_registered_by"), "people", ["registered_by"], unique=False)
    op.create_table(
        "provider_workplaces",
        sa.Column("provider_key", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_key"], ["providers.id"], name=op.f("fk_provider_workplaces_provider_key")
        ),
        sa.PrimaryKeyConstraint("provider_key", "number", name=op.f("pk_provider_workplaces")),
    )
    op.create_table(
        "uploads",
        sa.Column("version_key", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["version_key"], ["versions.id"], name=op.f("fk_uploads_version_key")),
        sa.PrimaryKeyConstraint("version_key", "position", name=op.f("pk_uploads")),
    )
    op.create_table(
        "documents",
        sa.Column("version_key", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upload", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("media", sa.String(40), nullable=False),
        sa.Column("barcode_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_key", "upload"],
            ["uploads.version_key", "uploads.position"],
            name=op.f("fk_documents_version_key_upload"),
        ),
        sa.PrimaryKeyConstraint("version_key", "position", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_barcode_index"), "documents", ["barcode_index"], unique=False)
    op.create_index(op.f("ix_documents_sha256"), "documents", ["sha256"], unique=False)
    op.create_table(
        "employments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_key", sa.Integer(), nullable=False),
        sa.Column("provider_key", sa.Integer(), nullable=False),
        sa.Column("application_key", sa.Integer(), nullable=False),
        sa.Column("judgement_key", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("route", sa.String(40), nullable=True),
        sa.Column("basis", sa.String(40), nullable=False),
        sa.Column("evidence", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_key"], ["applications.id"], name=op.f("fk_employments_application_key")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_key"], ["judgements.id"], name=op.f("fk_employments_judgement_key")
        ),
        sa.ForeignKeyConstraint(["person_key"], ["people.id"], name=op.f("fk_employments_person_key")),
        sa.ForeignKeyConstraint(["provider_key"], ["providers.id"], name=op.f("fk_employments_provider_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employments")),
        sa.UniqueConstraint(
            "judgement_key", "person_key", name=op.f("uq_employments_judgement_key_person_key")
        ),
        sa.UniqueConstraint(
            "person_key",
            "provider_key",
            "evidence",
            name=op.f("uq_employments_person_key_provider_key_evidence"),
        ),
    )
    op.create_index(op.f("ix_employments_application_key"), "employments", ["application_key"], unique=False)
    op.create_index(op.f("ix_employments_provider_key"), "employments", ["provider_key"], unique=False)
    op.create_index(
        "uq_employments_running",
        "employments",
        ["person_key", "provider_key"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "judged_people",
        sa.Column("judgement_key", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("national_id", sa.LargeBinary(), nullable=False),
        sa.Column("person_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.Column("route", sa.String(40), nullable=True),
        sa.Column("proposal", sa.String(40), nullable=True),
        sa.Column("wait_until", sa.Date(), nullable=True),
        sa.Column("registered", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["judgement_key"], ["judgements.id"], name=op.f("fk_judged_people_judgement_key")
        ),
        sa.PrimaryKeyConstraint("judgement_key", "position", name=op.f("pk_judged_people")),
    )
    op.create_index(op.f("ix_judged_people_person_index"), "judged_people", ["person_index"], unique=False)
    op.create_table(
        "findings",
        sa.Column("judgement_key", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=100), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("box", sa.JSON(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("proposal", sa.String(40), nullable=True),
        sa.Column("wait_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["judgement_key", "person"],
            ["judged_people.judgement_key", "judged_people.position"],
            name=op.f("fk_findings_judgement_key_person"),
        ),
        sa.ForeignKeyConstraint(["judgement_key"], ["judgements.id"], name=op.f("fk_findings_judgement_key")),
        sa.PrimaryKeyConstraint("judgement_key", "position", name=op.f("pk_findings")),
    )
