"""What `device_state` says of devices: the newest, whatever came in which order, and whatever went wrong."""

import json
from datetime import UTC, datetime

import pytest

from solarhub.devices.identity import KnownDevice
from solarhub.kit.db import Database
from solarhub.telemetry.corridor.strip import Entry
from solarhub.telemetry.corridor.telling import STATES_A_SECOND
from solarhub.telemetry.sample import Quarantined, Sample
from solarhub.telemetry.store import RowsRefused, Store
from solarhub.telemetry.vocabulary import Reason
from tests.conftest import MakeTenant, TestDatabase
from tests.storing import Arrival, write
from tests.telemetry.conftest import MINUTE, known, recently, refuse_at_commit


async def test_latest_values_are_the_newest_of_each_series_whatever_order_they_come_in(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    noon = recently()

    async def tell(minute: int, **readings: float) -> None:
        await write(store, [Arrival(device, Sample(0, noon + minute * MINUTE, dict(readings)))])

    await tell(5, power_output=5.0, frequency=50.0)
    await tell(7, power_output=7.0)
    await tell(6, power_output=6.0, frequency=49.0)  # late, and yet the newest frequency
    await tell(7, power_output=1.0, humidity=1.0)  # a repetition: what is new in it is stored
    await tell(2, power_output=2.0, voltage_ac=230.0)  # late, and the only voltage

    (state,) = database.fetch("select * from device_state, jsonb_each(latest) order by key")[:1]
    assert state["device_id"] == device.device_id
    assert (state["device_key"], state["organization_id"]) == (device.device_key, device.organization_id)
    assert state["last_sample_at"] == noon + 7 * MINUTE
    latest = {
        row["key"]: (datetime.fromisoformat(row["at"]) - noon, row["value"])
        for row in database.fetch(
            "select key, value->>'at' as at, (value->'value')::float8 as value from device_state, jsonb_each(latest)"
        )
    }
    assert latest == {
        "power_output": (7 * MINUTE, 7.0),
        "frequency": (6 * MINUTE, 49.0),
        "voltage_ac": (2 * MINUTE, 230.0),
        "humidity": (7 * MINUTE, 1.0),
    }


async def test_a_device_whose_values_are_all_refused_was_heard_and_has_no_newest_sample(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    entries = [
        Quarantined(0, datetime(2, 1, 1, tzinfo=UTC), "power_output", Reason.IMPLAUSIBLE, "too much", '{"a": 1}'),
        Quarantined(1, datetime(9998, 12, 31, 23, 59, tzinfo=UTC), None, Reason.TIMESTAMP_IN_FUTURE, "", "x" * 4096),
        Quarantined(2, None, "\\x00", Reason.UNKNOWN_METRIC, "", "{}"),
    ]

    await write(store, [], [Entry(device, entry) for entry in entries])

    rows = database.fetch(
        "select organization_id, device_id, at, metric, reason, raw from telemetry_quarantine order by id"
    )
    assert [tuple(row)[2:] for row in rows] == [(e.at, e.metric, e.reason.value, e.raw) for e in entries]
    assert {tuple(row)[:2] for row in rows} == {(device.organization_id, device.device_id)}
    (state,) = database.fetch("select last_sample_at, last_received_at, latest::text from device_state")
    assert (state["last_sample_at"], state["latest"]) == (None, "{}")
    assert state["last_received_at"] is not None
    assert (store.counts.copied, store.counts.staged) == (0, 0)


def newest_told(database: TestDatabase) -> dict[int, tuple[datetime | None, dict[str, float]]]:
    """By device: its newest sample, and the latest values, as `device_state` has them."""
    rows = database.fetch("select device_key, last_sample_at, latest::text from device_state")
    return {
        row["device_key"]: (
            row["last_sample_at"],
            {name: told["value"] for name, told in json.loads(row["latest"]).items()},
        )
        for row in rows
    }


async def test_with_many_devices_each_waits_its_turn_and_then_says_its_newest(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    count = STATES_A_SECOND + 500
    tenant = await make_tenant(devices={})
    rows = database.fetch(
        "insert into devices (site_id, organization_id, name, device_type, protocol)"
        f" select '{tenant.site_id}', '{tenant.organization_id}', 'D' || n, 'inverter', 'http'"
        f" from generate_series(1, {count}) as n returning id, device_key"
    )
    devices = [KnownDevice(id_, tenant.organization_id, tenant.organization_key, key) for id_, key in rows]
    noon = recently()

    for minute in range(3):
        await write(
            store,
            [Arrival(each, Sample(0, noon + minute * MINUTE, {"power_output": float(minute)})) for each in devices],
        )
        assert store.untold > 0
    while store.untold:
        await store.tell_states()

    assert set(newest_told(database).keys()) == {each.device_key for each in devices}
    assert {told[0] for told in newest_told(database).values()} == {noon + 2 * MINUTE}
    assert {told[1]["power_output"] for told in newest_told(database).values()} == {2.0}


async def test_what_a_crash_left_unsaid_is_found_again_in_the_rows(
    store: Store, database: TestDatabase, make_tenant: MakeTenant, worker_database: Database
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter", "C": "inverter", "Silent": "inverter"})
    a, b, c = (known(tenant, name) for name in "ABC")
    noon = recently()

    def at(minute: int, device: KnownDevice, **readings: float) -> Arrival:
        return Arrival(device, Sample(0, noon + minute * MINUTE, dict(readings)))

    await write(store, [at(0, a, power_output=1.0, humidity=40.0), at(0, b, power_output=1.0)])
    before = newest_told(database)
    await write(store, [at(1, a, power_output=2.0), at(2, a, frequency=50.0), at(1, c, power_output=7.0)])
    after = newest_told(database)
    # as if the hub had died before it said anything of these
    database.fetch(
        "update device_state set last_sample_at = null, last_received_at = null, latest = '{}'"
        f" where device_key = {c.device_key}",
        f"""update device_state set last_sample_at = '{noon.isoformat()}', latest = jsonb_build_object(
            'power_output', jsonb_build_object('at', '{noon:%Y-%m-%dT%H:%M:%S.%f}Z', 'value', 1.0),
            'humidity', jsonb_build_object('at', '{noon:%Y-%m-%dT%H:%M:%S.%f}Z', 'value', 40.0))
        where device_key = {a.device_key}""",
    )
    assert newest_told(database) != after

    restarted = Store(worker_database)
    await restarted.make_states_true()
    restarted.disconnect()

    assert newest_told(database) == after
    assert after[b.device_key] == before[b.device_key]
    assert after[a.device_key] == (
        noon + 2 * MINUTE,
        {"power_output": 2.0, "humidity": 40.0, "frequency": 50.0},
    )


async def test_a_state_that_was_rolled_back_is_told_as_soon_as_something_is_written_again(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter"})
    a, b = known(tenant, "A"), known(tenant, "B")
    noon = recently()
    await write(store, [Arrival(a, Sample(0, noon, {"power_output": 1.0}))])
    refuse_at_commit(database, noon)

    with pytest.raises(RowsRefused, match="planted"):
        await write(
            store,
            [
                Arrival(a, Sample(0, noon + MINUTE, {"power_output": 2.0})),
                Arrival(b, Sample(0, noon, {"power_output": 666.0})),
            ],
        )
    await store.tell_states()
    assert newest_told(database) == {
        a.device_key: (noon, {"power_output": 1.0}),
        b.device_key: (None, {}),
    }
    await write(store, [Arrival(a, Sample(0, noon + MINUTE, {"power_output": 2.0}))])
    assert newest_told(database)[a.device_key] == (noon + MINUTE, {"power_output": 2.0})


async def test_device_hours_are_marked_for_the_roll_ups_until_these_have_taken_them(
    store: Store, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    noon = recently()

    async def tell(*minutes: int) -> set[tuple[datetime, int]]:
        await write(
            store, [Arrival(device, Sample(0, noon + minute * MINUTE, {"power_output": 1.0})) for minute in minutes]
        )
        return {(row[0], row[1]) for row in database.fetch("select hour, device_key from telemetry_marks")}

    key = device.device_key
    assert await tell(0, 59, 60) == {(noon, key), (noon + 60 * MINUTE, key)}
    assert await tell(59) == {(noon, key), (noon + 60 * MINUTE, key)}
    database.fetch("delete from telemetry_marks", "insert into telemetry_mark_epoch (epoch) values (1)")
    assert await tell(60) == set()  # a repetition needs no mark
    assert await tell(61) == {(noon + 60 * MINUTE, key)}
    assert await tell(1) == {(noon, key), (noon + 60 * MINUTE, key)}
