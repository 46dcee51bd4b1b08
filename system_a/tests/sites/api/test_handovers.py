"""A plant changes hands: offered, taken, and seen by the right people afterwards."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from solarhub.devices.models import Device
from solarhub.devices.sealing import open_connection
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.moving import SETTLED, follow
from tests.clients import KEYRING, People, Plant, commissioned, created, refused
from tests.conftest import TestDatabase
from tests.sites.api.test_grants import organization, token_of

MQTT = {
    "broker": "mqtt.example.com",
    "port": 1883,
    "topic_prefix": "solar/1",
    "username": "device",
    "password": "geheim",
    "use_tls": False,
}
RULE = {
    "name": "Low",
    "severity": "warning",
    "condition": {"metric": "power_output", "operator": "lt", "threshold": 1, "duration_seconds": 0},
}


async def offer(api: httpx.AsyncClient, plant: Plant, **wanted: Any) -> dict[str, Any]:
    return await created(api, f"{plant.path}/sites/{plant.site_id}/hand-over", wanted)


async def take(client: httpx.AsyncClient, sent: dict[str, Any], **wish: Any) -> httpx.Response:
    return await client.post("/api/v1/invitations/accept", json={"token": token_of(sent)} | wish)


class Deal:
    """A giver with a reporting plant, and a receiver; somebody of each."""

    def __init__(self, plant: Plant, beta: Plant, giver: httpx.AsyncClient, receiver: httpx.AsyncClient) -> None:
        self.plant, self.beta, self.giver, self.receiver = plant, beta, giver, receiver
        self.device: dict[str, Any] = {}
        self.token = ""
        self.alert = ""


async def deal(api: httpx.AsyncClient, people: People) -> Deal:
    plant = await commissioned(api)
    beta = await organization(api, "Beta Solar", "beta-solar")
    giver = await people.member(plant.organization_id, "owner")
    receiver = await people.member(beta.organization_id, "admin")
    made = Deal(plant, beta, giver, receiver)
    made.device = await created(
        api,
        f"{plant.path}/devices",
        {
            "site_id": plant.site_id,
            "name": "Inverter 1",
            "device_type": "inverter",
            "protocol": "mqtt",
            "connection_config": MQTT,
        },
    )
    await created(api, f"{plant.path}/alert-rules", RULE)
    issued = await api.post(f"{plant.path}/devices/{made.device['id']}/tokens")
    assert issued.status_code == 201, issued.text
    made.token = issued.json()["token"]
    return made


async def report(people: People, made: Deal, at: datetime, **readings: float) -> None:
    body = {"samples": [{"timestamp": at.isoformat(), "metrics": readings}]}
    answer = await people.anonymous().post(
        "/api/v1/telemetry",
        content=json.dumps(body),
        headers={"Authorization": f"Bearer {made.token}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["quarantined"] == []


async def followed(database: TestDatabase, worker_database: Database) -> None:
    """Returns once all samples have come along: by us, or by the hub's own loop, which may be at them right now."""
    async with asyncio.timeout(20):
        while database.fetch("select from site_handovers where telemetry_moved_at is null"):
            async with transaction(worker_database) as session:
                await follow(session, now())


