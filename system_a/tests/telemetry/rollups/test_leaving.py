"""Raw rows that leave, and the figures that were made of them."""

import asyncio
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from solarhub.devices.identity import KnownDevice
from solarhub.kit.clock import now
from solarhub.kit.db import transaction
from solarhub.telemetry.cold import importing
from solarhub.telemetry.cold.taking_out import take_out
from solarhub.telemetry.found.rewriting import hold, rewrite
from solarhub.telemetry.history import Stretch
from solarhub.telemetry.rollups.calendar import instant
from solarhub.telemetry.rollups.rolling import roll, take
from solarhub.telemetry.sample import Sample
from tests.telemetry.rollups.conftest import Plant, at

MINUTE = timedelta(minutes=1)
TABLES = ("rollup_quarters", "rollup_hours", "rollup_days", "rollup_months", "rollup_gaps", "site_energy_days")


def left(plant: Plant) -> list[str]:
    """Tables in which anything is left."""
    return [table for table in TABLES if plant.database.fetch(f"select from {table}")]


def recent() -> datetime:
    """A full hour by day in Karachi, some days ago."""
    return (now() - timedelta(days=3)).replace(hour=7, minute=0, second=0, microsecond=0)


def mark(plant: Plant) -> None:
    plant.database.fetch(
        "insert into telemetry_marks (hour, device_key)"
        " select distinct date_trunc('hour', start, 'UTC'), device_key from rollup_quarters"
    )


async def test_figures_of_hours_without_any_rows_left_go(plant: Plant) -> None:
    noon = recent()
    await plant.report([(noon + n * MINUTE, {"energy_total": 100 + n / 60}) for n in (0, 1, 2, 50, 51, 180, 181)])
    await plant.roll()
    await plant.roll_months()
    assert left(plant) == list(TABLES)
    mark(plant)
    plant.database.fetch("delete from telemetry_samples")
    await plant.roll()
    await plant.roll_months()
    assert left(plant) == []


async def test_figures_of_a_quarter_without_rows_go_and_its_neighbours_stay(plant: Plant) -> None:
    noon = recent()
    await plant.report([(noon + n * MINUTE, {"energy_total": 100 + n / 60}) for n in range(120)])
    await plant.roll()
    mark(plant)
    plant.database.fetch(
        f"delete from telemetry_samples where at >= '{noon + 15 * MINUTE}' and at < '{noon + 30 * MINUTE}'"
    )
    await plant.roll()
    assert [each["start"] - noon for each in plant.values("rollup_quarters", "energy_total")] == [
        n * MINUTE for n in (0, 30, 45, 60, 75, 90, 105)
    ]
    assert [each["a_count"] for each in plant.values("rollup_hours", "energy_total")] == [45, 60]
    assert plant.days() == {f"{noon:%Y-%m-%d}": pytest.approx(119 / 60)}


async def test_figures_whose_rows_retention_may_have_taken_stay(plant: Plant) -> None:
    noon = (now() - timedelta(days=33)).replace(hour=7, minute=0, second=0, microsecond=0)
    await plant.report([(noon + n * MINUTE, {"energy_total": 100 + n / 60}) for n in (0, 1, 2, 50, 51, 180, 181)])
    await plant.roll()
    days, gaps = plant.days(), plant.database.fetch("select * from rollup_gaps")
    assert gaps != []
    mark(plant)
    plant.database.fetch("delete from telemetry_samples where at > (select min(at) from telemetry_samples)")
    await plant.roll()
    assert (plant.days(), plant.database.fetch("select * from rollup_gaps")) == (days, gaps)
    assert sum(each["a_count"] for each in plant.values("rollup_hours", "energy_total")) == 7


