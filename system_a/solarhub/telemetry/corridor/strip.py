"""Samples of one request that write the same names, in flat lists: a strip becomes part of an array later. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from struct import error as NotAllNumbers  # noqa: N812 - says what it means where it is caught
from struct import pack
from typing import NamedTuple, Protocol, TypeVar, cast

from msgspec import Struct
from msgspec.structs import astuple

from solarhub.devices.identity import KnownDevice
from solarhub.metrics import CATALOGUE, Catalogue
from solarhub.telemetry.corridor.plan import Name, Plan, plan_of, plan_of_judged
from solarhub.telemetry.decode import written
from solarhub.telemetry.sample import Quarantined, RawSample, Sample, sift
from solarhub.telemetry.spelling import mapped, names_of

Given = Mapping[str, float | Mapping[str, float]]
"""Values as a body holds them: by metric, or by metric and channel."""

Read = Given | Struct
"""The same, as the decoders hand it on."""

Time = int | float | datetime
"""Seconds (below 1e11) or milliseconds since 1970, or an instant with its offset."""


class Told(Protocol):
    """A sample as the strict decoders read it."""

    @property
    def metrics(self) -> Read:
        """Its values."""

    @property
    def timestamp(self) -> Time | None:
        """None: the time of its arrival."""


class Entry(NamedTuple):
    """Something that goes to quarantine, and whose it is."""

    device: KnownDevice
    entry: Quarantined


class Odd(NamedTuple):
    """A sample that has to be looked at by itself. `undated`: one before it was given the time of its arrival."""

    device: KnownDevice
    sample: RawSample
    undated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """`packed` holds the values row after row, each a double; the other lists have a place for each row.

    `devices` is one device where all rows are its own. `told` is what they were read from, for whoever has to explain
    what is wrong with one; empty: they were judged already.
    """

    plan: Plan
    packed: bytes
    times: Sequence[Time]
    devices: KnownDevice | Sequence[KnownDevice]
    positions: Sequence[int]
    told: Sequence[Read] = ()

    def device(self, row: int) -> KnownDevice:
        """Whose row it is."""
        return self.devices if isinstance(self.devices, KnownDevice) else self.devices[row]

    def odd(self, row: int) -> Odd:
        """A row of it by itself, as it was sent."""
        return Odd(self.device(row), RawSample(self.positions[row], written(self.times[row]), mapped(self.told[row])))


@dataclass(slots=True, eq=False)
class Load:
    """What one request brings. `entries` grow while its samples are judged."""

    arrived_at: datetime
    catalogue: Catalogue = CATALOGUE
    strips: list[Strip] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    spelling: tuple[str, ...] | None = None
    """The names that all of its samples write, in their order, if they are alike and have no channels."""

    @property
    def samples(self) -> int:
        return sum(len(strip.times) for strip in self.strips) + len(self.entries)

    @property
    def values(self) -> int:
        return sum(len(strip.packed) for strip in self.strips) // 8 + len(self.entries)

    def add(self, told: Sequence[Told], devices: KnownDevice | Sequence[KnownDevice], positions: Sequence[int]) -> None:
        """Takes samples as they were decoded; what cannot be read in columns is judged here, one by one."""
        given: list[Read] = [each.metrics for each in told]
        times = [each.timestamp for each in told]
        rows = _Rows(given, times if None not in times else self._dated(told, devices), devices, positions)
        odd: list[Odd] = []
        if given and isinstance(given[0], Struct):
            self.spelling = names_of(given[0])
            self.strips += rows.spelled(self.catalogue, self.spelling, odd)
            self.judge(odd)
            return
        spellings = set(map(tuple, given))  # type: ignore[arg-type]  # of one decoder all are mappings, or none is
        if len(spellings) > 1:
            for names, alike in _alike(map(tuple, given)).items():  # type: ignore[arg-type]  # as above
                self.strips += rows.chosen(alike).strips(self.catalogue, names, odd)
        elif spellings:
            names = spellings.pop()
            self.strips += rows.strips(self.catalogue, names, odd)
            if not odd and self.strips[0].plan.series == tuple(sorted(names)):
                self.spelling = names
        self.judge(odd)

    def judge(self, odd: Sequence[Odd]) -> None:
        """Looks at samples one by one: what of them can be stored, and why the rest cannot."""
        by_device: dict[int, list[Odd]] = defaultdict(list)
        for each in odd:
            by_device[each.device.device_key].append(each)
        for theirs in by_device.values():
            device = theirs[0].device
            sifted = sift(
                [each.sample for each in theirs],
                self.arrived_at,
                self.catalogue,
                device.rated_kw,
                undated=any(each.undated for each in theirs),
            )
            self.add_judged([(device, sample) for sample in sifted.accepted])
            self.entries += [Entry(device, entry) for entry in sifted.quarantined]

    def add_judged(self, samples: Iterable[tuple[KnownDevice, Sample]]) -> None:
        """Takes samples whose values were judged one by one, of any devices."""
        by_series: dict[tuple[str, ...], list[tuple[KnownDevice, Sample]]] = defaultdict(list)
        for each in samples:
            by_series[tuple(each[1].readings)].append(each)
        for series, alike in by_series.items():
            values = list(chain.from_iterable(sample.readings.values() for _, sample in alike))
            self.strips.append(
                Strip(
                    plan_of_judged(series),
                    pack(f"={len(values)}d", *values),
                    [sample.at for _, sample in alike],
                    [device for device, _ in alike],
                    [sample.position for _, sample in alike],
                )
            )

    def _dated(self, told: Sequence[Told], devices: KnownDevice | Sequence[KnownDevice]) -> list[Time | None]:
        """Their times; of a device's samples without one the first gets that of its arrival, and no other."""
        seen: set[int] = set()
        times: list[Time | None] = []
        for row, each in enumerate(told):
            time = each.timestamp
            if time is None:
                device = devices if isinstance(devices, KnownDevice) else devices[row]
                if device.device_key not in seen:
                    time = self.arrived_at
                seen.add(device.device_key)
            times.append(time)
        return times


