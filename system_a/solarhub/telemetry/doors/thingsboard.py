"""Bodies of ThingsBoard's device API as samples. Pure.

`{"power_output": 2.9}`, `{"ts": 1700000000000, "values": {…}}`, or an array of either. A key is a metric of the
catalogue, or a metric and its channel as in `voltage_dc:string1`; its value is a number, a text that holds one, true or
false where the metric is a code, or an object of channels.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

from solarhub.kit.errors import TooLarge, Unreadable
from solarhub.metrics import Catalogue
from solarhub.telemetry.doors.readings import Gathered, as_number
from solarhub.telemetry.sample import Quarantined, RawSample, shown, whole
from solarhub.telemetry.vocabulary import Reason

MOST_ENTRIES = 10_000
MOST_MEMBERS = 500_000
"""Members of all objects and arrays of one body: what its few bytes may grow to in memory."""

_LONGEST_INTEGER = 400  # more digits than a double can count, and fewer than would take long to read
_FORMS = 'an object of names and values, {"ts": milliseconds, "values": {…}}, or an array of these'


class Read(NamedTuple):
    """`misshapen` are those members of an array that say nothing of any instant."""

    samples: list[RawSample]
    misshapen: list[Quarantined]


def read(body: bytes, catalogue: Catalogue) -> Read:
    """The samples of a body. Unreadable for what is none of the forms at all, TooLarge for too many entries."""
    if body.count(b",") + body.count(b"{") + body.count(b"[") > MOST_MEMBERS:
        raise TooLarge(f"The body holds more than {MOST_MEMBERS:,} values; send them in several requests.")
    try:
        sent = json.loads(body.decode("utf-8-sig"), parse_int=_integer)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Unreadable(f"The body is not JSON; it is {_FORMS}.") from error
    if not isinstance(sent, dict | list):
        raise Unreadable(f"The body is {shown(sent)}; it is {_FORMS}.")
    entries = sent if isinstance(sent, list) else [sent]
    if len(entries) > MOST_ENTRIES:
        raise TooLarge(f"At most {MOST_ENTRIES:,} entries are taken at once; send them in several requests.")
    gathered = Gathered(catalogue)
    misshapen: list[Quarantined] = []
    for position, entry in enumerate(entries):
        timestamp = entry["ts"] if _is_dated(entry) else None
        values = entry["values"] if _is_dated(entry) else entry
        if not isinstance(values, dict):
            detail = f"{shown(values)} is no object of names and values; an entry is {_FORMS}"
            misshapen.append(whole(position, None, Reason.WRONG_SHAPE, detail, entry))
        elif not values:
            gathered.say_nothing(position, _hashable(timestamp))
        for series, value in _series(values) if isinstance(values, dict) else ():
            gathered.add(position, _hashable(timestamp), series, as_number(value))
    return Read(gathered.samples, misshapen)


def _is_dated(entry: object) -> bool:
    return isinstance(entry, dict) and "ts" in entry and "values" in entry


def _series(values: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from ((f"{name}:{channel}", each) for channel, each in value.items())
        else:
            yield name, value


def _hashable(timestamp: object) -> object:
    """As text, what is no time whatever it is: samples are gathered by their times."""
    number = as_number(timestamp)
    return repr(number) if isinstance(number, dict | list) else number


def _integer(digits: str) -> float:
    return float(digits[:_LONGEST_INTEGER])
