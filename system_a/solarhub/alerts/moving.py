"""A plant is about to change hands, and its alerts with it: whoever is at one of them is waited for, in one order."""

from uuid import UUID

from solarhub.alerts.queries import triage as queries
from solarhub.kit.db import Session


async def hold(session: Session, site_id: UUID) -> None:
    """Before the rows themselves move, which takes episodes ahead of alerts (a Holding hook)."""
    await queries.hold_what_moves(session, site_id)
