"""Raw rows as the corridor stores them, with their marks and what was last heard: by SQL, for many rows at once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import asyncpg

from solarhub.kit.libpq import asyncpg_arguments
from tests.conftest import Tenant

Told = Sequence[tuple[datetime, Mapping[str, float]]]


async def store(url: str, tenant: Tenant, name: str, told: Told) -> None:
    """What is there stays, as in the corridor."""
    connection = await asyncpg.connect(**asyncpg_arguments(url))
    try:
        async with connection.transaction():
            await _store(connection, tenant, name, told)
    finally:
        await connection.close()


async def _store(connection: "asyncpg.Connection[Any]", tenant: Tenant, name: str, told: Told) -> None:
    for day in {at.date() for at, _ in told}:
        await connection.execute("select ensure_telemetry_partition($1)", day)
    layouts: dict[tuple[str, ...], int] = {}
    for series in {tuple(sorted(readings)) for _, readings in told}:
        digest = sha256("\n".join(series).encode()).digest()
        key = (tenant.organization_key, digest)
        await connection.execute(
            "insert into telemetry_layouts (organization_key, series_sha256, series) values ($1, $2, $3)"
            " on conflict do nothing",
            *key,
            list(series),
        )
        layouts[series] = await connection.fetchval(
            "select id from telemetry_layouts where organization_key = $1 and series_sha256 = $2", *key
        )
    device_key = tenant.device_keys[name]
    await connection.executemany(
        "insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)"
        " values ($1, $2, $3, now(), $4, false, $5) on conflict do nothing",
        [
            (
                tenant.organization_key,
                device_key,
                at,
                layouts[tuple(sorted(readings))],
                [readings[series] for series in sorted(readings)],
            )
            for at, readings in told
        ],
    )
    await connection.executemany(
        "insert into telemetry_marks (hour, device_key) values (date_trunc('hour', $1::timestamptz, 'UTC'), $2)"
        " on conflict do nothing",
        [(at, device_key) for at, _ in told],
    )
    newest, readings = max(told, key=lambda each: each[0])
    latest = {series: {"at": f"{newest:%Y-%m-%dT%H:%M:%S.%f}Z", "value": value} for series, value in readings.items()}
    await connection.execute(
        "insert into device_state as s (device_id, organization_id, device_key, last_sample_at, last_received_at,"
        " latest) values ($1, $2, $3, $4, now(), $5::text::jsonb) on conflict (device_id) do update set"
        " last_sample_at = excluded.last_sample_at, latest = s.latest || excluded.latest"
        " where s.last_sample_at < excluded.last_sample_at",
        tenant.devices[name],
        tenant.organization_id,
        device_key,
        newest,
        json.dumps(latest),
    )
