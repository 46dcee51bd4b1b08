"""Points of InfluxDB's line protocol as samples of the devices that they are about. Pure.

A field is called as a metric of the catalogue, the tag `channel` says which of its channels. Of a gateway's points the
tag `device` or `serial` names the device; `host`, which Telegraf adds by itself, does where it is one's name.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from solarhub.devices.identity import KnownDevice
from solarhub.metrics import Catalogue
from solarhub.telemetry.doors.line_protocol import Fault, Point
from solarhub.telemetry.doors.readings import Gathered
from solarhub.telemetry.sample import Quarantined, Sifted, shown, sift, whole
from solarhub.telemetry.vocabulary import Reason

PRECISIONS: Mapping[str, float] = {
    **dict.fromkeys(("", "n", "ns"), 1e-6),
    **dict.fromkeys(("u", "us", "\N{MICRO SIGN}", "\N{MICRO SIGN}s"), 1e-3),
    "ms": 1.0,
    "s": 1e3,
    "m": 6e4,
    "h": 3.6e6,
}
"""What a timestamp counts, in milliseconds, by the parameter `precision`."""

_NAMING = ("device", "serial")
_MOST_FAULTS = 100
"""Lines that are listed in quarantine one by one; more than that stand there as one entry."""
_MOST_TOLD = 10
_LONGEST_TOLD = 200


class Sent(NamedTuple):
    """What one device is told to have measured, and what of it is quarantined."""

    device: KnownDevice
    sifted: Sifted


def samples(
    points: Iterable[Point],
    faults: Sequence[Fault],
    sender: KnownDevice,
    children: Mapping[str, KnownDevice],
    catalogue: Catalogue,
    *,
    milliseconds: float,
    arrived_at: datetime,
) -> list[Sent]:
    """The samples of a request by device. `children`: for whom the sender speaks, by what they are called.

    `milliseconds`: what its timestamps count.
    """
    gathered: dict[int, Gathered] = {sender.device_key: Gathered(catalogue)}
    devices = {sender.device_key: sender}
    strangers: list[Quarantined] = []
    for point in points:
        device = _subject(point.tags, sender, children)
        if device is None:
            strangers.append(_stranger(point))
            continue
        devices[device.device_key] = device
        into = gathered.setdefault(device.device_key, Gathered(catalogue))
        timestamp = None if point.timestamp is None else _milliseconds(point.timestamp, milliseconds)
        channel = point.tags.get("channel")
        for name, value in point.fields.items():
            into.add(point.position, timestamp, name if channel is None else f"{name}:{channel.lower()}", value)
    sent = [
        Sent(devices[key], sift(each.samples, arrived_at, catalogue, devices[key].rated_kw))
        for key, each in gathered.items()
    ]
    # the sender stands first: what nobody can be told of is put down as its own
    sent[0].sifted.quarantined.extend([*strangers, *_listed(faults)])
    return sent


def told(faults: Sequence[Fault]) -> str:
    """The lines that are no points, as InfluxDB complains of them; those after the tenth are left out."""
    lines = [f"unable to parse '{shown(fault.line)[:_LONGEST_TOLD]}': {fault.why}" for fault in faults[:_MOST_TOLD]]
    return "\n".join(lines)


def _subject(tags: Mapping[str, str], sender: KnownDevice, children: Mapping[str, KnownDevice]) -> KnownDevice | None:
    """Whom a point is about; None for somebody for whom the sender does not speak."""
    for tag in _NAMING:
        if tag in tags:
            named = tags[tag]
            return sender if named == str(sender.device_id) else children.get(named)
    return children.get(tags.get("host", ""), sender)


def _stranger(point: Point) -> Quarantined:
    named = next(point.tags[tag] for tag in _NAMING if tag in point.tags)
    detail = f"{shown(named)} is no device for which this token speaks"
    return whole(point.position, None, Reason.UNKNOWN_DEVICE, detail, {"tags": point.tags, "fields": point.fields})


def _milliseconds(timestamp: int, each: float) -> float:
    # the hub keeps microseconds: whole ones, so that the same point sent twice lies at the same instant
    return timestamp // 1_000 / 1_000 if each == PRECISIONS["ns"] else timestamp * each


def _listed(faults: Sequence[Fault]) -> list[Quarantined]:
    listed = [
        whole(fault.position, None, Reason.WRONG_SHAPE, f"the line is no point: {fault.why}", fault.line)
        for fault in faults[:_MOST_FAULTS]
    ]
    for first in faults[_MOST_FAULTS : _MOST_FAULTS + 1]:
        left = len(faults) - _MOST_FAULTS
        detail = f"{left} more lines are no points, the first one because of {first.why}"
        listed.append(whole(first.position, None, Reason.WRONG_SHAPE, detail, first.line))
    return listed
