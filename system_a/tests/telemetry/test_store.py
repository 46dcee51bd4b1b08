"""What one batch leaves in the database: rows, layouts, what is latest, and what is in quarantine."""

import json
import random
from datetime import timedelta
from string import ascii_lowercase, digits

import asyncpg
import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.telemetry.corridor.arranging import CONFLICT, STORED
from solarhub.telemetry.corridor.layouts import MOST_OF_A_DEVICE
from solarhub.telemetry.layout import WIDEST
from solarhub.telemetry.sample import Sample
from solarhub.telemetry.store import RowsRefused, Store
from tests.committed import samples_of
from tests.conftest import MakeTenant, TestDatabase
from tests.storing import Arrival, write
from tests.telemetry.conftest import MINUTE, known, recently, refuse_at_commit, samples, stored


async def test_a_batch_becomes_rows_in_the_partitions_of_their_days(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "meter"})
    start = recently().replace(hour=23, minute=59)
    arrivals = [Arrival(known(tenant, name), sample) for name in "AB" for sample in samples(start, 3)]

    written = await write(store, arrivals)

    assert written.stored == [True] * 6
    a, b = tenant.device_keys.values()
    expected = [(key, start + n * MINUTE, False, {"power_output": 1.5}) for key in (a, b) for n in range(3)]
    assert stored(database) == expected
    partitions = {row[0] for row in database.fetch("select distinct tableoid::regclass::text from telemetry_samples")}
    assert partitions == {f"telemetry_samples_{day:%Y%m%d}" for day in (start, start + timedelta(days=1))}
    assert [
        (row.device_key, row.at, row.late, row.series, list(row.readings)) for row in samples_of(written.batch)
    ] == [(key, at, late, ("power_output",), [1.5]) for key, at, late, _ in expected]
    assert {row.received_at for row in samples_of(written.batch)} == {
        row[0] for row in database.fetch("select distinct received_at from telemetry_samples")
    }


