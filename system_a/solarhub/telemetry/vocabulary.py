"""The words of telemetry: why a reading was not stored, how fine a series is, where a day's energy is read from."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a reading, or a whole sample, stands in quarantine. Senders compare these words: never rename one."""

    NOT_FINITE = "not_finite"
    """NaN, infinity, or a number too large to be held."""
    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_METRIC = "unknown_metric"
    IMPLAUSIBLE = "implausible"
    """A number outside the catalogue's range for its metric."""
    UNREADABLE_CHANNEL = "unreadable_channel"
    TIMESTAMP_UNREADABLE = "timestamp_unreadable"
    TIMESTAMP_IN_FUTURE = "timestamp_in_future"
    TIMESTAMP_TOO_OLD = "timestamp_too_old"
    NO_METRICS = "no_metrics"
    """A sample that says nothing."""
    WRONG_SHAPE = "wrong_shape"
    """A sample that is none, or holds more than a sample can."""
    UNKNOWN_DEVICE = "unknown_device"
    """A gateway named a device for which it does not speak, or a device named any."""
    TOO_MANY_SERIES = "too_many_series"
    """Its organization's devices report more different sets of metrics and channels than there can be."""
    REFUSED = "refused"
    """Sound by every rule of ours, and yet the database would not take it."""


class Resolution(StrEnum):
    """How wide a bucket of a series is; `raw` is every sample as it was stored."""

    RAW = "raw"
    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    QUARTER = "15m"
    HOUR = "1h"
    DAY = "1d"
    """From midnight to midnight at the site: 23 or 25 hours where the clocks are changed."""


class EnergyMethod(StrEnum):
    """Where a day's energy was read from."""

    COUNTER = "counter"
    """The growth of `energy_total` or `energy_today`."""
    POWER = "power"
    """The area under `power_output`."""
    MIXED = "mixed"
    """Counters of some devices, power of others."""


class FoundState(StrEnum):
    """How one who reports without being known stands."""

    NEW = "new"
    ADOPTED = "adopted"
    """It is a device now."""
    IGNORED = "ignored"


class Period(StrEnum):
    """How long each figure of an energy history is, by the plant's calendar."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