async def test_the_receiver_has_everything_and_the_giver_what_was_kept(
    api: httpx.AsyncClient, people: People, database: TestDatabase, worker_database: Database
) -> None:
    made = await deal(api, people)
    noon = now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    await report(people, made, noon, power_output=0.5, energy_total=100.0)
    await report(people, made, noon + timedelta(minutes=1), power_output=5.0, energy_total=101.0)
    old, new = made.plant.path, made.beta.path
    site, device = f"sites/{made.plant.site_id}", f"devices/{made.device['id']}"
    until = (now() + timedelta(days=30)).isoformat()

    sent = await offer(made.giver, made.plant, organization="beta-solar", keep_role="viewer", keep_until=until)
    assert (sent["state"], sent["to_organization_id"], sent["devices"]) == ("offered", None, 0)
    [offered] = (await made.receiver.get(f"{new}/handovers")).json()["items"]
    assert (offered["side"], offered["state"], offered["organization_name"]) == ("received", "offered", "Acme Solar")
    taken = await take(made.receiver, sent, organization_id=made.beta.organization_id)
    assert taken.status_code == 200, taken.text
    assert taken.json()["organization_name"] == "Beta Solar"

    for path in (site, device, f"{device}/latest", f"{site}/alerts"):
        assert (await made.receiver.get(f"{new}/{path}")).status_code == 200, path
    assert (await made.receiver.get(f"{new}/alert-rules")).json()["total"] == 1
    # the giver is a guest now, of another organization
    assert (await made.giver.get(f"{old}/{site}")).status_code == 404
    assert (await made.giver.get(f"{old}/{device}")).status_code == 404
    assert (await made.giver.get(f"{new}/{site}")).status_code == 200
    assert (await made.giver.patch(f"{new}/{site}", json={}, headers={"If-Match": "*"})).status_code == 403
    [kept] = (await made.receiver.get(f"{new}/grants")).json()["items"]
    assert (kept["name"], kept["role"], kept["state"]) == ("Acme Solar", "viewer", "active")
    assert datetime.fromisoformat(kept["expires_at"]) == datetime.fromisoformat(until)

    [given] = (await made.giver.get(f"{old}/handovers")).json()["items"]
    assert (given["side"], given["state"], given["to_organization_name"], given["devices"]) == (
        "given",
        "moving",
        "Beta Solar",
        1,
    )
    database.fetch(
        f"update site_handovers set accepted_at = accepted_at - interval '{SETTLED.total_seconds()} seconds'"
    )
    await followed(database, worker_database)
    window = {"metric": "power_output", "from": (noon - timedelta(hours=1)).isoformat(), "to": now().isoformat()}
    series = await made.receiver.get(f"{new}/{device}/series", params=window | {"bucket": "raw"})
    assert [point["value"] for point in series.json()["points"]] == [0.5, 5.0]
    day = noon.astimezone(UTC).date().isoformat()
    its_day = noon.astimezone(ZoneInfo("Asia/Karachi")).date().isoformat()
    assert (await made.receiver.get(f"{new}/{site}/energy", params={"day": its_day})).json()["kwh"] is not None
    [done] = (await made.receiver.get(f"{new}/handovers")).json()["items"]
    assert (done["state"], done["telemetry_moved_to"]) == ("done", day)

    acts = database.fetch("select action, organization_id, actor_id from audit_entries where target_type = 'site'")
    receiving = [row for row in acts if row["action"] == "site.receive"]
    assert [str(row["organization_id"]) for row in receiving] == [made.beta.organization_id]
    assert receiving[0]["actor_id"] == people.ids[made.receiver]


async def test_secrets_are_sealed_for_the_receiver_and_the_device_reports_on(
    api: httpx.AsyncClient, people: People, worker_database: Database
) -> None:
    made = await deal(api, people)
    sent = await offer(made.giver, made.plant, name="New owner")
    assert (await take(made.receiver, sent, organization_id=made.beta.organization_id)).status_code == 200

    async with transaction(worker_database) as session:
        device = await session.get_one(Device, made.device["id"])
        assert str(device.organization_id) == made.beta.organization_id
        assert open_connection(KEYRING, device).to_stored()["password"] == "geheim"
    await report(people, made, now(), power_output=3.0)
    latest = await made.receiver.get(f"{made.beta.path}/devices/{made.device['id']}/latest")
    assert latest.status_code == 200


