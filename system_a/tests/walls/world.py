"""Three tenants with everything that a tenant can have, and one of each who may call: rows, made by SQL.

Every text of a tenant holds its canary, so that a leak is found by reading answers.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from solarhub.devices.secrets import Safe
from solarhub.kit.clock import now
from solarhub.kit.ids import uuid7
from solarhub.kit.tokens import DEVICE, new_token, sha256_of
from solarhub.organizations.roles import Permission
from solarhub.organizations.vocabulary import OrgMemberRole
from tests.clients import KEYRING
from tests.walls.actors import Actor, Builder, guest

GRANTED_ROLES = (OrgMemberRole.MANAGER, OrgMemberRole.VIEWER, OrgMemberRole.INSTALLER)
CONDITION = {"metric": "power_output", "operator": "lt", "threshold": 10.0, "duration_seconds": 300}


@dataclass
class Tenancy:
    """One organization: what paths may name, the names of a second plant beside it, and who may call."""

    letter: str
    canary: str
    names: dict[str, str]
    """Path parameters of its first plant, which guests see."""
    neighbour: dict[str, str]
    """The same of its second plant, which they do not; what is the organization's is the same."""
    members: dict[OrgMemberRole, Actor] = field(default_factory=dict)
    member_ids: dict[OrgMemberRole, UUID] = field(default_factory=dict)
    guests: dict[OrgMemberRole, Actor] = field(default_factory=dict)
    expired_guest: Actor = field(default_factory=lambda: Actor("nobody"))
    device_token: Actor = field(default_factory=lambda: Actor("nobody"))
    whole_key: Actor = field(default_factory=lambda: Actor("nobody"))
    audit_key: Actor = field(default_factory=lambda: Actor("nobody"))
    """A key for `audit:read` and nothing else."""


