"""Three ways to the same alerts: judging in columns, SQL over what is stored, and the oracle, on streams by chance.

SOLARHUB_TEST_STREAMS says how many are tried (default 4).
"""

import json
import os
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from solarhub.alerts.evaluation import Evaluator
from solarhub.alerts.verification import verify
from solarhub.devices.identity import KnownDevice
from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.kit.ids import uuid7
from solarhub.telemetry.batch import CommittedBatch
from solarhub.telemetry.sample import Sample
from solarhub.telemetry.store import Store
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.oracle.streams import PLACES, SPRING, Place, Sent, alerts_of, cut, disturbed, judged, some_rules, stream
from tests.storing import Arrival, write

SEEDS = range(int(os.environ.get("SOLARHUB_TEST_STREAMS", "4")))
Told = tuple[str, str, datetime, float, datetime | None]


class Fleet:
    """Tenants at the oracle's places, under the same rules, and an evaluator that may begin anew at any time."""

    def __init__(self, database: TestDatabase, worker: Database, store: Store) -> None:
        self.database, self.worker, self.store = database, worker, store
        self.tenants: dict[Place, Tenant] = {}
        self.evaluator = Evaluator(worker, exclusive=True)

    def enter(self, rules: Sequence[dict[str, Any]]) -> None:
        for tenant in self.tenants.values():
            for rule in rules:
                condition = json.dumps(rule["condition"])
                condition = json.dumps(rule["condition"])
                self.database.fetch(
                    "insert into alert_rules (id, organization_id, name, condition, severity, cooldown_minutes,"
                    f" auto_resolve) values ('{uuid7()}', '{tenant.organization_id}', '{rule['name']}',"
                    f" '{condition}', 'warning', {rule['cooldown_minutes']}, {rule['auto_resolve']})"
                )

    async def restart(self) -> None:
        """As after a crash: nothing is saved, and the next one takes what this one held."""
        self.evaluator = Evaluator(self.worker, exclusive=True)
        await self.evaluator.start()

    async def commit(self, reports: Sequence[Sent]) -> CommittedBatch:
        arrivals = []
        for position, (name, at, readings) in enumerate(reports):
            tenant = next(tenant for tenant in self.tenants.values() if name in tenant.devices)
            device = KnownDevice(
                tenant.devices[name], tenant.organization_id, tenant.organization_key, tenant.device_keys[name]
            )
            arrivals.append(Arrival(device, Sample(position, at, readings)))
        return (await write(self.store, arrivals)).batch

    def alerts(self) -> list[Told]:
        rows = self.database.fetch(
            "select r.name as rule, d.name as device, a.triggered_at, a.metric_value, a.resolved_at from alerts a"
            " join alert_rules r on r.id = a.rule_id join devices d on d.id = a.device_id"
        )
        return sorted((tuple(row) for row in rows), key=_by_moment)

    async def verified(self) -> tuple[int, list[str]]:
        """How many alerts SQL says should have fired, and where it differs from what is recorded."""
        organizations = [(tenant.organization_id, place.devices[0]) for place, tenant in self.tenants.items()]
        looked_at = verify(
            self.worker, organizations, SPRING, SPRING + timedelta(days=30), now(), settled_for=timedelta(0)
        )
        found = [each async for each in looked_at]
        return sum(each.alerts for each in found), [
            f"{each.what}: {each.rule} {each.device} {each.triggered_at}" for one in found for each in one.differences
        ]


@pytest.fixture
async def fleet(database: TestDatabase, worker_database: Database, make_tenant: MakeTenant) -> Any:
    store = Store(worker_database)
    made = Fleet(database, worker_database, store)
    for number, place in enumerate(PLACES):
        made.tenants[place] = await make_tenant(
            f"Place {number}",
            dict.fromkeys(place.devices, "inverter"),
            latitude=place.latitude,
            longitude=place.longitude,
            interval_seconds=place.interval_seconds,
        )
    yield made
    store.disconnect()


def expected(rules: Sequence[dict[str, Any]], batches: Sequence[Sequence[Sent]]) -> list[Told]:
    samples = judged(batches)
    alerts = [alert for place in PLACES for alert in alerts_of(rules, place, samples)]
    told: list[Told] = [
        (alert.rule, alert.device, alert.triggered_at, alert.value, alert.resolved_at) for alert in alerts
    ]
    return sorted(told, key=_by_moment)


def _by_moment(alert: Any) -> tuple[object, ...]:
    return alert[2], alert[0], alert[1]


def some_day(chance: random.Random) -> list[Sent]:
    """Of all devices, as time goes by."""
    samples = [sample for place in PLACES for device in place.devices for sample in stream(chance, place, device, 140)]
    return sorted(samples, key=lambda sample: sample[1])


@pytest.mark.parametrize("seed", SEEDS)
async def test_judging_sql_and_the_oracle_agree_on_any_stream(fleet: Fleet, seed: int) -> None:
    """Shuffled, repeated and late, cut anywhere, over restarts."""
    chance = random.Random(seed)
    rules = some_rules(chance, 10)
    batches = cut(chance, disturbed(chance, some_day(chance)), chance.choice([10, 40, 200]))
    fleet.enter(rules)
    await fleet.restart()
    restarts = {chance.randrange(len(batches)) for _ in range(3)}
    for number, batch in enumerate(batches):
        committed = await fleet.commit(batch)
        match chance.choice(["judged"] * 8 + ["twice", "lost"]):
            case "judged":
                await fleet.evaluator.judge(committed)
            case "twice":
                await fleet.evaluator.judge(committed)
                await fleet.evaluator.judge(committed)
        if number in restarts:
            if chance.random() < 0.5:
                await fleet.evaluator.stop()
            await fleet.restart()
    await fleet.restart()
    wanted = expected(rules, batches)
    assert fleet.alerts() == wanted
    assert await fleet.verified() == (len(wanted), [])
    assert len(wanted) > 20


@pytest.mark.parametrize("seed", SEEDS)
async def test_how_a_stream_is_cut_into_batches_does_not_matter(fleet: Fleet, seed: int) -> None:
    chance = random.Random(1_000 + seed)
    rules, samples = some_rules(chance, 10), some_day(chance)
    fleet.enter(rules)
    await fleet.restart()
    batches = cut(chance, samples, chance.choice([20, 700]))
    for batch in batches:
        chance.shuffle(batch)
        await fleet.evaluator.judge(await fleet.commit(batch))
    assert fleet.alerts() == expected(rules, [[sample] for sample in samples])
