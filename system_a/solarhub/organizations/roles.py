"""Who may do what in an organization: one table, and nothing decides beside it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from solarhub.organizations.vocabulary import OrgMemberRole


class Permission(StrEnum):
    """A right, as `what:act`. Its meaning for a person is in `MEANINGS`."""

    ORGANIZATION_READ = "organization:read"
    ORGANIZATION_CHANGE = "organization:change"
    ORGANIZATION_TRANSFER = "organization:transfer"
    MEMBERS_READ = "members:read"
    MEMBERS_CHANGE = "members:change"
    SITES_READ = "sites:read"
    SITES_CREATE = "sites:create"
    SITES_CHANGE = "sites:change"
    SITES_REMOVE = "sites:remove"
    SITES_HAND_OVER = "sites:hand_over"
    GRANTS_READ = "grants:read"
    GRANTS_CHANGE = "grants:change"
    DEVICES_READ = "devices:read"
    DEVICES_CHANGE = "devices:change"
    DEVICES_CONNECTION = "devices:connection"
    DEVICES_CREDENTIALS = "devices:credentials"
    DEVICES_CLAIM = "devices:claim"
    DEVICES_REMOVE = "devices:remove"
    CLAIMS_ANSWER = "claims:answer"
    TELEMETRY_READ = "telemetry:read"
    ENERGY_CORRECT = "energy:correct"
    METRICS_CHANGE = "metrics:change"
    HISTORY_IMPORT = "history:import"
    FOUND_READ = "found:read"
    FOUND_CHANGE = "found:change"
    RULES_READ = "rules:read"
    RULES_CHANGE = "rules:change"
    ALERTS_READ = "alerts:read"
    ALERTS_TRIAGE = "alerts:triage"
    API_KEYS_CHANGE = "api_keys:change"
    WEBHOOKS_CHANGE = "webhooks:change"
    NOTIFICATIONS_READ = "notifications:read"
    AUDIT_READ = "audit:read"


MEANINGS: Mapping[Permission, str] = MappingProxyType(
    {
        Permission.ORGANIZATION_READ: "See the organization's name, logo and settings",
        Permission.ORGANIZATION_CHANGE: "Change its name, slug, logo and settings",
        Permission.ORGANIZATION_TRANSFER: "Give it to another owner, or remove it",
        Permission.MEMBERS_READ: "See who belongs to it, and who is invited",
        Permission.MEMBERS_CHANGE: "Invite and remove people, change their roles (owners: by owners alone)",
        Permission.SITES_READ: "See plants: place, status, configuration, capacity",
        Permission.SITES_CREATE: "Enter new plants, also from a file",
        Permission.SITES_CHANGE: "Change plants, put them into maintenance and end it",
        Permission.SITES_REMOVE: "Decommission and remove plants",
        Permission.SITES_HAND_OVER: "Hand a plant over to another organization",
        Permission.GRANTS_READ: "See who else sees a plant, and until when",
        Permission.GRANTS_CHANGE: "Let a person or an organization see one plant, and end that",
        Permission.DEVICES_READ: "See devices and how they stand, without how they are reached",
        Permission.DEVICES_CHANGE: "Enter, change and replace devices, put them into maintenance",
        Permission.DEVICES_CONNECTION: "See how a device is reached (`connection_config`, never its secrets)",
        Permission.DEVICES_CREDENTIALS: "Issue, list and revoke the tokens that devices report with",
        Permission.DEVICES_CLAIM: "Claim a serial number that is taken elsewhere",
        Permission.DEVICES_REMOVE: "Remove devices",
        Permission.CLAIMS_ANSWER: "Grant or refuse a stranger's claim on a device's serial number",
        Permission.TELEMETRY_READ: "See measurements and energy",
        Permission.ENERGY_CORRECT: "Correct the energy of a device in a period, and undo that",
        Permission.METRICS_CHANGE: "Add, change and remove metrics of the organization's own",
        Permission.HISTORY_IMPORT: "Bring measurements of the past along from files, and take them out again",
        Permission.FOUND_READ: "See who reports at the brokers without being known, and what it sent",
        Permission.FOUND_CHANGE: "Adopt those as devices or ignore them, and have kept messages read anew",
        Permission.RULES_READ: "See alert rules",
        Permission.RULES_CHANGE: "Make, change, switch and remove alert rules",
        Permission.ALERTS_READ: "See alerts and what was written about them",
        Permission.ALERTS_TRIAGE: "Acknowledge, comment and resolve alerts",
        Permission.API_KEYS_CHANGE: "Make, list and revoke API keys",
        Permission.WEBHOOKS_CHANGE: "Make, change and remove webhooks",
        Permission.NOTIFICATIONS_READ: "See which messages went to whom",
        Permission.AUDIT_READ: "See who did what",
    }
)

_LOOKING = frozenset(
    {
        Permission.ORGANIZATION_READ,
        Permission.SITES_READ,
        Permission.DEVICES_READ,
        Permission.TELEMETRY_READ,
        Permission.ALERTS_READ,
    }
)
_DEVICE_SETUP = frozenset(
    {
        Permission.DEVICES_CHANGE,
        Permission.DEVICES_CONNECTION,
        Permission.DEVICES_CREDENTIALS,
        Permission.DEVICES_CLAIM,
        Permission.HISTORY_IMPORT,
        Permission.FOUND_READ,
        Permission.FOUND_CHANGE,
    }
)
_SITE_MANAGEMENT = frozenset(
    {
        Permission.MEMBERS_READ,
        Permission.SITES_CREATE,
        Permission.SITES_CHANGE,
        Permission.GRANTS_READ,
        Permission.GRANTS_CHANGE,
        Permission.DEVICES_REMOVE,
        Permission.ENERGY_CORRECT,
        Permission.METRICS_CHANGE,
        Permission.RULES_READ,
        Permission.RULES_CHANGE,
        Permission.ALERTS_TRIAGE,
        Permission.NOTIFICATIONS_READ,
    }
)
_OWNERS_ALONE = frozenset({Permission.ORGANIZATION_TRANSFER, Permission.AUDIT_READ})

PERMISSIONS: Mapping[OrgMemberRole, frozenset[Permission]] = MappingProxyType(
    {
        OrgMemberRole.OWNER: frozenset(Permission),
        OrgMemberRole.ADMIN: frozenset(Permission) - _OWNERS_ALONE,
        OrgMemberRole.MANAGER: _LOOKING | _DEVICE_SETUP | _SITE_MANAGEMENT,
        OrgMemberRole.VIEWER: _LOOKING | {Permission.RULES_READ},
        OrgMemberRole.INSTALLER: _LOOKING | _DEVICE_SETUP,
    }
)
"""What a member may do, by role. `super_admin` stands in every organization as an owner does."""

GUEST_PERMISSIONS = frozenset(
    {
        Permission.SITES_READ,
        Permission.SITES_CHANGE,
        Permission.DEVICES_READ,
        Permission.DEVICES_CHANGE,
        Permission.DEVICES_CONNECTION,
        Permission.DEVICES_CREDENTIALS,
        Permission.TELEMETRY_READ,
        Permission.RULES_READ,
        Permission.RULES_CHANGE,
        Permission.ALERTS_READ,
        Permission.ALERTS_TRIAGE,
    }
)
"""The most that a grant for one plant can give: what concerns the plant, and nothing of the organization around it."""


def of_guest(role: OrgMemberRole) -> frozenset[Permission]:
    """What a grant for one plant in this role gives there."""
    return PERMISSIONS[role] & GUEST_PERMISSIONS
