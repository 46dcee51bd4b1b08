"""The body of a request -> samples as columns are made of, or a problem with the body as a whole.

A strict and fast pass first. What it refuses gets a tolerant one by Python's own parser, which reads NaN, 1e309,
numbers of any length and values of any type, so that each can be judged by itself and its neighbours are stored: a
sender whose firmware writes one bad value would otherwise repeat its request for ever.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from solarhub.kit.errors import FieldError, Invalid, TooLarge, Unreadable
from solarhub.telemetry.sample import Quarantined, RawSample, shown, whole
from solarhub.telemetry.spelling import Names, Time, decoder, mapped
from solarhub.telemetry.vocabulary import Reason

MOST_SAMPLES = 10_000
MOST_MEMBERS = 500_000
"""Members of all objects and arrays of one body: what its few bytes may grow to in memory."""

_SAMPLE = 'an object with "metrics", an object of names and numbers, and, if wanted, "timestamp"'
_OF_DEVICE = f'an object with "device" (id, serial number or name) and "samples", an array of samples; each {_SAMPLE}'
_BODY = (
    f'one sample ({_SAMPLE}), {{"samples": [sample, …]}} with up to {MOST_SAMPLES:,} of them, or a gateway\'s'
    ' {"devices": [{"device": id, serial number or name, "samples": [sample, …]}, …]}'
)

_LONGEST_INTEGER = 18

_Metrics = dict[str, float | dict[str, float]]


class Sample(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One as it came; `timestamp` None: the time of its arrival."""

    metrics: _Metrics
    timestamp: Time = None