async def test_whoever_brings_plants_to_both_hands_over_at_once(api: httpx.AsyncClient, people: People) -> None:
    made = await deal(api, people)
    user = people.ids[made.giver]
    for role, state in (("viewer", "offered"), ("manager", "moving")):
        await people.connection.execute(
            "insert into organization_members (organization_id, user_id, role, invitation_accepted, joined_at)"
            " values ($1::text::uuid, $2, $3::text::org_member_role, true, now())"
            " on conflict (organization_id, user_id) do update set role = excluded.role",
            made.beta.organization_id,
            user,
            role,
        )
        sent = await offer(made.giver, made.plant, organization=made.beta.organization_id)
        assert sent["state"] == state
        assert (sent["invitation"] is None) == (state == "moving")
        if state == "offered":
            withdrawn = await made.giver.delete(f"{made.plant.path}/handovers/{sent['id']}")
            assert withdrawn.status_code == 204
    assert (await made.giver.get(f"{made.beta.path}/sites/{made.plant.site_id}")).status_code == 200
    assert (await made.receiver.get(f"{made.beta.path}/grants")).json()["items"] == [], "nothing was kept"


async def test_an_offer_is_withdrawn_runs_out_and_makes_room(
    api: httpx.AsyncClient, people: People, database: TestDatabase
) -> None:
    made = await deal(api, people)
    first = await offer(made.giver, made.plant, email="new@example.com")
    url = f"{made.plant.path}/sites/{made.plant.site_id}/hand-over"
    again = await made.giver.post(url, json={"name": "Another"})
    assert (again.status_code, again.json()["handover_id"]) == (409, first["id"])
    assert (await made.giver.delete(f"{made.plant.path}/handovers/{first['id']}")).status_code == 204
    twice = await made.giver.delete(f"{made.plant.path}/handovers/{first['id']}")
    assert (twice.status_code, twice.json()["state"]) == (409, "withdrawn")
    assert (await take(made.receiver, first, organization_id=made.beta.organization_id)).status_code == 404

    second = await offer(made.giver, made.plant, name="Another")
    database.fetch("update site_handovers set invitation_expires = now() - interval '1 second'")
    assert (await take(made.receiver, second, organization_id=made.beta.organization_id)).status_code == 404
    states = [item["state"] for item in (await made.giver.get(f"{made.plant.path}/handovers")).json()["items"]]
    assert states == ["lapsed", "withdrawn"]
    third = await offer(made.giver, made.plant, name="A third")
    assert (await take(made.receiver, third, organization_id=made.beta.organization_id)).status_code == 200
    gone = await made.giver.delete(f"{made.plant.path}/handovers/{third['id']}")
    assert (gone.status_code, gone.json()["state"]) == (409, "accepted")
    foreign = await made.receiver.delete(f"{made.beta.path}/handovers/{third['id']}")
    assert foreign.status_code == 404


async def test_a_customer_founds_an_organization_for_the_plant(api: httpx.AsyncClient, people: People) -> None:
    made = await deal(api, people)
    sent = await offer(made.giver, made.plant, email="bilal@example.com", name="Bilal Ahmed", keep_role="installer")
    customer = people.anonymous()
    refusal = await take(customer, sent, first_name="Bilal", last_name="Ahmed", password="a long sentence of his own")
    assert [error["field"] for error in refused(refusal)] == ["organization_id"]
    taken = await take(
        customer,
        sent,
        first_name="Bilal",
        last_name="Ahmed",
        password="a long sentence of his own",
        organization_name="Ahmed Textiles",
    )
    assert taken.status_code == 200, taken.text
    place = taken.json()
    assert (place["organization_name"], place["role"]) == ("Ahmed Textiles", "owner")
    path = f"/api/v1/organizations/{place['organization_id']}"
    assert (await api.get(f"{path}/sites")).json()["total"] == 1
    assert (await api.get(f"{path}/grants")).json()["items"][0]["role"] == "installer"


