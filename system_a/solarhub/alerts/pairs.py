"""Where each rule stands on each device that it watches, in columns: a pair is a place in them."""

from datetime import datetime
from uuid import UUID

import numpy as np

from solarhub.alerts.lifecycle import State
from solarhub.alerts.spans import Columns, Flags, Int32s, Int64s
from solarhub.telemetry.batch import NEVER, microseconds, moment

_CARRIED = ("started", "last", "triggered", "kept_until", "awaiting", "is_open", "busy")


class Pairs(Columns):
    """`lifecycle.State` by columns; times are the samples' own, in microseconds, or NEVER.

    `busy`: even a clear sample changes something. `kept_until`: the kept state already holds what the samples up to
    there did; needed after a restart, where judging begins before it.
    """

    EMPTY = {  # noqa: RUF012 - a table of this class, as the base asks for it
        "rule": np.int32(-1),
        "device": np.int32(-1),
        "started": np.int64(NEVER),
        "last": np.int64(NEVER),
        "triggered": np.int64(NEVER),
        "kept_until": np.int64(NEVER),
        "awaiting": np.bool_(False),  # noqa: FBT003 - an empty place of a column of truths
        "is_open": np.bool_(False),  # noqa: FBT003 - the same
        "busy": np.bool_(False),  # noqa: FBT003 - the same
    }
    rule: Int32s
    """Its slot in the rulebook."""
    device: Int32s
    """Its slot in the watch."""
    started: Int64s
    last: Int64s
    triggered: Int64s
    kept_until: Int64s
    awaiting: Flags
    is_open: Flags
    busy: Flags

    def __init__(self) -> None:
        super().__init__()
        self.open_alerts: dict[int, UUID] = {}
        self.any_kept = False

    def state(self, pair: int) -> State:
        return State(
            _moment(int(self.started[pair])),
            _moment(int(self.last[pair])),
            bool(self.awaiting[pair]),
            bool(self.is_open[pair]),
            _moment(int(self.triggered[pair])),
        )

    def put(self, pair: int, state: State, alert_id: UUID | None, *, auto_resolve: bool) -> None:
        """`alert_id` is that of the alert that is open, `auto_resolve` is that of the pair's rule."""
        self.started[pair] = _microseconds(state.streak_started_at)
        self.last[pair] = _microseconds(state.last_breach_at)
        self.awaiting[pair] = state.awaiting_clear
        self.is_open[pair] = state.is_open
        self.triggered[pair] = _microseconds(state.last_triggered_at)
        self.busy[pair] = (
            state.streak_started_at is not None or state.awaiting_clear or (state.is_open and auto_resolve)
        )
        if alert_id is not None:
            self.open_alerts[pair] = alert_id
        else:
            self.open_alerts.pop(pair, None)

    def keep(self, pair: int, until: int) -> None:
        """What is put there holds what the samples up to `until` did."""
        self.kept_until[pair] = until
        self.any_kept = True

    def without_alert(self, pair: int, *, auto_resolve: bool) -> None:
        """Somebody closed its alert."""
        self.put(pair, self.state(pair).without_alert(), None, auto_resolve=auto_resolve)

    def anew(self, pairs: Int64s, auto_resolve: Flags) -> None:
        """What is left where a rule asks otherwise than before: `State.anew`, pair by pair."""
        self.started[pairs] = self.last[pairs] = NEVER
        self.awaiting[pairs] = False
        self.busy[pairs] = self.is_open[pairs] & auto_resolve

    def carry(self, old: Int64s, new: Int64s) -> None:
        """The same rule and device have another place now."""
        for name in _CARRIED:
            column = getattr(self, name)
            column[new] = column[old]
        opened = np.flatnonzero(self.is_open[old])
        for before, after in zip(old[opened].tolist(), new[opened].tolist(), strict=True):
            self.open_alerts[after] = self.open_alerts.pop(before)

    def forget(self, pairs: Int64s) -> None:
        """Nobody watches there any more; should a rule come back, its kept state is read again."""
        for pair in pairs[self.is_open[pairs]].tolist():
            self.open_alerts.pop(pair, None)
        self.clear(pairs)

    def close_ranks(self, places: Int64s) -> None:
        """Nothing but these stays, in this order."""
        number = {pair: number for number, pair in enumerate(places.tolist()) if pair in self.open_alerts}
        self.open_alerts = {number[pair]: alert for pair, alert in self.open_alerts.items() if pair in number}
        self.keep_only(places)


def _moment(at: int) -> datetime | None:
    return None if at == NEVER else moment(at)


def _microseconds(at: datetime | None) -> int:
    return NEVER if at is None else microseconds(at)
