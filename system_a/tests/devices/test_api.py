from typing import Any

import httpx
import pytest

from tests.clients import Plant, commissioned, created, refused
from tests.conftest import TestDatabase

MODBUS = {"host": "192.168.1.100", "port": 502, "slave_id": 1, "timeout_seconds": 5}
MQTT = {
    "broker": "mqtt.example.com",
    "port": 1883,
    "topic_prefix": "solar/site1/inv1",
    "client_id": "device-123",
    "username": "device",
    "use_tls": False,
}


def inverter(plant: Plant, **changes: Any) -> dict[str, Any]:
    return {
        "site_id": plant.site_id,
        "name": "Inverter 1",
        "device_type": "inverter",
        "protocol": "modbus_tcp",
        "connection_config": MODBUS,
    } | changes


async def test_a_device_is_entered_and_comes_back_as_it_was_said(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    document = inverter(
        plant,
        description="North roof",
        manufacturer="Huawei",
        model="SUN2000-100KTL",
        serial_number="HV-1",
        firmware_version="V100",
        metadata={"reporting_interval_seconds": 300, "string_count": 12},
    )
    answer = await api.post(f"{plant.path}/devices", json=document)
    device = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{plant.path}/devices/{device['id']}"
    assert {key: device[key] for key in document} == document
    assert (device["status"], device["asleep"], device["last_seen_at"]) == ("unknown", False, None)
    assert (await api.get(answer.headers["location"])).json() == device


async def test_each_protocol_has_its_own_connection_and_the_documents_examples_stay_as_they_are(
    api: httpx.AsyncClient,
) -> None:
    plant = await commissioned(api)
    for protocol, connection in (
        ("modbus_tcp", MODBUS),
        ("mqtt", MQTT),
        ("http", {"push": True}),
        ("custom", {"driver": "growatt_cloud", "options": {"plant": 7}}),
    ):
        made = await created(
            api, f"{plant.path}/devices", inverter(plant, protocol=protocol, connection_config=connection)
        )
        assert made["connection_config"] == connection
    pushed = await created(api, f"{plant.path}/devices", inverter(plant, protocol="http", connection_config=None))
    assert pushed["connection_config"] == {"push": True}


IMPOSSIBLE: list[tuple[dict[str, Any], str | None, object]] = [
    ({"name": ""}, "name", ""),
    ({"device_type": "toaster"}, "device_type", "toaster"),
    ({"protocol": "telnet"}, "protocol", "telnet"),
    ({"site_id": "roof"}, "site_id", "roof"),
    ({"site_id": "01a20000-0000-7000-8000-000000000000"}, "site_id", "01a20000-0000-7000-8000-000000000000"),
    ({"connection_config": MODBUS | {"port": 70000}}, "connection_config.port", 70000),
    ({"connection_config": MODBUS | {"slave_id": 300}}, "connection_config.slave_id", 300),
    ({"connection_config": {"port": 502}}, "connection_config.host", None),
    ({"connection_config": MODBUS | {"hots": "x"}}, "connection_config.hots", "x"),
    ({"connection_config": MQTT}, None, None),
    ({"connection_config": "192.168.1.100"}, "connection_config", "192.168.1.100"),
    ({"protocol": "mqtt", "connection_config": MQTT | {"passwort": "geheim"}}, "connection_config.passwort", "***"),
    ({"metadata": {"reporting_interval_seconds": 0}}, "metadata.reporting_interval_seconds", 0),
    ({"metadata": {"reporting_interval_seconds": "60"}}, "metadata.reporting_interval_seconds", "60"),
    ({"metadata": {"reporting_interval_seconds": 86401}}, "metadata.reporting_interval_seconds", 86401),
    ({"metadata": []}, "metadata", "a list of 0 entries"),
    ({"status": "online"}, "status", "online"),
    ({"organization_id": "x"}, "organization_id", "x"),
]


async def test_an_impossible_value_is_named_with_what_is_allowed(
    api: httpx.AsyncClient, subtests: pytest.Subtests
) -> None:
    plant = await commissioned(api)
    device = await created(api, f"{plant.path}/devices", inverter(plant))
    for change, field, value in IMPOSSIBLE:
        registered = await api.post(f"{plant.path}/devices", json=inverter(plant, **change))
        url = f"{plant.path}/devices/{device['id']}"
        changed = await api.patch(url, json=change, headers={"If-Match": '"1"'})
        for answer in (registered, changed):
            with subtests.test(field=field, value=value, method=answer.request.method):
                errors = refused(answer)
                assert all(error["allowed"] for error in errors)
                if field is not None:
                    assert (errors[0]["field"], errors[0]["value"]) == (field, value)
                assert "geheim" not in answer.text


async def test_a_connections_secrets_are_kept_and_never_shown(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    made = await created(
        api,
        f"{plant.path}/devices",
        inverter(plant, protocol="mqtt", connection_config=MQTT | {"password": "swordfish"}),
    )
    url = f"{plant.path}/devices/{made['id']}"
    changed = await api.patch(url, json={"name": "Renamed"}, headers={"If-Match": '"1"'})
    answers = [await api.get(url), await api.get(f"{plant.path}/devices"), changed]
    assert made["connection_config"] == MQTT
    assert not any("swordfish" in answer.text or "password" in answer.text for answer in answers)
    [row] = database.fetch("select connection_config ->> 'password' as password from devices")
    assert row["password"] == "swordfish"
    refusal = await api.patch(
        url, json={"connection_config": MQTT | {"password": "sw0rdfish", "username": None}}, headers={"If-Match": '"2"'}
    )
    assert refusal.status_code == 422
    assert "sw0rdfish" not in refusal.text


async def test_a_new_protocol_needs_its_own_connection(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    device = await created(api, f"{plant.path}/devices", inverter(plant))
    url = f"{plant.path}/devices/{device['id']}"
    errors = refused(await api.patch(url, json={"protocol": "mqtt"}, headers={"If-Match": '"1"'}))
    assert [error["field"] for error in errors] == ["connection_config.broker", "connection_config.topic_prefix"]
    moved = await api.patch(url, json={"protocol": "mqtt", "connection_config": MQTT}, headers={"If-Match": '"1"'})
    assert (moved.json()["protocol"], moved.json()["connection_config"]) == ("mqtt", MQTT)
    assert moved.headers["etag"] == '"2"'


async def test_a_serial_number_that_is_taken_anywhere_is_one_uniform_conflict(api: httpx.AsyncClient) -> None:
    ours, theirs = await commissioned(api, "Ours"), await commissioned(api, "Theirs")
    await created(api, f"{theirs.path}/devices", inverter(theirs, serial_number="SN-1"))
    mine = await created(api, f"{ours.path}/devices", inverter(ours, serial_number="SN-2"))
    strangers = await api.post(f"{ours.path}/devices", json=inverter(ours, serial_number="SN-1"))
    own = await api.post(f"{ours.path}/devices", json=inverter(ours, serial_number="SN-2"))
    edited = await api.patch(
        f"{ours.path}/devices/{mine['id']}", json={"serial_number": "SN-1"}, headers={"If-Match": '"1"'}
    )
    assert [answer.status_code for answer in (strangers, own, edited)] == [409, 409, 409]
    assert strangers.content == own.content == edited.content
    for _ in range(2):
        await created(api, f"{ours.path}/devices", inverter(ours))  # unknown serial numbers do not clash


async def test_a_device_stands_on_its_own_organizations_sites_only(api: httpx.AsyncClient) -> None:
    ours, theirs = await commissioned(api, "Ours"), await commissioned(api, "Theirs")
    [error] = refused(await api.post(f"{ours.path}/devices", json=inverter(theirs)))
    assert (error["field"], error["message"]) == ("site_id", "is no site of this organization")
    device = await created(api, f"{ours.path}/devices", inverter(ours))
    answer = await api.patch(
        f"{ours.path}/devices/{device['id']}", json={"site_id": theirs.site_id}, headers={"If-Match": '"1"'}
    )
    assert refused(answer)[0]["field"] == "site_id"


async def test_people_say_maintenance_and_its_end_and_nothing_else(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    device = await created(api, f"{plant.path}/devices", inverter(plant))
    url = f"{plant.path}/devices/{device['id']}"
    for version, status in enumerate(("maintenance", "unknown"), start=1):
        answer = await api.patch(url, json={"status": status}, headers={"If-Match": f'"{version}"'})
        assert answer.json()["status"] == status
    [error] = refused(await api.patch(url, json={"status": "offline"}, headers={"If-Match": '"3"'}))
    assert error["allowed"] == ["maintenance", "unknown"]


async def test_the_list_can_be_narrowed(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    other = await created(api, f"{plant.path}/sites", {"name": "Other", "latitude": 24.9, "longitude": 67.0})
    await created(api, f"{plant.path}/devices", inverter(plant, name="B"))
    await created(api, f"{plant.path}/devices", inverter(plant, name="A", device_type="meter"))
    await created(api, f"{plant.path}/devices", inverter(plant, name="C", site_id=other["id"]))

    async def names(query: str) -> list[str]:
        listing = (await api.get(f"{plant.path}/devices?{query}")).json()
        assert listing["total"] == len(listing["items"])
        return [item["name"] for item in listing["items"]]

    assert await names("") == ["A", "B", "C"]
    assert await names(f"site_id={plant.site_id}") == ["A", "B"]
    assert await names("device_type=meter") == ["A"]
    assert await names("status=online") == []
    [error] = refused(await api.get(f"{plant.path}/devices?status=sleepy"))
    assert error["allowed"] == ["online", "offline", "error", "maintenance", "unknown"]


async def test_another_tenants_device_answers_byte_for_byte_like_a_random_id(api: httpx.AsyncClient) -> None:
    ours, theirs = await commissioned(api, "Ours"), await commissioned(api, "Theirs")
    device = await created(api, f"{theirs.path}/devices", inverter(theirs))
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/tokens")):
        answers = [
            await api.request(method, f"{ours.path}/devices/{device_id}{path}", json={}, headers={"If-Match": '"1"'})
            for device_id in (device["id"], "01a20000-0000-7000-8000-000000000000")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


async def test_a_token_is_shown_once_and_opens_the_door(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    device = await created(api, f"{plant.path}/devices", inverter(plant, protocol="http", connection_config=None))
    answer = await api.post(f"{plant.path}/devices/{device['id']}/tokens")
    token = answer.json()["token"]
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    sent = await api.post(
        "/api/v1/telemetry", json={"metrics": {"power_output": 2.9}}, headers={"Authorization": f"Bearer {token}"}
    )
    assert sent.json() == {"stored": 1, "duplicates": 0, "quarantined": []}
    assert token not in (await api.get(f"{plant.path}/devices/{device['id']}")).text
    [row] = database.fetch("select octet_length(token_sha256) as bytes, device_id::text from device_tokens")
    assert dict(row) == {"bytes": 32, "device_id": device["id"]}
