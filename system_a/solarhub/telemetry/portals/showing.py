"""What became of files of the past, as people see it."""

from typing import Any
from uuid import UUID

from solarhub.kit.db import Session
from solarhub.kit.paging import Listing, Page
from solarhub.telemetry.portals.schemas import HistoryImportAnswer, HistoryImportDetail, ImportedDevice
from solarhub.telemetry.portals.undoing import find
from solarhub.telemetry.queries import history_imports as queries


async def page(session: Session, organization_id: UUID, wanted: Page) -> Listing[HistoryImportAnswer]:
    """The newest first."""
    rows, counted = await queries.imports(session, organization_id, wanted)
    return Listing.of([HistoryImportAnswer(**_told(row)) for row in rows], counted, wanted)


async def detail(session: Session, organization_id: UUID, import_id: UUID) -> HistoryImportDetail:
    """NotFound."""
    await find(session, import_id)
    row = await queries.summed_up(session, organization_id, import_id)
    devices = await queries.devices_of(session, organization_id, import_id)
    return HistoryImportDetail(**_told(row), by_device=[ImportedDevice(**each._mapping) for each in devices])  # noqa: SLF001 - a row's own name for it


def _told(row: queries.Row) -> dict[str, Any]:
    sums = dict(row._mapping)  # noqa: SLF001 - a row's own name for it
    one = sums.pop("HistoryImport")
    named = HistoryImportAnswer.model_fields.keys() - sums.keys() - {"file_sha256"}
    return {name: getattr(one, name) for name in named} | sums | {"file_sha256": one.file_sha256.hex()}
