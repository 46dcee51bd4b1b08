import pytest

from solarhub.accounts.links import issue
from solarhub.kit.db import transaction
from tests.accounts.front_desk import AYESHA, OTHER_PASSWORD, PASSWORD, URL, FrontDesk, statuses, token_of
from tests.clients import OWNER, PUBLIC_URL, created, refused


async def test_it_ends_every_other_session_and_is_written_about(front_desk: FrontDesk) -> None:
    user_id = await front_desk.person()
    browser, elsewhere = await front_desk.signed_in(), await front_desk.signed_in()
    async with transaction(front_desk.auth) as auth:
        await issue(auth, PUBLIC_URL, "reset_password", user_id=user_id)
    before = token_of(browser)
    answer = await browser.put(f"{URL}/me/password", json={"current_password": PASSWORD, "password": OTHER_PASSWORD})
    assert answer.status_code == 204, answer.text
    assert token_of(browser) != before
    assert (await browser.get(f"{URL}/me")).status_code == 200
    assert (await elsewhere.get(f"{URL}/me")).status_code == 401
    assert (await front_desk.sign_in(front_desk.browser())).status_code == 401
    await front_desk.signed_in(password=OTHER_PASSWORD)
    assert front_desk.database.fetch("select from user_links") == []
    [letter] = front_desk.letters("account.password_changed")
    assert letter.recipient == AYESHA
    [entry] = front_desk.database.fetch("select * from audit_entries where action = 'person.change_password'")
    assert (entry["actor_id"], entry["target_id"], entry["after"]) == (user_id, user_id, '{"password_hash": "***"}')


async def test_the_present_password_is_asked_for_and_guessing_at_it_is_counted(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    wish = {"current_password": "not my password", "password": OTHER_PASSWORD}
    answers = [await browser.put(f"{URL}/me/password", json=wish) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert [error["field"] for error in refused(answers[0])] == ["current_password"]


@pytest.mark.parametrize("password", ["short", "qwerty123456", "ayesha@example", "Ayesha-Khan-1", "x" * 129])
async def test_an_unfit_password_is_refused_and_never_repeated(front_desk: FrontDesk, password: str) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    answer = await browser.put(f"{URL}/me/password", json={"current_password": PASSWORD, "password": password})
    assert [(error["field"], error["value"]) for error in refused(answer)] == [("password", "***")]
    assert password not in answer.text
    await front_desk.signed_in()


async def test_the_name_of_ones_organization_is_no_password(front_desk: FrontDesk) -> None:
    await front_desk.person(OWNER["email"])
    admin = await front_desk.people.super_admin()
    await created(admin, f"{URL}/organizations", {"name": "Chenab Sunworks", "owner": OWNER})
    browser = await front_desk.signed_in(OWNER["email"])
    answer = await browser.put(
        f"{URL}/me/password", json={"current_password": PASSWORD, "password": "Chenab-Sunworks1"}
    )
    assert "organization" in refused(answer)[0]["message"]


async def test_of_two_changes_at_once_one_holds(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browsers = [await front_desk.signed_in(), await front_desk.signed_in()]
    wishes = [
        browser.put(f"{URL}/me/password", json={"current_password": PASSWORD, "password": f"{OTHER_PASSWORD} {n}"})
        for n, browser in enumerate(browsers)
    ]
    first, second = await statuses(*wishes)
    assert first == 204
    assert second in (401, 409, 422)
    assert [(await each.get(f"{URL}/me")).status_code for each in browsers].count(200) == 1
