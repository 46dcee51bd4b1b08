"""Closed days become blocks: every row, once, through late ones, writers beside it and interruptions at any step."""

import asyncio
from datetime import timedelta

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Unavailable
from solarhub.telemetry.cold.compaction import Compaction
from solarhub.telemetry.history import stretches
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.sample import Sample
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.telemetry.cold.conftest import compact, days_ago, everything, partitions
from tests.telemetry.conftest import MINUTE, known, samples


async def two_days(ingest: Ingest, make_tenant: MakeTenant) -> Tenant:
    tenant = await make_tenant(devices={"A": "inverter", "B": "meter"})
    for age in (5, 3):
        await ingest.take(
            known(tenant, "A"), samples(days_ago(age, hour=6), 20, power_output=1.5, energy_total=10.1), []
        )
        await ingest.take(known(tenant, "B"), samples(days_ago(age, hour=7), 10, grid_power=-0.5), [])
    return tenant


async def test_closed_days_become_blocks_and_their_raw_rows_go(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await two_days(ingest, make_tenant)
    await ingest.take(known(tenant, "A"), samples(days_ago(1, hour=6), 5), [])
    before = await everything(worker_database, tenant)

    await compact(worker_database)

    assert await everything(worker_database, tenant) == before
    assert partitions(database) == [days_ago(1).date()], "the day before today is not over for long enough"
    blocks = database.fetch("select device_key, day, rows, imported, readings from telemetry_blocks order by 1, 2")
    assert [tuple(block) for block in blocks] == [
        (key, days_ago(age).date(), rows, 0, rows * series)
        for key, rows, series in zip(tenant.device_keys.values(), (20, 10), (2, 1), strict=True)
        for age in (5, 3)
    ]
    days = database.fetch("select day from telemetry_cold_days where compacted_at is not null order by 1")
    assert [row["day"] for row in days] == [days_ago(5).date(), days_ago(3).date()]


async def test_late_rows_of_a_cold_day_are_seen_and_join_its_blocks(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await two_days(ingest, make_tenant)
    await compact(worker_database)
    late = [Sample(0, days_ago(5, hour=6) + timedelta(seconds=30), {"power_output": 7.0, "voltage_ac:l1": 231.4})]
    await ingest.take(known(tenant, "A"), late, [])

    before = await everything(worker_database, tenant)
    assert partitions(database) == [days_ago(5).date()]
    await compact(worker_database)

    assert await everything(worker_database, tenant) == before
    assert 7.0 in before.values()
    assert partitions(database) == []
    (block,) = database.fetch(
        f"select rows from telemetry_blocks where day = '{days_ago(5).date()}'"
        f" and device_key = {tenant.device_keys['A']}"
    )
    assert block["rows"] == 21


async def test_a_day_that_was_compressed_a_moment_ago_waits_with_its_late_rows(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await two_days(ingest, make_tenant)
    await compact(worker_database)
    await ingest.take(known(tenant, "A"), samples(days_ago(5, hour=9), 1), [])

    await compact(worker_database, Compaction())
    assert partitions(database) == [days_ago(5).date()]
    await compact(worker_database, Compaction(), at=now() + timedelta(hours=6))
    assert partitions(database) == []


async def test_what_stood_first_stays_when_an_instant_is_in_a_block_and_raw(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await two_days(ingest, make_tenant)
    before = await everything(worker_database, tenant)
    await compact(worker_database)
    # past the corridor, which would have noticed
    at = days_ago(5, hour=6)
    database.fetch(
        f"select ensure_telemetry_partition('{at.date()}')",
        "insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)"
        f" select organization_key, device_key, '{at.isoformat()}', now(), layout_id, true, array[99.0, 99.0]"
        f" from telemetry_blocks where device_key = {tenant.device_keys['A']} limit 1",
    )

    assert await everything(worker_database, tenant) == before
    await compact(worker_database)
    assert await everything(worker_database, tenant) == before


async def test_an_interruption_after_any_step_loses_nothing_and_repeats_nothing(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await two_days(ingest, make_tenant)
    before = await everything(worker_database, tenant)
    # a new process takes over after one step more each time, and once the step is lost with its transaction
    for steps in range(1, 12):
        job = Compaction(again_after=timedelta(0))
        for step in range(steps):
            async with worker_database.session() as session:
                more = await job.step(session, now())
                await (session.rollback() if step == steps - 1 and steps % 2 else session.commit())
            if not more:
                break
        assert await everything(worker_database, tenant) == before
    assert partitions(database) == []


async def test_a_step_whose_commit_fails_is_made_again(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    """What the job remembers holds from the commit on: or rows would be taken for compressed that are not."""
    tenant = await two_days(ingest, make_tenant)
    before = await everything(worker_database, tenant)
    job = Compaction(again_after=timedelta(0))
    for number in range(200):
        async with worker_database.session() as session:
            more = await job.step(session, now())
            await (session.rollback() if number % 3 else session.commit())
        if not more:
            break

    assert partitions(database) == []
    assert await everything(worker_database, tenant) == before


async def test_rows_that_arrive_while_their_day_is_compressed_are_not_lost(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await two_days(ingest, make_tenant)
    sent = await everything(worker_database, tenant)
    start = days_ago(5, hour=12)
    job = Compaction(again_after=timedelta(0))
    written = 0
    for number in range(400):
        sample = Sample(0, start + number * MINUTE / 4, {"power_output": number + 0.25})
        if number % 4 == 0:
            await ingest.take(known(tenant, "A"), [sample], [])
            written += 1
        async with transaction(worker_database) as session:
            if not await job.step(session, now()):
                break
        if number > 60:
            break
    await compact(worker_database)

    after = await everything(worker_database, tenant)
    assert len(after) == len(sent) + written
    assert partitions(database) == []


async def test_a_writer_beside_the_last_step_waits_and_finds_another_place(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    """Many rows at once, from a door of their own, while days are dropped under them."""
    tenant = await two_days(ingest, make_tenant)
    before = await everything(worker_database, tenant)
    stop = asyncio.Event()
    acknowledged: list[Sample] = []

    async def write() -> None:
        number = 0
        while not stop.is_set():
            at = days_ago((5, 3)[number % 2], hour=13) + number * timedelta(seconds=1)
            sample = Sample(0, at, {"power_output": float(number)})
            try:
                await ingest.take(known(tenant, "A"), [sample], [])
            except Unavailable:  # not acknowledged: the device sends it again
                await asyncio.sleep(0)
            else:
                acknowledged.append(sample)
                number += 1

    writer = asyncio.create_task(write())
    while len(acknowledged) < 40:
        await compact_for_a_while(worker_database)
    stop.set()
    await writer
    await compact(worker_database)

    assert len(await everything(worker_database, tenant)) == len(before) + len(acknowledged)
    assert partitions(database) == []


async def compact_for_a_while(worker: Database) -> None:
    job = Compaction(again_after=timedelta(0))
    for _ in range(30):
        async with transaction(worker) as session:
            await job.step(session, now())


async def test_an_organization_reads_its_own_blocks_and_no_others(
    ingest: Ingest, worker_database: Database, app_database: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    for tenant in (ours, theirs):
        await ingest.take(known(tenant), samples(days_ago(4), 3), [])
    await compact(worker_database)
    keys = [*ours.device_keys.values(), *theirs.device_keys.values()]

    async with transaction(app_database, organization_keys=[ours.organization_key]) as session:
        found = await stretches(session, keys, days_ago(10), now())
    async with transaction(app_database) as session:
        nothing = await stretches(session, keys, days_ago(10), now())

    assert [stretch.device_key for stretch in found] == list(ours.device_keys.values())
    assert nothing == []


async def test_a_window_cuts_blocks_where_it_begins_and_ends(
    ingest: Ingest, worker_database: Database, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    start = days_ago(4, hour=23)
    await ingest.take(known(tenant), samples(start, 120, power_output=1.0, frequency=50.0), [])
    await compact(worker_database)

    async with transaction(worker_database) as session:
        (found,) = await stretches(
            session, tenant.device_keys.values(), start + 50 * MINUTE, start + 70 * MINUTE, ["frequency"]
        )

    assert found.series == ("frequency",)
    assert found.at.tolist() == [round((start + n * MINUTE).timestamp() * 1e6) for n in range(50, 70)]
    assert found.readings.tolist() == [[50.0]] * 20


async def test_more_devices_than_one_step_takes(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={f"Inverter {number}": "inverter" for number in range(130)})
    for name in tenant.devices:
        await ingest.take(known(tenant, name), samples(days_ago(4), 2), [])
    before = await everything(worker_database, tenant)

    await compact(worker_database)

    assert await everything(worker_database, tenant) == before
    assert partitions(database) == []
