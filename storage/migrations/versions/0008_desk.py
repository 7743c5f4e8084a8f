"""The reviewer's desk: accounts, sessions, the audit trail, the queue, claims, rulings, corrections.

Triggers keep audit lines and rulings as they were written, on both databases, and keep an override from taking effect
without a second officer, whatever program writes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _audit()
    _queue()
    _rulings()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("display", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("subject_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
        sa.UniqueConstraint("subject_index", name=op.f("uq_accounts_subject_index")),
    )
    op.create_table(
        "desk_sessions",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("account_key", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_key"], ["accounts.id"], name=op.f("fk_desk_sessions_account_key")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_desk_sessions")),
    )
    op.create_index(op.f("ix_desk_sessions_account_key"), "desk_sessions", ["account_key"], unique=False)
    op.create_index(op.f("ix_desk_sessions_seen_at"), "desk_sessions", ["seen_at"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit_marks",
        sa.Column("name", sa.String(length=4), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("name IN ('head', 'tail')", name=op.f("ck_audit_marks_known")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_marks")),
    )
    op.create_table(
        "audit_lines",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_key", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("person_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_key"], ["accounts.id"], name=op.f("fk_audit_lines_account_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_lines")),
    )
    op.create_index(op.f("ix_audit_lines_account_key"), "audit_lines", ["account_key"], unique=False)
    op.create_index(op.f("ix_audit_lines_at"), "audit_lines", ["at"], unique=False)
    op.create_index(op.f("ix_audit_lines_object"), "audit_lines", ["object"], unique=False)
    op.create_index(op.f("ix_audit_lines_person_index"), "audit_lines", ["person_index"], unique=False)


def _queue() -> None:
    op.create_table(
        "desk_claims",
        sa.Column("application_key", sa.Integer(), nullable=False),
        sa.Column("account_key", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_key"], ["accounts.id"], name=op.f("fk_desk_claims_account_key")),
        sa.ForeignKeyConstraint(
            ["application_key"], ["applications.id"], name=op.f("fk_desk_claims_application_key")
        ),
        sa.PrimaryKeyConstraint("application_key", name=op.f("pk_desk_claims")),
    )
    op.create_index(op.f("ix_desk_claims_account_key"), "desk_claims", ["account_key"], unique=False)
    op.create_table(
        "desk_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_key", sa.Integer(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("filter", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_key"], ["accounts.id"], name=op.f("fk_desk_views_account_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_views")),
        sa.UniqueConstraint("account_key", "name_index", name=op.f("uq_desk_views_account_key_name_index")),
    )
    op.create_table(
        "desk_cases",
        sa.Column("application_key", sa.Integer(), nullable=False),
        sa.Column("judgement_key", sa.Integer(), nullable=False),
        sa.Column("version_key", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("procedure", sa.String(length=40), nullable=True),
        sa.Column("provider_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("provider_title", sa.LargeBinary(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_key"], ["applications.id"], name=op.f("fk_desk_cases_application_key")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_key"], ["judgements.id"], name=op.f("fk_desk_cases_judgement_key")
        ),
        sa.ForeignKeyConstraint(["version_key"], ["versions.id"], name=op.f("fk_desk_cases_version_key")),
        sa.PrimaryKeyConstraint("application_key", name=op.f("pk_desk_cases")),
    )
    op.create_index(
        "ix_desk_cases_age", "desk_cases", ["pending", "opened_at", "application_key"], unique=False
    )
    op.create_index(
        "ix_desk_cases_due",
        "desk_cases",
        ["pending", "due_on", "rank", "application_key", "state"],
        unique=False,
    )
    op.create_index(op.f("ix_desk_cases_judgement_key"), "desk_cases", ["judgement_key"], unique=False)
    op.create_index(
        "ix_desk_cases_provider", "desk_cases", ["provider_index", "application_key"], unique=False
    )
    op.create_index(
        "ix_desk_cases_rank", "desk_cases", ["pending", "rank", "due_on", "application_key"], unique=False
    )
    op.create_table(
        "desk_case_reasons",
        sa.Column("application_key", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_key"],
            ["desk_cases.application_key"],
            name=op.f("fk_desk_case_reasons_application_key"),
        ),
        sa.PrimaryKeyConstraint("application_key", "code", name=op.f("pk_desk_case_reasons")),
    )
    op.create_index(
        op.f("ix_desk_case_reasons_code_application_key"),
        "desk_case_reasons",
        ["code", "application_key"],
        unique=False,
    )


def _rulings() -> None:
    op.create_table(
        "desk_rulings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_key", sa.Integer(), nullable=False),
        sa.Column("version_key", sa.Integer(), nullable=False),
        sa.Column("judgement_key", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("override", sa.Boolean(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("lifted", sa.JSON(), nullable=False),
        sa.Column("officer_key", sa.Integer(), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_key", sa.Integer(), nullable=True),
        sa.Column("seconded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record_decision_key", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'effective') = (effective_at IS NOT NULL)", name=op.f("ck_desk_rulings_effect_dated")
        ),
        sa.CheckConstraint(
            "state = 'proposed' OR NOT override OR second_key IS NOT NULL",
            name=op.f("ck_desk_rulings_override_seconded"),
        ),
        sa.CheckConstraint(
            "state IN ('effective', 'proposed', 'declined')", name=op.f("ck_desk_rulings_known_state")
        ),
        sa.CheckConstraint(
            "(second_key IS NULL) = (seconded_at IS NULL)", name=op.f("ck_desk_rulings_second_dated")
        ),
        sa.CheckConstraint(
            "second_key IS NULL OR second_key <> officer_key", name=op.f("ck_desk_rulings_four_eyes")
        ),
        sa.ForeignKeyConstraint(
            ["application_key"], ["applications.id"], name=op.f("fk_desk_rulings_application_key")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_key"], ["judgements.id"], name=op.f("fk_desk_rulings_judgement_key")
        ),
        sa.ForeignKeyConstraint(["officer_key"], ["accounts.id"], name=op.f("fk_desk_rulings_officer_key")),
        sa.ForeignKeyConstraint(
            ["record_decision_key"], ["record_decisions.id"], name=op.f("fk_desk_rulings_record_decision_key")
        ),
        sa.ForeignKeyConstraint(["second_key"], ["accounts.id"], name=op.f("fk_desk_rulings_second_key")),
        sa.ForeignKeyConstraint(["version_key"], ["versions.id"], name=op.f("fk_desk_rulings_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_rulings")),
    )
    op.create_index(
        op.f("ix_desk_rulings_application_key"), "desk_rulings", ["application_key"], unique=False
    )
    op.create_index(op.f("ix_desk_rulings_judgement_key"), "desk_rulings", ["judgement_key"], unique=False)
    op.create_index(op.f("ix_desk_rulings_officer_key"), "desk_rulings", ["officer_key"], unique=False)
    op.create_index(op.f("ix_desk_rulings_ruled_at"), "desk_rulings", ["ruled_at"], unique=False)
    op.create_index(op.f("ix_desk_rulings_version_key"), "desk_rulings", ["version_key"], unique=False)
    op.create_table(
        "desk_corrections",
        sa.Column("ruling_key", sa.Integer(), nullable=False),
        sa.Column("version_key", sa.Integer(), nullable=False),
        sa.Column("change", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ruling_key"], ["desk_rulings.id"], name=op.f("fk_desk_corrections_ruling_key")
        ),
        sa.ForeignKeyConstraint(
            ["version_key"], ["versions.id"], name=op.f("fk_desk_corrections_version_key")
        ),
        sa.PrimaryKeyConstraint("ruling_key", name=op.f("pk_desk_corrections")),
    )
    op.create_index(
        op.f("ix_desk_corrections_version_key"), "desk_corrections", ["version_key"], unique=False
    )
    op.create_table(
        "desk_ruling_texts",
        sa.Column("ruling_key", sa.Integer(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("second_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ruling_key"], ["desk_rulings.id"], name=op.f("fk_desk_ruling_texts_ruling_key")
        ),
        sa.PrimaryKeyConstraint("ruling_key", name=op.f("pk_desk_ruling_texts")),
    )


_LINE_FORGOTTEN = "OLD.id <= COALESCE((SELECT line FROM audit_marks WHERE name = 'tail'), 0)"
_MARK_MOVES_ON = "NEW.name = OLD.name AND NEW.line >= OLD.line"
_OFFICER_MAY = (
    "EXISTS (SELECT 1 FROM accounts WHERE id = NEW.officer_key AND disabled_at IS NULL"
    " AND role IN ('reviewer', 'supervisor'))"
)
_SECOND_MAY = (
    "NEW.second_key IS NULL OR EXISTS (SELECT 1 FROM accounts WHERE id = NEW.second_key"
    " AND disabled_at IS NULL AND role = 'supervisor')"
)
_IS_OVERRIDE = (
    "NEW.kind <> 'approve' OR NEW.override OR NOT ("
    "EXISTS (SELECT 1 FROM findings WHERE judgement_key = NEW.judgement_key"
    " AND level = 'block' AND outcome <> 'passed')"
    " OR EXISTS (SELECT 1 FROM desk_rulings WHERE version_key = NEW.version_key"
    " AND state = 'effective' AND CAST(lifted AS TEXT) <> '[]'))"
)
_SECONDED_ONCE = (
    "OLD.state = 'proposed' AND NEW.state IN ('effective', 'declined') AND OLD.second_key IS NULL"
    + "".join(
        f" AND NEW.{column} = OLD.{column}"
        for column in (
            "id",
            "application_key",
            "version_key",
            "judgement_key",
            "kind",
            "override",
            "officer_key",
            "ruled_at",
        )
    )
    + "".join(
        f" AND CAST(NEW.{column} AS TEXT) = CAST(OLD.{column} AS TEXT)" for column in ("codes", "lifted")
    )
)
_RULES = (
    ("audit_lines", "UPDATE", "1 = 0", "audit lines are never changed"),
    ("audit_lines", "DELETE", _LINE_FORGOTTEN, "audit lines are never deleted"),
    ("audit_marks", "UPDATE", _MARK_MOVES_ON, "a mark of the audit trail never goes back"),
    ("audit_marks", "DELETE", "1 = 0", "a mark of the audit trail is never deleted"),
    ("desk_rulings", "INSERT", _OFFICER_MAY, "the officer may not rule"),
    ("desk_rulings", "INSERT", _SECOND_MAY, "the second officer is no supervisor"),
    ("desk_rulings", "INSERT", _IS_OVERRIDE, "an approval against a block is an override"),
    ("desk_rulings", "UPDATE", _SECOND_MAY, "the second officer is no supervisor"),
    ("desk_rulings", "UPDATE", _SECONDED_ONCE, "rulings are never changed"),
    ("desk_rulings", "DELETE", "1 = 0", "rulings are never deleted"),
)
"""Table, deed, what must hold for it, and what is said otherwise."""


def _guard_sqlite() -> None:
    for number, (table, deed, holds, message) in enumerate(_RULES):
        op.execute(
            f"CREATE TRIGGER {table}_guard_{number} BEFORE {deed} ON {table} WHEN NOT ({holds})"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def _guard_postgresql() -> None:
    for number, (table, deed, holds, message) in enumerate(_RULES):
        name, returned = f"{table}_guard_{number}", "OLD" if deed == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NOT ({holds}) THEN RAISE EXCEPTION '{message}'; END IF; RETURN {returned}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    op.execute(
        "CREATE FUNCTION desk_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'the record of the desk is never emptied'; END $$"
    )
    for table in ("audit_lines", "audit_marks", "desk_rulings"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION desk_no_truncate()"
        )
