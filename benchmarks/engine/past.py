"""A past of many days, put into a hub in minutes: every row of it as the hub itself would have stored it.

A few devices get their samples as compaction and the roll-ups write them: days that are over long enough become blocks
through what compacts them, younger ones raw rows through the corridor's COPY, and what workers do makes quarters,
hours, days and months of all of them. Every other device, and plant, then gets the rows of one of these under its
own keys. What is left, the last instants, comes through the front door.
"""

import asyncio
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import numpy as np
from numpy.typing import NDArray
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.cold.block import Rows
from solarhub.telemetry.cold.compaction import COLD_AFTER
from solarhub.telemetry.cold.merging import Piece, by_day
from solarhub.telemetry.cold.moving_in import day_of, put
from solarhub.telemetry.corridor.copying import COLUMNS, Columns, file
from solarhub.telemetry.corridor.copying import block as copied
from solarhub.telemetry.queries import cold as queries
from solarhub.telemetry.queries.layouts import layout_ids
from solarhub.telemetry.rollups import rolling

from benchmarks.cold import SERIES as RECORDED
from benchmarks.cold import day_of_a_plant
from benchmarks.engine.fleet import Fleet
from benchmarks.running import Hub
from benchmarks.sender import METRICS

PATTERNS = 6
"""Devices whose rows are made; all others have the same."""
SERIES = tuple(sorted(METRICS))
LAST = 2
"""Instants that come through the front door."""
_AS_RECORDED = {"voltage_ac": "voltage_ac:l1", "voltage_dc": "voltage_dc:mppt1"}
_EAST = 5 * 60
"""Minutes by which the plants' clocks are ahead."""
_MINUTE = 60_000_000
_HOUR = 3_600_000_000
_TABLES = (
    *("telemetry_blocks", "telemetry_samples", "rollup_quarters", "rollup_hours"),
    *("rollup_days", "rollup_months", "rollup_gaps"),
)


class Samples(NamedTuple):
    """Of one device: microseconds since 1970, and a column for each of SERIES."""

    at: NDArray[np.int64]
    readings: NDArray[np.float64]


class _Device(NamedTuple):
    key: int
    organization_key: int
    site_id: UUID
    organization_id: UUID


def patterns(until: datetime, days: int, interval_seconds: int) -> list[Samples]:
    """What each kind of device reports in the days up to `until`, whose counters only rise."""
    step = interval_seconds * 1_000_000
    at = np.arange(microseconds(until - timedelta(days=days)), microseconds(until), step, dtype=np.int64) + step
    return [Samples(at, _readings(at, kind)) for kind in range(PATTERNS)]


