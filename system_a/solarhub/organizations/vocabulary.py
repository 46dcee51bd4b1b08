"""The words of organizations that the database also knows."""

from enum import StrEnum


class OrgMemberRole(StrEnum):
    """`org_member_role`: what a person may do inside one organization."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    VIEWER = "viewer"
    INSTALLER = "installer"


class OrganizationStatus(StrEnum):
    """`organizations.status`: text with a CHECK, because the schema document names no enum for it."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class MemberState(StrEnum):
    """How somebody belongs to an organization."""

    JOINED = "joined"
    INVITED = "invited"


class InvitationSort(StrEnum):
    """What an invitation is to: a place among the members, one plant, or a plant that changes hands."""

    MEMBERSHIP = "membership"
    SITE_GRANT = "site_grant"
    HANDOVER = "handover"
