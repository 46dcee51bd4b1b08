from datetime import timedelta
from typing import Any

import httpx
import pytest

from solarhub.kit.clock import now
from solarhub.organizations.roles import PERMISSIONS
from solarhub.organizations.vocabulary import OrgMemberRole
from tests.clients import People, created, refused
from tests.organizations.company import Company, founded

REPORT = {"name": "Nightly report", "permissions": ["members:read", "sites:read"]}


async def made(company: Company, by: httpx.AsyncClient | None = None, **change: Any) -> dict[str, Any]:
    return await created(by or company.owner, f"{company.path}/api-keys", {**REPORT, **change})


def script(company: Company, key: dict[str, Any]) -> httpx.AsyncClient:
    client = company.people.anonymous()
    client.headers["Authorization"] = f"Bearer {key['token']}"
    return client


async def test_a_key_opens_what_it_names_and_nothing_else(company: Company) -> None:
    key = await made(company)
    client = script(company, key)
    assert key["token"].startswith("shk_")
    assert (await client.get(f"{company.path}/members")).status_code == 200
    for path in ("", "/webhooks", "/audit", "/api-keys"):
        assert (await client.get(f"{company.path}{path}")).status_code == 403
    assert (await client.post(f"{company.path}/invitations", json={})).status_code == 403


async def test_a_key_is_shown_once_and_kept_as_a_hash(company: Company) -> None:
    key = await made(company)
    [listed] = (await company.owner.get(f"{company.path}/api-keys")).json()["items"]
    assert "token" not in listed
    assert (listed["name"], listed["permissions"]) == ("Nightly report", ["members:read", "sites:read"])
    rows = await company.fetch("select * from api_keys")
    assert key["token"] not in str(rows)
    assert key["token"] not in (await company.owner.get(f"{company.path}/audit")).text
    ninety = now() + timedelta(days=90)
    assert abs(rows[0]["expires_at"] - ninety) < timedelta(minutes=1)


async def test_when_a_key_was_used_is_noted(company: Company) -> None:
    client = script(company, await made(company))
    await client.get(f"{company.path}/members")
    [listed] = (await company.owner.get(f"{company.path}/api-keys")).json()["items"]
    assert listed["last_used_at"] is not None


async def test_a_key_opens_no_other_organization(people: People, company: Company) -> None:
    theirs = await founded(people, "Beta Solar")
    await people.connection.execute(
        "insert into organization_members (organization_id, user_id, role, joined_at) values ($1, $2, 'owner', now())",
        theirs.id,
        people.ids[company.owner],
    )
    client = script(company, await made(company))
    assert (await client.get(f"{theirs.path}/members")).status_code == 404
    assert (await client.get(f"{company.path}/members")).status_code == 200
    listed = await script(company, await made(company, permissions=["organization:read"])).get("/api/v1/organizations")
    assert [each["id"] for each in listed.json()["items"]] == [str(company.id)]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("update organization_members set role = 'viewer' where user_id = $1", 403),
        ("update organization_members set removed_at = now() where user_id = $1", 404),
        ("update users set is_active = false where id = $1", 401),
        ("update users set removed_at = now() where id = $1", 401),
        ("update api_keys set expires_at = now() where created_by = $1", 401),
        ("update api_keys set revoked_at = now() where created_by = $1", 401),
        ("update organizations set removed_at = now() where exists (select $1::uuid)", 404),
    ],
    ids=["demoted", "removed", "switched off", "account removed", "expired", "revoked", "organization removed"],
)
async def test_a_key_is_judged_by_its_maker_at_each_use(company: Company, change: str, status: int) -> None:
    admin = await company.member("admin")
    client = script(company, await made(company, admin))
    assert (await client.get(f"{company.path}/members")).status_code == 200
    await company.fetch(change, company.people.ids[admin])
    assert (await client.get(f"{company.path}/members")).status_code == status


