"""A column of readings: whichever of a few ways to write it is the shortest, and gives back every bit.

NaN stands for "not reported", and which NaN it was is not kept; all else is, minus zero and subnormals too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.cold import bits, integers, steps
from solarhub.telemetry.cold.bits import Damaged, Reader, Signed
from solarhub.telemetry.cold.integers import Part, Places, Sections

Floats = NDArray[np.float64]

_EMPTY, _CONSTANT, _SCALED, _DICTIONARY, _RAW, _STEPS = range(6)
_HAS_GAPS, _HAS_PATCHES = 0x80, 0x40
_MOST_DECIMALS = 12
_EXACT = 2.0**53
_LOOKED_AT = 24
_MOST_WORDS = 256
_PATCHED_AT_MOST = 0.02
_WORTH_STEPS = 0.6
"""Bytes a value: where it takes less, no step is looked for."""

_TENS = np.array([float(10**decimals) for decimals in range(_MOST_DECIMALS + 1)])
_TENTHS = np.array([float(f"1e-{decimals}") for decimals in range(_MOST_DECIMALS + 1)])


def _decimal(whole: Floats, decimals: int) -> Floats:
    made: Floats = whole / _TENS[decimals]
    return made


def _single(whole: Floats, decimals: int) -> Floats:
    with np.errstate(over="ignore"):
        return _decimal(whole, decimals).astype(np.float32).astype(np.float64)


def _times(whole: Floats, decimals: int) -> Floats:
    made: Floats = whole * _TENTHS[decimals]
    return made


def _thousandths(whole: Floats, decimals: int) -> Floats:
    made: Floats = _decimal(whole, decimals) / 1000.0
    return made


FORMS: tuple[Callable[[Floats, int], Floats], ...] = (_decimal, _single, _times, _thousandths)
"""How a reading was made of a whole number, as devices and their drivers do it: k / 10^d, the same in single
precision, k * 10^-d, and (k / 10^d) / 1000."""


def encode(readings: Floats) -> Part:
    """The shortest way found; of at least one row."""
    present = ~np.isnan(readings)
    count = int(present.sum())
    if count == 0:
        return Part(bytes([_EMPTY]), b"", b"", 1)
    if count == len(readings):
        return _present(np.ascontiguousarray(readings), 0)
    part = _present(readings[present], _HAS_GAPS)
    directory = part.directory[:1] + bits.varint(count) + part.directory[1:]
    return Part(directory, part.plain, np.packbits(present).tobytes() + part.deflated, part.cost)


def _present(values: Floats, flag: int) -> Part:
    patterns = values.view(np.int64)
    if (patterns == patterns[0]).all():
        return Part(bytes([_CONSTANT | flag]), values[:1].astype("<f8").tobytes(), b"", 9)
    return min(_ways(values, patterns, flag), key=lambda part: part.cost)


def _ways(values: Floats, patterns: Signed, flag: int) -> Iterator[Part]:
    words, places = np.unique(patterns, return_inverse=True)
    if len(words) <= min(_MOST_WORDS, len(values) // 2):
        coded = integers.encode(places.astype(np.int64))
        head = bytes([_DICTIONARY | flag]) + bits.varint(len(words))
        table = words.astype("<i8").tobytes()
        yield Part(head + coded.directory, table + coded.plain, coded.deflated, len(head) + len(table) + coded.cost)
    scaled = _scaled(values, patterns, flag)
    if scaled is not None:
        yield scaled
    else:
        changes = patterns.copy()
        changes[1:] ^= patterns[:-1]
        planes = bits.to_planes(changes.view(np.uint64), 8)
        yield Part(bytes([_RAW | flag]), b"", planes, 1 + integers.deflated_size(planes))


# ------------------------------------------------------------------------------------------------- whole numbers


def _scaled(values: Floats, patterns: Signed, flag: int) -> Part | None:
    """As whole numbers of the fewest decimals in which all but a few of the values are exact."""
    for form, decimals in _candidates(values):
        whole, fits = _whole(values, patterns, form, decimals)
        misfits = np.flatnonzero(~fits)
        if len(misfits) <= _PATCHED_AT_MOST * len(values):
            break
    else:
        return None
    if len(misfits):
        # whatever stood before it keeps the differences small
        held = np.maximum.accumulate(np.where(fits, np.arange(len(values)), -1))
        whole = whole[np.where(held < 0, int(np.argmax(fits)), held)]
    head = bytes([form << 4 | decimals])
    if len(misfits):
        flag |= _HAS_PATCHES
        steps_to = np.diff(misfits, prepend=0).tolist()
        head += b"".join(map(bits.varint, (len(misfits), *steps_to)))
    patches = patterns[misfits].astype("<i8").tobytes()
    kind, coded = _SCALED, integers.encode(whole.astype(np.int64))
    if coded.cost > _WORTH_STEPS * len(values) and (found := steps.find(whole)) is not None:
        stepped = _stepped(found)
        if stepped.cost < coded.cost:
            kind, coded = _STEPS, stepped
    cost = 1 + len(head) + len(patches) + coded.cost
    return Part(bytes([kind | flag]) + head + coded.directory, patches + coded.plain, coded.deflated, cost)


def _stepped(found: steps.Multiples) -> Part:
    multiples, more = integers.encode(found.multiples), integers.encode(found.more)
    return Part(
        bytes([found.digits]) + multiples.directory + more.directory,
        np.array([found.step], "<f8").tobytes() + multiples.plain + more.plain,
        multiples.deflated + more.deflated,
        9 + multiples.cost + more.cost,
    )


def _candidates(values: Floats) -> Iterator[tuple[int, int]]:
    """Form and decimals under which nearly all of a few values are exact, the fewest decimals first."""
    some = np.ascontiguousarray(values[:: max(1, len(values) // _LOOKED_AT)])
    patterns = some.view(np.int64)
    for form in range(len(FORMS)):
        for decimals in range(_MOST_DECIMALS + 1):
            if _whole(some, patterns, form, decimals)[1].mean() >= 0.9:
                yield form, decimals


def _whole(values: Floats, patterns: Signed, form: int, decimals: int) -> tuple[Floats, NDArray[np.bool_]]:
    """The whole numbers, and which of them give the value back."""
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.rint(values * _TENS[decimals] * (1000.0 if FORMS[form] is _thousandths else 1.0))
        whole = np.where(np.abs(whole) < _EXACT, whole, 0.0) + 0.0
        return whole, FORMS[form](whole, decimals).view(np.int64) == patterns


# ------------------------------------------------------------------------------------------------------ and back


@dataclass(frozen=True, slots=True)
class Plan:
    """What the directory says of a column, and where its bytes begin."""

    kind: int
    rows: int
    gaps: int | None
    """Where in the deflated section the bits lie that say which rows have a value; None: all have."""
    count: int
    form: int = 0
    decimals: int = 0
    patched: tuple[int, ...] = ()
    words: int = 0
    plain: int = 0
    deflated: int = 0
    whole: integers.Plan | None = None
    digits: int = 0
    more: integers.Plan | None = None
    """Of a column of steps: what is added to the multiples, which are `whole`."""


def plan(reader: Reader, rows: int, places: Places) -> Plan:
    """Reads a column's entry of the directory, and passes its bytes by."""
    first = reader.byte()
    kind, has_gaps = first & 0x3F, bool(first & _HAS_GAPS)
    if kind > _STEPS:
        raise Damaged(f"a block has a column of the unknown kind {kind}")
    bitmap = places.deflated if has_gaps else None
    count = rows
    if has_gaps:
        count = reader.varint()
        places.deflated += -(-rows // 8)
    if kind == _EMPTY:
        return Plan(kind, rows, None, 0)
    if kind == _CONSTANT:
        places.plain += 8
        return Plan(kind, rows, bitmap, count, plain=places.plain - 8)
    if kind == _RAW:
        places.deflated += 8 * count
        return Plan(kind, rows, bitmap, count, deflated=places.deflated - 8 * count)
    form = decimals = words = 0
    patched: list[int] = []
    if kind == _DICTIONARY:
        words = reader.varint()
    else:
        scale = reader.byte()
        form, decimals = scale >> 4, scale & 0x0F
        if form >= len(FORMS) or decimals > _MOST_DECIMALS:
            raise Damaged(f"a block has a column of the unknown scale {scale}")
        for _ in range(reader.varint() if first & _HAS_PATCHES else 0):
            patched.append(reader.varint() + (patched[-1] if patched else 0))
    plain = places.plain
    places.plain += 8 * (words + len(patched) + (kind == _STEPS))
    digits = reader.byte() if kind == _STEPS else 0
    whole = integers.plan(reader, count, places)
    more = integers.plan(reader, count, places) if kind == _STEPS else None
    return Plan(kind, rows, bitmap, count, form, decimals, tuple(patched), words, plain, 0, whole, digits, more)


def decode(plan: Plan, sections: Sections) -> Floats:
    """A value for each row, NaN where there is none."""
    if plan.kind == _EMPTY:
        return np.full(plan.rows, np.nan)
    values = _values(plan, sections)
    if plan.gaps is None:
        return values
    readings = np.full(plan.rows, np.nan)
    readings[present(sections.deflated, plan.gaps, plan.rows)] = values
    return readings


def present(deflated: bytes, start: int, rows: int) -> NDArray[np.bool_]:
    field = np.frombuffer(deflated[start : start + -(-rows // 8)], np.uint8)
    return np.unpackbits(field)[:rows].astype(bool)


def _values(plan: Plan, sections: Sections) -> Floats:
    if plan.kind == _CONSTANT:
        return np.full(plan.count, np.frombuffer(sections.plain, "<f8", 1, plan.plain)[0])
    if plan.kind == _RAW:
        size = 8 * plan.count
        changes = bits.from_planes(sections.deflated[plan.deflated : plan.deflated + size], plan.count, 8)
        return np.bitwise_xor.accumulate(changes).view(np.float64)
    assert plan.whole is not None  # noqa: S101  both kinds that are left have it
    whole = integers.decode(plan.whole, sections)
    if plan.kind == _DICTIONARY:
        return np.frombuffer(sections.plain, "<f8", plan.words, plan.plain)[whole].astype(np.float64)
    numbers = whole.astype(np.float64)
    if plan.more is not None:
        step = np.frombuffer(sections.plain, "<f8", 1, plan.plain + 8 * len(plan.patched))[0]
        kept, units = steps.rounded(whole, float(step), plan.digits)
        numbers = (kept + integers.decode(plan.more, sections)) * units
    values = FORMS[plan.form](numbers, plan.decimals)
    if plan.patched:
        values[list(plan.patched)] = np.frombuffer(sections.plain, "<f8", len(plan.patched), plan.plain)
    return values
