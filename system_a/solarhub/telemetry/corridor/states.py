"""What `device_state` is to say, while it is not written yet: the newest values of each device. Pure.

Rows of a device come far more often than anybody looks at it: between two writes its row here is overwritten. What does
not fit into one row (a device that now reports other series, a late sample with values that nothing newer has) is kept
beside it and written with it.
"""

from collections import deque
from collections.abc import Mapping
from math import isnan
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from solarhub.telemetry.batch import NEVER, Floats, Int32s, Int64s

Places = npt.NDArray[np.intp]


class State(NamedTuple):
    """For one row of `device_state`. Times are microseconds since 1970, NEVER: nothing of it was stored.

    `oldest` is the earliest among those of `latest`, which is the JSON of its newest values, None for none.
    """

    device_key: int
    newest: int
    oldest: int
    received_at: int
    latest: str | None


class _Shelf:
    """The newest row of each device that reports these series."""

    def __init__(self, series: tuple[str, ...]) -> None:
        self.series = series
        # no name holds anything that JSON or a format would have to escape
        self.form = "{" + ",".join(f'"{name}":{{"at":"%s","value":%r}}' for name in series) + "}"
        self.readings = np.zeros((16, len(series)))
        self._used = 0
        self._free: list[int] = []

    def places(self, count: int) -> Places:
        """As many rows, for devices that have none yet."""
        again = [self._free.pop() for _ in range(min(count, len(self._free)))]
        end = self._used + count - len(again)
        if end > len(self.readings):
            grown = np.zeros((max(end, 2 * len(self.readings)), len(self.series)))
            grown[: self._used] = self.readings[: self._used]
            self.readings = grown
        places = np.array([*again, *range(self._used, end)], np.intp)
        self._used = end
        return places

    def leave(self, places: Places) -> None:
        self._free += places.tolist()

    def row(self, place: int) -> dict[str, float]:
        return dict(zip(self.series, self.readings[place].tolist(), strict=True))


