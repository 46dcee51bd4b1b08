"""A column of whole numbers: differences of some order, in Rice's code or as planes of bytes that are deflated.

Or two such columns: instruments that give so many digits, whatever they measure, give small numbers more decimals than
large ones. The last digits are split off, and written for the small numbers alone.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from solarhub.telemetry.cold import bits
from solarhub.telemetry.cold.bits import Damaged, Reader, Signed, Unsigned

_ZEROS, _PLANES, _RICE, _SPLIT = range(4)
_MOST_ORDER = 2
_SHORTEST_SPLIT = 32
_WORTH_SPLITTING = 0.6
"""Bytes a number: where it takes less, nothing is tried."""
_MOST_SPLITS = 8
_MOST_SMALL = 0.8
"""Part of the numbers that have the split digits: with more, nothing is won."""
_GREATEST_UNIT = 10**9


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
    whole = _undivided(numbers)
    if len(numbers) < _SHORTEST_SPLIT or whole.cost < _WORTH_SPLITTING * len(numbers):
        return whole
    split = _split(numbers)
    return split if split is not None and split.cost < whole.cost else whole


def _split(numbers: Signed) -> Part | None:
    """Number by unit, and the remainders of those whose quotient is less than a limit: all others have none."""
    levels: list[tuple[int, int, Signed]] = []
    quotients = numbers
    while len(levels) < _MOST_SPLITS:
        found = _level(quotients)
        if found is None:
            break
        unit, limit, quotients, remainders = found
        levels.append((unit, limit, remainders))
    if not levels:
        return None
    part = _undivided(quotients)
    for unit, limit, remainders in reversed(levels):
        rest = _undivided(remainders)
        head = bytes([_SPLIT]) + bits.varint(unit) + bits.varint(limit) + bits.varint(len(remainders))
        part = Part(
            head + part.directory + rest.directory,
            part.plain + rest.plain,
            part.deflated + rest.deflated,
            len(head) + part.cost + rest.cost,
        )
    return part


def _level(numbers: Signed) -> tuple[int, int, Signed, Signed] | None:
    """Unit, limit, quotients, and remainders of those under the limit; as many digits at once as go alike."""
    unit, last = 1, None
    while unit < _GREATEST_UNIT:
        quotients = numbers // (unit * 10)
        rests = numbers - quotients * (unit * 10)
        odd = np.abs(quotients[rests != 0])
        if not len(odd):
            return None  # they have a divisor, which costs nothing
        limit = int(odd.max()) + 1
        small = np.abs(quotients) < limit
        if small.mean() > _MOST_SMALL or (last is not None and int(small.sum()) != len(last[3])):
            break
        unit *= 10
        last = unit, limit, quotients, rests[small]
    return last


def _undivided(numbers: Signed) -> Part:
    if (numbers == numbers[0]).all():
        head = bytes([_ZEROS]) + bits.signed_varint(int(numbers[0]))
        return Part(head, b"", b"", len(head))
    least = int(numbers.min())
    divisor = _divisor(numbers - least)
    steps = (numbers - least) // divisor
    return min((_of_order(steps, order, least, divisor) for order in range(_MOST_ORDER + 1)), key=_cost)


def _cost(part: Part) -> float:
    return part.cost


def _divisor(steps: Signed) -> int:
    """What divides all of them, of which one is above zero."""
    some = int(np.gcd.reduce(steps[:: max(1, len(steps) // 16)]))
    return some if some == 1 else int(np.gcd.reduce(steps))


def _of_order(steps: Signed, order: int, least: int, divisor: int) -> Part:
    """`steps` are from the least number on, by the divisor."""
    if order == 0:
        return _coded(steps.view(np.uint64), _base(least, divisor), order)
    head = _base(least + int(steps[0]) * divisor, divisor)
    differences = np.diff(steps)
    if order == 2:
        head += bits.signed_varint(int(differences[0]))
        differences = np.diff(differences)
    return _coded(bits.zigzag(differences), head, order)


def _base(number: int, divisor: int) -> bytes:
    """The divisor, and a number in units of it with what is left: of instants that is a few bytes less."""
    quotient, rest = divmod(number, divisor)
    return bits.decimal(divisor) + bits.signed_varint(quotient) + (bits.varint(rest) if divisor > 1 else b"")


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
    split: "Split | None" = None


@dataclass(frozen=True, slots=True)
class Split:
    """The two columns that one consists of: quotients by `unit`, and remainders where those are less than `limit`."""

    unit: int
    limit: int
    quotients: Plan
    remainders: Plan


def plan(reader: Reader, count: int, places: Places) -> Plan:
    """Reads a column's entry of the directory, and passes its bytes by."""
    kind = reader.byte()
    order, coder = kind >> 4, kind & 0x0F
    if kind == _SPLIT:
        unit, limit, small = reader.varint(), reader.varint(), reader.varint()
        split = Split(unit, limit, plan(reader, count, places), plan(reader, small, places))
        return Plan(count, 0, _SPLIT, 0, 1, 0, 0, (0, 0), 0, 0, split)
    if order > _MOST_ORDER or coder > _RICE:
        raise Damaged(f"a block has a column of whole numbers of the unknown kind {kind}")
    if kind == _ZEROS:
        return Plan(count, 0, _ZEROS, reader.signed_varint(), 1, 0, 0, (0, 0), 0, 0)
    divisor = reader.decimal()
    first = reader.signed_varint() * divisor
    first += reader.varint() if divisor > 1 else 0
    start = reader.signed_varint() if order == 2 else 0
    wide = reader.byte() if coder == _PLANES else 0
    lengths = (reader.varint(), reader.varint()) if coder == _RICE else (0, 0)
    found = Plan(count, order, coder, first, divisor, start, wide, lengths, places.plain, places.deflated)
    coded = max(0, count - order)
    places.plain += sum(lengths)
    places.deflated += coded * wide if coder == _PLANES else -(-coded // bits.GROUP) if coder == _RICE else 0
    return found


def decode(plan: Plan, sections: Sections) -> Signed:
    if plan.split is not None:
        quotients = decode(plan.split.quotients, sections)
        numbers = quotients * plan.split.unit
        numbers[np.abs(quotients) < plan.split.limit] += decode(plan.split.remainders, sections)
        return numbers
    coded = max(0, plan.count - plan.order)
    unsigned = _numbers(plan, coded, sections)
    if plan.order == 0:
        steps = unsigned.view(np.int64)
    else:
        steps = np.zeros(plan.count, np.int64)
        differences = bits.unzigzag(unsigned)
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
