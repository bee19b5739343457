"""knowledge: versions and relations of policies, one order of changes, vectors beside the passages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    numbers = op.create_table(
        "knowledge_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_revision")),
    )
    op.bulk_insert(numbers, [{"id": 1, "number": 1}])
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum("proposed", "current", "replaced", "rejected", name="versionstate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("front", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=True),
        sa.Column("extracted", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
    )
    op.create_index("ix_policy_versions_policy_id_state", "policy_versions", ["policy_id", "state"])
    op.create_table(
        "policy_relations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("replaces", "amends", "implements", name="relationkind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("target_id", sa.String(length=80), nullable=True),
        sa.Column("target_title", sa.String(length=200), nullable=False),
        sa.Column("target_doc_no", sa.String(length=200), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name=op.f("fk_policy_relations_policy_id_policies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_relations")),
    )
    op.create_index(op.f("ix_policy_relations_policy_id"), "policy_relations", ["policy_id"])
    op.create_index(op.f("ix_policy_relations_target_id"), "policy_relations", ["target_id"])
    op.add_column("policies", sa.Column("asked", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("policies", sa.Column("replaces", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("policies", sa.Column("superseded_by", sa.String(length=80), nullable=True))
    op.add_column("policies", sa.Column("superseded_on", sa.Date(), nullable=True))
    op.add_column("policies", sa.Column("reviewed", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("policies", sa.Column("file_name", sa.String(length=200), nullable=True))
    op.add_column("policies", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_policies_revision"), "policies", ["revision"])
    op.add_column("policy_chunks", sa.Column("asked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("policy_chunks", sa.Column("encoder", sa.String(length=200), nullable=True))
    op.add_column("policy_chunks", sa.Column("vector", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("policy_chunks", "vector")
    op.drop_column("policy_chunks", "encoder")
    op.drop_column("policy_chunks", "asked")
    op.drop_index(op.f("ix_policies_revision"), "policies")
    for name in ("revision", "file_name", "reviewed", "superseded_on", "superseded_by", "replaces", "asked"):
        op.drop_column("policies", name)
    op.drop_table("policy_relations")
    op.drop_table("policy_versions")
    op.drop_table("knowledge_revision")
