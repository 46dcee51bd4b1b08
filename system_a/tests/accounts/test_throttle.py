import asyncio
from datetime import timedelta

import pytest

from solarhub.accounts.jobs import forget
from solarhub.accounts.queries import throttles
from solarhub.accounts.throttle import LIMITS, Limit, give_back, spend, spend_each
from solarhub.accounts.throttle import forget as forget_bucket
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import TooManyRequests
from tests.conftest import TestDatabase

NAMES = sorted(LIMITS)


async def test_so_many_tries_pass_at_once_and_the_next_is_told_when(auth_database: Database) -> None:
    limit = LIMITS["claims"]
    for _ in range(limit.at_once):
        await spend(auth_database, "claims", "an organization")
    with pytest.raises(TooManyRequests) as refusal:
        await spend(auth_database, "claims", "an organization")
    assert limit.every.total_seconds() - 10 < refusal.value.retry_after <= limit.every.total_seconds()
    await spend(auth_database, "claims", "another organization")


async def test_one_more_passes_after_a_while_even_if_somebody_keeps_trying(
    auth_database: Database, database: TestDatabase
) -> None:
    """A try that is refused costs nothing: a slow trickle always remains."""
    limit = LIMITS["sign_in.account"]
    for _ in range(limit.at_once):
        await spend(auth_database, "sign_in.account", "ayesha")
    for _ in range(5):
        with pytest.raises(TooManyRequests):
            await spend(auth_database, "sign_in.account", "ayesha")
    database.fetch(f"update throttles set empty_at = empty_at - interval '{limit.every.total_seconds()} seconds'")
    await spend(auth_database, "sign_in.account", "ayesha")
    with pytest.raises(TooManyRequests):
        await spend(auth_database, "sign_in.account", "ayesha")


async def test_of_many_at_the_same_instant_exactly_as_many_pass_as_are_allowed(auth_database: Database) -> None:
    tries = [spend(auth_database, "set_up.address", "192.0.2.1") for _ in range(25)]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert ended.count(None) == LIMITS["set_up.address"].at_once
    assert all(isinstance(each, TooManyRequests) for each in ended if each is not None)


async def test_several_limits_count_at_once_and_deadlock_nobody(auth_database: Database) -> None:
    tries = [
        spend_each(
            auth_database, ("sign_in.address", f"192.0.2.{n}"), ("sign_in.account", f"p{n % 3}"), ("sign_in.overall",)
        )
        for n in range(20)
    ]
    assert await asyncio.gather(*tries) == [None] * 20


async def test_what_was_counted_before_a_refusal_stays_counted(auth_database: Database, database: TestDatabase) -> None:
    async with transaction(auth_database) as auth:
        assert await throttles.take(auth, "full", timedelta(hours=1), timedelta(hours=1)) is None
        assert await throttles.take(auth, "full", timedelta(hours=1), timedelta(hours=1)) is not None
    for _ in range(10):
        await spend(auth_database, "sign_in.account", "ayesha")
    with pytest.raises(TooManyRequests):
        await spend_each(auth_database, ("sign_in.address", "192.0.2.9"), ("sign_in.account", "ayesha"))
    assert len(database.fetch("select from throttles where bucket like 'sign_in.address%'")) == 1


async def test_a_try_that_is_given_back_was_none(auth_database: Database) -> None:
    for _ in range(3 * LIMITS["set_up.address"].at_once):
        await spend(auth_database, "set_up.address", "192.0.2.1")
        async with transaction(auth_database) as auth:
            await give_back(auth, ("set_up.address", "192.0.2.1"))


async def test_a_bucket_that_is_forgotten_is_empty(auth_database: Database) -> None:
    for _ in range(LIMITS["second_factor"].at_once):
        await spend(auth_database, "second_factor", 1)
    async with transaction(auth_database) as auth:
        await forget_bucket(auth, "second_factor", 1)
    await spend(auth_database, "second_factor", 1)


async def test_the_table_holds_nobodys_address_and_forgets_what_is_empty(
    auth_database: Database, database: TestDatabase
) -> None:
    await spend(auth_database, "letter.account", "ayesha@example.com")
    [row] = database.fetch("select bucket from throttles")
    assert "ayesha" not in row["bucket"]
    async with transaction(auth_database) as auth:
        await forget(auth)
    assert len(database.fetch("select from throttles")) == 1
    database.fetch("update throttles set empty_at = now() - interval '1 second'")
    async with transaction(auth_database) as auth:
        await forget(auth)
    assert database.fetch("select from throttles") == []


async def test_parts_of_a_name_are_kept_apart(auth_database: Database, database: TestDatabase) -> None:
    await spend(auth_database, "sign_in.known_place", "a", "bc")
    await spend(auth_database, "sign_in.known_place", "ab", "c")
    assert len(database.fetch("select from throttles")) == 2


@pytest.mark.parametrize("name", NAMES)
def test_no_limit_locks_anybody_out_for_longer_than_an_hour(name: str) -> None:
    limit: Limit = LIMITS[name]
    assert limit.at_once >= 1
    assert timedelta() < limit.every <= timedelta(hours=1)
