"""Files of the past over HTTP: tried, stored once, told of, and taken out again."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.history import stretches
from solarhub.telemetry.rollups import rolling
from tests.conftest import Tenant, TestDatabase
from tests.telemetry.conftest import Door
from tests.telemetry.portals.files import csv, workbook

FIVE = timedelta(minutes=5)
KARACHI = timedelta(hours=5)
LONG_AGO = datetime(2023, 3, 10, 4, 0, tzinfo=UTC)
"""Nine in the morning in Karachi, long before anything that is live."""


def path(tenant: Tenant, rest: str = "") -> str:
    return f"/api/v1/organizations/{tenant.organization_id}/imports/history{rest}"


def export(rows: Sequence[tuple[datetime, str, str]]) -> bytes:
    """As Growatt's: at the plant's clock, power in W and the total in kWh."""
    lines = [f"{at + KARACHI:%Y-%m-%d %H:%M:%S},{power},{total}" for at, power, total in rows]
    return csv("Time,Pac(W),EacTotal(kWh)", *lines)


def morning(start: datetime = LONG_AGO, count: int = 24) -> list[tuple[datetime, str, str]]:
    return [(start + n * FIVE, str(1000 + 10 * n), f"{500 + n / 10:.1f}") for n in range(count)]


async def bring(door: Door, body: bytes, *, dry_run: bool = False, status: int = 200, **how: Any) -> dict[str, Any]:
    wanted = {"map": "growatt", "device": str(door.tenant.devices["Inverter 1"]), "dry_run": str(dry_run).lower()}
    wanted = {name: value for name, value in (wanted | how).items() if value is not None}
    answer = await door.client.post(path(door.tenant), params=wanted, content=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def stored(worker: Database, tenant: Tenant) -> dict[datetime, dict[str, float]]:
    """Every row of the first device, hot or cold."""
    async with transaction(worker) as session:
        told = await stretches(
            session, [tenant.device_keys["Inverter 1"]], datetime(2000, 1, 1, tzinfo=UTC), now() + timedelta(days=1)
        )
    return {
        datetime.fromtimestamp(at / 1e6, UTC): dict(zip(stretch.series, values, strict=True))
        for stretch in told
        for at, values in zip(stretch.at.tolist(), stretch.readings.tolist(), strict=True)
    }


def blocks(database: TestDatabase) -> list[tuple[int, int]]:
    rows = database.fetch("select rows, imported from telemetry_blocks order by day, part")
    return [(row["rows"], row["imported"]) for row in rows]


async def roll(worker: Database) -> None:
    """Until nothing is due."""
    async with transaction(worker) as session:
        await rolling.take(session, now(), at_once=True)
    while True:
        async with transaction(worker) as session:
            if not await rolling.roll(session, now()):
                return


async def energy_of(door: Door, day: str) -> float | None:
    answer = await door.client.get(
        f"/api/v1/organizations/{door.tenant.organization_id}/sites/{door.tenant.site_id}/energy", params={"day": day}
    )
    assert answer.status_code == 200, answer.text
    kwh: float | None = answer.json()["kwh"]
    return kwh


async def test_a_dry_run_says_what_would_happen_and_stores_nothing(
    door: Door, worker_database: Database, database: TestDatabase
) -> None:
    told = await bring(door, export([*morning(), (LONG_AGO, "oops", "1")]), dry_run=True)

    (device,) = told["devices"]
    assert (told["stored"], told["import_id"], told["verified"]) == (False, None, False)
    assert "never tried on a real export" in told["notes"][0]
    assert (device["stored"], device["duplicates"], device["conflicts"]) == (24, 1, 1)
    assert (device["first"], device["last"]) == ("2023-03-10T04:00:00Z", "2023-03-10T05:55:00Z")
    assert [each["series"] for each in device["series"]] == ["energy_total", "power_output"]
    assert device["series"][1] == {
        "series": "power_output", "unit": "kW", "values": 24, "minimum": 1.0, "maximum": 1.23,
    }  # fmt: skip
    assert device["days"], device["coverage"] == (1, [1.0])
    assert device["notes"] == []
    assert told["refusals"] == [
        {"place": "upload", "line": 26, "trouble": "not_a_number", "reason": "Pac(W): oops is not a number"}
    ]
    assert await stored(worker_database, door.tenant) == {}
    assert database.fetch("select from history_imports") == []


async def test_a_dry_run_says_when_rows_are_too_far_apart_to_be_no_gaps(door: Door) -> None:
    hourly = [(LONG_AGO + n * timedelta(hours=1), "1000", f"{500 + n}") for n in range(6)]
    [device] = (await bring(door, export(hourly), dry_run=True))["devices"]
    assert "3,600 s apart" in device["notes"][0]


async def test_rows_older_than_live_data_lie_in_blocks_marked_as_imported_and_are_rolled_up(
    door: Door, worker_database: Database, database: TestDatabase
) -> None:
    told = await bring(door, export(morning()), file_name="2023.csv")

    assert told["devices"][0]["stored"] == 24
    assert blocks(database) == [(24, 24)]
    rows = await stored(worker_database, door.tenant)
    assert rows[LONG_AGO + FIVE] == {"energy_total": 500.1, "power_output": 1.01}
    await roll(worker_database)
    assert await energy_of(door, "2023-03-10") == pytest.approx(2.3)


async def test_the_same_file_twice_stores_nothing_twice(
    door: Door, worker_database: Database, database: TestDatabase
) -> None:
    await bring(door, export(morning()))
    before = await stored(worker_database, door.tenant)

    again = await bring(door, export(list(reversed(morning()))))

    (device,) = again["devices"]
    assert (device["stored"], device["duplicates"], device["conflicts"]) == (0, 24, 0)
    assert await stored(worker_database, door.tenant) == before
    assert blocks(database) == [(24, 24)]


async def test_what_a_device_reported_itself_stays_and_no_alert_comes_of_what_is_brought(
    door: Door, worker_database: Database, database: TestDatabase
) -> None:
    start = now().replace(hour=7, minute=0, second=0, microsecond=0) - timedelta(days=1)
    rule = {
        "name": "Low",
        "severity": "warning",
        "condition": {"metric": "power_output", "operator": "lt", "threshold": 100.0, "duration_seconds": 0},
    }
    answer = await door.client.post(f"/api/v1/organizations/{door.tenant.organization_id}/alert-rules", json=rule)
    assert answer.status_code == 201, answer.text
    # above the rule's threshold: nothing that the device says itself is a breach
    live = [{"timestamp": (start + n * FIVE).isoformat(), "metrics": {"power_output": 150.0}} for n in range(3)]
    assert (await door.post({"samples": live})).status_code == 200
    latest = database.fetch("select last_sample_at, latest from device_state")

    told = await bring(door, export(morning(start, 24)))

    (device,) = told["devices"]
    assert (device["stored"], device["duplicates"], device["conflicts"]) == (21, 3, 3)
    rows = await stored(worker_database, door.tenant)
    assert rows[start] == {"power_output": 150.0}
    assert rows[start + 3 * FIVE] == {"energy_total": 500.3, "power_output": 1.03}
    raw = database.fetch("select imported, late, count(*) as n from telemetry_samples group by 1, 2 order by 1")
    assert [(row["imported"], row["late"], row["n"]) for row in raw] == [(False, False, 3), (True, True, 21)]
    await asyncio.sleep(0.5)
    assert database.fetch("select from alerts") == []
    assert database.fetch("select last_sample_at, latest from device_state") == latest


async def test_an_import_is_on_record_and_can_be_undone_and_nothing_else_with_it(
    door: Door, worker_database: Database, database: TestDatabase
) -> None:
    first = await bring(door, export(morning()), file_name="first.csv")
    second = await bring(door, export([*morning(count=30), *morning(now() - timedelta(hours=5), 3)]), file_name="2.csv")
    await roll(worker_database)

    listed = (await door.client.get(path(door.tenant))).json()
    assert [(each["file_name"], each["stored"], each["duplicates"]) for each in listed["items"]] == [
        ("2.csv", 9, 24),
        ("first.csv", 24, 0),
    ]
    assert listed["items"][0]["file_sha256"] == second["file_sha256"]
    assert all(each["finished_at"] and each["imported_by"] for each in listed["items"])
    one = (await door.client.get(path(door.tenant, f"/{first['import_id']}"))).json()
    assert [(each["device"], each["stored"]) for each in one["by_device"]] == [("Inverter 1", 24)]

    undone = await door.client.post(path(door.tenant, f"/{second['import_id']}/undo"))
    assert undone.json() == {"import_id": second["import_id"], "taken_out": 9, "notes": []}
    assert list(await stored(worker_database, door.tenant)) == [at for at, _, _ in morning()]

    await door.client.post(path(door.tenant, f"/{first['import_id']}/undo"))
    await roll(worker_database)
    assert await stored(worker_database, door.tenant) == {}
    assert blocks(database) == []
    assert await energy_of(door, "2023-03-10") is None
    again = await door.client.post(path(door.tenant, f"/{first['import_id']}/undo"))
    assert (again.status_code, again.json()["detail"]) == (409, "This import was undone before.")
    assert (await bring(door, export(morning())))["devices"][0]["stored"] == 24
    assert database.fetch("select from audit_entries where action = 'history_import.undo'") != []


async def test_two_equal_days_are_two_days_of_energy(door: Door, worker_database: Database) -> None:
    body = csv("date,energy_today", "2023-03-10,14.6", "2023-03-11,14.6", "2023-03-12,3")

    await bring(door, body, map="template")
    await roll(worker_database)

    days = [await energy_of(door, f"2023-03-{day}") for day in (10, 11, 12)]
    assert days == [pytest.approx(14.6), pytest.approx(14.6), pytest.approx(3)]


async def test_devices_are_found_by_what_the_file_calls_them(door: Door) -> None:
    device = str(door.tenant.devices["Inverter 1"])
    body = csv("time,device,power_output", "2023-03-10 09:00,INVERTER 1,1", "2023-03-10 09:00,Old one,2")

    told = await bring(door, body, map="template", device=None)
    assert told["strangers"] == {"no device here has the serial number or name Old one": 1}
    told = await bring(
        door, body, map="template", device=None, site=str(door.tenant.site_id), match=f"Old one={device}"
    )
    assert (told["refused"], told["devices"][0]["conflicts"]) == (0, 1)


async def test_progress_is_told_in_lines(door: Door) -> None:
    wanted = {"map": "growatt", "device": str(door.tenant.devices["Inverter 1"]), "dry_run": "false"}
    body = export(morning(count=12_000))

    answer = await door.client.post(
        path(door.tenant), params=wanted, content=body, headers={"Accept": "application/x-ndjson"}
    )

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["kind"] for line in lines] == ["progress", "progress", "progress", "result"]
    assert [line["rows"] for line in lines[:3]] == [5_000, 10_000, 12_000]
    assert lines[-1]["devices"][0]["stored"] == 12_000


async def test_dates_that_could_be_either_are_not_stored_before_somebody_says_which(
    door: Door, worker_database: Database
) -> None:
    body = csv("time,power_output", "03/04/2023 12:00,1")

    refused = await bring(door, body, map="template", status=422)
    assert refused["errors"][0]["allowed"] == ["dmy", "mdy"]
    await bring(door, body, map="template", dates="dmy")
    assert list(await stored(worker_database, door.tenant)) == [datetime(2023, 4, 3, 7, 0, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("how", "status", "told"),
    [
        ({"map": "growat"}, 422, "did you mean growatt?"),
        ({"time_zone": "Mars/Base"}, 422, "is no time zone"),
        ({"device": "00000000-0000-0000-0000-000000000001"}, 404, "There is no such device here."),
        ({"device": None, "match": "x=y"}, 422, "leads to no device here"),
        ({"map": "fusionsolar"}, 400, "is no export that the map fusionsolar knows"),
    ],
)
async def test_what_cannot_be_done_is_told_before_anything_is_stored(
    door: Door, database: TestDatabase, how: dict[str, Any], status: int, told: str
) -> None:
    answer = await bring(door, export(morning()), status=status, **how)

    assert told in json.dumps(answer)
    assert database.fetch("select from history_imports") == []


async def test_maps_are_listed(door: Door) -> None:
    answer: httpx.Response = await door.client.get(path(door.tenant, "/maps"))

    assert [(each["name"], each["verified"]) for each in answer.json()][:2] == [
        ("fusionsolar", False),
        ("growatt", False),
    ]


async def test_a_workbook_is_taken_as_it_is(door: Door) -> None:
    rows: list[list[Any]] = [[at + KARACHI, int(power), float(total)] for at, power, total in morning()]
    body = workbook(
        Data=[["Time", "Pac(W)", "EacTotal(kWh)"], *([at.replace(tzinfo=None), *rest] for at, *rest in rows)]
    )

    assert (await bring(door, body, file_name="export.xlsx"))["devices"][0]["stored"] == 24
