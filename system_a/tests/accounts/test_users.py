import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.accounts.front_desk import AYESHA, URL, FrontDesk, statuses
from tests.clients import refused


async def run_by(front_desk: FrontDesk, email: str = "boss@example.com") -> httpx.AsyncClient:
    await front_desk.person(email, role="super_admin")
    return await front_desk.signed_in(email)


async def test_everybody_is_listed_by_address_and_filtered(front_desk: FrontDesk) -> None:
    boss = await run_by(front_desk)
    await front_desk.person()
    await front_desk.person("bilal@example.org", active=False)
    front_desk.database.fetch("update users set first_name = '100%_' where email = 'bilal@example.org'")

    async def found(**query: Any) -> list[str]:
        answer = await boss.get(f"{URL}/users", params=query)
        assert answer.status_code == 200, answer.text
        return [item["email"] for item in answer.json()["items"]]

    assert await found() == [AYESHA, "bilal@example.org", "boss@example.com"]
    assert await found(search="AYESHA KHAN") == [AYESHA, "boss@example.com"]
    assert await found(search="example.org") == ["bilal@example.org"]
    assert await found(search="%_") == ["bilal@example.org"]
    assert await found(role="super_admin") == ["boss@example.com"]
    assert await found(is_active=False) == ["bilal@example.org"]
    assert await found(limit=1, offset=1) == ["bilal@example.org"]
    for query in ("role=king", "is_active=perhaps", "search=", "limit=0", "page=2"):
        refused(await boss.get(f"{URL}/users?{query}"))


async def test_everybody_is_written_to_a_file(front_desk: FrontDesk) -> None:
    boss = await run_by(front_desk)
    await front_desk.person()
    lines = (await boss.get(f"{URL}/users/export", params={"format": "jsonl"})).text.splitlines()
    assert [json.loads(line)["email"] for line in lines] == [AYESHA, "boss@example.com"]
    answer = await boss.get(f"{URL}/users/export", params={"search": "boss"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, row = answer.text.removeprefix("\ufeff").splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["email"] == "boss@example.com"
    refused(await boss.get(f"{URL}/users/export?format=xls"))


async def test_no_answer_holds_a_hash(front_desk: FrontDesk) -> None:
    boss = await run_by(front_desk)
    user_id = await front_desk.person()
    for path in ("/users", f"/users/{user_id}", "/me", "/me/sessions"):
        text = (await boss.get(f"{URL}{path}")).text
        assert "argon2" not in text
        assert "password" not in text
        assert "shs_" not in text


async def test_a_deactivated_person_is_out_at_once_and_stays_out_until_signing_in_anew(front_desk: FrontDesk) -> None:
    boss = await run_by(front_desk)
    user_id = await front_desk.person()
    browser = await front_desk.signed_in()
    await browser.post(f"{URL}/password-resets", json={"email": AYESHA})
    path = f"{URL}/users/{user_id}"

    answer = await boss.post(f"{path}/deactivate")
    assert (answer.status_code, answer.json()["is_active"]) == (200, False)
    assert (await browser.get(f"{URL}/me")).status_code == 401
    assert (await front_desk.sign_in(front_desk.browser())).status_code == 401
    assert front_desk.database.fetch("select from user_links") == []
    again = await boss.post(f"{path}/deactivate")
    assert (again.status_code, again.json()["state"]) == (409, "inactive")

    assert (await boss.post(f"{path}/reactivate")).json()["is_active"] is True
    assert (await boss.post(f"{path}/reactivate")).status_code == 409
    assert (await browser.get(f"{URL}/me")).status_code == 401
    await front_desk.signed_in()
    acts = front_desk.acts()
    assert [each for each in acts if "activate" in each] == ["person.deactivate", "person.reactivate"]


async def test_the_last_who_runs_the_hub_stays(front_desk: FrontDesk) -> None:
    first = await run_by(front_desk)
    second = await run_by(front_desk, "other@example.com")
    ids = [(await each.get(f"{URL}/me")).json()["id"] for each in (first, second)]
    given = [first.post(f"{URL}/users/{ids[1]}/deactivate"), second.post(f"{URL}/users/{ids[0]}/deactivate")]
    assert (await statuses(*given))[0] == 200
    rows = front_desk.database.fetch("select from users where is_active")
    assert len(rows) == 1
    for browser in (first, second):
        if (await browser.get(f"{URL}/me")).status_code == 200:
            own = (await browser.get(f"{URL}/me")).json()["id"]
            last = await browser.post(f"{URL}/users/{own}/deactivate")
            assert (last.status_code, last.json()["state"]) == (409, "active")


@pytest.mark.parametrize("method", ["GET", "deactivate", "reactivate"])
async def test_one_who_is_not_there_is_404(front_desk: FrontDesk, method: str) -> None:
    boss = await run_by(front_desk)
    path = f"{URL}/users/{uuid4()}"
    answer = await (boss.get(path) if method == "GET" else boss.post(f"{path}/{method}"))
    assert answer.status_code == 404


async def test_only_those_who_run_the_hub_see_everybody_and_the_mailbox(front_desk: FrontDesk) -> None:
    user_id = await front_desk.person()
    browser, nobody = await front_desk.signed_in(), front_desk.browser()
    for method, path in (
        ("GET", "/users"),
        ("GET", "/users/export"),
        ("GET", f"/users/{user_id}"),
        ("POST", f"/users/{user_id}/deactivate"),
        ("POST", f"/users/{user_id}/reactivate"),
        ("GET", "/mailbox"),
        ("GET", f"/mailbox/{uuid4()}"),
    ):
        assert (await browser.request(method, URL + path)).status_code == 403
        assert (await nobody.request(method, URL + path)).status_code == 401


async def test_letters_that_nobody_was_sent_are_read_in_the_mailbox_and_that_is_written_down(
    front_desk: FrontDesk,
) -> None:
    boss = await run_by(front_desk)
    await front_desk.person()
    await boss.post(f"{URL}/password-resets", json={"email": AYESHA})
    token = front_desk.letters("account.reset_password")[0].token
    async with asyncio.timeout(10):
        while not (page := (await boss.get(f"{URL}/mailbox")).json())["items"]:  # noqa: ASYNC110 - the hub sends it
            await asyncio.sleep(0.02)
    [item] = page["items"]
    assert (item["recipient"], item["event"], page["total"]) == (AYESHA, "account.reset_password", 1)
    assert token not in str(page)
    letter = (await boss.get(f"{URL}/mailbox/{item['id']}")).json()
    assert token in letter["text"]
    assert letter["has_link"] is True
    assert front_desk.acts()[-1] == "mailbox.read"
    assert (await boss.get(f"{URL}/mailbox/{uuid4()}")).status_code == 404
