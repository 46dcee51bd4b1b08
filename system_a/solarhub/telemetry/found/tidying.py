"""Kept messages end, by age and by size; and small bundles become large ones, which take a tenth of the room."""

from datetime import datetime, timedelta

from solarhub.kit.db import Session
from solarhub.telemetry.found.bundle import UnreadableBundle, pack, unpack
from solarhub.telemetry.models import RawMessages
from solarhub.telemetry.queries import found_tidying as queries
from solarhub.telemetry.queries.found_worker import Kept, keep

KEPT = timedelta(days=14)
"""How long messages can be read anew."""
KEPT_BYTES = 16 * 1024 * 1024
"""Of one sender, compressed: what of it is older goes first."""
REMEMBERED = timedelta(days=60)
"""How long one who waits and says nothing more is remembered."""
_SMALL = 16 * 1024
_MANY = 50
_AT_ONCE = 500


async def tidy(worker: Session, now: datetime, *, kept: timedelta = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
    await queries.forget_old(worker, now - kept)
    await queries.forget_excess(worker, kept_bytes)
    await queries.forget_silent(worker, now - REMEMBERED)
    for sender_id in await queries.with_many_bundles(worker, _MANY, _SMALL):
        await _bind(worker, await queries.small_bundles(worker, sender_id, _SMALL, _AT_ONCE))


async def _bind(worker: Session, bundles: list[RawMessages]) -> None:
    """Neighbours of one kind become one: stored ones, or waiting ones, read by one version of one mapping."""
    run: list[RawMessages] = []
    for bundle in [*bundles, None]:
        if bundle is not None and (not run or _kind(bundle) == _kind(run[0])):
            run.append(bundle)
            continue
        if len(run) > 1:
            await _replace(worker, run)
        run = [] if bundle is None else [bundle]


def _kind(bundle: RawMessages) -> tuple[str, int, bool]:
    return bundle.dialect, bundle.mapping_version, bundle.instants is None


async def _replace(worker: Session, run: list[RawMessages]) -> None:
    try:
        messages = [message for bundle in run for message in unpack(bundle.body)]
    except UnreadableBundle:
        return  # whoever reads it says so
    instants = None if run[0].instants is None else sorted(at for bundle in run for at in bundle.instants or ())
    await queries.remove_bundles(worker, [bundle.id for bundle in run])
    await keep(
        worker,
        [
            Kept(
                run[0].organization_id,
                run[0].sender_id,
                min(bundle.first_at for bundle in run),
                max(bundle.last_at for bundle in run),
                len(messages),
                run[0].dialect,
                run[0].mapping_version,
                instants,
                pack(messages),
            )
        ],
    )
