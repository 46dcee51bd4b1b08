"""A ledger of what was acknowledged, kept by devices of every kind, while hub and PostgreSQL are killed at random.

Afterwards everything acknowledged is on disk once, with the values that were sent first; what each device last said is
known; and what was sent twice with other values is counted. `make torture` kills 300 times and prints the ledger.
"""

import asyncio
import gzip
import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from time import time
from typing import Any

import httpx

from tests.journeys.running_hub import RunningHub

KILLS = int(os.environ.get("SOLARHUB_TEST_KILLS", "10"))
CHILDREN = 4

_REGISTER = """
with owner as (
    insert into users (id, email, password_hash, first_name, last_name)
    values (gen_random_uuid(), 'ledger@example.org', '!', 'Led', 'Ger') returning id
), organization as (
    insert into organizations (id, owner_id, name, slug)
    select gen_random_uuid(), owner.id, 'Ledger', 'ledger' from owner returning id
), plant as (
    insert into sites (id, organization_id, name, latitude, longitude, timezone)
    select gen_random_uuid(), organization.id, 'Plant', 31.5, 74.3, 'Asia/Karachi' from organization
    returning id, organization_id
)
insert into devices (id, site_id, organization_id, name, device_type, protocol)
select gen_random_uuid(), id, organization_id, name, type::device_type, 'http'
from plant, unnest($names, $types) as told (name, type)
"""

Sent = dict[tuple[str, int], float]
"""By device and second: the value that was sent."""

Send = Callable[[httpx.AsyncClient, Sent], Awaitable[Any]]


@dataclass
class Ledger:
    """What devices were told, and what they sent without ever being told."""

    acknowledged: Sent = field(default_factory=dict)
    attempted: dict[tuple[str, int], set[float]] = field(default_factory=lambda: defaultdict(set))
    quarantined: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def try_(self, sent: Sent) -> None:
        for key, value in sent.items():
            self.attempted[key].add(value)

    def take(self, sent: Sent, answer: dict[str, Any]) -> None:
        """An answer in the 200s: all of it is on disk, says the hub."""
        assert answer["stored"] + answer["duplicates"] == len(sent), answer
        for key, value in sent.items():
            self.acknowledged.setdefault(key, value)
        self.quarantined += len(answer["quarantined"])
        self.counts.update({name: answer[name] for name in ("stored", "duplicates", "conflicts")})


