"""The rules in force, a slot for each, and what judging asks of all of them at once in columns."""

from datetime import timedelta
from uuid import UUID

import numpy as np

from solarhub.alerts.compiled import CompiledRule
from solarhub.alerts.spans import Columns, Flags, Floats, Int32s, Int64s
from solarhub.alerts.vocabulary import Operator

_MICROSECOND = timedelta(microseconds=1)
_LAYOUTS_KEPT = 1_000

BELOW, EQUAL, ABOVE = 1, 2, 4
SIDES = {
    Operator.LT: BELOW,
    Operator.LTE: BELOW | EQUAL,
    Operator.GT: ABOVE,
    Operator.GTE: ABOVE | EQUAL,
    Operator.EQ: EQUAL,
    Operator.NEQ: BELOW | ABOVE,
}
"""On which sides of the threshold a value breaches: `condition.COMPARISONS` in bits."""


class Rulebook(Columns):
    """A rule keeps its slot, also over a time in which it is not in force. Times are microseconds."""

    EMPTY = {  # noqa: RUF012 - a table of this class, as the base asks for it
        "metric": np.int32(-1),
        "sides": np.int8(0),
        "threshold": np.float64(0),
        "duration": np.int64(0),
        "cooldown": np.int64(0),
        "auto_resolve": np.bool_(False),  # noqa: FBT003 - an empty place of a column of truths
        "daylight": np.bool_(False),  # noqa: FBT003 - the same
        "asks_since": np.int64(0),
    }
    metric: Int32s
    sides: Int32s
    threshold: Floats
    duration: Int64s
    cooldown: Int64s
    auto_resolve: Flags
    daylight: Flags
    asks_since: Int64s

    def __init__(self) -> None:
        super().__init__()
        self.rules: dict[UUID, CompiledRule] = {}
        self.at: list[CompiledRule] = []
        """By slot; those not in force as they were last."""
        self.slots: dict[UUID, int] = {}
        self._metrics: dict[str, int] = {}
        self._layouts: dict[tuple[str, ...], Int64s | None] = {}

    def put(self, rule: CompiledRule) -> int:
        """Takes it in, new or edited; its slot."""
        slot = self.slots.get(rule.id)
        if slot is None:
            slot = self.slots[rule.id] = self.take_places(1)
            self.at.append(rule)
        self.rules[rule.id] = self.at[slot] = rule
        metric = self._metrics.get(rule.condition.metric)
        if metric is None:
            metric = self._metrics[rule.condition.metric] = len(self._metrics)
            self._layouts.clear()
        self.metric[slot] = metric
        self.sides[slot] = SIDES[rule.condition.operator]
        self.threshold[slot] = rule.condition.threshold
        self.duration[slot] = rule.judged_by.duration // _MICROSECOND
        self.cooldown[slot] = rule.judged_by.cooldown // _MICROSECOND
        self.auto_resolve[slot] = rule.judged_by.auto_resolve
        self.daylight[slot] = rule.judged_by.daylight
        self.asks_since[slot] = rule.asks_since
        return slot

    def drop(self, rule_id: UUID) -> None:
        del self.rules[rule_id]

    def places(self, series: tuple[str, ...]) -> Int64s | None:
        """For each metric that a rule asks for its place in a layout, -1: not there; None: nobody asks for any of it.

        Rules watch a metric's value without a channel, so `voltage_dc:string1` is nobody's.
        """
        try:
            return self._layouts[series]
        except KeyError:
            if len(self._layouts) >= _LAYOUTS_KEPT:
                self._layouts.clear()
        places = np.full(len(self._metrics), -1, np.int64)
        for place, name in enumerate(series):
            if name in self._metrics:
                places[self._metrics[name]] = place
        found = places if (places >= 0).any() else None
        self._layouts[series] = found
        return found
