"""What a hub asks of a small machine: memory, wear of its card, and how long it takes to come back."""

import asyncio
import shutil
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from solarhub.kit.clock import now

from benchmarks.engine import machine, past
from benchmarks.engine.fleet import Fleet, enter
from benchmarks.ingest import sent_by_another_process
from benchmarks.running import Hub, running_hub
from benchmarks.sender import METRICS, Sending

PLANTS = 300
DEVICES_OF_A_PLANT = 3
_REST_SECONDS = 15.0
_KILLED_AFTER_SECONDS = 10.0


def memory_and_wear(seconds: float, rest_seconds: float = _REST_SECONDS) -> dict[str, float]:
    """With 300 plants of three devices that report once a minute, as long as that: roll-ups are among it."""
    with running_hub() as hub:
        time.sleep(rest_seconds)
        idle = machine.memory_mb(hub)
        fleet = asyncio.run(enter(hub.admin_url, plants=PLANTS, devices_of_a_plant=DEVICES_OF_A_PLANT))
        time.sleep(rest_seconds)
        written = machine.written_bytes(hub)
        sent = sent_by_another_process(_minutes(hub, fleet, now() - timedelta(seconds=seconds), seconds))
        busy = machine.memory_mb(hub)
        time.sleep(rest_seconds)
        written = machine.written_bytes(hub) - written
        return {
            "rss_mb_idle": idle,
            "rss_mb_300_plants": busy,
            "written_bytes_per_value_300_plants": written / (sent.stored * len(METRICS)),
        }


def cold_start(days: int, plants: int = PLANTS) -> dict[str, float]:
    """Seconds from the start of the process to a hub that is ready, with so many days of a sample a minute.

    Once after it was stopped in order, and once after all of its processes were killed while gateways sent.
    """
    place = Path(tempfile.mkdtemp(prefix="shub-"))
    until = now().replace(second=0, microsecond=0)
    figures: dict[str, float] = {"cold_start_days": days, "cold_start_plants": plants}
    try:
        with running_hub(place) as hub:
            fleet = asyncio.run(enter(hub.admin_url, plants=plants, devices_of_a_plant=DEVICES_OF_A_PLANT))
            asyncio.run(past.put_in(hub, fleet, past.patterns(until, days, 60)))
        began = time.perf_counter()
        with running_hub(place) as hub:
            figures["cold_start_s"] = time.perf_counter() - began
            sent_by_another_process(_minutes(hub, fleet, until, _KILLED_AFTER_SECONDS))
            machine.kill(hub)
        began = time.perf_counter()
        with running_hub(place):
            figures["cold_start_after_kill_s"] = time.perf_counter() - began
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return figures


def _minutes(hub: Hub, fleet: Fleet, start: datetime, seconds: float) -> Sending:
    """Every plant once a minute."""
    return Sending(
        port=hub.port,
        kind="gateway",
        senders=fleet.gateways,
        samples=0,
        start=int(start.timestamp()) + 60,
        step_seconds=60,
        seconds=seconds,
        connections=8,
        requests_per_s=len(fleet.gateways) / 60,
    )
