"""The newest values as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from solarhub.kit.errors import Invalid, NotFound, Unavailable
from solarhub.kit.http import describe
from solarhub.organizations.deps import Here, TenantStream, needs
from solarhub.organizations.roles import Permission
from solarhub.telemetry.batch import microseconds, moment
from solarhub.telemetry.deps import MetricsHere
from solarhub.telemetry.live import Live, news
from solarhub.telemetry.schemas import LatestAnswer

_LINES = TypeAdapter(list[LatestAnswer])
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events `values`, each an array as of `latest`", "content": {"text/event-stream": {}}}
}

router = APIRouter(prefix="/organizations/{organization_id}", tags=["telemetry"])


@router.get(
    "/live",
    response_class=StreamingResponse,
    openapi_extra=needs(Permission.TELEMETRY_READ),
    responses=_EVENTS | describe(NotFound, Invalid),
)
async def follow_live(
    request: Request,
    here: Here,
    stream: TenantStream,
    known: MetricsHere,
    *,
    site_id: Annotated[list[UUID], Query(max_length=100, title="Plants", description="Default: all that you see")] = [],  # noqa: B006 - FastAPI copies it
    last_event_id: Annotated[
        str | None,
        Header(title="Where a connection was lost", description="What is newer is told", pattern=r"^\d{1,17}$"),
    ] = None,
) -> StreamingResponse:
    """What each device reported last, as it comes: first all of it, then what changes.

    Each event carries an id; a browser that lost its connection sends the last one along and misses nothing newer.
    """
    live: Live = request.app.state.live
    since = moment(int(last_event_id)) if last_event_id is not None else None

    async def events() -> AsyncIterator[str]:
        yield "retry: 3000\n\n"
        try:
            async with asyncio.timeout(live.longest_seconds):
                async for each in news(live, stream, here.organization.key, site_ids=site_id, since=since):
                    yield _event(each.cursor, [LatestAnswer.of(*one, known) for one in each.states])
        except (TimeoutError, Unavailable):
            return  # it is asked anew, with the last id

    return StreamingResponse(
        events(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


def _event(cursor: datetime, answers: list[LatestAnswer]) -> str:
    if not answers:
        return ": nothing new\n\n"  # keeps the connection through proxies that close silent ones
    data = _LINES.dump_json(answers).decode()
    return f"id: {microseconds(cursor.astimezone(UTC))}\nevent: values\ndata: {data}\n\n"
