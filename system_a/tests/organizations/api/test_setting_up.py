import asyncio
from typing import Any

import httpx
import pytest

from solarhub.accounts.setup import set_up_link
from tests.calling import client_of
from tests.clients import PUBLIC_URL, People, refused

URL = "/api/v1/setup"
PASSWORD = "mango kettle seventeen rooftops"
WISH: dict[str, Any] = {
    "person": {"email": "Ayesha@Example.com", "first_name": "Ayesha", "last_name": "Khan"},
    "password": PASSWORD,
    "organization": {"name": "Acme Solar"},
}


async def wish(people: People, **change: Any) -> dict[str, Any]:
    """With the token that the hub has printed."""
    link = await set_up_link(people.app.state.databases.auth, PUBLIC_URL)
    assert link is not None
    return {"token": link.partition("#")[2], **WISH, **change}


async def test_whoever_has_the_link_runs_the_hub_and_owns_the_first_company(people: People) -> None:
    nobody = people.anonymous()
    wanted = await wish(people)
    answer = await nobody.post(URL, json=wanted)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["email"], made["organization"]["slug"]) == ("ayesha@example.com", "acme-solar")
    assert made["organization"]["owner_id"] == made["user_id"]
    [user] = await people.connection.fetch("select role::text, password_hash from users")
    assert user["role"] == "super_admin"
    assert user["password_hash"].startswith("$argon2id$")

    signed_in = await nobody.post("/api/v1/sessions", json={"email": "ayesha@example.com", "password": PASSWORD})
    assert signed_in.status_code == 201
    places = (await nobody.get("/api/v1/me/places")).json()
    assert [(each["name"], each["role"]) for each in places["organizations"]] == [("Acme Solar", "owner")]

    again = await people.anonymous().post(URL, json=wanted)
    assert again.status_code == 401
    assert await set_up_link(people.app.state.databases.auth, PUBLIC_URL) is None


async def test_a_link_that_let_nobody_in_works_again(people: People) -> None:
    nobody = people.anonymous()
    wanted = await wish(people)
    [error] = refused(await nobody.post(URL, json={**wanted, "password": "acmesolarkhan"}))
    assert (error["field"], error["value"]) == ("password", "***")
    [error] = refused(await nobody.post(URL, json={**wanted, "organization": {"name": ""}}))
    assert error["field"] == "organization.name"
    assert (await nobody.post(URL, json=wanted)).status_code == 201


async def test_of_two_who_set_the_hub_up_at_once_one_does(people: People) -> None:
    wanted = await wish(people)
    other = {**wanted, "person": {**WISH["person"], "email": "b@example.com"}}
    answers = await asyncio.gather(people.anonymous().post(URL, json=wanted), people.anonymous().post(URL, json=other))
    assert sorted(answer.status_code for answer in answers) == [201, 401]
    assert len(await people.connection.fetch("select id from users")) == 1
    assert len(await people.connection.fetch("select id from organizations")) == 1


async def test_a_hub_that_somebody_runs_is_not_set_up(people: People) -> None:
    wanted = await wish(people)
    await people.super_admin()
    answer = await people.anonymous().post(URL, json=wanted)
    assert answer.status_code == 409
    assert len(await people.connection.fetch("select id from organizations")) == 0


async def test_tokens_are_not_guessed(people: People, subtests: pytest.Subtests) -> None:
    for token in ("shl_" + 43 * "x", "x"):
        with subtests.test(token=token[:4]):
            answer = await people.anonymous().post(URL, json={"token": token, **WISH})
            assert answer.status_code == 401
    noisy: httpx.AsyncClient = client_of(people.app, peer=("192.0.2.9", 1))
    codes = [(await noisy.post(URL, json={"token": "shl_" + 43 * "x", **WISH})).status_code for _ in range(11)]
    assert codes == 10 * [401] + [429]
    await noisy.aclose()
