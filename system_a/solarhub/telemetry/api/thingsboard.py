"""The door that ThingsBoard's devices know: their HTTP API, with the token in the address.

The token stands in the path because their firmware puts it there; what the hub logs never shows it.
"""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from solarhub.devices.identity import KnownDevice
from solarhub.devices.senders import identify
from solarhub.kit.clock import now
from solarhub.kit.db import Databases
from solarhub.kit.errors import Forbidden, TooLarge, Unauthenticated, Unavailable, Unreadable
from solarhub.kit.http import databases, describe
from solarhub.kit.packed import unpacked
from solarhub.telemetry.deps import Corridor, Metrics
from solarhub.telemetry.doors import thingsboard
from solarhub.telemetry.sample import Sifted, sift

MOST_BYTES = 10 * 2**20
PATHS = r"/api/v1/[^/]+/(?:telemetry|attributes)"
"""As a pattern, because the device's token is a part of them."""

_LARGE_BYTES = 64 * 1024

door = APIRouter(tags=["telemetry"])


async def _sender(
    token: Annotated[str, Path(title="The device's token", examples=["shd_" + "x" * 43])],
    pools: Annotated[Databases, Depends(databases)],
) -> KnownDevice:
    return await identify(pools.auth, token)


_Sender = Annotated[KnownDevice, Depends(_sender)]

_IN_THE_PATH: dict[str, Any] = {"security": [{}]}
"""What opens the door is a part of the address; OpenAPI has no word for that."""

_VALUES: dict[str, Any] = {
    "type": "object",
    "description": "Metrics, with a channel as in `voltage_dc:string1`, each with a number or a text that holds one",
}
_ENTRY: dict[str, Any] = {
    "anyOf": [
        _VALUES,
        {
            "type": "object",
            "required": ["ts", "values"],
            "properties": {
                "ts": {"title": "Measured at (milliseconds since 1970)", "type": "integer"},
                "values": {"title": "Readings", **_VALUES},
            },
        },
    ]
}
_TELEMETRY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "anyOf": [_ENTRY, {"type": "array", "maxItems": thingsboard.MOST_ENTRIES, "items": _ENTRY}],
                "examples": [
                    {"power_output": 2.9},
                    {"ts": 1767348000000, "values": {"power_output": "2.9", "voltage_dc:string1": 380.1}},
                    [{"ts": 1767348000000, "values": {"power_output": 2.9}}],
                ],
            }
        }
    },
}
_ATTRIBUTES: dict[str, Any] = {
    "required": False,
    "content": {"application/json": {"schema": {"type": "object", "examples": [{"firmware": "1.4.2"}]}}},
}
_PROBLEMS = describe(Unreadable, Unauthenticated, Forbidden, TooLarge, Unavailable)


@door.post(
    "/{token}/telemetry",
    response_class=Response,
    openapi_extra=_IN_THE_PATH | {"requestBody": _TELEMETRY},
    responses=_PROBLEMS,
)
async def take_thingsboard_telemetry(request: Request, device: _Sender, ingest: Corridor, metrics: Metrics) -> Response:
    """Take what a device of ThingsBoard sends; answered once it is on disk.

    What cannot be stored as a reading is quarantined with a reason, and its neighbours are stored.
    """
    body = unpacked(await request.body(), request.headers.get("content-encoding", ""), MOST_BYTES)
    arrived_at = now()
    catalogue = metrics.catalogue_of(device.organization_key)

    def read() -> Sifted:
        samples, misshapen = thingsboard.read(body, catalogue)
        accepted, quarantined = sift(samples, arrived_at, catalogue, device.rated_kw)
        return Sifted(accepted, misshapen + quarantined)

    # other senders must not wait while a large one is read
    sifted = read() if len(body) < _LARGE_BYTES else await asyncio.to_thread(read)
    await ingest.take(device, sifted.accepted, sifted.quarantined)
    return Response()


@door.post(
    "/{token}/attributes",
    response_class=Response,
    openapi_extra=_IN_THE_PATH | {"requestBody": _ATTRIBUTES},
    responses=_PROBLEMS,
)
async def take_thingsboard_attributes(device: _Sender) -> Response:  # noqa: ARG001 - whoever sends is to be known
    """Take a device's attributes, and keep none: what a device is, people say here."""
    return Response()


@door.get("/{token}/attributes", openapi_extra=_IN_THE_PATH, responses=_PROBLEMS)
async def tell_thingsboard_attributes(device: _Sender) -> dict[str, str]:  # noqa: ARG001 - whoever asks is to be known
    """Tell a device its attributes: there are none."""
    return {}
