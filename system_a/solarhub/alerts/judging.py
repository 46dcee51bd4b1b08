"""Judges rows in columns and gathers what must be written for it: pure, but for the watch that it moves.

Nearly all pairs of rule and device are settled over arrays: those whose rule is clear and stays clear, and those whose
breach goes on without anything falling due. Whatever else may happen is left to `lifecycle.step`, sample by sample.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np

from solarhub.alerts.compiled import CompiledRule, WatchedDevice
from solarhub.alerts.lifecycle import Event, Fired, State, step
from solarhub.alerts.rulebook import ABOVE, BELOW, EQUAL
from solarhub.alerts.spans import Flags, Floats, Int64s, spread
from solarhub.alerts.watch import Watch
from solarhub.kit.ids import uuid7
from solarhub.telemetry.batch import NEVER, moment

_PAIRS_AT_ONCE = 500  # stepped by hand in a few milliseconds, in which nothing else runs

_SIDES = np.zeros(4, np.int8)
_SIDES[0], _SIDES[1], _SIDES[2] = EQUAL, ABOVE, BELOW


class Rows(NamedTuple):
    """Rows that report the same series and are not late; of one device in the order of `at`.

    `slots` are the watch's, of devices that it watches. `readings[i, j]` is the value of `series[j]`; NaN: none.
    `received_at` is when the hub took each of them in, where they are read back: then no rule judges what is older
    than itself. Times in microseconds since 1970 UTC.
    """

    series: tuple[str, ...]
    slots: Int64s
    at: Int64s
    received_at: Int64s | None
    readings: Floats


class Entries(NamedTuple):
    """Values under rules: each of one pair at one instant."""

    pair: Int64s
    at: Int64s
    value: Floats
    breaches: Flags

    def chosen(self, places: Int64s | Flags) -> "Entries":
        return Entries(self.pair[places], self.at[places], self.value[places], self.breaches[places])


@dataclass(slots=True)
class OpenedAlert:
    """An alert that fired among the judged rows, and its end where that lies among them too."""

    id: UUID
    device: WatchedDevice
    rule: CompiledRule
    fired: Fired
    resolved_at: datetime | None = None


class MovedState(NamedTuple):
    """Where a rule stands on a device after the sample at `changed_at`."""

    device: WatchedDevice
    rule: CompiledRule
    state: State
    open_alert_id: UUID | None
    changed_at: datetime


@dataclass(slots=True)
class Changes:
    """What judging some rows changed, and a restart must know. `resolved`: alerts of earlier rows and their ends.

    `values` were held against rules; of these `by_hand` could not be settled over arrays.
    """

    opened: dict[UUID, OpenedAlert] = field(default_factory=dict)
    resolved: dict[UUID, datetime] = field(default_factory=dict)
    states: list[MovedState] = field(default_factory=list)
    values: int = 0
    by_hand: int = 0

    def note(self, device: WatchedDevice, rule: CompiledRule, event: Event, alert_id: UUID | None) -> UUID | None:
        """The alert that is open after the event, where `alert_id` was open before it."""
        if isinstance(event, Fired):
            alert = OpenedAlert(uuid7(), device, rule, event)
            self.opened[alert.id] = alert
            return alert.id
        if alert_id in self.opened:
            self.opened[alert_id].resolved_at = event.at
        elif alert_id is not None:
            self.resolved[alert_id] = event.at
        return None


class Judgement:
    """Of some rows: what arrays can settle is settled when it is made, the rest by `step_by_step`.

    Rows older than the newest judged one are passed over. `in_question`: pairs with an open alert that comes into play;
    whoever can tell whether a person has closed one in the meantime says so to the watch before the steps are taken.
    """

    def __init__(self, watch: Watch, rows: Sequence[Rows]) -> None:
        self.changes = Changes()
        self._watch = watch
        fresh = [each for each in (_fresh(watch, part) for part in rows) if len(each.at)]
        entries = self._entries_of(fresh)
        for part in fresh:
            watch.slots.judged_until[part.slots] = np.maximum(watch.slots.judged_until[part.slots], part.at)
        self._entries = _by_daylight(watch, entries)
        self._left: Sequence[tuple[int, int]] = ()
        self.in_question: Sequence[int] = ()
        if len(self._entries.pair):
            self._settle()

    def _entries_of(self, rows: Sequence[Rows]) -> Entries:
        """Values that breach, and clear ones where they matter too; those of a pair in the order of time."""
        several = _any_device_twice(self._watch, rows)
        parts = [_held_against_rules(self._watch, part, self.changes, all_of_them=several) for part in rows]
        if not parts:
            return _NOTHING
        together = Entries(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
        if not several:
            return together
        busy = self._watch.pairs.busy.copy()
        busy[together.pair[together.breaches]] = True
        together = together.chosen(busy[together.pair])
        return together.chosen(np.lexsort((together.at, together.pair)))

    def step_by_step(self) -> Iterator[None]:
        """Moves the other pairs; stops now and then, so that whoever drives it may let others work in between."""
        for number, (first, end) in enumerate(self._left, 1):
            _step(self._watch, self._entries, first, end, self.changes)
            if number % _PAIRS_AT_ONCE == 0:
                yield

    def _settle(self) -> None:
        pairs, book, (pair, at, _, breaches) = self._watch.pairs, self._watch.book, self._entries
        head = np.ones(len(pair), np.bool_)
        head[1:] = pair[1:] != pair[:-1]
        heads = np.flatnonzero(head)
        ends = np.append(heads[1:], len(pair))
        one = pair[heads]
        rule = pairs.rule[one]
        before = np.empty(len(at), np.int64)
        before[1:] = at[:-1]
        before[heads] = pairs.last[one]
        goes_on = ~np.logical_or.reduceat(~breaches | _broken(self._watch, pair, before, at), heads)
        started, triggered, newest = pairs.started[one], pairs.triggered[one], at[ends - 1]
        on_hold = (triggered != NEVER) & ~pairs.is_open[one] & (newest - triggered < book.cooldown[rule])
        waits = pairs.awaiting[one] | on_hold | (newest - started < book.duration[rule])
        settled = goes_on & waits & (started != NEVER)
        pairs.last[one[settled]] = newest[settled]
        left = ~settled
        self._left = list(zip(heads[left].tolist(), ends[left].tolist(), strict=True))
        breached = np.logical_or.reduceat(breaches, heads)
        asked = left & breached & pairs.is_open[one] & ~(pairs.awaiting[one] & book.auto_resolve[rule])
        self.in_question = one[asked].tolist()


def _fresh(watch: Watch, rows: Rows) -> Rows:
    # the newest judged one may come again with values that were merged into it; those it had before change nothing
    fresh = rows.at >= watch.slots.judged_until[rows.slots]
    if fresh.all():
        return rows
    received_at = None if rows.received_at is None else rows.received_at[fresh]
    return Rows(rows.series, rows.slots[fresh], rows.at[fresh], received_at, rows.readings[fresh])


def _any_device_twice(watch: Watch, rows: Sequence[Rows]) -> bool:
    if not rows:
        return False
    slots = np.concatenate([part.slots for part in rows])
    number = np.arange(len(slots), dtype=np.int64)
    last = np.empty(watch.slots.used, np.int64)
    last[slots] = number
    return not (last[slots] == number).all()


def _held_against_rules(watch: Watch, rows: Rows, changes: Changes, *, all_of_them: bool) -> Entries:
    """Values that breach, and those of busy pairs, or `all_of_them`."""
    book, pairs, slots = watch.book, watch.pairs, watch.slots
    places = book.places(rows.series)
    if places is None:
        return _NOTHING
    pair, row = spread(slots.first[rows.slots], slots.count[rows.slots])
    rule = pairs.rule[pair]
    place = places[book.metric[rule]]
    there = place >= 0
    if not there.all():
        pair, row, rule, place = pair[there], row[there], rule[there], place[there]
    value, threshold = rows.readings[row, place], book.threshold[rule]
    side = np.where(value > threshold, np.int8(ABOVE), np.where(value < threshold, np.int8(BELOW), np.int8(EQUAL)))
    breaches = (book.sides[rule] & side) != 0
    matters = ~np.isnan(value)
    if not all_of_them:
        matters &= breaches | pairs.busy[pair]
    changes.values += len(pair)
    if pairs.any_kept:
        matters &= rows.at[row] > pairs.kept_until[pair]
    if rows.received_at is not None:
        matters &= rows.received_at[row] > book.asks_since[rule]
    chosen = np.flatnonzero(matters)
    return Entries(pair[chosen], rows.at[row[chosen]], value[chosen], breaches[chosen])


def _by_daylight(watch: Watch, entries: Entries) -> Entries:
    """Without those that rules of the daylight leave alone."""
    asked = np.flatnonzero(watch.book.daylight[watch.pairs.rule[entries.pair]])
    if not len(asked):
        return entries
    where = watch.slots.sun[watch.pairs.device[entries.pair[asked]]].astype(np.int64)
    light, _ = watch.sun.shines(where, entries.at[asked])
    dark = asked[~light]
    return entries if not len(dark) else entries.chosen(np.delete(np.arange(len(entries.pair)), dark))


def _broken(watch: Watch, pair: Int64s, before: Int64s, at: Int64s) -> Flags:
    """Whether a gap, or perhaps a night, lies between two breaching samples of a pair."""
    device = watch.pairs.device[pair]
    broken: Flags = at - before > watch.slots.longest_gap[device]
    asked = np.flatnonzero(watch.book.daylight[watch.pairs.rule[pair]])
    if len(asked):
        _, begins = watch.sun.shines(watch.slots.sun[device[asked]].astype(np.int64), at[asked])
        broken[asked] |= before[asked] < begins
    return broken


def _step(watch: Watch, entries: Entries, first: int, end: int, changes: Changes) -> None:
    """One pair, sample by sample."""
    pairs = watch.pairs
    pair = int(entries.pair[first])
    rule, device = watch.book.at[pairs.rule[pair]], watch.at[pairs.device[pair]]
    begin = state = pairs.state(pair)
    alert_id = pairs.open_alerts.get(pair)
    changed_at: datetime | None = None
    for at_microseconds, value in zip(entries.at[first:end].tolist(), entries.value[first:end].tolist(), strict=True):
        at = moment(at_microseconds)
        before = state
        state, event = step(rule.judged_by, before, at, value, device.target)
        if state is not before and state.moved_from(before):
            changed_at = at
            if event is not None:
                alert_id = changes.note(device, rule, event, alert_id)
    changes.by_hand += end - first
    if state is not begin:
        pairs.put(pair, state, alert_id, auto_resolve=rule.judged_by.auto_resolve)
    if changed_at is not None:
        changes.states.append(MovedState(device, rule, state, alert_id, changed_at))


_NOTHING = Entries(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.bool_))