class _Rows(NamedTuple):
    """Samples beside each other, before they are strips."""

    given: Sequence[Read]
    times: Sequence[Time | None]
    devices: KnownDevice | Sequence[KnownDevice]
    positions: Sequence[int]

    def device(self, row: int) -> KnownDevice:
        return self.devices if isinstance(self.devices, KnownDevice) else self.devices[row]

    def chosen(self, rows: Sequence[int]) -> "_Rows":
        return _Rows(
            [self.given[row] for row in rows],
            [self.times[row] for row in rows],
            self.devices if isinstance(self.devices, KnownDevice) else [self.devices[row] for row in rows],
            [self.positions[row] for row in rows],
        )

    def spelled(self, catalogue: Catalogue, names: tuple[str, ...], odd: list[Odd]) -> list[Strip]:
        """Of rows that a decoder read which expected these names."""
        dated = self._with_times(odd)
        values = list(chain.from_iterable(map(astuple, dated.given)))  # type: ignore[arg-type]  # all are structs
        return dated.planned(plan_of(catalogue, names), pack(f"={len(values)}d", *values), odd)

    def _with_times(self, odd: list[Odd]) -> "_Rows":
        """Without those that have none, which are to be explained."""
        if None not in self.times:
            return self
        odd += [self.odd(row) for row, time in enumerate(self.times) if time is None]
        return self.chosen([row for row, time in enumerate(self.times) if time is not None])

    def strips(self, catalogue: Catalogue, names: tuple[str, ...], odd: list[Odd]) -> list[Strip]:
        """Of rows that write the same names; several where their channels differ. What is none goes to `odd`."""
        rows = self._with_times(odd)
        given = cast("Sequence[Given]", rows.given)
        values = list(chain.from_iterable([sample.values() for sample in given]))
        try:
            packed = pack(f"={len(values)}d", *values)
        except NotAllNumbers:
            return rows.with_channels(catalogue, odd)
        return rows.planned(plan_of(catalogue, names), packed, odd)

    def with_channels(self, catalogue: Catalogue, odd: list[Odd]) -> list[Strip]:
        flat = [_flat(sample) for sample in cast("Sequence[Given]", self.given)]
        strips = []
        for names, rows in _alike(names for names, _ in flat).items():
            values = list(chain.from_iterable(flat[row][1] for row in rows))
            packed = pack(f"={len(values)}d", *values)
            strips += self.chosen(rows).planned(plan_of(catalogue, names), packed, odd)
        return strips

    def planned(self, plan: Plan | None, packed: bytes, odd: list[Odd]) -> list[Strip]:
        if plan is None or not self.times:
            odd += [self.odd(row) for row in range(len(self.times))]
            return []
        times = cast("Sequence[Time]", self.times)  # those without one were taken out
        return [Strip(plan, packed, times, self.devices, self.positions, self.given)]

    def odd(self, row: int) -> Odd:
        time = self.times[row]
        sample = RawSample(self.positions[row], written(time), mapped(self.given[row]))
        return Odd(self.device(row), sample, undated=time is None)


Names = TypeVar("Names", bound=tuple[Name, ...])


def _alike(spellings: Iterable[Names]) -> dict[Names, list[int]]:
    rows_of: dict[Names, list[int]] = defaultdict(list)
    for row, names in enumerate(spellings):
        rows_of[names].append(row)
    return rows_of


def _flat(sample: Given) -> tuple[tuple[Name, ...], list[float]]:
    names: list[Name] = []
    values: list[float] = []
    for name, value in sample.items():
        if isinstance(value, Mapping):
            # an object without any channel is no number: a name that no catalogue has lets it be explained
            names += [(name, channel) for channel in value] or [("", name)]
            values += value.values() or [0.0]
        else:
            names.append(name)
            values.append(value)
    return tuple(names), values
