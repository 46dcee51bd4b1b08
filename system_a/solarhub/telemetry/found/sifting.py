"""From what a message told to the sample that is stored. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo

from solarhub.drivers.dialects import Told
from solarhub.metrics import CATALOGUE, Catalogue
from solarhub.telemetry.sample import Quarantined, RawSample, Sample, Sifted, sift


def sifted(
    told: Told,
    received_at: datetime,
    zone: tzinfo,
    *,
    catalogue: Catalogue = CATALOGUE,
    rated_kw: float | None = None,
) -> Sifted:
    """One sample at most, at the time that was told or else `received_at`, which its clock is held against too.

    `zone` is the plant's, for a time that names none.
    """
    timestamp = told.timestamp(zone)
    if timestamp is None:
        timestamp = received_at.isoformat()
    accepted: dict[datetime, dict[str, float]] = {}
    quarantined: list[Quarantined] = []
    for metrics in _bodies(told.readings):
        found = sift([RawSample(0, timestamp, metrics)], received_at, catalogue, rated_kw)
        quarantined += found.quarantined
        for sample in found.accepted:
            accepted.setdefault(sample.at, {}).update(sample.readings)
    return Sifted([Sample(0, at, readings) for at, readings in accepted.items()], quarantined)


def _bodies(readings: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """As samples name them: a metric's own value, and its channels, which take the same name."""
    alone: dict[str, object] = {}
    by_channel: dict[str, object] = {}
    for series, value in readings.items():
        name, colon, channel = series.partition(":")
        if not colon:
            alone[name] = value
            continue
        channels = by_channel.setdefault(name, {})
        if isinstance(channels, dict):
            channels[channel] = value
    if alone:
        yield alone
    if by_channel:
        yield by_channel
