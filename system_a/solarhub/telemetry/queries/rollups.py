"""SQL of rolling up, as the worker: what was rolled before, and what has been worked out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.kit.db import Session
from solarhub.telemetry.layout import Series
from solarhub.telemetry.models import TelemetryLayout
from solarhub.telemetry.rollups.figures import Rolled
from solarhub.telemetry.rollups.packing import Before, Column, Packed, copies, unpacked, unpacked_before


def _instant(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


_KEYS = sa.bindparam("device_keys", type_=ARRAY(sa.Integer))

# ------------------------------------------------------------------------------------------------------- what is known


async def devices(session: Session, device_keys: Collection[int]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """device_key, organization_key, site_id, timezone, latitude, longitude and metadata of each, as it stands now."""
    return (await session.execute(_DEVICES, {"device_keys": list(device_keys)})).all()


_DEVICES = sa.text("""
select d.device_key, o.organization_key, d.site_id, s.timezone, s.latitude, s.longitude, d.metadata
from devices d
join sites s on s.id = d.site_id
join organizations o on o.id = d.organization_id
where d.device_key = any(:device_keys)
""").bindparams(_KEYS)


async def before(session: Session, device_keys: Sequence[int], start: datetime) -> list[Before]:
    """The newest quarter of each device that began before `start`."""
    rows = (await session.execute(_BEFORE, {"device_keys": list(device_keys), "start": start})).all()
    series = await _series(session, {layout_id for layout_id, *_ in rows})
    return [unpacked_before(series[layout_id], *packed) for layout_id, *packed in rows]


_BEFORE = sa.text("""
select q.layout_id, array_send(array_agg(q.device_key)), array_send(array_agg(q.last_at)),
    array_send(array_agg(q.interval_seconds)), array_send(array_agg(q.last)),
    array_send(array_agg(coalesce(q.moved, array_fill('NaN'::double precision, array[cardinality(q.last)]))))
