"""Which shards this evaluator judges: leases that it takes, renews by a beat of their own, and lets go."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from time import monotonic

import structlog

from solarhub.alerts.queries import lease
from solarhub.alerts.queries.lease import Company, Taken
from solarhub.alerts.recovery import SHARDS
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Unavailable

log = structlog.get_logger(__name__)

_LATELY_SECONDS = 600.0


class Sharing:
    """All shards are shared out evenly among the evaluators that live; whoever is alone judges everything.

    `exclusive`: the caller knows that no other hub works on this database. Then leases still running are taken at the
    start, and nothing has to be renewed in a hurry: every renewal is a write to disk.
    """

    def __init__(self, database: Database, owner: str, *, exclusive: bool) -> None:
        """`owner` is a name that no other evaluator has, nor ever had."""
        self.owner = owner
        self.held: frozenset[int] = frozenset()
        """As far as is known: what was lost is noticed by the next transaction that wants to write."""
        self._database = database
        self._exclusive = exclusive
        self._lease_seconds = 60.0 if exclusive else 4.0
        self._beat_seconds = 20.0 if exclusive else 1.0
        self._company = Company(0, 0, 0)
        self._certain_until = 0.0

    @property
    def is_alone(self) -> bool:
        """Nobody else judges, nor stores rows: whoever was there lately may be cut off, and come back."""
        return self._exclusive or self._company.lately == 0

    async def join(self) -> None:
        """Says that this one is there, and returns once everybody who was there before has noticed."""
        await self.beat()
        if not self.is_alone:
            await asyncio.sleep(1.5 * self._beat_seconds)

    @property
    def is_certain(self) -> bool:
        """What is held was renewed so lately that nobody else can have taken it since."""
        return monotonic() < self._certain_until

    def doubt(self) -> None:
        """Something that it thought to hold is another's: look again."""
        self._certain_until = 0.0

    async def beat(self) -> None:
        """Says that this one is there, renews what it holds, and finds out what that is."""
        since = monotonic()
        async with transaction(self._database) as session:
            await lease.tell_alive(session, self.owner, seconds=self._lease_seconds)
            held = await lease.renew(session, self.owner, seconds=self._lease_seconds)
            self._company = await lease.look(session, self.owner, lately_seconds=_LATELY_SECONDS)
        self.held = frozenset(held)
        self._certain_until = since + self._lease_seconds

    async def claim(self, *, steal: bool = False) -> list[Taken]:
        """Takes what is free, up to a fair share; with `steal` all, though others still hold it."""
        async with transaction(self._database) as session:
            self._company = await lease.look(session, self.owner, lately_seconds=_LATELY_SECONDS)
            wanted = self._fair_share() - len(self.held)
            if wanted <= 0 or (self._company.leased >= SHARDS and not steal):
                return []
            taken = await lease.take(
                session, self.owner, shards=SHARDS, most=wanted, seconds=self._lease_seconds, steal=steal
            )
        self.held |= {each.shard for each in taken}
        return taken

    def surplus(self) -> frozenset[int]:
        """Shards beyond a fair share, for others to take."""
        return frozenset(sorted(self.held)[self._fair_share() :])

    async def release(self, shards: Collection[int]) -> None:
        """Lets others begin at once."""
        async with transaction(self._database) as session:
            await lease.release(session, self.owner, shards)
        self.held -= set(shards)

    async def leave(self) -> None:
        """Lets everything go."""
        async with transaction(self._database) as session:
            await lease.release(session, self.owner, self.held)
            await lease.leave(session, self.owner)
        self.held = frozenset()

    async def beat_until(self, stop: asyncio.Event) -> None:
        """Renews the leases, however long judging takes meanwhile."""
        told = False
        while not stop.is_set():
            try:
                await self.beat()
                told = False
            except Unavailable as away:
                if not told:
                    log.warning("leases of judging cannot be renewed", reason=away.detail)
                told = True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._beat_seconds)

    def _fair_share(self) -> int:
        return SHARDS if self._exclusive else -(-SHARDS // (self._company.living + 1))
