from typing import Any

import httpx
import pytest

from tests.clients import OWNER, created, refused
from tests.conftest import TestDatabase

URL = "/api/v1/organizations"


async def test_a_company_is_entered_with_its_owner_as_first_member(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    answer = await api.post(URL, json={"name": "Acme Solar", "description": "Roofs", "owner": OWNER})
    assert answer.status_code == 201
    organization = answer.json()
    assert answer.headers["location"] == f"{URL}/{organization['id']}"
    assert answer.headers["etag"] == '"1"'
    assert organization["slug"] == "acme-solar"
    [member] = database.fetch(
        "select m.role::text, m.invitation_accepted, m.joined_at is not null as joined, u.email, u.password_hash,"
        " u.preferences ->> 'currency' as currency from organization_members m join users u on u.id = m.user_id"
    )
    assert dict(member) == {
        "role": "owner",
        "invitation_accepted": True,
        "joined": True,
        "email": "ayesha@example.com",
        "password_hash": "!",
        "currency": "PKR",
    }


async def test_an_owner_who_is_known_by_e_mail_keeps_the_account(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    first = await created(api, URL, {"name": "First", "owner": OWNER})
    second = await created(
        api, URL, {"name": "Second", "owner": {**OWNER, "email": "Ayesha@Example.COM", "first_name": "Someone"}}
    )
    assert first["owner_id"] == second["owner_id"]
    [user] = database.fetch("select first_name from users")
    assert user["first_name"] == "Ayesha"


async def test_an_account_out_of_use_owns_nothing_new(api: httpx.AsyncClient, database: TestDatabase) -> None:
    await created(api, URL, {"name": "First", "owner": OWNER})
    for out_of_use in ("is_active = false", "is_active = true, removed_at = now()"):
        database.fetch(f"update users set {out_of_use}")
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
    assert (await api.get(f"{URL}/{removed['id']}")).json() == removed
    database.fetch("update organizations set removed_at = now()")
    answers = [
        await api.get(f"{URL}/{name}")
        for name in (removed["id"], OWNER["email"], "01a20000-0000-7000-8000-000000000000")
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1
    assert (await api.get(URL)).json()["items"] == []
