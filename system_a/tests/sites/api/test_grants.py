"""Who sees one plant: granted, taken up, changed, ended; and what they see of everything else."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from solarhub.kit.clock import now
from tests.clients import People, Plant, commissioned, created, refused
from tests.conftest import TestDatabase

DEVICE = {"name": "Inverter 1", "device_type": "inverter", "protocol": "http"}
RULE = {"name": "Low", "severity": "warning", "condition": {"metric": "power_output", "operator": "lt", "threshold": 1}}


def token_of(sent: dict[str, Any]) -> str:
    token: str = sent["invitation"]["link"].partition("#")[2]
    return token


async def grant(api: httpx.AsyncClient, plant: Plant, **wanted: Any) -> dict[str, Any]:
    return await created(api, f"{plant.path}/sites/{plant.site_id}/grants", {"role": "viewer"} | wanted)


async def accept(client: httpx.AsyncClient, sent: dict[str, Any], **wish: Any) -> httpx.Response:
    return await client.post("/api/v1/invitations/accept", json={"token": token_of(sent)} | wish)


async def somebody(people: People, email: str) -> httpx.AsyncClient:
    return await people.signed_in(await people.user(email=email))


async def organization(api: httpx.AsyncClient, name: str, slug: str) -> Plant:
    owner = {"email": f"owner@{slug}.example", "first_name": "Omar", "last_name": "Shah"}
    made = await created(api, "/api/v1/organizations", {"name": name, "slug": slug, "owner": owner})
    return Plant(f"/api/v1/organizations/{made['id']}", made["id"], "")


async def test_a_guest_sees_the_plant_and_nothing_of_its_neighbours(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    neighbour = await created(api, f"{plant.path}/sites", {"name": "Neighbour", "latitude": 31, "longitude": 74})
    devices = {}
    for site_id in (plant.site_id, neighbour["id"]):
        devices[site_id] = (await created(api, f"{plant.path}/devices", DEVICE | {"site_id": site_id}))["id"]
    rule = await created(api, f"{plant.path}/alert-rules", RULE)
    sent = await grant(api, plant, email="Bilal@Example.com", name="Bilal Ahmed", phone="0300 1234567")
    assert (sent["state"], sent["user_id"], sent["email"]) == ("invited", None, "bilal@example.com")
    assert sent["invitation"]["whatsapp_link"].startswith("https://wa.me/923001234567?text=")
    bilal = await somebody(people, "bilal@example.com")
    assert (await bilal.get(f"{plant.path}/sites")).status_code == 404

    taken = await accept(bilal, sent)
    assert taken.status_code == 200, taken.text
    assert (taken.json()["site_name"], taken.json()["role"]) == ("Acme Solar plant", "viewer")

    assert [site["id"] for site in (await bilal.get(f"{plant.path}/sites")).json()["items"]] == [plant.site_id]
    assert (await bilal.get(f"{plant.path}/sites/{plant.site_id}")).status_code == 200
    listed = (await bilal.get(f"{plant.path}/devices")).json()
    assert [device["id"] for device in listed["items"]] == [devices[plant.site_id]]
    assert listed["items"][0]["connection_config"] is None
    nowhere = "01a20000-0000-7000-8000-000000000000"
    for path in (f"sites/{neighbour['id']}", f"devices/{devices[neighbour['id']]}", f"alert-rules/{rule['id']}"):
        hidden, absent = [
            await bilal.get(f"{plant.path}/{where}") for where in (path, path.rpartition("/")[0] + "/" + nowhere)
        ]
        assert (hidden.status_code, hidden.content) == (404, absent.content), path
    for path in ("grants", "members", "handovers", "audit", "borrowed-sites", "grants/export?format=csv"):
        assert (await bilal.get(f"{plant.path}/{path}")).status_code == 403, path
    assert (await bilal.post(f"{plant.path}/sites", json={})).status_code == 403
    assert (await bilal.patch(f"{plant.path}/sites/{plant.site_id}", json={})).status_code == 403
    exported = await bilal.get(f"{plant.path}/sites/export", params={"format": "jsonl"})
    assert (plant.site_id in exported.text, neighbour["id"] in exported.text) == (True, False)


async def test_it_ends_at_its_time_and_when_somebody_ends_it(
    api: httpx.AsyncClient, people: People, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    until = (now() + timedelta(days=1)).isoformat()
    sent = await grant(api, plant, email="bilal@example.com", expires_at=until, role="manager")
    bilal = await somebody(people, "bilal@example.com")
    await accept(bilal, sent)
    site = f"{plant.path}/sites/{plant.site_id}"
    url = f"{site}/grants/{sent['id']}"
    assert (await bilal.post(f"{site}/maintenance", json={})).status_code == 200

    viewer = await api.patch(url, json={"role": "viewer"}, headers={"If-Match": "*"})
    assert (viewer.json()["role"], viewer.json()["state"]) == ("viewer", "active")
    assert (await bilal.post(f"{site}/maintenance", json={})).status_code == 403
    assert (await bilal.get(site)).status_code == 200
    database.fetch(f"update site_grants set expires_at = now() - interval '1 second' where id = '{sent['id']}'")
    assert (await bilal.get(site)).status_code == 404
    [listed] = (await api.get(f"{plant.path}/grants")).json()["items"]
    assert listed["state"] == "expired"
    opened = await api.patch(url, json={"expires_at": None}, headers={"If-Match": f'"{listed["version"]}"'})
    assert (opened.json()["state"], opened.json()["expires_at"]) == ("active", None)
    assert (await bilal.get(site)).status_code == 200
    stale = await api.delete(url, headers={"If-Match": f'"{listed["version"]}"'})
    assert stale.status_code == 412
    assert (await api.delete(url)).status_code == 428
    assert (await api.delete(url, headers={"If-Match": opened.headers["etag"]})).status_code == 204
    assert (await bilal.get(site)).status_code == 404
    assert (await api.delete(url, headers={"If-Match": "*"})).status_code == 404
    assert (await api.get(f"{plant.path}/grants")).json()["items"] == []


async def test_whoever_holds_the_link_of_somebody_without_an_address_says_who_they_are(
    api: httpx.AsyncClient, people: People
) -> None:
    plant = await commissioned(api)
    sent = await grant(api, plant, name="عائشہ خان")
    looked = (await people.anonymous().post("/api/v1/invitations/look", json={"token": token_of(sent)})).json()
    assert (looked["kind"], looked["next_step"], looked["email"]) == ("site_grant", "say_who", None)

    stranger = people.anonymous()
    wish = {"email": "ayesha.khan@example.com", "first_name": "عائشہ", "last_name": "خان"}
    taken = await accept(stranger, sent, **wish, password="a long sentence only she knows")
    assert taken.status_code == 200, taken.text
    [listed] = (await api.get(f"{plant.path}/grants")).json()["items"]
    assert (listed["state"], listed["email"], listed["name"]) == ("active", "ayesha.khan@example.com", "عائشہ خان")
    assert listed["user_id"] is not None
    second = await accept(await people.stranger(), sent)
    assert second.status_code == 404, "an invitation works once"


async def test_one_open_grant_for_a_person_and_a_plant(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    sent = await grant(api, plant, email="bilal@example.com")
    for wanted in ({"email": "BILAL@example.com"}, {"email": "bilal@example.com", "role": "manager"}):
        again = await api.post(f"{plant.path}/sites/{plant.site_id}/grants", json={"role": "viewer"} | wanted)
        assert (again.status_code, again.json()["grant_id"]) == (409, sent["id"])
    await grant(api, plant, phone="+92 300 1234567", name="Bilal")
    by_phone = await api.post(
        f"{plant.path}/sites/{plant.site_id}/grants", json={"role": "viewer", "phone": "+92 300 1234567"}
    )
    assert by_phone.status_code == 409

    bilal = await somebody(people, "bilal@example.com")
    await accept(bilal, sent)
    unnamed = await grant(api, plant, name="Somebody")
    twice = await accept(bilal, unnamed)
    assert (twice.status_code, "already" in twice.json()["detail"]) == (409, True)
    accepted = await api.post(
        f"{plant.path}/sites/{plant.site_id}/grants", json={"role": "viewer", "email": "bilal@example.com"}
    )
    assert accepted.status_code == 409


async def test_an_invitation_is_sent_again_with_a_new_link(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    first = await grant(api, plant, email="bilal@example.com")
    url = f"{plant.path}/sites/{plant.site_id}/grants/{first['id']}/resend"
    second = (await api.post(url)).json()
    bilal = await somebody(people, "bilal@example.com")

    assert (await accept(bilal, first)).status_code == 404
    assert (await accept(bilal, second)).status_code == 200
    assert (await api.post(url)).json()["state"] == "accepted"
    assert (await api.post(url)).status_code == 409


async def test_the_mail_has_the_link_sealed_and_goes_only_where_there_is_an_address(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    sent = await grant(api, plant, email="bilal@example.com", expires_at="2040-01-01T00:00:00+05:00")
    await grant(api, plant, phone="+92 301 1234567")
    [mail] = database.fetch("select * from notifications where event = 'site_grant.invitation'")
    assert mail["recipient"] == "bilal@example.com"
    assert "Acme Solar plant" in mail["content"]
    assert "1 January 2040" in mail["content"]
    assert token_of(sent) not in str(dict(mail))
    assert [row for row in database.fetch("select after from audit_entries") if token_of(sent) in str(row)] == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "email"),
    ({"email": "nobody"}, "email"),
    ({"name": "B", "role": "owner"}, "role"),
    ({"name": "B", "role": "admin"}, "role"),
    ({"name": "B", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
    ({"name": "B", "expires_at": "2040-01-01T00:00:00"}, "expires_at"),
    ({"organization": "beta", "email": "b@example.com"}, "email"),
    ({"organization": "Not A Slug"}, "organization"),
    ({"name": "B", "user_id": "x"}, "user_id"),
]


@pytest.mark.parametrize(("wanted", "field"), WRONG, ids=range(len(WRONG)))
async def test_what_cannot_be_granted_is_named(api: httpx.AsyncClient, wanted: dict[str, Any], field: str) -> None:
    plant = await commissioned(api)
    answer = await api.post(f"{plant.path}/sites/{plant.site_id}/grants", json={"role": "viewer"} | wanted)
    assert [error["field"] for error in refused(answer)] == [field]


async def test_all_who_see_a_plant_stand_in_one_list(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    other = await created(api, f"{plant.path}/sites", {"name": "Zeta", "latitude": 31, "longitude": 74})
    await people.guest(plant.site_id, "installer", expires="1 day")
    await people.guest(other["id"], expires="-1 day")
    await grant(api, plant, name="=Bilal")

    listing = (await api.get(f"{plant.path}/grants")).json()
    assert sorted((item["site_name"], item["state"], item["role"]) for item in listing["items"]) == [
        ("Acme Solar plant", "active", "installer"),
        ("Acme Solar plant", "invited", "viewer"),
        ("Zeta", "expired", "viewer"),
    ]
    assert all(item["granted_by_name"] for item in listing["items"])
    assert (await api.get(f"{plant.path}/grants", params={"state": "expired"})).json()["total"] == 1
    assert (await api.get(f"{plant.path}/sites/{other['id']}/grants")).json()["total"] == 1
    exported = await api.get(f"{plant.path}/grants/export", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig"))))
    assert min(row["name"] for row in rows) == "'=Bilal"
    assert "link" not in rows[0]


async def test_granting_is_for_owners_admins_and_managers(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    url = f"{plant.path}/sites/{plant.site_id}/grants"
    for role, status in (("owner", 201), ("admin", 201), ("manager", 201), ("viewer", 403), ("installer", 403)):
        member = await people.member(plant.organization_id, role)
        assert (await member.post(url, json={"role": "viewer", "name": role})).status_code == status
    guest = await people.guest(plant.site_id, "manager")
    assert (await guest.post(url, json={"role": "viewer", "name": "Friend"})).status_code == 403
    stranger = await people.stranger()
    assert (await stranger.post(url, json={"role": "viewer", "name": "Friend"})).status_code == 404


# ------------------------------------------------------------------------------------------- another organization


async def test_naming_an_organization_tells_nothing_of_whether_there_is_one(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    beta = await organization(api, "Beta Solar", "beta-solar")
    answers = []
    for name in ("beta-solar", "no-such-solar", beta.organization_id, "01a20000-0000-7000-8000-000000000000"):
        answer = await grant(api, plant, organization=name)
        assert answer.pop("organization") == name
        changing = ("id", "created_at", "updated_at", "invitation", "invitation_expires")
        answers.append({key: value for key, value in answer.items() if key not in changing})
    assert answers[0] == answers[1] == answers[2] == answers[3]
    again = await api.post(
        f"{plant.path}/sites/{plant.site_id}/grants", json={"role": "viewer", "organization": "no-such-solar"}
    )
    assert again.status_code == 409


async def test_a_borrowed_plant_is_accepted_by_an_owner_or_admin_and_seen_by_members(
    api: httpx.AsyncClient, people: People
) -> None:
    plant = await commissioned(api)
    neighbour = await created(api, f"{plant.path}/sites", {"name": "Neighbour", "latitude": 31, "longitude": 74})
    beta = await organization(api, "Beta Solar", "beta-solar")
    gamma = await organization(api, "Gamma Solar", "gamma-solar")
    sent = await grant(api, plant, organization="beta-solar", role="manager")
    admin, manager, viewer = [
        await people.member(beta.organization_id, role) for role in ("admin", "manager", "viewer")
    ]
    outsider = await people.member(gamma.organization_id, "owner")
    site = f"{plant.path}/sites/{plant.site_id}"

    assert (await outsider.get(f"{gamma.path}/borrowed-sites")).json()["items"] == []
    [offer] = (await viewer.get(f"{beta.path}/borrowed-sites")).json()["items"]
    assert (offer["id"], offer["state"], offer["organization_name"]) == (sent["id"], "offered", "Acme Solar")
    accepting = f"{beta.path}/borrowed-sites/{sent['id']}/accept"
    assert (await manager.post(accepting)).status_code == 403
    assert (await outsider.post(f"{gamma.path}/borrowed-sites/{sent['id']}/accept")).status_code == 404
    assert (await manager.get(site)).status_code == 404
    taken = await admin.post(accepting)
    assert (taken.status_code, taken.json()["state"]) == (200, "active")
    assert (await admin.post(accepting)).status_code == 409

    assert [each["id"] for each in (await viewer.get(f"{plant.path}/sites")).json()["items"]] == [plant.site_id]
    assert (await manager.post(f"{site}/maintenance", json={})).status_code == 200
    assert (await viewer.post(f"{site}/maintenance", json={})).status_code == 403, "no more than at home"
    assert (await manager.get(f"{plant.path}/sites/{neighbour['id']}")).status_code == 404
    assert (await outsider.get(site)).status_code == 404
    [listed] = (await api.get(f"{plant.path}/grants")).json()["items"]
    assert (listed["state"], listed["name"], listed["grantee_organization_id"]) == (
        "active",
        "Beta Solar",
        beta.organization_id,
    )
    assert (await manager.delete(f"{beta.path}/borrowed-sites/{sent['id']}")).status_code == 403
    assert (await admin.delete(f"{beta.path}/borrowed-sites/{sent['id']}")).status_code == 204
    assert (await manager.get(site)).status_code == 404


async def test_the_link_of_a_loan_opens_for_the_organization_that_was_named_and_no_other(
    api: httpx.AsyncClient, people: People
) -> None:
    plant = await commissioned(api)
    beta = await organization(api, "Beta Solar", "beta-solar")
    gamma = await organization(api, "Gamma Solar", "gamma-solar")
    sent = await grant(api, plant, organization=beta.organization_id)
    outsider, viewer, owner = [
        await people.member(where.organization_id, role)
        for where, role in ((gamma, "owner"), (beta, "viewer"), (beta, "owner"))
    ]

    assert [error["field"] for error in refused(await accept(owner, sent))] == ["organization_id"]
    assert (await accept(outsider, sent, organization_id=gamma.organization_id)).status_code == 409
    assert (await accept(outsider, sent, organization_id=beta.organization_id)).status_code == 404
    assert (await accept(viewer, sent, organization_id=beta.organization_id)).status_code == 403
    assert (await accept(owner, sent, organization_id=beta.organization_id)).status_code == 200
    assert (await viewer.get(f"{plant.path}/sites/{plant.site_id}")).status_code == 200
