"""An instant that comes in pieces is one row in the end: what one request would have stored."""

import asyncio
import json
from datetime import datetime
from itertools import count
from math import isnan

import asyncpg
import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from solarhub.kit.db import Database
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.telemetry.batch import CommittedBatch, moment
from solarhub.telemetry.corridor.arranging import CONFLICT, DUPLICATE, MERGED, MERGED_IN_PART, NO_LAYOUT, STORED
from solarhub.telemetry.ingest import Ingest, Receipt
from solarhub.telemetry.layout import WIDEST
from solarhub.telemetry.sample import Sample
from solarhub.telemetry.store import Store
from tests.conftest import MakeTenant, TestDatabase
from tests.storing import Arrival, write
from tests.telemetry.conftest import MINUTE, known, recently, stored
from tests.waiting import until

SERIES = ("frequency", "power_output", "voltage_ac", "voltage_dc:s1", "voltage_dc:s2")
EXAMPLES = count()
BOTH_WAIT = "select count(*) = 2 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"

Piece = tuple[int, dict[str, float]]
"""A minute, and what is told of it."""

pieces = st.tuples(st.integers(0, 3), st.dictionaries(st.sampled_from(SERIES), st.sampled_from([1.0, 2.0]), min_size=1))


def handed_on(batches: list[CommittedBatch]) -> list[tuple[datetime, str, float]]:
    """Each value by itself."""
    return [
        (moment(at), series, value)
        for batch in batches
        for group in batch.groups
        for at, readings in zip(group.at.tolist(), group.readings.tolist(), strict=True)
        for series, value in zip(group.series, readings, strict=True)
        if not isnan(value)
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(st.lists(pieces, min_size=1, max_size=5), min_size=1, max_size=6))
async def test_whatever_pieces_come_in_whatever_order_the_first_value_of_each_series_stays(
    store: Store, database: TestDatabase, make_tenant: MakeTenant, requests: list[list[Piece]]
) -> None:
    device = known(await make_tenant(f"Acme {next(EXAMPLES)}"))
    noon = recently()
    expected: dict[datetime, dict[str, float]] = {}
    newest: dict[str, tuple[datetime, float]] = {}
    batches: list[CommittedBatch] = []
    conflicts = 0

    for request in requests:
        told = [(noon + minute * MINUTE, readings) for minute, readings in request]
        codes = []
        for at, readings in told:
            row = expected.setdefault(at, {})
            is_first = not row
            differs = any(row.get(name, value) != value for name, value in readings.items())
            adds = bool(readings.keys() - row.keys())
            expected[at] = readings | row
            conflicts += differs
            if is_first:
                codes.append(STORED)
            elif adds:
                codes.append(MERGED_IN_PART if differs else MERGED)
            else:
                codes.append(CONFLICT if differs else DUPLICATE)
        written = await write(store, [Arrival(device, Sample(0, at, readings)) for at, readings in told])
        batches.append(written.batch)
        assert written.codes == codes

    rows = [row for row in stored(database) if row[0] == device.device_key]
    assert {at: readings for _, at, _, readings in rows} == expected
    values = [(at, series, value) for at, readings in expected.items() for series, value in readings.items()]
    assert sorted(handed_on(batches)) == sorted(values)
    for at, series, value in sorted(values):
        newest[series] = (at, value)
    ((latest, counted),) = database.fetch(
        "select latest::text, (select coalesce(sum(conflicts), 0)::int from telemetry_conflicts c"
        f" where c.device_id = s.device_id) from device_state s where device_key = {device.device_key}"
    )
    told_now = {name: (datetime.fromisoformat(one["at"]), one["value"]) for name, one in json.loads(latest).items()}
    assert told_now == newest
    assert counted == conflicts


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    whole=st.lists(st.dictionaries(st.sampled_from(SERIES), st.floats(1, 5), min_size=1), min_size=1, max_size=4),
    data=st.data(),
)
async def test_samples_split_at_random_over_requests_are_stored_as_one_request_would_have_been(
    ingest: Ingest,
    database: TestDatabase,
    make_tenant: MakeTenant,
    whole: list[dict[str, float]],
    data: st.DataObject,
) -> None:
    tenant = await make_tenant(f"Split {next(EXAMPLES)}", devices={"Whole": "inverter", "Split": "inverter"})
    noon = recently()
    single = [(minute, {name: value}) for minute, each in enumerate(whole) for name, value in each.items()]
    shuffled = data.draw(st.permutations(single))
    requests: list[list[Piece]] = [[] for _ in range(4)]
    for piece in shuffled:
        requests[data.draw(st.integers(0, 3))].append(piece)

    await ingest.take(
        known(tenant, "Whole"),
        [Sample(minute, noon + minute * MINUTE, each) for minute, each in enumerate(whole)],
        [],
    )
    receipts = await asyncio.gather(
        *(
            ingest.take(
                known(tenant, "Split"),
                [Sample(n, noon + minute * MINUTE, told) for n, (minute, told) in enumerate(request)],
                [],
            )
            for request in requests
        )
    )

    assert receipts == [Receipt(len(request), 0) for request in requests]
    found = {
        name: [row[1::2] for row in stored(database) if row[0] == tenant.device_keys[name]]
        for name in ("Whole", "Split")
    }
    assert found["Whole"] == found["Split"]
    states = database.fetch(
        f"select latest::text from device_state where device_key = any(array{[*tenant.device_keys.values()]})"
    )
    assert json.loads(states[0][0]) == json.loads(states[1][0])


