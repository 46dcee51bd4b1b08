"""Raw values as a file, of any size: read and sent a day at a time."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
import numpy as np
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from solarhub.devices.models import Device
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import FieldError, Invalid, NotFound
from solarhub.kit.http import describe
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, cell
from solarhub.organizations.deps import TenantStream, needs
from solarhub.organizations.roles import Permission
from solarhub.telemetry.charts.lines import of_rows
from solarhub.telemetry.history import stretches
from solarhub.telemetry.queries import charts as queries

_LONGEST = timedelta(days=800)
_INSTANT = Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))

router = APIRouter(prefix="/organizations/{organization_id}", tags=["telemetry"])


class ExportWanted(BaseModel):
    """Which values a file is to hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device_id: list[UUID] = Field(min_length=1, max_length=50, title="Devices")
    from_: Annotated[AwareDatetime, _INSTANT] | None = Field(
        default=None, alias="from", title="From", description="Default: a day before `to`"
    )
    to: Annotated[AwareDatetime, _INSTANT] | None = Field(
        default=None, title="To", description="Not included. Default: now"
    )
    metric: list[str] = Field(
        default=[], max_length=50, title="Metrics", description="`metric` or `metric:channel`. Default: all"
    )
    format: Annotated[ExportFormat, FORMAT]

    def window(self, at: datetime) -> tuple[datetime, datetime]:
        """Raises Invalid."""
        end = (self.to or at).astimezone(UTC)
        start = (self.from_ or end - timedelta(days=1)).astimezone(UTC)
        if not timedelta(0) < end - start <= _LONGEST:
            allowed = f"an instant after from, up to {_LONGEST.days} days"
            raise Invalid([FieldError("to", end.isoformat(), "is too far from from, or before it", allowed)])
        return start, end


@router.get(
    "/telemetry/export",
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
    openapi_extra=needs(Permission.TELEMETRY_READ),
)
async def export_telemetry(wanted: Annotated[ExportWanted, Query()], stream: TenantStream) -> StreamingResponse:
    """Every stored value of some devices over a window: one line for each instant, a column for each metric."""
    start, end = wanted.window(now())
    async with stream() as session:
        devices = await queries.devices(session, wanted.device_id)
        if len(devices) < len(set(wanted.device_id)):
            raise NotFound
        columns = sorted(set(wanted.metric)) or await queries.series_of(session, [each.device_key for each in devices])

    async def lines() -> AsyncIterator[str]:
        if wanted.format is ExportFormat.CSV:
            yield "\ufeff" + _csv([["device_id", "device", "at", *columns]])
        async with stream() as session:
            for device in devices:
                day = start
                while day < end:
                    until = min(day + timedelta(days=1), end)
                    rows = await _rows(session, device, columns, day, until)
                    yield _jsonl(device, columns, rows) if wanted.format is ExportFormat.JSONL else _csv(rows)
                    day = until

    media_type = "text/csv; charset=utf-8" if wanted.format is ExportFormat.CSV else "application/jsonl"
    disposition = f'attachment; filename="telemetry.{wanted.format.value}"'
    return StreamingResponse(lines(), media_type=media_type, headers={"Content-Disposition": disposition})


async def _rows(
    session: Session, device: Device, columns: Sequence[str], start: datetime, end: datetime
) -> list[list[str]]:
    """One for each instant, empty where a metric was not reported."""
    found = await stretches(session, [device.device_key], start, end, columns)
    lines = [of_rows(found, name) for name in columns]
    at = np.unique(np.concatenate([line.at for line in lines])) if lines else np.empty(0, np.int64)
    cells = np.full((len(at), len(columns)), "", dtype=object)
    for place, line in enumerate(lines):
        cells[np.searchsorted(at, line.at), place] = [repr(value) for value in line.value.tolist()]
    stamps = np.datetime_as_string(at.astype("datetime64[us]"), unit="ms", timezone="UTC").tolist()
    name = cell(device.name)
    return [[str(device.id), name, stamp, *row] for stamp, row in zip(stamps, cells.tolist(), strict=True)]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    page = io.StringIO()
    csv.writer(page).writerows(rows)
    return page.getvalue()


def _jsonl(device: Device, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    documents = (
        {
            "device_id": each[0],
            "device": device.name,
            "at": each[2],
            "metrics": {name: float(value) for name, value in zip(columns, each[3:], strict=True) if value},
        }
        for each in rows
    )
    return "".join(msgspec.json.encode(document).decode() + "\n" for document in documents)
