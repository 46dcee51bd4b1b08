"""Rows that are older than their organization keeps them leave; roll-ups stay for good, and so does what was imported.

Who brought the past of a plant along wants it there, however old it is: it leaves with its organization alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import structlog

from solarhub.kit.db import Session, after_commit
from solarhub.organizations.settings import OrganizationSettings
from solarhub.telemetry.cold.block import IMPORTED
from solarhub.telemetry.cold.compaction import BUSY
from solarhub.telemetry.cold.merging import Piece
from solarhub.telemetry.cold.moving_in import put, stored_piece
from solarhub.telemetry.queries import cold as queries
from solarhub.telemetry.queries import retention as removals

log = structlog.get_logger(__name__)

LOOK_EVERY = timedelta(hours=1)
_BLOCKS_AT_ONCE = 500


class Retention:
    """A look at every organization each hour, and as many steps as there is something to remove."""

    def __init__(self) -> None:
        self._look_at: datetime | None = None
        self._removed: dict[int, int] = defaultdict(int)

    async def step(self, session: Session, now: datetime) -> bool:
        """One small piece of work, as the worker; true while there is more."""
        if self._look_at is not None and now < self._look_at:
            return False
        limits = await kept_from(session, now)
        for organization_key, first_kept in limits.items():
            if await self._forget(session, organization_key, first_kept):
                return True
        if limits and (became := await self._drop(session, min(limits.values()))):
            self._look_at = now + BUSY if became == "busy" else None
            return became != "busy"
        self._look_at = now + LOOK_EVERY
        self._tell()
        return False

    async def _forget(self, session: Session, organization_key: int, first_kept: date) -> bool:
        """Some blocks of an organization that hold rows which are too old; false: there are none."""
        removed = await removals.remove_blocks(session, organization_key, first_kept, limit=_BLOCKS_AT_ONCE)
        mixed = await removals.mixed_blocks(session, organization_key, first_kept, limit=_BLOCKS_AT_ONCE // 10)
        if mixed:
            removed += await _keep_imported(session, mixed)
        if removed:

            def count() -> None:
                self._removed[organization_key] += removed

            after_commit(session, count)
        return removed > 0

    async def _drop(self, session: Session, first_kept: date) -> str | None:
        """A raw day that nobody keeps any more, which is there where compaction cannot keep up; None: there is none."""
        for day in await queries.raw_days(session, first_kept):
            if not await removals.has_imported_rows(session, day):
                became = await queries.drop(session, day, into_blocks=False)
                if became == "dropped":
                    after_commit(session, lambda day=day: log.info("an old day was removed", day=str(day)))  # type: ignore[misc]  # bound at once
                return became
        return None

    def _tell(self) -> None:
        if self._removed:
            log.info("old rows were removed", rows_by_organization_key=dict(self._removed))
            self._removed.clear()


async def kept_from(session: Session, now: datetime) -> Mapping[int, date]:
    """The first day (UTC) whose rows each organization keeps, by its key; as the worker."""
    return {
        key: (now - timedelta(days=OrganizationSettings.from_stored(stored).samples_kept_days)).date()
        for key, stored in await removals.settings_of_organizations(session)
    }


async def _keep_imported(session: Session, places: Iterable[tuple[int, date]]) -> int:
    """Writes blocks anew that hold both kinds of rows; how many rows left."""
    wanted = set(places)
    keys = sorted({key for key, _ in wanted})
    await queries.lock_devices(session, keys)
    keepers = await queries.keepers(session, keys)
    pieces: dict[tuple[int, date], list[Piece]] = defaultdict(list)
    before = after = 0
    for stored in await queries.blocks_of(session, keys, {day for _, day in wanted}):
        place = stored.device_key, stored.day
        if place not in wanted:
            continue
        keepers.setdefault(stored.device_key, stored.organization_key)
        piece = stored_piece(stored)
        kept = piece.chosen((piece.rows.flags & IMPORTED) > 0)
        before, after = before + len(piece.rows.at), after + len(kept.rows.at)
        pieces[place].append(kept)
    await put(session, pieces, keepers)
    return before - after
