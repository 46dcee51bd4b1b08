"""Whole lists as files: CSV that a spreadsheet opens without harm, or a JSON document on each line. Streamed."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from solarhub.kit.db import Session

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_AT_ONCE = 200

A = TypeVar("A", bound=BaseModel)
R = TypeVar("R")


class ExportFormat(StrEnum):
    """How a list is written."""

    CSV = "csv"
    JSONL = "jsonl"


AS_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The whole list, as a file",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/jsonl": {"schema": {"type": "string"}},
        },
    }
}
"""The `responses` of a route that answers with a file."""

FORMAT = Query(
    title="Kind of file",
    description="`csv` for a spreadsheet, `jsonl` for a program: one JSON document on each line",
)


def export(
    name: str, answers: AsyncIterator[BaseModel], answer: type[BaseModel], file_format: ExportFormat
) -> StreamingResponse:
    """The answers as a download called `name`; whoever iterates them opens and closes what they are read from.

    In CSV nested objects have a column for each of their declared keys, with dots in its name; other objects and lists
    are JSON in one cell. A text that a spreadsheet would take for a formula gets an apostrophe in front of it.
    """
    lines = _csv(answers, answer) if file_format is ExportFormat.CSV else _jsonl(answers)
    media_type = "text/csv; charset=utf-8" if file_format is ExportFormat.CSV else "application/jsonl"
    disposition = f'attachment; filename="{name}.{file_format.value}"'
    return StreamingResponse(lines, media_type=media_type, headers={"Content-Disposition": disposition})


async def answers_of(
    open_session: Callable[[], AbstractAsyncContextManager[Session]],
    rows: Callable[[Session], AsyncIterator[R]],
    told: Callable[[R], A],
) -> AsyncIterator[A]:
    """How each row is told, read while it is sent, in a session of its own: the request's end before that."""
    async with open_session() as session:
        async for row in rows(session):
            yield told(row)


async def _jsonl(answers: AsyncIterator[BaseModel]) -> AsyncIterator[str]:
    gathered: list[str] = []
    async for each in answers:
        gathered.append(each.model_dump_json() + "\n")
        if len(gathered) == _AT_ONCE:
            yield "".join(gathered)
            gathered.clear()
    yield "".join(gathered)


async def _csv(answers: AsyncIterator[BaseModel], answer: type[BaseModel]) -> AsyncIterator[str]:
    columns = list(_columns(answer))
    page = io.StringIO()
    writer = csv.writer(page)
    page.write("\ufeff")  # or a spreadsheet takes Urdu for something else
    writer.writerow(".".join(path) for path in columns)
    count = 0
    async for each in answers:
        document = each.model_dump(mode="json")
        writer.writerow(cell(_at(document, path)) for path in columns)
        count += 1
        if count % _AT_ONCE == 0:
            yield page.getvalue()
            page.seek(0)
            page.truncate()
    yield page.getvalue()


def _columns(answer: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in answer.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _columns(inner, (*above, name))
        else:
            yield (*above, name)


def _at(document: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = document
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def cell(value: Any) -> str:
    """A value as it stands in a cell: a text that a spreadsheet would take for a formula gets an apostrophe."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