async def plant(build: Builder, organization_id: UUID, owner_id: UUID, rule_id: UUID, name: str) -> dict[str, str]:
    """A site with a device that reported, a rule and an open alert of its own; its path parameters."""
    canary = build.canary
    site = await build.row(
        "sites", id=uuid7(), organization_id=organization_id, name=f"{name} {canary}", latitude=31.5, longitude=74.3
    )
    device = uuid7()
    connection = {"broker": f"{canary}.example.org".lower(), "topic_prefix": "x", "username": "u", "password": canary}
    await build.connection.execute(
        "insert into devices (id, site_id, organization_id, name, device_type, protocol, status, serial_number,"
        " connection_config) values ($1, $2, $3, $4, 'inverter', 'mqtt', 'online', $5, $6::text::jsonb)",
        device,
        site,
        organization_id,
        f"Inverter {canary}",
        f"{canary}-{name}",
        json.dumps(Safe(KEYRING, organization_id, device).closed(connection)),
    )
    await build.connection.execute(
        "insert into device_state (device_id, organization_id, device_key, last_sample_at, last_received_at, latest)"
        " select id, organization_id, device_key, now(), now(), '{}' from devices where id = $1",
        device,
    )
    token = await build.row(
        "device_tokens",
        id=uuid7(),
        organization_id=organization_id,
        device_id=device,
        token_sha256=sha256_of(new_token(DEVICE)),
    )
    own_rule = uuid7()
    await build.connection.execute(
        "insert into alert_rules (id, organization_id, site_id, name, condition, severity)"
        " values ($1, $2, $3, $4, $5::text::jsonb, 'warning')",
        own_rule,
        organization_id,
        site,
        f"Own rule {canary}",
        json.dumps(CONDITION),
    )
    alert = uuid7()
    await build.connection.execute(
        "insert into alert_episodes (alert_id, organization_id, rule_id, target, streak_started_at, triggered_at)"
        " values ($1, $2, $3, 'device:' || $4::uuid, now(), now())",
        alert,
        organization_id,
        rule_id,
        device,
    )
    await build.connection.execute(
        "insert into alerts (id, rule_id, organization_id, site_id, device_id, severity, title, message, triggered_at)"
        " values ($1, $2, $3, $4, $5, 'warning', $6, $6, now())",
        alert,
        rule_id,
        organization_id,
        site,
        device,
        f"Alert {canary}",
    )
    await build.row(
        "alert_notes",
        id=uuid7(),
        organization_id=organization_id,
        alert_id=alert,
        author_id=owner_id,
        act="comment",
        note=f"Note {canary}",
    )
    grant = uuid7()
    await build.connection.execute(
        "insert into site_grants (id, organization_id, site_id, role, granted_by, invited_name, invitation_token,"
        " invitation_expires) values ($1, $2, $3, 'viewer', $4, $5, $6, now() + interval '7 days')",
        grant,
        organization_id,
        site,
        owner_id,
        f"Customer {canary}",
        f"token-{grant}",
    )
    handover = uuid7()
    await build.connection.execute(
        "insert into site_handovers (id, organization_id, site_id, site_name, offered_by, invited_name,"
        " invitation_token, invitation_expires) values ($1, $2, $3, $5, $4, $5, $6, now() + interval '7 days')",
        handover,
        organization_id,
        site,
        owner_id,
        f"Receiver {canary}",
        f"token-{handover}",
    )
    claim = await build.row(
        "device_claims",
        id=uuid7(),
        organization_id=organization_id,
        device_id=device,
        serial_number=f"{canary}-claimed",
        claimed_by=owner_id,
    )
    request = await build.row(
        "device_claim_requests",
        id=uuid7(),
        claim_id=claim,
        organization_id=organization_id,
        device_id=device,
        claimant_name=f"Claimant {canary}",
    )
    correction = uuid7()
    await build.connection.execute(
        "insert into energy_corrections (id, organization_id, device_id, device_key, first_day, last_day, kwh, reason)"
        " select $1, organization_id, id, device_key, '2025-01-01', '2025-01-02', 5, $3 from devices where id = $2",
        correction,
        device,
        f"Reason {canary}",
    )
    return {
        "site_id": str(site),
        "device_id": str(device),
        "token_id": str(token),
        "rule_id": str(own_rule),
        "alert_id": str(alert),
        "grant_id": str(grant),
        "handover_id": str(handover),
        "claim_id": str(claim),
        "request_id": str(request),
        "correction_id": str(correction),
    }


