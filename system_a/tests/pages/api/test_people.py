import re

import httpx
import pytest

from tests.clients import People

OPEN_TO_ALL = ["/sign-in", "/open", "/setup", "/invitation", "/reset-password", "/verify-email"]


@pytest.mark.parametrize("path", OPEN_TO_ALL)
async def test_a_page_for_people_who_come_in_is_drawn_for_everybody(people: People, path: str) -> None:
    visitor = people.anonymous()
    answer = await visitor.get(path, headers={"Accept-Language": "ur-PK"})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == "ur"
    assert '<html lang="ur" dir="rtl">' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "form-action 'none'" in policy
    assert "unsafe" not in policy
    english = await visitor.get(path, params={"language": "en"}, headers={"Accept-Language": "ur-PK"})
    assert '<html lang="en" dir="ltr">' in english.text


async def test_the_account_is_shown_to_whom_it_belongs(people: People) -> None:
    answer = await people.anonymous().get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/account")
    person = await people.stranger()
    own = (await person.get("/account")).text
    assert re.search(r"Person \d+ Khan", own)
    assert "person" in own


async def test_whoever_is_signed_in_is_led_on_from_the_page_that_asks_for_a_password(
    api: httpx.AsyncClient, people: People
) -> None:
    assert "} else if (true) {" in (await api.get("/sign-in")).text
    assert "} else if (false) {" in (await people.anonymous().get("/sign-in")).text


async def test_pages_are_no_part_of_the_apis_description(api: httpx.AsyncClient) -> None:
    described = (await api.get("/api/v1/openapi.json")).json()["paths"]
    assert [path for path in described if path in {"/", "/account", *OPEN_TO_ALL}] == []
