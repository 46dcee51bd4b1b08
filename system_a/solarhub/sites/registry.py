"""How a plant comes onto the hub, and how what is known of it changes."""

from uuid import UUID

from solarhub.kit.db import ForeignKeyViolated, Session, ValueRefused, violations
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound
from solarhub.sites.configuration import unknown_disco
from solarhub.sites.models import Site
from solarhub.sites.queries import sites as queries
from solarhub.sites.schemas import SiteChange, SiteRegistration
from solarhub.sites.vocabulary import SiteStatus

_WORDS = {SiteStatus.MAINTENANCE: "in maintenance", SiteStatus.DECOMMISSIONED: "decommissioned"}


async def register(session: Session, organization_id: UUID, registration: SiteRegistration) -> Site:
    """A new plant of the organization that the session stands in. Invalid for an unknown distribution company."""
    site = Site(
        organization_id=organization_id,
        name=registration.name,
        description=registration.description,
        status=registration.status,
        address=registration.address,
        latitude=registration.latitude,
        longitude=registration.longitude,
        timezone=registration.timezone,
        configuration=registration.configuration,
    )
    session.add(site)
    await _store(session, site)
    return site


async def change(session: Session, site: Site, wanted: SiteChange) -> Site:
    """Sets what the request named, on a site that is locked. Conflict for a status that a verb must end first."""
    named = wanted.model_fields_set
    if "status" in named:
        if site.status in (SiteStatus.MAINTENANCE, SiteStatus.DECOMMISSIONED):
            way_out = "end its maintenance" if site.status is SiteStatus.MAINTENANCE else "recommission it"
            raise Conflict(f"This plant is {_WORDS[site.status]}: {way_out} first.", state=site.status.value)
        site.status = SiteStatus(wanted.status)
    for name in named - {"status"}:
        setattr(site, name, getattr(wanted, name))
    await _store(session, site)
    return site


async def find(session: Session, site_id: UUID) -> Site:
    """Also one that was removed, for its history. NotFound for one that is not there, or is somebody else's."""
    site = await queries.site(session, site_id)
    if site is None:
        raise NotFound
    return site


async def find_to_change(session: Session, site_id: UUID) -> Site:
    """Locked. NotFound as for `find`; Conflict for one that was removed."""
    site = await queries.site_to_change(session, site_id)
    if site is None:
        raise NotFound
    if site.removed_at is not None:
        raise Conflict("This plant was removed: its history can be read, and nothing of it can be changed.")
    return site


async def _store(session: Session, site: Site) -> None:
    code = site.configuration.disco_provider
    with session.no_autoflush:
        known = await queries.disco_codes(session) if code else []
    if code and code not in known:
        raise Invalid([unknown_disco(code, known)])
    try:
        with violations():
            await session.flush()
    except ForeignKeyViolated:
        # the company was there a moment ago
        raise Invalid([unknown_disco(str(code), [other for other in known if other != code])]) from None
    except ValueRefused:
        unknown = FieldError(
            "timezone",
            site.timezone,
            "is not known to the database server, whose list of time zones is older",
            "an IANA time zone name such as Asia/Karachi",
        )
        raise Invalid([unknown]) from None
