"""A file of the past is brought along: tried, or stored piece by piece, each with a note of what it stored.

Each piece of a device is a transaction of the worker's, and may be the last: whoever brings the file again stores the
rest of it, and nothing twice. Nobody judges these rows, and roll-ups follow them.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from solarhub.audit.recording import person_acting
from solarhub.devices.metadata import rated_kw, reporting_interval
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound, TooLarge
from solarhub.metrics import Catalogue
from solarhub.organizations.access import Standing
from solarhub.telemetry.batch import moment
from solarhub.telemetry.cold import importing as cold
from solarhub.telemetry.cold.importing import Merged
from solarhub.telemetry.portals import instants
from solarhub.telemetry.portals.heaps import Piece
from solarhub.telemetry.portals.loading import PortalMaps
from solarhub.telemetry.portals.maps import DateOrder, PortalMap
from solarhub.telemetry.portals.models import HistoryImport
from solarhub.telemetry.portals.reading import Reading
from solarhub.telemetry.portals.roster import Device, Roster
from solarhub.telemetry.portals.schemas import (
    HistoryAnswer,
    HistoryProgress,
    HistoryWish,
    PastOfDevice,
    PastSeries,
    RefusalAnswer,
    TableAnswer,
    coverage,
    instant_of,
)
from solarhub.telemetry.portals.survey import Wish
from solarhub.telemetry.portals.telling import DeviceTold
from solarhub.telemetry.queries import cold as cold_queries
from solarhub.telemetry.queries import history_imports as queries
from solarhub.telemetry.rollups.spacing import FARTHEST_SECONDS

MOST_DEVICES = 20_000
"""Devices among which names of a file are looked for."""
_BLOCK = 2**20
_BRIDGED = 3
"""Reporting intervals beyond which figures take silence for a gap, unless rows are close enough to tell their own."""


@dataclass(slots=True)
class Import:
    """One file on its way in, and what has come of it so far."""

    here: Standing
    portal: PortalMap
    catalogue: Catalogue
    wish: HistoryWish
    source: BinaryIO
    reading: Reading | None = None
    import_id: UUID | None = None
    sha256: bytes = b""
    size: int = 0
    parts: int = 0
    became: dict[int, Merged] = field(default_factory=lambda: defaultdict(lambda: Merged(0, 0, 0)))


async def bring(
    worker: Database, stand: Callable[[], AbstractAsyncContextManager[Session]], wanted: Import
) -> AsyncGenerator[HistoryProgress, None]:
    """All of it, from the first look to the note that it is through; yields how far it is.

    `stand` opens a transaction that stands in the organization. Raises what the steps raise; what was stored until then
    stays, and is noted.
    """
    async with stand() as session:
        await look(session, wanted)
        if not wanted.wish.dry_run:
            await note(session, wanted)
    async for progress in carry_out(worker, wanted):
        yield progress
    async with stand() as session:
        await finish(session, wanted)


async def look(session: Session, wanted: Import) -> None:
    """Finds out whose rows they may be; in a session that stands in the organization. Nothing is written.

    NotFound for a device or a plant that is not there, Invalid for names that lead to none.
    """
    wish = wanted.wish
    devices = await devices_of(session, wanted.here.organization.id, site_id=wish.site, device_id=wish.device)
    if len(devices) > MOST_DEVICES:
        raise TooLarge(f"Devices are looked for among at most {MOST_DEVICES:,}: name the plant, or the device.")
    if not devices:
        raise NotFound("There is no such device here." if wish.device else "There are no devices here to import for.")
    only = devices[0] if wish.device is not None else None
    if wish.time_zone is not None:
        _check_zone(wish.time_zone)
    wanted.sha256, wanted.size = await asyncio.to_thread(_fingerprint, wanted.source)
    wanted.reading = Reading(
        wanted.source,
        wish.file_name,
        wanted.portal,
        Roster(devices, _aliases(wish.match, devices)),
        wanted.catalogue,
        now(),
        Wish(wish.time_zone, wish.dates, wish.decimal, only),
    )
    await asyncio.to_thread(wanted.reading.check)


async def devices_of(
    session: Session, organization_id: UUID, *, site_id: UUID | None = None, device_id: UUID | None = None
) -> list[Device]:
    """Whose rows they may be: those of the organization, of a plant, or the one; at most one more than are looked
    through."""
    return [
        Device(
            row.id,
            row.device_key,
            row.name,
            row.serial_number,
            row.site_id,
            row.site,
            row.timezone,
            rated_kw(row.device_metadata),
            reporting_interval(row.device_metadata).total_seconds(),
        )
        for row in await queries.devices(
            session, organization_id, site_id=site_id, device_id=device_id, limit=MOST_DEVICES + 1
        )
    ]


def find_map(maps: PortalMaps, name: str) -> PortalMap:
    """Invalid for one that is not there."""
    try:
        return maps.find(name)
    except KeyError as error:
        raise Invalid([FieldError("map", name, str(error.args[0]), maps.names)]) from None


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            [FieldError("time_zone", name[:64], "is no time zone", "UTC, or a name such as Asia/Karachi")]
        ) from None


def _aliases(matches: Sequence[str], devices: Sequence[Device]) -> dict[str, Device]:
    by_id = {str(each.id): each for each in devices}
    found = {}
    for text in matches:
        name, _, device_id = text.rpartition("=")
        if not name.strip() or device_id.strip().lower() not in by_id:
            raise Invalid([FieldError("match", text[:80], "leads to no device here", "name in the file=device id")])
        found[name.strip()] = by_id[device_id.strip().lower()]
    return found


def _fingerprint(source: BinaryIO) -> tuple[bytes, int]:
    source.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return digest.digest(), size


async def note(session: Session, wanted: Import) -> HistoryImport:
    """Notes the file, before any row of it is stored; in a session that stands in the organization."""
    row = HistoryImport(
        organization_id=wanted.here.organization.id,
        file_name=wanted.wish.file_name,
        file_sha256=wanted.sha256,
        file_bytes=wanted.size,
        map=wanted.portal.name,
        map_version=wanted.portal.version,
        time_zone=wanted.wish.time_zone,
        imported_by=person_acting(session),
    )
    session.add(row)
    await session.flush()
    wanted.import_id = row.id
    return row


async def carry_out(worker: Database, wanted: Import) -> AsyncGenerator[HistoryProgress, None]:
    """Reads the file and stores it, or only compares it in a dry run; yields how far it is.

    Raises Unreadable and TooLarge for a file that is no such export, Invalid where nobody can tell its days from its
    months, Conflict where a device changes hands meanwhile.
    """
    reading = wanted.reading
    assert reading is not None, "`look` comes first"  # noqa: S101 - for the type checker
    pieces = reading.pieces()
    while (some := await asyncio.to_thread(_next, pieces)) is not None:
        if reading.told.order_is_open and wanted.import_id is not None:
            allowed = [order.value for order in DateOrder]
            message = "is needed: every date of the file could have the day first as well as the month"
            raise Invalid([FieldError("dates", None, message, allowed)])
        for piece in some:
            if len(piece.stretch.at):
                await _bring(worker, wanted, piece)
        yield HistoryProgress(rows=reading.told.rows, share=round(reading.share, 3))


def _next(pieces: Iterator[Sequence[Piece]]) -> Sequence[Piece] | None:
    return next(pieces, None)


async def _bring(worker: Database, wanted: Import, piece: Piece) -> None:
    device, stretch = piece
    async with transaction(worker) as session:
        await cold_queries.lock_devices(session, [device.key])
        keepers = await cold_queries.keepers(session, [device.key])
        if keepers.get(device.key) != wanted.here.organization.key:
            raise Conflict(f"{device.name} is not this organization's any more: what was stored so far stays.")
        if wanted.import_id is None:
            became = await cold.compare(session, device.key, [stretch])
        else:
            stored_at: list[np.typing.NDArray[np.int64]] = []
            became = await cold.merge(session, device.key, [stretch], now(), stored_at=stored_at)
            stored = np.sort(np.concatenate(stored_at)) if stored_at else np.zeros(0, np.int64)
            wanted.parts += 1
            await queries.add_part(
                session,
                {
                    "organization_id": wanted.here.organization.id,
                    "import_id": wanted.import_id,
                    "part": wanted.parts,
                    "device_id": device.id,
                    "device_key": device.key,
                    "device": device.name,
                    "first_at": moment(int(stretch.at[0])),
                    "last_at": moment(int(stretch.at[-1])),
                    "stored": became.stored,
                    "duplicates": became.duplicates,
                    "conflicts": became.conflicts,
                    "instants": instants.packed(stored) if len(stored) else None,
                },
            )
    before = wanted.became[device.key]
    wanted.became[device.key] = Merged(*(old + new for old, new in zip(before, became, strict=True)))


async def finish(session: Session, wanted: Import) -> None:
    """Notes that all of it was read; in a session that stands in the organization."""
    assert wanted.reading is not None, "`look` comes first"  # noqa: S101 - for the type checker
    row = await queries.one(session, wanted.import_id, locked=True) if wanted.import_id is not None else None
    if row is not None:
        told = wanted.reading.told
        row.finished_at, row.rows = now(), told.rows
        row.refused, row.refused_values = told.refused, told.refused_values
        await session.flush()


def answer(wanted: Import) -> HistoryAnswer:
    """What came of it, or would have."""
    assert wanted.reading is not None, "`look` comes first"  # noqa: S101 - for the type checker
    told, portal = wanted.reading.told, wanted.portal
    notes = []
    if not portal.verified:
        notes.append(
            f"The map {portal.name} was never tried on a real export: compare a few rows with the portal before you"
            " store them."
        )
    if told.order_is_open:
        notes.append(
            "Every date of the file could have the day first as well as the month: say which, with dates=dmy or"
            " dates=mdy. The first one that the map allows was taken."
        )
    if told.ambiguous_times:
        notes.append(f"{told.ambiguous_times} times fall into an hour that the clocks showed twice.")
    return HistoryAnswer(
        import_id=wanted.import_id,
        stored=wanted.import_id is not None,
        map=portal.name,
        map_version=portal.version,
        verified=portal.verified,
        file_sha256=wanted.sha256.hex(),
        rows=told.rows,
        refused=told.refused,
        refused_values=told.refused_values,
        ambiguous_times=told.ambiguous_times,
        troubles=dict(told.troubles),
        refusals=[RefusalAnswer.of(each) for each in told.refusals],
        strangers=dict(told.strangers),
        tables=[TableAnswer.of(each) for each in told.tables],
        devices=[_device(wanted, each) for each in told.devices.values()],
        notes=notes,
    )


def _device(wanted: Import, told: DeviceTold) -> PastOfDevice:
    device, became = told.device, wanted.became[told.device.key]
    spanned, parts = coverage(told)
    interval = told.interval_seconds
    notes = []
    if interval is not None and interval > max(_BRIDGED * device.interval_seconds, FARTHEST_SECONDS):
        notes.append(
            f"Its rows are {interval:,.0f} s apart, and the device is said to report every"
            f" {device.interval_seconds:,.0f} s: figures take such a distance for a gap."
        )
    return PastOfDevice(
        device_id=device.id,
        device=device.name,
        site=device.site,
        first=instant_of(told.first),
        last=instant_of(told.last),
        rows=told.rows,
        empty=told.empty,
        refused=told.refused,
        refused_values=told.refused_values,
        stored=became.stored,
        duplicates=became.duplicates + told.duplicates,
        conflicts=became.conflicts + told.conflicts,
        days=len(told.days),
        days_spanned=spanned,
        coverage=parts,
        interval_seconds=interval,
        series=[
            PastSeries(
                series=name,
                unit=wanted.catalogue.unit_of(name.partition(":")[0]),
                values=series.values,
                minimum=series.minimum,
                maximum=series.maximum,
            )
            for name, series in sorted(told.series.items())
        ],
        notes=notes,
    )
