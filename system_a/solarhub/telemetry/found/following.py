"""What follows a decision: messages of an adopted sender become samples, a corrected mapping reads kept ones anew.

Each step is a transaction of its own, which writes the samples and that they are written: one that is lost is repeated.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog

from solarhub.drivers.dialects import Dialects, Message
from solarhub.kit.db import Database, Session, transaction
from solarhub.metrics import Catalogue
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.found import rewriting
from solarhub.telemetry.found.bundle import UnreadableBundle, unpack
from solarhub.telemetry.found.rereading import Reader, Reread, reread
from solarhub.telemetry.found.roster import Adopted, adopted_of
from solarhub.telemetry.models import RawMessages
from solarhub.telemetry.queries import cold, found
from solarhub.telemetry.queries import found_worker as queries

log = structlog.get_logger(__name__)

SENDERS_AT_ONCE = 10
BYTES_AT_ONCE = 2 * 1024 * 1024
"""Of bundles, in one step."""
_NOTHING = ("messages", "written", "removed", "quarantined")


class _Work(NamedTuple):
    """Bundles of one sender, and what they say today."""

    standing: queries.Standing
    adopted: Adopted
    bundles: Sequence[RawMessages]
    said: Reread


class Following:
    """Works for the hub's loops."""

    def __init__(self, database: Database, dialects: Dialects, catalogues: Catalogues) -> None:
        """`database` logs in as solarhub_worker."""
        self._database = database
        self._dialects = dialects
        self._catalogues = catalogues

    async def store_waiting(self, worker: Session) -> None:
        """What was said before its sender was adopted, or that must not be judged, becomes late samples.

        Each sender in a transaction of its own: whoever edits a device waits for that device alone.
        """
        works = []
        for standing in await queries.behind(worker, SENDERS_AT_ONCE):
            adopted = adopted_of(standing)
            if adopted is not None:
                bundles = await queries.bundles(worker, standing.sender_id, pending=True, most_bytes=BYTES_AT_ONCE)
                works.append(await self._read(worker, standing, adopted, bundles))
        await self._ensure_partitions(works)
        for work in works:
            async with transaction(self._database) as alone:
                keepers = await rewriting.hold(alone, work.adopted.device)
                if await queries.claim(alone, work.standing) and await queries.still_waiting(
                    alone, [bundle.id for bundle in work.bundles]
                ):
                    await self._rewrite(alone, work, keepers, replace=False)

    async def replay(self, worker: Session) -> None:
        """Reads the messages of one sender anew, from when on somebody wished, with the mapping of today."""
        wish = await queries.to_replay(worker)
        if wish is None:
            return
        adopted = adopted_of(wish.standing)
        if adopted is None:  # its device is gone, or its organization is not served now
            await queries.note_replayed(worker, wish.standing.sender_id, dict.fromkeys(_NOTHING, 0), go_on_from=None)
            return
        bundles = await queries.bundles(
            worker, wish.standing.sender_id, since=wish.since, pending=False, most_bytes=BYTES_AT_ONCE
        )
        work = await self._read(worker, wish.standing, adopted, bundles)
        await self._ensure_partitions([work])
        keepers = await rewriting.hold(worker, adopted.device)
        if not await queries.claim(worker, wish.standing) or not await queries.still_wanted(worker, wish):
            return
        told = await self._rewrite(worker, work, keepers, replace=True)
        sums = {name: wish.told_so_far.get(name, 0) + number for name, number in told.items()}
        is_last = sum(len(each.body) for each in bundles) < BYTES_AT_ONCE
        go_on_from = None if is_last else bundles[-1].last_at + timedelta(microseconds=1)
        await queries.note_replayed(worker, wish.standing.sender_id, sums, go_on_from=go_on_from)
        if is_last:
            log.info("kept messages were read anew", device_id=str(adopted.device.device_id), **sums)

    async def _read(
        self, worker: Session, standing: queries.Standing, adopted: Adopted, bundles: Sequence[RawMessages]
    ) -> _Work:
        said = await found.announcements(worker, standing.organization_id, standing.broker_key)
        reader = Reader(
            self._dialects,
            self._dialects.remembering(said),
            standing.sender,
            adopted.zone,
            self._catalogue(adopted),
            adopted.device.rated_kw,
        )
        return _Work(standing, adopted, bundles, reread([_unpacked(bundle) for bundle in bundles], reader))

    def _catalogue(self, adopted: Adopted) -> Catalogue:
        return self._catalogues.catalogue_of(adopted.device.organization_key)

    async def _rewrite(
        self, worker: Session, work: _Work, keepers: rewriting.Keepers, *, replace: bool
    ) -> dict[str, int]:
        """In numbers, what was done."""
        if not work.bundles:
            return dict.fromkeys(_NOTHING, 0)
        device = work.adopted.device
        samples = [sample for _, sample in work.said.samples]
        replaced = {at for bundle in work.bundles for at in bundle.instants or ()}
        received_at = work.bundles[-1].last_at
        done = await rewriting.rewrite(
            worker, device, keepers, samples, replaced, replace=replace, heard_at=received_at
        )
        if not replace:  # a replay tells how many there are
            await rewriting.quarantine(worker, device, work.said.quarantined, received_at)
        dialect, version = max(work.said.mappings, default=("", 0))
        for place, bundle in enumerate(work.bundles):
            instants = [microseconds(sample.at) for which, sample in work.said.samples if which == place]
            await queries.settle(
                worker, bundle.id, instants, dialect or bundle.dialect, version or bundle.mapping_version
            )
        return {
            "messages": sum(bundle.messages for bundle in work.bundles),
            "written": done.written,
            "removed": done.removed,
            "quarantined": len(work.said.quarantined),
        }

    async def _ensure_partitions(self, works: Iterable[_Work]) -> None:
        """Ahead of all rows and locks, in a transaction of its own: others may wait for it."""
        days = sorted({sample.at.date() for work in works for _, sample in work.said.samples})
        if days:
            async with transaction(self._database) as worker:
                for day in days:
                    await cold.ensure_partition(worker, day)


def _unpacked(bundle: RawMessages) -> list[Message]:
    try:
        return unpack(bundle.body)
    except UnreadableBundle:
        log.exception("kept messages cannot be read", bundle=bundle.id)
        return []