async def test_a_gap_that_rows_which_are_left_would_tell_is_not_counted_beside_older_figures(plant: Plant) -> None:
    noon = at("2026-01-01 07:00")
    await plant.report([(noon + n * MINUTE, {"energy_total": 100 + n / 60}) for n in range(60)])
    await plant.roll()
    plant.database.fetch(
        f"delete from telemetry_samples where at > '{noon}' and at < '{noon + 50 * MINUTE}'",
    )
    mark(plant)
    await plant.roll()
    assert plant.days() == {"2026-01-01": pytest.approx(59 / 60)}
    assert left(plant) == ["rollup_quarters", "rollup_hours", "rollup_days", "site_energy_days"]


async def bring(plant: Plant, told: list[datetime]) -> npt.NDArray[np.int64]:
    """As a file does, a counter that rises; the instants."""
    instants = np.array([instant(each) for each in told])
    key = plant.tenant.device_keys["Inverter 1"]
    readings = np.linspace(100, 101, len(told)).reshape(-1, 1)
    async with transaction(plant.worker) as session:
        await importing.merge(session, key, [Stretch(key, ("energy_total",), instants, readings)], now())
    return instants


async def take_away(plant: Plant, instants: npt.NDArray[np.int64]) -> int:
    async with transaction(plant.worker) as session:
        return await take_out(session, plant.tenant.device_keys["Inverter 1"], instants)


async def test_what_is_taken_out_leaves_figures_that_were_made_of_rows_which_are_gone(plant: Plant) -> None:
    noon = at("2026-01-01 07:00")
    await plant.report([(noon + n * MINUTE, {"energy_total": 100 + n / 60}) for n in range(30)])
    await plant.roll()
    plant.database.fetch("delete from telemetry_samples")
    brought = await bring(plant, [noon + n * MINUTE for n in range(20, 70)])
    await plant.roll()
    assert [each["a_count"] for each in plant.values("rollup_quarters", "energy_total")] == [15, 15, 15, 15, 10]
    assert await take_away(plant, brought) == 50
    await plant.roll()
    assert [each["a_count"] for each in plant.values("rollup_quarters", "energy_total")] == [15, 15]
    assert [each["a_count"] for each in plant.values("rollup_hours", "energy_total")] == [30]


async def test_rows_that_are_taken_out_while_they_are_rolled_leave_no_figures(plant: Plant) -> None:
    brought = await bring(plant, [at("2026-01-01 07:00") + n * MINUTE for n in range(30)])
    async with transaction(plant.worker) as session:
        await take(session, now(), at_once=True)
    async with plant.worker.session() as rolling:
        assert await roll(rolling, now()) == 1
        leaving = asyncio.create_task(take_away(plant, brought))
        await asyncio.sleep(0.3)
        assert not leaving.done()
        await rolling.commit()
    assert await leaving == 30
    await plant.roll()
    assert left(plant) == []


async def test_rows_that_a_corrected_mapping_puts_elsewhere_leave_no_figures_where_they_were(plant: Plant) -> None:
    noon, told = at("2026-03-01 07:00"), [{"power_output": float(n)} for n in range(30)]
    await plant.report([(noon + n * MINUTE, readings) for n, readings in enumerate(told)])
    await plant.roll()
    tenant = plant.tenant
    key = tenant.device_keys["Inverter 1"]
    device = KnownDevice(tenant.devices["Inverter 1"], tenant.organization_id, tenant.organization_key, key)
    later = [Sample(n, noon + timedelta(minutes=20 + n), readings) for n, readings in enumerate(told)]
    replaced = [instant(noon + n * MINUTE) for n in range(30)]
    async with transaction(plant.worker) as session:
        keepers = await hold(session, device)
        assert await rewrite(session, device, keepers, later, replaced, replace=True, heard_at=now()) == (30, 30)
    await plant.roll()
    quarters = plant.values("rollup_quarters", "power_output")
    assert [(each["start"] - noon, each["a_count"]) for each in quarters] == [
        (15 * MINUTE, 10),
        (30 * MINUTE, 15),
        (45 * MINUTE, 5),
    ]
    assert [each["a_count"] for each in plant.values("rollup_hours", "power_output")] == [30]
