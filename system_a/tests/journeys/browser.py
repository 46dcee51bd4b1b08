"""Somebody at a browser, with a telephone's screen: a real Chromium on the hub's own pages, step by step."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 30_000


@dataclass
class Visitor:
    """`url` is where the hub is; `troubles` is everything that the browser complained of."""

    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)

    async def arrive(self, path: str, heading: str) -> None:
        """Returns when the address is there, with that heading on the page."""
        await self.page.wait_for_url(lambda address: address.partition("?")[0] == f"{self.url}{path}")
        await expect(self.page.get_by_role("heading", name=heading).first).to_be_visible()

    async def set_up(self, link: str, *, name: tuple[str, str], email: str, password: str, organization: str) -> None:
        """Opens the link that a new hub prints, and becomes the one who runs it."""
        await self.page.goto(link)
        await self.page.locator("#person-first_name").fill(name[0])
        await self.page.locator("#person-last_name").fill(name[1])
        await self.page.locator("#organization-name").fill(organization)
        await self.page.locator("#person-email").fill(email)
        await self.page.locator("#password").fill(password)
        await self.page.locator("#setup-form button").click()
        await self.arrive("/", "Solar Hub")

    async def sign_in(self, email: str, password: str) -> None:
        """By the page that everybody is led to, and on to the overview."""
        await self.page.goto(f"{self.url}/")
        await self.arrive("/sign-in", "Sign in")
        await self.page.locator("#email").fill(email)
        await self.page.locator("#password").fill(password)
        await self.page.locator("#password-form button").click()
        await self.arrive("/", "Solar Hub")

    async def sign_out(self) -> None:
        await self.page.locator("#sign-out").click()
        await self.arrive("/sign-in", "Sign in")

    async def begin_and_accept(self, password: str) -> None:
        """On the page of an invitation: an account begins, and what was offered is taken."""
        await self.page.locator("#begin-form #password").fill(password)
        await self.page.locator("#begin-form button").click()
        await self.arrive("/", "Solar Hub")


@asynccontextmanager
async def visitor(
    url: str, *, locale: str = "en-GB", width: int = 360, program: str = CHROMIUM, home: Path | None = None
) -> AsyncIterator[Visitor]:
    """A new browser, which must have had nothing to complain of at the end.

    `program` starts it, for one on another network; `home` is the folder in which it finds what its owner trusts.
    """
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    environment: dict[str, str | float | bool] = {**os.environ, **({"HOME": str(home)} if home else {})}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments, env=environment)
        try:
            context = await browser.new_context(viewport={"width": width, "height": 740}, locale=locale)
            context.set_default_timeout(PATIENCE_MS)
            person = Visitor(await context.new_page(), url)
            person.page.on("console", lambda said: person.troubles.append(said.text) if said.type == "error" else None)
            person.page.on("pageerror", lambda error: person.troubles.append(str(error)))
            yield person
            assert person.troubles == [], person.troubles
        finally:
            await browser.close()
