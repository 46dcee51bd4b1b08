"""Judging waits for whoever removes or hands over what it judges before it holds any alert, and so not for ever."""

import asyncio

import asyncpg
import pytest

from solarhub.alerts.queries.evaluation import begin_anew
from solarhub.kit.db import Database, transaction
from solarhub.kit.libpq import asyncpg_arguments
from tests.alerts.conftest import FINE, INVERTER, LOW, MINUTE, NOON, SECOND_INVERTER, NewEvaluator, Plant, minutes
from tests.waiting import until_blocked


@pytest.mark.parametrize("leaving", ["sites", "devices"])
async def test_no_alert_is_held_while_its_plant_or_device_is_waited_for(
    plant: Plant, new_evaluator: NewEvaluator, leaving: str
) -> None:
    plant.rule()
    plant.rule(operator="gt", threshold=1, minutes=0)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    clear = await plant.commit(minutes(FINE, start=NOON + 3 * MINUTE))  # one alert ends, another begins
    other = await asyncpg.connect(**asyncpg_arguments(plant.database.admin_url))
    try:
        async with other.transaction():
            await other.execute(f"select from {leaving} for update")
            judging = asyncio.create_task(evaluator.judge(clear))
            await until_blocked(other, "solarhub_worker")
            for table in ("alerts", "alert_episodes", "alert_rule_states"):
                await other.execute(f"select from {table} for update nowait")
        await judging
    finally:
        await other.close()
    assert plant.lives() == [(2, 3), (3, None)]


async def test_where_rules_stand_is_taken_in_one_order(plant: Plant, worker_database: Database) -> None:
    rule_id = plant.rule()
    first, second = sorted(plant.tenant.devices[name] for name in (INVERTER, SECOND_INVERTER))
    for device in (second, first):  # as nobody would find them who goes by the order of the table
        plant.database.fetch(
            "insert into alert_rule_states (rule_id, target, organization_id, device_id, rule_version, changed_at)"
            f" values ('{rule_id}', 'device:{device}', '{plant.tenant.organization_id}', '{device}', 0, now())"
        )
    other = await asyncpg.connect(**asyncpg_arguments(plant.database.admin_url))

    async def edited() -> None:
        async with transaction(worker_database) as session:
            await begin_anew(session, {rule_id: 1})

    try:
        async with other.transaction():
            await other.execute("select from alert_rule_states where device_id = $1 for update", first)
            editing = asyncio.create_task(edited())
            await until_blocked(other, "solarhub_worker")
            await other.execute("select from alert_rule_states for update nowait")
        await editing
    finally:
        await other.close()
    assert {row["rule_version"] for row in plant.database.fetch("select rule_version from alert_rule_states")} == {1}
