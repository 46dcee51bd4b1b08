"""What is known of a quantity: its unit, how it behaves, which values are plausible."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a value behaves over time."""

    GAUGE = "gauge"
    CUMULATIVE = "cumulative"
    """Only grows; a fall is a reset or a replaced device."""
    DAILY = "daily"
    """Grows from zero again after each local midnight of the device."""
    STATE = "state"
    """A code: never averaged."""
    BITFIELD = "bitfield"
    """A whole number of which each bit says something by itself: never averaged, and no greater than another."""

    @property
    def is_code(self) -> bool:
        """Whether a mean of such values says nothing."""
        return self in (Kind.STATE, Kind.BITFIELD)


class NightPolicy(StrEnum):
    """What stands for the value while its device sleeps because the sun is down."""

    HOLD = "hold"
    """The last value still holds."""
    ZERO = "zero"
    """It is zero: nothing flows."""
    NOTHING = "nothing"
    """Nobody knows."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One quantity; `minimum` and `maximum` are plausible values in `unit`, both included.

    `meaning` says what the sign or the code stands for, empty where neither has a meaning beyond the number.
    `relative`: the same range in multiples of the device's rated power in kW, where the quantity grows with it.
    `codes`: what each value of a state means, where the hub says so and not the maker.
    `devices`: types that usually report it; nobody is refused. `channels`: those that are usual, `{n}` counts from 1.
    `sunspec`: models and points that a reading comes from; 10x stands for 101 to 103 and 111 to 113, 20x alike.
    """

    name: str
    unit: str
    kind: Kind
    minimum: float
    maximum: float
    meaning: str
    night: NightPolicy
    description: str
    relative: tuple[float, float] | None = None
    codes: tuple[tuple[int, str], ...] = ()
    devices: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    sunspec: str | None = None

    def limits(self, rated_kw: float | None) -> tuple[float, float]:
        """The plausible range of a device of this rated power (kW), or of one of which it is not known."""
        if self.relative is None or rated_kw is None:
            return self.minimum, self.maximum
        low, high = self.relative
        return max(self.minimum, low * rated_kw), min(self.maximum, high * rated_kw)


class UnknownMetric(LookupError):  # noqa: N818  named like the domain errors, after what is the matter
    """A name that the catalogue does not have; the sentence offers the nearest one."""
