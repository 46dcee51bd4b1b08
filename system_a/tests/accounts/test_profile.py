from typing import Any

import pytest

from tests.accounts.front_desk import AYESHA, URL, FrontDesk
from tests.clients import refused


async def test_people_change_what_they_say_of_themselves(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    before = await browser.get(f"{URL}/me")
    wish = {
        "first_name": "عائشہ",
        "phone": "+92 300 1234567",
        "preferences": {"language": "ur", "timezone": "Asia/Dubai"},
    }
    answer = await browser.patch(f"{URL}/me", json=wish, headers={"If-Match": before.headers["etag"]})
    assert answer.status_code == 200, answer.text
    me = answer.json()
    assert (me["first_name"], me["last_name"], me["phone"]) == ("عائشہ", "Khan", "+92 300 1234567")
    assert (me["preferences"]["language"], me["preferences"]["currency"]) == ("ur", "PKR")
    assert answer.headers["etag"] == f'"{me["version"]}"' != before.headers["etag"]
    assert (await browser.get(f"{URL}/me")).json() == me
    assert front_desk.acts()[-1] == "person.change"


async def test_a_stale_change_is_refused(front_desk: FrontDesk) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    etag = (await browser.get(f"{URL}/me")).headers["etag"]
    assert (await browser.patch(f"{URL}/me", json={"phone": None})).status_code == 428
    for status in (200, 412):
        answer = await browser.patch(f"{URL}/me", json={"last_name": "Malik"}, headers={"If-Match": etag})
        assert answer.status_code == status


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"first_name": ""}, "first_name"),
    ({"first_name": None}, "first_name"),
    ({"last_name": "x" * 101}, "last_name"),
    ({"phone": "call me"}, "phone"),
    ({"preferences": {"language": "de"}}, "preferences.language"),
    ({"preferences": {"timezone": "Mars/Olympus"}}, "preferences.timezone"),
    ({"email": AYESHA}, "email"),
    ({"role": "super_admin"}, "role"),
    ({"is_verified": True}, "is_verified"),
    ({"password_hash": "x"}, "password_hash"),
]


async def test_what_is_not_theirs_to_say_is_refused(front_desk: FrontDesk, subtests: pytest.Subtests) -> None:
    await front_desk.person()
    browser = await front_desk.signed_in()
    for wish, field in IMPOSSIBLE:
        with subtests.test(field=field):
            answer = await browser.patch(f"{URL}/me", json=wish, headers={"If-Match": "*"})
            assert [error["field"] for error in refused(answer)] == [field]


async def test_letters_come_in_the_persons_language_and_time_zone(front_desk: FrontDesk) -> None:
    await front_desk.person(language="ur")
    await front_desk.enrolled(await front_desk.signed_in())
    [letter] = front_desk.letters("account.second_factor_on")
    assert "دوہری تصدیق" in letter.subject
    assert "(Asia/Karachi)" in letter.text
