"""What arrives again for a compressed day is told as what it is; what is new in it is stored."""

from datetime import timedelta

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.cold.compaction import Compaction
from solarhub.telemetry.ingest import Delivery, Ingest, Receipt
from solarhub.telemetry.sample import Sample
from tests.conftest import MakeTenant, TestDatabase
from tests.telemetry.cold.conftest import compact, days_ago, everything, partitions
from tests.telemetry.conftest import MINUTE, known, samples


async def test_rows_of_a_compressed_day_are_duplicates_conflicts_or_new(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter"})
    start = days_ago(5, hour=6)
    sent = samples(start, 10, power_output=1.5, energy_total=10.0)
    await ingest.take(known(tenant, "A"), sent, [])
    await compact(worker_database)
    again = [
        *sent[:4],
        Sample(4, start + 4 * MINUTE, {"power_output": 2.0}),
        Sample(5, start + 5 * MINUTE, {"power_output": 1.5}),
        Sample(6, start + 6 * MINUTE, {"power_output": 1.5, "power_dc": 1.6}),
        Sample(7, start + timedelta(seconds=1), {"power_output": 3.0}),
        Sample(8, days_ago(1, hour=6), {"power_output": 4.0}),
    ]

    receipt = await ingest.take_all(
        [Delivery(known(tenant, "A"), again, []), Delivery(known(tenant, "B"), sent[:2], [])]
    )

    assert (receipt.stored, receipt.duplicates, receipt.conflicts) == (2 + 3, 6, 1)
    found = await everything(worker_database, tenant)
    a, b = tenant.device_keys["A"], tenant.device_keys["B"]
    assert len([place for place in found if place[0] == a]) == 20 + 1 + 2
    assert len([place for place in found if place[0] == b]) == 4
    assert sorted(set(found.values())) == [1.5, 1.6, 3.0, 4.0, 10.0]
    assert partitions(database) == [days_ago(5).date(), days_ago(1).date()]
    (counted,) = database.fetch("select day, conflicts from telemetry_conflicts")
    assert tuple(counted) == (days_ago(5).date(), 1)


async def test_a_device_that_was_away_for_days_brings_them_to_days_that_are_compressed(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter"})
    for age in range(3, 8):
        await ingest.take(known(tenant, "A"), samples(days_ago(age), 3), [])
    await compact(worker_database)

    backlog = [each for age in range(7, 0, -1) for each in samples(days_ago(age), 3)]
    receipt = await ingest.take(known(tenant, "B"), backlog, [])

    assert (receipt.stored, receipt.duplicates) == (21, 0)
    await compact(worker_database)
    assert len(await everything(worker_database, tenant)) == 15 + 21


async def test_what_a_sample_of_a_compressed_day_adds_to_its_instant_goes_into_the_block(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"A": "inverter"})
    at = days_ago(5, hour=6)
    await ingest.take(known(tenant, "A"), [Sample(0, at, {"power_output": 1.5})], [])
    await compact(worker_database)

    receipts = [
        await ingest.take(known(tenant, "A"), [Sample(0, at, readings)], [])
        for readings in (
            {"power_dc": 1.6},
            {"power_dc": 1.7},
            {"power_output": 1.5, "power_dc": 1.6},
            {"power_output": 9.0, "voltage_ac": 230.0},
        )
    ]

    assert receipts == [Receipt(1, 0), Receipt(0, 1, conflicts=1), Receipt(0, 1), Receipt(1, 0, conflicts=1)]
    both = {"power_output": 1.5, "power_dc": 1.6, "voltage_ac": 230.0}
    for _ in ("raw row and block", "block alone"):
        found = await everything(worker_database, tenant)
        assert {series: value for (_, _, series), value in found.items()} == both
        await compact(worker_database)
    assert partitions(database) == []


async def test_what_is_added_while_its_day_is_being_compressed_is_not_lost(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"A": "inverter"})
    at = days_ago(5, hour=6)
    await ingest.take(known(tenant, "A"), [Sample(0, at, {"power_output": 1.5})], [])
    compaction = Compaction()
    for _ in ("watched", "written"):
        async with transaction(worker_database) as session:
            assert await compaction.step(session, now())

    await ingest.take(known(tenant, "A"), [Sample(0, at, {"power_dc": 1.6})], [])
    await compact(worker_database, compaction)

    assert partitions(database) == []
    assert sorted((await everything(worker_database, tenant)).values()) == [1.5, 1.6]
