"""From raw rows to quarters, hours, days and months."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import transaction
from solarhub.telemetry.rollups.rolling import patience, roll, take
from solarhub.telemetry.rollups.vocabulary import Mark
from tests.telemetry.rollups.conftest import MakePlant, Plant, at

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


async def test_a_quarter_holds_mean_least_greatest_last_and_number(plant: Plant) -> None:
    noon = at("2026-03-01 07:00")
    await plant.report([(noon + n * MINUTE, {"power_output": float(n), "frequency": 50.0}) for n in range(20)])
    await plant.roll()

    quarters = plant.values("rollup_quarters", "power_output")
    [hour] = plant.values("rollup_hours", "power_output")

    told = [(q["a_mean"], q["a_min"], q["a_max"], q["a_last"], q["a_count"]) for q in quarters]
    assert told == [(7.0, 0.0, 14.0, 14.0, 15), (17.0, 15.0, 19.0, 19.0, 5)]
    assert (hour["a_mean"], hour["a_min"], hour["a_max"], hour["a_last"], hour["a_count"]) == (9.5, 0, 19, 19, 20)
    [day] = plant.values("rollup_days", "frequency")
    assert (day["a_mean"], day["a_count"], day["day"].isoformat()) == (50.0, 20, "2026-03-01")
    await plant.roll_months()
    [month] = plant.values("rollup_months", "power_output")
    assert (month["a_mean"], month["a_count"], month["month"].isoformat()) == (9.5, 20, "2026-03-01")


async def test_a_days_energy_is_the_growth_of_its_counter(plant: Plant) -> None:
    start = at("2026-02-28 19:00")  # midnight in Karachi
    told = [(start + n * MINUTE, {"energy_total": 1000 + n / 60, "power_output": 1.0}) for n in range(24 * 60 + 30)]
    await plant.report(told)
    await plant.roll()
    assert plant.days() == {"2026-03-01": pytest.approx(24 - 1 / 60), "2026-03-02": pytest.approx(0.5)}
    hours = plant.values("rollup_hours", "energy_total")
    assert [hour["a_kwh"] for hour in hours[1:24]] == [pytest.approx(1.0)] * 23


ZONES = [
    # zone | day | midnight there in UTC | hours of the day, and how many of them begin by the clock
    ("Asia/Karachi", "2025-06-01", "2025-05-31 19:00", 24.0, 24),
    ("Asia/Kolkata", "2025-06-01", "2025-05-31 18:30", 24.0, 24),
    ("Europe/Berlin", "2025-03-30", "2025-03-29 23:00", 23.0, 23),
    ("Europe/Berlin", "2025-10-26", "2025-10-25 22:00", 25.0, 25),
    ("Australia/Lord_Howe", "2025-10-05", "2025-10-04 13:30", 23.5, 24),
    ("Australia/Lord_Howe", "2025-04-06", "2025-04-05 13:00", 24.5, 25),
]


@pytest.mark.parametrize(("zone", "day", "midnight", "hours", "clock_hours"), ZONES)
async def test_a_day_is_the_sites_however_long_it_is(  # noqa: PLR0917 - a row of the table above
    make_plant: MakePlant, zone: str, day: str, midnight: str, hours: float, clock_hours: int
) -> None:
    plant = await make_plant(timezone=zone, interval_seconds=300)
    start = at(midnight)
    step = timedelta(minutes=5)
    count = int(hours * 12)
    await plant.report([(start + n * step, {"energy_total": 500 + n / 12}) for n in range(-24, count + 24)])
    await plant.roll()

    days = plant.values("rollup_days", "energy_total")
    [mine] = [each for each in days if each["day"].isoformat() == day]
    assert mine["energy_kwh"] == pytest.approx(hours)
    assert (mine["starts_at"], mine["ends_at"]) == (start, start + timedelta(hours=hours))
    assert mine["a_count"] == count
    rolled = [each for each in plant.values("rollup_hours", "energy_total") if start <= each["start"] < mine["ends_at"]]
    assert len(rolled) == clock_hours
    assert [each["ends_at"] for each in rolled] == [*(each["start"] for each in rolled[1:]), mine["ends_at"]]
    assert sum(each["a_kwh"] for each in rolled) == pytest.approx(hours)


async def test_energy_of_a_silence_is_booked_to_its_days_as_the_sun_stood(plant: Plant) -> None:
    noon = at("2026-03-01 07:00")
    await plant.report([(noon, {"energy_total": 100.0}), (noon + 48 * HOUR, {"energy_total": 130.0})])
    await plant.roll()

    days = plant.days()
    assert sum(filter(None, days.values())) == pytest.approx(30)
    assert days["2026-03-02"] == pytest.approx(15, rel=0.02)
    assert days["2026-03-01"] == pytest.approx(7.5, rel=0.1)
    [gap] = plant.database.fetch("select * from rollup_gaps")
    assert (gap["started_at"], gap["ended_at"], gap["kwh"], gap["marks"]) == (noon, noon + 48 * HOUR, 30.0, Mark.GAP)
    silent = plant.values("rollup_days", "energy_total")[1]
    assert (silent["samples"], silent["energy_marks"], silent["energy_method"]) == (0, Mark.GAP, "counter")


async def test_what_comes_late_fills_the_silence_it_belongs_to(plant: Plant) -> None:
    noon = at("2026-03-01 07:00")
    every = [(noon + n * MINUTE, {"energy_total": 100 + n / 60}) for n in range(181)]
    await plant.report([every[0], every[-1]])
    await plant.roll()
    assert plant.database.fetch("select kwh from rollup_gaps")[0]["kwh"] == 3
    await plant.report(every[1:-1])
    await plant.roll()
    assert plant.database.fetch("select * from rollup_gaps") == []
    assert [hour["a_kwh"] for hour in plant.values("rollup_hours", "energy_total")[:3]] == [
        pytest.approx(59 / 60),
        pytest.approx(1),
        pytest.approx(1),
    ]
    assert plant.days() == {"2026-03-01": pytest.approx(3)}


async def test_a_counter_that_begins_again_is_marked_and_counted_on(plant: Plant) -> None:
    noon = at("2026-03-01 07:00")
    told = [(noon + n * MINUTE, {"energy_total": 812 + n / 60 if n < 40 else (n - 40) / 60}) for n in range(80)]
    await plant.report(told)
    await plant.roll()
    [day] = plant.values("rollup_days", "energy_total")
    assert (day["energy_kwh"], day["energy_marks"]) == (pytest.approx(78 / 60), Mark.RESET)


SNAPSHOT = (
    "select q.*, l.series from rollup_quarters q join telemetry_layouts l on l.id = q.layout_id order by 1, 2",
    "select h.*, l.series from rollup_hours h join telemetry_layouts l on l.id = h.layout_id order by 1, 2",
    "select device_key, day, energy_kwh, energy_marks, samples, kwh from rollup_days order by 1, 2",
    "select * from rollup_gaps order by 1, 2, 3",
    "select day, energy_kwh, energy_marks, covered_seconds from site_energy_days order by 1",
)


def snapshot(plant: Plant) -> list[list[tuple[object, ...]]]:
    """Everything rolled; layouts by name and to seven digits, for sums of floating point depend on their order."""
    return [[tuple(map(_plain, row.values())) for row in plant.database.fetch(query)] for query in SNAPSHOT]


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return f"{value:.7g}" if isinstance(value, float) else value


@pytest.mark.parametrize("seed", range(4))
async def test_the_order_of_arrival_makes_no_difference(make_plant: MakePlant, seed: int) -> None:
    chance = Random(seed)
    start, kwh, told = at("2026-03-01 16:00"), 6500.0, []
    moment = start
    for _ in range(400):
        moment += chance.choice([MINUTE, MINUTE, MINUTE, 7 * MINUTE, HOUR if chance.random() < 0.1 else MINUTE])
        kwh = chance.choice([kwh, kwh + 0.05, kwh + 0.05, kwh + chance.random() * (chance.random() < 0.05)])
        kwh = 0.0 if chance.random() < 0.005 else kwh - 0.01 if chance.random() < 0.02 and kwh > 1 else kwh
        readings = {"energy_total": round(kwh, 2), "power_output": chance.random() * 5, "energy_today": 3.0}
        if chance.random() < 0.05:
            del readings[chance.choice(["energy_total", "power_output"])]
        told.append((moment, readings))
    facts = '{"rated_power_kw": 5, "energy_register_kwh": 6553.6}'
    in_order = await make_plant("In order", metadata=facts)
    await in_order.report(told)
    await in_order.roll()
    expected = snapshot(in_order)
    for name in ("energy_total", "energy_today"):
        parts = [each["a_kwh"] or 0 for each in in_order.values("rollup_quarters", name)]
        [gaps] = in_order.database.fetch(f"select coalesce(sum(kwh), 0) from rollup_gaps where series = '{name}'")
        days = [each["a_kwh"] or 0 for each in in_order.values("rollup_days", name)]
        assert sum(days) == pytest.approx(sum(parts) + gaps[0])
    in_order.database.fetch(
        "truncate rollup_quarters, rollup_hours, rollup_days, rollup_gaps, site_energy_days",
        "delete from telemetry_samples",
    )
    chance.shuffle(told)
    while told:
        some, told = told[: len(told) // 2 + 1], told[len(told) // 2 + 1 :]
        await in_order.report(some)
        if chance.random() < 0.8:
            await in_order.roll()
    await in_order.roll()
    assert snapshot(in_order) == expected


async def test_rolling_again_changes_nothing(plant: Plant) -> None:
    noon = at("2026-03-01 07:00")
    told = [(noon + n * MINUTE, {"energy_total": 812 + n / 60, "power_output": 1.0}) for n in range(100)]
    await plant.report(told)
    await plant.roll()
    before = snapshot(plant)
    versions = plant.database.fetch("select device_key, start, xmin from rollup_quarters order by 2")
    await plant.report(told)
    assert await plant.roll() > 0
    assert snapshot(plant) == before
    assert plant.database.fetch("select device_key, start, xmin from rollup_quarters order by 2") == versions


async def test_what_retention_has_left_of_an_hour_does_not_replace_what_was_rolled_of_all_of_it(plant: Plant) -> None:
    noon = at("2026-03-01 07:00")
    await plant.report([(noon + n * MINUTE, {"power_output": float(n)}) for n in range(30)])
    await plant.roll()
    before = snapshot(plant)
    plant.database.fetch("delete from telemetry_samples")
    await plant.report([(noon + timedelta(seconds=30), {"power_output": 5.0})])
    await plant.roll()
    assert snapshot(plant) == before


async def test_a_step_that_fails_gives_its_work_back(plant: Plant) -> None:
    noon = at("2026-03-01 07:00")
    await plant.report([(noon + n * MINUTE, {"power_output": 1.0}) for n in range(30)])
    async with transaction(plant.worker) as session:
        await take(session, now(), at_once=True)
    async with plant.worker.session() as session:
        assert await roll(session, now()) == 1  # and nothing is committed
    assert plant.values("rollup_quarters", "power_output") == []
    assert await plant.roll() == 1
    assert len(plant.values("rollup_quarters", "power_output")) == 2


async def test_workers_share_the_plants_out_and_come_to_the_same(make_plant: MakePlant) -> None:
    noon = at("2026-03-01 07:00")
    names = [f"Inverter {number}" for number in range(4)]
    plants = [await make_plant(f"P{number}", devices=dict.fromkeys(names, "inverter")) for number in range(6)]
    for plant in plants:
        for name in names:
            await plant.report(
                [(noon + n * 5 * MINUTE, {"energy_total": 100 + n / 12, "power_output": 1.0}) for n in range(60)], name
            )
    await asyncio.gather(*(plant.roll() for plant in plants[:3]))
    await plants[0].roll()
    rows = plants[0].database.fetch("select energy_kwh, devices from site_energy_days")
    assert [(row["energy_kwh"], row["devices"]) for row in rows] == [(pytest.approx(4 * 59 / 12), 4)] * 6
    assert plants[0].database.fetch("select * from rollup_todo") == []


async def test_by_other_clocks_hours_and_days_are_put_together_anew(make_plant: MakePlant) -> None:
    plant = await make_plant(interval_seconds=300)
    start = at("2026-03-01 12:00")
    await plant.report([(start + n * 5 * MINUTE, {"energy_total": 100 + n / 12}) for n in range(24 * 12)])
    await plant.roll()
    assert list(plant.days()) == ["2026-03-01", "2026-03-02"]
    plant.database.fetch("update sites set timezone = 'America/New_York'")
    await plant.roll()
    assert list(plant.days()) == ["2026-03-01", "2026-03-02"]
    plant.database.fetch("update sites set timezone = 'Pacific/Apia'")
    await plant.roll()
    assert list(plant.days()) == ["2026-03-02", "2026-03-03"]
    assert [str(row["day"]) for row in plant.database.fetch("select day from site_energy_days order by 1")] == [
        "2026-03-02",
        "2026-03-03",
    ]
    plant.database.fetch("update sites set timezone = 'Asia/Kolkata'")
    await plant.roll()
    hours = plant.values("rollup_hours", "energy_total")
    assert {hour["start"].minute for hour in hours} == {30}
    assert sum(hour["a_kwh"] or 0 for hour in hours) == pytest.approx(287 / 12)
    assert plant.days() == {"2026-03-01": pytest.approx(77 / 12), "2026-03-02": pytest.approx(210 / 12)}


async def test_marks_wait_a_minute_in_a_small_fleet_and_an_hour_in_a_large_one(plant: Plant) -> None:
    assert (patience(0), patience(900), patience(100_000)) == (MINUTE, 7.5 * MINUTE, HOUR)
    await plant.report([(at("2026-03-01 07:00"), {"power_output": 1.0})])
    async with transaction(plant.worker) as session:
        assert await take(session, now()) == 0
        assert await take(session, now() + 2 * MINUTE) == 1
    assert plant.database.fetch("select epoch from telemetry_mark_epoch")[0]["epoch"] == 1


async def test_a_site_without_inverters_has_the_energy_of_what_it_has(make_plant: MakePlant) -> None:
    plant = await make_plant(devices={"Inverter": "inverter", "Meter": "meter"})
    other = await make_plant("Other", devices={"Meter": "meter", "Second": "meter"})
    noon = at("2026-03-01 07:00")
    for each in (plant, other):
        await each.report([(noon + n * MINUTE, {"power_output": 6.0}) for n in range(61)], "Meter")
    await plant.report([(noon + n * MINUTE, {"energy_total": 9 + n / 60}) for n in range(61)], "Inverter")
    plant.database.fetch("update devices set created_at = '2026-01-01'")
    await plant.roll()
    rows = plant.database.fetch(
        "select site_id, energy_kwh, energy_method, devices, covered_seconds from site_energy_days"
    )
    told = {row["site_id"]: tuple(row.values())[1:] for row in rows}
    assert told[plant.tenant.site_id] == (pytest.approx(1), "counter", 1, 61 * 60)
    assert told[other.tenant.site_id] == (pytest.approx(6), "power", 2, 61 * 60)
