"""A corridor on a real database, the door to it, and devices that are known there."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI

from solarhub.devices import credentials, registry
from solarhub.devices.identity import KnownDevice
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.batch import CommittedBatch
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.sample import Sample
from solarhub.telemetry.store import Store
from tests.clients import app_of, running
from tests.committed import CommittedSample, samples_of
from tests.conftest import MakeTenant, Tenant, TestDatabase

MINUTE = timedelta(minutes=1)

FAILING = """
create function fail_at_commit() returns trigger language plpgsql as
$$ begin raise exception 'planted failure at commit'; end $$
"""
AT_COMMIT = """
create constraint trigger planted after insert or update on device_state deferrable initially deferred
for each row execute function fail_at_commit()
"""


_REFUSED_AT_COMMIT = """
create function refuse_at_commit() returns trigger language plpgsql as
$$ begin if new.readings[1] = 666 then raise exception 'planted' using errcode = 'check_violation'; end if; return null;
end $$
"""


def refuse_at_commit(database: TestDatabase, day: datetime) -> None:
    """From now on a transaction with a row of that day whose first reading is 666 fails as late as one can."""
    database.fetch(
        _REFUSED_AT_COMMIT,
        f"create constraint trigger planted after insert on telemetry_samples_{day:%Y%m%d}"
        " deferrable initially deferred for each row execute function refuse_at_commit()",
    )


def recently() -> datetime:
    """A full minute some hours ago, in the middle of no matter which day."""
    return now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


def known(tenant: Tenant, name: str = "Inverter 1") -> KnownDevice:
    return KnownDevice(tenant.devices[name], tenant.organization_id, tenant.organization_key, tenant.device_keys[name])


def samples(start: datetime, count: int, **readings: float) -> list[Sample]:
    """One a minute; `power_output=1.5` unless other readings are given."""
    return [Sample(number, start + number * MINUTE, dict(readings) or {"power_output": 1.5}) for number in range(count)]


class Committed(list[CommittedBatch]):
    """What the corridor handed on."""

    @property
    def rows(self) -> list[CommittedSample]:
        return [row for batch in self for row in samples_of(batch)]


@pytest.fixture
def committed() -> Committed:
    return Committed()


@pytest.fixture
async def ingest(worker_database: Database, committed: Committed) -> AsyncIterator[Ingest]:
    corridor = Ingest(worker_database, committed.append)
    await corridor.start()
    yield corridor
    await corridor.stop()


@pytest.fixture
async def store(worker_database: Database) -> AsyncIterator[Store]:
    opened = Store(worker_database)
    yield opened
    opened.disconnect()


class Door(NamedTuple):
    """A running hub, and a device that knows it."""

    client: httpx.AsyncClient
    tenant: Tenant
    token: str
    ingest: Ingest
    app: FastAPI

    async def post(self, body: object, **headers: str) -> httpx.Response:
        """`body` as it is when it is bytes, else as JSON in which NaN may stand."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(
            "/api/v1/telemetry", content=content, headers={"Authorization": f"Bearer {self.token}"} | headers
        )


@pytest.fixture
async def door(app_database: Database, database: TestDatabase, make_tenant: MakeTenant) -> AsyncIterator[Door]:
    tenant = await make_tenant()
    async with transaction(app_database, [tenant.organization_id]) as session:
        token = await credentials.issue(session, await registry.find(session, tenant.devices["Inverter 1"]))
    app = app_of(database)
    async with running(app, database) as people:
        yield Door(await people.super_admin(), tenant, token, app.state.ingest, app)


def stored(database: TestDatabase) -> list[tuple[int, datetime, bool, dict[str, float]]]:
    """Every row of the table, its readings by series: (device_key, at, late, readings)."""
    rows: list[Mapping[str, Any]] = database.fetch(
        "select s.device_key, s.at, s.late, l.series, s.readings from telemetry_samples s"
        " join telemetry_layouts l on l.id = s.layout_id and l.organization_key = s.organization_key order by 1, 2"
    )
    return [
        (
            row["device_key"],
            row["at"].astimezone(UTC),
            row["late"],
            {name: value for name, value in zip(row["series"], row["readings"], strict=True) if value is not None},
        )
        for row in rows
    ]
