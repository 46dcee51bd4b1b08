"""Rows of users, organizations and organization_members."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from solarhub.accounts.vocabulary import UserRole
from solarhub.organizations.vocabulary import OrganizationStatus, OrgMemberRole

from benchmarks.fleet import Fleet, shares

Row = tuple[Any, ...]

FIRST_NAMES = ("Ayesha", "Bilal", "Fatima", "Hamza", "Imran", "Khadija", "Nadia", "Omar", "Sana", "Usman", "Zainab")
LAST_NAMES = ("Ahmed", "Akhtar", "Baloch", "Butt", "Chaudhry", "Iqbal", "Khan", "Malik", "Qureshi", "Shah", "Siddiqui")
TRADES = ("Solar", "Energy", "Power", "Renewables", "Textiles", "Foods", "Agro", "Engineering")

USER_COLUMNS = (
    "id", "email", "phone", "password_hash", "first_name", "last_name", "role", "is_active", "is_verified",
    "preferences", "created_at", "updated_at",
)  # fmt: skip
ORGANIZATION_COLUMNS = (
    "id", "owner_id", "name", "slug", "description", "website", "status", "settings", "created_at", "updated_at",
)  # fmt: skip
MEMBER_COLUMNS = (
    "organization_id", "user_id", "role", "invited_by", "invitation_token", "invitation_expires",
    "invitation_accepted", "joined_at",
)  # fmt: skip


def email(user: int) -> str:
    """Of the user with this row number."""
    return f"{FIRST_NAMES[user % 11]}.{LAST_NAMES[user // 11 % 11]}.{user}@example.org".lower()


def users(fleet: Fleet) -> Iterator[Row]:
    rng = np.random.default_rng(1)
    roles = rng.choice(list(UserRole), fleet.size.users, p=(0.001, 0.099, 0.1, 0.2, 0.5, 0.1)).tolist()
    for user in range(fleet.size.users):
        preferences = {
            "language": "ur" if user % 3 == 0 else "en",
            "timezone": "Asia/Karachi",
            "currency": "PKR",
            "notifications": {"email": True, "sms": user % 4 == 0, "push": user % 2 == 0},
            "dashboard": {"default_view": "map" if user % 5 == 0 else "overview", "refresh_interval": 30},
        }
        salt, digest = (base64.b64encode(rng.bytes(count)).decode().rstrip("=") for count in (16, 32))
        yield (
            fleet.ids.users[user], email(user), f"+92300{user:07d}", f"$argon2id$v=19$m=47104,t=1,p=1${salt}${digest}",
            FIRST_NAMES[user % 11], LAST_NAMES[user // 11 % 11], roles[user], user % 50 != 0, user % 20 != 0,
            json.dumps(preferences), fleet.at(fleet.user_age[user]), fleet.at(fleet.user_age[user]),
        )  # fmt: skip


def organizations(fleet: Fleet) -> Iterator[Row]:
    rng = np.random.default_rng(2)
    statuses = rng.choice(list(OrganizationStatus), fleet.size.organizations, p=(0.96, 0.03, 0.01)).tolist()
    for number, status in enumerate(statuses):
        name = f"{LAST_NAMES[number % 11]} {TRADES[number // 11 % 8]} {number}"
        settings = {"language": "en", "digest_hour": number % 24, "logo_on_reports": number % 2 == 0}
        made = fleet.at(fleet.organization_age[number])
        yield (
            fleet.ids.organizations[number], fleet.ids.users[fleet.owner[number]], name, name.lower().replace(" ", "-"),
            f"{name} looks after solar plants in Pakistan", f"https://{number}.example.org", status,
            json.dumps(settings), made, made,
        )  # fmt: skip


def members(fleet: Fleet) -> Iterator[Row]:
    """Each organization's owner, and others in proportion to its size; one in thirty has not accepted yet."""
    rng = np.random.default_rng(3)
    size = fleet.size
    owners = np.arange(size.organizations) * size.users + fleet.owner
    drawn = rng.choice(size.organizations, 2 * size.organization_members, p=shares(size.organizations))
    others = np.setdiff1d(drawn * size.users + rng.integers(0, size.users, len(drawn)), owners)
    others = rng.permutation(others)[: size.organization_members - size.organizations]
    for owner in owners.tolist():
        yield _member(fleet, owner, OrgMemberRole.OWNER, pending=False)
    roles = rng.choice(list(OrgMemberRole), len(others), p=(0.01, 0.09, 0.2, 0.5, 0.2)).tolist()
    for number, (pair, role) in enumerate(zip(others.tolist(), roles, strict=True)):
        yield _member(fleet, pair, role, pending=number % 30 == 0)


def _member(fleet: Fleet, pair: int, role: str, *, pending: bool) -> Row:
    organization, user = divmod(pair, fleet.size.users)
    made = fleet.at(fleet.organization_age[organization] * (pair % 97) / 97)
    return (
        fleet.ids.organizations[organization], fleet.ids.users[user], role,
        None if role == OrgMemberRole.OWNER else fleet.ids.users[fleet.owner[organization]],
        f"{pair:064x}" if pending else None, fleet.at(-7 * 86_400) if pending else None,
        not pending, None if pending else made,
    )  # fmt: skip
