"""The door for devices: what they measured, over HTTP."""

import asyncio
from datetime import datetime

import msgspec
from fastapi import APIRouter, Request, Response

from solarhub.devices.identity import KnownDevice
from solarhub.kit.clock import now
from solarhub.kit.errors import Forbidden, Invalid, TooLarge, Unauthenticated, Unavailable, Unreadable
from solarhub.kit.http import describe
from solarhub.metrics import Catalogue
from solarhub.telemetry.decode import decode
from solarhub.telemetry.deps import Corridor, Metrics, Sender
from solarhub.telemetry.sample import Sifted, sift
from solarhub.telemetry.schemas import TELEMETRY_BODY, TelemetryAnswer

_LARGE_BYTES = 64 * 1024

door = APIRouter(tags=["telemetry"])


@door.post(
    "/telemetry",
    response_model=TelemetryAnswer,
    openapi_extra={"requestBody": TELEMETRY_BODY},
    responses=describe(Unreadable, Unauthenticated, Forbidden, TooLarge, Invalid, Unavailable),
)
async def take_telemetry(request: Request, device: Sender, ingest: Corridor, metrics: Metrics) -> Response:
    """Take a device's samples, one or up to 10,000; answered once they are on disk.

    What cannot be stored as a reading is quarantined with a reason, and its neighbours are stored.
    """
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise Unreadable(f"The body is encoded as {encoding[:40]!a}; send the JSON as it is.")
    body = await request.body()
    arrived_at = now()
    catalogue = metrics.catalogue_of(device.organization_key)
    if len(body) < _LARGE_BYTES:
        sifted = _read(body, arrived_at, catalogue, device)
    else:  # other senders must not wait while this one is read
        sifted = await asyncio.to_thread(_read, body, arrived_at, catalogue, device)
    receipt = await ingest.take(device, sifted.accepted, sifted.quarantined)
    quarantined = sorted((*sifted.quarantined, *receipt.refused), key=lambda entry: entry.position)
    answer = {
        "stored": receipt.stored,
        "duplicates": receipt.duplicates,
        "quarantined": [
            {"index": entry.position, "metric": entry.metric, "reason": entry.reason, "detail": entry.detail}
            for entry in quarantined
        ],
    }
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _read(body: bytes, arrived_at: datetime, catalogue: Catalogue, device: KnownDevice) -> Sifted:
    samples, misshapen = decode(body)
    accepted, quarantined = sift(samples, arrived_at, catalogue, device.rated_kw)
    return Sifted(accepted, misshapen + quarantined)
