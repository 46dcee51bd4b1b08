"""Days that are over become blocks, a few devices at a time; when all of a day lies in blocks its raw rows go.

Each step is a transaction of its own, and every one may be the last: blocks and raw rows of the same instants stand
beside each other without harm, whoever reads takes the block's, and whoever starts again finds them. From the moment
at which a day is watched, rows that arrive in it are told of; the day's raw rows go only while none is.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from time import monotonic
from typing import NamedTuple

import structlog

from solarhub.kit.db import Session, after_commit
from solarhub.telemetry.cold.merging import Piece
from solarhub.telemetry.cold.moving_in import put, raw_piece, stored_pieces
from solarhub.telemetry.queries import cold as queries

log = structlog.get_logger(__name__)

COLD_AFTER = timedelta(hours=36)
"""After the end of a UTC day; what comes later still makes the day's blocks be written once more."""
AGAIN_AFTER = timedelta(hours=6)
"""A day that has blocks takes up its late rows at most this often."""
LOOK_EVERY = timedelta(minutes=5)
BUSY = timedelta(seconds=15)
"""Until the next attempt at a lock that somebody else held."""
_DEVICES_AT_ONCE = 100
_ROWS_AT_ONCE = 50_000
"""Raw rows in one step, unless a single device has more: those of a device and day are taken together."""


class Compressed(NamedTuple):
    """A day whose raw rows are gone."""

    day: date
    devices: int
    rows: int
    seconds: float


def _log(one: Compressed) -> None:
    log.info("a day was compressed", day=str(one.day), devices=one.devices, rows=one.rows, seconds=one.seconds)


class Compaction:
    """One day at a time, the oldest first; what it holds in memory is how far it has got, and it may forget it."""

    def __init__(
        self,
        *,
        cold_after: timedelta = COLD_AFTER,
        again_after: timedelta = AGAIN_AFTER,
        tell: Callable[[Compressed], None] = _log,
    ) -> None:
        """`tell` is called once a day's raw rows are gone."""
        self._tell = tell
        self._cold_after = cold_after
        self._again_after = again_after
        self._look_at: datetime | None = None
        self._day: date | None = None
        self._began = 0.0
        self._after = 0
        self._rows: dict[int, int] = {}
        self._counted = False

    async def step(self, session: Session, now: datetime) -> bool:
        """One small piece of work, as the worker; true while there is more. What it did counts from the commit on."""
        if self._look_at is not None and now < self._look_at:
            return False
        if self._day is None:
            return await self._choose(session, now)
        if keys := await self._next(session, self._day):
            await self._write(session, self._day, keys, keys[-1])
        elif late := await queries.stirred(session, self._day, limit=_DEVICES_AT_ONCE):
            await self._write(session, self._day, late, self._after)
        elif not self._counted:
            await self._count(session, self._day)
        else:
            await self._finish(session, self._day, now)
        return True

    async def _choose(self, session: Session, now: datetime) -> bool:
        # a day is over `cold_after` ago when the next one began then
        days = await queries.raw_days(session, (now - self._cold_after).date())
        known = await queries.compacted(session, days)
        due = [day for day in days if (at := known.get(day)) is None or now - at >= self._again_after]
        for day in due:
            if await queries.watch(session, day):
                await queries.note_cold(session, [day])
                after_commit(session, lambda day=day: self._begin(day))  # type: ignore[misc]  # bound at once
                return True
        self._look_at = now + LOOK_EVERY
        return False

    def _begin(self, day: date) -> None:
        self._day, self._after, self._began, self._counted = day, 0, monotonic(), False
        self._rows.clear()

    async def _next(self, session: Session, day: date) -> list[int]:
        """The next devices, as many as one step takes."""
        keys: list[int] = []
        rows = 0
        for key, count in await queries.next_devices(session, day, self._after, limit=_DEVICES_AT_ONCE):
            rows += count
            if keys and rows > _ROWS_AT_ONCE:
                break
            keys.append(key)
        return keys

    async def _write(self, session: Session, day: date, keys: list[int], then_after: int) -> None:
        await queries.settle(session, day, keys)
        await queries.lock_devices(session, keys)
        keepers = await queries.keepers(session, keys)
        pieces: dict[tuple[int, date], list[Piece]] = defaultdict(list, await stored_pieces(session, keys, [day]))
        raw = await queries.raw_rows(session, keys, day)
        counts: dict[int, int] = defaultdict(int)
        for rows, piece in zip(raw, await asyncio.to_thread(_pieces, raw), strict=True):
            pieces[rows.device_key, day].append(piece)
            keepers.setdefault(rows.device_key, rows.organization_key)  # a device that is gone
            counts[rows.device_key] += len(piece.rows.at)
        await put(session, pieces, keepers)

        def written() -> None:
            self._after = then_after
            self._rows.update(counts)
            self._counted = False

        after_commit(session, written)

    async def _count(self, session: Session, day: date) -> None:
        """As many rows as were written into blocks; from here on the day is dropped only if no other has arrived."""
        there, written = await queries.count_rows(session, day), sum(self._rows.values())
        if there == written:
            self._counted = True
        else:
            log.warning("a day is compressed anew: it has other rows", day=str(day), rows=there, compressed=written)
            self._begin(day)

    async def _finish(self, session: Session, day: date, now: datetime) -> None:
        became = await queries.drop(session, day, into_blocks=True)
        if became == "busy":
            self._look_at = now + BUSY
        elif became == "stirred" and not await queries.stirred(session, day, limit=1):
            self._begin(day)  # the day is not watched any more: its raw rows are others than before
        elif became in ("dropped", "gone"):
            await queries.note_cold(session, [day], compacted_at=now)
            after_commit(session, lambda: self._end(day))

    def _end(self, day: date) -> None:
        seconds = round(monotonic() - self._began, 1)
        self._tell(Compressed(day, len(self._rows), sum(self._rows.values()), seconds))
        self._day = None
        self._rows.clear()
        self._look_at = None


def _pieces(raw: list[queries.RawRows]) -> list[Piece]:
    return [raw_piece(rows) for rows in raw]
