"""The document's largest fleet on one machine, as fast as it goes: rules, roll-ups, compaction and readers at work."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Self
from uuid import UUID

import httpx
from solarhub.kit.clock import now

from benchmarks.engine import machine
from benchmarks.engine.asking import Waits, percentile, reader
from benchmarks.engine.fleet import Fleet, enter, fetch
from benchmarks.ingest import sent_by_another_process
from benchmarks.running import Hub, running_hub
from benchmarks.sender import METRICS, Sending, Sent

DEVICES_OF_A_PLANT = 100
_CONNECTIONS = 32
_HOURS_BACK = 20
_BREACHES = 40
_CLOSED_ROWS = 8
"""Of each device, of a day that is over: what compaction works at meanwhile."""


@dataclass(frozen=True)
class Size:
    """How much of it: seconds of each of the runs, and how many devices."""

    devices: int
    small_devices: int
    seconds: float
    runs: int


@dataclass(frozen=True)
class Flood:
    """Of the runs at full speed the acknowledged values a second, each; the rest as its name says."""

    values_per_s: Sequence[float]
    waits: Waits
    half_load_waits: Sequence[float]
    breaches: Sequence[float]
    cpu_us_per_value: float
    written_bytes_per_value: float
    lost: int
    refused: int
    compressed_rows: int
    rolled_quarters: int

    @property
    def figures(self) -> dict[str, float]:
        return {
            "http_json_values_per_s": median(self.values_per_s),
            "http_json_values_per_s_min": min(self.values_per_s),
            "http_json_values_per_s_max": max(self.values_per_s),
            "ack_p99_ms_half_load": percentile(list(self.half_load_waits), 99),
            "breach_to_alert_p50_ms": percentile(list(self.breaches), 50),
            "breach_to_alert_p99_ms": percentile(list(self.breaches), 99),
            "flood_cpu_us_per_value": self.cpu_us_per_value,
            "flood_written_bytes_per_value": self.written_bytes_per_value,
            "lost_acknowledged": self.lost,
            "refused_requests": self.refused,
            "flood_compressed_rows": self.compressed_rows,
            "flood_rolled_quarters": self.rolled_quarters,
            **{f"flood_{question}_p99_ms": self.waits.p99(question) for question in self.waits.of},
        }


def flood(size: Size) -> Flood:
    """Full speed, several times; then half of that, with breaches among it; then what was stored is counted."""
    place = Path(tempfile.mkdtemp(prefix="shub-"))
    try:
        fleet, rule, token = _prepared(place, size)
        return _flood(place, size, fleet, rule, token)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _prepared(place: Path, size: Size) -> tuple[Fleet, UUID, str]:
    """A hub with its fleet, and with rows of a day that is over: it begins to compress them when it starts again."""
    with running_hub(place) as hub:
        fleet = asyncio.run(
            enter(hub.admin_url, plants=size.devices // DEVICES_OF_A_PLANT, devices_of_a_plant=DEVICES_OF_A_PLANT)
        )
        rule, token = asyncio.run(_watched(hub.admin_url))
        time.sleep(3)  # the hub looks at rules every second
        closed = int(time.time()) // 86_400 * 86_400 - 3 * 86_400
        _run(hub, fleet, closed, 0.0, requests=len(fleet.gateways) * _CLOSED_ROWS)
        _until_calm(hub)
        # so large a fleet's marks wait an hour for more rows of it; these have, so that roll-ups are at work as well
        asyncio.run(fetch(hub.admin_url, "update telemetry_marks set marked_at = marked_at - interval '2 hours'"))
    return fleet, rule, token


def _flood(place: Path, size: Size, fleet: Fleet, rule: UUID, token: str) -> Flood:
    with running_hub(place) as hub:
        devices = asyncio.run(_a_device_of_each(hub.admin_url))
        until = now()
        start = int(until.timestamp()) - _HOURS_BACK * 3600
        before, disk = sum(hub.cpu_seconds()), machine.written_bytes(hub)
        runs: list[Sent] = []
        with reader(hub, fleet, devices, until) as waits:
            runs += [_run(hub, fleet, start + number * 4 * 3600, size.seconds) for number in range(size.runs)]
        values = sum(run.stored for run in runs) * len(METRICS)
        cpu = (sum(hub.cpu_seconds()) - before) / values
        rates = [run.stored * len(METRICS) / run.seconds for run in runs]
        half = median(rates) / 2 / len(METRICS) / DEVICES_OF_A_PLANT
        _until_calm(hub)
        with _Breaching(hub, rule, token, size.seconds) as breaches:
            slow = _run(hub, fleet, start + size.runs * 4 * 3600, size.seconds, requests_per_s=half)
        _until_calm(hub)
        written = machine.written_bytes(hub) - disk
        acknowledged = sum(run.stored for run in (*runs, slow)) + breaches.acknowledged
        since = datetime.fromtimestamp(start, UTC)
        [[stored]] = asyncio.run(fetch(hub.admin_url, "select count(*) from telemetry_samples where at >= $1", since))
        [[rolled]] = asyncio.run(fetch(hub.admin_url, "select count(*) from rollup_quarters"))
        [[compressed]] = asyncio.run(fetch(hub.admin_url, "select coalesce(sum(rows), 0) from telemetry_blocks"))
        return Flood(
            values_per_s=rates,
            waits=waits,
            half_load_waits=slow.waits,
            breaches=breaches.waits,
            cpu_us_per_value=1e6 * cpu,
            written_bytes_per_value=written / (acknowledged * len(METRICS)),
            lost=max(acknowledged - stored, 0),
            refused=sum(run.refused for run in (*runs, slow)),
            compressed_rows=compressed,
            rolled_quarters=rolled,
        )


def cpu_per_value(devices: int, seconds: float) -> float:
    """Microseconds of CPU of hub and database for each value, at a rate that leaves the machine room."""
    with running_hub() as hub:
        fleet = asyncio.run(
            enter(hub.admin_url, plants=devices // DEVICES_OF_A_PLANT, devices_of_a_plant=DEVICES_OF_A_PLANT)
        )
        time.sleep(3)
        start = int(time.time()) - _HOURS_BACK * 3600
        # every device once first: what is learned of a device the first time is not what is measured
        _run(hub, fleet, start, 0.0, requests=len(fleet.gateways))
        _until_calm(hub)
        before = sum(hub.cpu_seconds())
        sent = _run(hub, fleet, start + 3600, seconds, requests_per_s=200)
        _until_calm(hub)
        return 1e6 * (sum(hub.cpu_seconds()) - before) / (sent.stored * len(METRICS))


def _run(hub: Hub, fleet: Fleet, start: int, seconds: float, *, requests_per_s: float = 0.0, requests: int = 0) -> Sent:
    return sent_by_another_process(
        Sending(
            port=hub.port,
            kind="gateway",
            senders=fleet.gateways,
            samples=0,
            start=start,
            step_seconds=1,
            seconds=seconds,
            connections=_CONNECTIONS,
            requests_per_s=requests_per_s,
            requests=requests,
        )
    )


def _until_calm(hub: Hub, most: float = 60.0) -> None:
    """Until the hub has judged and written what it was given: its own process rests."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        before = sum(hub.cpu_seconds())
        time.sleep(1.0)
        if sum(hub.cpu_seconds()) - before < 0.1:
            return


