"""Where energy series of devices stood before a time: what their next quarter counts on from."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from solarhub.kit.db import Session
from solarhub.telemetry.queries import rollups as queries
from solarhub.telemetry.rollups.calendar import SECOND
from solarhub.telemetry.rollups.energies import Carried, Carry, carries_of
from solarhub.telemetry.rollups.figures import I, Rows
from solarhub.telemetry.rollups.packing import Before
from solarhub.telemetry.rollups.spacing import NEVER, Heard


async def carries(session: Session, rows: Sequence[Rows], start: datetime) -> tuple[dict[str, Carried], Heard]:
    """What the energy series of these rows showed last before, and when their devices were heard."""
    wanted: dict[str, list[I]] = {}
    for each in rows:
        roles = each.roles
        keys = np.unique(each.device_keys)
        for place in roles.counters:
            wanted.setdefault(each.series[place], []).append(keys)
        if roles.power is not None:
            wanted.setdefault("power_output", []).append(keys)
    if not rows:
        return {}, NEVER
    everybody = np.unique(np.concatenate([each.device_keys for each in rows]))
    known = await queries.before(session, everybody.tolist(), start)
    with_a_past = np.concatenate([each.device_keys for each in known]) if known else everybody[:0]
    found: dict[str, Carried] = {}
    missing: list[tuple[int, str]] = []
    for name, some in wanted.items():
        found[name] = _carried([each for each in known if name in each.series], name)
        if name != "power_output":  # what was given long ago says nothing of the area since
            unknown = np.setdiff1d(np.concatenate(some), found[name].device_keys)
            missing += [(key, name) for key in np.intersect1d(unknown, with_a_past).tolist()]
    if missing:
        for key, name, last_at, value, moved in await queries.last_told(session, missing, start):
            at = last_at.timestamp()
            one = carries_of({(key, name): Carry(value, at, at if moved is None else moved)})[name]
            found[name] = _merged([found[name], one])
    return found, _heard(known)


def _heard(known: Sequence[Before]) -> Heard:
    if not known:
        return NEVER
    keys, at, intervals = (np.concatenate(column) for column in zip(*(each[1:4] for each in known), strict=True))
    order = np.argsort(keys)
    return Heard(keys[order], at[order] / SECOND, intervals[order].astype(np.float64))


def _carried(known: Sequence[Before], name: str) -> Carried:
    parts = []
    for each in known:
        place = each.series.index(name)
        told = ~np.isnan(each.last[:, place])
        at, moved = each.last_at[told] / SECOND, each.moved[told, place]
        parts.append(Carried(each.device_keys[told], each.last[told, place], at, np.where(np.isnan(moved), at, moved)))
    return _merged(parts)


def _merged(parts: Sequence[Carried]) -> Carried:
    """In the order of their keys; nobody is in two of them."""
    if not parts:
        return Carried(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))
    keys, values, at, moved = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(keys)
    return Carried(keys[order], values[order], at[order], moved[order])
