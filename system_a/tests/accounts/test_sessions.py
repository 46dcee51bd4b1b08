from uuid import uuid4

import pytest

from solarhub.accounts.jobs import forget
from solarhub.accounts.sessions import COOKIE
from solarhub.kit.db import transaction
from tests.accounts.front_desk import URL, FrontDesk, token_of


@pytest.mark.parametrize(
    ("role", "column", "age", "status"),
    [
        ("viewer", "last_seen_at", "6 days 23 hours", 200),
        ("viewer", "last_seen_at", "7 days 1 minute", 401),
        ("viewer", "created_at", "29 days 23 hours", 200),
        ("viewer", "created_at", "30 days 1 minute", 401),
        ("super_admin", "last_seen_at", "11 hours 59 minutes", 200),
        ("super_admin", "last_seen_at", "12 hours 1 minute", 401),
        ("super_admin", "created_at", "23 hours 59 minutes", 200),
        ("super_admin", "created_at", "24 hours 1 minute", 401),
    ],
)
async def test_a_session_ends_when_it_is_not_used_and_at_the_latest_some_day(
    front_desk: FrontDesk, role: str, column: str, age: str, status: int
) -> None:
    await front_desk.person(role=role)
    browser = await front_desk.signed_in()
    front_desk.database.fetch(f"update user_sessions set {column} = now() - interval '{age}'")
    assert (await browser.get(f"{URL}/me")).status_code == status


async def test_it_is_told_when_a_session_ends_at_the_latest(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.signed_in()
    [row] = front_desk.database.fetch("select expires_at - created_at as lasts from user_sessions")
    assert row["lasts"].days == 30


async def test_the_last_use_is_written_down_once_a_minute(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    look = "select last_seen_at, xmin::text from user_sessions"
    [before] = front_desk.database.fetch(look)
    await browser.get(f"{URL}/me")
    assert front_desk.database.fetch(look) == [before]
    front_desk.database.fetch("update user_sessions set last_seen_at = now() - interval '61 seconds'")
    await browser.get(f"{URL}/me")
    [after] = front_desk.database.fetch(look)
    assert after["last_seen_at"] > before["last_seen_at"]


async def test_everybody_sees_their_own_sessions_and_which_is_this_one(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.person("bilal@example.com")
    phone, laptop = await front_desk.signed_in(), await front_desk.signed_in()
    await front_desk.signed_in("bilal@example.com")
    page = (await phone.get(f"{URL}/me/sessions")).json()
    assert page["total"] == 2
    assert {item["current"] for item in page["items"]} == {True, False}
    assert token_of(laptop) not in str(page)
    assert all(item["address"].startswith("192.0.2.") for item in page["items"])
    assert (await phone.get(f"{URL}/me/sessions", params={"limit": 1})).json()["items"] == page["items"][:1]


async def test_a_session_is_ended_by_its_owner_alone(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.person("bilal@example.com")
    phone, laptop, stranger = (
        await front_desk.signed_in(),
        await front_desk.signed_in(),
        await front_desk.signed_in("bilal@example.com"),
    )
    items = (await phone.get(f"{URL}/me/sessions")).json()["items"]
    [other] = [item["id"] for item in items if not item["current"]]

    foreign = await stranger.delete(f"{URL}/me/sessions/{other}")
    absent = await stranger.delete(f"{URL}/me/sessions/{uuid4()}")
    assert (foreign.status_code, foreign.content) == (404, absent.content)

    assert (await phone.delete(f"{URL}/me/sessions/{other}")).status_code == 204
    assert (await laptop.get(f"{URL}/me")).status_code == 401
    assert (await phone.delete(f"{URL}/me/sessions/{other}")).status_code == 404
    assert (await phone.get(f"{URL}/me")).status_code == 200


async def test_all_others_end_at_once(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browsers = [await front_desk.signed_in() for _ in range(3)]
    assert (await browsers[0].delete(f"{URL}/me/sessions")).status_code == 204
    assert [(await each.get(f"{URL}/me")).status_code for each in browsers] == [200, 401, 401]
    assert front_desk.acts()[-1] == "person.end_sessions"


@pytest.mark.parametrize("token", ["", "x", "shs_", "shs_" + "ü" * 43, "shk_" + "x" * 43, "shs_" + "x" * 500])
async def test_what_is_no_token_is_nobodys(front_desk: FrontDesk, token: str) -> None:
    browser = front_desk.browser()
    answer = await browser.get(f"{URL}/me", headers={b"cookie": f"{COOKIE}={token}".encode()})
    assert answer.status_code == 401


async def test_only_the_hash_of_a_token_is_kept(front_desk: FrontDesk) -> None:
    await front_desk.person()
    token = token_of(await front_desk.signed_in())
    rows = front_desk.database.fetch("select s::text as told from user_sessions s")
    assert token not in rows[0]["told"]


async def test_sessions_that_ended_long_ago_are_forgotten(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.signed_in()
    await front_desk.signed_in()
    front_desk.database.fetch(
        "update user_sessions set expires_at = now() - interval '91 days'"
        " where id = (select id from user_sessions order by id limit 1)"
    )
    async with transaction(front_desk.auth) as auth:
        await forget(auth)
    assert len(front_desk.database.fetch("select from user_sessions")) == 1
