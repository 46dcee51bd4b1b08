"""A gateway at the door: it speaks for its own devices, in one request for many, and for nobody else."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from solarhub.devices import senders
from solarhub.kit.ids import uuid7
from tests.conftest import MakeTenant, TestDatabase
from tests.telemetry.conftest import Door, recently, stored

LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def gateway(door: Door, database: TestDatabase) -> Door:
    """The door's device is a gateway now."""
    database.fetch(f"update devices set device_type = 'gateway' where id = '{gateway_id(door)}'")
    return door


def gateway_id(door: Door) -> UUID:
    return door.tenant.devices["Inverter 1"]


def add_child(door: Door, database: TestDatabase, name: str, **columns: str) -> tuple[UUID, int]:
    """A device under the gateway; its id and key."""
    more = "".join(f", {column}" for column in columns)
    values = "".join(f", '{value}'" for value in columns.values())
    (row,) = database.fetch(
        f"insert into devices (site_id, organization_id, name, device_type, protocol, gateway_id{more})"
        f" select site_id, organization_id, '{name}', 'inverter', 'http', id{values}"
        f" from devices where id = '{gateway_id(door)}' returning id, device_key"
    )
    senders.forget_all()
    return row["id"], row["device_key"]


def sample(at: datetime, **metrics: object) -> dict[str, Any]:
    return {"timestamp": at.timestamp(), "metrics": metrics or {"power_output": 2.5}}


async def test_a_tick_of_many_devices_is_one_request(gateway: Door, database: TestDatabase) -> None:
    at = recently()
    (a, a_key), (_, b_key), (_, c_key) = (
        add_child(gateway, database, "A"),
        add_child(gateway, database, "B"),
        add_child(gateway, database, "C", serial_number="HV2140"),
    )
    body = {
        "devices": [
            {"device": str(a), "samples": [sample(at, power_output=1.0)]},
            {"device": "B", "samples": [sample(at, power_output=2.0), sample(at + timedelta(minutes=1))]},
            {"device": "HV2140", "samples": [sample(at, frequency=50.0, voltage_dc={"string1": 600.0})]},
            {"device": str(gateway_id(gateway)), "samples": [sample(at, temperature_ambient=31.0)]},
        ]
    }

    response = await gateway.post(body)

    assert response.json() == {"stored": 5, "duplicates": 0, "conflicts": 0, "quarantined": []}
    assert stored(database) == sorted(
        [
            (gateway.tenant.device_keys["Inverter 1"], at, False, {"temperature_ambient": 31.0}),
            (a_key, at, False, {"power_output": 1.0}),
            (b_key, at, False, {"power_output": 2.0}),
            (b_key, at + timedelta(minutes=1), False, {"power_output": 2.5}),
            (c_key, at, False, {"frequency": 50.0, "voltage_dc:string1": 600.0}),
        ],
        key=lambda row: row[:2],
    )


