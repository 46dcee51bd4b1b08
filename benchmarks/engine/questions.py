"""The same month of a hundred plants in the hub and in VictoriaMetrics, and the same questions asked of both."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from solarhub.kit.clock import now

from benchmarks.engine import past, peers
from benchmarks.engine.asking import ask_hub, ask_peer, paths, percentile
from benchmarks.engine.fleet import Fleet, enter, fetch
from benchmarks.engine.past import Samples
from benchmarks.running import Hub, running_hub

PLANTS = 100
DEVICES_OF_A_PLANT = 3
INTERVAL_SECONDS = 900
_TIMES = 100
ASKED = ("latest_of_site", "chart_of_a_day", "energy_of_100_sites")


def questions(days: int, *, times: int = _TIMES) -> dict[str, float]:
    """Milliseconds at the 99th percentile, and the ratio to VictoriaMetrics where that is installed."""
    until = now().replace(second=0, microsecond=0)
    until -= timedelta(seconds=until.timestamp() % INTERVAL_SECONDS)
    samples = past.patterns(until, days, INTERVAL_SECONDS)
    figures: dict[str, float] = {}
    with running_hub() as hub:
        fleet = asyncio.run(_filled(hub, samples))
        asked = paths(fleet, asyncio.run(_devices(hub)), 0, until)
        ours = ask_hub(hub, fleet, {name: asked[name] for name in ASKED}, times)
    figures |= _told(ours, "")
    if peers.installed("victoriametrics"):
        theirs = _of_victoriametrics(until, samples, times)
        figures |= _told(theirs, "_victoriametrics")
        figures |= {f"{name}_ratio": percentile(ours[name], 99) / percentile(theirs[name], 99) for name in ASKED}
    return figures


def _told(waits: dict[str, list[float]], whose: str) -> dict[str, float]:
    return {
        f"{name}{whose}_p{which}_ms": percentile(of_it, which) for name, of_it in waits.items() for which in (50, 99)
    }


async def _filled(hub: Hub, samples: Sequence[Samples]) -> Fleet:
    fleet = await enter(
        hub.admin_url,
        plants=PLANTS,
        plants_of_an_organization=PLANTS,
        devices_of_a_plant=DEVICES_OF_A_PLANT,
        interval_seconds=INTERVAL_SECONDS,
        rules=False,
    )
    await past.put_in(hub, fleet, samples)
    return fleet


async def _devices(hub: Hub) -> dict[UUID, UUID]:
    rows = await fetch(
        hub.admin_url,
        "select distinct on (site_id) site_id, id from devices where device_type = 'inverter' order by site_id, name",
    )
    return {row["site_id"]: row["id"] for row in rows}


# ---------------------------------------------------------------------------------------------- of VictoriaMetrics


def _of_victoriametrics(until: datetime, samples: Sequence[Samples], times: int) -> dict[str, list[float]]:
    with peers.victoriametrics() as peer:
        peers.load(peer, list(_bodies(samples)))
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


def _bodies(samples: Sequence[Samples]) -> Iterator[bytes]:
    """What the hub has, instant after instant."""
    texts = [
        [
            ",".join(f"{name}={value}" for name, value in zip(past.SERIES, row, strict=True))
            for row in one.readings.tolist()
        ]
        for one in samples
    ]
    lines: list[str] = []
    for step, at in enumerate((samples[0].at * 1000).tolist()):
        lines += [
            f"telemetry,plant={number // DEVICES_OF_A_PLANT},device={number % DEVICES_OF_A_PLANT}"
            f" {texts[number % past.PATTERNS][step]} {at}"
            for number in range(PLANTS * DEVICES_OF_A_PLANT)
        ]
        if len(lines) >= peers.LINES_OF_A_BODY:
            yield "\n".join(lines).encode()
            lines.clear()
    yield "\n".join(lines).encode()
