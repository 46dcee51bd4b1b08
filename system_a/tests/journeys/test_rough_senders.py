"""Senders as the open network has them: cut off, idle, endless; and a log that cannot be written."""

import asyncio
import json
import random
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from solarhub.kit.postgres import stop_running
from tests.conftest import temporary_data_dir
from tests.journeys.running_hub import RunningHub
from tests.journeys.test_ledger import register, token_of

CUT = 200
IDLE = 300


def known(hub: RunningHub) -> str:
    """The token of a device that is there, from now on at the latest."""
    if not hub.fetch("select id from devices where name = 'Plain'"):
        register(hub, ["Plain"])
    return token_of("Plain")


def head(token: str, length: int) -> bytes:
    return (
        "POST /api/v1/telemetry HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def request(token: str, at: int) -> bytes:
    body = json.dumps({"samples": [{"timestamp": at + n, "metrics": {"power_output": 1.0}} for n in range(200)]})
    return head(token, len(body)) + body.encode()


async def stored(hub: RunningHub) -> int:
    (row,) = await asyncio.to_thread(hub.fetch, "select count(*) as n from telemetry_samples")
    return int(str(row["n"]))


async def connections(hub: RunningHub) -> int:
    (row,) = await asyncio.to_thread(
        hub.fetch, "select count(*) as n from pg_stat_activity where application_name like 'solarhub %'"
    )
    return int(str(row["n"]))


async def test_who_is_cut_off_or_says_nothing_takes_nothing_from_the_others(steady_hub: RunningHub) -> None:
    hub = steady_hub
    token = known(hub)
    start = int(time.time()) - 86_400
    chance = random.Random(14)
    async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": f"Bearer {token}"}) as client:
        assert (await client.post("/api/v1/telemetry", json={"metrics": {"power_output": 1.0}})).status_code == 200
        before = await connections(hub)
        idle = [await asyncio.open_connection("127.0.0.1", hub.port) for _ in range(IDLE)]
        for number, (_, writer) in enumerate(idle):
            writer.write(head(token, 100)[: 10 + number % 150])

        async def cut(number: int) -> None:
            sent = request(token, start + 1000 * number)
            _, writer = await asyncio.open_connection("127.0.0.1", hub.port)
            writer.write(sent[: chance.randrange(1, len(sent))])
            await writer.drain()
            await asyncio.sleep(chance.uniform(0, 0.05))
            writer.transport.abort()

        for first in range(0, CUT, 20):
            await asyncio.gather(*(cut(number) for number in range(first, first + 20)))
        there = await stored(hub)
        answer = await client.post(
            "/api/v1/telemetry", json={"samples": [{"timestamp": start - 60, "metrics": {"power_output": 1.0}}]}
        )
        assert (answer.status_code, answer.json()["stored"]) == (200, 1)
        assert await stored(hub) == there + 1
        assert there == 1  # no body came whole
        assert await connections(hub) <= before + 2
        for _, writer in idle:
            writer.close()


async def test_a_body_without_end_is_cut_off_and_memory_stays_as_it_was(steady_hub: RunningHub) -> None:
    hub = steady_hub
    token = known(hub)
    before = memory_mb(hub)

    async def endless() -> AsyncIterator[bytes]:
        yield b'{"samples": ['
        for _ in range(100):
            yield b'{"metrics": {"power_output": 1.0}},' * 30_000

    async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": f"Bearer {token}"}) as client:
        for _ in range(5):
            try:
                answer = await client.post("/api/v1/telemetry", content=endless())
            except httpx.TransportError:
                continue  # the hub has closed the connection on a sender that would not end
            assert answer.status_code == 413
        deep = b'{"samples": ' + b"[" * 500_000
        assert (await client.post("/api/v1/telemetry", content=deep)).status_code in (400, 413)
        ready = await client.get("/health/ready")
    assert ready.status_code == 200
    assert memory_mb(hub) - before < 100


def memory_mb(hub: RunningHub) -> float:
    """What the hub's own process holds."""
    assert hub.process is not None
    status = Path(f"/proc/{hub.process.pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.fixture
def unheard_hub() -> Iterator[RunningHub]:
    """One whose output goes onto a disk that is full."""
    data_dir = temporary_data_dir()
    hub = RunningHub(data_dir)
    options = ("--data-dir", str(data_dir), "--port", str(hub.port))
    try:
        with Path("/dev/full").open("wb") as full:
            hub.process = subprocess.Popen(
                hub.command(*options), stdin=subprocess.DEVNULL, stdout=full, stderr=full, start_new_session=True
            )
        hub.log.touch()
        hub.wait_until_ready()
        yield hub
    finally:
        if hub.process is not None and hub.process.poll() is None:
            hub.stop()
        stop_running(data_dir)
        shutil.rmtree(data_dir, ignore_errors=True)
        hub.log.unlink(missing_ok=True)


def test_a_log_that_cannot_be_written_keeps_no_sample_from_being_stored(unheard_hub: RunningHub) -> None:
    token = known(unheard_hub)
    begin = int(time.time()) - 86_400
    with httpx.Client(base_url=unheard_hub.url, headers={"Authorization": f"Bearer {token}"}) as client:

        def is_stored(minute: int) -> bool:
            sample = {"timestamp": begin + 60 * minute, "metrics": {"power_output": 1.0}}
            return client.post("/api/v1/telemetry", json=sample).is_success

        assert is_stored(0)
        unheard_hub.kill_database()  # which is told in the log
        unheard_hub.wait_until_ready()
        end = time.monotonic() + 30
        while not is_stored(1) and time.monotonic() < end:
            time.sleep(0.1)
    assert len(unheard_hub.fetch("select from telemetry_samples")) == 2
