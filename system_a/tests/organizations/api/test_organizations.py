from typing import Any

import httpx
import pytest

from tests.clients import OWNER, People, created, refused
from tests.conftest import TestDatabase
from tests.organizations.company import Company, founded

URL = "/api/v1/organizations"


async def test_a_company_is_entered_and_its_owner_let_in_by_a_link(api: httpx.AsyncClient, people: People) -> None:
    answer = await api.post(URL, json={"name": "Acme Solar", "description": "Roofs", "owner": OWNER})
    assert answer.status_code == 201
    organization = answer.json()
    assert answer.headers["location"] == f"{URL}/{organization['id']}"
    assert answer.headers["etag"] == '"1"'
    assert organization["slug"] == "acme-solar"
    _, _, token = organization["invitation"]["link"].partition("#")
    accepted = await people.anonymous().post(
        "/api/v1/invitations/accept", json={"token": token, "password": "mango kettle seventeen rooftops"}
    )
    assert accepted.json()["role"] == "owner"
    row = await people.connection.fetchrow(
        "select m.role::text, m.invitation_accepted, m.joined_at is not null as joined, u.email, u.id, u.first_name,"
        " u.preferences ->> 'currency' as currency from organization_members m join users u on u.id = m.user_id"
    )
    assert row is not None
    assert (row["role"], row["email"], row["first_name"], row["currency"]) == (
        "owner",
        "ayesha@example.com",
        "Ayesha",
        "PKR",
    )
    assert (row["invitation_accepted"], row["joined"]) == (True, True)
    owner = await people.signed_in(row["id"])
    assert (await owner.get(f"{URL}/{organization['id']}")).json()["owner_id"] == str(row["id"])


async def test_an_owner_with_a_password_is_in_at_once(api: httpx.AsyncClient, people: People) -> None:
    user_id = await people.user(email=OWNER["email"])
    await people.connection.execute("update users set password_hash = 'theirs' where id = $1", user_id)
    organization = await created(api, URL, {"name": "Acme Solar", "owner": OWNER})
    assert organization["invitation"] is None
    owner = await people.signed_in(user_id)
    assert (await owner.get(f"{URL}/{organization['id']}")).status_code == 200


async def test_only_those_who_run_the_hub_enter_companies(people: People) -> None:
    document = {"name": "Acme Solar", "owner": OWNER}
    assert (await (await people.stranger()).post(URL, json=document)).status_code == 403
    assert (await people.anonymous().post(URL, json=document)).status_code == 401