async def test_a_key_does_not_come_back_with_its_maker(company: Company) -> None:
    admin = await company.member("admin")
    client = script(company, await made(company, admin))
    row = await company.member_row(admin)
    await company.owner.delete(f"{company.path}/members/{row['id']}", headers={"If-Match": "*"})
    await company.fetch("update organization_members set removed_at = null where id = $1::text::uuid", row["id"])
    assert (await admin.get(f"{company.path}/members")).status_code == 200
    assert (await client.get(f"{company.path}/members")).status_code == 401


async def test_a_key_writes_nothing_while_the_organization_is_suspended(company: Company) -> None:
    client = script(company, await made(company, permissions=["members:read", "members:change"]))
    await company.fetch("update organizations set status = 'suspended' where id = $1", company.id)
    assert (await client.get(f"{company.path}/members")).status_code == 200
    wanted = {"email": "a@example.org", "role": "viewer"}
    assert (await client.post(f"{company.path}/invitations", json=wanted)).status_code == 403


async def test_a_revoked_key_opens_nothing(company: Company) -> None:
    key = await made(company)
    path = f"{company.path}/api-keys/{key['id']}"
    assert (await company.owner.delete(path)).status_code == 204
    assert (await script(company, key).get(f"{company.path}/members")).status_code == 401
    again = await company.owner.delete(path)
    assert (again.status_code, again.json()["state"]) == (409, "revoked")
    assert (await company.owner.get(f"{company.path}/api-keys")).json()["items"][0]["revoked_at"] is not None
    assert (await company.owner.delete(f"{company.path}/api-keys/{company.id}")).status_code == 404


async def test_a_key_may_do_no_more_than_its_maker(company: Company) -> None:
    admin = await company.member("admin")
    wanted = {**REPORT, "permissions": ["members:read", "audit:read", "organization:transfer"]}
    errors = refused(await admin.post(f"{company.path}/api-keys", json=wanted))
    assert [error["value"] for error in errors] == ["audit:read", "organization:transfer"]
    assert set(errors[0]["allowed"]) == PERMISSIONS[OrgMemberRole.ADMIN]


async def test_a_key_makes_no_keys(company: Company) -> None:
    client = script(company, await made(company, permissions=["api_keys:change"]))
    assert (await client.get(f"{company.path}/api-keys")).status_code == 200
    assert (await client.post(f"{company.path}/api-keys", json=REPORT)).status_code == 403


async def test_what_only_a_person_does_no_key_does(company: Company) -> None:
    viewer = await company.member("viewer")
    client = script(company, await made(company, permissions=["organization:read", "organization:transfer"]))
    wanted = {"user_id": str(company.people.ids[viewer])}
    assert (await client.post(f"{company.path}/transfer", json=wanted)).status_code == 403
    assert (await client.post(f"{company.path}/leave")).status_code == 403
    assert (await client.get("/api/v1/me/places")).status_code == 401


async def test_what_cannot_be_is_named(company: Company, subtests: pytest.Subtests) -> None:
    for change, field in (
        ({"name": ""}, "name"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["sites:paint"]}, "permissions[0]"),
        ({"permissions": ["sites:read", "sites:read"]}, "permissions"),
        ({"expires_at": (now() + timedelta(days=367)).isoformat()}, "expires_at"),
        ({"expires_at": (now() - timedelta(days=1)).isoformat()}, "expires_at"),
        ({"expires_at": "2026-12-24T00:00:00"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
    ):
        with subtests.test(change=str(change)[:60].rpartition("T")[0] or str(change)):
            [error] = refused(await company.owner.post(f"{company.path}/api-keys", json={**REPORT, **change}))
            assert error["field"] == field


async def test_those_without_the_right_see_no_keys(company: Company) -> None:
    manager = await company.member("manager")
    assert (await manager.get(f"{company.path}/api-keys")).status_code == 403
    assert (await manager.post(f"{company.path}/api-keys", json=REPORT)).status_code == 403


async def test_nothing_that_is_no_key_opens_anything(company: Company, subtests: pytest.Subtests) -> None:
    for token in ("shk_" + 43 * "x", "shk_", "x", "shs_" + 43 * "x"):
        with subtests.test(token=token[:6]):
            answer = await script(company, {"token": token}).get(f"{company.path}/members")
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
