"""Energy over HTTP, from what was rolled up: today, days, months and years, and the ledger of corrections."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.sites import registry
from solarhub.telemetry.queries.energy import generators
from solarhub.telemetry.rollups.live import asked_of, courses
from tests.clients import app_of, refused, running
from tests.conftest import MakeTenant, TestDatabase
from tests.telemetry.rollups.conftest import Plant, at

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
KARACHI = timedelta(hours=5)


class Desk:
    """A plant with two inverters, and somebody who may do everything there."""

    def __init__(self, plant: Plant, client: httpx.AsyncClient) -> None:
        self.plant, self.client = plant, client
        self.path = f"/api/v1/organizations/{plant.tenant.organization_id}"
        self.site = f"{self.path}/sites/{plant.tenant.site_id}"
        self.device = f"{self.path}/devices/{plant.tenant.devices['A']}"

    async def get(self, address: str, **parameters: object) -> Any:
        answer = await self.client.get(address, params={name.rstrip("_"): str(it) for name, it in parameters.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def desk(database: TestDatabase, worker_database: Database, make_tenant: MakeTenant) -> Any:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter", "Meter": "meter"})
    database.fetch("update devices set created_at = '2025-01-01'")
    plant = Plant(tenant, database, worker_database)
    app = app_of(database)
    async with running(app, database) as people:
        yield Desk(plant, await people.super_admin())


async def past(plant: Plant, days: int, *, first: str = "2026-03-01", name: str = "A") -> None:
    """So many days, each with as many kWh as its number, told from 8 to 9 o'clock."""
    total = 500.0
    for number in range(1, days + 1):
        start = at(first) + timedelta(days=number - 1, hours=3)
        told = [(start + n * MINUTE, {"energy_total": total + n * number / 60}) for n in range(61)]
        total += number
        await plant.report(told, name)
    await plant.roll()


async def test_a_history_tells_days_months_and_years_with_how_much_was_heard(desk: Desk) -> None:
    await past(desk.plant, 3, first="2026-02-27")
    days = await desk.get(f"{desk.site}/energy-history", from_="2026-02-20", to="2026-03-10")
    months = await desk.get(f"{desk.site}/energy-history", from_="2026-01-01", to="2026-12-31", by="month")
    years = await desk.get(f"{desk.device}/energy-history", from_="2025-01-01", to="2026-12-31", by="year")

    assert [(day["start"], day["kwh"], day["method"], day["marks"]) for day in days["periods"]] == [
        ("2026-02-27", pytest.approx(1), "counter", []),
        ("2026-02-28", pytest.approx(2), "counter", []),
        ("2026-03-01", pytest.approx(3), "counter", []),
    ]
    # 61 minutes of one device of two
    assert [day["coverage_percent"] for day in days["periods"]] == [2.1, 2.1, 2.1]
    assert (days["kwh"], days["from"], days["to"], days["by"]) == (pytest.approx(6), "2026-02-20", "2026-03-10", "day")
    assert [(month["start"], month["kwh"]) for month in months["periods"]] == [
        ("2026-02-01", pytest.approx(3)),
        ("2026-03-01", pytest.approx(3)),
    ]
    assert [(year["start"], year["kwh"]) for year in years["periods"]] == [("2026-01-01", pytest.approx(6))]


async def test_one_call_tells_of_every_plant(desk: Desk, make_tenant: MakeTenant) -> None:
    await past(desk.plant, 2)
    await make_tenant("Somebody else")
    answer = await desk.get(f"{desk.path}/energy-history", from_="2026-03-01", to="2026-03-31")
    [mine] = answer["items"]
    assert (answer["total"], mine["site_id"], mine["kwh"]) == (1, str(desk.plant.tenant.site_id), pytest.approx(3))
    assert [day["start"] for day in mine["periods"]] == ["2026-03-01", "2026-03-02"]
    empty = await desk.get(f"{desk.path}/energy-history", from_="2020-03-01", to="2020-03-31")
    assert (empty["items"][0]["kwh"], empty["items"][0]["periods"]) == (None, [])


