"""What the routes of telemetry work with: the corridor, and the device that sends."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from solarhub.devices.credentials import identify
from solarhub.devices.identity import KnownDevice
from solarhub.kit.db import Databases
from solarhub.kit.errors import Unauthenticated
from solarhub.kit.http import databases
from solarhub.telemetry.ingest import Ingest


async def _corridor(request: Request) -> Ingest:
    found: Ingest = request.app.state.ingest
    return found


_bearer = HTTPBearer(scheme_name="device", description="A device's token, `shd_…`", auto_error=False)


async def _sender(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    pools: Annotated[Databases, Depends(databases)],
) -> KnownDevice:
    if bearer is None:
        raise Unauthenticated("Say which device this is: Authorization: Bearer, and the token it was given.")
    return await identify(pools.auth, bearer.credentials.strip())


Corridor = Annotated[Ingest, Depends(_corridor)]

Sender = Annotated[KnownDevice, Depends(_sender)]
"""Known by its credential, never by what its body claims."""
