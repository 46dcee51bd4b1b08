"""A recorded plant speaks again: each device sends its samples through the public API, in order, until acknowledged."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from solarhub.demo.plant import PlantSample

LARGEST_BATCH = 500
"""Samples in one request, at most. A device that keeps up sends them one by one; one that fell behind catches up."""

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


class Refused(Exception):  # noqa: N818 - named like the domain's errors, after what happened
    """The hub said no, and would say no again: a wrong token, a wrong shape, a rule against it."""

    @classmethod
    def by(cls, response: httpx.Response) -> "Refused":
        """With the sentence of the problem document, where there is one."""
        try:
            detail = response.json()["detail"]
        except (ValueError, KeyError, TypeError):
            detail = response.text[:200]
        request = response.request
        return cls(f"{request.method} {request.url.path} was answered {response.status_code}: {detail}")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One answer of the hub: these samples of one device are stored, or were before, or stand in quarantine."""

    device: str
    samples: Sequence[PlantSample]
    stored: int
    duplicates: int
    quarantined: int


async def replay(
    samples: Sequence[PlantSample],
    *,
    client: httpx.AsyncClient,
    tokens: Mapping[str, str],
    speed: float,
    on_acknowledged: Callable[[Acknowledged], None],
    on_waiting: Callable[[str, str], None],
) -> None:
    """Sends `samples` as their devices would have, `speed` times as fast; returns when the last is acknowledged.

    `client` knows the hub's address, `tokens` are by device. `on_acknowledged` hears of every answer before the device
    sends anything else. What cannot be delivered now is tried again until it can: nothing is dropped. `on_waiting`
    hears of a device that begins to wait, and why. Raises Refused.
    """
    by_device: dict[str, list[PlantSample]] = defaultdict(list)
    for sample in samples:
        by_device[sample.device].append(sample)
    if not by_device:
        return
    clock = _Clock(first=min(sample.at for sample in samples), speed=speed)

    async def speak(device: str, own: Sequence[PlantSample]) -> None:
        position = 0
        while position < len(own):
            await asyncio.sleep(max(0.0, clock.seconds_until(own[position].at)))
            end = position + 1
            while end < len(own) and end - position < LARGEST_BATCH and clock.seconds_until(own[end].at) <= 0:
                end += 1
            on_acknowledged(await _deliver(own[position:end], client, tokens[device], on_waiting))
            position = end

    try:
        async with asyncio.TaskGroup() as devices:
            for device, own in by_device.items():
                devices.create_task(speak(device, own))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


class _Clock:
    """Plant time runs `speed` times as fast as ours from the moment this is made."""

    def __init__(self, *, first: datetime, speed: float) -> None:
        self._first = first
        self._speed = speed
        self._started = asyncio.get_running_loop().time()

    def seconds_until(self, at: datetime) -> float:
        due = self._started + (at - self._first).total_seconds() / self._speed
        return due - asyncio.get_running_loop().time()


async def _deliver(
    batch: Sequence[PlantSample], client: httpx.AsyncClient, token: str, on_waiting: Callable[[str, str], None]
) -> Acknowledged:
    documents = [{"timestamp": _rfc3339(sample.at), "metrics": sample.metrics} for sample in batch]
    body = documents[0] if len(documents) == 1 else {"samples": documents}
    pause = _FIRST_PAUSE_SECONDS
    while isinstance(answer := await _attempt(client, token, body), _NotNow):
        if pause == _FIRST_PAUSE_SECONDS:
            on_waiting(batch[0].device, answer.reason)
        await asyncio.sleep(max(pause, answer.seconds))
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
    return Acknowledged(
        device=batch[0].device,
        samples=batch,
        stored=answer["stored"],
        duplicates=answer["duplicates"],
        quarantined=len(answer["quarantined"]),
    )


@dataclass(frozen=True, slots=True)
class _NotNow:
    """The hub cannot take it, or cannot be reached; `seconds` is how long it asked to be left alone."""

    reason: str
    seconds: float = 0.0


async def _attempt(client: httpx.AsyncClient, token: str, body: dict[str, Any]) -> dict[str, Any] | _NotNow:
    try:
        response = await client.post("/api/v1/telemetry", json=body, headers={"Authorization": f"Bearer {token}"})
    except httpx.TransportError as error:
        return _NotNow(str(error) or type(error).__name__)
    if response.status_code == httpx.codes.OK:
        answer: dict[str, Any] = response.json()
        return answer
    if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        asked = response.headers.get("Retry-After", "")
        seconds = min(float(asked), _LONGEST_PAUSE_SECONDS) if asked.isdecimal() else 0.0
        return _NotNow(f"the hub answers {response.status_code}", seconds)
    raise Refused.by(response)


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
