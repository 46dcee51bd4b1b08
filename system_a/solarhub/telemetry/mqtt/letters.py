"""What a message under a device's topic says: samples, or the reason why it is none. Pure."""

from datetime import datetime
from typing import NamedTuple

from solarhub.drivers.mqtt import Message
from solarhub.kit.errors import Invalid, TooLarge, Unreadable
from solarhub.metrics import CATALOGUE, Catalogue
from solarhub.telemetry.decode import decode
from solarhub.telemetry.sample import RAW_BYTES, Quarantined, RawSample, Sample, sift
from solarhub.telemetry.vocabulary import Reason


class Letter(NamedTuple):
    """A message, read. `undated`: something in it has no time of its own, and was given that of its arrival."""

    accepted: list[Sample]
    quarantined: list[Quarantined]
    undated: bool


_NOTHING = Letter([], [], undated=False)


def read(
    message: Message, arrived_at: datetime, catalogue: Catalogue = CATALOGUE, rated_kw: float | None = None
) -> Letter:
    """The hub's own JSON, as `POST /api/v1/telemetry` takes it; what cannot be read is one entry of quarantine.

    A message that the broker had kept (retained) is no news: what of it has no time of its own is left out, or the
    last words of a device that died in winter would come as measurements of today.
    """
    if message.cut:
        return refused(message, f"the message is longer than {len(message.payload):,} bytes")
    if not message.payload:
        return _NOTHING  # how a retained message is taken away
    try:
        samples, misshapen = decode(message.payload)
    except (Unreadable, Invalid, TooLarge) as problem:
        return _NOTHING if message.retained else refused(message, problem.detail)
    undated = any(sample.timestamp is None for sample in samples)
    if undated and message.retained:
        samples = _dated(samples)
        undated = False
    accepted, quarantined = sift(samples, arrived_at, catalogue, rated_kw)
    return Letter(accepted, misshapen + quarantined, undated)


def _dated(samples: list[RawSample]) -> list[RawSample]:
    return [sample for sample in samples if sample.timestamp is not None]


def refused(message: Message, detail: str) -> Letter:
    """The message as it came, in quarantine; `detail` is a sentence."""
    raw = message.payload[:RAW_BYTES].decode("ascii", "backslashreplace")
    # PostgreSQL's text holds no NUL
    entry = Quarantined(0, None, None, Reason.WRONG_SHAPE, detail, raw.replace("\0", "\\0")[:RAW_BYTES])
    return Letter([], [entry], undated=False)
