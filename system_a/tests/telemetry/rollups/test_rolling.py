"""From raw rows to quarters, hours, days and months."""

from datetime import timedelta

import pytest

from tests.telemetry.rollups.conftest import Plant, at

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
