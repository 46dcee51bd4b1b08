"""The doors that InfluxDB's clients know: Telegraf and whatever else writes line protocol, in both versions.

They answer as InfluxDB does, errors included, because that is what its clients read.
"""

import asyncio
import base64
import binascii
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from pydantic import Field

import solarhub
from solarhub.devices.identity import KnownDevice
from solarhub.devices.senders import children, identify
from solarhub.kit.answers import Answer
from solarhub.kit.clock import now
from solarhub.kit.db import Databases
from solarhub.kit.errors import Problem, TooLarge, Unauthenticated, Unavailable, Unreadable
from solarhub.kit.http import databases
from solarhub.kit.packed import unpacked
from solarhub.metrics import Catalogue
from solarhub.telemetry.deps import Corridor, Metrics
from solarhub.telemetry.doors import influx
from solarhub.telemetry.doors.line_protocol import MOST_POINTS, Fault, Point, parse
from solarhub.telemetry.ingest import Delivery, Ingest

MOST_BYTES = 10 * 2**20
PATHS = ("/write", "/api/v2/write", "/query", "/ping", "/health")

_LARGE_BYTES = 64 * 1024
_VERSION = f"1.8-solarhub-{solarhub.__version__}"
_WHO = {"X-Influxdb-Version": _VERSION, "X-Influxdb-Build": "Solar Hub"}
_CODES = {400: "invalid", 401: "unauthorized", 403: "forbidden", 413: "request too large", 503: "unavailable"}
_DATABASE = "solarhub"
_CREATING = re.compile(r"\s*(create|alter)\s+(database|retention\s+policy)\b", re.IGNORECASE)
_SHOWING = re.compile(r"\s*show\s+databases\s*", re.IGNORECASE)


class InfluxRefusal(Answer):
    """An error as InfluxDB tells it: `error` in version 1, `code` and `message` in version 2."""

    error: str | None = Field(default=None, title="What is wrong (version 1)", examples=["authorization failed"])
    code: str | None = Field(default=None, title="Kind of error (version 2)", examples=["unauthorized"])
    message: str | None = Field(default=None, title="What is wrong (version 2)", examples=["unauthorized access"])


class _InfluxRoute(APIRoute):
    """What is raised inside is told as InfluxDB tells it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await answer(request)
            except Problem as problem:
                return _refusal(request, problem)

        return handle


def _refusal(request: Request, problem: Problem) -> Response:
    told = {"error": problem.detail}
    if request.url.path.startswith("/api/v2/"):
        told = {"code": _CODES.get(problem.status, "internal error"), "message": problem.detail}
    headers = dict(_WHO)
    if isinstance(problem, Unavailable):
        headers["Retry-After"] = str(problem.retry_after)
    if isinstance(problem, Unauthenticated):
        headers["WWW-Authenticate"] = "Token"  # never Basic: a browser would begin to send what somebody once typed
    return JSONResponse(told, problem.status, headers)


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    said = {
        400: "Something in it cannot be read; whatever can be is stored",
        401: "The sender is not known here",
        403: "Nothing is taken for this device",
        413: "More than is taken at once",
        503: "Not now; Retry-After says when",
    }
    return {status: {"model": InfluxRefusal, "description": said[status]} for status in statuses}


door = APIRouter(tags=["telemetry"], route_class=_InfluxRoute)

_credential = APIKeyHeader(name="Authorization", scheme_name="influx", auto_error=False)
_User = Annotated[str | None, Query(title="User name", description="Of no meaning here", examples=["telegraf"])]
_Password = Annotated[str | None, Query(title="Password", description="A device's token, where no header names it")]
_Precision = Annotated[
    str, Query(title="What timestamps count", description="`ns`, `us`, `ms`, `s`, `m` or `h`", examples=["s"])
]
_Ignored = Annotated[str | None, Query(title="Taken and not used", description="There is one place to write to")]


async def _sender(
    header: Annotated[str | None, Security(_credential)],
    pools: Annotated[Databases, Depends(databases)],
    u: _User = None,  # noqa: ARG001 - named, so that the description says it
    p: _Password = None,
) -> KnownDevice:
    token = _token(header) or p
    if not token:
        raise Unauthenticated("authorization failed: send a device's token, as the password or in Authorization")
    return await identify(pools.auth, token)


_Sender = Annotated[KnownDevice, Depends(_sender)]


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who sends, for whom else, what they may report, and where it goes."""

    sender: KnownDevice
    children: Mapping[str, KnownDevice]
    catalogue: Catalogue
    ingest: Ingest


async def _desk(
    sender: _Sender, pools: Annotated[Databases, Depends(databases)], ingest: Corridor, metrics: Metrics
) -> _Desk:
    return _Desk(sender, await children(pools.auth, sender), metrics.catalogue_of(sender.organization_key), ingest)


_Writing = Annotated[_Desk, Depends(_desk)]


def _token(header: str | None) -> str | None:
    scheme, _, value = (header or "").strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode("ascii").partition(":")[2] or None
        except (binascii.Error, ValueError):
            return None
    # version 1 also knows `Token user:password`
    return value.rpartition(":")[2] or None if scheme.lower() in ("token", "bearer") else None


_LINES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/plain": {
                "schema": {
                    "type": "string",
                    "title": "Line protocol",
                    "description": f"Up to {MOST_POINTS:,} points; also with Content-Encoding: gzip",
                    "examples": ["inverter,channel=mppt1 voltage_dc=612.5,current_dc=8.1 1767348000000000000"],
                }
            }
        },
    }
}


