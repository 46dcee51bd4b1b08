"""Finds the newest judged sample of each streak again: with it, a gap that a restart fell into is seen as one."""

from collections.abc import Iterable

import numpy as np

from solarhub.alerts.judging import Rows
from solarhub.alerts.spans import Int64s, spread
from solarhub.alerts.watch import Watch
from solarhub.telemetry.batch import NEVER


def windows(watch: Watch, pairs: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Devices of these pairs in a streak, and when the newest judged samples of each were taken: after, until."""
    device = watch.pairs.device[pairs].astype(np.int64)
    ends = _ends(watch, pairs)
    slots, number = np.unique(device, return_inverse=True)
    after, until = np.full(len(slots), np.iinfo(np.int64).max), np.full(len(slots), NEVER)
    np.minimum.at(after, number, ends - watch.slots.longest_gap[device])
    np.maximum.at(until, number, ends)
    return slots, after, until


def recall(watch: Watch, pairs: Int64s, rows: Iterable[Rows]) -> None:
    """`rows`: those of the windows of these pairs, late ones left out.

    A streak with no sample among them is so old that the next breach begins another one.
    """
    last = watch.pairs.last
    last[pairs] = watch.pairs.started[pairs]
    ends = np.full(watch.pairs.used, NEVER)
    ends[pairs] = _ends(watch, pairs)
    for each in rows:
        places = watch.book.places(each.series)
        if places is None:
            continue
        pair, row = spread(watch.slots.first[each.slots], watch.slots.count[each.slots])
        place = places[watch.book.metric[watch.pairs.rule[pair]]]
        asked = np.flatnonzero((place >= 0) & (ends[pair] != NEVER))
        pair, row, place = pair[asked], row[asked], place[asked]
        at, value = each.at[row], each.readings[row, place]
        gap = watch.slots.longest_gap[watch.pairs.device[pair]]
        counts = (at > last[pair]) & (at <= ends[pair]) & (at > ends[pair] - gap) & ~np.isnan(value)
        pair, at = pair[counts], at[counts]
        dark = np.flatnonzero(watch.book.daylight[watch.pairs.rule[pair]])
        if len(dark):
            where = watch.slots.sun[watch.pairs.device[pair[dark]]].astype(np.int64)
            light, _ = watch.sun.shines(where, at[dark])
            kept = np.ones(len(pair), np.bool_)
            kept[dark[~light]] = False
            pair, at = pair[kept], at[kept]
        np.maximum.at(last, pair, at)


def _ends(watch: Watch, pairs: Int64s) -> Int64s:
    """How far each pair is judged; the device's mark or the kept state's is there, or no state would have been kept."""
    ends: Int64s = np.maximum(watch.slots.judged_until[watch.pairs.device[pairs]], watch.pairs.kept_until[pairs])
    return ends
