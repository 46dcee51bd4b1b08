"""The same month of a hundred plants in the hub and in VictoriaMetrics, and the same questions asked of both."""

import asyncio
import math
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from solarhub.kit.clock import now

from benchmarks.engine import peers
from benchmarks.engine.asking import ask_hub, ask_peer, paths, percentile
from benchmarks.engine.fleet import Fleet, enter, fetch
from benchmarks.ingest import sent_by_another_process
from benchmarks.running import Hub, running_hub
from benchmarks.sender import METRICS, Sending

PLANTS = 100
DEVICES_OF_A_PLANT = 3
INTERVAL_SECONDS = 900
_TIMES = 100
ASKED = ("latest_of_site", "chart_of_a_day", "energy_of_100_sites")
_PATIENCE_SECONDS = 900


def questions(days: int, *, times: int = _TIMES) -> dict[str, float]:
    """Milliseconds at the 99th percentile, and the ratio to VictoriaMetrics where that is installed."""
    until = now().replace(second=0, microsecond=0)
    until -= timedelta(seconds=until.timestamp() % INTERVAL_SECONDS)
    figures: dict[str, float] = {}
    with running_hub() as hub:
        fleet = asyncio.run(_filled(hub, until, days))
        asked = paths(fleet, asyncio.run(_devices(hub)), 0, until)
        ours = ask_hub(hub, fleet, {name: asked[name] for name in ASKED}, times)
    figures |= _told(ours, "")
    if peers.installed("victoriametrics"):
        theirs = _of_victoriametrics(until, days, times)
        figures |= _told(theirs, "_victoriametrics")
        figures |= {f"{name}_ratio": percentile(ours[name], 99) / percentile(theirs[name], 99) for name in ASKED}
    return figures


def _told(waits: dict[str, list[float]], whose: str) -> dict[str, float]:
    return {
        f"{name}{whose}_p{which}_ms": percentile(of_it, which) for name, of_it in waits.items() for which in (50, 99)
    }


async def _filled(hub: Hub, until: datetime, days: int) -> Fleet:
    """Sent through the front door, by one gateway each, and rolled up before anything is asked."""
    fleet = await enter(
        hub.admin_url,
        plants=PLANTS,
        plants_of_an_organization=PLANTS,
        devices_of_a_plant=DEVICES_OF_A_PLANT,
        interval_seconds=INTERVAL_SECONDS,
        rules=False,
    )
    instants = days * 86400 // INTERVAL_SECONDS
    sending = Sending(
        port=hub.port,
        kind="gateway",
        senders=fleet.gateways,
        samples=0,
        start=int(until.timestamp()) - instants * INTERVAL_SECONDS,
        step_seconds=INTERVAL_SECONDS,
        seconds=0.0,
        connections=32,
        requests=PLANTS * instants,
    )
    sent = await asyncio.to_thread(sent_by_another_process, sending)
    if sent.refused or sent.stored != PLANTS * instants * DEVICES_OF_A_PLANT:
        raise RuntimeError(f"{sent.stored} of {PLANTS * instants * DEVICES_OF_A_PLANT} samples were stored")
    # marks wait for more rows of their hour, which do not come here
    await fetch(hub.admin_url, "update telemetry_marks set marked_at = marked_at - interval '2 hours'")
    end = time.monotonic() + _PATIENCE_SECONDS
    waiting = "select (select count(*) from telemetry_marks) + (select count(*) from rollup_todo)"
    waiting += " + (select count(*) from rollup_days_todo)"
    while (await fetch(hub.admin_url, waiting))[0][0]:
        if time.monotonic() > end:
            raise RuntimeError("roll-ups do not follow")
        await asyncio.sleep(1)
    return fleet


async def _devices(hub: Hub) -> dict[UUID, UUID]:
    rows = await fetch(
        hub.admin_url,
        "select distinct on (site_id) site_id, id from devices where device_type = 'inverter' order by site_id, name",
    )
    return {row["site_id"]: row["id"] for row in rows}


# ---------------------------------------------------------------------------------------------- of VictoriaMetrics


def _of_victoriametrics(until: datetime, days: int, times: int) -> dict[str, list[float]]:
    with peers.victoriametrics() as peer:
        peers.load(peer, list(_bodies(until, days)))
        peers.show_at_once(peer)
        end = f"{until.timestamp():.0f}"
        chart = {"query": 'telemetry_power_output{plant="0",device="0"}', "end": end, "step": "144s"}
        energy = {"query": "sum by (plant) (increase(telemetry_energy_total[1d]))", "end": end, "step": "1d"}
        asked = {
            "latest_of_site": (
                "/api/v1/query",
                {"query": '{__name__=~"telemetry_.*",plant="0"}', "time": end},
            ),
            "chart_of_a_day": (
                "/api/v1/query_range",
                chart | {"start": f"{(until - timedelta(days=1)).timestamp():.0f}"},
            ),
            "energy_of_100_sites": (
                "/api/v1/query_range",
                energy | {"start": f"{(until - timedelta(days=30)).timestamp():.0f}"},
            ),
        }
        return ask_peer(peer, asked, times)


def _bodies(until: datetime, days: int) -> Iterator[bytes]:
    """As many instants of as many devices as the hub has, with a counter that grows."""
    instants = days * 86400 // INTERVAL_SECONDS
    start = until.timestamp() - instants * INTERVAL_SECONDS
    rest = ",".join(f"{name}={number}.5" for number, name in enumerate(METRICS) if name != "energy_total")
    lines: list[str] = []
    for step in range(instants + 1):
        at = int(start + step * INTERVAL_SECONDS) * 10**9
        kwh = step * 0.25 * (1 + math.sin(step / 50) ** 2)
        lines += [
            f"telemetry,plant={plant},device={device} {rest},energy_total={kwh:.2f} {at}"
            for plant in range(PLANTS)
            for device in range(DEVICES_OF_A_PLANT)
        ]
        if len(lines) >= peers.LINES_OF_A_BODY:
            yield "\n".join(lines).encode()
            lines.clear()
    yield "\n".join(lines).encode()