async def test_a_company_that_is_sent_twice_is_entered_once(api: httpx.AsyncClient, people: People) -> None:
    document = {"name": "Acme Solar", "owner": OWNER}
    answers = [await api.post(URL, json=document, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert (await api.get(URL)).json()["total"] == 1


async def test_everybody_lists_their_own(api: httpx.AsyncClient, people: People) -> None:
    for name in ("Acme Solar", "Beta Solar"):
        await founded(people, name)
    company = await founded(people, "Cairn Solar")
    assert [each["name"] for each in (await company.owner.get(URL)).json()["items"]] == ["Cairn Solar"]
    assert (await api.get(URL)).json()["total"] == 3
    assert [each["name"] for each in (await api.get(f"{URL}?search=beta")).json()["items"]] == ["Beta Solar"]
    assert (await api.get(f"{URL}?status=suspended")).json()["items"] == []
    assert (await (await people.stranger()).get(URL)).json()["items"] == []
    guest = await people.guest(company.site_id)
    assert (await guest.get(URL)).json()["items"] == []


async def test_what_is_known_of_a_company_is_changed(company: Company) -> None:
    wanted = {
        "name": "Acme",
        "slug": "acme",
        "website": "https://acme.example/about",
        "settings": {"language": "ur"},
    }
    answer = await company.owner.patch(company.path, json=wanted, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    changed = answer.json()
    assert {key: changed[key] for key in ("name", "slug", "website")} == {
        key: wanted[key] for key in ("name", "slug", "website")
    }
    assert changed["settings"] == {
        "require_second_factor": False,
        "language": "ur",
        "timezone": "Asia/Karachi",
        "samples_kept_days": 400,
    }
    assert (await company.owner.patch(company.path, json={"name": "B"})).status_code == 428
    stale = await company.owner.patch(company.path, json={"name": "B"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]) == (412, 2)
    manager = await company.member("manager")
    assert (await manager.patch(company.path, json={"name": "B"}, headers={"If-Match": "*"})).status_code == 403
    assert (await manager.patch(company.path, json={"name": "B"}, headers={"If-Match": "*"})).status_code == 403


async def test_a_slug_that_is_taken_stays_taken(people: People, company: Company) -> None:
    other = (await (await founded(people, "Beta Solar")).owner.get(URL)).json()["items"][0]
    answer = await company.owner.patch(company.path, json={"slug": other["slug"]}, headers={"If-Match": "*"})
    assert answer.status_code == 409


async def test_what_a_company_cannot_become_is_named(company: Company, subtests: pytest.Subtests) -> None:
    for change, field in (
        ({"name": None}, "name"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "https://somebody@acme.example"}, "website"),
        ({"settings": {"timezone": "Asia/Lahore"}}, "settings.timezone"),
        ({"settings": {"require_second_factor": "yes"}}, "settings.require_second_factor"),
        ({"status": "closed"}, "status"),
        ({"owner_id": str(company.id)}, "owner_id"),
        ({"logo_url": "https://evil.example/l.png"}, "logo_url"),
    ):
        with subtests.test(field=field):
            [error] = refused(await company.owner.patch(company.path, json=change, headers={"If-Match": "*"}))
            assert error["field"] == field


async def test_nobody_asks_others_for_a_second_factor_without_one(people: People, company: Company) -> None:
    wanted = {"settings": {"require_second_factor": True}}
    refused = await company.owner.patch(company.path, json=wanted, headers={"If-Match": "*"})
    assert refused.status_code == 409
    proven = await people.signed_in(people.ids[company.owner], second_factor=True)
    assert (await proven.patch(company.path, json=wanted, headers={"If-Match": "*"})).status_code == 200
    asked = await company.owner.get(company.path)
    assert (asked.status_code, asked.json()["code"]) == (403, "second_factor_required")
    viewer = await company.member("viewer")
    assert (await viewer.get(company.path)).status_code == 200


async def test_a_company_is_removed_once_no_plant_of_it_is_in_use(company: Company) -> None:
    admin = await company.member("admin")
    tag = {"If-Match": "*"}
    assert (await admin.delete(company.path, headers=tag)).status_code == 403
    assert (await company.owner.delete(company.path)).status_code == 428
    answer = await company.owner.delete(company.path, headers=tag)
    assert (answer.status_code, answer.json()["sites"]) == (409, 1)
    assert answer.json()["detail"] == "1 plant is still in use: hand over, decommission or remove them first."
    await company.fetch("update sites set status = 'decommissioned' where id = $1", company.site_id)
    assert (await company.owner.delete(company.path, headers=tag)).status_code == 204
    assert (await company.owner.get(company.path)).status_code == 404
    assert (await company.owner.get(URL)).json()["items"] == []
    assert "organization.remove" in await company.audit()


async def test_an_owner_who_is_known_by_e_mail_keeps_the_account(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    first = await created(api, URL, {"name": "First", "owner": OWNER})
    second = await created(
        api, URL, {"name": "Second", "owner": {**OWNER, "email": "Ayesha@Example.COM", "first_name": "Someone"}}
    )
    assert first["owner_id"] == second["owner_id"]
    [user] = database.fetch("select first_name from users where role <> 'super_admin'")
    assert user["first_name"] == "Ayesha"


async def test_an_account_out_of_use_owns_nothing_new(api: httpx.AsyncClient, database: TestDatabase) -> None:
    await created(api, URL, {"name": "First", "owner": OWNER})
    for out_of_use in ("is_active = false", "is_active = true, removed_at = now()"):
        database.fetch(f"update users set {out_of_use} where role <> 'super_admin'")
        answer = await api.post(URL, json={"name": "Second", "owner": OWNER})
        assert answer.status_code == 409
    assert [row["name"] for row in database.fetch("select name from organizations")] == ["First"]


async def test_slugs_made_of_a_name_are_made_free_and_wished_ones_are_not(api: httpx.AsyncClient) -> None:
    slugs = [(await created(api, URL, {"name": name, "owner": OWNER}))["slug"] for name in ["Sun & Co."] * 3 + ["شمس"]]
    assert slugs == ["sun-co", "sun-co-2", "sun-co-3", "organization"]
    answer = await api.post(URL, json={"name": "Other", "slug": "sun-co", "owner": OWNER})
    assert answer.status_code == 409


IMPOSSIBLE: list[tuple[dict[str, Any], str, object]] = [
    ({"name": ""}, "name", ""),
    ({"name": "x" * 201}, "name", "x" * 80 + "…"),
    ({"name": None}, "name", None),
    ({"name": 7}, "name", 7),
    ({"slug": "Not A Slug"}, "slug", "Not A Slug"),
    ({"slug": "a--b"}, "slug", "a--b"),
    ({"plan": "gold"}, "plan", "gold"),
    ({"owner": {**OWNER, "email": "nobody"}}, "owner.email", "nobody"),
    ({"owner": {**OWNER, "email": "a b@example.com"}}, "owner.email", "a b@example.com"),
    ({"owner": {**OWNER, "phone": "call me"}}, "owner.phone", "call me"),
    ({"owner": {"email": "a@example.com", "first_name": "A"}}, "owner.last_name", None),
    ({"owner": {**OWNER, "preferences": {"language": "de"}}}, "owner.preferences.language", "de"),
    ({"owner": {**OWNER, "preferences": {"timezone": "Asia/Lahore"}}}, "owner.preferences.timezone", "Asia/Lahore"),
    ({"owner": {**OWNER, "preferences": {"currency": "rupees"}}}, "owner.preferences.currency", "rupees"),
    ({"owner": None}, "owner", None),
]


async def test_an_impossible_value_is_named_with_what_is_allowed(
    api: httpx.AsyncClient, subtests: pytest.Subtests
) -> None:
    for change, field, value in IMPOSSIBLE:
        with subtests.test(field=field, value=value):
            [error] = refused(await api.post(URL, json={"name": "Acme", "owner": OWNER, **change}))
            assert (error["field"], error["value"]) == (field, value)
            assert error["allowed"]


async def test_the_list_is_paged_by_name(api: httpx.AsyncClient) -> None:
    for name in ("Cairn", "Alpha", "Beacon"):
        await created(api, URL, {"name": name, "owner": OWNER})
    page = (await api.get(URL, params={"limit": 2, "offset": 1})).json()
    assert [item["name"] for item in page["items"]] == ["Beacon", "Cairn"]
    assert {key: page[key] for key in ("total", "total_is_exact", "limit", "offset")} == {
        "total": 3,
        "total_is_exact": True,
        "limit": 2,
        "offset": 1,
    }


async def test_a_page_that_cannot_be_is_refused(api: httpx.AsyncClient) -> None:
    for query, field in (("limit=501", "limit"), ("limit=0", "limit"), ("offset=-1", "offset"), ("page=2", "page")):
        [error] = refused(await api.get(f"{URL}?{query}"))
        assert error["field"] == field


async def test_one_that_is_not_there_was_removed_or_is_no_id_is_the_same_404(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    removed = await created(api, URL, {"name": "Gone", "owner": OWNER})
    assert (await api.get(f"{URL}/{removed['id']}")).json() == {
        key: value for key, value in removed.items() if key != "invitation"
    }
    database.fetch("update organizations set removed_at = now()")
    answers = [
        await api.get(f"{URL}/{name}")
        for name in (removed["id"], OWNER["email"], "01a20000-0000-7000-8000-000000000000")
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1
    assert (await api.get(URL)).json()["items"] == []
