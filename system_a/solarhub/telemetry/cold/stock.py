"""What is stored of everybody's devices: raw days, compressed days, how large they are and what retention is about to
remove; for whoever operates the hub."""

from datetime import date, datetime

from pydantic import BaseModel

from solarhub.kit.db import Session
from solarhub.telemetry.cold.retention import kept_from
from solarhub.telemetry.queries import retention as queries


class RawDay(BaseModel):
    """A day of raw rows, not compressed yet; `rows` is what the server estimates. `bytes` with the index."""

    day: date
    rows: int
    bytes: int


class Compressed(BaseModel):
    """What lies in blocks of one organization; a value is one reading, and the bytes of its instant are counted in."""

    organization: str
    slug: str
    days: int
    rows: int
    imported_rows: int
    values: int
    bytes: int
    bytes_per_value: float | None
    kept_from: date
    rows_to_remove: int
    bytes_to_remove: int


class Stock(BaseModel):
    """`table_bytes`: blocks with all that PostgreSQL keeps beside them on the disk."""

    raw: list[RawDay]
    compressed: list[Compressed]
    table_bytes: int


async def take(session: Session, now: datetime) -> Stock:
    """As the worker, who sees everybody's."""
    kept = dict(await kept_from(session, now))
    compressed = [
        Compressed(
            organization=one.name,
            slug=one.slug,
            days=one.days,
            rows=one.rows,
            imported_rows=one.imported,
            values=one.readings,
            bytes=one.bytes,
            bytes_per_value=round(one.bytes / one.readings, 3) if one.readings else None,
            kept_from=kept[one.organization_key],
            rows_to_remove=one.old_rows,
            bytes_to_remove=one.old_bytes,
        )
        for one in await queries.stock(session, kept)
    ]
    raw = [RawDay(day=one.day, rows=one.rows, bytes=one.bytes) for one in await queries.raw_stock(session)]
    return Stock(raw=raw, compressed=compressed, table_bytes=await queries.table_bytes(session))
