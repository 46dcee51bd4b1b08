"""Who reports without being known, over HTTP: looked at, adopted in one action, ignored, and read anew."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from solarhub.drivers.dialects import Message
from solarhub.kit.db import Database
from solarhub.kit.ids import uuid7
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.found.notebook import Notebook
from solarhub.telemetry.found.roster import Roster
from tests.clients import People, refused
from tests.conftest import MakeTenant, TestDatabase
from tests.telemetry.found.conftest import BROKER, DIALECTS, INVERTER, Place, at_work, burst, yesterday
from tests.waiting import until_blocked


@dataclass(frozen=True)
class Office:
    """An installer of an organization at whose broker somebody is heard."""

    client: httpx.AsyncClient
    place: Place
    notebook: Notebook

    @property
    def path(self) -> str:
        return f"/api/v1/organizations/{self.place.organization_id}"

    async def hear(self, *messages: Message, **more: Any) -> str:
        """The id of whoever sent these."""
        await self.place.note(self.notebook, *(messages or burst(yesterday())), **more)
        listed = (await self.client.get(f"{self.path}/found-senders")).json()
        found: str = listed["items"][0]["id"]
        return found

    async def adopt(self, sender_id: str, **wish: Any) -> httpx.Response:
        return await self.client.post(f"{self.path}/found-senders/{sender_id}/adopt", json=wish)

    async def followed(self, samples: int) -> None:
        """Returns once the loops of the hub, or ours, have stored so many."""
        async with asyncio.timeout(20):
            while len(self.place.samples()) < samples:
                await self.place.follow()

    async def shown(self, sender_id: str) -> dict[str, Any]:
        answer = await self.client.get(f"{self.path}/found-senders/{sender_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def office(
    people: People, database: TestDatabase, worker_database: Database, make_tenant: MakeTenant
) -> AsyncIterator[Office]:
    tenant = await make_tenant()
    place = Place(database, worker_database, tenant, DIALECTS, Roster(worker_database), Catalogues(worker_database))
    client = await people.member(tenant.organization_id, "installer")
    async with at_work(Notebook(worker_database, DIALECTS)) as notebook:
        yield Office(client, place, notebook)


async def test_a_stranger_is_listed_with_what_it_says_of_itself(office: Office) -> None:
    await office.hear()

    listed = (await office.client.get(f"{office.path}/found-senders", params={"state": "new"})).json()

    [one] = listed["items"]
    assert (one["sender"], one["broker"], one["dialect"], one["mapping_version"]) == (INVERTER, BROKER, "opendtu", 1)
    assert one["facts"]["manufacturer"] == "Hoymiles"
    assert (one["state"], one["device_id"], one["messages"], listed["total"]) == ("new", None, 4, 1)


async def test_the_list_can_be_narrowed(office: Office) -> None:
    await office.hear(Message("zigbee2mqtt/x/state", b"on", yesterday()))
    await office.hear()

    for wanted, expected in (({"understood": "true"}, [INVERTER]), ({"understood": "false"}, ["zigbee2mqtt/x"]),
                             ({"state": "adopted"}, []), ({"state": "ignored"}, [])):  # fmt: skip
        listed = (await office.client.get(f"{office.path}/found-senders", params=wanted)).json()
        assert [each["sender"] for each in listed["items"]] == expected, wanted


async def test_one_is_shown_with_what_would_be_read_of_it(office: Office) -> None:
    sender_id = await office.hear(*burst(yesterday()), Message(f"{INVERTER}/0/frequency", b"6553.5", yesterday()))

    shown = await office.shown(sender_id)

    assert [(each["series"], each["value"], each["unit"]) for each in shown["readings"]] == [
        ("power_output", 1.0, "kW"), ("energy_today", 0.5, "kWh"), ("voltage_dc:mppt1", 33.1, "V"),
    ]  # fmt: skip
    assert shown["refused"][0]["series"] == "frequency"
    assert {each["topic"]: each["payload"] for each in shown["examples"]}[f"{INVERTER}/0/power"] == "1000"


async def test_one_action_makes_it_a_device_of_a_plant(office: Office) -> None:
    sender_id = await office.hear()

    answer = await office.adopt(sender_id, site_id=str(office.place.tenant.site_id))

    assert answer.status_code == 200, answer.text
    device = answer.json()
    assert (device["device_type"], device["manufacturer"], device["serial_number"]) == (
        "inverter", "Hoymiles", "114182912345",
    )  # fmt: skip
    assert device["name"] == "Hoymiles 114182912345"
    assert device["protocol"] == "custom"
    assert device["connection_config"] == {"driver": "opendtu", "options": {"broker": BROKER, "sender": INVERTER}}
    shown = await office.shown(sender_id)
    assert (shown["state"], shown["device_id"]) == ("adopted", device["id"])
    await office.followed(1)
    assert [readings["power_output"] for _, readings, _ in office.place.samples()] == [1.0]


async def test_what_is_said_in_the_adoption_goes_before_what_it_says_of_itself(office: Office) -> None:
    sender_id = await office.hear()

    device = (
        await office.adopt(
            sender_id,
            site_id=str(office.place.tenant.site_id),
            name="Carport",
            device_type="meter",
            manufacturer=None,
            serial_number=None,
            time_zone="Asia/Shanghai",
        )
    ).json()

    assert (device["name"], device["device_type"]) == ("Carport", "meter")
    assert (device["manufacturer"], device["serial_number"]) == (None, None)
    assert (await office.shown(sender_id))["time_zone"] == "Asia/Shanghai"


async def test_it_can_be_a_device_that_is_there(office: Office) -> None:
    sender_id = await office.hear()
    device_id = str(office.place.tenant.devices["Inverter 1"])

    answer = await office.adopt(sender_id, device_id=device_id)

    assert answer.json()["id"] == device_id
    await office.followed(1)


async def test_a_stranger_is_locked_only_once_the_device_that_it_becomes_is_held(office: Office) -> None:
    sender_id = await office.hear()
    device_id = office.place.tenant.devices["Inverter 1"]
    other = await asyncpg.connect(**asyncpg_arguments(office.place.database.admin_url))
    try:
        # as decision 19 has it: the device, then the sender
        async with other.transaction():
            await other.execute("select from devices where id = $1 for update", device_id)
            adopts = asyncio.create_task(office.adopt(sender_id, device_id=str(device_id)))
            await until_blocked(other, "solarhub_app")
            await other.execute("select from found_senders for update nowait")
        assert (await adopts).status_code == 200
    finally:
        await other.close()


async def test_what_was_heard_below_a_gateway_reports_through_it_at_its_plant(office: Office) -> None:
    gateway = uuid7()
    office.place.rows(
        "insert into devices (id, site_id, organization_id, name, device_type, protocol, connection_config) values"
        f" ('{gateway}', '{office.place.tenant.site_id}', '{office.place.organization_id}', 'DTU', 'gateway', 'mqtt',"
        ' \'{"broker": "192.168.1.5", "topic_prefix": "solar"}\')'
    )
    sender_id = await office.hear(gateway_id=gateway)

    device = (await office.adopt(sender_id)).json()

    assert (device["gateway_id"], device["site_id"]) == (str(gateway), str(office.place.tenant.site_id))


async def test_an_adoption_that_says_too_little_or_what_is_not_is_refused(
    office: Office, make_tenant: MakeTenant
) -> None:
    sender_id = await office.hear()
    other = await make_tenant("Other")

    assert refused(await office.adopt(sender_id))[0]["field"] == "site_id"
    assert refused(await office.adopt(sender_id, site_id=str(other.site_id)))[0]["field"] == "site_id"
    foreign = str(other.devices["Inverter 1"])
    assert refused(await office.adopt(sender_id, device_id=foreign))[0]["field"] == "device_id"
    assert refused(await office.adopt(sender_id, time_zone="Lahore"))[0]["field"] == "time_zone"
    assert (await office.shown(sender_id))["state"] == "new"


async def test_a_serial_number_that_is_taken_is_told_and_can_be_left_out(office: Office) -> None:
    sender_id = await office.hear()
    office.place.rows("update devices set serial_number = '114182912345'")
    site_id = str(office.place.tenant.site_id)

    assert (await office.adopt(sender_id, site_id=site_id)).status_code == 409

    assert (await office.adopt(sender_id, site_id=site_id, serial_number=None)).status_code == 200


async def test_one_is_adopted_once(office: Office) -> None:
    sender_id = await office.hear()
    site_id = str(office.place.tenant.site_id)
    answers = await asyncio.gather(*(office.adopt(sender_id, site_id=site_id, serial_number=None) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(office.place.rows("select 1 from devices where protocol = 'custom'")) == 1


async def test_one_is_ignored_and_let_go_again(office: Office) -> None:
    sender_id = await office.hear()
    path = f"{office.path}/found-senders/{sender_id}"

    assert (await office.client.post(f"{path}/ignore")).json()["state"] == "ignored"
    assert (await office.client.post(f"{path}/ignore")).status_code == 409
    assert (await office.client.post(f"{path}/release")).json()["state"] == "new"
    assert (await office.client.post(f"{path}/release")).status_code == 409


async def test_one_that_is_let_go_waits_again_and_its_device_stays(office: Office) -> None:
    sender_id = await office.hear()
    device_id = (await office.adopt(sender_id, site_id=str(office.place.tenant.site_id))).json()["id"]

    await office.client.post(f"{office.path}/found-senders/{sender_id}/release")

    assert (await office.shown(sender_id))["state"] == "new"
    assert (await office.client.get(f"{office.path}/devices/{device_id}")).json()["removed_at"] is None


async def test_who_a_removed_device_was_waits_again(office: Office, people: People) -> None:
    sender_id = await office.hear()
    device = (await office.adopt(sender_id, site_id=str(office.place.tenant.site_id))).json()
    manager = await people.member(office.place.organization_id, "manager")

    gone = await manager.delete(f"{office.path}/devices/{device['id']}", headers={"If-Match": f'"{device["version"]}"'})

    assert gone.status_code == 204, gone.text
    assert (await office.shown(sender_id))["state"] == "new"


async def test_kept_messages_are_read_anew_on_demand(office: Office) -> None:
    sender_id = await office.hear()
    device_id = (await office.adopt(sender_id, site_id=str(office.place.tenant.site_id))).json()["id"]
    await office.followed(1)
    since = (yesterday() - timedelta(minutes=1)).isoformat()

    answer = await office.client.post(f"{office.path}/devices/{device_id}/replay-messages", json={"since": since})

    assert answer.status_code == 202, answer.text
    assert answer.json() == {"senders": [sender_id]}
    async with asyncio.timeout(20):
        while (replay := (await office.shown(sender_id))["replay"])["asked_at"] is not None:
            await office.place.follow()
    assert (replay["asked_at"], replay["messages"], replay["written"], replay["removed"]) == (None, 4, 1, 1)


async def test_a_device_without_kept_messages_has_none_to_read(office: Office) -> None:
    device_id = office.place.tenant.devices["Inverter 1"]

    answer = await office.client.post(
        f"{office.path}/devices/{device_id}/replay-messages", json={"since": "2026-06-01T00:00:00Z"}
    )

    assert answer.status_code == 409
    assert "no messages are kept" in answer.json()["detail"]


async def test_whoever_only_looks_does_not_see_strangers(office: Office, people: People) -> None:
    sender_id = await office.hear()
    viewer = await people.member(office.place.organization_id, "viewer")

    for path in ("found-senders", f"found-senders/{sender_id}"):
        assert (await viewer.get(f"{office.path}/{path}")).status_code == 403


async def test_what_people_decide_stands_in_the_audit_log(office: Office) -> None:
    sender_id = await office.hear()
    await office.adopt(sender_id, site_id=str(office.place.tenant.site_id))
    await office.client.post(f"{office.path}/found-senders/{sender_id}/release")

    rows = office.place.rows(
        "select action, target_id from audit_entries where target_type = 'found_sender' order by id"
    )
    assert [row["action"] for row in rows] == ["found_sender.adopt", "found_sender.release"]
    assert {row["target_id"] for row in rows} == {UUID(sender_id)}