class States:
    """Devices with something to write, in the order in which it began."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._shelves: list[_Shelf] = []
        self._number_of: dict[tuple[str, ...], int] = {}
        self._order: deque[Int32s] = deque()
        self._beside: dict[int, dict[str, tuple[int, float]]] = {}
        self._is_waiting = np.zeros(0, np.bool_)
        self._received_at = np.zeros(0, np.int64)
        self._at = np.zeros(0, np.int64)
        self._shelf = np.zeros(0, np.int32)
        self._place = np.zeros(0, np.intp)

    def __len__(self) -> int:
        return sum(map(len, self._order))

    def heard(self, device_keys: Int32s, received_at: int) -> None:
        """Of these devices something came, whatever became of it."""
        self._reach(int(device_keys.max(initial=0)))
        self._received_at[device_keys] = received_at
        fresh = device_keys[~self._is_waiting[device_keys]]
        if len(fresh):
            fresh = np.unique(fresh)
            self._is_waiting[fresh] = True
            self._order.append(fresh)

    def note(self, series: tuple[str, ...], device_keys: Int32s, at: Int64s, readings: Floats) -> None:
        """Stored rows of devices that were heard, one of each device."""
        number = self._number_of.get(series)
        if number is None:
            number = self._number_of[series] = len(self._shelves)
            self._shelves.append(_Shelf(series))
        newer = at > self._at[device_keys]
        theirs = self._shelf[device_keys]
        elsewhere = (theirs >= 0) & (theirs != number)
        has_gaps = np.isnan(readings).any(axis=1)
        unusual = elsewhere | has_gaps
        if unusual.any():
            for row in np.flatnonzero(unusual).tolist():
                self._set_beside(int(device_keys[row]), number, int(at[row]), readings[row])
        usual = newer & ~unusual  # an older row with the same series has nothing to tell
        device_keys, at, readings = device_keys[usual], at[usual], readings[usual]
        homeless = device_keys[self._shelf[device_keys] < 0]
        shelf = self._shelves[number]
        if len(homeless):
            self._place[homeless] = shelf.places(len(homeless))
            self._shelf[homeless] = number
        shelf.readings[self._place[device_keys]] = readings
        self._at[device_keys] = at

    def take(self, most: int) -> list[State]:
        """What has waited longest, of at most so many devices, in the order of their keys."""
        taken: list[Int32s] = []
        while self._order and most > 0:
            keys = self._order.popleft()
            if len(keys) > most:
                self._order.appendleft(keys[most:])
                keys = keys[:most]
            taken.append(keys)
            most -= len(keys)
        if not taken:
            return []
        chosen = np.sort(np.concatenate(taken))
        states = self._told(chosen)
        self._leave(chosen)
        return states

    def drop(self) -> list[int]:
        """Forgets everything; the devices that waited."""
        waiting = np.concatenate(self._order).tolist() if self._order else []
        self._begin()
        return waiting

    def _told(self, keys: Int32s) -> list[State]:
        found = []
        for key, at, received_at, number, place, text in zip(
            keys.tolist(),
            self._at[keys].tolist(),
            self._received_at[keys].tolist(),
            self._shelf[keys].tolist(),
            self._place[keys].tolist(),
            _texts(self._at[keys]),
            strict=True,
        ):
            shelf = self._shelves[number] if number >= 0 else None
            beside = self._beside.pop(key, None)
            if beside is not None:
                if shelf is not None:
                    _merge(beside, at, shelf.row(place))
                found.append(_merged(key, received_at, beside))
            elif shelf is not None:
                told = [part for value in shelf.readings[place].tolist() for part in (text, value)]
                found.append(State(key, at, at, received_at, shelf.form % tuple(told)))
            else:
                found.append(State(key, NEVER, NEVER, received_at, None))
        return found

    def _leave(self, keys: Int32s) -> None:
        numbers = self._shelf[keys]
        for number in np.unique(numbers).tolist():
            if number >= 0:
                self._shelves[number].leave(self._place[keys[numbers == number]])
        self._shelf[keys] = -1
        self._at[keys] = NEVER
        self._is_waiting[keys] = False

    def _set_beside(self, key: int, number: int, at: int, readings: Floats) -> None:
        """A row that does not fit over the one that is there: both stand beside from now on."""
        beside = self._beside.setdefault(key, {})
        if self._shelf[key] >= 0:
            shelf, place = self._shelves[self._shelf[key]], int(self._place[key])
            _merge(beside, int(self._at[key]), shelf.row(place))
            shelf.leave(np.array([place], np.intp))
            self._shelf[key] = -1
            self._at[key] = NEVER
        values = zip(self._shelves[number].series, readings.tolist(), strict=True)
        _merge(beside, at, {name: value for name, value in values if not isnan(value)})

    def _reach(self, device_key: int) -> None:
        if device_key < len(self._at):
            return
        more = max(1024, 2 * device_key) - len(self._at)
        self._is_waiting = np.concatenate([self._is_waiting, np.zeros(more, np.bool_)])
        self._received_at = np.concatenate([self._received_at, np.full(more, NEVER, np.int64)])
        self._at = np.concatenate([self._at, np.full(more, NEVER, np.int64)])
        self._shelf = np.concatenate([self._shelf, np.full(more, -1, np.int32)])
        self._place = np.concatenate([self._place, np.zeros(more, np.intp)])


def _merge(beside: dict[str, tuple[int, float]], at: int, values: Mapping[str, float]) -> None:
    for name, value in values.items():
        if name not in beside or at > beside[name][0]:
            beside[name] = (at, value)


def _merged(key: int, received_at: int, beside: Mapping[str, tuple[int, float]]) -> State:
    times = [at for at, _ in beside.values()]
    texts = _texts(np.array(times, np.int64))
    latest = {
        name: {"at": text, "value": value} for (name, (_, value)), text in zip(beside.items(), texts, strict=True)
    }
    return State(key, max(times), min(times), received_at, msgspec.json.encode(latest).decode())


def _texts(at: Int64s) -> list[str]:
    """RFC 3339 in UTC with microseconds: such texts sort as their times do."""
    known = np.where(at == NEVER, 0, at)
    texts: list[str] = np.datetime_as_string(known.astype("M8[us]"), timezone="UTC").tolist()
    return texts