from unnest(:device_keys) as w (device_key)
cross join lateral (
    select r.* from rollup_quarters r where r.device_key = w.device_key and r.start < :start
    order by r.start desc limit 1
) q
group by q.layout_id
""").bindparams(_KEYS, _instant("start"))


async def last_told(
    session: Session, wanted: Sequence[tuple[int, str]], start: datetime
) -> list[tuple[int, str, datetime, float, float | None]]:
    """When and what each (device, series) was last told in a quarter before `start`, and since when it stood then."""
    keys, series = zip(*wanted, strict=True)
    rows = await session.execute(_LAST_TOLD, {"device_keys": list(keys), "series": list(series), "start": start})
    return [(key, name, at, value, moved) for key, name, at, value, moved in rows]


_LAST_TOLD = sa.text("""
select w.device_key, w.series, q.last_at, q.value, q.moved
from unnest(:device_keys, :series) as w (device_key, series)
cross join lateral (
    select r.last_at, r.last[p.place] as value, nullif(r.moved[p.place], 'NaN') as moved
    from rollup_quarters r
    join telemetry_layouts l on l.id = r.layout_id
    cross join lateral (select array_position(l.series, w.series) as place) p
    where r.device_key = w.device_key and r.start < :start and r.start >= :start - interval '62 days'
        and r.last[p.place] <> 'NaN'
    order by r.start desc limit 1
) q
""").bindparams(_KEYS, sa.bindparam("series", type_=ARRAY(sa.Text)), _instant("start"))


async def rolled(
    session: Session, table: str, device_keys: Collection[int], start: datetime, end: datetime
) -> list[Rolled]:
    """Buckets of `rollup_quarters`, `rollup_hours` or `rollup_days` that begin from `start` to before `end`."""
    rows = (await session.execute(_ROLLED[table], {"device_keys": list(device_keys), "start": start, "end": end})).all()
    series = await _series(session, {row.layout_id for row in rows})
    return [unpacked(series[layout_id], Packed(*packed)) for layout_id, *packed in rows]


def _rolled_sql(table: str, start: str) -> sa.TextClause:
    filled = "array[cardinality(q.mean)]"
    return sa.text(f"""
        select q.layout_id, array_send(array_agg(q.device_key)), array_send(array_agg(q.{start})),
            array_send(array_agg(coalesce(q.last_at, q.{start}))), array_send(array_agg(q.samples)),
            array_send(array_agg(q.interval_seconds)),
            array_send(array_agg(q.mean)), array_send(array_agg(q.least)), array_send(array_agg(q.greatest)),
            array_send(array_agg(q.last)),
            array_send(array_agg(coalesce(q.kwh, array_fill('NaN'::double precision, {filled})))),
            array_send(array_agg(coalesce(q.reported, array_fill(q.samples, {filled})))),
            array_send(array_agg(coalesce(q.marks, array_fill(0, {filled}))))
        from {table} q
        where q.device_key = any(:device_keys) and q.{start} >= :start and q.{start} < :end and q.mean <> '{{}}'
        group by q.layout_id
    """).bindparams(_KEYS, _instant("start"), _instant("end"))  # noqa: S608 - put together of what stands here


_ROLLED = {
    "rollup_quarters": _rolled_sql("rollup_quarters", "start"),
    "rollup_hours": _rolled_sql("rollup_hours", "start"),
    "rollup_days": _rolled_sql("rollup_days", "starts_at"),
}


async def _series(session: Session, layout_ids: Collection[int]) -> dict[int, Series]:
    if not layout_ids:
        return {}
    rows = await session.execute(
        sa.select(TelemetryLayout.id, TelemetryLayout.series).where(TelemetryLayout.id.in_(layout_ids))
    )
    return {layout_id: tuple(series) for layout_id, series in rows}


async def gaps(
    session: Session, device_keys: Collection[int], start: datetime, end: datetime
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """device_key, series, started_at, ended_at, kwh and marks of gaps that touch a time."""
    return (await session.execute(_GAPS, {"device_keys": list(device_keys), "start": start, "end": end})).all()


_GAPS = sa.text("""
select device_key, series, started_at, ended_at, kwh, marks from rollup_gaps
where device_key = any(:device_keys) and ended_at > :start and started_at < :end
order by device_key, series, ended_at
""").bindparams(_KEYS, _instant("start"), _instant("end"))

# --------------------------------------------------------------------------------------------------- what is worked out


_INCOMING = """
create temporary table if not exists incoming_rollups (
    device_key integer, start timestamptz, ends_at timestamptz, day date, last_at timestamptz, organization_key integer,
    layout_id integer, samples integer, interval_seconds integer, mean double precision[], least double precision[],
    greatest double precision[], last double precision[], kwh double precision[], reported integer[], marks integer[],
    moved double precision[], site_id uuid, energy_kwh double precision, energy_method integer, energy_marks integer
) on commit delete rows
"""


async def bring(session: Session, parts: Iterable[tuple[Rolled, Mapping[str, Column]]], *, moved: bool = False) -> None:
    """Copies buckets to where the statements below take them from: COPY into walled tables is refused."""
    connection = await session.connection()
    await connection.exec_driver_sql(_INCOMING)
    await connection.exec_driver_sql("delete from incoming_rollups")
    driver: Any = (await connection.get_raw_connection()).driver_connection
    for part, scalars in parts:
        for columns, content in copies(part, scalars, moved=moved):
            await driver.copy_to_table("incoming_rollups", source=_once(content), columns=columns, format="binary")


async def _once(content: bytes) -> Any:
    yield content


_FIGURES = (
    "last_at", "organization_key", "layout_id", "samples", "interval_seconds", "mean", "least", "greatest", "last",
    "kwh", "reported", "marks",
)  # fmt: skip


def _upsert(table: str, key: str, more: Sequence[str], values: Mapping[str, str], returning: str) -> sa.TextClause:
    """`values`: how a column is told where it is not by its own name."""
    columns = ["device_key", key, *more, *_FIGURES]
    told = ", ".join(values.get(name, name) for name in columns)
    changing = [name for name in columns if name not in ("device_key", key, "site_id")]
    changes = ", ".join(f"{name} = excluded.{name}" for name in changing)
    old, new = ", ".join(f"t.{name}" for name in changing), ", ".join(f"excluded.{name}" for name in changing)
    # raw rows only grow in number: fewer than before are what retention has left of them, or it is another time
    more_rows = "excluded.samples >= t.samples" + (" or excluded.ends_at <> t.ends_at" if "ends_at" in more else "")
    return sa.text(f"""
        insert into {table} as t ({", ".join(columns)})
        select {told} from incoming_rollups order by device_key, start
        on conflict (device_key, {key}) do update set {changes}
        where ({more_rows}) and ({old}) is distinct from ({new})
        returning {returning}
    """)  # noqa: S608 - put together of what stands here


_UPSERT_QUARTERS = _upsert("rollup_quarters", "start", ["moved"], {}, "t.device_key, t.start")
_UPSERT_HOURS = _upsert(
    "rollup_hours", "start", ["ends_at"], {"last_at": "nullif(last_at, '-infinity')"}, "t.device_key"
)
_UPSERT_MONTHS = _upsert(
    "rollup_months",
    "month",
    ["starts_at", "ends_at"],
    {"month": "day", "starts_at": "start", "last_at": "nullif(last_at, '-infinity')"},
    "t.device_key",
)
_UPSERT_DAYS = _upsert(
    "rollup_days",
    "day",
    ["starts_at", "ends_at", "site_id", "measured_kwh", "energy_kwh", "energy_method", "energy_marks"],
    {
        "starts_at": "start",
        "last_at": "nullif(last_at, '-infinity')",
        "energy_kwh": "nullif(energy_kwh, 'NaN')",
        "measured_kwh": "nullif(energy_kwh, 'NaN')",
        "energy_method": "case energy_method when 1 then 'counter' when 2 then 'power' end",
    },
    "t.device_key",
)


async def upsert_quarters(session: Session) -> list[tuple[int, datetime]]:
    """What was brought; (device_key, start) of those that are new or others than before."""
    return [(key, start) for key, start in await session.execute(_UPSERT_QUARTERS)]


async def upsert_hours(session: Session) -> None:
    await session.execute(_UPSERT_HOURS)


async def upsert_days(session: Session) -> None:
    await session.execute(_UPSERT_DAYS)


async def upsert_months(session: Session) -> None:
    await session.execute(_UPSERT_MONTHS)


async def forget(session: Session, device_key: int, day: date, start: datetime, end: datetime) -> None:
    """A day of a device and the hours that begin in it, before they are put together by other clocks."""
    of_day = {"device_key": device_key, "day": day, "start": start, "end": end}
    await session.execute(_FORGET_HOURS, of_day)
    await session.execute(_FORGET_DAY, of_day)


_FORGET_HOURS = sa.text("""
delete from rollup_hours where device_key = :device_key and start >= :start and start < :end
""").bindparams(_instant("start"), _instant("end"))
_FORGET_DAY = sa.text("delete from rollup_days where device_key = :device_key and day = :day")


class GapValues(NamedTuple):
    """Columns of gaps, side by side."""

    device_keys: Sequence[int]
    series: Sequence[str]
    started_at: Sequence[datetime]
    ended_at: Sequence[datetime]
    organization_keys: Sequence[int]
    kwh: Sequence[float]
    marks: Sequence[int]


async def replace_gaps(
    session: Session,
    device_keys: Collection[int],
    window: tuple[datetime, datetime],
    values: GapValues,
    *,
    may_lack_rows: bool,
) -> list[tuple[int, datetime, datetime]]:
    """Puts these in the place of all that end in the time; (device_key, from, to) of those that came or went.

    Where retention may have taken rows away, a gap is its quarter's: it stays where that has figures of more rows.
    """
    new: dict[str, Any] = {name: list(column) for name, column in values._asdict().items()}
    new["may_lack_rows"] = may_lack_rows
    of_window = {"wanted_keys": list(device_keys), "start": window[0], "end": window[1]}
    gone = await session.execute(_OTHER_GAPS, new | of_window)
    changed = [(key, started, ended) for key, started, ended in gone]
    if values.device_keys:
        came = await session.execute(_NEW_GAPS, new)
        changed += [(key, started, ended) for key, started, ended in came]
    return changed


_NEW = """unnest(:device_keys, :series, :started_at, :ended_at, :organization_keys, :kwh, :marks)
    as n (device_key, series, started_at, ended_at, organization_key, kwh, marks)"""
_NEW_COLUMNS = (
    _KEYS,
    sa.bindparam("series", type_=ARRAY(sa.Text)),
    sa.bindparam("started_at", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("ended_at", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("organization_keys", type_=ARRAY(sa.Integer)),
    sa.bindparam("kwh", type_=ARRAY(sa.Double)),
    sa.bindparam("marks", type_=ARRAY(sa.Integer)),
    sa.bindparam("may_lack_rows", type_=sa.Boolean),
)


def _stays(gap: str) -> str:
    """Whether its quarter has figures of more rows than were found now. One look for each gap, and gaps are few."""
    return f"""coalesce((
        select q.samples > coalesce(i.samples, 0)
        from rollup_quarters q left join incoming_rollups i on (i.device_key, i.start) = (q.device_key, q.start)
        where q.device_key = {gap}.device_key and q.start = date_bin('15 minutes', {gap}.ended_at, 'epoch')
    ), false)"""  # noqa: S608 - put together of what stands here


_OTHER_GAPS = sa.text(f"""
delete from rollup_gaps g
where g.device_key = any(:wanted_keys) and g.ended_at >= :start and g.ended_at < :end and not exists (
    select from {_NEW} where (n.device_key, n.series, n.started_at, n.ended_at, n.kwh, n.marks)
        = (g.device_key, g.series, g.started_at, g.ended_at, g.kwh, g.marks)
) and not (:may_lack_rows and {_stays("g")})
returning g.device_key, g.started_at, g.ended_at
""").bindparams(  # noqa: S608 - put together of what stands here
    *_NEW_COLUMNS, sa.bindparam("wanted_keys", type_=ARRAY(sa.Integer)), _instant("start"), _instant("end")
)
_NEW_GAPS = sa.text(f"""
insert into rollup_gaps as g (device_key, series, started_at, ended_at, organization_key, kwh, marks)
select device_key, series, started_at, ended_at, organization_key, kwh, marks from {_NEW}
where not (:may_lack_rows and {_stays("n")})
on conflict do nothing
returning g.device_key, g.started_at, g.ended_at
""").bindparams(*_NEW_COLUMNS)  # noqa: S608 - put together of what stands here
