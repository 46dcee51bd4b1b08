"""A plant whose samples are really stored, and whose rules and alerts are rows."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from solarhub.alerts.delivery import tell
from solarhub.alerts.evaluation import Evaluator
from solarhub.devices.identity import KnownDevice
from solarhub.kit.db import Database, transaction
from solarhub.kit.ids import uuid7
from solarhub.kit.sealing import Keyring, new_key
from solarhub.telemetry.batch import CommittedBatch
from solarhub.telemetry.sample import Sample
from solarhub.telemetry.store import Store
from tests.alerts.listeners import Listeners
from tests.clients import api, people  # noqa: F401 - fixtures of these tests
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.storing import Arrival, write

NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)  # in Lahore
MINUTE = timedelta(minutes=1)
INVERTER, SECOND_INVERTER, STATION = "Inverter 1", "Inverter 2", "Met station"
LOW, FINE = {"power_output": 0.12}, {"power_output": 2.0}
"""Readings on both sides of the threshold that `Plant.rule` has."""

Report = tuple[str, datetime, dict[str, float]]


def minutes(*readings: dict[str, float], start: datetime = NOON, device: str = INVERTER) -> list[Report]:
    """One report a minute."""
    return [(device, start + i * MINUTE, values) for i, values in enumerate(readings)]


@dataclass
class Plant:
    """One tenant's site, written to as the corridor does."""

    database: TestDatabase
    store: Store
    tenant: Tenant
    rule_ids: list[UUID] = field(default_factory=list)

    def waiting(self) -> int:
        """Announcements that nobody was told of yet."""
        (row,) = self.database.fetch("select count(*) as n from alert_announcements where addressed_at is null")
        count: int = row["n"]
        return count

    async def commit(self, reports: list[Report]) -> CommittedBatch:
        """Stores the reports in one transaction; what they would be handed over as."""
        arrivals = [
            Arrival(
                KnownDevice(
                    self.tenant.devices[device],
                    self.tenant.organization_id,
                    self.tenant.organization_key,
                    self.tenant.device_keys[device],
                ),
                Sample(position, at, readings),
            )
            for position, (device, at, readings) in enumerate(reports)
        ]
        return (await write(self.store, arrivals)).batch

    def rule(
        self,
        *,
        metric: str = "power_output",
        operator: str = "lt",
        threshold: float = 0.3,
        minutes: float = 2,
        cooldown_minutes: int = 0,
        auto_resolve: bool = True,
        at_this_site: bool = False,
        **condition: object,
    ) -> UUID:
        """A rule in force: power below 0.3 kW for two minutes unless told otherwise."""
        rule_id = uuid7()
        wanted = {"metric": metric, "operator": operator, "threshold": threshold, "duration_seconds": int(60 * minutes)}
        site = f"'{self.tenant.site_id}'" if at_this_site else "null"
        self.database.fetch(
            "insert into alert_rules (id, organization_id, site_id, name, condition, severity, cooldown_minutes,"
            f" auto_resolve) values ('{rule_id}', '{self.tenant.organization_id}', {site}, 'Low power',"
            f" '{json.dumps(wanted | condition)}', 'warning', {cooldown_minutes}, {auto_resolve})"
        )
        self.rule_ids.append(rule_id)
        return rule_id

    def alert(
        self,
        *,
        rule_id: UUID | None = None,
        at: datetime = NOON,
        status: str = "active",
        severity: str = "warning",
        device: str = INVERTER,
        site_id: UUID | None = None,
    ) -> UUID:
        """A row as judging leaves it, with its episode; of a rule of its own unless one is named."""
        alert_id, rule_id = uuid7(), rule_id or self.rule()
        organization_id, device_id = self.tenant.organization_id, self.tenant.devices[device]
        is_closed = status in ("resolved", "expired")
        self.database.fetch(
            "insert into alert_episodes (alert_id, organization_id, rule_id, target, streak_started_at, triggered_at,"
            f" closed_at) values ('{alert_id}', '{organization_id}', '{rule_id}', 'device:{device_id}', '{at}', '{at}',"
            f" case when {is_closed} then now() end)",
            "insert into alerts (id, rule_id, organization_id, site_id, device_id, severity, status, title, message,"
            " metric_name, metric_value, threshold_value, triggered_at, acknowledged_at, resolved_at) values"
            f" ('{alert_id}', '{rule_id}', '{organization_id}', '{site_id or self.tenant.site_id}', '{device_id}',"
            f" '{severity}', '{status}', '{device}: power output below 0.3 kW', 'It is low', 'power_output', 0.12, 0.3,"
            f" '{at}', case '{status}' when 'acknowledged' then now() end,"
            f" case '{status}' when 'resolved' then now() end)",
        )
        return alert_id

    @property
    def path(self) -> str:
        """Under which everything of the organization lives."""
        return f"/api/v1/organizations/{self.tenant.organization_id}"

    def edit(self, rule_id: UUID, assignments: str) -> None:
        self.database.fetch(f"update alert_rules set {assignments} where id = '{rule_id}'")

    def resolve_by_hand(self) -> None:
        """Somebody resolves whatever is open."""
        self.database.fetch(
            "update alerts set status = 'resolved', resolved_at = now()"
            f" where organization_id = '{self.tenant.organization_id}' and status in ('active', 'acknowledged')"
        )

    def alerts(self) -> list[Any]:
        """All of the tenant's alerts, oldest first."""
        return self.database.fetch(
            "select a.*, d.name as device_name from alerts a join devices d on d.id = a.device_id"
            f" where a.organization_id = '{self.tenant.organization_id}' order by a.triggered_at, a.id"
        )

    def lives(self) -> list[tuple[int, int | None]]:
        """When each alert fired and was resolved by a sample, in minutes since noon."""
        return [(_minute(alert["triggered_at"]), _minute(alert["resolved_at"])) for alert in self.alerts()]

    def judged_until(self, device: str = INVERTER) -> datetime | None:
        """How far a device is judged, as far as that is written."""
        rows = self.database.fetch(
            "select timestamptz 'epoch' + p.until * interval '1 microsecond' as at from evaluation_positions,"
            " lateral unnest(device_keys, judged_until) as p (key, until)"
            f" where p.key = {self.tenant.device_keys[device]}"
        )
        return rows[0]["at"] if rows else None


