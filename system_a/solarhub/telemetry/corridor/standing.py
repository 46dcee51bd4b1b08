"""What is known of devices from earlier commits, in arrays by their keys: how far each has come. Pure."""

import numpy as np

from solarhub.telemetry.batch import NEVER, Flags, Int32s, Int64s


class Standings:
    """The newest committed sample of each device, for those that were asked about."""

    def __init__(self) -> None:
        self._newest = np.zeros(0, np.int64)
        self._known = np.zeros(0, np.bool_)

    def forget(self) -> None:
        self._known[:] = False

    def strangers(self, device_keys: Int32s) -> list[int]:
        """Those of them of which nothing is known yet."""
        self._reach(int(device_keys.max(initial=0)))
        unknown = ~self._known[device_keys]
        return np.unique(device_keys[unknown]).tolist() if unknown.any() else []

    def learn(self, device_keys: Int32s, newest: Int64s) -> None:
        """NEVER: nothing of it is stored."""
        self._reach(int(device_keys.max(initial=0)))
        self._known[device_keys] = True
        self._newest[device_keys] = newest

    def known(self, device_keys: Int32s) -> Flags:
        found: Flags = self._known[device_keys]
        return found

    def newest(self, device_keys: Int32s) -> Int64s:
        """Of known devices."""
        found: Int64s = self._newest[device_keys]
        return found

    def advance(self, device_keys: Int32s, at: Int64s) -> None:
        """Rows of these devices are committed; each device once, with its newest."""
        self._newest[device_keys] = np.maximum(self._newest[device_keys], at)

    def _reach(self, device_key: int) -> None:
        if device_key >= len(self._known):
            room = max(1024, 2 * device_key)
            newest, known = np.full(room, NEVER, np.int64), np.zeros(room, np.bool_)
            newest[: len(self._newest)] = self._newest
            known[: len(self._known)] = self._known
            self._newest, self._known = newest, known