@door.post(
    "/write",
    status_code=204,
    response_class=Response,
    openapi_extra=_LINES,
    responses=_refusals(400, 401, 403, 413, 503),
)
async def write_points(
    request: Request,
    desk: _Writing,
    precision: _Precision = "ns",
    db: _Ignored = None,  # noqa: ARG001 - named, so that the description says it
) -> Response:
    """Take points as InfluxDB 1 does; answered once they are on disk.

    A field is called as a metric, the tag `channel` is its channel, and of a gateway `device` names who measured it.
    What cannot be stored as a reading is quarantined with a reason, and its neighbours are stored.
    """
    return await _take(request, desk, precision)


@door.post(
    "/api/v2/write",
    status_code=204,
    response_class=Response,
    openapi_extra=_LINES,
    responses=_refusals(400, 401, 403, 413, 503),
)
async def write_points_v2(
    request: Request,
    desk: _Writing,
    precision: _Precision = "ns",
    org: _Ignored = None,  # noqa: ARG001 - named, so that the description says it
    bucket: _Ignored = None,  # noqa: ARG001 - the same
) -> Response:
    """Take points as InfluxDB 2 does; otherwise the same as `/write`."""
    return await _take(request, desk, precision)


async def _take(request: Request, desk: _Desk, precision: str) -> Response:
    milliseconds = influx.PRECISIONS.get(precision)
    if milliseconds is None:
        raise Unreadable(f"invalid precision {precision[:20]!a}: use ns, us, ms, s, m or h")
    body = unpacked(await request.body(), request.headers.get("content-encoding", ""), MOST_BYTES)
    arrived_at = now()

    def read() -> tuple[list[Point], list[Fault], list[influx.Sent]]:
        points, faults = parse(body)
        if len(points) + len(faults) > MOST_POINTS:
            raise TooLarge(f"at most {MOST_POINTS:,} points are taken at once")
        sent = influx.samples(
            points,
            faults,
            desk.sender,
            desk.children,
            desk.catalogue,
            milliseconds=milliseconds,
            arrived_at=arrived_at,
        )
        return points, faults, sent

    # other senders must not wait while a large one is read
    points, faults, sent = read() if len(body) < _LARGE_BYTES else await asyncio.to_thread(read)
    await desk.ingest.take_all([Delivery(each.device, each.sifted.accepted, each.sifted.quarantined) for each in sent])
    if faults:
        told = influx.told(faults)
        raise Unreadable(f"partial write: {told} dropped={len(faults)}" if points else told)
    return Response(status_code=204, headers=_WHO)


@door.get("/ping", status_code=204, response_class=Response)
@door.head("/ping", status_code=204, response_class=Response, include_in_schema=False)
async def ping() -> Response:
    """Say that somebody is here who takes line protocol; clients ask before they write."""
    return Response(status_code=204, headers=_WHO)


class InfluxHealth(Answer):
    """What clients of version 2 ask for before they write."""

    name: Annotated[str, Field(examples=["solarhub"])]
    message: Annotated[str, Field(title="In words", examples=["ready for writes"])]
    status: Literal["pass"]
    version: Annotated[str, Field(title="Version of the hub", examples=["0.1.0"])]


@door.get("/health")
async def influx_health() -> InfluxHealth:
    """Say that writes are taken, as InfluxDB 2 does."""
    return InfluxHealth(name="solarhub", message="ready for writes", status="pass", version=solarhub.__version__)


class InfluxResult(Answer):
    """What became of one statement."""

    statement_id: Annotated[int, Field(title="Place of the statement", description="From 0", examples=[0])]
    series: Annotated[list[dict[str, Any]] | None, Field(title="What was asked for")] = None
    error: Annotated[str | None, Field(title="What is wrong with it")] = None


class InfluxResults(Answer):
    """Answers to statements, in their order."""

    results: Annotated[list[InfluxResult], Field(title="One for each statement")]


_Statements = Annotated[str, Query(title="Statements (InfluxQL)", examples=["SHOW DATABASES"])]


@door.get("/query", response_model_exclude_none=True, responses=_refusals(400, 401, 403, 503))
async def answer_query(sender: _Sender, q: _Statements = "") -> InfluxResults:  # noqa: ARG001 - whoever asks is to be known
    """Answer what clients ask before they write: which databases there are. Nothing is read this way."""
    return _results(q)


@door.post("/query", response_model_exclude_none=True, responses=_refusals(400, 401, 403, 503))
async def answer_posted_query(
    sender: _Sender,  # noqa: ARG001 - whoever asks is to be known
    q: _Statements = "",
    posted: Annotated[
        str, Form(alias="q", title="Statements (InfluxQL)", examples=['CREATE DATABASE "telegraf"'])
    ] = "",
) -> InfluxResults:
    """Answer what Telegraf asks before it writes: to create a database that is there already."""
    return _results(q or posted)


def _results(statements: str) -> InfluxResults:
    asked = [each for each in statements[:10_000].split(";") if each.strip()][:100]
    if not asked:
        raise Unreadable('missing required parameter "q"')
    return InfluxResults(results=[_result(number, each) for number, each in enumerate(asked)])


def _result(number: int, statement: str) -> InfluxResult:
    if _CREATING.match(statement):
        return InfluxResult(statement_id=number)
    if _SHOWING.fullmatch(statement):
        databases_there = {"name": "databases", "columns": ["name"], "values": [[_DATABASE]]}
        return InfluxResult(statement_id=number, series=[databases_there])
    return InfluxResult(statement_id=number, error="Solar Hub takes points this way; read them over its own API")
