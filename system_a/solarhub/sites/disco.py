"""How a distribution company comes onto the list: the country splits one off, and an operator writes it down."""

from collections.abc import Sequence

from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict
from solarhub.sites.models import Disco
from solarhub.sites.queries import sites as queries
from solarhub.sites.schemas import DiscoRegistration


async def add(session: Session, registration: DiscoRegistration) -> Disco:
    """A new company, as the owner of the tables; Conflict for a code that is there."""
    disco = Disco(code=registration.code, name=registration.name, region=registration.region)
    session.add(disco)
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        raise Conflict(f"{registration.code} is on the list already.") from None
    return disco


async def every(session: Session) -> Sequence[Disco]:
    """All of them, by code."""
    return await queries.discos(session)
