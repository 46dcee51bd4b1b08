"""What was last heard of each device, written to `device_state`: at once while there is time, or a little later.

With so many devices that it would cost more than their samples do, each waits its turn, and says its newest then. What
was not written when the hub died is found again in the rows themselves.
"""

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

import asyncpg
import numpy as np

from solarhub.telemetry.batch import Int32s
from solarhub.telemetry.corridor.arranging import STORED, Page, lasts
from solarhub.telemetry.corridor.states import State, States
from solarhub.telemetry.queries import corridor as queries

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

STATES_A_SECOND = 2_000
"""More than a hundred thousand devices make that report once a minute."""
DEVICES_AT_ONCE = 5_000
_ROWS_LOOKED_BACK = 50


class Telling:
    """Knows which devices have something to write."""

    def __init__(self) -> None:
        self._states = States()
        self._unsure: set[int] = set()
        """Devices whose state may be older than their rows: something was rolled back, or may have been."""
        self._room = float(STATES_A_SECOND)
        self._since = monotonic()

    def __len__(self) -> int:
        return len(self._states) + len(self._unsure)

    def note(self, pages: Sequence[Page], heard: Sequence[Int32s], received_at: int) -> None:
        """What a batch brought; `heard` are all devices of which something came."""
        for keys in heard:
            self._states.heard(keys, received_at)
        for page in pages:
            newest = lasts(page, page.outcomes == STORED)
            self._states.note(page.sheet.series, newest.device_keys, newest.at, page.sheet.readings[newest.rows])
            for place, added in page.added.items():
                here = slice(place, place + 1)
                self._states.note(
                    page.sheet.series, page.sheet.device_keys[here], page.sheet.at[here], added.readings[np.newaxis]
                )

    def take(self, *, all_of_them: bool = False) -> list[State]:
        """What may be written now."""
        if all_of_them:
            return self._states.take(len(self._states))
        at = monotonic()
        self._room = min(self._room + (at - self._since) * STATES_A_SECOND, STATES_A_SECOND)
        self._since = at
        states = self._states.take(int(self._room))
        self._room -= len(states)
        return states

    def doubt(self, heard: Sequence[Int32s] = (), states: Sequence[State] = ()) -> None:
        """A transaction ended otherwise than it should: what is known of all that waited is found again in the rows."""
        self._unsure.update(self._states.drop())
        self._unsure.update(*(keys.tolist() for keys in heard))
        self._unsure.update(state.device_key for state in states)

    async def reassure(self, connection: "Connection") -> None:
        """Looks up some of the devices of which it is not sure."""
        keys = sorted(self._unsure)[:DEVICES_AT_ONCE]
        if keys:
            await self.look_up(connection, keys)
            self._unsure.difference_update(keys)

    async def look_up(self, connection: "Connection", device_keys: Sequence[int]) -> None:
        """Takes rows of these devices that their state says nothing of, or not all, as what was last heard of them."""
        for key, at, received_at, series, readings in await queries.untold_rows(
            connection, device_keys, _ROWS_LOOKED_BACK
        ):
            keys = np.array([key], np.int32)
            values = np.array([[np.nan if value is None else value for value in readings]], np.float64)
            self._states.heard(keys, received_at)
            self._states.note(tuple(series), keys, np.array([at], np.int64), values)
