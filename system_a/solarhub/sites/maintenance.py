"""A plant is worked on: nobody is to be told of its silence until that ends."""

from datetime import datetime

from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict
from solarhub.sites.models import Site
from solarhub.sites.queries import sites as queries
from solarhub.sites.upkeep import Upkeep
from solarhub.sites.vocabulary import SiteStatus

_UPKEEP = Upkeep[Site]("site", SiteStatus.MAINTENANCE, SiteStatus.ACTIVE, queries.sites_whose_maintenance_ended)
end_due = _UPKEEP.end_due


async def start(session: Session, site: Site, *, until: datetime | None, note: str | None) -> None:
    """Puts a plant that is locked into maintenance, or moves the end of one that is in it.

    Invalid for an end in the past; Conflict for one that is decommissioned.
    """
    if site.status is SiteStatus.DECOMMISSIONED:
        raise Conflict("This plant is decommissioned: recommission it first.", state=site.status.value)
    await _UPKEEP.start(session, site, until=until, note=note)


async def end(session: Session, site: Site) -> None:
    """Back to work. Conflict for a plant that is not in maintenance."""
    if site.status is not SiteStatus.MAINTENANCE:
        raise Conflict(f"This plant is {site.status.value}, not in maintenance.", state=site.status.value)
    await _UPKEEP.end(session, site)
