"""The door for devices: what they measured, over HTTP."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
from fastapi import APIRouter, Request, Response, Security
from starlette.requests import ClientDisconnect

from solarhub.devices.identity import KnownDevice
from solarhub.devices.senders import children, identify
from solarhub.kit.clock import now
from solarhub.kit.db import Databases
from solarhub.kit.errors import Forbidden, Invalid, TooLarge, Unauthenticated, Unavailable, Unreadable
from solarhub.kit.http import describe
from solarhub.kit.packed import unpacked
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.corridor.strip import Entry, Load, Odd
from solarhub.telemetry.decode import Body, read, read_lines, written
from solarhub.telemetry.deps import bearer, token_of
from solarhub.telemetry.ingest import Ingest, Receipt
from solarhub.telemetry.sample import Quarantined, shown, whole
from solarhub.telemetry.schemas import TELEMETRY_BODY, TelemetryAnswer
from solarhub.telemetry.spelling import Habits, Names, mapped
from solarhub.telemetry.vocabulary import Reason

MOST_BYTES = 10 * 2**20
"""Of a body, packed or not."""
_MOST_TIMES = 20
"""As far as a body may grow when it is unpacked; a small one further, because a night of zeros packs well."""
_ALWAYS_BYTES = 2**20
_LARGE_BYTES = 64 * 1024
_LINES = "application/x-ndjson"

_HABITS = Habits()
_ANSWER = msgspec.json.Encoder()

Household = Mapping[str, KnownDevice]


door = APIRouter(tags=["telemetry"])


@door.post(
    "/telemetry",
    response_model=TelemetryAnswer,
    openapi_extra={"requestBody": TELEMETRY_BODY},
    responses=describe(Unreadable, Unauthenticated, Forbidden, TooLarge, Invalid, Unavailable),
    dependencies=[Security(bearer)],
)
async def take_telemetry(request: Request) -> Response:
    """Take samples of a device, or of those that a gateway speaks for, up to 10,000; answered once they are on disk.

    What cannot be stored as a reading is quarantined with a reason, and its neighbours are stored.
    """
    state = request.app.state
    obstacle = state.hub.obstacle
    if obstacle is not None:
        raise Unavailable(obstacle)
    ingest: Ingest = state.ingest
    pools: Databases = state.databases
    catalogues: Catalogues = state.catalogues
    headers = request.headers
    sender = await identify(pools.auth, token_of(headers.get("authorization")))
    ingest.check_room()  # before anything is read for nothing
    try:
        sent = await request.body()
    except ClientDisconnect:
        raise Unreadable("The body ends too early.") from None
    arrived_at = now()
    lines = headers.get("content-type", "").startswith(_LINES)
    encoding = headers.get("content-encoding", "")
    expected = None if lines else _HABITS.of(sender.device_key)
    if len(sent) < _LARGE_BYTES and not encoding:
        body = _read(sent, encoding, expected, lines=lines)
    else:  # other senders must not wait while this one is read
        body = await asyncio.to_thread(_read, sent, encoding, expected, lines=lines)
    household = await children(pools.auth, sender) if _names_devices(body) else {}
    load = Load(arrived_at, catalogues.catalogue_of(sender.organization_key))
    if len(sent) < _LARGE_BYTES and not body.raw:
        _fill(load, body, sender, household)
    else:
        await asyncio.to_thread(_fill, load, body, sender, household)
    if body.samples and not lines and load.spelling != expected:
        _HABITS.note(sender.device_key, load.spelling)
    receipt = await ingest.take_load(load)
    return Response(_ANSWER.encode(_told(receipt)), media_type="application/json")


def _read(sent: bytes, encoding: str, expected: Names | None, *, lines: bool) -> Body:
    body = unpacked(sent, encoding, min(MOST_BYTES, max(_ALWAYS_BYTES, _MOST_TIMES * len(sent))))
    return read_lines(body) if lines else read(body, expected)


def _names_devices(body: Body) -> bool:
    named = [each.device for each in body.raw] + [each.device for each in body.misshapen]
    return body.devices is not None or any(name is not None for name in named)


def _fill(load: Load, body: Body, sender: KnownDevice, household: Household) -> None:
    """Puts each sample to its device; of a device for which the sender does not speak it goes to quarantine."""
    if body.devices is None:
        load.add(body.samples, sender, range(len(body.samples)))
    else:
        _share(load, body, sender, household)
    load.entries += [Entry(_owner(name, sender, household) or sender, entry) for name, entry in body.misshapen]
    odd = []
    for name, sample in body.raw:
        owner = _owner(name, sender, household)
        if owner is None:
            said = {"timestamp": sample.timestamp, "metrics": sample.metrics}
            load.entries.append(Entry(sender, _unknown(sample.position, name or "", said)))
        else:
            odd.append(Odd(owner, sample))
    load.judge(odd)


def _share(load: Load, body: Body, sender: KnownDevice, household: Household) -> None:
    named = body.devices or ()
    owners = [household.get(name or "") for name in named]
    if None in owners:
        owners = [_owner(name, sender, household) for name in named]
    known = [owner for owner in owners if owner is not None]
    if len(known) == len(owners):
        load.add(body.samples, known, range(len(known)))
        return
    places = [place for place, owner in enumerate(owners) if owner is not None]
    load.add([body.samples[place] for place in places], known, places)
    for place, owner in enumerate(owners):
        if owner is None:
            sample = body.samples[place]
            said = {"timestamp": written(sample.timestamp), "metrics": mapped(sample.metrics)}
            load.entries.append(Entry(sender, _unknown(place, named[place] or "", said)))


def _owner(name: str | None, sender: KnownDevice, household: Household) -> KnownDevice | None:
    return sender if name is None or name == str(sender.device_id) else household.get(name)


def _unknown(position: int, name: str, said: dict[str, object]) -> Quarantined:
    """In the same words whether there is no such device, or it is somebody else's."""
    detail = (
        f"{shown(name)} is no device that this sender speaks for; allowed are the id, serial number or name of one"
        " whose gateway it is"
    )
    return whole(position, None, Reason.UNKNOWN_DEVICE, detail, {"device": name, **said})


def _told(receipt: Receipt) -> dict[str, object]:
    refused: Sequence[Quarantined] = receipt.refused
    if len(refused) > 1:
        refused = sorted(refused, key=lambda entry: entry.position)
    return {
        "stored": receipt.stored,
        "duplicates": receipt.duplicates,
        "conflicts": receipt.conflicts,
        "quarantined": [
            {"index": entry.position, "metric": entry.metric, "reason": entry.reason, "detail": entry.detail}
            for entry in refused
        ],
    }
