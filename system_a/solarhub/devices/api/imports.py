"""Plants, devices and customers from one file, over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from solarhub.audit.recording import follow
from solarhub.devices.bulk import importing
from solarhub.devices.bulk.columns import NAMES, TEMPLATE
from solarhub.devices.bulk.importing import Import
from solarhub.devices.bulk.table import MOST_BYTES, MOST_ROWS, read
from solarhub.devices.schemas.bulk import (
    CustomerLine,
    ImportAnswer,
    ImportProgress,
    ImportResult,
    ImportWish,
)
from solarhub.kit.db import Databases, Session, transaction
from solarhub.kit.errors import (
    Conflict,
    Invalid,
    NotFound,
    Problem,
    TooLarge,
    TooManyRequests,
    Unavailable,
    Unreadable,
)
from solarhub.kit.http import Keys, PublicUrl, Router, databases, describe
from solarhub.kit.http.exports import ExportFormat, export
from solarhub.organizations import access
from solarhub.organizations.access import Standing
from solarhub.organizations.deps import Here, needs, trail_of
from solarhub.organizations.roles import Permission

router = Router(prefix="/organizations/{organization_id}/imports", tags=["imports"])

_RIGHT = Permission.SITES_CREATE
_NDJSON = "application/x-ndjson"
_CSV = "text/csv"
_ROW_EXAMPLE = {"site_name": "Gulberg roof", "latitude": 31.5204, "longitude": 74.3587, "customer_name": "Bilal Ahmed"}
_BODY: dict[str, Any] = {
    "required": True,
    "description": f"At most {MOST_ROWS:,} rows and {MOST_BYTES // 2**20} MiB, in UTF-8. CSV is parted by commas,"
    " semicolons or tabs; JSON is a list of objects whose keys are the columns. The columns: " + ", ".join(NAMES),
    "content": {
        _CSV: {"schema": {"type": "string"}},
        "application/json": {
            "schema": {"type": "array", "items": {"type": "object"}, "minItems": 1, "examples": [[_ROW_EXAMPLE]]},
        },
    },
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What came of the file, or would have",
        "content": {
            _NDJSON: {"schema": {"type": "string", "description": "Progress lines, and at the end the result"}},
            _CSV: {"schema": {"type": "string", "description": "The customers with their links"}},
        },
    }
}
_TEMPLATE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A file with every column and rows that show how it is filled in",
        "content": {_CSV: {"schema": {"type": "string"}}},
    }
}


@router.post(
    "/sites",
    response_model=ImportAnswer,
    responses=_ANSWERS | describe(Unreadable, NotFound, Conflict, TooLarge, Invalid, TooManyRequests, Unavailable),
    openapi_extra=needs(_RIGHT) | {"requestBody": _BODY},
)
async def import_sites(
    *,
    request: Request,
    wanted: Annotated[ImportWish, Query()],
    here: Here,
    pools: Annotated[Databases, Depends(databases)],
    keyring: Keys,
    public_url: PublicUrl,
) -> Response | ImportAnswer:
    """Enter plants from a file, with their devices, and with their customers, who get a link each.

    What is there already is left as it is: the same file can come twice. With `Accept: application/x-ndjson` progress
    is told in lines while it works; with `Accept: text/csv` the answer is the list of customers with their links.
    """
    here.check_writable()
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise TooLarge(f"At most {MOST_BYTES:,} bytes are taken at once: split the file.")
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # other requests must not wait while this one is read
    table = await asyncio.to_thread(read, body, is_json=told.endswith("json"))
    asked = Import(here, table, wanted, keyring, public_url, pools.auth)
    accepted = request.headers.get("accept", "")
    if _NDJSON in accepted:
        return StreamingResponse(_lines(request, pools, asked), media_type=_NDJSON)
    async with _session(request, pools, here) as session:
        await importing.look(session, asked)
        async for _ in importing.carry_out(session, asked):
            pass
    if _CSV in accepted:
        return export("customers", _customers(asked.answer()), CustomerLine, ExportFormat.CSV)
    return asked.answer()


@asynccontextmanager
async def _session(request: Request, pools: Databases, here: Standing) -> AsyncIterator[Session]:
    """One transaction that is committed at its end, also where the answer is already on its way by then."""
    async with transaction(pools.app) as session:
        await access.enter(session, here, _RIGHT)
        follow(session, trail_of(request, here.actor))
        yield session


async def _lines(request: Request, pools: Databases, asked: Import) -> AsyncIterator[str]:
    """Progress, and at the end the result, or the problem for which nothing was stored."""
    try:
        async with _session(request, pools, asked.here) as session:
            await importing.look(session, asked)
            total = len(asked.planned)
            yield _line(ImportProgress(done=0, total=total).model_dump(mode="json"))
            async with aclosing(importing.carry_out(session, asked)) as steps:
                async for done in steps:
                    yield _line(ImportProgress(done=done, total=total).model_dump(mode="json"))
        yield _line(ImportResult(**dict(asked.answer())).model_dump(mode="json"))
    except Problem as problem:
        yield _line({"kind": "problem", **problem.document()})


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


async def _customers(answer: ImportAnswer) -> AsyncIterator[CustomerLine]:
    for site in answer.results:
        for customer in site.customers:
            yield CustomerLine(
                line=customer.line,
                site_name=site.name,
                customer_name=customer.name,
                customer_phone=customer.phone,
                customer_email=customer.email,
                outcome=customer.outcome,
                link=customer.link,
                whatsapp_link=customer.whatsapp_link,
                expires_at=customer.expires_at,
            )


@router.get(
    "/sites/template",
    responses=_TEMPLATE | describe(NotFound),
    response_class=Response,
    openapi_extra=needs(_RIGHT),
)
async def get_import_template(_here: Here) -> Response:
    """The columns of such a file, with rows that show how it is filled in: delete them, and fill in your own."""
    lines = [",".join(NAMES), *(",".join(_quoted(row.get(name, "")) for name in NAMES) for row in TEMPLATE)]
    # the mark in front: or a spreadsheet takes Urdu for something else
    content = "\ufeff" + "\r\n".join(lines) + "\r\n"
    headers = {"Content-Disposition": 'attachment; filename="plants.csv"'}
    return Response(content.encode(), media_type=f"{_CSV}; charset=utf-8", headers=headers)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell
