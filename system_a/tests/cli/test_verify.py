"""`solarhub verify`, typed beside a hub that has judged."""

import asyncio

from solarhub.alerts.evaluation import Evaluator
from solarhub.kit.db import Database
from solarhub.telemetry.store import Store
from tests.alerts.conftest import FINE, LOW, MINUTE, NOON, Plant, minutes
from tests.cli.operating import Operator
from tests.conftest import MakeTenant, TestDatabase


async def test_what_differs_is_printed_and_is_a_failure(
    database: TestDatabase, worker_database: Database, make_tenant: MakeTenant, operator: Operator
) -> None:
    store = Store(worker_database)
    plant = Plant(database, store, await make_tenant())
    plant.rule()
    evaluator = Evaluator(worker_database, exclusive=True)
    await evaluator.start()
    await evaluator.judge(await plant.commit(minutes(FINE, LOW, LOW, LOW, FINE)))
    store.disconnect()

    stretch = ("--from", f"{NOON:%Y-%m-%d}", "--to", f"{NOON + 900 * MINUTE:%Y-%m-%dT%H:%M}", "--settled-for", "0")
    assert await asyncio.to_thread(operator.says, "verify", *stretch) == (
        "1 alerts should have fired between 2024-06-21 00:00 and 2024-06-21 22:00 UTC,"
        " by 5 samples held against rules; 0 differ."
    )
    database.fetch("update alert_episodes set triggered_at = triggered_at + interval '1 minute'")
    printed = await asyncio.to_thread(operator.says, "verify", *stretch, status=1)
    assert [line.split()[0] for line in printed.splitlines()[1:3]] == ["missing", "unfounded"]
