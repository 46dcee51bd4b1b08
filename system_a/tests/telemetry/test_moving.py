"""Raw samples follow a plant to its receiver: all of them, once, through interruptions and stragglers."""

from datetime import datetime, timedelta

import pytest

from solarhub.devices.identity import KnownDevice
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.moving import SETTLED, STEP_SECONDS, follow
from solarhub.telemetry.queries import moving as queries
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.telemetry.cold.conftest import compact, everything
from tests.telemetry.conftest import known, recently, samples, stored

DAY = timedelta(days=1)


def hand_over(database: TestDatabase, giver: Tenant, receiver: Tenant, *, at: datetime | None = None) -> None:
    """As the owner of the tables does it, and the note of it that the worker goes by."""
    receiving = f"organization_id = '{receiver.organization_id}'"
    at_site = f"site_id = '{giver.site_id}'"
    database.fetch(
        "begin",
        "set constraints all deferred",
        f"update sites set {receiving} where id = '{giver.site_id}'",
        f"update devices set {receiving} where {at_site}",
        f"update device_state set {receiving} where device_id in (select id from devices where {at_site})",
        "insert into site_handovers (site_name, organization_id, site_id, to_organization_id, offered_by, accepted_at,"
        f" device_keys) values ('Plant', '{giver.organization_id}', '{giver.site_id}', '{receiver.organization_id}',"
        f" '{giver.owner_id}',"
        f" '{at or now()}', array{list(giver.device_keys.values())})",
        "commit",
    )


def keys_of_samples(database: TestDatabase) -> dict[int, int]:
    """How many samples lie under each organization's key; those whose layout is another's fail."""
    rows = database.fetch(
        "select s.organization_key, count(*) as n, bool_and(l.organization_key = s.organization_key) as own"
        " from telemetry_samples s join telemetry_layouts l on l.id = s.layout_id group by 1"
    )
    assert all(row["own"] for row in rows)
    return {row["organization_key"]: row["n"] for row in rows}


async def step(worker: Database, at: datetime, *, seconds: float = STEP_SECONDS) -> None:
    async with transaction(worker) as session:
        await follow(session, at, seconds=seconds)


