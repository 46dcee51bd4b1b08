"""Edits are seen by whoever judges, though nobody tells it: in SQL, by another process, in a long transaction."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from solarhub.alerts.queries import progress
from solarhub.kit.db import Database, transaction
from solarhub.kit.libpq import asyncpg_arguments
from tests.alerts.conftest import INVERTER, LOW, MINUTE, NOON, NewEvaluator, Plant, minutes


async def noted(database: Database, since: int = 0) -> progress.Edits:
    async with transaction(database) as session:
        return await progress.edits_since(session, since, ())


async def test_an_edit_that_nobody_told_of_is_judged_by_soon(plant: Plant, new_evaluator: NewEvaluator) -> None:
    evaluator, stop = await new_evaluator(), asyncio.Event()
    running = asyncio.create_task(evaluator.run(stop))
    evaluator.committed(await plant.commit(minutes(LOW)))
    plant.rule(minutes=0)
    async with asyncio.timeout(20):
        number = 0
        while not plant.alerts():
            number += 1
            evaluator.committed(await plant.commit(minutes(LOW, start=NOON + number * MINUTE)))
            await asyncio.sleep(0.2)
    stop.set()
    await running


async def test_rules_devices_and_plants_are_noted_when_they_are_edited(plant: Plant, worker_database: Database) -> None:
    before = await noted(worker_database)
    rule_id = plant.rule()
    device_id, site_id = plant.tenant.devices[INVERTER], plant.tenant.site_id
    assert (await noted(worker_database, before.horizon)).rules == {rule_id}
    plant.database.fetch(
        f"update devices set name = 'Other' where id = '{device_id}'",
        f"update sites set latitude = 30 where id = '{site_id}'",
    )
    edits = await noted(worker_database, before.horizon)
    assert (edits.devices, edits.sites) == ({device_id}, {site_id})


async def test_being_heard_from_is_no_edit(plant: Plant, worker_database: Database) -> None:
    before = await noted(worker_database)
    async with transaction(worker_database) as session:
        connection = await session.connection()
        await connection.exec_driver_sql("select set_config('app.machine_write', 'on', true)")
        await connection.exec_driver_sql("update devices set last_seen_at = now(), status = 'online'")
    assert (await noted(worker_database, before.horizon)).devices == set()


async def test_an_edit_that_ends_after_a_later_one_was_read_is_read_too(
    plant: Plant, worker_database: Database
) -> None:
    first, second = plant.rule(), plant.rule()
    before = await noted(worker_database)
    slow = await asyncpg.connect(**asyncpg_arguments(plant.database.admin_url))
    try:
        editing = slow.transaction()
        await editing.start()
        await slow.execute(f"update alert_rules set name = 'Slow' where id = '{first}'")
        plant.edit(second, "name = 'Quick'")
        quick = await noted(worker_database, before.horizon)
        assert quick.rules == {second}
        await editing.commit()
    finally:
        await slow.close()
    async with transaction(worker_database) as session:
        assert (await progress.edits_since(session, quick.horizon, quick.read)).rules == {first}


async def test_old_edits_are_forgotten(plant: Plant, worker_database: Database) -> None:
    plant.rule()
    plant.database.fetch("update evaluation_edits set edited_at = now() - interval '61 minutes'")
    rule_id = plant.rule()
    async with transaction(worker_database) as session:
        await progress.forget_edits(session)
    assert (await noted(worker_database)).rules == {rule_id}


@pytest.mark.parametrize(
    ("assignments", "asks_anew"),
    [
        ("condition = condition || '{\"threshold\": 0.5}'", True),
        ("is_active = true", True),
        ("is_active = false", False),
        ("name = 'Other', severity = 'info', cooldown_minutes = 9", False),
        ("condition = condition || '{\"threshold\": 0.3}'", False),
    ],
)
async def test_a_rule_knows_since_when_it_asks_what_it_asks(plant: Plant, assignments: str, *, asks_anew: bool) -> None:
    rule_id = plant.rule()
    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    plant.database.fetch(
        f"update alert_rules set asks_since = '{long_ago}', is_active = {'is_active' not in assignments}"
    )
    plant.edit(rule_id, assignments)
    (rule,) = plant.database.fetch("select asks_since from alert_rules")
    assert (rule["asks_since"] > long_ago) is asks_anew