@dataclass
class Devices:
    """Those who send; `seconds` gives every sample an instant that no other has."""

    hub: RunningHub
    ledger: Ledger
    tokens: dict[str, str]
    chance: random.Random
    done: asyncio.Event = field(default_factory=asyncio.Event)
    seconds: Iterator[int] = field(default_factory=lambda: count(int(time()) - 3 * 86_400))

    def some(self, names: Sequence[str], most: int) -> Sent:
        return {
            (self.chance.choice(names), next(self.seconds)): round(self.chance.uniform(1, 99), 2)
            for _ in range(self.chance.randint(1, most))
        }

    async def post(self, client: httpx.AsyncClient, name: str, path: str, body: bytes, **headers: str) -> Any:
        """The answer, None where there is none or it is no acknowledgement."""
        try:
            response = await client.post(
                f"{self.hub.url}{path}",
                content=body,
                headers={"Authorization": f"Bearer {self.tokens[name]}"} | headers,
            )
        except httpx.TransportError:
            return None
        if response.status_code == 503:
            assert int(response.headers["retry-after"]) > 0
            return None
        assert response.status_code in (200, 204), response.text
        return response.json() if response.content else {}

    async def report(self, send: Send, names: Sequence[str]) -> None:
        """Sends what it has until it is acknowledged, as devices do; now and then it gives up on some of it."""
        async with httpx.AsyncClient(timeout=30) as client:
            while not self.done.is_set():
                await self.tell(client, send, self.some(names, 40), patience=0.9)

    async def tell(self, client: httpx.AsyncClient, send: Send, sent: Sent, *, patience: float) -> None:
        """Again and again, each time with that probability."""
        self.ledger.try_(sent)
        while True:
            answer = await send(client, sent)
            if answer is not None:
                self.ledger.take(sent, answer)
                break
            if self.chance.random() > patience:
                break
            await asyncio.sleep(self.chance.uniform(0.01, 0.2))

    async def as_device(self, client: httpx.AsyncClient, sent: Sent) -> Any:
        """JSON of its own samples, with a value among them that cannot be believed."""
        (name,) = {name for name, _ in sent}
        samples: list[dict[str, Any]] = [
            {"timestamp": at, "metrics": {"power_output": value}} for (_, at), value in sent.items()
        ]
        if self.chance.random() < 0.2:
            samples[0]["metrics"]["frequency"] = 1e6
        return await self.post(client, name, "/api/v1/telemetry", json.dumps({"samples": samples}).encode())

    async def as_gateway(self, client: httpx.AsyncClient, sent: Sent) -> Any:
        """JSON of its devices' samples, packed."""
        told = [
            {"device": name, "samples": [{"timestamp": at, "metrics": {"power_output": value, "frequency": 50.0}}]}
            for (name, at), value in sent.items()
        ]
        body = gzip.compress(json.dumps({"devices": told}).encode(), 1)
        return await self.post(client, "Gateway", "/api/v1/telemetry", body, **{"Content-Encoding": "gzip"})

    async def as_lines(self, client: httpx.AsyncClient, sent: Sent) -> Any:
        lines = [
            json.dumps({"device": name, "timestamp": 1000 * at, "metrics": {"power_output": value}})
            for (name, at), value in sent.items()
        ]
        body = "\n".join(lines).encode()
        return await self.post(client, "Gateway", "/api/v1/telemetry", body, **{"Content-Type": "application/x-ndjson"})

    async def as_telegraf(self, client: httpx.AsyncClient, sent: Sent) -> Any:
        """InfluxDB's line protocol, which counts nothing in its answer."""
        (name,) = {name for name, _ in sent}
        body = "\n".join(f"m power_output={value} {at}" for (_, at), value in sent.items()).encode()
        answer = await self.post(client, name, "/write?precision=s", body)
        return None if answer is None else {"stored": len(sent), "duplicates": 0, "conflicts": 0, "quarantined": []}

    async def contradict(self) -> None:
        """One that says every instant twice, with other values."""
        async with httpx.AsyncClient(timeout=30) as client:
            while not self.done.is_set():
                sent = self.some(["Doubtful"], 10)
                for number in range(2):
                    told = {key: value + number for key, value in sent.items()}
                    await self.tell(client, self.as_device, told, patience=1.0)


async def test_nothing_acknowledged_is_lost_or_doubled_while_hub_and_database_are_killed(hub: RunningHub) -> None:
    names = ["Plain", "Telegraf", "Doubtful", "Gateway", *(f"Child {number}" for number in range(CHILDREN))]
    tokens = register(hub, names)
    ledger = Ledger()
    devices = Devices(hub, ledger, tokens, random.Random(int(os.environ.get("SOLARHUB_TEST_SEED", "20261121"))))
    children = names[4:]
    sending = [
        asyncio.create_task(devices.report(devices.as_device, ["Plain"])),
        asyncio.create_task(devices.report(devices.as_gateway, children)),
        asyncio.create_task(devices.report(devices.as_lines, children)),
        asyncio.create_task(devices.report(devices.as_telegraf, ["Telegraf"])),
        asyncio.create_task(devices.contradict()),
    ]
    moments = random.Random(77)
    for number in range(KILLS - 1):
        before = len(ledger.acknowledged)
        await asyncio.sleep(moments.uniform(0.05, 0.6))
        await acknowledged_more_than(before, ledger, sending)
        if number % 3 == 2:
            await asyncio.to_thread(hub.kill)
            await asyncio.to_thread(hub.start)
        else:
            await asyncio.to_thread(hub.kill_database)
            await asyncio.to_thread(hub.wait_until_ready)
    await acknowledged_more_than(len(ledger.acknowledged) + 100, ledger, sending)
    devices.done.set()
    await asyncio.gather(*sending)
    await asyncio.to_thread(hub.kill)
    await asyncio.to_thread(hub.start)

    check(hub, ledger)


