"""A plant that changes hands takes its past along: roll-ups, days, gaps and the ledger."""

from datetime import timedelta

import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.moving import SETTLED, follow
from tests.conftest import TestDatabase
from tests.telemetry.rollups.conftest import MakePlant, Plant, at
from tests.telemetry.test_moving import hand_over

MINUTE = timedelta(minutes=1)
TABLES = ("rollup_quarters", "rollup_hours", "rollup_days", "rollup_months", "rollup_gaps")


def keys(database: TestDatabase, table: str) -> set[tuple[int, bool]]:
    """Whose rows there are, and whether their layouts are theirs."""
    layout = (
        "true"
        if table == "rollup_gaps"
        else "(select organization_key from telemetry_layouts l where l.id = layout_id)"
    )
    own = "true" if table == "rollup_gaps" else f"{layout} = organization_key"
    return {tuple(row) for row in database.fetch(f"select distinct organization_key, {own} from {table}")}


async def with_a_past(make_plant: MakePlant, name: str) -> Plant:
    plant = await make_plant(name)
    for month in (1, 3):
        noon = at(f"2026-0{month}-15 07:00")
        await plant.report([(noon + n * MINUTE, {"energy_total": month * 100 + n / 60}) for n in range(90)])
    await plant.roll()
    await plant.roll_months()
    device = plant.tenant.devices["Inverter 1"]
    plant.database.fetch(
        "insert into energy_corrections (organization_id, device_id, device_key, first_day, last_day, kwh, reason)"
        f" values ('{plant.tenant.organization_id}', '{device}', {plant.tenant.device_keys['Inverter 1']},"
        " '2026-03-15', '2026-03-15', 7, 'Read off the display')"
    )
    return plant


@pytest.mark.parametrize("raw_rows_are_there", [True, False])
async def test_roll_ups_of_any_age_follow_under_the_receivers_layouts(
    make_plant: MakePlant, worker_database: Database, database: TestDatabase, raw_rows_are_there: bool
) -> None:
    given, other = await with_a_past(make_plant, "Given"), await with_a_past(make_plant, "Other")
    receiver = (await make_plant("Receiver")).tenant
    if not raw_rows_are_there:  # retention has taken them, and roll-ups stay for good
        database.fetch("delete from telemetry_samples")
    before = {table: database.fetch(f"select count(*) from {table}") for table in TABLES}
    hand_over(database, given.tenant, receiver, at=now() - SETTLED)
    for table, column in (("site_energy_days", "site_id"), ("energy_corrections", "device_id")):
        of_plant = f"{column} in ('{given.tenant.site_id}', '{given.tenant.devices['Inverter 1']}')"
        rows = database.fetch(f"select distinct organization_id from {table} where {of_plant}")
        assert [row[0] for row in rows] == [receiver.organization_id], "at once"

    async with transaction(worker_database) as session:
        await follow(session, now())

    for table in TABLES:
        assert keys(database, table) == {(receiver.organization_key, True), (other.tenant.organization_key, True)}, (
            table
        )
    assert {table: database.fetch(f"select count(*) from {table}") for table in TABLES} == before


async def test_what_is_rolled_after_the_handover_is_the_receivers(
    make_plant: MakePlant, database: TestDatabase
) -> None:
    plant = await with_a_past(make_plant, "Given")
    receiver = (await make_plant("Receiver")).tenant
    hand_over(database, plant.tenant, receiver)
    await plant.report([(at("2026-03-15 08:30") + n * MINUTE, {"energy_total": 302.0}) for n in range(10)])
    await plant.roll()
    [day] = [day for day in plant.values("rollup_days", "energy_total") if day["day"].isoformat() == "2026-03-15"]
    assert (day["organization_key"], day["samples"]) == (receiver.organization_key, 100)
    [whole] = database.fetch("select organization_id, energy_kwh from site_energy_days where day = '2026-03-15'")
    assert (whole["organization_id"], whole["energy_kwh"]) == (receiver.organization_id, 7)
