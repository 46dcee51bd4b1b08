"""Values of other products' requests as readings of the catalogue, gathered into one sample for each instant. Pure."""

from dataclasses import dataclass, field

from solarhub.metrics import Catalogue
from solarhub.telemetry.sample import RawSample


def as_number(value: object) -> object:
    """A text that holds a number as that number; everything else as it is."""
    if isinstance(value, str) and value.isascii() and "_" not in value and len(value) < 64:
        try:
            return float(value)
        except ValueError:
            return value
    return value


@dataclass(slots=True)
class Gathered:
    """Samples of one device: what it says of one instant in several places becomes one.

    A value that contradicts an earlier one of the same instant begins a sample of its own, so that it is judged and
    counted like any other second word.
    """

    catalogue: Catalogue
    samples: list[RawSample] = field(default_factory=list)
    _at: dict[object, dict[str, object]] = field(default_factory=dict)

    def add(self, position: int, timestamp: object, series: str, value: object) -> None:
        """A value of a series; true and false are 1 and 0 where the metric is a code."""
        if isinstance(value, bool):
            metric = self.catalogue.get(series.partition(":")[0])
            value = float(value) if metric is not None and metric.kind.is_code else value
        readings = self._at.get(timestamp)
        if readings is None or not _agrees(readings.get(series, value), value):
            readings = self._begin(position, timestamp)
        readings[series] = value

    def say_nothing(self, position: int, timestamp: object) -> None:
        """A sample without any value, which is quarantined as such."""
        self._begin(position, timestamp)

    def _begin(self, position: int, timestamp: object) -> dict[str, object]:
        readings: dict[str, object] = {}
        self._at[timestamp] = readings
        self.samples.append(RawSample(position, timestamp, readings))
        return readings


def _agrees(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
