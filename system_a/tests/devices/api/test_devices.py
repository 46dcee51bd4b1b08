from typing import Any

import httpx
import pytest

from tests.clients import People, commissioned, created, refused
from tests.conftest import TestDatabase
from tests.devices.inverters import MODBUS, MQTT, NOWHERE, changed, entered, inverter, over_mqtt


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


async def test_the_list_is_searched_and_sorted(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    await created(api, f"{plant.path}/devices", inverter(plant, name="North 100%", manufacturer="Huawei"))
    await created(api, f"{plant.path}/devices", inverter(plant, name="South", serial_number="HV_1"))
    await created(api, f"{plant.path}/devices", inverter(plant, name="West", protocol="http", connection_config=None))
    database.fetch("update devices set last_seen_at = now() where name = 'North 100%'")

    async def names(**query: str) -> list[str]:
        listing = (await api.get(f"{plant.path}/devices", params=query)).json()
        assert listing["total"] == len(listing["items"])
        return [item["name"] for item in listing["items"]]

    assert await names(text="north") == ["North 100%"]
    assert await names(text="hv_") == ["South"]
    assert await names(text="%") == ["North 100%"]
    assert await names(text="_") == ["South"]
    assert await names(manufacturer="HUAWEI") == ["North 100%"]
    assert await names(protocol="http") == ["West"]
    assert await names(sort="-name") == ["West", "South", "North 100%"]
    assert await names(sort="last_seen_at") == ["South", "West", "North 100%"]
    assert await names(sort="-last_seen_at") == ["North 100%", "West", "South"]
    assert await names(removed="true") == []
    for query in ({"sort": "password"}, {"text": ""}, {"text": "a\0"}, {"connection_config": "x"}):
        refused(await api.get(f"{plant.path}/devices", params=query))


async def test_devices_that_sleep_can_be_told_from_those_that_are_awake(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    # the sun never stands at 10 degrees there
    pole = await created(api, f"{plant.path}/sites", {"name": "Pole", "latitude": 89.9, "longitude": 0})
    south = await created(api, f"{plant.path}/sites", {"name": "South", "latitude": -89.9, "longitude": 0})
    for site in (pole, south):
        await created(api, f"{plant.path}/devices", inverter(plant, name=site["name"], site_id=site["id"]))
        await created(
            api, f"{plant.path}/devices", inverter(plant, name="Meter", device_type="meter", site_id=site["id"])
        )
    database.fetch(
        "insert into device_state (device_id, organization_id, device_key, last_received_at)"
        " select id, organization_id, device_key, now() - interval '1 hour' from devices"
    )
    everybody = (await api.get(f"{plant.path}/devices")).json()["items"]
    for asleep in (True, False):
        listing = (await api.get(f"{plant.path}/devices", params={"asleep": asleep})).json()
        assert listing["items"] == [device for device in everybody if device["asleep"] is asleep]
        assert listing["total"] == len(listing["items"])


async def test_whoever_may_not_know_how_a_device_is_reached_sees_nothing_of_it(
    api: httpx.AsyncClient, people: People, subtests: pytest.Subtests
) -> None:
    plant = await commissioned(api)
    url, device = await entered(api, plant, metadata={"note": "roof"})
    told = device["connection_config"]
    assert told == MODBUS
    readers = {
        "owner": (await people.member(plant.organization_id, "owner"), told),
        "manager": (await people.member(plant.organization_id, "manager"), told),
        "installer": (await people.member(plant.organization_id, "installer"), told),
        "viewer": (await people.member(plant.organization_id, "viewer"), None),
        "guest who installs": (await people.guest(plant.site_id, "installer"), told),
        "guest who looks": (await people.guest(plant.site_id, "viewer"), None),
    }
    for name, (client, expected) in readers.items():
        with subtests.test(name):
            one = (await client.get(url)).json()
            [listed] = (await client.get(f"{plant.path}/devices")).json()["items"]
            exported = await client.get(f"{plant.path}/devices/export?format=jsonl")
            assert one == listed == exported.json()
            assert one["connection_config"] == expected
            assert one["metadata"] == {"note": "roof"}
            table = await client.get(f"{plant.path}/devices/export?format=csv")
            assert ("192.168.1.100" in table.text) is (expected is not None)
            assert (await client.get(f"{plant.path}/devices?text=192.168")).json()["items"] == []


async def test_a_guest_sees_and_changes_the_devices_of_one_plant(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    other = await created(api, f"{plant.path}/sites", {"name": "Other", "latitude": 24.9, "longitude": 67.0})
    hidden, _ = await entered(api, plant, name="Hidden", site_id=other["id"])
    guest = await people.guest(plant.site_id, "installer")
    url, _ = await entered(guest, plant, name="Mine")
    assert (await changed(guest, url, name="Still mine")).status_code == 200
    assert [item["name"] for item in (await guest.get(f"{plant.path}/devices")).json()["items"]] == ["Still mine"]
    assert (await guest.get(hidden)).status_code == 404
    assert (await changed(guest, hidden, name="Stolen")).status_code == 404
    assert refused(await changed(guest, url, site_id=other["id"]))[0]["field"] == "site_id"
    assert (await guest.delete(url, headers={"If-Match": "*"})).status_code == 403
    assert (await guest.post(f"{url}/tokens")).status_code == 201
    past = await people.guest(plant.site_id, "installer", expires="-1 second")
    assert (await past.get(url)).status_code == 404


async def test_an_export_holds_every_device_and_no_formula(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    for name in ("=HYPERLINK(1)", "B"):
        await created(api, f"{plant.path}/devices", inverter(plant, name=name))
    table = await api.get(f"{plant.path}/devices/export?format=csv&sort=-name")
    assert table.headers["content-disposition"] == 'attachment; filename="devices.csv"'
    assert ",B," in table.text.splitlines()[1]
    assert ",'=HYPERLINK(1)," in table.text.splitlines()[2]
    refused(await api.get(f"{plant.path}/devices/export?format=pdf"))


async def test_a_removed_device_frees_its_number_and_keeps_its_past(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    url, device = await entered(api, plant, **over_mqtt(plant, serial_number="SN-1"))
    token = (await api.post(f"{url}/tokens")).json()["token"]
    assert (await api.delete(url)).status_code == 428
    assert (await api.delete(url, headers={"If-Match": '"7"'})).status_code == 412
    gone = await api.delete(url, headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.content) == (204, b"")

    past = (await api.get(url)).json()
    assert past["removed_at"] is not None
    assert (past["serial_number"], past["connection_config"]) == (None, MQTT)
    assert (await api.get(f"{plant.path}/devices")).json()["items"] == []
    assert (await api.get(f"{plant.path}/devices?removed=true")).json()["items"] == [past]
    assert (await api.get(f"{url}/latest")).status_code == 200
    assert database.fetch("select 1 from device_tokens where revoked_at is null") == []
    sent = await api.post(
        "/api/v1/telemetry", json={"metrics": {"power_output": 1}}, headers={"Authorization": f"Bearer {token}"}
    )
    assert sent.status_code == 401
    for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/tokens"), ("POST", "/maintenance")):
        again = await api.request(method, url + path, json={}, headers={"If-Match": "*"})
        assert (again.status_code, "removed" in again.json()["detail"]) == (409, True)
    await entered(api, plant, serial_number="SN-1")
    [audited] = database.fetch(
        "select before ->> 'serial_number' as number from audit_entries"
        f" where action = 'device.remove' and target_type = 'device' and target_id = '{device['id']}'"
    )
    assert audited["number"] == "SN-1"


async def test_taken_numbers_are_told_so_often_and_then_no_more(api: httpx.AsyncClient, database: TestDatabase) -> None:
    ours, theirs = await commissioned(api, "Ours"), await commissioned(api, "Theirs")
    await entered(api, theirs, serial_number="SN-1")
    url, _ = await entered(api, ours)
    for number in range(40):
        if number % 2:
            answer = await changed(api, url, serial_number="SN-1")
        else:
            answer = await api.post(f"{ours.path}/devices", json=inverter(ours, serial_number="SN-1"))
        assert answer.status_code == 409
    asked = [
        await changed(api, url, serial_number="SN-1"),
        await api.post(f"{ours.path}/devices", json=inverter(ours, serial_number="SN-1")),
        await api.post(f"{ours.path}/devices", json=inverter(ours, serial_number="surely free")),
        await api.post(f"{url}/replace", json={"serial_number": "SN-1"}),
    ]
    assert [answer.status_code for answer in asked] == [429] * 4
    assert len({answer.content for answer in asked}) == 1
    assert int(asked[0].headers["retry-after"]) > 60
    await entered(api, ours)  # without a number nothing is asked
    await entered(api, theirs, serial_number="SN-2")
    assert len(database.fetch("select 1 from devices where serial_number is not null")) == 2


async def test_free_numbers_use_nothing_up(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    for number in range(45):
        answer = await changed(api, url, serial_number=f"SN-{number}")
        assert answer.status_code == 200
    assert (await changed(api, url, serial_number="SN-44")).status_code == 200
    assert (await changed(api, url, serial_number=None)).json()["serial_number"] is None


async def test_another_tenants_device_answers_byte_for_byte_like_a_random_id(
    api: httpx.AsyncClient, subtests: pytest.Subtests
) -> None:
    ours, theirs = await commissioned(api, "Ours"), await commissioned(api, "Theirs")
    device = await created(api, f"{theirs.path}/devices", inverter(theirs))
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/tokens"),
        ("POST", "/tokens"),
        ("DELETE", "/tokens"),
        ("DELETE", f"/tokens/{NOWHERE}"),
        ("POST", "/maintenance"),
        ("POST", "/maintenance/end"),
        ("POST", "/replace"),
    ):
        with subtests.test(method=method, path=path):
            answers = [
                await api.request(method, f"{ours.path}/devices/{device_id}{path}", json={}, headers={"If-Match": "*"})
                for device_id in (device["id"], NOWHERE)
            ]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
