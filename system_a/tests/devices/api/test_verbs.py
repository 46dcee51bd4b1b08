from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from solarhub.devices import removal
from solarhub.devices.models import Device
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from tests.clients import People, commissioned, refused
from tests.conftest import TestDatabase
from tests.devices.inverters import KEPT, MODBUS, MQTT, changed, entered, over_mqtt


async def test_maintenance_lasts_until_somebody_ends_it(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    begun = await api.post(f"{url}/maintenance")
    assert (begun.status_code, begun.headers["etag"]) == (200, '"2"')
    assert (begun.json()["status"], begun.json()["maintenance_until"]) == ("maintenance", None)
    ended = await api.post(f"{url}/maintenance/end")
    assert (ended.json()["status"], ended.json()["version"]) == ("unknown", 3)
    again = await api.post(f"{url}/maintenance/end")
    assert (again.status_code, again.json()["state"]) == (409, "unknown")


async def test_the_end_of_maintenance_can_be_moved_and_lies_ahead(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    for hours in (1, 48):
        until = now() + timedelta(hours=hours)
        answer = await api.post(f"{url}/maintenance", json={"until": until.isoformat(), "note": "Fan"})
        assert answer.json()["maintenance_until"] == until.isoformat().replace("+00:00", "Z")
    for wrong in (now() - timedelta(minutes=1), now() + timedelta(days=367)):
        [error] = refused(await api.post(f"{url}/maintenance", json={"until": wrong.isoformat()}))
        assert error["field"] == "until"
    for document in ({"until": "2030-01-01T00:00:00"}, {"until": "soon"}, {"note": ""}, {"till": None}):
        refused(await api.post(f"{url}/maintenance", json=document))
    told = database.fetch("select after ->> 'note' as note from audit_entries where action = 'device.maintenance'")
    assert [row["note"] for row in told if row["note"]] == ["Fan", "Fan"]
    unset = await changed(api, url, status="unknown")
    assert (unset.json()["status"], unset.json()["maintenance_until"]) == ("unknown", None)


async def test_a_replacement_takes_the_place_and_the_past_stays(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    settings = over_mqtt(
        plant,
        description="North roof",
        manufacturer="Huawei",
        model="SUN2000",
        serial_number="OLD-1",
        firmware_version="V1",
        metadata={"reporting_interval_seconds": 300},
    )
    url, old = await entered(api, plant, **settings)
    old_token = (await api.post(f"{url}/tokens")).json()["token"]
    answer = await api.post(f"{url}/replace", json={"serial_number": "NEW-1", "firmware_version": "V2"})
    assert answer.status_code == 201, answer.text
    new, replaced, token = (answer.json()[key] for key in ("device", "replaced", "token"))

    assert answer.headers["location"] == f"{plant.path}/devices/{new['id']}"
    assert answer.headers["etag"] == f'"{new["version"]}"'
    kept = ("site_id", "name", "description", "device_type", "manufacturer", "model", "protocol", "metadata")
    assert {key: new[key] for key in kept} == {key: old[key] for key in kept}
    assert new["connection_config"] == MQTT | {"password": KEPT}
    assert (new["serial_number"], new["firmware_version"], new["status"]) == ("NEW-1", "V2", "unknown")
    assert (new["replaces"], replaced["replaced_by"]) == (old["id"], new["id"])
    assert (replaced["serial_number"], replaced["removed_at"] is not None) == (None, True)
    assert (await api.get(url)).json() == replaced
    assert [item["id"] for item in (await api.get(f"{plant.path}/devices")).json()["items"]] == [new["id"]]

    for given, status in ((token["token"], 200), (old_token, 401)):
        sent = await api.post(
            "/api/v1/telemetry", json={"metrics": {"power_output": 1}}, headers={"Authorization": f"Bearer {given}"}
        )
        assert sent.status_code == status
    assert (await api.post(f"{url}/replace", json={})).status_code == 409
    actions = database.fetch("select distinct action from audit_entries where action like 'device.repl%'")
    assert [row["action"] for row in actions] == ["device.replace"]


async def test_a_replacement_may_be_reached_elsewhere_and_keep_the_number(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant, serial_number="SN-1")
    wanted = {"name": "New", "serial_number": "SN-1", "connection_config": MODBUS | {"host": "10.0.0.7"}}
    new = (await api.post(f"{url}/replace", json=wanted)).json()["device"]
    assert {key: new[key] for key in wanted} == wanted


async def test_a_refused_replacement_leaves_everything_as_it_was(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    await entered(api, plant, serial_number="TAKEN")
    url, before = await entered(api, plant, serial_number="SN-1")
    assert (await api.post(f"{url}/replace", json={"serial_number": "TAKEN"})).status_code == 409
    for wrong in (
        {"connection_config": {"port": 1}},
        {"metadata": {"reporting_interval_seconds": 0}},
        {"site_id": "x"},
    ):
        refused(await api.post(f"{url}/replace", json=wrong))
    assert (await api.get(url)).json() == before


async def test_a_replacement_is_shown_as_far_as_one_may_see(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    viewer = await people.member(plant.organization_id, "viewer")
    assert (await viewer.post(f"{url}/replace", json={})).status_code == 403
    guest = await people.guest(plant.site_id, "installer")
    answer = (await guest.post(f"{url}/replace", json={})).json()
    assert answer["token"]["token"].startswith("shd_")
    assert (answer["replaced"]["replaced_by"], answer["device"]["replaces"]) == (
        answer["device"]["id"],
        answer["replaced"]["id"],
    )


@pytest.fixture
def left() -> Iterator[list[str]]:
    """The names of devices that left, as a room upstairs is told."""
    names: list[str] = []

    async def note(_session: Session, device: Device) -> None:
        names.append(device.name)

    removal.LEAVING.append(note)
    yield names
    removal.LEAVING.remove(note)


async def test_rooms_upstairs_are_told_of_a_device_that_leaves(api: httpx.AsyncClient, left: list[str]) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant, name="Removed")
    await api.delete(url, headers={"If-Match": "*"})
    url, _ = await entered(api, plant, name="Replaced")
    await api.post(f"{url}/replace", json={})
    assert left == ["Removed", "Replaced"]
