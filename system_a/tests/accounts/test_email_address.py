from tests.accounts.front_desk import AYESHA, PASSWORD, URL, FrontDesk, statuses
from tests.clients import refused

NEW = "ayesha.new@example.org"


async def test_an_address_is_verified_by_the_link_that_was_sent_there(front_desk: FrontDesk) -> None:
    await front_desk.person(verified=False)
    browser = await front_desk.signed_in()
    assert (await browser.post(f"{URL}/me/email-verification")).status_code == 202
    [letter] = front_desk.letters("account.verify_email")
    assert letter.recipient == AYESHA
    given = [front_desk.browser().post(f"{URL}/email-verifications", json={"token": letter.token}) for _ in range(3)]
    assert await statuses(*given) == [204, 422, 422]
    assert (await browser.get(f"{URL}/me")).json()["is_verified"] is True
    assert (await browser.post(f"{URL}/me/email-verification")).status_code == 409
    assert front_desk.acts()[-1] == "person.verify_email"


async def test_the_new_address_is_asked_and_the_present_one_is_told(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser, elsewhere = await front_desk.signed_in(), await front_desk.signed_in()
    wish = {"email": NEW.title(), "password": PASSWORD}
    assert (await browser.post(f"{URL}/me/email", json=wish)).status_code == 202
    [to_new] = front_desk.letters("account.change_email")
    [to_old] = front_desk.letters("account.change_email_asked")
    assert (to_new.recipient, to_old.recipient, to_old.link) == (NEW, AYESHA, None)
    assert NEW in to_old.text
    assert (await browser.get(f"{URL}/me")).json()["email"] == AYESHA

    await browser.post(f"{URL}/password-resets", json={"email": AYESHA})
    reset = front_desk.letters("account.reset_password")[0].token
    assert (await browser.post(f"{URL}/email-verifications", json={"token": to_new.token})).status_code == 204
    me = (await browser.get(f"{URL}/me")).json()
    assert (me["email"], me["is_verified"]) == (NEW, True)
    assert (await elsewhere.get(f"{URL}/me")).status_code == 401
    assert [letter.recipient for letter in front_desk.letters("account.email_changed")] == [AYESHA]
    # what was sent to the old address opens nothing any more
    stale = {"token": reset, "password": "nine quiet herons over Ravi"}
    assert (await browser.post(f"{URL}/password-resets/confirm", json=stale)).status_code == 422
    await front_desk.signed_in(NEW)


async def test_a_link_that_is_opened_in_another_browser_ends_every_session(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    await browser.post(f"{URL}/me/email", json={"email": NEW, "password": PASSWORD})
    token = front_desk.letters("account.change_email")[0].token
    assert (await front_desk.browser().post(f"{URL}/email-verifications", json={"token": token})).status_code == 204
    assert (await browser.get(f"{URL}/me")).status_code == 401


async def test_it_needs_the_password_and_another_address(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    for wish, field in (
        ({"email": NEW, "password": "not my password"}, "password"),
        ({"email": AYESHA.upper(), "password": PASSWORD}, "email"),
        ({"email": "nowhere", "password": PASSWORD}, "email"),
    ):
        answer = await browser.post(f"{URL}/me/email", json=wish)
        assert [error["field"] for error in refused(answer)] == [field]
    assert front_desk.letters() == []


async def test_nobody_learns_that_an_address_is_taken_but_its_owner(front_desk: FrontDesk) -> None:
    await front_desk.person()
    await front_desk.person(NEW)
    browser = await front_desk.signed_in()
    taken = await browser.post(f"{URL}/me/email", json={"email": NEW, "password": PASSWORD})
    free = await browser.post(f"{URL}/me/email", json={"email": "free@example.org", "password": PASSWORD})
    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    assert [letter.recipient for letter in front_desk.letters("account.email_taken")] == [NEW]
    assert [letter.recipient for letter in front_desk.letters("account.change_email")] == ["free@example.org"]


async def test_an_address_that_was_taken_meanwhile_is_a_conflict_and_the_link_is_kept(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    await browser.post(f"{URL}/me/email", json={"email": NEW, "password": PASSWORD})
    await front_desk.person(NEW)
    token = front_desk.letters("account.change_email")[0].token
    for _ in range(2):
        assert (await browser.post(f"{URL}/email-verifications", json={"token": token})).status_code == 409
    assert (await browser.get(f"{URL}/me")).json()["email"] == AYESHA
