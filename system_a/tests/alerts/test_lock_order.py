"""Judging waits for whoever removes or hands over what it judges before it holds any alert, and so not for ever."""

import asyncio

import asyncpg
import pytest

from solarhub.kit.libpq import asyncpg_arguments
from tests.alerts.conftest import FINE, LOW, MINUTE, NOON, NewEvaluator, Plant, minutes
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
