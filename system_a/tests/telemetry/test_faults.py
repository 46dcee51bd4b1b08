"""The corridor while the database is slow, silent or full, and while somebody invents names: bounded, and in words."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from solarhub.devices.identity import KnownDevice
from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.kit.postgres import start
from solarhub.telemetry.corridor.layouts import MOST_OF_AN_ORGANIZATION
from solarhub.telemetry.ingest import QUEUED_SAMPLES, Ingest, Receipt
from solarhub.telemetry.sample import Sample
from solarhub.telemetry.store import Store
from solarhub.telemetry.vocabulary import Reason
from tests.conftest import MakeTenant, TestDatabase, alembic, execute, temporary_data_dir
from tests.faults import Proxy, proxy_to
from tests.storing import Arrival, write
from tests.telemetry.conftest import MINUTE, Committed, known, recently, samples, stored

SECOND = timedelta(seconds=1)


@pytest.fixture
async def proxy(database: TestDatabase) -> AsyncIterator[Proxy]:
    async with proxy_to(database.admin_url) as between:
        yield between


@pytest.fixture
async def distant(proxy: Proxy, database: TestDatabase) -> AsyncIterator[Database]:
    """The worker's database, behind the proxy."""
    pool = Database(proxy.url(database.url("solarhub_worker")), "worker", pool_size=2)
    yield pool
    await pool.close()


async def test_a_slow_database_makes_senders_wait_and_come_back_and_loses_nothing(
    proxy: Proxy, distant: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={f"D{n}": "inverter" for n in range(80)})
    corridor = Ingest(distant, Committed().append)
    await corridor.start()
    start = recently()
    await corridor.take(known(tenant, "D0"), samples(start, 1), [])
    proxy.delay_seconds = 0.03
    told = [Sample(number, start + number * SECOND, {"power_output": 1.0}) for number in range(1, 1001)]

    longest = 0

    async def watch() -> None:
        nonlocal longest
        while True:
            longest = max(longest, corridor.queued)
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    answers = await asyncio.gather(
        *(corridor.take(known(tenant, name), told, []) for name in tenant.devices), return_exceptions=True
    )
    watching.cancel()

    taken = [answer for answer in answers if isinstance(answer, Receipt)]
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(taken) + len(refused) == 80
    assert refused
    assert all("More samples are waiting" in each.detail and each.retry_after > 0 for each in refused)
    assert {(answer.stored, answer.duplicates) for answer in taken} == {(1000, 0)}
    assert QUEUED_SAMPLES // 2 < longest <= QUEUED_SAMPLES
    assert len(stored(database)) == 1 + 1000 * len(taken)
    proxy.delay_seconds = 0.0
    again = await asyncio.gather(
        *(
            corridor.take(known(tenant, name), told, [])
            for name, answer in zip(tenant.devices, answers, strict=True)
            if isinstance(answer, Unavailable)
        )
    )
    assert {(answer.stored, answer.duplicates) for answer in again} == {(1000, 0)}
    await corridor.stop()


