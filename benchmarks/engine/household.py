"""What a hub asks of a small machine: memory, wear of its card, and how long it takes to come back."""

import asyncio
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import asyncpg
import numpy as np
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.cold.importing import merge
from solarhub.telemetry.history import Stretch

from benchmarks.engine import machine
from benchmarks.engine.fleet import enter
from benchmarks.ingest import sent_by_another_process
from benchmarks.running import Hub, running_hub
from benchmarks.sender import METRICS, Sending, light

PLANTS = 300
DEVICES_OF_A_PLANT = 3
_REST_SECONDS = 15.0


def memory_and_wear(seconds: float) -> dict[str, float]:
    """With 300 plants of three devices that report once a minute, as long as that: roll-ups are among it."""
    with running_hub() as hub:
        time.sleep(_REST_SECONDS)
        idle = machine.memory_mb(hub)
        fleet = asyncio.run(enter(hub.admin_url, plants=PLANTS, devices_of_a_plant=DEVICES_OF_A_PLANT))
        time.sleep(_REST_SECONDS)
        written = machine.written_bytes(hub)
        sent = sent_by_another_process(
            Sending(
                port=hub.port,
                kind="gateway",
                senders=fleet.gateways,
                samples=0,
                start=int(time.time()) - int(seconds),
                step_seconds=60,
                seconds=seconds,
                connections=8,
                requests_per_s=PLANTS / 60,
            )
        )
        busy = machine.memory_mb(hub)
        time.sleep(_REST_SECONDS)
        written = machine.written_bytes(hub) - written
        return {
            "rss_mb_idle": idle,
            "rss_mb_300_plants": busy,
            "written_bytes_per_value_300_plants": written / (sent.stored * len(METRICS)),
        }


def cold_start(days: int, plants: int = PLANTS) -> dict[str, float]:
    """Seconds from the start of the process to a hub that is ready, with so many days of a sample a minute."""
    place = Path(tempfile.mkdtemp(prefix="shub-"))
    try:
        with running_hub(place) as hub:
            asyncio.run(enter(hub.admin_url, plants=plants, devices_of_a_plant=DEVICES_OF_A_PLANT))
            asyncio.run(_fill(hub, days))
        began = time.perf_counter()
        with running_hub(place):
            return {"cold_start_s": time.perf_counter() - began, "cold_start_days": days, "cold_start_plants": plants}
    finally:
        shutil.rmtree(place, ignore_errors=True)


async def _fill(hub: Hub, days: int) -> None:
    """Through the way by which the past is brought along, straight into blocks."""
    minutes = days * 1440
    end = microseconds(now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2))
    at = end - np.arange(minutes, 0, -1, dtype=np.int64) * 60_000_000
    chance = np.random.default_rng(5)
    noon = np.array([light(hour) for hour in range(24)])[(at // 3_600_000_000) % 24]
    readings = np.round(chance.uniform(0.8, 1.0, (minutes, len(METRICS))) * (10 + 90 * noon[:, None]), 2)
    series = tuple(sorted(METRICS))
    worker = Database(hub.admin_url.replace("solarhub_admin", "solarhub_worker"), "worker", pool_size=1)
    connection = await asyncpg.connect(**asyncpg_arguments(hub.admin_url))
    try:
        keys = [row["device_key"] for row in await connection.fetch("select device_key from devices")]
        for key in keys:
            async with transaction(worker) as session:
                await merge(session, key, [Stretch(key, series, at, readings)], now())
            # what roll-ups make of a quarter of a year is not what is measured
            await connection.execute("delete from telemetry_marks")
    finally:
        await connection.close()
        await worker.close()