async def test_what_is_too_much_for_one_answer_is_refused_with_what_is_not(desk: Desk) -> None:
    for parameters, field in (
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ({"from": "2020-01-01", "to": "2026-03-01"}, "by"),
        ({"from": "2025-03-01", "to": "2026-03-01", "limit": "500"}, "limit"),
        ({"by": "week"}, "by"),
    ):
        answer = await desk.client.get(f"{desk.path}/energy-history", params=parameters)
        assert refused(answer)[0]["field"] == field


def midnight() -> datetime:
    """Where today begins in Karachi, or where the day before does while it is young."""
    there = now() + KARACHI
    return there.replace(hour=0, minute=0, second=0, microsecond=0) - KARACHI


async def test_todays_energy_is_what_was_rolled_up_and_what_counters_show_since(desk: Desk) -> None:
    start = midnight()
    told = [(start + n * MINUTE, {"energy_total": 500 + n / 60}) for n in range(-30, 20)]
    await desk.plant.report(told[:40], "A")
    await desk.plant.roll()
    await desk.plant.report(told[40:], "A")
    desk.plant.database.fetch("delete from telemetry_samples")  # nobody needs them for this

    today = await desk.get(f"{desk.site}/energy")

    assert (today["kwh"], today["method"], today["marks"]) == (pytest.approx(19 / 60 + 1 / 60), "counter", [])
    assert [device["kwh"] for device in today["devices"]] == [pytest.approx(20 / 60), None]


