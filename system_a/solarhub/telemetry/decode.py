"""The bytes of a request -> raw samples, or a problem with the body as a whole.

A strict and fast pass first. What it refuses gets a tolerant one by Python's own parser, which reads NaN, 1e309,
numbers of any length and values of any type, so that each can be judged by itself and its neighbours are stored: a
sender whose firmware writes one bad value would otherwise repeat its request for ever.
"""

import json
from typing import Any, NamedTuple

import msgspec

from solarhub.kit.errors import FieldError, Invalid, TooLarge, Unreadable
from solarhub.telemetry.sample import Quarantined, RawSample, shown, whole
from solarhub.telemetry.vocabulary import Reason

MOST_SAMPLES = 10_000
MOST_MEMBERS = 500_000
"""Members of all objects and arrays of one body: what its few bytes may grow to in memory."""

_SAMPLE = 'an object with "metrics", an object of names and numbers, and, if wanted, "timestamp"'
_BODY = f'one sample ({_SAMPLE}), or {{"samples": [sample, …]}} with up to {MOST_SAMPLES:,} of them'
_LONGEST_INTEGER = 18

_Metrics = dict[str, float | dict[str, float]]


class _StrictSample(msgspec.Struct, forbid_unknown_fields=True):
    metrics: _Metrics
    timestamp: int | float | str | None = None


class _StrictBody(msgspec.Struct, forbid_unknown_fields=True):
    samples: list[_StrictSample] | msgspec.UnsetType = msgspec.UNSET
    metrics: _Metrics | msgspec.UnsetType = msgspec.UNSET
    timestamp: int | float | str | None = None


_STRICT = msgspec.json.Decoder(_StrictBody)


class Decoded(NamedTuple):
    """`misshapen` are those members of `samples` that are no samples."""

    samples: list[RawSample]
    misshapen: list[Quarantined]


def decode(body: bytes | bytearray) -> Decoded:
    """Unreadable for what is not JSON in UTF-8, Invalid where nothing has a sample's shape, TooLarge for too many."""
    if not body.strip():
        raise Unreadable("The body is empty; it should hold JSON: " + _BODY)
    if body.count(b",") + body.count(b"{") + body.count(b"[") > MOST_MEMBERS:
        raise TooLarge(f"The body holds more than {MOST_MEMBERS:,} values; send them in several requests.")
    try:
        strict = _STRICT.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _tolerant(body)
    if strict.samples is msgspec.UNSET and strict.metrics is not msgspec.UNSET:
        return Decoded([RawSample(0, strict.timestamp, strict.metrics)], [])
    if strict.samples is not msgspec.UNSET and strict.metrics is msgspec.UNSET and strict.timestamp is None:
        _check_length(len(strict.samples))
        return Decoded([RawSample(i, s.timestamp, s.metrics) for i, s in enumerate(strict.samples)], [])
    return _tolerant(body)


def _tolerant(body: bytes | bytearray) -> Decoded:
    try:
        sent = json.loads(body.decode("utf-8-sig"), parse_int=_integer)
    except UnicodeDecodeError as error:
        raise Unreadable(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"The body is not JSON: {error.msg} at line {error.lineno} column {error.colno}.") from error
    except RecursionError as error:
        raise Unreadable("The body is nested too deeply; a sample needs four levels.") from error
    if not isinstance(sent, dict):
        raise _invalid("body", sent, "is not an object", _BODY)
    if "samples" not in sent:
        return _samples([sent], place="")
    if len(sent) > 1:
        other = next(name for name in sent if name != "samples")
        raise _invalid(shown(other), sent[other], 'is not known beside "samples"', "samples alone")
    members = sent["samples"]
    if not isinstance(members, list):
        raise _invalid("samples", members, "is not an array", f"an array of samples; a sample is {_SAMPLE}")
    _check_length(len(members))
    return _samples(members, place="samples[{}]")


def _samples(members: list[object], place: str) -> Decoded:
    samples: list[RawSample] = []
    misshapen: list[Quarantined] = []
    errors: list[FieldError] = []
    for index, member in enumerate(members):
        error = _fault(member, place.format(index))
        if error is None and isinstance(member, dict):
            samples.append(RawSample(index, member.get("timestamp"), member["metrics"]))
        elif error is not None:
            allowed = error.allowed if isinstance(error.allowed, str) else " and ".join(error.allowed)
            sentence = f"{error.field} {error.message}; allowed is {allowed}"
            misshapen.append(whole(index, None, Reason.WRONG_SHAPE, sentence, member))
            errors.append(error)
    if errors and not samples:
        raise Invalid(errors[:3])
    return Decoded(samples, misshapen)


def _fault(member: object, place: str) -> FieldError | None:
    """What keeps a member of the body from being a sample."""
    if not isinstance(member, dict):
        return FieldError(place, shown(member), "is not an object", _SAMPLE)
    prefix = f"{place}." if place else ""
    if "metrics" not in member:
        return FieldError(f"{prefix}metrics", None, "is missing", "an object of names and numbers")
    if not isinstance(member["metrics"], dict):
        return FieldError(
            f"{prefix}metrics", shown(member["metrics"]), "is not an object", "an object of names and numbers"
        )
    for name in member:
        if name not in ("metrics", "timestamp"):
            return FieldError(f"{prefix}{shown(name)}", shown(member[name]), "is not known", ["metrics", "timestamp"])
    return None


def _invalid(field: str, value: object, message: str, allowed: str) -> Invalid:
    return Invalid([FieldError(field, shown(value), message, allowed)])


def _integer(digits: str) -> Any:
    """Python refuses to read integers of thousands of digits; as a float they are merely too large."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _check_length(length: int) -> None:
    if length > MOST_SAMPLES:
        raise TooLarge(f"The request holds {length:,} samples; allowed are {MOST_SAMPLES:,} at once.")
