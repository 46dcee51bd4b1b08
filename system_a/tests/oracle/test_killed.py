"""Evaluators that are killed while they judge: the alerts are the oracle's, each of them once."""

import asyncio
import json
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd

from solarhub.kit.ids import uuid7
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.oracle.judge import expected_alerts

SYSTEM_A = Path(__file__).parents[2]
START = datetime(2026, 3, 21, 6, tzinfo=UTC)
LOW, FINE = 0.1, 2.0
KILLS = int(os.environ.get("SOLARHUB_TEST_KILLS", "10"))
DEVICES = [f"Inverter {number}" for number in range(1, 13)]

RULES: list[dict[str, Any]] = [
    {"duration_seconds": 0, "cooldown_minutes": 0, "auto_resolve": True},
    {"duration_seconds": 120, "cooldown_minutes": 0, "auto_resolve": True},
    {"duration_seconds": 300, "cooldown_minutes": 20, "auto_resolve": True},
    {"duration_seconds": 60, "cooldown_minutes": 5, "auto_resolve": False},
]

Told = tuple[int, str, datetime, float, datetime | None]


def rule_documents() -> list[dict[str, Any]]:
    return [
        {
            "name": str(number),
            "condition": {
                "metric": "power_output",
                "operator": "lt",
                "threshold": 0.3,
                "duration_seconds": rule["duration_seconds"],
            },
            "cooldown_minutes": rule["cooldown_minutes"],
            "auto_resolve": rule["auto_resolve"],
        }
        for number, rule in enumerate(RULES)
    ]


class Hub:
    """A process that stores and judges, and that may be killed at any time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.alerts.storing_and_judging", self._url, cwd=SYSTEM_A, stdin=PIPE, stdout=PIPE
        )
        assert await self._answer() == "ready"

    async def store(self, line: bytes) -> bool:
        """Whether it was acknowledged; if not, nobody knows."""
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            await self._process.stdin.drain()
            return await self._answer() == "stored"
        except (ConnectionError, asyncio.IncompleteReadError):
            return False

    async def _answer(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return (await self._process.stdout.readuntil()).decode().strip()

    async def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def end(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert await self._process.wait() == 0


def streams(chance: random.Random, length: int) -> dict[str, list[tuple[datetime, float]]]:
    """Readings of each device in runs on both sides of the threshold, with gaps."""
    found = {}
    for device in DEVICES:
        at, value, samples = START, FINE, []
        for _ in range(length):
            at += timedelta(seconds=chance.choice([60] * 12 + [30, 180, 181, 900]))
            value = chance.choice([value] * 4 + [LOW, FINE])
            samples.append((at, value))
        found[device] = samples
    return found


def enter_rules(database: TestDatabase, tenant: Tenant) -> list[UUID]:
    ids = []
    for document in rule_documents():
        ids.append(uuid7())
        database.fetch(
            "insert into alert_rules (id, organization_id, name, condition, severity, cooldown_minutes, auto_resolve)"
            f" values ('{ids[-1]}', '{tenant.organization_id}', '{document['name']}',"
            f" '{json.dumps(document['condition'])}', 'warning', {document['cooldown_minutes']},"
            f" {document['auto_resolve']})"
        )
    return ids


def raised(database: TestDatabase, rules: list[UUID]) -> list[Told]:
    rows = database.fetch(
        "select a.rule_id, d.name, a.triggered_at, a.metric_value, a.resolved_at"
        " from alerts a join devices d on d.id = a.device_id"
    )
    return sorted((rules.index(row[0]), *row[1:4], row[4] or datetime.max.replace(tzinfo=UTC)) for row in rows)


async def send(hubs: list[Hub], whose: list[object], reports: list[tuple[datetime, float]], seed: int) -> None:
    """In pieces, each to whichever hub it happens to meet, until one of them has acknowledged it."""
    chance = random.Random(seed)
    while reports:
        size = chance.randint(1, 4)
        piece, reports = reports[:size], reports[size:]
        line = json.dumps([whose, [[at.isoformat(), {"power_output": value}] for at, value in piece]]).encode() + b"\n"
        while not await _stored(chance.choice(hubs), line):  # noqa: ASYNC110 - a sender that tries again
            await asyncio.sleep(0.05)


_turns: dict[Hub, asyncio.Lock] = defaultdict(asyncio.Lock)


async def _stored(hub: Hub, line: bytes) -> bool:
    async with _turns[hub]:  # a hub is told one line at a time
        return await hub.store(line)


async def test_evaluators_killed_ten_times_raise_the_oracles_alerts_and_none_twice(
    database: TestDatabase, make_tenant: MakeTenant
) -> None:
    chance = random.Random(7)
    tenant = await make_tenant(devices=dict.fromkeys(DEVICES, "inverter"))
    rules = enter_rules(database, tenant)
    samples = streams(chance, 150)
    hubs = [Hub(database.url("solarhub_worker")) for _ in range(2)]
    for hub in hubs:
        await hub.start()
    try:
        senders = [
            asyncio.create_task(
                send(
                    hubs,
                    [
                        str(tenant.devices[device]),
                        str(tenant.organization_id),
                        tenant.organization_key,
                        tenant.device_keys[device],
                    ],
                    samples[device],
                    number,
                )
            )
            for number, device in enumerate(DEVICES)
        ]
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            victim = chance.choice(hubs)
            await victim.kill()
            async with _turns[victim]:
                await victim.start()
        await asyncio.gather(*senders)
        expected = _expected(samples)
        async with asyncio.timeout(60):
            while raised(database, rules) != expected:  # noqa: ASYNC110 - what is waited for is a row in the database
                await asyncio.sleep(0.2)
    finally:
        for hub in hubs:
            await hub.end()
    assert raised(database, rules) == expected
    assert len(expected) > 100
    episodes = database.fetch("select rule_id, target, streak_started_at from alert_episodes")
    assert len({tuple(row) for row in episodes}) == len(episodes) == len(expected)
    announced = database.fetch("select count(*) as n from alert_announcements where event = 'opened'")
    assert announced[0]["n"] == len(expected)


def _expected(samples: dict[str, list[tuple[datetime, float]]]) -> list[Told]:
    found = []
    for number, document in enumerate(rule_documents()):
        for device, stream in samples.items():
            instants = pd.DatetimeIndex([at for at, _ in stream])
            sun = pd.Series(45.0, index=instants)  # nobody asks
            found += [
                (number, device, alert.triggered_at, alert.value, alert.resolved_at or datetime.max.replace(tzinfo=UTC))
                for alert in expected_alerts(document, device, stream, sun=sun)
            ]
    return sorted(found)
