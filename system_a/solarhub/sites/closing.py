"""A plant leaves the fleet, for a time or for good. Nothing of its past is deleted."""

from solarhub.audit.recording import acting, record
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict
from solarhub.sites.hooks import AFTER_CLOSING
from solarhub.sites.models import Site
from solarhub.sites.queries import sites as queries
from solarhub.sites.vocabulary import SiteStatus


async def decommission(session: Session, site: Site, *, note: str | None) -> None:
    """Nobody waits for the plant any more: its open alerts end. Conflict for one that is decommissioned already."""
    if site.status is SiteStatus.DECOMMISSIONED:
        raise Conflict("This plant is decommissioned already.", state=site.status.value)
    acting(session, "site.decommission")
    site.status = SiteStatus.DECOMMISSIONED
    site.maintenance_until = None
    await session.flush()
    if note is not None:
        await record(
            session, "site.decommission", "site", site.id, organization_id=site.organization_id, after={"note": note}
        )
    await _closed(session, site)


async def recommission(session: Session, site: Site) -> None:
    """The plant works again. Conflict for one that is not decommissioned."""
    if site.status is not SiteStatus.DECOMMISSIONED:
        raise Conflict(f"This plant is {site.status.value}, not decommissioned.", state=site.status.value)
    acting(session, "site.recommission")
    site.status = SiteStatus.ACTIVE
    await session.flush()


async def remove(session: Session, site: Site) -> None:
    """Takes a plant that is locked off the hub. Conflict, saying how many, while devices stand on it."""
    await queries.lock_out_devices(session, site.id)
    devices = await queries.count_devices(session, site.organization_id, site.id)
    if devices:
        counted = "1 device stands" if devices == 1 else f"{devices} devices stand"
        raise Conflict(f"{counted} on this plant: remove or move them first.", devices=devices)
    acting(session, "site.remove")
    site.removed_at = now()
    await session.flush()
    await _closed(session, site)


async def _closed(session: Session, site: Site) -> None:
    for close in AFTER_CLOSING:
        await close(session, site.organization_id, site.id)
