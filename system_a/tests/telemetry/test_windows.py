"""What people read back: latest values, series in windows and buckets, a day's energy."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.telemetry.buckets import MOST_RAW
from solarhub.telemetry.sample import Sample
from tests.clients import refused
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.telemetry.cold.conftest import compact, days_ago
from tests.telemetry.conftest import MINUTE, Door, known, recently

Told = Sequence[tuple[datetime, dict[str, float]]]


async def report(door: Door, tenant: Tenant, name: str, told: Told) -> None:
    """Stored by the hub's own corridor, as if the device had sent it."""
    await door.ingest.take(known(tenant, name), [Sample(n, at, readings) for n, (at, readings) in enumerate(told)], [])


def path(tenant: Tenant, kind: str, name: str, what: str) -> str:
    thing = tenant.devices[name] if kind == "devices" else tenant.site_id
    return f"/api/v1/organizations/{tenant.organization_id}/{kind}/{thing}/{what}"


async def read(door: Door, kind: str, name: str, what: str, **parameters: object) -> Any:
    response = await door.client.get(path(door.tenant, kind, name, what), params=_text(parameters))
    assert response.status_code == 200, response.text
    return response.json()


def _text(parameters: dict[str, object]) -> dict[str, str]:
    """`from_` is `from`, which Python keeps for itself."""
    return {
        name.rstrip("_"): value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in parameters.items()
    }


