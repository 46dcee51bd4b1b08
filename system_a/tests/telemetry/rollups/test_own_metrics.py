"""Metrics of an organization's own are rolled up as those of the catalogue are that have their kind and unit."""

from datetime import timedelta

import pytest

from tests.telemetry.rollups.conftest import MakePlant, Plant, at

MINUTE = timedelta(minutes=1)
NOON = at("2026-03-01 07:00")


def define(plant: Plant, name: str, kind: str, unit: str = "kWh") -> None:
    plant.database.fetch(
        "insert into custom_metrics (organization_id, name, unit, kind, minimum, maximum, night, meaning) values"
        f" ('{plant.tenant.organization_id}', '{name}', '{unit}', '{kind}', 0, 1000000, 'nothing', 'Ours')"
    )


async def test_an_own_counter_grows_as_one_of_the_catalogue(plant: Plant) -> None:
    define(plant, "x_pump_energy", "cumulative")
    names = ("x_pump_energy", "x_pump_energy:l1", "energy_total")
    told = [(NOON + n * MINUTE, dict.fromkeys(names, 100 + n / 60)) for n in (*range(90), *range(270, 300))]
    await plant.report(told[:60])
    await plant.roll()
    await plant.report(told[60:])
    await plant.roll()
    await plant.roll_months()
    for table in ("rollup_quarters", "rollup_hours", "rollup_days", "rollup_months"):
        expected = [(each["a_kwh"], each["a_marks"]) for each in plant.values(table, "energy_total")]
        for name in names:
            assert [(each["a_kwh"], each["a_marks"]) for each in plant.values(table, name)] == expected
    gaps = plant.database.fetch("select series, kwh from rollup_gaps order by series")
    assert [(row["series"], row["kwh"]) for row in gaps] == [(name, pytest.approx(181 / 60)) for name in sorted(names)]
    assert plant.values("rollup_days", "x_pump_energy")[0]["a_kwh"] == pytest.approx(299 / 60)
    assert plant.days() == {"2026-03-01": pytest.approx(299 / 60)}


async def test_an_own_counter_of_the_day_begins_again(plant: Plant) -> None:
    define(plant, "x_pump_today", "daily")
    midnight = at("2026-03-01 19:00")
    await plant.report(
        [(midnight + n * MINUTE, {"x_pump_today": 8 + n / 60 if n < 0 else n / 60}) for n in range(-60, 60)]
    )
    await plant.roll()
    told = plant.values("rollup_days", "x_pump_today")
    assert [each["a_kwh"] for each in told] == [pytest.approx(8 - 1 / 60), pytest.approx(59 / 60)]


async def test_an_own_state_has_no_mean_at_any_length(plant: Plant) -> None:
    define(plant, "x_pump_state", "state", "1")
    define(plant, "x_pump_bits", "bitfield", "1")
    await plant.report([(NOON + n * MINUTE, {"x_pump_state": n % 3.0, "x_pump_bits": 6.0}) for n in range(60)])
    await plant.roll()
    await plant.roll_months()
    for table in ("rollup_quarters", "rollup_hours", "rollup_days", "rollup_months"):
        for name, greatest in (("x_pump_state", 2), ("x_pump_bits", 6)):
            rows = plant.values(table, name)
            assert {(str(each["a_mean"]), each["a_max"], each["a_kwh"]) for each in rows} == {("nan", greatest, None)}


async def test_a_name_is_what_each_organization_means_by_it(make_plant: MakePlant) -> None:
    counting, measuring = await make_plant("Counting"), await make_plant("Measuring")
    define(counting, "x_pump", "cumulative")
    define(measuring, "x_pump", "gauge", "bar")
    for each in (counting, measuring):
        await each.report([(NOON + n * MINUTE, {"x_pump": float(n)}) for n in range(15)])
    await counting.roll()
    assert [each["a_kwh"] for each in counting.values("rollup_quarters", "x_pump")] == [14]
    assert [each["a_kwh"] for each in measuring.values("rollup_quarters", "x_pump")] == [None]
