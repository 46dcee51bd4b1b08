"""One way of sending: claims what is due on it, sends a bounded number at once, notes what became of each.

A message is claimed and committed before it is sent, and noted after it. Whoever dies in between leaves a lease that
runs out, and the message is sent again under the same id: once at least, and recognizable if twice.
"""

import asyncio
import random
from dataclasses import dataclass
from time import monotonic
from typing import Protocol
from uuid import UUID

import structlog

from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.errors import Unavailable
from solarhub.kit.ids import uuid7
from solarhub.kit.sealing import Keyring
from solarhub.notifications.bell import Bell, hung_up
from solarhub.notifications.packing import Held, Unwanted, pack
from solarhub.notifications.parcel import DeliveryFailed, Parcel, Receipt
from solarhub.notifications.patience import Patience
from solarhub.notifications.queries import claiming, settling
from solarhub.notifications.queries.claiming import Claimed
from solarhub.notifications.resting import Rests
from solarhub.notifications.vocabulary import State

log = structlog.get_logger(__name__)

_EVERYONE = ""
"""Rests when the way itself is blocked."""
_HELD_SECONDS = 600.0
"""How long the messages of a suspended organization lie before they are looked at again."""
_AFTER_A_FAILURE_SECONDS = 5.0

Outcome = Receipt | DeliveryFailed | Held | Unwanted


