"""Dispatchers side by side, and ways that do not hold each other up: on a real database, with real receivers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from solarhub.kit.db import transaction
from solarhub.kit.ids import uuid7
from solarhub.notifications.dispatch import Dispatcher
from solarhub.notifications.lane import Pace
from solarhub.notifications.parcel import DeliveryFailed, Parcel, Receipt
from solarhub.notifications.queries import claiming, settling
from solarhub.notifications.vocabulary import State
from solarhub.notifications.webhook import Webhook
from tests.notifications.dispatchers import IMPATIENT, QUICK, Hand, Hooks, at_once, letters
from tests.notifications.outboxes import Outbox, message, running

# -------------------------------------------------------------------------------------------------- side by side


async def test_any_number_of_dispatchers_send_each_message_once(outbox: Outbox) -> None:
    async def soon(_parcel: Parcel) -> Receipt:
        await asyncio.sleep(0.001)
        return Receipt("taken")

    hand = Hand(soon)
    await outbox.post(*(message() for _ in range(150)))
    async with running(*(letters(outbox, hand) for _ in range(3))):
        await outbox.until("state = 'sent'", 150)
    assert set(hand.taken.values()) == {1}
    assert len(hand.taken) == 150


async def test_the_lease_of_a_dead_sender_runs_out_and_it_can_note_nothing_any_more(outbox: Outbox) -> None:
    await outbox.post(message())
    dead = uuid7()
    async with transaction(outbox.worker) as session:
        [claimed] = await claiming.claim(session, dead, "email", at_most=5, each=None, except_for=(), lease_seconds=0.3)
    hand = Hand(at_once)
    async with running(letters(outbox, hand)):
        await asyncio.sleep(0.15)
        assert not hand.taken, "the lease still runs"
        [row] = await outbox.until("state = 'sent'", 1)
    assert (row["attempts"], row["provider_id"]) == (2, "taken")
    async with transaction(outbox.worker) as session:
        assert not await settling.settle(session, claimed.id, dead, State.FAILED, error="too late")
        assert not await settling.put_back(session, claimed.id, dead, pause_seconds=1, error="too late")
    assert (await outbox.row())["state"] == "sent"


async def test_a_database_that_goes_away_while_a_letter_is_sent_hears_of_it_afterwards(outbox: Outbox) -> None:
    async def cut_off(_parcel: Parcel) -> Receipt:
        await asyncio.to_thread(
            outbox.database.fetch,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'solarhub_worker' and datname = current_database()",
        )
        return Receipt("taken")

    hand = Hand(cut_off)
    await outbox.post(message())
    async with running(letters(outbox, hand)):
        [row] = await outbox.until("state = 'sent'", 1)
    assert row["attempts"] == 1
    assert hand.taken.total() == 1


# ------------------------------------------------------------------------------------------------------ bulkheads


@asynccontextmanager
async def blocked() -> AsyncIterator[tuple[Hand, asyncio.Event]]:
    """A way on which nothing ends before the event is set."""
    free = asyncio.Event()

    async def wait(_parcel: Parcel) -> Receipt:
        await free.wait()
        return Receipt("taken")

    try:
        yield Hand(wait), free
    finally:
        free.set()


async def test_a_slow_way_does_not_hold_up_another(outbox: Outbox) -> None:
    await outbox.post(*(message(channel="sms") for _ in range(20)), message())
    async with blocked() as (slow, _):
        both = Dispatcher(
            outbox.worker,
            outbox.keyring,
            {"sms": (slow, IMPATIENT), "email": (Hand(at_once), IMPATIENT)},
            pace=QUICK,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(both.run(stop))
        await outbox.until("channel = 'email' and state = 'sent'", 1)
        assert len(await outbox.rows("channel = 'sms' and state = 'sending'")) == slow.at_once
        assert slow.taken.total() == slow.at_once
        stop.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_slow_receiver_does_not_hold_up_another(hooks: Hooks) -> None:
    slow, quick = await hooks.at("/silent"), await hooks.at("/200")
    await hooks.post(slow, 40)
    await hooks.post(quick, 3)
    async with running(hooks.sender(timeout_seconds=1.0)):
        await hooks.outbox.until(f"recipient = '{quick}' and state = 'sent'", 3)
        assert len(hooks.receiving.ids("/silent")) <= Webhook.each
        assert await hooks.outbox.rows(f"recipient = '{slow}' and state = 'failed'") == []


async def test_a_receiver_that_fails_is_left_alone_for_a_while(hooks: Hooks) -> None:
    broken = await hooks.at("/500")
    await hooks.post(broken, 30)
    async with running(hooks.sender()):
        await hooks.outbox.until("attempts > 0 and state = 'pending'", 2)
        await asyncio.sleep(0.5)
        assert len(hooks.receiving.requests) == 2, "two at once, and then a rest of a second and more"


async def test_a_blocked_way_is_tried_now_and_then_and_opens_by_itself(outbox: Outbox) -> None:
    open_ = False

    async def door(_parcel: Parcel) -> Receipt:
        if not open_:
            raise DeliveryFailed("The mail server cannot be reached.", everyone=True)
        return Receipt("taken")

    hand = Hand(door)
    await outbox.post(*(message() for _ in range(20)))
    async with running(letters(outbox, hand)):
        await outbox.until("attempts = 1 and state = 'pending'", 4)
        await asyncio.sleep(0.3)
        assert hand.taken.total() == 4, "the others are not tried in vain"
        open_ = True
        await outbox.until("state = 'sent'", 20)


def test_a_lease_that_a_slow_letter_outlasts_is_refused() -> None:
    with pytest.raises(ValueError, match="outlast two time-outs"):
        Pace(lease=2.0)
