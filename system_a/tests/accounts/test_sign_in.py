import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from solarhub.accounts.passwords import Passwords
from solarhub.accounts.queries import people, second_factors
from solarhub.accounts.sessions import COOKIE
from solarhub.accounts.setup import sign_in_link
from tests.accounts.front_desk import AYESHA, OTHER_PASSWORD, URL, FrontDesk, QuickHasher, statuses, token_of
from tests.clients import PUBLIC_URL


async def test_the_right_password_opens_a_session_in_a_cookie_that_no_script_reads(front_desk: FrontDesk) -> None:
    user_id = await front_desk.person()
    browser = front_desk.browser()
    answer = await front_desk.sign_in(browser, "Ayesha@Example.COM")
    assert answer.status_code == 201
    assert answer.json() == {"second_factor_required": False, "user_id": str(user_id)}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=shs_")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/", f"Max-Age={30 * 86400}"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()
    assert token_of(browser) not in answer.text
    assert (await browser.get(f"{URL}/me")).json()["email"] == AYESHA
    assert front_desk.acts() == ["person.sign_in"]


async def _unknown(front_desk: FrontDesk) -> None:
    """Nobody."""


async def _wrong_password(front_desk: FrontDesk) -> None:
    await front_desk.person(password=OTHER_PASSWORD)


async def _passwordless(front_desk: FrontDesk) -> None:
    await front_desk.person(password=None)


async def _inactive(front_desk: FrontDesk) -> None:
    await front_desk.person(active=False)


async def _removed(front_desk: FrontDesk) -> None:
    await front_desk.person()
    front_desk.database.fetch("update users set removed_at = now()")


async def _with_second_factor(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.enrolled(await front_desk.signed_in())
    await front_desk.people.connection.execute("update users set password_hash = $1", QuickHasher().hash("other"))


KINDS = [_unknown, _wrong_password, _passwordless, _inactive, _removed, _with_second_factor]


@pytest.mark.parametrize("prepare", KINDS, ids=lambda prepare: prepare.__name__.strip("_"))
async def test_whoever_is_not_let_in_gets_the_same_answer_for_the_same_work(
    front_desk: FrontDesk, prepare: Callable[[FrontDesk], Awaitable[None]]
) -> None:
    await prepare(front_desk)
    passwords: Passwords = front_desk.people.app.state.passwords
    await passwords.matches(None, "whoever came first made the hash that nobody has")
    front_desk.hasher.hashes = front_desk.hasher.verifications = 0
    before = len(front_desk.acts())

    answer = await front_desk.sign_in(front_desk.browser())

    assert answer.status_code == 401
    document: dict[str, Any] = answer.json()
    assert document == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "The e-mail address or the password is not right.",
    }
    assert "set-cookie" not in answer.headers
    assert (front_desk.hasher.hashes, front_desk.hasher.verifications) == (0, 1)
    assert front_desk.acts()[before:] == ["person.sign_in_refused"]


async def test_a_hash_of_other_parameters_is_made_anew_at_the_sign_in(front_desk: FrontDesk) -> None:
    await front_desk.person()
    [before] = front_desk.database.fetch("select password_hash from users")
    front_desk.people.app.state.passwords = Passwords(QuickHasher(16))
    assert await statuses(*(front_desk.sign_in(front_desk.browser()) for _ in range(2))) in ([201, 201], [201, 401])
    [after] = front_desk.database.fetch("select password_hash from users")
    assert "m=8," in before["password_hash"]
    assert "m=16," in after["password_hash"]
    await front_desk.signed_in()


async def test_whoever_signs_in_while_a_second_factor_is_switched_on_is_asked_for_it(front_desk: FrontDesk) -> None:
    """The sign-in has verified the password and waits for the person's row; it must not go by what it saw before."""
    user_id = await front_desk.person()
    browser = front_desk.browser()
    async with front_desk.desk().acting(user_id) as auth:
        assert await people.user_to_change(auth, user_id) is not None
        waiting = asyncio.create_task(front_desk.sign_in(browser))
        await _until_somebody_waits(front_desk)
        await second_factors.enter(auth, user_id, "sealed")
        await second_factors.use_step(auth, user_id, 1, secret_sealed="sealed", confirm=True)
    assert (await waiting).json()["second_factor_required"] is True


