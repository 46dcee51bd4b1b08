"""A hub's front desk as a test stands at it: people with passwords, their browsers, and the letters they get."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import httpx
import pyotp
from argon2 import PasswordHasher

from solarhub.accounts.caller import Caller
from solarhub.accounts.desk import Desk
from solarhub.accounts.sessions import COOKIE
from solarhub.kit.db import Database
from tests.clients import KEYRING, PUBLIC_URL, People
from tests.conftest import TestDatabase

URL = "/api/v1"
AYESHA = "ayesha@example.com"
PASSWORD = "mango kettle seventeen rooftops"
OTHER_PASSWORD = "nine quiet herons over Ravi"


class QuickHasher(PasswordHasher):
    """argon2id with next to no memory, which counts what it does."""

    def __init__(self, memory_cost: int = 8) -> None:
        super().__init__(time_cost=1, memory_cost=memory_cost, parallelism=1)
        self.hashes = 0
        self.verifications = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.hashes += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - its parent names it so
        self.verifications += 1
        return super().verify(hash, password)


@dataclass(frozen=True)
class Letter:
    """A message as it waits to be sent."""

    event: str
    recipient: str
    subject: str
    text: str
    link: str | None

    @property
    def token(self) -> str:
        assert self.link is not None
        return self.link.partition("#")[2]


@dataclass
class FrontDesk:
    """The hub behind it is `people.app`; each browser calls from an address of its own unless told otherwise."""

    people: People
    database: TestDatabase
    hasher: QuickHasher
    _next: int = field(default=1)

    async def person(
        self,
        email: str = AYESHA,
        *,
        password: str | None = PASSWORD,
        role: str = "viewer",
        active: bool = True,
        verified: bool = True,
        language: str = "en",
    ) -> UUID:
        """Somebody with an account, entered by SQL; without a password nobody can sign in to it."""
        user_id = await self.people.user(role, email=email, active=active)
        await self.people.connection.execute(
            "update users set password_hash = $2, is_verified = $3, first_name = 'Ayesha', last_name = 'Khan',"
            " preferences = jsonb_build_object('language', $4::text) where id = $1",
            user_id,
            PasswordHasher.hash(self.hasher, password) if password is not None else "!",
            verified,
            language,
        )
        self.hasher.hashes = 0
        return user_id

    def browser(self, address: str | None = None) -> httpx.AsyncClient:
        """One in which nobody is signed in."""
        if address is None:
            address, self._next = f"192.0.2.{self._next}", self._next + 1
        return self.people.anonymous(peer=(address, 50_000))

    async def sign_in(
        self, browser: httpx.AsyncClient, email: str = AYESHA, password: str = PASSWORD
    ) -> httpx.Response:
        return await browser.post(f"{URL}/sessions", json={"email": email, "password": password})

    async def signed_in(
        self, email: str = AYESHA, password: str = PASSWORD, *, address: str | None = None
    ) -> httpx.AsyncClient:
        """A browser in which that person is signed in."""
        browser = self.browser(address)
        answer = await self.sign_in(browser, email, password)
        assert answer.status_code == 201, answer.text
        assert answer.json()["second_factor_required"] is False
        return browser

    async def enrolled(self, browser: httpx.AsyncClient, password: str = PASSWORD) -> tuple[pyotp.TOTP, list[str]]:
        """Switches the second factor on; the authenticator and the recovery codes."""
        answer = await browser.post(f"{URL}/me/second-factor", json={"password": password})
        assert answer.status_code == 200, answer.text
        authenticator = pyotp.TOTP(answer.json()["secret"])
        answer = await browser.post(f"{URL}/me/second-factor/confirm", json={"code": authenticator.now()})
        assert answer.status_code == 200, answer.text
        return authenticator, answer.json()["recovery_codes"]

    def authenticator(self, user_id: UUID) -> pyotp.TOTP:
        """The person's, as the hub knows it; its last code may be given again."""
        self.database.fetch("update user_second_factors set last_step = null")
        [row] = self.database.fetch(f"select secret_sealed from user_second_factors where user_id = '{user_id}'")
        return pyotp.TOTP(KEYRING.open(row["secret_sealed"], user_id, "second_factor"))

    def letters(self, event: str | None = None) -> list[Letter]:
        """What was posted, the oldest first."""
        rows = self.database.fetch("select * from notifications order by id")
        return [
            Letter(
                row["event"],
                row["recipient"],
                _json(row["content"])["subject"],
                _json(row["content"])["text"],
                KEYRING.open(row["secret_sealed"], row["id"], "link") if row["secret_sealed"] else None,
            )
            for row in rows
            if event is None or row["event"] == event
        ]

    def acts(self) -> list[str]:
        """What the audit log says happened, in its order."""
        return [row["action"] for row in self.database.fetch("select action from audit_entries order by id")]

    @property
    def auth(self) -> Database:
        found: Database = self.people.app.state.databases.auth
        return found

    def desk(self, address: str = "198.51.100.1", token: str | None = None) -> Desk:
        """For use cases that are called without a request."""
        return Desk(self.auth, self.people.app.state.passwords, KEYRING, PUBLIC_URL, Caller(address, token=token))


def token_of(browser: httpx.AsyncClient) -> str:
    return browser.cookies[COOKIE]


async def statuses(*answers: Any) -> list[int]:
    """Of requests that are sent at once."""
    return sorted(answer.status_code for answer in await asyncio.gather(*answers))


def _json(value: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found