async def acknowledged_more_than(samples: int, ledger: Ledger, sending: Sequence["asyncio.Task[None]"]) -> None:
    """Returns when devices are heard again; a device that ended tells why."""
    async with asyncio.timeout(60):
        while len(ledger.acknowledged) <= samples:
            for task in sending:
                if task.done():
                    task.result()
            await asyncio.sleep(0.01)


def register(hub: RunningHub, names: Sequence[str]) -> dict[str, str]:
    """A plant with these devices, and their tokens; those called Child are the gateway's."""
    types = ["gateway" if name == "Gateway" else "inverter" for name in names]
    listed = ("array['" + "','".join(words) + "']" for words in (names, types))
    hub.fetch(_REGISTER.replace("$names", next(listed)).replace("$types", next(listed)))
    hub.fetch(
        "update devices set gateway_id = (select id from devices where name = 'Gateway') where name like 'Child%'"
    )
    tokens = {name: token_of(name) for name in names}
    for name, token in tokens.items():
        hub.fetch(
            "insert into device_tokens (organization_id, device_id, token_sha256) select organization_id, id,"
            f" '\\x{sha256(token.encode()).hexdigest()}' from devices where name = '{name}'"
        )
    return tokens


def token_of(name: str) -> str:
    """That of the device which `register` calls so."""
    return f"shd_{sha256(name.encode()).hexdigest()[:43]}"


def check(hub: RunningHub, ledger: Ledger) -> None:
    rows = hub.fetch(
        "select d.name, s.at, s.readings[array_position(l.series, 'power_output')] as value, s.at = any(array("
        "   select last_sample_at from device_state t where t.device_key = s.device_key)) as is_newest"
        " from telemetry_samples s join telemetry_layouts l on l.id = s.layout_id join devices d using (device_key)"
    )
    times = Counter((str(row["name"]), _second(row["at"])) for row in rows)
    stored = {(str(row["name"]), _second(row["at"])): row["value"] for row in rows}
    lost = ledger.acknowledged.keys() - stored.keys()
    newest: dict[str, int] = {}
    for name, second in stored:
        newest[name] = max(second, newest.get(name, 0))
    conflicts = _count(hub, "select coalesce(sum(conflicts), 0) as n from telemetry_conflicts")
    quarantined = _count(hub, "select count(*) as n from telemetry_quarantine")
    print(  # noqa: T201 - what `make torture` is run for
        f"{KILLS} kills; acknowledged {len(ledger.acknowledged):,}, stored {len(stored):,}, lost {len(lost)}, doubled"
        f" {sum(times.values()) - len(times)}, duplicates {ledger.counts['duplicates']:,}, conflicts"
        f" {ledger.counts['conflicts']:,} told and {conflicts:,} counted, quarantined {ledger.quarantined:,} told"
        f" and {quarantined:,} kept"
    )
    assert lost == set(), "acknowledged and lost"
    assert max(times.values()) == 1, "stored twice"
    assert set(stored) <= set(ledger.attempted), "stored and never sent"
    for key, value in ledger.acknowledged.items():
        # what was acknowledged first stays; where that was a repetition, an attempt before it was stored
        assert stored[key] in ledger.attempted[key]
        assert stored[key] == value or key[0] == "Doubtful"
    assert conflicts >= ledger.counts["conflicts"] > 0
    assert quarantined >= ledger.quarantined > 0
    told = {str(row["name"]) for row in rows if row["is_newest"] and _second(row["at"]) == newest[str(row["name"])]}
    assert told == set(newest), "of these devices it is not known what they last said"


def _second(at: object) -> int:
    assert isinstance(at, datetime)
    return int(at.astimezone(UTC).timestamp())


def _count(hub: RunningHub, statement: str) -> int:
    (row,) = hub.fetch(statement)
    return int(str(row["n"]))
