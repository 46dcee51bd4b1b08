"""Companies, and who belongs to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.accounts.models import User
from solarhub.audit.recording import MASKED, audited
from solarhub.kit.db import Base, Versioned, pg_enum
from solarhub.kit.ids import uuid7
from solarhub.organizations.vocabulary import OrgMemberRole

Base.registry.update_type_annotation_map({OrgMemberRole: pg_enum(OrgMemberRole, "org_member_role")})


@audited("organization")
class Organization(Versioned, Base):
    """A tenant. `organization_key` stands for it in raw telemetry, where sixteen bytes a row would be dear."""

    __tablename__ = "organizations"
    __table_args__ = (
        sa.UniqueConstraint("slug"),
        sa.UniqueConstraint("organization_key"),
        sa.Index(None, "owner_id"),
        sa.Index(None, "settings", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_key: Mapped[int] = mapped_column(sa.Identity(always=True))
    owner_id: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str | None]
    logo_url: Mapped[str | None]
    website: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sa.text("'{}'"))
    removed_at: Mapped[datetime | None]


# until somebody has joined, whose account it is stays unsaid: the row's own id names it well enough
@audited("member", user_id=lambda _: MASKED)
class OrganizationMember(Versioned, Base):
    """A person's place in an organization, or the one that waits for them.

    `invitation_token` is a hash; the token itself is never kept. The `invited_…` columns are what the inviter typed:
    until somebody has joined, nothing that the account itself says of them is shown.
    """

    __tablename__ = "organization_members"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "user_id"),
        sa.UniqueConstraint("invitation_token"),
        sa.Index(None, "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    role: Mapped[OrgMemberRole]
    invited_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    invited_name: Mapped[str | None]
    invited_email: Mapped[str | None]
    invited_phone: Mapped[str | None]
    invitation_token: Mapped[str | None]
    invitation_expires: Mapped[datetime | None]
    invitation_accepted: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    joined_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class OrganizationLogo(Base):
    """What an organization shows beside its name, encoded anew by the hub: PNG, at most 256 KiB."""

    __tablename__ = "organization_logos"

    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"), primary_key=True)
    png: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


@audited("api_key")
class ApiKey(Base):
    """What a script signs in with. It may do what it names and its maker may do, whichever is less, at each use."""

    __tablename__ = "api_keys"
    __table_args__ = (
        sa.UniqueConstraint("token_sha256"),
        sa.Index(None, "organization_id"),
        sa.Index(None, "created_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    name: Mapped[str]
    token_sha256: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


@audited("webhook")
class Webhook(Versioned, Base):
    """An address of the organization's own that is told of its alerts; the secret that signs is sealed."""

    __tablename__ = "webhooks"
    __table_args__ = (sa.Index(None, "organization_id"), sa.Index(None, "created_by"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    url: Mapped[str]
    description: Mapped[str | None]
    secret_sealed: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    removed_at: Mapped[datetime | None]


@audited("site_grant")
class SiteGrant(Versioned, Base):
    """Who sees one plant of an organization: a person, or every member of another organization, until a date.

    Without either it is an invitation that nobody has accepted yet; `invitation_token` is a hash.
    `invited_organization` is the slug or id that was named: nobody looked whether there is one. The site is named as
    a table: it stands upstairs, and this row belongs to the door that decides who sees what.
    """

    __tablename__ = "site_grants"
    __table_args__ = (
        sa.UniqueConstraint("invitation_token"),
        sa.ForeignKeyConstraint(
            ["organization_id", "site_id"], ["sites.organization_id", "sites.id"], ondelete="RESTRICT", deferrable=True
        ),
        sa.Index(None, "organization_id", "site_id"),
        sa.Index(None, "user_id"),
        sa.Index(None, "grantee_organization_id"),
        sa.Index(None, "granted_by"),
        sa.Index(
            "uq_site_grants_site_id_user_id",
            "site_id",
            "user_id",
            unique=True,
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
        sa.Index(
            "uq_site_grants_site_id_grantee_organization_id",
            "site_id",
            "grantee_organization_id",
            unique=True,
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID]
    site_id: Mapped[UUID]
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    grantee_organization_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    role: Mapped[OrgMemberRole]
    expires_at: Mapped[datetime | None]
    granted_by: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    invited_name: Mapped[str | None]
    invited_email: Mapped[str | None]
    invited_phone: Mapped[str | None]
    invited_organization: Mapped[str | None]
    invitation_token: Mapped[str | None]
    invitation_expires: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
