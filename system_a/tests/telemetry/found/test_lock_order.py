"""Whoever writes down, follows, adopts or tidies waits for others in one order (decision 19), and so not for ever."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from solarhub.drivers.dialects import Message
from solarhub.kit.db import Session, transaction
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.telemetry.found import following
from solarhub.telemetry.found.notebook import Notebook
from tests.telemetry.found.conftest import Place, burst, yesterday
from tests.telemetry.found.test_tidying import tidied
from tests.waiting import until_blocked

Step = Callable[[following.Following, Session], Awaitable[None]]


@pytest.fixture
async def other(place: Place) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Somebody else, who is at the same rows."""
    connection = await asyncpg.connect(**asyncpg_arguments(place.database.admin_url))
    yield connection
    await connection.close()


async def hold(other: "asyncpg.Connection[Any]", table: str, row_id: UUID) -> None:
    await other.execute(f"select from {table} where id = $1 for update", row_id)


async def take_all(other: "asyncpg.Connection[Any]", table: str) -> None:
    """Refused where somebody who waits for us holds one of them: then each would wait for the other."""
    await other.execute(f"select from {table} for update nowait")


@pytest.mark.parametrize(
    ("step", "undone"),
    [
        (following.Following.store_waiting, "update raw_messages set instants = null"),
        (following.Following.replay, "update found_senders set replay_from = first_seen_at, replay_asked_at = now()"),
    ],
    ids=["what waited is stored", "messages are read anew"],
)
async def test_a_sender_is_followed_only_once_its_device_is_held(
    place: Place,
    notebook: Notebook,
    other: "asyncpg.Connection[Any]",
    step: Callable[[following.Following, Session], Any],
    undone: str,
) -> None:
    await place.note(notebook, *burst(yesterday()))
    place.adopt()
    await place.follow()
    place.rows(undone)

    async def follow() -> None:
        async with transaction(place.worker) as worker:
            await step(place.following(), worker)

    async with other.transaction():
        # as it is when the device is removed: the device, then those who it was
        await hold(other, "devices", place.tenant.devices["Inverter 1"])
        follows = asyncio.create_task(follow())
        await until_blocked(other, "solarhub_worker")
        await take_all(other, "found_senders")
        await take_all(other, "raw_messages")
    await follows

    assert len(place.samples()) == 1
    assert place.rows("select from raw_messages where instants is null") == []
    assert place.rows("select from found_senders where replay_asked_at is not null") == []


async def test_senders_are_written_down_only_once_their_devices_are_held(
    place: Place, notebook: Notebook, other: "asyncpg.Connection[Any]"
) -> None:
    device_id = place.tenant.devices["Inverter 1"]
    await place.note(notebook, *burst(yesterday()), device_id=device_id)

    async with other.transaction():
        await hold(other, "devices", device_id)
        heard = Message("zigbee2mqtt/meter/state", b"on", yesterday())
        writes = asyncio.create_task(place.note(notebook, *burst(yesterday()), heard, device_id=device_id))
        await until_blocked(other, "solarhub_worker")
        await take_all(other, "found_senders")
    await writes

    assert [row["messages"] for row in place.rows("select messages from found_senders order by sender")] == [8, 1]


async def test_senders_are_written_down_in_the_order_of_their_ids(
    place: Place, notebook: Notebook, other: "asyncpg.Connection[Any]"
) -> None:
    first, *_ = [await said(place, notebook, name) for name in ("zigbee2mqtt/a", "zigbee2mqtt/b")]

    async with other.transaction():
        await hold(other, "found_senders", first)
        messages = [Message(f"zigbee2mqtt/{name}/state", b"on", yesterday()) for name in ("b", "a")]
        writes = asyncio.create_task(place.note(notebook, *messages))
        await until_blocked(other, "solarhub_worker")
        await take_all(other, "found_senders")
    await writes

    assert [row["messages"] for row in place.rows("select messages from found_senders")] == [2, 2]


async def said(place: Place, notebook: Notebook, sender: str) -> UUID:
    """The id of one of whom a first message was written down."""
    await place.note(notebook, Message(f"{sender}/state", b"on", yesterday()))
    [row] = place.rows(f"select id from found_senders where sender = '{sender}'")
    found: UUID = row["id"]
    return found


_SMALL_ONES = """
insert into raw_messages (organization_id, sender_id, first_at, last_at, messages, dialect, mapping_version, body)
select organization_id, sender_id, first_at, last_at, messages, dialect, mapping_version, body
from raw_messages, generate_series(1, 60)
"""


@pytest.mark.parametrize(
    ("due", "in_use"),
    [
        (_SMALL_ONES, "found_senders"),
        ("update raw_messages set last_at = last_at - interval '1 year'", "raw_messages"),
        ("update found_senders set last_seen_at = last_seen_at - interval '1 year'", "found_senders"),
    ],
    ids=["small bundles", "old bundles", "a silent sender"],
)
async def test_whoever_tidies_waits_for_nobody(
    place: Place, notebook: Notebook, other: "asyncpg.Connection[Any]", due: str, in_use: str
) -> None:
    await place.note(notebook, *burst(yesterday()))
    place.rows(due)
    [before] = place.rows("select count(*) as bundles from raw_messages")

    async with other.transaction():
        await take_all(other, in_use)
        await tidied(place)
        assert place.rows("select count(*) as bundles from raw_messages") == [before]

    await tidied(place)
    assert place.rows("select count(*) as bundles from raw_messages") < [before]
