import asyncio

import pytest

from tests.accounts.front_desk import AYESHA, OTHER_PASSWORD, URL, FrontDesk, statuses
from tests.clients import refused


async def ask(front_desk: FrontDesk, email: str = AYESHA) -> None:
    answer = await front_desk.browser().post(f"{URL}/password-resets", json={"email": email})
    assert answer.status_code == 202


async def test_the_link_from_the_letter_sets_a_password_once_and_ends_every_session(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    await ask(front_desk, "AYESHA@example.com")
    [letter] = front_desk.letters("account.reset_password")
    assert letter.recipient == AYESHA
    assert letter.link is not None
    assert "/reset-password#shl_" in letter.link
    wish = {"token": letter.token, "password": OTHER_PASSWORD}
    given = [front_desk.browser().post(f"{URL}/password-resets/confirm", json=wish) for _ in range(3)]
    assert await statuses(*given) == [204, 422, 422]
    assert (await browser.get(f"{URL}/me")).status_code == 401
    assert (await front_desk.sign_in(front_desk.browser())).status_code == 401
    await front_desk.signed_in(password=OTHER_PASSWORD)
    assert [each.event for each in front_desk.letters()].count("account.password_changed") == 1


@pytest.mark.parametrize("kind", ["unknown", "inactive", "removed"])
async def test_nobody_learns_whether_there_is_an_account(front_desk: FrontDesk, kind: str) -> None:
    await front_desk.person()
    await front_desk.person("other@example.com", active=kind != "inactive")
    if kind == "removed":
        front_desk.database.fetch("update users set removed_at = now() where email = 'other@example.com'")
    email = "nobody@example.com" if kind == "unknown" else "other@example.com"
    answers = [
        await front_desk.browser().post(f"{URL}/password-resets", json={"email": each}) for each in (AYESHA, email)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert [letter.recipient for letter in front_desk.letters()] == [AYESHA]
    assert front_desk.acts() == ["person.ask_for_reset"] * 2


async def test_letters_to_one_address_are_counted_whether_it_exists_or_not(front_desk: FrontDesk) -> None:
    await front_desk.person()
    for email in (AYESHA, "nobody@example.com"):
        tries = [
            (await front_desk.browser().post(f"{URL}/password-resets", json={"email": email})).status_code
            for _ in range(6)
        ]
        assert tries == [202] * 5 + [429]


async def test_an_unfit_password_leaves_the_link_as_it_was(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await ask(front_desk)
    [letter] = front_desk.letters()
    browser = front_desk.browser()
    answer = await browser.post(
        f"{URL}/password-resets/confirm", json={"token": letter.token, "password": "ayesha khan 123"}
    )
    assert [error["field"] for error in refused(answer)] == ["password"]
    answer = await browser.post(
        f"{URL}/password-resets/confirm", json={"token": letter.token, "password": OTHER_PASSWORD}
    )
    assert answer.status_code == 204


async def test_the_second_factor_is_still_asked_for(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.enrolled(await front_desk.signed_in())
    await ask(front_desk)
    token = front_desk.letters("account.reset_password")[0].token
    wish = {"token": token, "password": OTHER_PASSWORD}
    await front_desk.browser().post(f"{URL}/password-resets/confirm", json=wish)
    answer = await front_desk.sign_in(front_desk.browser(), password=OTHER_PASSWORD)
    assert answer.json()["second_factor_required"] is True


async def test_whoever_never_proved_the_address_loses_the_second_factor_to_its_owner(front_desk: FrontDesk) -> None:
    await front_desk.person(verified=False)
    await front_desk.enrolled(await front_desk.signed_in())
    await ask(front_desk)
    wish = {"token": front_desk.letters("account.reset_password")[0].token, "password": OTHER_PASSWORD}
    await front_desk.browser().post(f"{URL}/password-resets/confirm", json=wish)
    browser = await front_desk.signed_in(password=OTHER_PASSWORD)
    me = (await browser.get(f"{URL}/me")).json()
    assert (me["is_verified"], me["second_factor"], me["recovery_codes_left"]) == (True, False, 0)


async def test_somebody_who_was_only_entered_gets_in_by_it(front_desk: FrontDesk) -> None:
    await front_desk.person(password=None, verified=False)
    await ask(front_desk)
    wish = {"token": front_desk.letters()[0].token, "password": OTHER_PASSWORD}
    answer = await front_desk.browser().post(f"{URL}/password-resets/confirm", json=wish)
    assert answer.status_code == 204
    await front_desk.signed_in(password=OTHER_PASSWORD)


async def test_only_the_newest_link_works_and_only_for_an_hour(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await ask(front_desk)
    await ask(front_desk)
    old, new = (letter.token for letter in front_desk.letters())
    front_desk.database.fetch("update user_links set expires_at = expires_at - interval '1 hour'")
    for token in (old, new, "shl_" + "x" * 43, "x"):
        answer = await front_desk.browser().post(
            f"{URL}/password-resets/confirm", json={"token": token, "password": OTHER_PASSWORD}
        )
        assert [(error["field"], error["value"]) for error in refused(answer)] == [("token", "***")]
    await front_desk.signed_in()


async def test_a_link_of_another_purpose_sets_no_password(front_desk: FrontDesk) -> None:
    await front_desk.person(verified=False)
    browser = await front_desk.signed_in()
    await browser.post(f"{URL}/me/email-verification")
    [letter] = front_desk.letters("account.verify_email")
    wish = {"token": letter.token, "password": OTHER_PASSWORD}
    assert (await front_desk.browser().post(f"{URL}/password-resets/confirm", json=wish)).status_code == 422
    assert (await browser.post(f"{URL}/email-verifications", json={"token": letter.token})).status_code == 204


async def test_no_answer_tells_by_its_time_whether_a_letter_was_written(front_desk: FrontDesk) -> None:
    """Both wait for the same instant: the one with less to do is not earlier."""
    await front_desk.person()
    loop = asyncio.get_running_loop()
    for email in (AYESHA, "nobody@example.com"):
        begun = loop.time()
        await ask(front_desk, email)
        assert loop.time() - begun >= 0.05