async def test_the_fleet_and_the_page_need_no_raw_rows_of_the_day(desk: Desk, app_database: Database) -> None:
    start = midnight()
    told = [(start + n * MINUTE, {"energy_total": 500 + n / 60, "power_output": 1.0 + n // 15}) for n in range(30)]
    for name, some in (("A", told), ("B", told[:15])):
        await desk.plant.report(some, name)
    await desk.plant.roll()
    await desk.plant.report([(start + 30 * MINUTE, {"energy_total": 500.5, "power_output": 7.0})], "A")
    desk.plant.database.fetch(
        f"delete from telemetry_samples where at < '{start + 30 * MINUTE}'", "delete from telemetry_marks"
    )

    fleet = await desk.get(f"{desk.path}/fleet")
    tenant, keys = desk.plant.tenant, desk.plant.tenant.device_keys
    async with transaction(app_database, [tenant.organization_id], [tenant.organization_key]) as session:
        site = await registry.find(session, tenant.site_id)
        states = {
            device.device_key: asked_of(device, site, state) for device, state in await generators(session, site.id)
        }
        found = await courses(session, states, start, start + timedelta(days=1))

    assert fleet["energy_today_kwh"] == pytest.approx(30 / 60 + 14 / 60, abs=0.001)
    assert [found[keys["A"]][:4], found[keys["B"]][:4]] == [[1.0, 2.0, 7.0, None], [1.0, None, None, None]]


async def test_a_day_that_has_only_begun_counts_from_the_last_quarter_before_it(desk: Desk) -> None:
    start = midnight()
    await desk.plant.report([(start + n * MINUTE, {"energy_total": 500 + n / 60}) for n in range(-30, 0)], "A")
    await desk.plant.roll()
    await desk.plant.report([(start + n * MINUTE, {"energy_total": 500 + n / 60}) for n in range(10)], "A")
    desk.plant.database.fetch("delete from telemetry_samples")
    assert (await desk.get(f"{desk.site}/energy"))["kwh"] == pytest.approx(10 / 60)


async def test_what_no_counter_tells_is_read_up_to_now(desk: Desk) -> None:
    start = midnight()
    await desk.plant.report([(start + n * MINUTE, {"power_output": 6.0}) for n in range(10)], "A")
    await desk.plant.roll()
    await desk.plant.report([(start + n * MINUTE, {"power_output": 6.0}) for n in range(10, 31)], "A")
    today = await desk.get(f"{desk.site}/energy")
    assert (today["kwh"], today["method"]) == (pytest.approx(3), "power")


async def test_before_anything_is_rolled_up_energy_comes_from_raw_rows(desk: Desk) -> None:
    start = at("2026-03-01 03:00")
    await desk.plant.report([(start + n * MINUTE, {"energy_total": 500 + n / 60}) for n in range(61)], "A")
    before = await desk.get(f"{desk.site}/energy", day="2026-03-01")
    await desk.plant.roll()
    assert await desk.get(f"{desk.site}/energy", day="2026-03-01") == before
    assert (before["kwh"], before["coverage_percent"]) == (pytest.approx(1), 2.1)


# ------------------------------------------------------------------------------------------------------------- ledger


async def correct(desk: Desk, **more: Any) -> httpx.Response:
    document = {"first_day": "2026-03-01", "last_day": "2026-03-02", "kwh": 30.0, "reason": "Meter replaced"}
    return await desk.client.post(f"{desk.device}/energy-corrections", json=document | more)


async def days(desk: Desk) -> dict[str, Any]:
    await desk.plant.roll()
    told = await desk.get(f"{desk.site}/energy-history", from_="2026-03-01", to="2026-03-31")
    return {day["start"]: (day["kwh"], day["measured_kwh"], day["marks"]) for day in told["periods"]}


async def test_a_correction_is_shared_out_as_the_days_were_measured_and_can_be_undone(desk: Desk) -> None:
    await past(desk.plant, 3)
    measured = await days(desk)
    made = await correct(desk)
    assert made.status_code == 201, made.text
    assert (made.json()["kwh_before"], made.json()["kwh"]) == (pytest.approx(3), 30)
    assert await days(desk) == {
        "2026-03-01": (pytest.approx(10), pytest.approx(1), ["corrected"]),
        "2026-03-02": (pytest.approx(20), pytest.approx(2), ["corrected"]),
        "2026-03-03": measured["2026-03-03"],
    }
    [line] = (await desk.get(f"{desk.device}/energy-corrections"))["items"]
    assert (line["reason"], line["undone_at"]) == ("Meter replaced", None)

    undo = f"{desk.device}/energy-corrections/{line['id']}/undo"
    assert (await desk.client.post(undo)).json()["undone_at"] is not None
    assert await days(desk) == measured
    assert (await desk.client.post(undo)).status_code == 409
    acts = desk.plant.database.fetch("select action from audit_entries where target_type = 'energy_correction'")
    assert sorted(row["action"] for row in acts) == ["energy.correct", "energy.undo"]


async def test_a_correction_stays_while_late_rows_change_what_was_measured(desk: Desk) -> None:
    await past(desk.plant, 2)
    await correct(desk)
    await days(desk)
    # a reset that nobody had heard of: another 7 kWh on the second day
    await desk.plant.report([(at("2026-03-02 05:00"), {"energy_total": 10.0})], "A")
    found = await days(desk)
    assert sum(kwh for kwh, _, _ in found.values()) == pytest.approx(30)
    assert found["2026-03-02"][1] == pytest.approx(12)
    assert found["2026-03-02"][2] == ["gap", "reset", "corrected"]


async def test_days_of_which_nothing_was_heard_can_be_told_by_a_person(desk: Desk) -> None:
    answer = await correct(desk, first_day="2026-03-10", last_day="2026-03-12", kwh=9.0)
    assert answer.json()["kwh_before"] is None
    assert await days(desk) == {f"2026-03-{day}": (pytest.approx(3), None, ["corrected"]) for day in ("10", "11", "12")}


async def test_two_corrections_of_one_day_are_refused_and_so_is_what_lies_ahead(desk: Desk) -> None:
    first = (await correct(desk)).json()
    clash = await correct(desk, first_day="2026-03-02", last_day="2026-03-05")
    assert (clash.status_code, clash.json()["correction_id"]) == (409, first["id"])
    for parameters, field in (
        ({"last_day": "2026-02-01"}, "last_day"),
        ({"last_day": "2027-04-01"}, "last_day"),
        (
            {"last_day": (now() + timedelta(days=3)).date().isoformat(), "first_day": now().date().isoformat()},
            "last_day",
        ),
        ({"kwh": -1}, "kwh"),
        ({"reason": ""}, "reason"),
    ):
        assert refused(await correct(desk, **parameters))[0]["field"] == field
