import pyotp

from solarhub.kit.sealing import Keyring, new_key
from tests.accounts.front_desk import PASSWORD, URL, FrontDesk, statuses, token_of
from tests.clients import refused


async def test_it_counts_once_its_first_code_was_given(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser, elsewhere = await front_desk.signed_in(), await front_desk.signed_in()
    begun = await browser.post(f"{URL}/me/second-factor", json={"password": PASSWORD})
    assert begun.status_code == 200
    assert begun.json()["secret"] in begun.json()["address"]
    assert (await browser.get(f"{URL}/me")).json()["second_factor"] is False
    await front_desk.signed_in()

    wrong = await browser.post(f"{URL}/me/second-factor/confirm", json={"code": "000000"})
    assert [error["field"] for error in refused(wrong)] == ["code"]
    before = token_of(browser)
    code = pyotp.TOTP(begun.json()["secret"]).now()
    confirmed = await browser.post(f"{URL}/me/second-factor/confirm", json={"code": code})
    assert len(set(confirmed.json()["recovery_codes"])) == 10
    assert token_of(browser) != before
    me = (await browser.get(f"{URL}/me")).json()
    assert (me["second_factor"], me["recovery_codes_left"]) == (True, 10)
    assert (await elsewhere.get(f"{URL}/me")).status_code == 401
    [letter] = front_desk.letters("account.second_factor_on")
    assert "recovery codes" in letter.text
    assert "person.second_factor_on" in front_desk.acts()


async def test_its_first_code_cannot_be_given_again(front_desk: FrontDesk) -> None:
    await front_desk.person()
    authenticator, _ = await front_desk.enrolled(await front_desk.signed_in())
    browser = front_desk.browser()
    await front_desk.sign_in(browser)
    answer = await browser.post(f"{URL}/sessions/second-factor", json={"code": authenticator.now()})
    assert answer.status_code == 401


async def test_beginning_needs_the_password_again_and_nothing_of_before(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    answer = await browser.post(f"{URL}/me/second-factor", json={"password": "not my password"})
    assert [(error["field"], error["value"]) for error in refused(answer)] == [("password", "***")]
    assert (await browser.post(f"{URL}/me/second-factor/confirm", json={"code": "123456"})).status_code == 409
    first = (await browser.post(f"{URL}/me/second-factor", json={"password": PASSWORD})).json()["secret"]
    await front_desk.enrolled(browser)
    stale = await browser.post(f"{URL}/me/second-factor/confirm", json={"code": pyotp.TOTP(first).now()})
    assert stale.status_code == 409
    again = await browser.post(f"{URL}/me/second-factor", json={"password": PASSWORD})
    assert (again.status_code, again.json()["state"]) == (409, "on")


async def test_a_recovery_code_opens_one_session_and_is_gone(front_desk: FrontDesk) -> None:
    await front_desk.person()
    _, codes = await front_desk.enrolled(await front_desk.signed_in())
    browsers = [front_desk.browser() for _ in range(3)]
    for browser in browsers:
        await front_desk.sign_in(browser)
    typed = codes[0].lower().replace("-", " ")
    given = [browser.post(f"{URL}/sessions/second-factor", json={"code": typed}) for browser in browsers]
    assert await statuses(*given) == [200, 401, 401]
    [letter] = front_desk.letters("account.recovery_code_used")
    assert "9 are left" in letter.text


async def test_recovery_codes_are_kept_as_hashes_and_replaced_as_a_whole(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    _, old = await front_desk.enrolled(browser)
    told = str(front_desk.database.fetch("select r::text from user_recovery_codes r"))
    assert not any(code in told or code.replace("-", "") in told for code in old)
    answer = await browser.post(f"{URL}/me/recovery-codes", json={"password": PASSWORD})
    assert set(answer.json()["recovery_codes"]).isdisjoint(old)
    other = front_desk.browser()
    await front_desk.sign_in(other)
    assert (await other.post(f"{URL}/sessions/second-factor", json={"code": old[0]})).status_code == 401
    new = answer.json()["recovery_codes"][0]
    assert (await other.post(f"{URL}/sessions/second-factor", json={"code": new})).status_code == 200


async def test_there_are_no_recovery_codes_without_a_second_factor(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    assert (await browser.post(f"{URL}/me/recovery-codes", json={"password": PASSWORD})).status_code == 404
    answer = await browser.request("DELETE", f"{URL}/me/second-factor", json={"password": PASSWORD, "code": "123456"})
    assert answer.status_code == 404


async def test_removing_it_needs_both_the_password_and_a_code(front_desk: FrontDesk) -> None:
    user_id = await front_desk.person()
    browser = await front_desk.signed_in()
    await front_desk.enrolled(browser)
    code = front_desk.authenticator(user_id).now()
    for given, field in (
        ({"password": "not my password", "code": code}, "password"),
        ({"password": PASSWORD, "code": "000000"}, "code"),
    ):
        answer = await browser.request("DELETE", f"{URL}/me/second-factor", json=given)
        assert [error["field"] for error in refused(answer)] == [field]
    before = token_of(browser)
    answer = await browser.request("DELETE", f"{URL}/me/second-factor", json={"password": PASSWORD, "code": code})
    assert answer.status_code == 204
    assert token_of(browser) != before
    assert (await browser.get(f"{URL}/me")).json()["second_factor"] is False
    assert front_desk.database.fetch("select from user_recovery_codes") == []
    assert front_desk.letters("account.second_factor_off") != []
    await front_desk.signed_in()


async def test_a_seed_is_sealed_for_its_person(front_desk: FrontDesk) -> None:
    """One that is copied to somebody else's row does not open there; recovery codes still do."""
    user_id = await front_desk.person()
    authenticator, codes = await front_desk.enrolled(await front_desk.signed_in())
    assert authenticator.secret not in str(front_desk.database.fetch("select s::text from user_second_factors s"))
    stolen = Keyring.parse(new_key()).seal(authenticator.secret, user_id, "second_factor")
    front_desk.database.fetch(f"update user_second_factors set secret_sealed = '{stolen}', last_step = null")
    browser = front_desk.browser()
    await front_desk.sign_in(browser)
    answer = await browser.post(f"{URL}/sessions/second-factor", json={"code": authenticator.now()})
    assert answer.status_code == 401
    assert (await browser.post(f"{URL}/sessions/second-factor", json={"code": codes[3]})).status_code == 200
