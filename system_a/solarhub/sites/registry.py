"""How a plant comes onto the hub, and how what is known of it changes."""

from uuid import UUID

from solarhub.kit.db import ForeignKeyViolated, Session, ValueRefused, violations
from solarhub.kit.errors import FieldError, Invalid, NotFound
from solarhub.sites import queries
from solarhub.sites.configuration import unknown_disco
from solarhub.sites.models import Site
from solarhub.sites.schemas import SiteChange, SiteRegistration


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
    """Sets what the request named, on a site that is locked."""
    for name in wanted.model_fields_set:
        setattr(site, name, getattr(wanted, name))
    await _store(session, site)
    return site


async def find(session: Session, site_id: UUID) -> Site:
    """NotFound for one that is not there, was removed, or is somebody else's."""
    site = await queries.site(session, site_id)
    if site is None:
        raise NotFound
    return site


async def find_to_change(session: Session, site_id: UUID) -> Site:
    """As `find`, and locked."""
    site = await queries.site_to_change(session, site_id)
    if site is None:
        raise NotFound
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
