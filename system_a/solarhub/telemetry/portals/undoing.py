"""An import is undone: the rows that it stored leave, and nothing else."""

from uuid import UUID

from solarhub.audit.recording import acting, person_acting
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.errors import Conflict, NotFound
from solarhub.organizations.access import Standing
from solarhub.telemetry.cold.taking_out import take_out
from solarhub.telemetry.portals import instants
from solarhub.telemetry.portals.models import HistoryImport
from solarhub.telemetry.portals.schemas import UndoAnswer
from solarhub.telemetry.queries import cold as cold_queries
from solarhub.telemetry.queries import history_imports as queries


async def find(session: Session, import_id: UUID, *, locked: bool = False) -> HistoryImport:
    """NotFound."""
    found = await queries.one(session, import_id, locked=locked)
    if found is None:
        raise NotFound
    return found


async def note(session: Session, import_id: UUID) -> HistoryImport:
    """Notes that it is undone. NotFound; Conflict for one that was undone before."""
    found = await find(session, import_id, locked=True)
    if found.undone_at is not None and not await queries.parts_to_undo(session, found.organization_id, found.id):
        raise Conflict("This import was undone before.", undone_at=found.undone_at.isoformat())
    acting(session, "history_import.undo")
    found.undone_at = now()
    found.undone_by = person_acting(session)
    await session.flush()
    return found


async def carry_out(worker: Database, here: Standing, import_id: UUID) -> UndoAnswer:
    """Takes the rows out, part by part, each in a transaction of its own: it can be repeated where it was ended."""
    organization = here.organization
    async with transaction(worker) as session:
        numbers = await queries.parts_to_undo(session, organization.id, import_id)
    taken, elsewhere = 0, set[str]()
    for number in numbers:
        async with transaction(worker) as session:
            part = await queries.part(session, organization.id, import_id, number)
            if part is None or part.instants is None:
                continue
            await cold_queries.lock_devices(session, [part.device_key])
            keepers = await cold_queries.keepers(session, [part.device_key])
            if keepers.get(part.device_key) != organization.key:
                elsewhere.add(part.device)
                continue
            count = await take_out(session, part.device_key, instants.unpacked(part.instants))
            await queries.note_taken_out(session, part, count)
            taken += count
    notes = [f"{name} is not this organization's any more: its rows went along with it." for name in sorted(elsewhere)]
    return UndoAnswer(import_id=import_id, taken_out=taken, notes=notes)