async def _a_device_of_each(admin_url: str) -> dict[UUID, UUID]:
    rows = await fetch(
        admin_url, "select distinct on (site_id) site_id, id from devices where device_type = 'inverter' order by 1, 2"
    )
    return {row["site_id"]: row["id"] for row in rows}


# ------------------------------------------------------------------------------------------- from breach to alert


async def _watched(admin_url: str) -> tuple[UUID, str]:
    """A rule without patience on a device of its own, and the device's token."""
    token = "shd_" + "b" * 43
    [row] = await fetch(
        admin_url,
        """
        with plant as (select id, organization_id from sites order by id limit 1),
        device as (
            insert into devices (site_id, organization_id, name, device_type, protocol)
            select id, organization_id, 'Watched', 'weather_station', 'http' from plant returning id, organization_id
        ), known as (
            insert into device_tokens (organization_id, device_id, token_sha256)
            select organization_id, id, sha256(convert_to($1, 'UTF8')) from device
        )
        insert into alert_rules (id, organization_id, name, severity, condition, cooldown_minutes, auto_resolve)
        select gen_random_uuid(), organization_id, 'Watched', 'critical',
            '{"metric": "wind_speed", "operator": "gt", "threshold": 20, "duration_seconds": 0}', 0, true from device
        returning id
        """,
        token,
    )
    return row["id"], token


class _Breaching:
    """Breaches once and again while the block runs; `waits` are milliseconds from a request to its alert's row."""

    def __init__(self, hub: Hub, rule: UUID, token: str, seconds: float) -> None:
        self.waits: list[float] = []
        self.acknowledged = 0
        self._hub, self._rule, self._token, self._seconds = hub, rule, token, seconds

    def __enter__(self) -> Self:
        self._threads = ThreadPoolExecutor(1)
        self._running = self._threads.submit(lambda: asyncio.run(self._breach()))
        return self

    def __exit__(self, *_: object) -> None:
        self._running.result()
        self._threads.shutdown()

    async def _breach(self) -> None:
        pause = max((self._seconds - 2) / _BREACHES, 0.1)
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(base_url=self._hub.url, headers=headers, timeout=30) as client:
            for number in range(_BREACHES):
                await self._report(client, 5.0)
                began = time.perf_counter()
                await self._report(client, 30.0)
                while not await self._seen(number + 1):
                    if time.perf_counter() - began > 20:
                        raise RuntimeError("a breach raised no alert")
                    await asyncio.sleep(0.005)
                self.waits.append(1000 * (time.perf_counter() - began))
                await asyncio.sleep(pause)

    async def _report(self, client: httpx.AsyncClient, wind: float) -> None:
        answer = await client.post("/api/v1/telemetry", json={"metrics": {"wind_speed": wind}})
        answer.raise_for_status()
        self.acknowledged += answer.json()["stored"]

    async def _seen(self, count: int) -> bool:
        statement = "select count(*) >= $2 from alerts where rule_id = $1"
        [[seen]] = await fetch(self._hub.admin_url, statement, self._rule, count)
        return bool(seen)