def rfc3339(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def test_latest_values_come_with_their_units(door: Door) -> None:
    at = recently()
    await report(door, door.tenant, "Inverter 1", [(at, {"power_output": 2.5, "voltage_dc:string1": 380.0})])
    await report(door, door.tenant, "Inverter 1", [(at + MINUTE, {"power_output": 3.0})])

    latest = await read(door, "devices", "Inverter 1", "latest")
    of_site = await read(door, "sites", "Inverter 1", "latest")

    assert latest["last_sample_at"] == rfc3339(at + MINUTE)
    assert latest["readings"] == [
        {"metric": "power_output", "channel": None, "value": 3.0, "unit": "kW", "at": rfc3339(at + MINUTE)},
        {"metric": "voltage_dc", "channel": "string1", "value": 380.0, "unit": "V", "at": rfc3339(at)},
    ]
    assert (of_site["items"], of_site["total"]) == ([latest], 1)


async def test_a_device_that_was_never_heard_has_no_latest_values(door: Door) -> None:
    latest = await read(door, "devices", "Inverter 1", "latest")

    assert (latest["readings"], latest["last_sample_at"], latest["last_received_at"]) == ([], None, None)


async def test_a_raw_series_holds_every_value_of_its_window(door: Door) -> None:
    start = recently()
    told = [(start + n * MINUTE, {"power_output": float(n)} if n % 2 else {"frequency": 50.0}) for n in range(6)]
    await report(door, door.tenant, "Inverter 1", told)
    await report(door, door.tenant, "Inverter 1", [(start + 7 * MINUTE, {"power_output:l1": 9.0})])

    window = {"from_": start + MINUTE, "to": start + 5 * MINUTE}
    series = await read(door, "devices", "Inverter 1", "series", metric="power_output", **window)
    channel = await read(door, "devices", "Inverter 1", "series", metric="power_output", channel="l1", from_=start)

    assert series["points"] == [{"at": rfc3339(start + n * MINUTE), "value": float(n)} for n in (1, 3)]
    assert (series["unit"], series["from"], series["to"]) == ("kW", *(rfc3339(at) for at in window.values()))
    assert channel["points"] == [{"at": rfc3339(start + 7 * MINUTE), "value": 9.0}]
    assert channel["channel"] == "l1"


async def test_a_window_is_the_last_day_unless_it_is_named(door: Door) -> None:
    present = now().replace(microsecond=0)
    told = [(present - timedelta(hours=hours), {"power_output": float(hours)}) for hours in (30, 20, 1)]
    await report(door, door.tenant, "Inverter 1", told)

    series = await read(door, "devices", "Inverter 1", "series", metric="power_output")

    assert [point["value"] for point in series["points"]] == [20.0, 1.0]


async def test_buckets_hold_mean_least_greatest_and_number_and_a_gap_is_absent(door: Door) -> None:
    start = recently()
    values = {0: 1.0, 1: 3.0, 4: 8.0, 5: -2.0, 15: 7.0}
    await report(
        door, door.tenant, "Inverter 1", [(start + n * MINUTE, {"power_output": v}) for n, v in values.items()]
    )

    series = await read(
        door, "devices", "Inverter 1", "series", metric="power_output", bucket="5m", from_=start, to=start + 60 * MINUTE
    )

    assert series["points"] == [
        {"at": rfc3339(start), "mean": 4.0, "min": 1.0, "max": 8.0, "count": 3},
        {"at": rfc3339(start + 5 * MINUTE), "mean": -2.0, "min": -2.0, "max": -2.0, "count": 1},
        {"at": rfc3339(start + 15 * MINUTE), "mean": 7.0, "min": 7.0, "max": 7.0, "count": 1},
    ]


async def test_a_code_has_no_mean(door: Door) -> None:
    start = recently()
    told = [(start + n * MINUTE, {"operating_state": float(n)}) for n in (4, 7)]
    await report(door, door.tenant, "Inverter 1", told)

    series = await read(door, "devices", "Inverter 1", "series", metric="operating_state", bucket="1h", from_=start)

    assert [(point["mean"], point["min"], point["max"]) for point in series["points"]] == [(None, 4.0, 7.0)]


async def test_a_day_is_the_sites_day(door: Door, database: TestDatabase) -> None:
    midnight = recently().replace(hour=19)  # in Karachi
    told = [(midnight + hours * timedelta(hours=1), {"power_output": 1.0}) for hours in (-1, 0, 23, 24)]
    await report(door, door.tenant, "Inverter 1", [pair for pair in told if pair[0] < now()])
    series = await read(
        door, "devices", "Inverter 1", "series", metric="power_output", bucket="1d", from_=midnight - timedelta(days=2)
    )

    assert [point["at"] for point in series["points"][:2]] == [rfc3339(midnight - timedelta(days=1)), rfc3339(midnight)]
    assert series["points"][0]["count"] == 1


UNANSWERABLE: list[tuple[dict[str, str], str, str]] = [
    # parameters | the field that is named, and part of what is allowed instead
    ({"metric": "powr"}, "metric", "power_output"),
    ({}, "metric", ""),
    ({"metric": "power_output", "channel": "L 1"}, "channel", "a-z"),
    ({"metric": "power_output", "bucket": "2m"}, "bucket", "15m"),
    ({"metric": "power_output", "from": "2026-06-01T00:00:00"}, "from", ""),
    ({"metric": "power_output", "from": "0001-01-01T00:00:00Z", "to": "0001-01-01T00:00:01Z"}, "from", ""),
    ({"metric": "power_output", "from": "2026-06-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}, "to", "after from"),
    ({"metric": "power_output", "from": "2026-01-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}, "bucket", "62 days"),
    ({"metric": "power_output", "since": "1h"}, "since", ""),
]


async def test_what_cannot_be_answered_is_refused_with_what_can(door: Door) -> None:
    for parameters, field, allowed in UNANSWERABLE:
        response = await door.client.get(path(door.tenant, "devices", "Inverter 1", "series"), params=parameters)
        error = refused(response)[0]

        assert error["field"] == field, parameters
        assert allowed in str(error["allowed"])


async def test_more_raw_samples_than_a_screen_can_hold_are_refused_with_a_sentence(
    door: Door, database: TestDatabase
) -> None:
    start = recently()
    await report(door, door.tenant, "Inverter 1", [(start, {"power_output": 1.0})])
    database.fetch(
        "insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)"
        " select organization_key, device_key, at + n * interval '1 ms', received_at, layout_id, late, readings"
        f" from telemetry_samples, generate_series(1, {MOST_RAW - 1}) n"
    )
    address = path(door.tenant, "devices", "Inverter 1", "series")
    all_of_them = await door.client.get(address, params={"metric": "power_output", "from": start.isoformat()})
    await report(door, door.tenant, "Inverter 1", [(start + 5 * MINUTE, {"power_output": 1.0})])
    error = refused(await door.client.get(address, params={"metric": "power_output", "from": start.isoformat()}))[0]

    assert len(all_of_them.json()["points"]) == MOST_RAW
    assert (error["field"], error["allowed"]) == (
        "bucket",
        "a window with up to 50,000 samples, or a bucket from 1m to 1d",
    )


async def test_energy_says_how_it_is_known(door: Door, database: TestDatabase) -> None:
    midnight = recently().replace(hour=19) - timedelta(days=1)  # in Karachi; this day is over
    day = (midnight + timedelta(days=1)).date().isoformat()
    database.fetch(
        "insert into devices (site_id, organization_id, name, device_type, protocol)"
        " select site_id, organization_id, more.name, more.type::device_type, 'http' from devices,"
        " (values ('Inverter 2', 'inverter'), ('Inverter 3', 'inverter'), ('Meter', 'meter')) as more (name, type)"
    )
    for row in database.fetch("select id, device_key, name from devices"):
        door.tenant.devices[row["name"]] = row["id"]
        door.tenant.device_keys[row["name"]] = row["device_key"]
    hour = timedelta(hours=1)
    noon = midnight + 12 * hour
    await report(
        door,
        door.tenant,
        "Inverter 1",
        [
            (midnight - hour, {"energy_total": 100.0}),
            (noon, {"energy_total": 112.0}),
            (noon + hour, {"energy_total": 115.5}),
        ],
    )
    nothing = await read(door, "sites", "", "energy", day="2026-01-01")
    counter = await read(door, "sites", "", "energy", day=day)
    minutes = [(noon + n * MINUTE, {"power_output": 6.0}) for n in range(61)]
    await report(door, door.tenant, "Inverter 2", minutes)
    await report(door, door.tenant, "Meter", [(at, {"power_output": 100.0}) for at, _ in minutes])
    both = await read(door, "sites", "", "energy", day=day)

    assert (nothing["kwh"], nothing["method"]) == (None, None)
    assert (counter["kwh"], counter["method"]) == (15.5, "counter")
    assert (counter["from"], counter["to"]) == (rfc3339(midnight), rfc3339(midnight + 24 * hour))
    assert counter["timezone"] == "Asia/Karachi"
    assert (both["kwh"], both["method"]) == (pytest.approx(21.5), "mixed")
    assert [(each["name"], each["kwh"], each["method"]) for each in both["devices"]] == [
        ("Inverter 1", 15.5, "counter"),
        ("Inverter 2", pytest.approx(6.0), "power"),
        ("Inverter 3", None, None),
    ]


async def test_a_site_without_inverters_tells_the_energy_of_what_it_has(door: Door, database: TestDatabase) -> None:
    database.fetch("update devices set device_type = 'meter'")
    start = recently()
    await report(door, door.tenant, "Inverter 1", [(start + n * MINUTE, {"power_output": -0.6}) for n in range(11)])

    energy = await read(door, "sites", "", "energy", day=(start + timedelta(hours=5)).date().isoformat())

    assert (energy["kwh"], energy["method"]) == (pytest.approx(-0.1), "power")


async def test_another_organizations_readings_are_not_there(door: Door, make_tenant: MakeTenant) -> None:
    other = await make_tenant("Other")
    at = recently()
    await report(door, other, "Inverter 1", [(at, {"power_output": 1.0})])
    mine = f"/api/v1/organizations/{door.tenant.organization_id}"
    device, site = other.devices["Inverter 1"], other.site_id

    for address in (
        f"{mine}/devices/{device}/latest",
        f"{mine}/devices/{device}/series?metric=power_output",
        f"{mine}/sites/{site}/latest",
        f"{mine}/sites/{site}/energy",
    ):
        response = await door.client.get(address)
        unknown = await door.client.get(address.replace(str(device), str(site)) if str(device) in address else address)
        assert (response.status_code, response.json()) == (404, unknown.json())
    series = await door.client.get(
        path(other, "devices", "Inverter 1", "series"), params={"metric": "power_output", "from": at.isoformat()}
    )
    assert len(series.json()["points"]) == 1


async def test_days_that_are_compressed_are_read_like_any_other(door: Door, worker_database: Database) -> None:
    at = days_ago(4, hour=23)
    told: Told = [
        (at + number * 10 * MINUTE, {"power_output": float(number), "voltage_ac": 230.0}) for number in range(12)
    ]
    await report(door, door.tenant, "Inverter 1", told)
    window: dict[str, object] = {"metric": "power_output", "from_": at, "to": at + 300 * MINUTE}
    before = [await read(door, "devices", "Inverter 1", "series", **window, bucket=bucket) for bucket in ("raw", "1h")]
    assert len(before[0]["points"]) == 12

    await compact(worker_database)

    after = [await read(door, "devices", "Inverter 1", "series", **window, bucket=bucket) for bucket in ("raw", "1h")]
    assert after == before
