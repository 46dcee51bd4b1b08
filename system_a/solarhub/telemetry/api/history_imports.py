"""Files of the past, over HTTP: which maps there are, a file tried or brought along, and what became of it."""

import io
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from solarhub.audit.recording import follow
from solarhub.kit.db import Databases, Session, transaction
from solarhub.kit.errors import Conflict, Invalid, NotFound, Problem, TooLarge, Unavailable, Unreadable
from solarhub.kit.http import Router, databases, describe
from solarhub.kit.paging import Listing, Page
from solarhub.organizations import access
from solarhub.organizations.deps import Here, TenantReading, TenantWriting, needs, trail_of
from solarhub.organizations.roles import Permission
from solarhub.telemetry.deps import MetricsHere, Portals
from solarhub.telemetry.portals import importing, showing, undoing
from solarhub.telemetry.portals.importing import Import
from solarhub.telemetry.portals.schemas import (
    HistoryAnswer,
    HistoryImportAnswer,
    HistoryImportDetail,
    HistoryProgress,
    HistoryResult,
    HistoryWish,
    MapAnswer,
    UndoAnswer,
)

MOST_BYTES = 20 * 2**20

router = Router(prefix="/organizations/{organization_id}/imports/history", tags=["imports"])

_RIGHT = Permission.HISTORY_IMPORT
_NEEDS = needs(_RIGHT)
_NDJSON = "application/x-ndjson"
_BODY: dict[str, Any] = {
    "required": True,
    "description": f"The file as it is, up to {MOST_BYTES // 2**20} MiB: CSV, XLSX, or a ZIP of them. The operator's"
    " `solarhub import history` takes larger ones.",
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "text/csv": {"schema": {"type": "string"}},
    },
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What came of the file, or would have",
        "content": {
            _NDJSON: {"schema": {"type": "string", "description": "Progress lines, and at the end the result"}}
        },
    }
}


@router.get("/maps", openapi_extra=_NEEDS, responses=describe(NotFound))
async def list_portal_maps(_here: Here, maps: Portals) -> list[MapAnswer]:
    """The portals whose exports are read, by name."""
    return [MapAnswer.of(each) for each in maps]


@router.post(
    "",
    response_model=HistoryAnswer,
    responses=_ANSWERS | describe(Unreadable, NotFound, Conflict, TooLarge, Invalid, Unavailable),
    openapi_extra=_NEEDS | {"requestBody": _BODY},
)
async def import_history(
    *,
    request: Request,
    wanted: Annotated[HistoryWish, Query()],
    here: Here,
    maps: Portals,
    metrics: MetricsHere,
    pools: Annotated[Databases, Depends(databases)],
) -> Response | HistoryAnswer:
    """Bring the past along from a portal's export: tried, unless `dry_run=false` is said.

    Rows that are there already stay as they are: the same file can come twice. Imported rows may be of any age, are
    kept for good, and are judged by nobody. With `Accept: application/x-ndjson` progress is told in lines.
    """
    here.check_writable()
    portal = importing.find_map(maps, wanted.map)
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise TooLarge(f"At most {MOST_BYTES:,} bytes are taken at once: split the file.")
    if not body:
        raise Unreadable("The body is empty; it is the file.")
    asked = Import(here, portal, metrics, wanted, io.BytesIO(body))
    if _NDJSON in request.headers.get("accept", ""):
        return StreamingResponse(_lines(request, pools, asked), media_type=_NDJSON)
    async with aclosing(_steps(request, pools, asked)) as steps:
        async for _ in steps:
            pass
    return importing.answer(asked)


def _steps(request: Request, pools: Databases, asked: Import) -> AsyncGenerator[HistoryProgress, None]:
    here = asked.here

    @asynccontextmanager
    async def stand() -> AsyncIterator[Session]:
        async with transaction(pools.app) as session:
            await access.enter(session, here, _RIGHT)
            follow(session, trail_of(request, here.actor))
            yield session

    return importing.bring(pools.worker, stand, asked)


async def _lines(request: Request, pools: Databases, asked: Import) -> AsyncIterator[str]:
    """Progress, and at the end the result, or the problem that ended it."""
    try:
        async with aclosing(_steps(request, pools, asked)) as steps:
            async for progress in steps:
                yield _line(progress.model_dump(mode="json"))
        yield _line(HistoryResult(**dict(importing.answer(asked))).model_dump(mode="json"))
    except Problem as problem:
        yield _line({"kind": "problem", **problem.document()})


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


@router.get("", openapi_extra=_NEEDS, responses=describe(NotFound, Invalid))
async def list_history_imports(
    organization_id: UUID, wanted: Annotated[Page, Query()], session: TenantReading
) -> Listing[HistoryImportAnswer]:
    """Files that were brought along, the newest first."""
    return await showing.page(session, organization_id, wanted)


@router.get("/{import_id}", openapi_extra=_NEEDS, responses=describe(NotFound))
async def get_history_import(organization_id: UUID, import_id: UUID, session: TenantReading) -> HistoryImportDetail:
    """One of them, device by device."""
    return await showing.detail(session, organization_id, import_id)


@router.post("/{import_id}/undo", openapi_extra=_NEEDS, responses=describe(NotFound, Conflict, Unavailable))
async def undo_history_import(
    import_id: UUID, here: Here, session: TenantWriting, pools: Annotated[Databases, Depends(databases)]
) -> UndoAnswer:
    """Take out again what this file stored, and nothing else. Roll-ups follow; 409 for one that was undone before."""
    await undoing.note(session, import_id)
    return await undoing.carry_out(pools.worker, here, import_id)
