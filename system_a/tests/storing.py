"""Batches for the store as the corridor makes them, out of samples one by one."""

from collections.abc import Sequence
from typing import NamedTuple

from solarhub.devices.identity import KnownDevice
from solarhub.kit.clock import now
from solarhub.telemetry.batch import CommittedBatch
from solarhub.telemetry.corridor.arranging import STORED
from solarhub.telemetry.corridor.sheet import Batch, laid_out
from solarhub.telemetry.corridor.strip import Entry, Load
from solarhub.telemetry.sample import Sample
from solarhub.telemetry.store import Store


class Arrival(NamedTuple):
    """A sample on its way to the disk."""

    device: KnownDevice
    sample: Sample


class Outcome(NamedTuple):
    """`stored[i]`: arrival i is a row now; false: it met one that was there before. `codes[i]` says more."""

    stored: list[bool]
    codes: list[int]
    batch: CommittedBatch


async def write(store: Store, arrivals: Sequence[Arrival], entries: Sequence[Entry] = ()) -> Outcome:
    """One transaction; each arrival is a request of its own."""
    loads = []
    for arrival in arrivals:
        load = Load(now())
        load.add_judged([arrival])
        loads.append(load)
    sheets, odd = laid_out(loads)
    assert not odd
    written = await store.write(Batch(sheets, entries, [0] * len(entries)))
    codes = [-1] * len(arrivals)
    for sheet, outcomes in written.pages:
        for load_number, code in zip(sheet.load.tolist(), outcomes.tolist(), strict=True):
            codes[load_number] = code
    return Outcome([code == STORED for code in codes], codes, written.batch)