async def test_every_sample_of_any_age_follows_under_the_receivers_layouts(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver = await make_tenant("Giver", devices={"A": "inverter", "B": "meter"})
    receiver = await make_tenant("Receiver", devices={"C": "inverter"})
    for age in (0, 1, 30, 390):
        await ingest.take(known(giver, "A"), samples(recently() - age * DAY, 3), [])
        await ingest.take(known(giver, "B"), samples(recently() - age * DAY, 2, grid_power=1.0, load_power=2.0), [])
    await ingest.take(known(receiver, "C"), samples(recently(), 4), [])
    before = stored(database)
    handed_over = now() - SETTLED
    hand_over(database, giver, receiver, at=handed_over)

    await step(worker_database, now())

    assert keys_of_samples(database) == {receiver.organization_key: len(before)}
    assert stored(database) == before, "time, values and lateness are as they were"
    layouts = database.fetch(
        f"select series from telemetry_layouts where organization_key = {receiver.organization_key}"
    )
    assert sorted(row["series"] for row in layouts) == [["grid_power", "load_power"], ["power_output"]]
    (handover,) = database.fetch("select telemetry_moved_to, telemetry_moved_at from site_handovers")
    assert handover["telemetry_moved_to"] == (recently() - 390 * DAY).date()
    assert handover["telemetry_moved_at"] is not None


async def test_the_newest_days_are_there_at_once_and_the_old_ones_after_a_minute(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver, receiver = await make_tenant("Giver"), await make_tenant("Receiver")
    today = now()
    for at in (today - 40 * DAY, today - 3 * DAY, today):
        await ingest.take(known(giver), samples(at, 1), [])
    hand_over(database, giver, receiver, at=today)

    await step(worker_database, today)
    assert keys_of_samples(database) == {giver.organization_key: 2, receiver.organization_key: 1}
    for second in range(1, 9):
        await step(worker_database, today + timedelta(seconds=second))
    assert keys_of_samples(database) == {giver.organization_key: 1, receiver.organization_key: 2}
    (waiting,) = database.fetch("select telemetry_moved_at from site_handovers")
    assert waiting["telemetry_moved_at"] is None
    await step(worker_database, today + SETTLED)
    assert keys_of_samples(database) == {receiver.organization_key: 3}


async def test_what_a_door_still_takes_for_the_giver_follows_too(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver, receiver = await make_tenant("Giver"), await make_tenant("Receiver")
    remembered = known(giver)
    await ingest.take(remembered, samples(recently(), 1), [])
    today = now()
    hand_over(database, giver, receiver, at=today)
    await step(worker_database, today)

    for at in (recently() - 100 * DAY, recently() + timedelta(minutes=5)):
        assert (await ingest.take(remembered, samples(at, 2), [])).stored == 2
    assert keys_of_samples(database)[giver.organization_key] >= 4
    await step(worker_database, today + SETTLED)

    assert keys_of_samples(database) == {receiver.organization_key: 5}
    to_receiver = KnownDevice(
        remembered.device_id, receiver.organization_id, receiver.organization_key, remembered.device_key
    )
    assert (await ingest.take(to_receiver, samples(recently() + timedelta(hours=1), 1), [])).stored == 1
    assert keys_of_samples(database) == {receiver.organization_key: 6}


async def test_a_plant_that_was_handed_on_meanwhile_ends_where_it_is_now(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    first, second, third = [await make_tenant(name) for name in ("First", "Second", "Third")]
    await ingest.take(known(first), samples(recently(), 5), [])
    hand_over(database, first, second, at=now() - 2 * SETTLED)
    hand_over(database, first, third, at=now() - SETTLED)

    await step(worker_database, now())

    assert keys_of_samples(database) == {third.organization_key: 5}
    assert database.fetch("select 1 from site_handovers where telemetry_moved_at is null") == []


async def test_neighbours_of_the_giver_and_devices_that_came_later_stay_where_they_are(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver, receiver = await make_tenant("Giver"), await make_tenant("Receiver")
    neighbour = await make_tenant("Neighbour")
    for tenant in (giver, neighbour):
        await ingest.take(known(tenant), samples(recently(), 2), [])
    hand_over(database, giver, receiver, at=now() - SETTLED)

    await step(worker_database, now())

    assert keys_of_samples(database) == {receiver.organization_key: 2, neighbour.organization_key: 2}


async def test_a_step_that_was_lost_is_repeated_and_one_too_many_does_nothing(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver, receiver = await make_tenant("Giver"), await make_tenant("Receiver")
    for age in range(3):
        await ingest.take(known(giver), samples(recently() - age * DAY, 2), [])
    hand_over(database, giver, receiver, at=now() - SETTLED)

    async def killed_before_its_commit() -> None:
        async with transaction(worker_database) as session:
            await follow(session, now(), seconds=0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await killed_before_its_commit()
    assert keys_of_samples(database) == {giver.organization_key: 6}

    progress = []
    for _ in range(5):
        await step(worker_database, now(), seconds=0)
        (row,) = database.fetch("select telemetry_moved_to, telemetry_moved_at is not null as done from site_handovers")
        progress.append((keys_of_samples(database).get(giver.organization_key, 0), row["done"]))
    assert progress == [(4, False), (2, False), (0, False), (0, True), (0, True)]


async def test_two_workers_share_the_work_and_never_wait_for_each_other(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver, receiver = await make_tenant("Giver"), await make_tenant("Receiver")
    await ingest.take(known(giver), samples(recently(), 2), [])
    hand_over(database, giver, receiver, at=now() - SETTLED)

    async with transaction(worker_database) as mine, transaction(worker_database) as theirs:
        await follow(mine, now())
        assert await queries.moving_handovers(theirs) == []

    assert keys_of_samples(database) == {receiver.organization_key: 2}


async def test_compressed_days_follow_too_also_those_that_are_compressed_on_the_way(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver = await make_tenant("Giver", devices={"A": "inverter"})
    receiver = await make_tenant("Receiver", devices={})
    for age in (4, 30, 390):
        await ingest.take(known(giver, "A"), samples(recently() - age * DAY, 3, power_output=age / 10), [])
    await compact(worker_database)
    await ingest.take(known(giver, "A"), samples(recently() - 4 * DAY + timedelta(hours=1), 2), [])
    before = await everything(worker_database, giver, days=400)
    hand_over(database, giver, receiver, at=now() - SETTLED)
    await compact(worker_database)

    await step(worker_database, now())

    owners = database.fetch(
        "select b.organization_key, l.organization_key as of_layout, sum(b.rows)::int as rows from telemetry_blocks b"
        " join telemetry_layouts l on l.id = b.layout_id group by 1, 2"
    )
    assert [tuple(row) for row in owners] == [(receiver.organization_key, receiver.organization_key, 11)]
    assert await everything(worker_database, giver, days=400) == before
    (handover,) = database.fetch("select telemetry_moved_to, telemetry_moved_at from site_handovers")
    assert handover["telemetry_moved_to"] == (recently() - 390 * DAY).date()
    assert handover["telemetry_moved_at"] is not None