class OfDevice(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What a gateway tells of a device."""

    device: str
    samples: list[Sample]


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    metrics: _Metrics
    timestamp: Time = None
    device: str | None = None


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    samples: list[Sample] | msgspec.UnsetType = msgspec.UNSET
    devices: list[OfDevice] | msgspec.UnsetType = msgspec.UNSET
    metrics: _Metrics | msgspec.UnsetType = msgspec.UNSET
    timestamp: Time | msgspec.UnsetType = msgspec.UNSET


_STRICT = msgspec.json.Decoder(_Body)
_LINE = msgspec.json.Decoder(_Line)


class Raw(NamedTuple):
    """A sample that only the tolerant pass could read."""

    device: str | None
    sample: RawSample


class Misshapen(NamedTuple):
    """Something that is no sample."""

    device: str | None
    entry: Quarantined


class Body(NamedTuple):
    """`samples` and `devices` (of whom each is; None: of whoever sends) have a place for each sample in turn.

    Where there are `raw` ones, there are no others.
    """

    samples: Sequence[Sample | _Line] = ()
    devices: Sequence[str | None] | None = None
    raw: Sequence[Raw] = ()
    misshapen: Sequence[Misshapen] = ()


class Decoded(NamedTuple):
    """`misshapen` are those members of `samples` that are no samples."""

    samples: list[RawSample]
    misshapen: list[Quarantined]


def decode(body: bytes | bytearray) -> Decoded:
    """For whoever looks at the samples of one device one by one. As `read`; Invalid for what a gateway would send."""
    told = read(body)
    named = [raw.device for raw in told.raw if raw.device is not None]
    named += [each.device for each in told.misshapen if each.device is not None]
    if told.devices is not None or named:
        raise _invalid("devices", named[0] if named else None, "is what a gateway sends over HTTP", _BODY)
    samples = [
        RawSample(place, written(each.timestamp), mapped(each.metrics)) for place, each in enumerate(told.samples)
    ]
    return Decoded([*samples, *(each.sample for each in told.raw)], [each.entry for each in told.misshapen])


def written(time: float | datetime | None) -> object:
    """A time as a sender may have written it."""
    return time.isoformat().replace("+00:00", "Z") if isinstance(time, datetime) else time


def read(body: bytes | bytearray, expected: Names | None = None) -> Body:
    """Unreadable for what is not JSON in UTF-8, Invalid where nothing has a sample's shape, TooLarge for too many.

    `expected` are the names that its sender wrote the last time.
    """
    _check_size(body)
    strict: Any = None
    if expected is not None:
        try:
            strict = decoder(expected).decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            strict = None  # it looks otherwise this time
    if strict is not None and (strict.samples is msgspec.UNSET) != (strict.devices is msgspec.UNSET):
        return _many(strict)
    try:
        strict = _STRICT.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _tolerant(body)
    is_told = strict.metrics is not msgspec.UNSET
    if strict.samples is not msgspec.UNSET or strict.devices is not msgspec.UNSET:
        is_alone = (strict.samples is msgspec.UNSET) != (strict.devices is msgspec.UNSET) and not is_told
        return _many(strict) if is_alone and strict.timestamp is msgspec.UNSET else _tolerant(body)
    if is_told:
        return Body([Sample(strict.metrics, None if strict.timestamp is msgspec.UNSET else strict.timestamp)])
    return _tolerant(body)


def _many(strict: Any) -> Body:
    """Of a body with either `samples` or `devices`."""
    if strict.samples is not msgspec.UNSET:
        _check_length(len(strict.samples))
        return Body(strict.samples)
    samples = [sample for each in strict.devices for sample in each.samples]
    _check_length(len(samples))
    if len(samples) == len(strict.devices) and all(each.samples for each in strict.devices):
        return Body(samples, [each.device for each in strict.devices])
    return Body(samples, [each.device for each in strict.devices for _ in each.samples])


def read_lines(body: bytes | bytearray) -> Body:
    """A sample a line (NDJSON), with the device that it is of where a gateway sends. As `read`."""
    _check_size(body)
    try:
        samples = _LINE.decode_lines(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _tolerant_lines(bytes(body))
    _check_length(len(samples))
    devices = [sample.device for sample in samples]
    return Body(samples, None if devices.count(None) == len(devices) else devices)


def _check_size(body: bytes | bytearray) -> None:
    if not body.strip():
        raise Unreadable("The body is empty; it should hold JSON: " + _BODY)
    if body.count(b",") + body.count(b"{") + body.count(b"[") > MOST_MEMBERS:
        raise TooLarge(f"The body holds more than {MOST_MEMBERS:,} values; send them in several requests.")


def _parsed(text: bytes | bytearray) -> object:
    try:
        parsed: object = json.loads(text.decode("utf-8-sig"), parse_int=_integer)
    except UnicodeDecodeError as error:
        raise Unreadable(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"The body is not JSON: {error.msg} at line {error.lineno} column {error.colno}.") from error
    except RecursionError as error:
        raise Unreadable("The body is nested too deeply; a sample needs four levels.") from error
    return parsed


def _tolerant(body: bytes | bytearray) -> Body:
    sent = _parsed(body)
    if not isinstance(sent, dict):
        raise _invalid("body", sent, "is not an object", _BODY)
    kind = next((name for name in ("samples", "devices") if name in sent), None)
    if kind is None:
        return _sorted([(None, sent, "")])
    if len(sent) > 1:
        other = next(name for name in sent if name != kind)
        raise _invalid(shown(other), sent[other], f'is not known beside "{kind}"', f"{kind} alone")
    members = sent[kind]
    if not isinstance(members, list):
        allowed = f"an array of samples; a sample is {_SAMPLE}" if kind == "samples" else f"an array; each {_OF_DEVICE}"
        raise _invalid(kind, members, "is not an array", allowed)
    if kind == "samples":
        _check_length(len(members))
        return _sorted((None, member, f"samples[{index}]") for index, member in enumerate(members))
    told: list[tuple[str | None, object, str]] = []
    for index, member in enumerate(members):
        place = f"devices[{index}]"
        if _is_of_device(member):
            samples = enumerate(member["samples"])
            told += [(member["device"], sample, f"{place}.samples[{number}]") for number, sample in samples]
        else:
            told.append((None, _Misfit(member), place))
        _check_length(len(told))
    return _sorted(told)


def _is_of_device(member: object) -> bool:
    return (
        isinstance(member, dict)
        and member.keys() == {"device", "samples"}
        and isinstance(member["device"], str)
        and isinstance(member["samples"], list)
    )


def _tolerant_lines(body: bytes) -> Body:
    lines = [line for line in body.splitlines() if line.strip()]
    _check_length(len(lines))
    told: list[tuple[str | None, object, str]] = []
    problem: Unreadable | None = None
    for index, line in enumerate(lines):
        device, place = None, f"line {index + 1}"
        try:
            sample = _parsed(line)
        except Unreadable as unreadable:
            problem = problem or unreadable
            told.append((None, _Misfit(line.decode("ascii", "backslashreplace")), place))
            continue
        if isinstance(sample, dict) and isinstance(sample.get("device"), str | None):
            device = sample.pop("device", None)
        told.append((device, sample, place))
    if problem is not None and all(isinstance(member, _Misfit) for _, member, _ in told):
        raise problem
    return _sorted(told)


class _Misfit(NamedTuple):
    """What stands where something with samples should stand."""

    sent: object


def _sorted(told: Iterable[tuple[str | None, object, str]]) -> Body:
    """Samples, and what is none; of whom, and where in the body."""
    raw: list[Raw] = []
    misshapen: list[Misshapen] = []
    errors: list[FieldError] = []
    for position, (device, member, place) in enumerate(told):
        if isinstance(member, _Misfit):
            sent = member.sent
            error: FieldError | None = FieldError(place, shown(sent), "is not what it should be", _OF_DEVICE)
        else:
            sent = member
            error = _fault(sent, place)
        if error is None and isinstance(member, dict):
            raw.append(Raw(device, RawSample(position, member.get("timestamp"), member["metrics"])))
        elif error is not None:
            allowed = error.allowed if isinstance(error.allowed, str) else " and ".join(error.allowed)
            sentence = f"{error.field} {error.message}; allowed is {allowed}"
            misshapen.append(Misshapen(device, whole(position, None, Reason.WRONG_SHAPE, sentence, sent)))
            errors.append(error)
    if errors and not raw:
        raise Invalid(errors[:3])
    return Body(raw=raw, misshapen=misshapen)


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
