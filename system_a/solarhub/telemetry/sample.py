"""What a device sent against what the catalogue allows: each value is accepted, or quarantined with a reason.

Nothing is dropped silently, and nothing bad stops its neighbours: a bad value leaves the rest of its sample alone, a
bad sample the rest of its request.
"""

import json
import re
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from math import isfinite
from typing import NamedTuple

from solarhub.metrics import CATALOGUE, Catalogue, Metric, UnknownMetric, is_channel
from solarhub.telemetry.vocabulary import Reason

OLDEST = timedelta(days=400)
FURTHEST_AHEAD = timedelta(minutes=5)
MOST_SERIES = 500
"""Values that one sample may hold: a device with more inputs than that is several devices."""
MOST_REFUSED = 20
"""Bad values of one sample that are listed one by one; more than that stand in quarantine as one entry."""
RAW_BYTES = 4096

MILLISECONDS_FROM = 1e11  # as seconds that would be the year 5138
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_TIMES = "RFC 3339 with an offset (2026-03-01T12:00:00Z), seconds or milliseconds since 1970"


class RawSample(NamedTuple):
    """A sample as it came: `timestamp` None is none; `metrics` maps names to whatever was sent."""

    position: int
    timestamp: object
    metrics: Mapping[str, object]


class Sample(NamedTuple):
    """What is stored: one instant of a device; `readings` maps a series to its value in the catalogue's unit.

    `position` is its place in the request.
    """

    position: int
    at: datetime
    readings: dict[str, float]


class Quarantined(NamedTuple):
    """What is not stored as a reading: the whole sample when `metric` is None.

    `at` is None where the time cannot be read; `detail` is a sentence for the sender, `raw` what came, in ASCII and cut
    to 4096 bytes.
    """

    position: int
    at: datetime | None
    metric: str | None
    reason: Reason
    detail: str
    raw: str


class Sifted(NamedTuple):
    """Both in the order of the request."""

    accepted: list[Sample]
    quarantined: list[Quarantined]


