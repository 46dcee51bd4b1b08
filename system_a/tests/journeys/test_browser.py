"""People at a browser, on a telephone's screen: every complaint of the browser fails the journey."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.clients import created
from tests.journeys.browser import CHROMIUM, PATIENCE_MS, Visitor, visitor
from tests.journeys.running_hub import ADMIN, PASSWORD, RunningHub

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"there is no {CHROMIUM}")

GUESTS_PASSWORD = "four lanterns beside the old canal"


async def overflow(person: Visitor) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(await person.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


async def test_a_person_signs_in_sees_their_page_and_signs_out(steady_hub: RunningHub) -> None:
    steady_hub.sign_in()
    async with visitor(steady_hub.url) as person:
        await person.page.goto(f"{steady_hub.url}/account")
        await person.arrive("/sign-in", "Sign in")
        await person.page.get_by_label("E-mail address").fill(ADMIN["email"])
        await person.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await person.page.keyboard.press("Enter")
        await person.arrive("/account", "Your account")
        await expect(person.page.get_by_text("this browser").first).to_be_visible()
        assert await overflow(person) <= 0
        await person.page.get_by_role("link", name="To your plants").click()
        await person.arrive("/", "Solar Hub")
        await expect(person.page.get_by_text("No plant yet.")).to_be_visible()
        await expect(person.page.get_by_text("Ayesha Khan")).to_be_visible()
        assert await overflow(person) <= 0
        await person.sign_out()
        await person.page.goto(f"{steady_hub.url}/")
        await person.arrive("/sign-in", "Sign in")


async def test_a_person_chooses_what_the_page_shows_first_and_how_often_it_is_drawn_anew(
    steady_hub: RunningHub,
) -> None:
    steady_hub.sign_in()
    async with visitor(steady_hub.url) as person:
        await person.sign_in(ADMIN["email"], PASSWORD)
        await expect(person.page.get_by_role("link", name="All plants")).to_have_attribute("aria-current", "page")
        await person.page.get_by_role("link", name="Ayesha Khan").click()
        await person.arrive("/account", "Your account")
        await person.page.get_by_label("First view").select_option("attention")
        await person.page.get_by_label("Seconds between refreshes").fill("5")
        await person.page.locator("#dashboard-form button").click()
        await expect(person.page.get_by_text("Saved.")).to_be_visible()
        await person.page.get_by_role("link", name="To your plants").click()
        await person.arrive("/", "Solar Hub")
        chosen = person.page.get_by_role("link", name="Those that need attention")
        await expect(chosen).to_have_attribute("aria-current", "page")
        assert await overflow(person) <= 0
        drawn = await person.page.locator("#now").text_content()
        await expect(person.page.locator("#now")).not_to_have_text(drawn or "", timeout=PATIENCE_MS)
        await expect(chosen).to_have_attribute("aria-current", "page")
        await person.page.get_by_role("link", name="All plants").click()
        await expect(person.page.get_by_role("link", name="All plants")).to_have_attribute("aria-current", "page")


async def test_the_first_person_sets_the_hub_up_from_the_link_that_it_prints(hub: RunningHub) -> None:
    async with visitor(hub.url, width=1200) as person:
        await person.set_up(
            hub.set_up_link(),
            name=(ADMIN["first_name"], ADMIN["last_name"]),
            organization="Lahore Solar",
            email=ADMIN["email"],
            password=PASSWORD,
        )
        await expect(person.page.get_by_text("Lahore Solar")).to_be_visible()
        await person.sign_out()


async def test_a_wrong_password_is_told_beside_the_form_and_the_address_stays(steady_hub: RunningHub) -> None:
    steady_hub.sign_in()
    async with visitor(steady_hub.url, locale="ur-PK") as person:
        await person.page.goto(f"{steady_hub.url}/sign-in")
        assert await person.page.evaluate("document.dir") == "rtl"
        await person.page.locator("#email").fill(ADMIN["email"])
        await person.page.locator("#password").fill("not the password")
        await person.page.get_by_role("button", name="سائن اِن").click()
        await expect(person.page.get_by_role("alert")).to_have_text("ای میل یا پاس ورڈ درست نہیں۔")
        await expect(person.page.locator("#email")).to_have_value(ADMIN["email"])
        assert await overflow(person) <= 0
        # the browser itself writes the refusal into its console
        assert [trouble for trouble in person.troubles if "401" not in trouble] == []
        person.troubles.clear()


async def test_somebody_who_was_invited_begins_an_account_and_sees_the_plants(steady_hub: RunningHub) -> None:
    async with steady_hub.person() as admin:
        [place] = (await admin.get("/api/v1/me/places")).json()["organizations"]
        path = f"/api/v1/organizations/{place['id']}"
        await created(admin, f"{path}/sites", {"name": "Gulberg roof", "latitude": 31.52, "longitude": 74.36})
        wanted = {"email": "bilal@example.com", "role": "viewer", "first_name": "Bilal", "last_name": "Ahmed"}
        link = (await created(admin, f"{path}/invitations", wanted))["link"]
    async with visitor(steady_hub.url) as guest:
        await guest.page.goto(link)
        await expect(guest.page.get_by_text("invites you to \N{FIRST STRONG ISOLATE}Lahore Solar")).to_be_visible()
        assert guest.page.url == f"{steady_hub.url}/invitation", "the token is gone from the address bar"
        await expect(guest.page.get_by_role("textbox", name="E-mail address")).to_have_value("bilal@example.com")
        assert await overflow(guest) <= 0
        await guest.begin_and_accept(GUESTS_PASSWORD)
        await expect(guest.page.get_by_role("heading", name="Gulberg roof")).to_be_visible()
        await guest.sign_out()
        await guest.sign_in("bilal@example.com", GUESTS_PASSWORD)
