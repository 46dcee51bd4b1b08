"""A plant is worked on: nobody is to be told of its silence until that ends."""

from datetime import datetime

from solarhub.audit.recording import Trail, acting, follow, record
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict
from solarhub.sites.ends import Reach, check_end
from solarhub.sites.models import Site
from solarhub.sites.queries import sites as queries
from solarhub.sites.vocabulary import SiteStatus

_BEGIN = "site.maintenance"
_END = "site.maintenance_end"


async def start(session: Session, site: Site, *, until: datetime | None, note: str | None) -> None:
    """Puts a plant that is locked into maintenance, or moves the end of one that is in it.

    Invalid for an end in the past; Conflict for one that is decommissioned.
    """
    check_end("until", until, Reach.A_YEAR, at=now())
    if site.status is SiteStatus.DECOMMISSIONED:
        raise Conflict("This plant is decommissioned: recommission it first.", state=site.status.value)
    acting(session, _BEGIN)
    site.status = SiteStatus.MAINTENANCE
    site.maintenance_until = until
    await session.flush()
    if note is not None:
        await record(session, _BEGIN, "site", site.id, organization_id=site.organization_id, after={"note": note})


async def end(session: Session, site: Site) -> None:
    """Back to work. Conflict for a plant that is not in maintenance."""
    if site.status is not SiteStatus.MAINTENANCE:
        raise Conflict(f"This plant is {site.status.value}, not in maintenance.", state=site.status.value)
    acting(session, _END)
    _over(site)
    await session.flush()


async def end_due(session: Session, *, limit: int = 500) -> int:
    """Ends what was to end by now, as the worker and as the hub's own act; how many. Whoever is edited waits."""
    follow(session, Trail("hub"))
    acting(session, _END)
    due = await queries.sites_whose_maintenance_ended(session, limit=limit)
    for site in due:
        _over(site)
    await session.flush()
    return len(due)


def _over(site: Site) -> None:
    site.status = SiteStatus.ACTIVE
    site.maintenance_until = None