class _Refusal(Exception):  # noqa: N818  named after what it carries; it never leaves this module
    """Why a value or a time cannot be taken; caught where it is known which sample it belongs to."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def sift(
    samples: Iterable[RawSample],
    now: datetime,
    catalogue: Catalogue = CATALOGUE,
    rated_kw: float | None = None,
    *,
    undated: bool = False,
) -> Sifted:
    """What of a device's samples can be stored. `catalogue`: that of its organization; `rated_kw`: its rated power.

    `now` is the time of arrival: of a sample without a timestamp, and what the others are held against. `undated`: an
    earlier sample of the same request was given it.
    """
    accepted: list[Sample] = []
    quarantined: list[Quarantined] = []
    judge = _Judge(catalogue, rated_kw)
    for raw in samples:
        at = None
        try:
            at = _read_time(raw.timestamp) if raw.timestamp is not None else _arrival(now, taken=undated)
            undated = undated or raw.timestamp is None
            _check_clock(at, now)
            readings, refused = judge.readings(raw, at)
        except _Refusal as error:
            sent = {"timestamp": raw.timestamp, "metrics": raw.metrics}
            quarantined.append(whole(raw.position, at, error.reason, error.detail, sent))
            continue
        if readings:
            accepted.append(Sample(raw.position, at, readings))
        quarantined.extend(refused)
    return Sifted(accepted, quarantined)


def whole(position: int, at: datetime | None, reason: Reason, detail: str, sent: object) -> Quarantined:
    """A sample of which nothing is stored."""
    return Quarantined(position, at, None, reason, detail, raw_text(sent))


def _read_time(timestamp: object) -> datetime:
    """RFC 3339 with an offset, or a number of seconds (below 1e11) or milliseconds since 1970, as UTC."""
    at = None
    try:
        if isinstance(timestamp, str) and _RFC3339.fullmatch(timestamp):
            at = datetime.fromisoformat(timestamp.upper()).astimezone(UTC)
        elif isinstance(timestamp, int | float) and not isinstance(timestamp, bool):
            milliseconds = timestamp if abs(timestamp) >= MILLISECONDS_FROM else timestamp * 1000
            at = _EPOCH + timedelta(milliseconds=milliseconds)
    except (ValueError, OverflowError):  # a 13th month, a NaN, a year beyond 9999
        pass
    # the ends of the calendar are what programs write for "never", and the database driver for infinity
    if at is None or at.year in (MINYEAR, MAXYEAR):
        raise _Refusal(Reason.TIMESTAMP_UNREADABLE, f"{shown(raw_text(timestamp))} is no time; allowed are {_TIMES}")
    return at


def _arrival(now: datetime, *, taken: bool) -> datetime:
    if taken:
        raise _Refusal(
            Reason.TIMESTAMP_UNREADABLE,
            "only one sample of a request can be given its time of arrival; this one needs a timestamp",
        )
    return now


def _check_clock(at: datetime, now: datetime) -> None:
    if at > now + FURTHEST_AHEAD:
        ahead = FURTHEST_AHEAD // timedelta(minutes=1)
        raise _Refusal(
            Reason.TIMESTAMP_IN_FUTURE,
            f"{at:%Y-%m-%d %H:%M:%S} UTC lies in the future; allowed is up to {ahead} minutes ahead of the hub's clock",
        )
    if at < now - OLDEST:
        raise _Refusal(
            Reason.TIMESTAMP_TOO_OLD,
            f"{at:%Y-%m-%d %H:%M:%S} UTC is too long ago; allowed are the last {OLDEST.days} days",
        )


@dataclass(slots=True)
class _Judge:
    """Holds values against the catalogue. A likeness of names is dear to find: one request gets ten of them."""

    catalogue: Catalogue
    rated_kw: float | None
    hints: dict[str, str] = field(default_factory=dict)

    def readings(self, raw: RawSample, at: datetime) -> tuple[dict[str, float], list[Quarantined]]:
        """What of a sample is stored, and what is not."""
        readings: dict[str, float] = {}
        refused: list[Quarantined] = []
        for name, given in raw.metrics.items():
            metric = self.catalogue.get(name)
            if metric is not None and type(given) is float:
                low, high = metric.limits(self.rated_kw)
                # nearly every value takes this way: a number within its range, which NaN never is
                if low <= given <= high:
                    readings[name] = given
                    continue
            if metric is None:  # a series as it is written everywhere else: voltage_dc:string1
                metric = self.catalogue.get(name.partition(":")[0])
            for series, value in _parts(name, given):
                try:
                    readings[series] = self._number(series, value, metric or self._unknown(name))
                except _Refusal as error:
                    refused.append(
                        Quarantined(
                            raw.position, at, shown(series), error.reason, error.detail, raw_text({series: value})
                        )
                    )
                if len(readings) + len(refused) > MOST_SERIES:
                    raise _Refusal(Reason.WRONG_SHAPE, f"allowed are up to {MOST_SERIES} values in one sample")
        if not readings and not refused:
            raise _Refusal(Reason.NO_METRICS, "metrics is empty; it maps names of the catalogue to numbers")
        if len(refused) > MOST_REFUSED:
            first = refused[0]
            detail = f"{len(refused)} values were refused, the first one because {first.detail}"
            refused = [Quarantined(raw.position, at, None, first.reason, detail, raw_text(raw.metrics))]
        return readings, refused

    def _number(self, series: str, value: object, metric: Metric) -> float:
        _, colon, channel = series.partition(":")
        if colon and not is_channel(channel):
            raise _Refusal(
                Reason.UNREADABLE_CHANNEL,
                f"{shown(channel)} cannot name a channel; allowed are 1 to 32 of a-z, 0-9 and underscore",
            )
        low, high = metric.limits(self.rated_kw)
        allowed = f"allowed are {low:,.10g} to {high:,.10g} {metric.unit}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _Refusal(
                Reason.NOT_A_NUMBER,
                f"{shown(raw_text(value))} is not a number; {allowed}, or an object of channels with such numbers",
            )
        if not isfinite(value):
            raise _Refusal(Reason.NOT_FINITE, f"{metric.name} is not finite or too large; {allowed}")
        if not low <= value <= high:
            if metric.minimum <= value <= metric.maximum:
                allowed += f", as the device is rated at {self.rated_kw:,.10g} kW"
            raise _Refusal(Reason.IMPLAUSIBLE, f"{value:,.10g} is no plausible {metric.name}; {allowed}")
        return float(value)

    def _unknown(self, name: str) -> Metric:
        detail = self.hints.get(name)
        if detail is None and len(self.hints) < 10:
            try:
                return self.catalogue.metric(name)
            except UnknownMetric as error:
                detail = str(error)
            if "did you mean" not in detail:
                detail += f"; allowed are {', '.join(self.catalogue)}"
            self.hints[name] = detail
        raise _Refusal(Reason.UNKNOWN_METRIC, detail or "no metric has that name")


def _parts(name: str, given: object) -> Iterable[tuple[str, object]]:
    """A series and its value for each channel of a metric; an object without any is one value that is no number."""
    if isinstance(given, dict) and given:
        return ((f"{name}:{channel}", value) for channel, value in given.items())
    return ((name, given),)


def shown(value: object) -> str:
    """A value that came from outside, short and printable, as it may stand in a sentence or a text column."""
    text = value if isinstance(value, str) else raw_text(value)
    if not text.isprintable():
        text = "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text[:200])
    return text if len(text) <= 80 else f"{text[:77]}..."


def raw_text(sent: object) -> str:
    """What came, in ASCII, cut to what quarantine keeps."""
    try:
        text = json.dumps(sent)
    except (RecursionError, ValueError):  # nested as deep as the parser barely stood
        text = reprlib.repr(sent).encode("ascii", "backslashreplace").decode()
    return text[:RAW_BYTES]
