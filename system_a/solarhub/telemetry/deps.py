"""What the routes of telemetry work with: the corridor, the metrics that are known, and the device that sends."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from solarhub.drivers.dialects import Dialects
from solarhub.kit.db import after_commit
from solarhub.kit.errors import Unauthenticated
from solarhub.metrics import Catalogue
from solarhub.organizations.deps import Here, TenantWriting
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.portals.loading import PortalMaps, shipped


async def _corridor(request: Request) -> Ingest:
    found: Ingest = request.app.state.ingest
    return found


async def _catalogues(request: Request) -> Catalogues:
    found: Catalogues = request.app.state.catalogues
    return found


async def _catalogue_here(here: Here, request: Request) -> Catalogue:
    catalogues: Catalogues = request.app.state.catalogues
    return catalogues.catalogue_of(here.organization.key)


async def tell_doors(request: Request, session: TenantWriting) -> None:
    """Once this request has committed, the doors of this process look at the own metrics again."""
    metrics_edited: Callable[[], None] = request.app.state.metrics_edited
    after_commit(session, metrics_edited)


async def _dialects(request: Request) -> Dialects:
    found: Dialects = request.app.state.dialects
    return found


async def _portal_maps(request: Request) -> PortalMaps:
    own: PortalMaps | None = request.app.state.portal_maps
    return own or shipped()


async def tell_door(request: Request, session: TenantWriting) -> None:
    """Once this request has committed, the door of this process looks at who is who again."""
    found_changed: Callable[[], None] = request.app.state.found_changed
    after_commit(session, found_changed)


bearer = HTTPBearer(scheme_name="device", description="A device's token, `shd_…`", auto_error=False)


def token_of(authorization: str | None) -> str:
    """The token in an Authorization header. Raises Unauthenticated."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Say which device this is: Authorization: Bearer, and the token it was given.")
    return token


Corridor = Annotated[Ingest, Depends(_corridor)]

Metrics = Annotated[Catalogues, Depends(_catalogues)]
"""Which metrics each organization's devices may report."""

MetricsHere = Annotated[Catalogue, Depends(_catalogue_here, scope="function")]
"""Those of the organization of the path."""

Portals = Annotated[PortalMaps, Depends(_portal_maps)]
"""How exports of portals are read."""

Mappings = Annotated[Dialects, Depends(_dialects)]
"""How the messages of real products are read."""