async def tenancy(connection: "asyncpg.Connection[Any]", letter: str, *, status: str = "active") -> Tenancy:
    """An organization with two plants, a member of each role, guests of the first plant, and keys."""
    build = Builder(connection, letter)
    canary = build.canary
    owner_id = await build.person("founder")
    organization = await build.row(
        "organizations",
        id=uuid7(),
        owner_id=owner_id,
        name=f"Org {canary}",
        slug=canary.lower(),
        description=f"About {canary}",
    )
    rule = uuid7()
    await connection.execute(
        "insert into alert_rules (id, organization_id, name, condition, severity)"
        " values ($1, $2, $3, $4::text::jsonb, 'warning')",
        rule,
        organization,
        f"Rule {canary}",
        json.dumps(CONDITION),
    )
    webhook = await build.row(
        "webhooks",
        id=uuid7(),
        organization_id=organization,
        url=f"https://{canary}.example.org/".lower(),
        secret_sealed=KEYRING.seal(canary, organization, "webhook"),
        created_by=owner_id,
    )
    metric = await build.row(
        "custom_metrics",
        id=uuid7(),
        organization_id=organization,
        name="x_pressure",
        unit="bar",
        kind="gauge",
        minimum=0.0,
        maximum=16.0,
        night="nothing",
        meaning=canary,
    )
    sender = await build.row(
        "found_senders",
        id=uuid7(),
        organization_id=organization,
        broker_key=f"{canary}@broker.example.org:1883",
        sender=f"solar/{canary}",
        dialect="opendtu",
        mapping_version=1,
        first_seen_at=now(),
        last_seen_at=now(),
        messages=1,
        facts=json.dumps({"name": canary}),
    )
    brought = await build.row(
        "history_imports",
        id=uuid7(),
        organization_id=organization,
        file_name=f"{canary}.csv",
        file_sha256=bytes(32),
        file_bytes=1,
        map="template",
        map_version=1,
    )
    await build.row(
        "history_import_parts",
        organization_id=organization,
        import_id=brought,
        part=1,
        device_id=uuid7(),
        device_key=0,
        device=canary,
        first_at=now(),
        last_at=now(),
        stored=0,
        duplicates=0,
        conflicts=0,
    )
    await connection.execute(
        "insert into notifications (id, organization_id, channel, recipient, event, content)"
        " values ($1, $2, 'email', $3, 'alert.opened', $4::text::jsonb)",
        uuid7(),
        organization,
        f"{canary}@example.org".lower(),
        json.dumps({"subject": canary, "text": canary}),
    )
    await build.row(
        "audit_entries",
        id=uuid7(),
        organization_id=organization,
        actor_kind="hub",
        action="site.change",
        target_type="site",
        address=canary,
    )
    await build.row("organization_logos", organization_id=organization, png=canary.encode())
    whole = {"organization_id": str(organization), "webhook_id": str(webhook), "metric_id": str(metric)}
    whole |= {"sender_id": str(sender), "import_id": str(brought)}
    first = await plant(build, organization, owner_id, rule, "First")
    second = await plant(build, organization, owner_id, rule, "Second")
    made = Tenancy(letter, canary, whole | first, whole | second)
    for role in OrgMemberRole:
        user_id = await build.person(role.value)
        await connection.execute(
            "insert into organization_members (id, organization_id, user_id, role, invitation_accepted, joined_at)"
            " values ($1, $2, $3, $4::text::org_member_role, true, now())",
            uuid7(),
            organization,
            user_id,
            role.value,
        )
        made.member_ids[role] = user_id
        made.members[role] = await build.session(role.value, user_id)
    member = await connection.fetchval(
        "select id from organization_members where user_id = $1", made.member_ids[OrgMemberRole.VIEWER]
    )
    pending = await build.person("pending")
    invitation = uuid7()
    await connection.execute(
        "insert into organization_members (id, organization_id, user_id, role, invited_by, invitation_token,"
        " invitation_expires, invited_email) values ($1, $2, $3, 'viewer', $4, $5, now() + interval '7 days', $6)",
        invitation,
        organization,
        pending,
        owner_id,
        f"token-{invitation}",
        f"{canary}@example.org".lower(),
    )
    owner = made.member_ids[OrgMemberRole.OWNER]
    made.whole_key = await build.key("key for everything", organization, owner, [each.value for each in Permission])
    made.audit_key = await build.key("key for the audit log", organization, owner, [Permission.AUDIT_READ.value])
    key_id = await connection.fetchval(
        "select id from api_keys where organization_id = $1 and cardinality(permissions) = 1", organization
    )
    named = {"member_id": member, "invitation_id": invitation, "key_id": key_id}
    people = {"viewer_id": made.member_ids[OrgMemberRole.VIEWER], "user_id": pending}
    for names in (made.names, made.neighbour):
        names |= {name: str(found) for name, found in (named | people).items()}
    for role in GRANTED_ROLES:
        made.guests[role] = await guest(build, organization, first["site_id"], role)
    made.expired_guest = await guest(build, organization, first["site_id"], OrgMemberRole.MANAGER, expires="-1 second")
    device_token = new_token(DEVICE)
    await connection.execute(
        "insert into device_tokens (organization_id, device_id, token_sha256) values ($1, $2, $3)",
        organization,
        UUID(first["device_id"]),
        sha256_of(device_token),
    )
    made.device_token = Actor(f"device {letter}", bearer=device_token)
    await connection.execute("update organizations set status = $2 where id = $1", organization, status)
    return made
