import asyncio

import pytest

from solarhub.accounts.schemas import Person
from solarhub.accounts.setup import make_first_admin, set_up_link, take_set_up_token
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Conflict, Unauthenticated
from tests.conftest import TestDatabase

PUBLIC_URL = "https://hub.example.org"
FIRST = Person(email="Ayesha@example.com", first_name="Ayesha", last_name="Khan")


def token_in(link: str | None) -> str:
    assert link is not None
    return link.removeprefix(f"{PUBLIC_URL}/setup#")


async def test_a_new_link_replaces_the_one_before(auth_database: Database) -> None:
    first = token_in(await set_up_link(auth_database, PUBLIC_URL))
    second = token_in(await set_up_link(auth_database, PUBLIC_URL))
    async with transaction(auth_database) as auth:
        with pytest.raises(Unauthenticated):
            await take_set_up_token(auth, first)
        await take_set_up_token(auth, second)
        with pytest.raises(Unauthenticated):
            await take_set_up_token(auth, second)


async def test_there_is_no_link_once_somebody_runs_the_hub(
    auth_database: Database, app_database: Database, database: TestDatabase
) -> None:
    async with transaction(app_database) as session:
        admin = await make_first_admin(session, FIRST, "a hash")
    assert await set_up_link(auth_database, PUBLIC_URL) is None
    [row] = database.fetch("select email, role, password_hash, is_verified from users")
    assert tuple(row) == ("ayesha@example.com", "super_admin", "a hash", False)
    assert admin.email == "ayesha@example.com"


async def test_a_link_that_let_nobody_in_works_again(auth_database: Database) -> None:
    token = token_in(await set_up_link(auth_database, PUBLIC_URL))

    async def fail() -> None:
        async with transaction(auth_database) as auth:
            await take_set_up_token(auth, token)
            raise RuntimeError("the password was not taken")

    with pytest.raises(RuntimeError):
        await fail()
    async with transaction(auth_database) as auth:
        await take_set_up_token(auth, token)


async def test_of_several_at_once_one_becomes_the_first(app_database: Database, database: TestDatabase) -> None:
    async def become(number: int) -> None:
        person = Person(email=f"p{number}@example.com", first_name="Ayesha", last_name="Khan")
        async with transaction(app_database) as session:
            await make_first_admin(session, person, "a hash")

    ended = await asyncio.gather(*(become(number) for number in range(5)), return_exceptions=True)
    assert ended.count(None) == 1
    assert sum(isinstance(each, Conflict) for each in ended) == 4
    assert len(database.fetch("select from users")) == 1