def _minute(at: datetime | None) -> Any:
    return None if at is None else round((at - NOON) / MINUTE)


MakePlant = Callable[..., Awaitable[Plant]]


@pytest.fixture
async def make_plant(
    database: TestDatabase, worker_database: Database, make_tenant: MakeTenant
) -> AsyncIterator[MakePlant]:
    store = Store(worker_database)

    async def make(name: str = "Acme Solar", **arguments: Any) -> Plant:
        devices = {INVERTER: "inverter", SECOND_INVERTER: "inverter", STATION: "weather_station"}
        return Plant(database, store, await make_tenant(name, devices, **arguments))

    yield make
    store.disconnect()


@pytest.fixture
async def plant(make_plant: MakePlant) -> Plant:
    return await make_plant()


@pytest.fixture
def new_evaluator(worker_database: Database) -> Callable[[], Awaitable[Evaluator]]:
    """One that starts as a restarted hub does: it takes the lease of whoever held it."""

    async def start() -> Evaluator:
        evaluator = Evaluator(worker_database, exclusive=True)
        await evaluator.start()
        return evaluator

    return start


NewEvaluator = Callable[[], Awaitable[Evaluator]]


# ------------------------------------------------------------------------------------------------------- telling


Tell = Callable[[], Awaitable[int]]
KEYRING = Keyring.parse(new_key())


class Day:
    """Readings of one inverter, one a minute."""

    def __init__(self, plant: Plant, evaluator: Evaluator, device: str = INVERTER) -> None:
        self.plant, self.evaluator, self.device = plant, evaluator, device
        self.at = NOON

    async def reads(self, *readings: dict[str, float]) -> None:
        reports = minutes(*readings, start=self.at, device=self.device)
        self.at += len(readings) * MINUTE
        await self.evaluator.judge(await self.plant.commit(reports))


@pytest.fixture
def listeners(plant: Plant) -> Listeners:
    return Listeners(plant.database, plant.tenant.organization_id, plant.tenant.site_id)


@pytest.fixture
def tell_all(worker_database: Database) -> Tell:
    async def tell_once() -> int:
        async with transaction(worker_database) as session:
            return await tell(session, KEYRING, "https://hub.example.org")

    return tell_once


@pytest.fixture
async def evaluator(plant: Plant, new_evaluator: NewEvaluator) -> Evaluator:
    """With a rule that fires at the first low reading and writes e-mail."""
    rule_id = plant.rule(minutes=0)
    plant.edit(rule_id, "channels = '{email}'")
    return await new_evaluator()


@pytest.fixture
def day(plant: Plant, evaluator: Evaluator) -> Day:
    return Day(plant, evaluator)