async def test_what_completes_the_newest_sample_is_judged_and_what_completes_an_older_one_is_late(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    noon = recently()

    def piece(minute: int, **readings: float) -> list[Arrival]:
        return [Arrival(device, Sample(0, noon + minute * MINUTE, dict(readings)))]

    await write(store, piece(0, power_output=1.0))
    (newest,) = (await write(store, piece(0, voltage_ac=230.0))).batch.groups
    await write(store, piece(1, power_output=1.0))
    (older,) = (await write(store, piece(0, frequency=50.0))).batch.groups

    assert (newest.late.tolist(), older.late.tolist()) == ([False], [True])
    assert [row[2] for row in stored(database)] == [False, False]


async def test_the_row_stays_as_it_was_taken_in_and_its_hour_is_marked_again(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    at = recently()
    await write(store, [Arrival(device, Sample(0, at, {"power_output": 1.0}))])
    ((received_at,),) = database.fetch("select received_at from telemetry_samples")
    database.fetch("delete from telemetry_marks", "insert into telemetry_mark_epoch (epoch) values (1)")

    await write(store, [Arrival(device, Sample(0, at, {"power_output": 1.0}))])
    assert database.fetch("select * from telemetry_marks") == []
    await write(store, [Arrival(device, Sample(0, at, {"voltage_ac": 230.0}))])

    assert database.fetch("select received_at from telemetry_samples") == [(received_at,)]
    assert database.fetch("select hour, device_key from telemetry_marks") == [(at, device.device_key)]


async def test_what_came_from_a_file_is_not_added_to(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    """It may be taken out again, and then all of it goes."""
    device = known(await make_tenant())
    at = recently()
    await write(store, [Arrival(device, Sample(0, at, {"power_output": 1.0}))])
    database.fetch("update telemetry_samples set imported = true")

    written = await write(store, [Arrival(device, Sample(0, at, {"voltage_ac": 230.0}))])

    assert written.codes == [CONFLICT]
    assert [row[3] for row in stored(database)] == [{"power_output": 1.0}]


async def test_one_instant_does_not_grow_without_end(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    at = recently()
    wide = {f"voltage_dc:s{n}": 1.0 for n in range(WIDEST - 1)}
    await write(store, [Arrival(device, Sample(0, at, wide))])

    written = await write(store, [Arrival(device, Sample(0, at, {"frequency": 50.0, "voltage_ac": 230.0}))])

    assert written.codes == [NO_LAYOUT]
    assert [row[3] for row in stored(database)] == [wide]


async def test_two_processes_that_add_to_one_row_both_find_room(
    store: Store, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    at = recently()
    await write(store, [Arrival(device, Sample(0, at, {"power_output": 1.0}))])
    other = Store(worker_database)
    admin = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    async with admin.transaction():
        await admin.execute("select from telemetry_samples for update")
        both = [
            asyncio.create_task(write(each, [Arrival(device, Sample(0, at, {name: 50.0}))]))
            for each, name in ((store, "frequency"), (other, "voltage_ac"))
        ]
        await until(admin, BOTH_WAIT)
    outcomes = [(await each).codes for each in both]
    await admin.close()
    other.disconnect()

    assert outcomes == [[MERGED], [MERGED]]
    assert [row[3] for row in stored(database)] == [{"power_output": 1.0, "frequency": 50.0, "voltage_ac": 50.0}]


async def test_what_was_merged_into_the_newest_row_and_not_told_is_found_after_a_crash(
    store: Store, database: TestDatabase, make_tenant: MakeTenant, worker_database: Database
) -> None:
    device = known(await make_tenant())
    at = recently()
    await write(store, [Arrival(device, Sample(0, at, {"power_output": 1.0}))])
    await write(store, [Arrival(device, Sample(0, at, {"voltage_ac": 230.0}))])
    told = database.fetch("select latest::text, last_sample_at from device_state")
    database.fetch("update device_state set latest = latest - 'voltage_ac'")

    restarted = Store(worker_database)
    await restarted.make_states_true()
    restarted.disconnect()

    assert database.fetch("select latest::text, last_sample_at from device_state") == told
