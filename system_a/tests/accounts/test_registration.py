import asyncio

import pytest

from solarhub.accounts.registration import complete, enter_admin, find_or_begin, find_or_enter, pending
from solarhub.accounts.schemas import Person
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Conflict
from tests.conftest import TestDatabase

AYESHA = Person(email="Ayesha@Example.com", first_name="Ayesha", last_name="Khan", phone="+92 300 1234567")


async def test_a_person_is_entered_once_with_an_address_in_lower_case(
    app_database: Database, database: TestDatabase
) -> None:
    async def enter() -> None:
        async with transaction(app_database) as session:
            await find_or_enter(session, AYESHA)

    await asyncio.gather(*(enter() for _ in range(5)))
    [row] = database.fetch("select email, password_hash, phone from users")
    assert tuple(row) == ("ayesha@example.com", "!", "+92 300 1234567")


@pytest.mark.parametrize("change", ["is_active = false", "removed_at = now()"])
async def test_an_account_out_of_use_is_a_conflict(app_database: Database, database: TestDatabase, change: str) -> None:
    async with transaction(app_database) as session:
        await find_or_enter(session, AYESHA)
    database.fetch(f"update users set {change}")
    async with transaction(app_database) as session:
        with pytest.raises(Conflict):
            await find_or_enter(session, AYESHA)


async def test_a_pending_person_completes_the_account_once(
    app_database: Database, auth_database: Database, database: TestDatabase
) -> None:
    async with transaction(app_database) as session:
        user = await find_or_begin(session, "ayesha@example.com")
    async with transaction(auth_database) as auth:
        waiting = await pending(auth, user.id)
    assert waiting is not None

    async def take_over(name: str) -> None:
        async with transaction(app_database) as session:
            await complete(session, waiting, first_name=name, last_name="Khan", password_hash=name, is_verified=True)

    ended = await asyncio.gather(take_over("One"), take_over("Two"), return_exceptions=True)
    assert [type(each) for each in ended if each is not None] == [Conflict]
    [row] = database.fetch("select first_name, password_hash, is_verified from users")
    assert row["first_name"] == row["password_hash"]
    assert row["is_verified"] is True
    async with transaction(auth_database) as auth:
        assert await pending(auth, user.id) is None


async def test_nobody_out_of_use_is_pending(
    app_database: Database, auth_database: Database, database: TestDatabase
) -> None:
    async with transaction(app_database) as session:
        user = await find_or_begin(session, "ayesha@example.com")
    database.fetch("update users set is_active = false")
    async with transaction(auth_database) as auth:
        assert await pending(auth, user.id) is None


async def test_somebody_known_becomes_an_admin_and_keeps_name_and_password(
    app_database: Database, database: TestDatabase
) -> None:
    async with transaction(app_database) as session:
        await find_or_enter(session, AYESHA)
        await enter_admin(session, Person(email=AYESHA.email, first_name="Other", last_name="Name"))
    [row] = database.fetch("select role, first_name, password_hash from users")
    assert tuple(row) == ("super_admin", "Ayesha", "!")
