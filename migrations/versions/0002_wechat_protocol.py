"""the whole WeChat protocol: attachments, scans, buttons that name an intent, replay refusal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Columns and indexes only: SQLite would copy the whole table for a constraint, and drop one that others refer to.
    op.add_column("followers", sa.Column("source", sa.String(length=64), nullable=True))
    op.add_column("followers", sa.Column("agent", sa.String(length=64), nullable=True))
    op.add_column("followers", sa.Column("agent_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("fingerprint", sa.String(length=64), nullable=True))
    op.create_index("ix_messages_fingerprint", "messages", ["fingerprint"], unique=True)
    op.add_column("turns", sa.Column("intent", sa.Text(), nullable=True))
    op.add_column("turns", sa.Column("pushes", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("turns", sa.Column("runner", sa.String(length=80), nullable=True))
    op.add_column("deliveries", sa.Column("message", sa.JSON(), nullable=True))
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("follower_id", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum("wanted", "stored", "gone", name="attachmentstate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["follower_id"], ["followers.id"], name=op.f("fk_attachments_follower_id_followers")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("message_id", name=op.f("uq_attachments_message_id")),
    )
    op.create_index("ix_attachments_state_due_at", "attachments", ["state", "due_at"])
    op.create_index(op.f("ix_attachments_follower_id"), "attachments", ["follower_id"])
    op.create_table(
        "scans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follower_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("source", "event", "group", name="scenekind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["follower_id"], ["followers.id"], name=op.f("fk_scans_follower_id_followers")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_scans_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
        sa.UniqueConstraint("message_id", name=op.f("uq_scans_message_id")),
    )
    op.create_index(op.f("ix_scans_follower_id"), "scans", ["follower_id"])


def downgrade() -> None:
    op.drop_table("scans")
    op.drop_table("attachments")
    op.drop_column("deliveries", "message")
    op.drop_column("turns", "runner")
    op.drop_column("turns", "pushes")
    op.drop_column("turns", "intent")
    op.drop_index("ix_messages_fingerprint", "messages")
    op.drop_column("messages", "fingerprint")
    op.drop_column("followers", "agent_since")
    op.drop_column("followers", "agent")
    op.drop_column("followers", "source")