def _readings(at: NDArray[np.int64], kind: int) -> NDArray[np.float64]:
    minutes = at // _MINUTE + _EAST
    readings = np.empty((len(at), len(SERIES)))
    total = 54_000.0 + kind
    for day in np.unique(minutes // 1440).tolist():
        told = dict(zip(RECORDED, day_of_a_plant(day * PATTERNS + kind).T, strict=True))
        told["energy_total"] = np.round(total + told["energy_today"], 1)
        told["power_factor"] = np.where(told["power_output"] > 0, 0.998, 1.0)
        total = float(told["energy_total"][-1])
        here = minutes // 1440 == day
        for column, name in enumerate(SERIES):
            readings[here, column] = told[_AS_RECORDED.get(name, name)][minutes[here] % 1440]
    return readings


async def put_in(hub: Hub, fleet: Fleet, samples: Sequence[Samples]) -> None:
    """All of it. The hub runs, and has nothing of these devices yet."""
    connection = await asyncpg.connect(**asyncpg_arguments(hub.admin_url), command_timeout=900)
    worker = Database(hub.admin_url.replace("solarhub_admin", "solarhub_worker"), "worker", pool_size=2)
    try:
        # what is copied refers to rows that are there, and nobody watches days that nobody compacts
        await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
        found = await connection.fetch(
            "select d.device_key, o.organization_key, d.site_id, o.id from devices d join sites s on s.id = d.site_id"
            " join organizations o on o.id = d.organization_id where d.device_type = 'inverter'"
            " order by o.organization_key, s.name, d.name"  # as the fleet's gateways are
        )
        devices = [_Device(*row) for row in found]
        models = devices[:PATTERNS]
        earlier = [Samples(one.at[:-LAST], one.readings[:-LAST]) for one in samples]
        for device, own in zip(models, earlier, strict=True):
            await _store(connection, worker, device, own)
        await _rolled_up(connection, worker)
        await _copy(connection, devices, models)
        await connection.execute("analyze")  # before anything is looked up in so many rows
        await _copy_plants(connection, devices, models)
        await asyncio.to_thread(_last_instants, hub, fleet, samples)
        await _rolled_up(connection, worker)
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await worker.close()
        await connection.close()


async def _store(connection: Any, worker: Database, device: _Device, samples: Samples) -> None:
    piece = Piece(SERIES, Rows(samples.at, np.zeros(len(samples.at), np.uint8), samples.readings))
    open_from = (now() - COLD_AFTER).date()
    days = {day_of(number): part for number, part in by_day(piece).items()}
    over = {day: [part] for day, part in days.items() if day < open_from}
    async with transaction(worker) as session:
        await queries.lock_devices(session, [device.key])
        owner = await queries.keepers(session, [device.key])
        if over:
            await put(session, {(device.key, day): parts for day, parts in over.items()}, owner)
            await queries.note_cold(session, over, compacted_at=now())
        [layout_id] = (await layout_ids(session, [(device.organization_key, SERIES)])).values()
    for day, part in days.items():
        if day >= open_from:
            await _copy_raw(connection, device, day, layout_id, part.rows)
    async with transaction(worker) as session:
        await queries.mark(session, {device.key: np.unique(samples.at // _HOUR * 3600).tolist()})


async def _copy_raw(connection: Any, device: _Device, day: date, layout_id: int, rows: Rows) -> None:
    partition = await connection.fetchval("select ensure_telemetry_partition($1)", day)
    count = len(rows.at)
    told = Columns(
        np.full(count, device.organization_key, np.int32),
        np.full(count, device.key, np.int32),
        rows.at,
        rows.at,
        np.full(count, layout_id, np.int32),
        np.zeros(count, np.bool_),
        rows.readings,
    )
    source = io.BytesIO(file([copied(told, None)]))
    await connection.copy_to_table(partition, source=source, columns=COLUMNS, format="binary")


async def _rolled_up(connection: Any, worker: Database) -> None:
    """What workers of the hub do, at once; they may be at it too."""
    waiting = "select (select count(*) from telemetry_marks) + (select count(*) from rollup_todo)"
    waiting += " + (select count(*) from rollup_days_todo)"
    while await connection.fetchval(waiting):
        async with transaction(worker) as session:
            await rolling.take(session, now(), at_once=True)
        async with transaction(worker) as session:
            if not await rolling.roll(session, now()):
                await asyncio.sleep(0.1)  # another one is at these plants
    while await connection.fetchval("select count(*) from rollup_months_todo"):
        async with transaction(worker) as session:
            await _months(session)


async def _months(session: Session) -> None:
    await rolling.roll_months(session, now() + timedelta(days=1))


async def _copy(connection: Any, devices: Sequence[_Device], models: Sequence[_Device]) -> None:
    rest = devices[PATTERNS:]
    await connection.execute(
        "create temp table copies (model integer, device_key integer, organization_key integer, site_id uuid)"
    )
    await connection.copy_records_to_table(
        "copies", records=[(models[place % PATTERNS].key, *device[:3]) for place, device in enumerate(rest)]
    )
    await connection.execute("""
        insert into telemetry_layouts (organization_key, series, series_sha256)
        select distinct c.organization_key, l.series, l.series_sha256
        from telemetry_layouts l cross join (select distinct organization_key from copies) c
        on conflict do nothing
    """)
    await connection.execute("""
        create temp table layouts_of as
        select one.id as model, other.organization_key, other.id
        from telemetry_layouts one join telemetry_layouts other using (series_sha256)
    """)
    await connection.execute("analyze copies; analyze layouts_of")
    own = {
        "device_key": "c.device_key",
        "organization_key": "c.organization_key",
        "site_id": "c.site_id",
        "layout_id": "l.id",
    }
    for table in _TABLES:
        columns = await _columns(connection, table)
        names = ", ".join(columns)
        values = ", ".join(own.get(name, f"t.{name}") for name in columns)
        layout = (
            "join layouts_of l on l.model = t.layout_id and l.organization_key = c.organization_key"
            if "layout_id" in columns
            else ""
        )
        await connection.execute(
            f"insert into {table} ({names}) select {values} from {table} t join copies c on c.model = t.device_key"
            f" {layout}"
        )


async def _copy_plants(connection: Any, devices: Sequence[_Device], models: Sequence[_Device]) -> None:
    """Days of plants, which the roll-ups have added up for those of the models."""
    plants = list({each.site_id: each for each in devices}.values())
    alike = [each for each in plants if each.site_id in {model.site_id for model in models}]
    if len(devices) // len(plants) * len(alike) != PATTERNS:
        raise ValueError(f"{PATTERNS} kinds of devices make no whole plants")
    await connection.execute("create temp table plants (model uuid, site_id uuid, organization_id uuid)")
    await connection.copy_records_to_table(
        "plants",
        records=[
            (alike[place % len(alike)].site_id, each.site_id, each.organization_id)
            for place, each in enumerate(plants)
            if each not in alike
        ],
    )
    names = await _columns(connection, "site_energy_days")
    own = {"site_id": "p.site_id", "organization_id": "p.organization_id"}
    await connection.execute(
        f"insert into site_energy_days ({', '.join(names)}) select {', '.join(own.get(n, f't.{n}') for n in names)}"
        " from site_energy_days t join plants p on p.model = t.site_id"
    )


async def _columns(connection: Any, table: str) -> list[str]:
    """Those that are written, in quotes."""
    rows = await connection.fetch(
        "select quote_ident(attname) as name from pg_attribute where attrelid = $1::text::regclass and attnum > 0"
        " and not attisdropped and attidentity = '' and attgenerated = '' order by attnum",
        table,
    )
    return [row["name"] for row in rows]


def _last_instants(hub: Hub, fleet: Fleet, samples: Sequence[Samples]) -> None:
    """As the plants' gateways would tell them."""
    last = [
        [
            {
                "timestamp": datetime.fromtimestamp(at / 1e6, UTC).isoformat(),
                "metrics": dict(zip(SERIES, readings, strict=True)),
            }
            for at, readings in zip(one.at[-LAST:].tolist(), one.readings[-LAST:].tolist(), strict=True)
        ]
        for one in samples
    ]
    connection = HTTPConnection("127.0.0.1", hub.port, timeout=60)
    for number, (token, names) in enumerate(fleet.gateways):
        told = [
            {"device": name, "samples": last[(number * len(names) + place) % PATTERNS]}
            for place, name in enumerate(names)
        ]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/telemetry", json.dumps({"devices": told}), headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200 or json.loads(said)["stored"] != LAST * len(names):
            raise RuntimeError(f"the hub answers {answer.status}: {said[:300]!r}")
    connection.close()