async def test_the_partitions_of_today_and_tomorrow_are_there_before_their_samples(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    await write(store, [Arrival(known(await make_tenant()), samples(recently(), 1)[0])])

    made = {
        row[0] for row in database.fetch("select relid::text from pg_partition_tree('telemetry_samples') where isleaf")
    }
    assert {f"telemetry_samples_{now() + timedelta(days=ahead):%Y%m%d}" for ahead in (0, 1)} <= made


async def test_a_repetition_takes_the_staging_table_and_changes_nothing(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    start = recently()
    await write(store, [Arrival(device, sample) for sample in samples(start, 2)])
    before = stored(database)

    written = await write(store, [Arrival(device, sample) for sample in samples(start, 3, power_output=9.0)])

    assert written.stored == [False, False, True]
    assert [row.at for row in samples_of(written.batch)] == [start + 2 * MINUTE]
    assert stored(database) == [*before, (device.device_key, start + 2 * MINUTE, False, {"power_output": 9.0})]
    assert (store.counts.copied, store.counts.staged) == (2, 1)
    await write(store, [Arrival(device, samples(start + 3 * MINUTE, 1)[0])])
    assert (store.counts.copied, store.counts.staged) == (3, 1)


async def test_of_one_instant_twice_in_a_batch_the_first_is_stored(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    at = recently()

    written = await write(store, [Arrival(device, Sample(n, at, {"power_output": float(n)})) for n in range(3)])

    assert written.stored == [True, False, False]
    assert stored(database) == [(device.device_key, at, False, {"power_output": 0.0})]
    assert written.codes == [STORED, CONFLICT, CONFLICT]


async def test_only_what_is_not_newer_than_an_earlier_commit_is_late(
    store: Store, database: TestDatabase, make_tenant: MakeTenant, worker_database: Database
) -> None:
    device = known(await make_tenant())
    noon = recently()

    def at(*minutes: int) -> list[Arrival]:
        return [Arrival(device, Sample(0, noon + minute * MINUTE, {"power_output": 1.0})) for minute in minutes]

    first = await write(store, at(10, 11))
    second = await write(store, at(5, 10, 12, 13))  # 10 is there already
    restarted = Store(worker_database)
    third = await write(restarted, at(9, 14))
    restarted.disconnect()

    assert [row.late for row in samples_of(first.batch)] == [False, False]
    assert {row.newest_before for row in samples_of(first.batch)} == {None}
    assert [(row.late, row.newest_before) for row in samples_of(second.batch)] == [
        (True, noon + 11 * MINUTE),
        (False, noon + 11 * MINUTE),
        (False, noon + 11 * MINUTE),
    ]
    assert [(row.late, row.newest_before) for row in samples_of(third.batch)] == [
        (True, noon + 13 * MINUTE),
        (False, noon + 13 * MINUTE),
    ]
    assert [(row[1] - noon, row[2]) for row in stored(database)] == [
        (5 * MINUTE, True),
        (9 * MINUTE, True),
        *((minute * MINUTE, False) for minute in (10, 11, 12, 13, 14)),
    ]


async def test_a_layout_is_what_a_row_reports_and_is_shared_within_its_organization(
    store: Store, database: TestDatabase, make_tenant: MakeTenant, worker_database: Database
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter"})
    other = await make_tenant("Other", devices={"A": "inverter"})
    a, b, foreign = known(tenant, "A"), known(tenant, "B"), known(other, "A")
    at = recently()

    def one(minute: int, **readings: float) -> Sample:
        return Sample(0, at + minute * MINUTE, {name.replace("_1", ":l1"): value for name, value in readings.items()})

    await write(store, [Arrival(a, one(0, power_output=1.0)), Arrival(a, one(1, frequency=50.0))])
    await write(store, [Arrival(a, one(2, power_output=2.0)), Arrival(b, one(2, frequency=50.0, power_output=3.0))])
    await write(store, [Arrival(a, one(3, current_ac_1=4.0)), Arrival(foreign, one(3, power_output=1.0))])
    restarted = Store(worker_database)
    batch = (await write(restarted, [Arrival(a, one(4, power_output=5.0))])).batch
    restarted.disconnect()

    layouts = {
        (row[0], tuple(row[1])) for row in database.fetch("select organization_key, series from telemetry_layouts")
    }
    assert layouts == {
        (tenant.organization_key, ("power_output",)),
        (tenant.organization_key, ("frequency",)),
        (tenant.organization_key, ("frequency", "power_output")),
        (tenant.organization_key, ("current_ac:l1",)),
        (other.organization_key, ("power_output",)),
    }
    assert batch.groups[0].series == ("power_output",)
    assert [readings for key, _, _, readings in stored(database) if key == a.device_key] == [
        {"power_output": 1.0},
        {"frequency": 50.0},
        {"power_output": 2.0},
        {"current_ac:l1": 4.0},
        {"power_output": 5.0},
    ]


async def test_a_device_that_reports_another_set_each_time_shares_one_growing_layout(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    """As one does that sends only what has changed."""
    device = known(await make_tenant())
    at = recently()
    chance = random.Random(7)
    told: list[dict[str, float]] = []
    handed_on: list[dict[str, float]] = []
    for minute in range(60):
        names = chance.sample(range(10), k=chance.randint(1, 9))
        told.append({f"voltage_dc:s{name}": float(minute + name) for name in names})
        batch = (await write(store, [Arrival(device, Sample(0, at + minute * MINUTE, told[-1]))])).batch
        (row,) = samples_of(batch)
        handed_on.append(
            {name: value for name, value in zip(row.series, row.readings, strict=True) if value is not None}
        )

    assert [readings for *_, readings in stored(database)] == told == handed_on
    assert database.fetch("select count(*) from telemetry_layouts")[0][0] <= MOST_OF_A_DEVICE + 10
    ((latest,),) = database.fetch("select latest::text from device_state")
    newest = {name: value for readings in told for name, value in readings.items()}
    assert {name: reading["value"] for name, reading in json.loads(latest).items()} == newest


async def test_a_device_that_keeps_inventing_channels_gets_no_endless_layout(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    at = recently()
    for batch in range(3):
        await write(
            store,
            [
                Arrival(
                    device,
                    Sample(
                        0, at + (10 * batch + n) * MINUTE, {f"voltage_dc:b{batch}n{n}c{c}": 1.0 for c in range(100)}
                    ),
                )
                for n in range(3)
            ],
            [],
        )

    assert database.fetch("select max(cardinality(series)) from telemetry_layouts")[0][0] <= WIDEST
    assert len(stored(database)) == 9
    assert all(len(readings) == 100 for *_, readings in stored(database))


async def test_the_widest_sample_with_the_longest_names_is_stored(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    chance = random.Random(5)
    names = ["".join(chance.choices(ascii_lowercase + digits, k=32)) for _ in range(WIDEST)]
    readings = {f"temperature_inverter:{name}": float(number) for number, name in enumerate(names)}

    for minute in (0, 1):
        at = recently() + minute * MINUTE
        assert (await write(store, [Arrival(device, Sample(0, at, readings))])).stored == [True]

    assert [told for *_, told in stored(database)] == [readings] * 2
    assert len(database.fetch("select id from telemetry_layouts")) == 1


async def test_received_at_grows_with_every_batch(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    for sample in samples(recently(), 20):
        await write(store, [Arrival(device, sample)])

    received = [row[0] for row in database.fetch("select received_at from telemetry_samples order by at")]
    assert received == sorted(set(received))


async def test_a_row_that_the_table_refuses_is_told_and_leaves_nothing_behind(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    start = recently()
    await write(store, [Arrival(device, samples(start, 1)[0])])
    partition = f"telemetry_samples_{start:%Y%m%d}"
    database.fetch(f"alter table {partition} add constraint ck_planted check (readings[1] <> 666)")
    before = stored(database)

    bad = Arrival(device, Sample(0, start + MINUTE, {"power_output": 666.0, "frequency": 50.0}))
    with pytest.raises(RowsRefused, match="ck_planted"):
        await write(store, [Arrival(device, Sample(0, start + MINUTE, {"power_output": 666.0}))])
    assert stored(database) == before

    assert (await write(store, [bad])).stored == [True]  # the constraint looks at the first place alone


async def test_the_worker_does_all_this_as_a_role_that_owns_nothing(store: Store, make_tenant: MakeTenant) -> None:
    await write(store, [Arrival(known(await make_tenant()), samples(recently(), 1)[0])])
    connection = await store.connect()

    assert await connection.fetchval("select current_user::text") == "solarhub_worker"
    assert not await connection.fetchval("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")


async def test_a_server_that_answers_no_more_is_given_up_after_a_while(
    worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    store = Store(worker_database, patience_seconds=0.3)
    await write(store, [Arrival(device, samples(recently(), 1)[0])])
    admin = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    async with admin.transaction():
        await admin.execute("lock table device_state in exclusive mode")
        with pytest.raises(Unavailable, match="may not be stored"):
            await write(store, [Arrival(device, samples(recently(), 2)[1])])
        assert not store.is_connected
    await admin.close()

    written = await write(store, [Arrival(device, sample) for sample in samples(recently(), 2)])
    store.disconnect()
    assert written.stored == [False, True]


async def test_after_a_broken_connection_it_asks_anew_what_is_stored(
    store: Store, database: TestDatabase, make_tenant: MakeTenant, worker_database: Database
) -> None:
    """As when a COMMIT went through whose answer was lost: the rows are there, and this store never heard of them."""
    device = known(await make_tenant())
    noon = recently()
    await write(store, [Arrival(device, Sample(0, noon, {"power_output": 1.0}))])
    unheard = Store(worker_database)
    await write(unheard, [Arrival(device, Sample(0, noon + 5 * MINUTE, {"power_output": 1.0, "frequency": 50.0}))])
    unheard.disconnect()
    store.disconnect()

    batch = (
        await write(
            store, [Arrival(device, Sample(0, noon + minute * MINUTE, {"power_output": 2.0})) for minute in (3, 6)]
        )
    ).batch

    assert [(row.at - noon, row.late, row.newest_before) for row in samples_of(batch)] == [
        (3 * MINUTE, True, noon + 5 * MINUTE),
        (6 * MINUTE, False, noon + 5 * MINUTE),
    ]
    assert [row[3] for row in stored(database)][2:] == [{"power_output": 1.0, "frequency": 50.0}, {"power_output": 2.0}]


async def test_what_was_rolled_back_is_not_remembered(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    noon = recently()
    await write(store, [Arrival(device, Sample(0, noon, {"power_output": 1.0}))])
    refuse_at_commit(database, noon)
    good = Arrival(device, Sample(0, noon + MINUTE, {"power_output": 2.0, "voltage_ac": 230.0}))
    bad = Arrival(device, Sample(1, noon + 2 * MINUTE, {"power_output": 666.0}))

    with pytest.raises(RowsRefused, match="planted"):
        await write(store, [good, bad])
    batch = (await write(store, [good])).batch

    assert [(row.late, row.newest_before) for row in samples_of(batch)] == [(False, noon)]
    assert [readings for *_, readings in stored(database)] == [{"power_output": 1.0}, good.sample.readings]
