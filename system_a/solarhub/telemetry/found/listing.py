"""Who reports at an organization's brokers, for whoever may know."""

from uuid import UUID

from solarhub.kit.db import Session
from solarhub.kit.paging import Listing
from solarhub.telemetry.found.schemas import FoundFilter, FoundSenderAnswer
from solarhub.telemetry.queries import found as queries


async def senders(session: Session, organization_id: UUID, wanted: FoundFilter) -> Listing[FoundSenderAnswer]:
    """A page of them, whoever was heard last first."""
    rows, counted = await queries.senders(session, organization_id, wanted)
    return Listing.of([FoundSenderAnswer.of(row) for row in rows], counted, wanted)