async def test_of_a_device_that_is_not_its_own_nothing_is_taken_and_nothing_is_told(
    gateway: Door, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    at = recently()
    _, key = add_child(gateway, database, "Mine")
    other = await make_tenant("Other", devices={"Theirs": "inverter"})
    (unled,) = database.fetch(
        "insert into devices (site_id, organization_id, name, device_type, protocol, serial_number)"
        f" select site_id, organization_id, 'Unled', 'inverter', 'http', 'SN-9' from devices"
        f" where id = '{gateway_id(gateway)}' returning id"
    )
    foreign = [str(other.devices["Theirs"]), "Theirs", str(unled["id"]), "SN-9", str(uuid7()), "Nobody"]

    answers = []
    for word in foreign:
        body = {"devices": [{"device": "Mine", "samples": [sample(at)]}, {"device": word, "samples": [sample(at)]}]}
        answers.append((await gateway.post(body)).json())
        at += timedelta(minutes=1)

    for word, answer in zip(foreign, answers, strict=True):
        (entry,) = answer["quarantined"]
        assert (answer["stored"], entry["index"], entry["reason"]) == (1, 1, "unknown_device")
        assert entry["detail"].replace(word, "X").startswith("X is no device that this sender speaks for")
    assert (
        len(
            {
                answer["quarantined"][0]["detail"].replace(word, "X")
                for word, answer in zip(foreign, answers, strict=True)
            }
        )
        == 1
    )
    assert {row[0] for row in stored(database)} == {key}
    kept = database.fetch("select distinct device_id, organization_id, reason from telemetry_quarantine")
    assert [tuple(row) for row in kept] == [(gateway_id(gateway), gateway.tenant.organization_id, "unknown_device")]
    (raw,) = database.fetch("select raw from telemetry_quarantine order by id limit 1")
    assert json.loads(raw["raw"])["metrics"] == {"power_output": 2.5}


async def test_a_device_that_is_no_gateway_speaks_for_itself_alone(
    door: Door, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    other = await make_tenant("Other")
    for word in (str(other.devices["Inverter 1"]), "Inverter 1"):
        body = {"devices": [{"device": word, "samples": [sample(recently())]}]}
        answer = (await door.post(body)).json()

        assert (answer["stored"], answer["quarantined"][0]["reason"]) == (0, "unknown_device")
    own = {"devices": [{"device": str(gateway_id(door)), "samples": [sample(recently())]}]}
    assert (await door.post(own)).json()["stored"] == 1


async def test_a_bad_value_of_one_device_leaves_all_others_alone(gateway: Door, database: TestDatabase) -> None:
    at = recently()
    keys = [add_child(gateway, database, name)[1] for name in "ABCD"]
    body = {
        "devices": [
            {"device": "A", "samples": [sample(at, power_output=1.0, frequency=float("nan"))]},
            {"device": "B", "samples": [sample(at, power_output=2.0), {"metrics": 3}]},
            {"device": "C", "samples": "?"},
            {"device": "D", "samples": [sample(at, power_output=9e9)]},
        ]
    }

    answer = (await gateway.post(body)).json()

    assert answer["stored"] == 2
    assert [(entry["index"], entry["metric"], entry["reason"]) for entry in answer["quarantined"]] == [
        (0, "frequency", "not_finite"),
        (2, None, "wrong_shape"),
        (3, None, "wrong_shape"),
        (4, "power_output", "implausible"),
    ]
    assert [(row[0], row[3]) for row in stored(database)] == [
        (keys[0], {"power_output": 1.0}),
        (keys[1], {"power_output": 2.0}),
    ]
    rows = database.fetch(
        "select name, reason from telemetry_quarantine q join devices d on d.id = q.device_id order by q.id"
    )
    assert sorted(map(tuple, rows)) == [
        ("A", "not_finite"),
        ("B", "wrong_shape"),
        ("D", "implausible"),
        ("Inverter 1", "wrong_shape"),
    ]


async def test_what_is_plausible_depends_on_what_the_device_is_rated_at(gateway: Door, database: TestDatabase) -> None:
    at = recently()
    add_child(gateway, database, "Small", metadata='{"rated_power_kw": 5}')
    add_child(gateway, database, "Large", metadata='{"rated_power_kw": 500}')
    add_child(gateway, database, "Unrated")
    body = {
        "devices": [
            {"device": name, "samples": [sample(at, power_output=50.0, frequency=50.0)]}
            for name in ("Small", "Large", "Unrated")
        ]
    }

    answer = (await gateway.post(body)).json()

    assert answer["stored"] == 3
    (entry,) = answer["quarantined"]
    assert (entry["index"], entry["metric"], entry["reason"]) == (0, "power_output", "implausible")
    assert "as the device is rated at 5 kW" in entry["detail"]
    assert [row[3] for row in stored(database)] == [
        {"frequency": 50.0},
        {"power_output": 50.0, "frequency": 50.0},
        {"power_output": 50.0, "frequency": 50.0},
    ]


async def test_each_device_may_have_one_sample_without_a_time(gateway: Door, database: TestDatabase) -> None:
    for name in "AB":
        add_child(gateway, database, name)
    undated = {"metrics": {"power_output": 1.0}}
    body = {"devices": [{"device": "A", "samples": [undated, undated]}, {"device": "B", "samples": [undated]}]}

    answer = (await gateway.post(body)).json()

    assert answer["stored"] == 2
    assert [(entry["index"], entry["reason"]) for entry in answer["quarantined"]] == [(1, "timestamp_unreadable")]


async def test_lines_are_read_as_samples_with_their_devices(gateway: Door, database: TestDatabase) -> None:
    at = recently()
    key = gateway.tenant.device_keys["Inverter 1"]
    keys = [add_child(gateway, database, name)[1] for name in "AB"]
    lines = [
        {"device": "A", **sample(at, power_output=1.0)},
        {"device": "B", **sample(at, power_output=2.0)},
        sample(at, temperature_ambient=30.0),
    ]

    answer = (await gateway.post("\n".join(map(json.dumps, lines)).encode(), **LINES)).json()

    assert answer == {"stored": 3, "duplicates": 0, "conflicts": 0, "quarantined": []}
    expected = [
        (key, at, False, {"temperature_ambient": 30.0}),
        (keys[0], at, False, {"power_output": 1.0}),
        (keys[1], at, False, {"power_output": 2.0}),
    ]
    assert stored(database) == sorted(expected, key=lambda row: row[0])


async def test_a_bad_line_leaves_the_others_alone(gateway: Door, database: TestDatabase) -> None:
    at = recently()
    add_child(gateway, database, "A")
    lines = [
        json.dumps({"device": "A", **sample(at, power_output=1.0)}),
        "{",
        "[]",
        '{"device": 3, "metrics": {}}',
        json.dumps({"device": "Nobody", **sample(at)}),
        '{"metrics": {"humidity": NaN}, "device": "A"}',
        "",
        json.dumps({"device": "A", **sample(at + timedelta(minutes=1))}),
    ]

    answer = (await gateway.post("\n".join(lines).encode(), **LINES)).json()

    assert answer["stored"] == 2
    assert [(entry["index"], entry["reason"]) for entry in answer["quarantined"]] == [
        (1, "wrong_shape"),
        (2, "wrong_shape"),
        (3, "wrong_shape"),
        (4, "unknown_device"),
        (5, "not_finite"),
    ]
    refused = await gateway.post(b"{\n[\n", **LINES)
    assert (refused.status_code, refused.json()["title"]) == (400, "Bad Request")
