"""`python -m benchmarks.ingest`: how many values a second a whole hub takes over HTTP, acknowledged after their COMMIT.

The hub is `solarhub up` with everything that it does; the sender is a process of its own. Devices are registered by
SQL, every sample has an instant of its own, and afterwards the rows are counted.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from statistics import quantiles

import asyncpg
from solarhub.kit.libpq import asyncpg_arguments

from benchmarks.running import Hub, running_hub
from benchmarks.sender import METRICS, Sending, Sent

DEVICES_OF_A_GATEWAY = 100

_REGISTER = """
with owner as (
    insert into users (id, email, password_hash, first_name, last_name)
    values (gen_random_uuid(), 'bench@example.org', '!', 'Bench', 'Mark') returning id
), organization as (
    insert into organizations (id, owner_id, name, slug)
    select gen_random_uuid(), owner.id, 'Bench', 'bench' from owner returning id
), plants as (
    insert into sites (id, organization_id, name, latitude, longitude, timezone)
    select gen_random_uuid(), organization.id, 'Plant ' || n, 31.5, 74.3, 'Asia/Karachi'
    from organization, generate_series(0, $1::int - 1) as n returning id, organization_id, name
), gateways as (
    insert into devices (id, site_id, organization_id, name, device_type, protocol)
    select gen_random_uuid(), id, organization_id, 'Gateway ' || substr(name, 7), 'gateway', 'http' from plants
    returning id, site_id, organization_id, name
)
insert into devices (id, site_id, organization_id, name, device_type, protocol, gateway_id, metadata)
select gen_random_uuid(), site_id, organization_id, 'D' || n, 'inverter', 'http', id,
    '{"rated_power_kw": 110, "reporting_interval_seconds": 60}'
from gateways, generate_series(0, $2::int - 1) as n
"""


@dataclass(frozen=True)
class Figures:
    """Of one run. CPU in microseconds for each acknowledged value."""

    kind: str
    devices: int
    values_per_s: float
    ack_p50_ms: float
    ack_p99_ms: float
    hub_cpu_us: float
    database_cpu_us: float
    sender_cpu_us: float
    samples: int
    refused: int


async def register(hub: Hub, devices: int) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]]:
    """Gateways with the names of their devices, and devices, each with its token."""
    connection = await asyncpg.connect(**asyncpg_arguments(hub.admin_url))
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute(_REGISTER, max(1, devices // DEVICES_OF_A_GATEWAY), min(devices, DEVICES_OF_A_GATEWAY))
        rows = await connection.fetch("select id, organization_id, name, gateway_id from devices")
        tokens = {row["id"]: f"shd_{sha256(row['id'].bytes).hexdigest()[:43]}" for row in rows}
        await connection.executemany(
            "insert into device_tokens (organization_id, device_id, token_sha256) values ($1, $2, $3)",
            [(row["organization_id"], row["id"], sha256(tokens[row["id"]].encode()).digest()) for row in rows],
        )
        await connection.execute("analyze")
    finally:
        await connection.close()
    children: dict[object, list[str]] = {}
    for row in rows:
        if row["gateway_id"] is not None:
            children.setdefault(row["gateway_id"], []).append(row["name"])
    return (
        [(tokens[gateway], names) for gateway, names in children.items()],
        [(tokens[row["id"]], []) for row in rows if row["gateway_id"] is not None],
    )


def sent_by_another_process(sending: Sending) -> Sent:
    """What the sender reports."""
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.sender"],
        input=json.dumps(asdict(sending)),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return Sent.parse(ended.stdout)


def measure(hub: Hub, sending: Sending, devices: int) -> Figures:
    """One run against a hub that has nothing else to do."""
    hub_before, database_before = hub.cpu_seconds()
    sent = sent_by_another_process(sending)
    hub_after, database_after = hub.cpu_seconds()
    values = sent.stored * len(METRICS)
    marks = quantiles(sent.waits, n=100) if len(sent.waits) > 1 else sent.waits * 99
    return Figures(
        kind=sending.kind,
        devices=devices,
        values_per_s=values / sent.seconds,
        ack_p50_ms=marks[49],
        ack_p99_ms=marks[98],
        hub_cpu_us=1e6 * (hub_after - hub_before) / values,
        database_cpu_us=1e6 * (database_after - database_before) / values,
        sender_cpu_us=1e6 * sent.cpu_seconds / values,
        samples=sent.stored,
        refused=sent.refused,
    )


async def stored(hub: Hub) -> int:
    """How many raw rows there are."""
    connection = await asyncpg.connect(**asyncpg_arguments(hub.admin_url))
    try:
        count: int = await connection.fetchval("select count(*) from telemetry_samples")
    finally:
        await connection.close()
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--samples", type=int, default=100, help="of a request of one device")
    parser.add_argument("--kind", choices=["gateway", "device", "both"], default="both")
    parser.add_argument("--pause", action="store_true", help="wait for Enter before sending, for a profiler")
    wanted = parser.parse_args(arguments)
    kinds = ["gateway", "device"] if wanted.kind == "both" else [wanted.kind]
    with running_hub() as hub:
        gateways, devices = asyncio.run(register(hub, wanted.devices))
        start = int(time.time()) - 40 * 3600
        runs = []
        for number, kind in enumerate(kinds):
            if wanted.pause:
                input(f"hub: {hub.process.pid}; Enter begins ")
            sending = Sending(
                port=hub.port,
                kind=kind,
                senders=gateways if kind == "gateway" else devices,
                samples=wanted.samples,
                start=start + number * 20 * 3600,
                step_seconds=1,
                seconds=wanted.seconds,
                connections=wanted.connections,
            )
            runs.append(measure(hub, sending, wanted.devices))
            print(_shown(runs[-1]), flush=True)
        lost = sum(run.samples for run in runs) - asyncio.run(stored(hub))
        print(f"acknowledged and not stored: {max(lost, 0)}; stored and not acknowledged: {max(-lost, 0)}")
    return int(lost > 0)


def _shown(run: Figures) -> str:
    return (
        f"{run.kind:8} {run.devices:7,} devices: {run.values_per_s:11,.0f} values/s acknowledged,"
        f" p50 {run.ack_p50_ms:6.1f} ms, p99 {run.ack_p99_ms:6.1f} ms;"
        f" CPU us/value: hub {run.hub_cpu_us:.3f}, database {run.database_cpu_us:.3f}, sender {run.sender_cpu_us:.3f};"
        f" {run.samples:,} samples, {run.refused} requests refused"
    )


if __name__ == "__main__":
    sys.exit(main())