class Carrier(Protocol):
    """Sends parcels on one way."""

    @property
    def at_once(self) -> int:
        """How many may be under way together."""

    @property
    def each(self) -> int | None:
        """How many of them to one recipient, so that a slow one does not hold up others; None: all of them."""

    @property
    def timeout_seconds(self) -> float:
        """When to give one up."""

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Raises DeliveryFailed."""

    async def rest(self) -> None:
        """Nothing is to be sent for now."""


@dataclass(frozen=True)
class Pace:
    """`lease`: how many times a carrier's time-out a claim lasts. `look_seconds`: how often others' posts are found."""

    lease: float = 2.5
    look_seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.lease <= 2:
            raise ValueError("a lease must outlast two time-outs, or what is being sent is sent by others too")


class Lane:
    """Sends what is due on one way, beside any number of others that do the same."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        *,
        channel: str,
        carrier: Carrier,
        patience: Patience,
        pace: Pace,
    ) -> None:
        self.channel = channel
        self._database = database
        self._keyring = keyring
        self._carrier = carrier
        self._patience = patience
        self._pace = pace
        self._lease_seconds = pace.lease * carrier.timeout_seconds
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._rests = Rests()

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set and what was under way has been sent and noted."""
        with hung_up() as bell:
            stopping = asyncio.create_task(stop.wait())
            stopping.add_done_callback(lambda _: bell.ring())
            try:
                await self._work(stop, bell)
                if self._under_way:
                    await asyncio.wait(self._under_way)
            finally:
                stopping.cancel()
                for task in self._under_way:
                    task.cancel()
                await self._carrier.rest()

    async def _work(self, stop: asyncio.Event, bell: Bell) -> None:
        failing_since: float | None = None
        while not stop.is_set():
            pause = self._pace.look_seconds
            try:
                await self._start_due(bell)
            except Exception as error:  # one bad round must not end the lane
                pause = _AFTER_A_FAILURE_SECONDS
                if failing_since is None:
                    failing_since = monotonic()
                    log.exception("messages are not claimed", channel=self.channel, error=str(error))
            else:
                if failing_since is not None:
                    seconds = round(monotonic() - failing_since, 1)
                    log.info("messages are claimed again", channel=self.channel, seconds=seconds)
                    failing_since = None
            if not self._under_way:
                await self._carrier.rest()
            await bell.wait(pause)

    async def _start_due(self, bell: Bell) -> None:
        room = self._carrier.at_once - len(self._under_way)
        resting = self._rests.at(monotonic())
        if room <= 0 or _EVERYONE in resting:
            return
        token = uuid7()
        until = monotonic() + self._lease_seconds
        async with transaction(self._database) as session:
            claimed = await claiming.claim(
                session,
                token,
                self.channel,
                at_most=room,
                each=self._carrier.each,
                except_for=resting | self._at_their_limit(),
                lease_seconds=self._lease_seconds,
            )
            packed = await pack(session, self._keyring, claimed)
        for row in claimed:
            task = asyncio.create_task(self._see_through(row, token, packed[row.id], until))
            self._under_way[task] = row.recipient
            task.add_done_callback(self._under_way.pop)
            task.add_done_callback(lambda _: bell.ring())  # there is room again

    def _at_their_limit(self) -> set[str]:
        if self._carrier.each is None:
            return set()
        return set(self._under_way.values())  # a claim brings up to `each` of a recipient, and then no more of them

    async def _see_through(
        self, row: Claimed, token: UUID, packed: Parcel | Held | Unwanted | DeliveryFailed, until: float
    ) -> None:
        outcome: Outcome
        if row.attempts > self._patience.attempts:
            outcome = DeliveryFailed("Each attempt to send this was cut short.", permanent=True)
        elif isinstance(packed, Parcel):
            if monotonic() + self._carrier.timeout_seconds > until:
                return  # the claim itself took so long that somebody else may have it before this one is through
            outcome = await self._attempt(packed)
            self._learn(row.recipient, outcome)
        else:
            outcome = packed
        await self._note(row, token, outcome, until)

    async def _attempt(self, parcel: Parcel) -> Receipt | DeliveryFailed:
        try:
            async with asyncio.timeout(self._carrier.timeout_seconds):
                return await self._carrier.deliver(parcel)
        except DeliveryFailed as failed:
            return failed
        except TimeoutError:
            return DeliveryFailed("There was no answer in time.")
        except Exception:  # one message that cannot be sent must not end the lane
            log.exception("sending fails", channel=self.channel, notification=str(parcel.id))
            return DeliveryFailed("The hub could not send this; its log says why.")

    def _learn(self, recipient: str, outcome: Receipt | DeliveryFailed) -> None:
        if isinstance(outcome, Receipt) or outcome.permanent:
            self._rests.end(recipient)
            if self._rests.end(_EVERYONE):
                log.info("the way is open again", channel=self.channel)
        elif not outcome.everyone:
            self._rests.begin(recipient, monotonic())
        elif self._rests.begin(_EVERYONE, monotonic()):
            log.warning("the way is blocked", channel=self.channel, reason=outcome.sentence)

    async def _note(self, row: Claimed, token: UUID, outcome: Outcome, until: float) -> None:
        """Again and again while the database is away, as long as nobody else can have taken the message."""
        while True:
            try:
                async with transaction(self._database) as session:
                    await self._write(session, row, token, outcome)
            except Exception as error:  # it went out: whatever keeps that from being noted, try until the lease ends
                if not isinstance(error, Unavailable):
                    log.exception("what became of a message is not noted", notification=str(row.id))
                if monotonic() > until:
                    log.warning("a message that may have gone out is sent again", notification=str(row.id))
                    return
                await asyncio.sleep(min(1.0, self._pace.look_seconds))
            else:
                return

    async def _write(self, session: Session, row: Claimed, token: UUID, outcome: Outcome) -> None:
        if isinstance(outcome, Receipt):
            await settling.settle(
                session,
                row.id,
                token,
                State.SENT,
                provider_id=outcome.provider_id,
                keep_secret=outcome.keep_link,
            )
            return
        if isinstance(outcome, Unwanted) or (isinstance(outcome, Held) and row.waited > self._patience.total):
            await settling.settle(session, row.id, token, State.CANCELLED, error=outcome.sentence)
            return
        if isinstance(outcome, Held):
            await settling.put_back(
                session, row.id, token, pause_seconds=_HELD_SECONDS, error=outcome.sentence, is_attempt=False
            )
            return
        pause = self._patience.pause(
            row.attempts,
            row.waited,
            chance=random.random(),  # noqa: S311 - it spreads load, and hides nothing
            asked=outcome.retry_after,
        )
        if outcome.permanent or pause is None:
            await settling.settle(session, row.id, token, State.FAILED, error=outcome.sentence)
            if outcome.gone:
                await settling.switch_off(session, UUID(row.recipient))
            log.info("message failed", channel=self.channel, notification=str(row.id), reason=outcome.sentence)
            return
        await settling.put_back(session, row.id, token, pause_seconds=pause, error=outcome.sentence)