async def test_an_offer_to_a_name_is_taken_from_the_list_by_an_owner_or_admin_of_whoever_bears_it(
    api: httpx.AsyncClient, people: People
) -> None:
    made = await deal(api, people)
    gamma = await organization(api, "Gamma Solar", "gamma-solar")
    stranger = await people.member(gamma.organization_id, "owner")
    manager = await people.member(made.beta.organization_id, "manager")
    sent = await offer(made.giver, made.plant, organization="beta-solar")

    assert (await take(stranger, sent, organization_id=gamma.organization_id)).status_code == 409
    assert (await stranger.get(f"{gamma.path}/handovers")).json()["items"] == []
    accepting = f"handovers/{sent['id']}/accept"
    assert (await stranger.post(f"{gamma.path}/{accepting}")).status_code == 404
    assert (await made.giver.post(f"{made.plant.path}/{accepting}")).status_code == 404
    assert (await manager.post(f"{made.beta.path}/{accepting}")).status_code == 403
    taken = await made.receiver.post(f"{made.beta.path}/{accepting}")
    assert (taken.status_code, taken.json()["state"], taken.json()["side"]) == (200, "moving", "received")
    again = await made.receiver.post(f"{made.beta.path}/{accepting}")
    assert again.status_code == 409


async def test_naming_an_organization_tells_nothing_of_whether_there_is_one(
    api: httpx.AsyncClient, people: People
) -> None:
    made = await deal(api, people)
    answers = []
    for name in ("beta-solar", "no-such-solar"):
        sent = await offer(made.giver, made.plant, organization=name)
        await made.giver.delete(f"{made.plant.path}/handovers/{sent['id']}")
        changing = ("id", "created_at", "invitation", "invitation_expires", "organization")
        answers.append({key: value for key, value in sent.items() if key not in changing})
    assert answers[0] == answers[1]


@pytest.mark.parametrize("how", ["removed", "suspended"])
async def test_what_cannot_be_handed_over_any_more_stays_where_it_is(
    api: httpx.AsyncClient, people: People, database: TestDatabase, how: str
) -> None:
    made = await deal(api, people)
    sent = await offer(made.giver, made.plant, name="Somebody")
    if how == "removed":
        database.fetch(f"update sites set removed_at = now() where id = '{made.plant.site_id}'")
    else:
        database.fetch(f"update organizations set status = 'suspended' where id = '{made.plant.organization_id}'")
    answer = await take(made.receiver, sent, organization_id=made.beta.organization_id)
    assert answer.status_code == (404 if how == "removed" else 409)
    [row] = database.fetch(f"select organization_id from sites where id = '{made.plant.site_id}'")
    assert str(row["organization_id"]) == made.plant.organization_id


async def test_a_refused_handover_leaves_no_half_of_it(
    api: httpx.AsyncClient, people: People, database: TestDatabase
) -> None:
    made = await deal(api, people)
    sent = await offer(made.giver, made.plant, name="Somebody", keep_role="viewer")
    database.fetch(
        "update devices set connection_config = jsonb_set(connection_config, '{password,sealed}', '\"v1:x:AAAA\"')"
    )
    answer = await take(made.receiver, sent, organization_id=made.beta.organization_id)
    assert (answer.status_code, "secrets" in answer.json()["detail"]) == (409, True)
    assert (await made.giver.get(f"{made.plant.path}/sites/{made.plant.site_id}")).status_code == 200
    assert database.fetch("select 1 from site_grants") == []
    [handover] = (await made.giver.get(f"{made.plant.path}/handovers")).json()["items"]
    assert handover["state"] == "offered"


async def test_handing_over_is_for_owners_and_admins(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    url = f"{plant.path}/sites/{plant.site_id}/hand-over"
    for role in ("manager", "viewer", "installer"):
        member = await people.member(plant.organization_id, role)
        assert (await member.post(url, json={"name": "x"})).status_code == 403, role
        assert (await member.get(f"{plant.path}/handovers")).status_code == 403, role
    guest = await people.guest(plant.site_id, "manager")
    assert (await guest.post(url, json={"name": "x"})).status_code == 403
    wrong = await api.post(url, json={"name": "x", "keep_until": "2040-01-01T00:00:00Z"})
    assert [error["field"] for error in refused(wrong)] == ["keep_until"]