async def test_whoever_signs_in_while_the_password_is_changed_is_not_let_in(front_desk: FrontDesk) -> None:
    user_id = await front_desk.person()
    async with front_desk.desk().acting(user_id) as auth:
        user = await people.user_to_change(auth, user_id)
        assert user is not None
        waiting = asyncio.create_task(front_desk.sign_in(front_desk.browser()))
        await _until_somebody_waits(front_desk)
        user.password_hash = "another"
        await auth.flush()
    assert (await waiting).status_code == 401


async def test_signing_in_again_ends_the_session_before(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    before = token_of(browser)
    await front_desk.sign_in(browser)
    assert token_of(browser) != before
    old = front_desk.browser()
    old.cookies.set(COOKIE, before)
    assert (await old.get(f"{URL}/me")).status_code == 401
    assert (await browser.get(f"{URL}/me")).status_code == 200


async def test_signing_out_ends_the_session_and_is_no_mistake_twice(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    token = token_of(browser)
    answer = await browser.delete(f"{URL}/sessions/current")
    assert answer.status_code == 204
    assert COOKIE not in browser.cookies
    assert (await browser.delete(f"{URL}/sessions/current")).status_code == 204
    browser.cookies.set(COOKIE, token)
    assert (await browser.get(f"{URL}/me")).status_code == 401
    assert front_desk.acts() == ["person.sign_in", "person.sign_out"]


async def test_a_second_factor_is_asked_for_before_anything_opens(front_desk: FrontDesk) -> None:
    user_id = await front_desk.person()
    await front_desk.enrolled(await front_desk.signed_in())
    browser = front_desk.browser()
    answer = await front_desk.sign_in(browser)
    assert (answer.status_code, answer.json()) == (201, {"second_factor_required": True, "user_id": None})
    half = token_of(browser)
    assert (await browser.get(f"{URL}/me")).status_code == 401

    [row] = front_desk.database.fetch("select secret_sealed from user_second_factors")
    assert row["secret_sealed"].startswith("v1:")
    wrong = await browser.post(f"{URL}/sessions/second-factor", json={"code": "000000"})
    assert wrong.status_code == 401

    authenticator = front_desk.authenticator(user_id)
    answer = await browser.post(f"{URL}/sessions/second-factor", json={"code": authenticator.now()})
    assert (answer.status_code, answer.json()) == (200, {"second_factor_required": False, "user_id": str(user_id)})
    assert token_of(browser) != half
    assert (await browser.get(f"{URL}/me")).status_code == 200
    [session] = [item for item in (await browser.get(f"{URL}/me/sessions")).json()["items"] if item["current"]]
    assert session["second_factor"] is True


async def test_a_code_opens_one_session_of_two_that_give_it_at_once(front_desk: FrontDesk) -> None:
    user_id = await front_desk.person()
    await front_desk.enrolled(await front_desk.signed_in())
    browsers = [front_desk.browser(), front_desk.browser()]
    for browser in browsers:
        await front_desk.sign_in(browser)
    code = front_desk.authenticator(user_id).now()
    given = [browser.post(f"{URL}/sessions/second-factor", json={"code": code}) for browser in browsers]
    assert await statuses(*given) == [200, 401]


async def test_a_code_is_no_use_without_the_password_before_it(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.enrolled(await front_desk.signed_in())
    forger = front_desk.browser()
    forger.cookies.set(COOKIE, "shs_" + "x" * 43)
    for browser in (front_desk.browser(), forger):
        answer = await browser.post(f"{URL}/sessions/second-factor", json={"code": "123456"})
        assert answer.status_code == 401


async def test_half_a_session_runs_out_after_ten_minutes(front_desk: FrontDesk) -> None:
    await front_desk.person()
    _, codes = await front_desk.enrolled(await front_desk.signed_in())
    browser = front_desk.browser()
    await front_desk.sign_in(browser)
    front_desk.database.fetch(
        "update user_sessions set expires_at = expires_at - interval '10 minutes' where awaiting_second_factor"
    )
    answer = await browser.post(f"{URL}/sessions/second-factor", json={"code": codes[0]})
    assert answer.status_code == 401


async def test_guessing_at_codes_is_counted_by_account(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.enrolled(await front_desk.signed_in())
    browser = front_desk.browser()
    await front_desk.sign_in(browser)
    answers = [(await browser.post(f"{URL}/sessions/second-factor", json={"code": "000000"})) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_guessing_is_stopped_by_account_and_never_keeps_its_owner_out(front_desk: FrontDesk) -> None:
    """Whoever guesses from everywhere uses up what strangers may try; the owner's own browser and address have more."""
    await front_desk.person()
    home = await front_desk.signed_in(address="203.0.113.5")
    for n in range(10):
        answer = await front_desk.sign_in(front_desk.browser(f"198.51.100.{n}"), password=OTHER_PASSWORD)
        assert answer.status_code == 401
    refused = await front_desk.sign_in(front_desk.browser("198.51.100.99"))
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 360

    other_browser_at_home = front_desk.browser("203.0.113.5")
    assert (await front_desk.sign_in(other_browser_at_home)).status_code == 201
    on_the_road = front_desk.browser("198.51.100.77")
    on_the_road.cookies.set(COOKIE, token_of(home))
    assert (await front_desk.sign_in(on_the_road)).status_code == 201


async def test_guessing_from_one_address_is_stopped_whatever_the_accounts(front_desk: FrontDesk) -> None:
    browser = front_desk.browser("198.51.100.1")
    tries = [(await front_desk.sign_in(browser, f"p{n}@example.com")).status_code for n in range(21)]
    assert tries == [401] * 20 + [429]
    neighbour = front_desk.browser("198.51.100.2")
    assert (await front_desk.sign_in(neighbour, "p1@example.com")).status_code == 401


async def test_addresses_of_one_ipv6_customer_count_as_one(front_desk: FrontDesk) -> None:
    tries = [
        (await front_desk.sign_in(front_desk.browser(f"2001:db8:0:1::{n:x}"), f"p{n}@example.com")).status_code
        for n in range(1, 22)
    ]
    assert tries == [401] * 20 + [429]


async def test_signing_in_rightly_is_not_counted(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = front_desk.browser("198.51.100.1")
    assert [(await front_desk.sign_in(browser)).status_code for _ in range(23)] == [201] * 23


async def test_a_link_signs_in_once(front_desk: FrontDesk) -> None:
    user_id = await front_desk.person(password=None)
    link = await sign_in_link(front_desk.auth, PUBLIC_URL, AYESHA)
    assert link is not None
    assert link.startswith(f"{PUBLIC_URL}/sign-in#shl_")
    token = link.partition("#")[2]
    browsers = [front_desk.browser() for _ in range(3)]
    answers = await asyncio.gather(*(each.post(f"{URL}/sessions/link", json={"token": token}) for each in browsers))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401]
    [opened] = [answer.json() for answer in answers if answer.status_code == 201]
    assert opened == {"second_factor_required": False, "user_id": str(user_id)}
    assert front_desk.acts() == ["person.sign_in"]


async def test_a_link_asks_for_the_second_factor_and_helps_nobody_who_is_out_of_use(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.enrolled(await front_desk.signed_in())
    link = await sign_in_link(front_desk.auth, PUBLIC_URL, AYESHA) or ""
    answer = await front_desk.browser().post(f"{URL}/sessions/link", json={"token": link.partition("#")[2]})
    assert answer.json()["second_factor_required"] is True

    link = await sign_in_link(front_desk.auth, PUBLIC_URL, AYESHA) or ""
    front_desk.database.fetch("update users set is_active = false")
    answer = await front_desk.browser().post(f"{URL}/sessions/link", json={"token": link.partition("#")[2]})
    assert answer.status_code == 401
    assert await sign_in_link(front_desk.auth, PUBLIC_URL, AYESHA) is None
    assert await sign_in_link(front_desk.auth, PUBLIC_URL, "nobody@example.com") is None


async def test_a_link_that_is_old_or_was_replaced_opens_nothing(front_desk: FrontDesk) -> None:
    await front_desk.person()
    first = await sign_in_link(front_desk.auth, PUBLIC_URL, AYESHA) or ""
    second = await sign_in_link(front_desk.auth, PUBLIC_URL, AYESHA) or ""
    front_desk.database.fetch("update user_links set expires_at = now()")
    for link in (first, second, "#shl_", "#nonsense"):
        answer = await front_desk.browser().post(f"{URL}/sessions/link", json={"token": link.partition("#")[2]})
        assert answer.status_code == 401


async def _until_somebody_waits(front_desk: FrontDesk) -> None:
    waiting = "select exists (select from pg_locks where not granted and locktype = 'transactionid')"
    async with asyncio.timeout(20):
        while not await front_desk.people.connection.fetchval(waiting):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
