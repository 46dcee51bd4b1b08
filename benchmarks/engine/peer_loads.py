"""How fast the peers take the same samples over HTTP, with the client's encoding outside the timer and inside."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from statistics import median

from benchmarks.engine import peers
from benchmarks.engine.peers import LINES_OF_A_BODY, Peer
from benchmarks.sender import METRICS

_PEERS: dict[str, Callable[[], AbstractContextManager[Peer]]] = {
    "victoriametrics": peers.victoriametrics,
    "influxdb": peers.influxdb,
}


def peer_loads(devices: int, ticks: int, runs: int) -> dict[str, float]:
    """Acknowledged values a second: median of the runs, least and greatest; absent where a peer is not installed."""
    figures: dict[str, float] = {}
    for name, running in _PEERS.items():
        if not peers.installed(name):
            continue
        rates, inside = [], 0.0
        with running() as peer:
            for run in range(runs):
                began = time.perf_counter()
                bodies = list(_bodies(devices, ticks, run))
                encoding = time.perf_counter() - began
                seconds = peers.load(peer, bodies)
                rates.append(devices * ticks * len(METRICS) / seconds)
                inside = devices * ticks * len(METRICS) / (seconds + encoding)
        figures[f"{name}_values_per_s"] = median(rates)
        figures[f"{name}_values_per_s_min"] = min(rates)
        figures[f"{name}_values_per_s_max"] = max(rates)
        figures[f"{name}_values_per_s_encoding_inside"] = inside
    return figures


def _bodies(devices: int, ticks: int, run: int) -> Iterator[bytes]:
    chance = random.Random(run)
    texts = [peers.fields(chance) for _ in range(997)]
    start = int(time.time()) - 86400 + run * 7200
    for tick in range(ticks):
        at = (start + tick * 60) * 10**9
        for first in range(0, devices, LINES_OF_A_BODY):
            yield peers.lines(range(first, min(first + LINES_OF_A_BODY, devices)), at, texts)
