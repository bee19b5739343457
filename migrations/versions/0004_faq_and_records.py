"""faq and records: reviewed pairs, what was answered and why, what was asked in vain."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "faqs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("source_policy_id", sa.String(length=80), nullable=True),
        sa.Column("source_note", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("draft", "published", "retired", name="faqstate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.String(length=80), nullable=True),
        sa.Column("reviewed_by", sa.String(length=80), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["replaces_id"], ["faqs.id"], name=op.f("fk_faqs_replaces_id_faqs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faqs")),
    )
    op.create_index(op.f("ix_faqs_state"), "faqs", ["state"])
    op.create_index(op.f("ix_faqs_revision"), "faqs", ["revision"])
    op.create_table(
        "faq_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("faq_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("encoder", sa.String(length=200), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["faq_id"], ["faqs.id"], name=op.f("fk_faq_questions_faq_id_faqs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_questions")),
    )
    op.create_index(op.f("ix_faq_questions_faq_id"), "faq_questions", ["faq_id"])
    op.create_table(
        "answer_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("follower_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("rewritten", sa.JSON(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "answered", "refused", "left_open", "lapsed", "elsewhere", "faq", "guide",
                name="verdict", native_enum=False, length=24,
            ),
            nullable=False,
        ),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("faq_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.String(length=200), nullable=False),
        sa.Column(
            "rating", sa.Enum("useful", "useless", name="rating", native_enum=False, length=24), nullable=True
        ),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_in", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_records")),
    )  # fmt: skip
    op.create_index(op.f("ix_answer_records_follower_id"), "answer_records", ["follower_id"])
    op.create_index(op.f("ix_answer_records_asked_at"), "answer_records", ["asked_at"])
    op.create_table(
        "open_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("encoder", sa.String(length=200), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "reason", sa.Enum("unanswered", "useless", name="reason", native_enum=False, length=24), nullable=False
        ),
        sa.Column("state", sa.Enum("open", "done", name="questionstate", native_enum=False, length=24), nullable=False),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.Column("faq_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["faq_id"], ["faqs.id"], name=op.f("fk_open_questions_faq_id_faqs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_questions")),
    )
    op.create_index(op.f("ix_open_questions_state"), "open_questions", ["state"])


def downgrade() -> None:
    for table in ("open_questions", "answer_records", "faq_questions", "faqs"):
        op.drop_table(table)
