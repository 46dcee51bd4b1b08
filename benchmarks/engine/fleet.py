"""A fleet that reports, entered by SQL: organizations, plants, a gateway for each, devices, rules, and who may ask."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
from solarhub.accounts.sessions import COOKIE
from solarhub.kit.ids import uuid7
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.tokens import SESSION, new_token, sha256_of

RULES_OF_A_PLANT = 10

# Nearly always clear; some of them at some hours, as rules are that people have thought about.
_RULES = """
insert into alert_rules (id, organization_id, site_id, name, severity, condition, cooldown_minutes)
select gen_random_uuid(), s.organization_id, s.id, 'Rule ' || n, 'warning',
    jsonb_build_object(
        'metric', (array['temperature_inverter', 'voltage_ac', 'frequency', 'power_output', 'current_ac',
                         'voltage_dc', 'power_dc', 'current_dc', 'power_factor', 'energy_today'])[n],
        'operator', (array['gt', 'gt', 'lt', 'gt', 'gt', 'gt', 'gt', 'gt', 'lt', 'gt'])[n],
        'threshold', (array[69.9, 260, 49, 109, 160, 719.9, 120, 190, 0.5, 700])[n],
        'duration_seconds', 300),
    15
from sites s, generate_series(1, $1::int) as n
"""

_PLANTS = """
with owner as (
    insert into users (id, email, password_hash, first_name, last_name, role)
    values ($3, 'bench@example.org', '!', 'Bench', 'Mark', 'super_admin') returning id
), firms as (
    insert into organizations (id, owner_id, name, slug)
    select gen_random_uuid(), owner.id, 'Firm ' || n, 'firm-' || n from owner, generate_series(0, $1::int - 1) as n
    returning id, slug
)
insert into sites (id, organization_id, name, latitude, longitude, timezone)
select gen_random_uuid(), id, 'Plant ' || n, 31.5 + n * 0.01, 74.3, 'Asia/Karachi'
from firms, generate_series(0, $2::int - 1) as n
"""

_DEVICES = """
with gateways as (
    insert into devices (id, site_id, organization_id, name, device_type, protocol)
    select gen_random_uuid(), id, organization_id, 'Gateway', 'gateway', 'http' from sites
    returning id, site_id, organization_id
)
insert into devices (id, site_id, organization_id, name, device_type, protocol, gateway_id, metadata)
select gen_random_uuid(), site_id, organization_id, 'D' || n, 'inverter', 'http', id,
    jsonb_build_object('rated_power_kw', 110, 'reporting_interval_seconds', $2::int)
from gateways, generate_series(0, $1::int - 1) as n
"""


@dataclass(frozen=True)
class Fleet:
    """`gateways` are tokens with the names of their devices; `cookie` is of somebody who may see everything."""

    gateways: list[tuple[str, list[str]]]
    cookie: str
    devices: int
    plants: list[tuple[UUID, UUID]]
    """Organization and site of each plant, in the order of its gateway."""


async def enter(
    admin_url: str,
    *,
    plants: int,
    devices_of_a_plant: int,
    plants_of_an_organization: int = 10,
    interval_seconds: int = 60,
    rules: bool = True,
) -> Fleet:
    """Into an empty hub."""
    user, session = uuid7(), new_token(SESSION)
    connection = await asyncpg.connect(**asyncpg_arguments(admin_url))
    try:
        await connection.execute("set session_replication_role = replica")
        of_each = min(plants, plants_of_an_organization)
        await connection.execute(_PLANTS, -(-plants // of_each), of_each, user)
        await connection.execute(_DEVICES, devices_of_a_plant, interval_seconds)
        if rules:
            await connection.execute(_RULES, RULES_OF_A_PLANT)
        found = await connection.fetch(
            "select g.id, g.organization_id, g.site_id, s.name from devices g join sites s on s.id = g.site_id"
            " join organizations o on o.id = g.organization_id where g.device_type = 'gateway'"
            " order by o.organization_key, s.name"
        )
        tokens = {row["id"]: f"shd_{sha256(row['id'].bytes).hexdigest()[:43]}" for row in found}
        await connection.executemany(
            "insert into device_tokens (organization_id, device_id, token_sha256) values ($1, $2, $3)",
            [(row["organization_id"], row["id"], sha256(tokens[row["id"]].encode()).digest()) for row in found],
        )
        await connection.execute(
            "insert into user_sessions (user_id, token_sha256, expires_at) values ($1, $2, now() + interval '1 day')",
            user,
            sha256_of(session),
        )
        await connection.execute("analyze")
    finally:
        await connection.close()
    names = [f"D{number}" for number in range(devices_of_a_plant)]
    return Fleet(
        [(tokens[row["id"]], names) for row in found],
        f"{COOKIE}={session}",
        len(found) * devices_of_a_plant,
        [(row["organization_id"], row["site_id"]) for row in found],
    )


async def fetch(admin_url: str, statement: str, *values: Any) -> list[Any]:
    """As the cluster's superuser: for counting, never for what is timed."""
    connection = await asyncpg.connect(**asyncpg_arguments(admin_url))
    try:
        rows: list[Any] = await connection.fetch(statement, *values)
        return rows
    finally:
        await connection.close()