async def test_a_database_that_falls_silent_is_given_up_and_its_batch_is_not_acknowledged(
    proxy: Proxy, distant: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    device = known(await make_tenant())
    store = Store(distant, patience_seconds=0.5)
    start = recently()
    await write(store, [Arrival(device, samples(start, 1)[0])])

    proxy.is_hole = True
    with pytest.raises(Unavailable, match="may not be stored"):
        await write(store, [Arrival(device, sample) for sample in samples(start, 3)])
    assert not store.is_connected
    proxy.is_hole = False

    outcome = await write(store, [Arrival(device, sample) for sample in samples(start, 3)])
    store.disconnect()
    assert outcome.stored == [False, True, True]
    assert len(stored(database)) == 3


# ------------------------------------------------------------------------------------------------------------ full disk


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own, a few hundred megabytes in memory."""
    folder = temporary_data_dir()
    if os.geteuid() != 0:
        shutil.rmtree(folder)
        pytest.skip("a file system of its own for a full disk can only be mounted by root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m,mode=0755", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        shutil.rmtree(folder)
        pytest.skip(f"a file system for a full disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=False)
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_full_disk_is_told_to_senders_and_taken_back_when_there_is_room(small_disk: Path) -> None:
    """A server that finds no room for its log ends, and starts again when somebody starts it."""
    server = start(small_disk / "data")
    try:
        alembic("upgrade", "head", owner_url=server.url("solarhub_admin"))
        database = TestDatabase(server, "solarhub")
        device = register(database)
        pool = Database(database.url("solarhub_worker"), "worker", pool_size=1)
        corridor = Ingest(pool, Committed().append)
        await corridor.start()
        assert await taken(corridor, device, 0)
        fill(small_disk)
        acknowledged = 1000
        async with asyncio.timeout(60):
            while await taken(corridor, device, acknowledged):
                acknowledged += 1000
        assert not await taken(corridor, device, acknowledged)
        (small_disk / "filler").unlink()
        if not await answers(database):
            server = await asyncio.to_thread(start, small_disk / "data")
        async with asyncio.timeout(60):
            while not await taken(corridor, device, acknowledged):  # noqa: ASYNC110 - the corridor looks again by itself
                await asyncio.sleep(0.05)
        await corridor.stop()
        await pool.close()
        (row,) = database.fetch("select count(*) as rows, count(distinct at) as instants from telemetry_samples")
    finally:
        server.stop()

    assert (row["rows"], row["instants"]) == (acknowledged + 1000, acknowledged + 1000)


async def taken(corridor: Ingest, device: KnownDevice, first: int) -> bool:
    """Whether a thousand samples with a lot in them were acknowledged."""
    start_at = recently() - timedelta(days=3)
    told = [
        Sample(number, start_at + (first + number) * SECOND, {f"voltage_dc:s{n}": 1.0 for n in range(100)})
        for number in range(1000)
    ]
    try:
        receipt = await corridor.take(device, told, [])
    except Unavailable:
        return False
    assert receipt.stored + receipt.duplicates == 1000
    return True


def fill(folder: Path) -> None:
    """Leaves room for a few batches."""
    with (folder / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free - 6 * 2**20)


async def answers(database: TestDatabase) -> bool:
    """Whether the server lives; one that recovers by itself may take a moment."""
    for _ in range(20):
        try:
            database.fetch("select 1")
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.1)
        else:
            return True
    return False


def register(database: TestDatabase) -> KnownDevice:
    """A device in a database that has nothing yet."""
    (row,) = execute(
        database.admin_url,
        "insert into users (email, password_hash, first_name, last_name) values ('a@example.org', '!', 'A', 'B')",
        "insert into organizations (owner_id, name, slug) select id, 'Acme', 'acme' from users",
        "insert into sites (organization_id, name, latitude, longitude, timezone)"
        " select id, 'Plant', 31, 74, 'Asia/Karachi' from organizations",
        "insert into devices (site_id, organization_id, name, device_type, protocol)"
        " select id, organization_id, 'Inverter', 'inverter', 'http' from sites",
        "select d.id, d.organization_id, o.organization_key, d.device_key"
        " from devices d join organizations o on o.id = d.organization_id",
    )
    return KnownDevice(*row)


async def test_names_without_end_are_quarantined_once_there_are_too_many(
    ingest: Ingest, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter"})
    start = recently()
    database.fetch(
        "insert into telemetry_layouts (organization_key, series, series_sha256)"
        f" select {tenant.organization_key}, array['frequency:c' || n], sha256(n::text::bytea)"
        f" from generate_series(1, {MOST_OF_AN_ORGANIZATION - 1}) as n"
    )

    first = await ingest.take(known(tenant, "A"), samples(start, 2), [])
    second = await ingest.take(known(tenant, "A"), samples(start + 10 * MINUTE, 2, humidity=40.0), [])
    third = await ingest.take(known(tenant, "B"), samples(start, 2), [])

    assert (first.stored, second.stored, third.stored) == (2, 0, 2)
    assert {(entry.position, entry.reason) for entry in second.refused} == {
        (0, Reason.TOO_MANY_SERIES),
        (1, Reason.TOO_MANY_SERIES),
    }
    kept = database.fetch("select reason, raw from telemetry_quarantine")
    assert [tuple(row) for row in kept] == [("too_many_series", '{"humidity": 40.0}')] * 2
