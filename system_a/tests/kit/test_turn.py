from solarhub.kit.db import Database
from solarhub.kit.turn import Turn
from tests.conftest import TestDatabase

NUMBER = 4711


async def test_of_two_one_has_the_turn_until_it_gives_it_back(worker_database: Database) -> None:
    first, second = Turn(worker_database, NUMBER), Turn(worker_database, NUMBER)
    try:
        assert await first.take()
        assert await first.take(), "it keeps what it has"
        assert not await second.take()
        await first.give_back()
        assert await second.take()
        assert not await first.take()
    finally:
        await first.give_back()
        await second.give_back()


async def test_turns_of_other_numbers_have_nothing_to_do_with_it(worker_database: Database) -> None:
    first, second = Turn(worker_database, NUMBER), Turn(worker_database, NUMBER + 1)
    try:
        assert await first.take()
        assert await second.take()
    finally:
        await first.give_back()
        await second.give_back()


async def test_whoever_loses_the_server_loses_the_turn(worker_database: Database, database: TestDatabase) -> None:
    first, second = Turn(worker_database, NUMBER), Turn(worker_database, NUMBER)
    try:
        assert await first.take()
        database.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'solarhub_worker' and datname = current_database()"
        )
        while not await second.take():
            pass
        assert not await first.take()
    finally:
        await first.give_back()
        await second.give_back()


async def test_while_there_is_no_server_it_is_nobodys(worker_database: Database) -> None:
    nowhere = Database("postgresql://solarhub_worker@127.0.0.1:1/solarhub", "worker")
    assert not await Turn(nowhere, NUMBER).take()
    await nowhere.close()
