"""The questions of a dashboard, asked over the API by somebody who is signed in, and the same ones of a peer."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from threading import Event, Thread
from typing import Any
from uuid import UUID

import httpx

from benchmarks.engine.fleet import Fleet
from benchmarks.engine.peers import Peer
from benchmarks.running import Hub

QUESTIONS = ("latest_of_site", "chart_of_a_day", "energy_of_100_sites", "open_alerts")
_BETWEEN_SECONDS = 0.06  # within what one person may ask of the hub, and the same for a peer
_WARMING = 5
_PAUSE_SECONDS = 0.05  # between two questions: each is asked about five times a second


@dataclass
class Waits:
    """Milliseconds of each answer, by question."""

    of: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in QUESTIONS})
    failed: int = 0

    def p99(self, question: str) -> float:
        return percentile(self.of[question], 99)


def percentile(waits: list[float], which: int) -> float:
    """NaN without any."""
    if len(waits) < 2:
        return waits[0] if waits else float("nan")
    return quantiles(waits, n=100)[which - 1]


def paths(fleet: Fleet, device_ids: dict[UUID, UUID], plant: int, until: datetime) -> dict[str, str]:
    """Where the answer to each question is, for one plant and a device of it."""
    organization, site = fleet.plants[plant]
    here = f"/api/v1/organizations/{organization}"
    day = f"from={_written(until - timedelta(days=1))}&to={_written(until)}"
    first = (until - timedelta(days=30)).date()
    return {
        "latest_of_site": f"{here}/sites/{site}/latest",
        "chart_of_a_day": f"{here}/chart?metric=power_output&device_id={device_ids[site]}&points=600&{day}",
        "energy_of_100_sites": f"{here}/energy-history?by=day&limit=100&from={first}&to={until.date()}",
        "open_alerts": f"{here}/alerts?status=active&limit=50",
    }


@contextmanager
def reader(hub: Hub, fleet: Fleet, device_ids: dict[UUID, UUID], until: datetime) -> Iterator[Waits]:
    """Asks the four questions five times a second, of one plant after the other, while the block runs."""
    waits, stop = Waits(), Event()

    def read() -> None:
        with httpx.Client(base_url=hub.url, headers={"Cookie": fleet.cookie}, timeout=30) as client:
            number = 0
            while not stop.wait(_PAUSE_SECONDS):
                plant, question = number % len(fleet.plants), QUESTIONS[number % len(QUESTIONS)]
                number += 1
                path = paths(fleet, device_ids, plant, until)[question]
                began = time.perf_counter()
                try:
                    answer = client.get(path)
                except httpx.HTTPError:
                    waits.failed += 1
                    continue
                if answer.status_code == 200:
                    waits.of[question].append(1000 * (time.perf_counter() - began))
                else:
                    waits.failed += 1

    thread = Thread(target=read, daemon=True)
    thread.start()
    try:
        yield waits
    finally:
        stop.set()
        thread.join(60)


def ask_hub(hub: Hub, fleet: Fleet, asked: dict[str, str], times: int) -> dict[str, list[float]]:
    """Milliseconds of each answer by question, asked one after the other over one connection."""
    with httpx.Client(base_url=hub.url, headers={"Cookie": fleet.cookie}, timeout=60) as client:
        return {question: _ask(client, path, {}, times, lambda _: True) for question, path in asked.items()}


def ask_peer(peer: Peer, asked: dict[str, tuple[str, dict[str, str]]], times: int) -> dict[str, list[float]]:
    """The same, of a peer; an empty answer is a fault of the question."""
    with httpx.Client(base_url=f"http://127.0.0.1:{peer.port}", timeout=60) as client:
        return {
            question: _ask(client, path, parameters, times, lambda answer: bool(_results(answer.json())))
            for question, (path, parameters) in asked.items()
        }


def _ask(
    client: httpx.Client, path: str, parameters: dict[str, str], times: int, says: Callable[[httpx.Response], bool]
) -> list[float]:
    waits = []
    for number in range(times + _WARMING):
        began = time.perf_counter()
        answer = client.get(path, params=parameters or None)
        waited = 1000 * (time.perf_counter() - began)
        answer.raise_for_status()
        if not says(answer):
            raise RuntimeError(f"{path} has nothing to say: {answer.text[:300]}")
        if number >= _WARMING:
            waits.append(waited)
        time.sleep(_BETWEEN_SECONDS)
    return waits


def _results(answer: Any) -> Any:
    with contextlib.suppress(KeyError, TypeError):
        return answer["data"]["result"]
    return None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
