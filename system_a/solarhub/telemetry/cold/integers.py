"""A column of whole numbers: differences of some order, in Rice's code or as planes of bytes that are deflated."""

import zlib
from dataclasses import dataclass

import numpy as np

from solarhub.telemetry.cold import bits
from solarhub.telemetry.cold.bits import Damaged, Reader, Signed, Unsigned

_ZEROS, _PLANES, _RICE = range(3)
_MOST_ORDER = 2


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a column in the three places of a block, and how many they will be once deflated (nearly)."""

    directory: bytes
    plain: bytes
    deflated: bytes
    cost: float


@dataclass(slots=True)
class Places:
    """Where the next column's bytes begin."""

    plain: int = 0
    deflated: int = 0


@dataclass(frozen=True, slots=True)
class Sections:
    """What a block holds beside its directory."""

    plain: bytes
    deflated: bytes


def deflated_size(data: bytes) -> int:
    """Bytes that it will be nearly, in the company of others."""
    return len(zlib.compress(data, 1)) - 11


def encode(numbers: Signed) -> Part:
    """Of at least one number, none further than 2^62 from zero."""
    first = int(numbers[0])
    steps = numbers - first
    divisor = _divisor(steps)
    if divisor > 1:
        steps //= divisor
    head = bits.signed_varint(first) + bits.varint(divisor)
    return min((_of_order(steps, order, head) for order in range(_MOST_ORDER + 1)), key=lambda part: part.cost)


def _divisor(steps: Signed) -> int:
    """What divides all of them; 1 where there is nothing to divide."""
    some = int(np.gcd.reduce(steps[:: max(1, len(steps) // 16)]))
    return max(1, some if some == 1 else int(np.gcd.reduce(steps)))


def _of_order(steps: Signed, order: int, head: bytes) -> Part:
    if order == 0:
        least = int(steps.min())
        head += bits.signed_varint(least)
        numbers = (steps - least).view(np.uint64)
    else:
        differences = np.diff(steps)
        if order == 2:
            head += bits.signed_varint(int(differences[0]) if len(differences) else 0)
            differences = np.diff(differences)
        numbers = bits.zigzag(differences)
    return _coded(numbers, head, order)


def _coded(numbers: Unsigned, head: bytes, order: int) -> Part:
    if not numbers.any():
        return Part(bytes([order << 4 | _ZEROS]) + head, b"", b"", len(head))
    wide = bits.width(numbers)
    planes = bits.to_planes(numbers, wide)
    as_planes = Part(
        bytes([order << 4 | _PLANES]) + head + bytes([wide]),
        b"",
        planes,
        len(head) + len(zlib.compress(planes, 1)) - 11,
    )
    if int(numbers.max()).bit_length() > bits.WIDEST_RICE:
        return as_planes
    parameters, length = bits.rice_parameters(numbers)
    cost = len(head) + 4 + length / 8 + len(parameters) / 3
    if cost >= as_planes.cost:
        return as_planes
    unary, rests = bits.to_rice(numbers, parameters)
    head += bits.varint(len(unary)) + bits.varint(len(rests))
    return Part(bytes([order << 4 | _RICE]) + head, unary + rests, parameters.tobytes(), cost)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the directory says of a column of `count` whole numbers, and where its bytes begin."""

    count: int
    order: int
    coder: int
    first: int
    divisor: int
    start: int
    wide: int
    lengths: tuple[int, int]
    plain: int
    deflated: int


def plan(reader: Reader, count: int, places: Places) -> Plan:
    """Reads a column's entry of the directory, and passes its bytes by."""
    kind = reader.byte()
    order, coder = kind >> 4, kind & 0x0F
    if order > _MOST_ORDER or coder > _RICE:
        raise Damaged(f"a block has a column of whole numbers of the unknown kind {kind}")
    first, divisor = reader.signed_varint(), reader.varint()
    start = reader.signed_varint() if order != 1 else 0
    wide = reader.byte() if coder == _PLANES else 0
    lengths = (reader.varint(), reader.varint()) if coder == _RICE else (0, 0)
    found = Plan(count, order, coder, first, divisor, start, wide, lengths, places.plain, places.deflated)
    coded = max(0, count - order)
    places.plain += sum(lengths)
    places.deflated += coded * wide if coder == _PLANES else -(-coded // bits.GROUP) if coder == _RICE else 0
    return found


def decode(plan: Plan, sections: Sections) -> Signed:
    coded = max(0, plan.count - plan.order)
    numbers = _numbers(plan, coded, sections)
    if plan.order == 0:
        steps = numbers.view(np.int64) + plan.start
    else:
        steps = np.zeros(plan.count, np.int64)
        differences = bits.unzigzag(numbers)
        if plan.order == 2:
            differences = np.cumsum(np.concatenate(([plan.start], differences)))[: plan.count - 1]
        np.cumsum(differences, out=steps[1:])
    return steps * plan.divisor + plan.first


def _numbers(plan: Plan, coded: int, sections: Sections) -> Unsigned:
    if plan.coder == _ZEROS:
        return np.zeros(coded, np.uint64)
    if plan.coder == _PLANES:
        size = coded * plan.wide
        return bits.from_planes(sections.deflated[plan.deflated : plan.deflated + size], coded, plan.wide)
    groups = -(-coded // bits.GROUP)
    parameters = np.frombuffer(sections.deflated[plan.deflated : plan.deflated + groups], np.uint8)
    middle = plan.plain + plan.lengths[0]
    unary, rests = sections.plain[plan.plain : middle], sections.plain[middle : middle + plan.lengths[1]]
    return bits.from_rice(unary, rests, parameters, coded)
