"""Several evaluators on one database: whose shard is whose, and how one hears of what another's process stored."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from solarhub.alerts.evaluation import Evaluator
from solarhub.alerts.queries import lease
from solarhub.alerts.recovery import SHARDS
from solarhub.alerts.sharing import Sharing
from solarhub.kit.db import Database, transaction
from tests.alerts.conftest import FINE, INVERTER, LOW, MINUTE, NOON, SECOND_INVERTER, MakePlant, Plant, minutes
from tests.conftest import TestDatabase

NewSharing = Callable[[str], Awaitable[Sharing]]


@pytest.fixture
def join(worker_database: Database) -> NewSharing:
    """Another evaluator comes, and looks what it may have."""

    async def joined(owner: str) -> Sharing:
        sharing = Sharing(worker_database, owner, exclusive=False)
        await sharing.beat()
        await sharing.claim()
        return sharing

    return joined


def owners(database: TestDatabase) -> list[str]:
    return [row["owner"] for row in database.fetch("select owner from evaluation_leases order by shard")]


def run_out(database: TestDatabase, owner: str) -> None:
    """As if that evaluator had not been heard of for too long."""
    database.fetch(
        f"update evaluation_leases set leased_until = now() - interval '1 second' where owner = '{owner}'",
        f"delete from evaluators where owner = '{owner}'",
    )


async def test_whoever_is_alone_judges_everything(join: NewSharing, database: TestDatabase) -> None:
    one = await join("one")
    assert one.held == frozenset(range(SHARDS))
    assert one.is_alone
    assert owners(database) == ["one"] * SHARDS


async def test_shards_are_shared_out_evenly_among_those_who_live(join: NewSharing, database: TestDatabase) -> None:
    everybody = [await join("one")]
    for name in ("two", "three"):
        newcomer = await join(name)
        assert newcomer.held == frozenset()
        for sharing in everybody:
            await sharing.claim()
            await sharing.release(sharing.surplus())
        everybody.append(newcomer)
        for sharing in everybody:
            await sharing.claim()
    assert sorted(len(sharing.held) for sharing in everybody) == [2, 3, 3]
    assert sorted(shard for sharing in everybody for shard in sharing.held) == list(range(SHARDS))
    for sharing in everybody:
        assert sharing.surplus() == frozenset()
        assert not sharing.is_alone
        assert {shard for shard, owner in enumerate(owners(database)) if owner == sharing.owner} == sharing.held


async def test_the_shards_of_one_that_died_are_taken_and_known_to_be_of_a_dead_one(
    join: NewSharing, database: TestDatabase
) -> None:
    one, two = await join("one"), await join("two")
    assert await two.claim() == []
    run_out(database, "one")
    assert [each.let_go for each in await two.claim()] == [False] * SHARDS
    await one.beat()
    assert one.held == frozenset()
    await two.leave()
    assert [each.let_go for each in await one.claim()] == [True] * SHARDS


async def test_a_beat_waits_for_no_transaction_of_its_own_and_a_rival_does(
    join: NewSharing, worker_database: Database, database: TestDatabase
) -> None:
    one, two = await join("one"), await join("two")
    async with transaction(worker_database) as judging:
        assert await lease.hold(judging, "one", one.held)
        async with asyncio.timeout(2):
            await one.beat()
        run_out(database, "one")
        assert await two.claim() == []
    assert len(await two.claim()) == SHARDS
    async with transaction(worker_database) as judging:
        assert not await lease.hold(judging, "one", one.held)


# ------------------------------------------------------------------------------------------------------- evaluators


@asynccontextmanager
async def judging(database: Database) -> AsyncIterator[Evaluator]:
    """One that judges by itself until the block ends."""
    evaluator, stop = Evaluator(database), asyncio.Event()
    await evaluator.start()
    running = asyncio.create_task(evaluator.run(stop))
    try:
        yield evaluator
    finally:
        stop.set()
        await running


async def until(plant: Plant, lives: list[tuple[int, int | None]]) -> None:
    async with asyncio.timeout(20):
        while plant.lives() != lives:  # noqa: ASYNC110 - what is waited for is a row in the database
            await asyncio.sleep(0.05)


async def shared(database: TestDatabase, count: int) -> None:
    async with asyncio.timeout(20):
        while len(set(owners(database))) != count:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.05)


async def test_what_one_process_stores_is_judged_by_the_one_that_has_the_device(
    make_plant: MakePlant, worker_database: Database, database: TestDatabase
) -> None:
    """Whichever of the two a report goes to, its device's alert comes once and in time."""
    plants = [await make_plant(name) for name in ("One", "Two")]  # three devices each, in shards of either half
    for plant in plants:
        plant.rule(minutes=0)
    async with judging(worker_database) as one, judging(worker_database) as two:
        await shared(database, 2)
        for number, hub in enumerate([one, two, two, one, two, one]):
            for plant in plants:
                hub.committed(await plant.commit([(INVERTER, NOON + number * MINUTE, (LOW, FINE)[number % 2])]))
            lives = [(2 * i, 2 * i + 1 if 2 * i + 1 <= number else None) for i in range(number // 2 + 1)]
            for plant in plants:
                await until(plant, lives)
    assert one.tally.opened + two.tally.opened == 6
    assert one.tally.read_back + two.tally.read_back >= 6
    assert database.fetch("select * from evaluation_calls") == []
    assert set(owners(database)) == {""}


async def test_a_device_that_is_added_is_judged_wherever_its_first_reports_go(
    make_plant: MakePlant, worker_database: Database, database: TestDatabase
) -> None:
    async with judging(worker_database) as one, judging(worker_database) as two:
        await shared(database, 2)
        plants = [await make_plant(name) for name in ("One", "Two")]
        for plant, hub in zip(plants, (two, one), strict=True):
            plant.rule(minutes=0)
            number = 0
            async with asyncio.timeout(20):
                while not plant.alerts():
                    hub.committed(await plant.commit(minutes(LOW, start=NOON + number * MINUTE)))
                    number += 1
                    await asyncio.sleep(0.2)


async def test_one_that_ends_leaves_its_devices_to_the_other_in_the_middle_of_a_breach(
    plant: Plant, worker_database: Database, database: TestDatabase
) -> None:
    plant.rule(minutes=4)
    devices = (INVERTER, SECOND_INVERTER)
    async with judging(worker_database) as one:
        for number in range(2):
            one.committed(await plant.commit([(device, NOON + number * MINUTE, LOW) for device in devices]))
        async with judging(worker_database) as two:
            await shared(database, 2)
            two.committed(await plant.commit([(device, NOON + 2 * MINUTE, LOW) for device in devices]))
        one.committed(await plant.commit([(device, NOON + 3 * MINUTE, LOW) for device in devices]))
        one.committed(await plant.commit([(device, NOON + 4 * MINUTE, LOW) for device in devices]))
        await until(plant, [(4, None), (4, None)])


async def test_what_a_dead_process_stored_and_told_nobody_is_found_by_whoever_takes_over(
    plant: Plant, worker_database: Database, database: TestDatabase
) -> None:
    plant.rule(minutes=0)
    dead = Evaluator(worker_database)
    await dead.start()
    async with judging(worker_database):
        await plant.commit(minutes(LOW, FINE))  # in the store, and handed to nobody
        run_out(database, owners(database)[0])
        await until(plant, [(0, 1)])


async def test_one_that_was_cut_off_judges_nothing_of_what_others_have_by_now(
    plant: Plant, worker_database: Database, database: TestDatabase
) -> None:
    plant.rule(minutes=0)
    frozen = Evaluator(worker_database)
    await frozen.start()
    run_out(database, owners(database)[0])
    async with judging(worker_database) as other:
        await frozen.judge(await plant.commit(minutes(LOW)))
        assert plant.lives() == []
        await frozen.judge(await plant.commit(minutes(FINE, start=NOON + MINUTE)))
        await until(plant, [(0, 1)])
        assert other.tally.opened == 1
