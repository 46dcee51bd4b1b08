"""A second decoder, written from docs/formats/blocks.md alone and sharing nothing with the first: they agree."""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solarhub.telemetry.cold import block
from solarhub.telemetry.cold.block import Rows
from tests.house.tree import ROOT

Doubles = np.ndarray[Any, np.dtype[np.float64]]
Get = Callable[[], Any]


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.plain = self.deflated = 0
        self.sections = (b"", b"")

    def byte(self) -> int:
        first, self.data = self.data[0], self.data[1:]
        return first

    def varint(self) -> int:
        first = self.byte()
        return first if first < 128 else first - 128 + (self.varint() << 7)

    def zigzag(self) -> int:
        told = self.varint()
        return -(told + 1) // 2 if told % 2 else told // 2

    def decimal(self) -> int:
        told = self.varint()
        return int((told >> 4) * 10 ** (told & 15))

    def from_plain(self, size: int) -> slice:
        self.plain += size
        return slice(self.plain - size, self.plain)

    def from_deflated(self, size: int) -> slice:
        self.deflated += size
        return slice(self.deflated - size, self.deflated)


def unfold(told: int) -> int:
    return -(told + 1) // 2 if told % 2 else told // 2


def bits(data: bytes) -> list[int]:
    return [byte >> place & 1 for byte in data for place in range(7, -1, -1)]


def planes(data: bytes, count: int, wide: int) -> list[int]:
    return [sum(data[plane * count + row] << 8 * plane for plane in range(wide)) for row in range(count)]


def rice(parameters: bytes, unary: list[int], rests: list[int], count: int) -> list[int]:
    numbers = []
    for row in range(count):
        k = parameters[row // 32]
        if k == 255:
            numbers.append(0)
            continue
        quotient = unary.index(1)
        del unary[: quotient + 1]
        rest = int("".join(map(str, rests[:k])) or "0", 2)
        del rests[:k]
        numbers.append((quotient << k) + rest)
    return numbers


def whole(entry: Bytes, count: int) -> Get:
    kind = entry.byte()
    if kind == 0:
        value = entry.zigzag()
        return lambda: [value] * count
    if kind == 3:
        unit, limit, few = entry.varint(), entry.varint(), entry.varint()
        quotients, remainders = whole(entry, count), whole(entry, few)

        def together() -> list[int]:
            more = iter(remainders())
            return [each * unit + (next(more) if abs(each) < limit else 0) for each in quotients()]

        return together
    order, coder = kind >> 4, kind & 15
    assert order <= 2
    assert coder <= 2
    divisor = entry.decimal()
    base = entry.zigzag() * divisor
    if divisor > 1:
        base += entry.varint()
    start = entry.zigzag() if order == 2 else 0
    coded = max(0, count - order)
    read: Get
    if coder == 1:
        wide = entry.byte()
        here = entry.from_deflated(coded * wide)
        read = lambda: planes(entry.sections[1][here], coded, wide)  # noqa: E731  one of three
    elif coder == 0:
        read = lambda: [0] * coded  # noqa: E731  one of three
    else:
        unary, rests = entry.from_plain(entry.varint()), entry.from_plain(entry.varint())
        groups = entry.from_deflated((coded + 31) // 32)

        def read() -> list[int]:
            plain, deflated = entry.sections
            return rice(deflated[groups], bits(plain[unary]), bits(plain[rests]), coded)

    def steps() -> list[int]:
        told = read()
        if order:
            differences = [unfold(each) for each in told]
            if order == 2:
                differences = np.cumsum([start, *differences]).tolist()[: max(0, count - 1)]
            told = np.cumsum([0, *differences]).tolist()
        return [step * divisor + base for step in told]

    return steps


def scaled(scale: int, numbers: list[float]) -> list[float]:
    form, decimals = scale >> 4, scale & 15
    ten = float(10**decimals)
    if form == 0:
        return [k / ten for k in numbers]
    if form == 1:
        return [float(np.float32(k / ten)) for k in numbers]
    if form == 2:
        return [k * float(f"1e-{decimals}") for k in numbers]
    assert form == 3
    return [k / ten / 1000 for k in numbers]


def readings(entry: Bytes, rows: int) -> Get:
    first = entry.byte()
    kind, has_gaps, has_patches = first & 63, first & 128, first & 64
    count = entry.varint() if has_gaps else rows
    field = entry.from_deflated((rows + 7) // 8) if has_gaps else None
    values = present(entry, kind, bool(has_patches), 0 if kind == 0 else count)

    def spread() -> list[float]:
        found = iter(values())
        if kind == 0:
            return [float("nan")] * rows
        if field is None:
            return list(found)
        return [next(found) if bit else float("nan") for bit in bits(entry.sections[1][field])[:rows]]

    return spread


def doubles(entry: Bytes, here: slice) -> list[float]:
    found: list[float] = np.frombuffer(entry.sections[0][here], "<f8").tolist()
    return found


def present(entry: Bytes, kind: int, has_patches: bool, count: int) -> Get:
    if kind == 0:
        return list
    if kind == 1:
        one = entry.from_plain(8)
        return lambda: doubles(entry, one) * count
    if kind == 4:
        here = entry.from_deflated(8 * count)

        def raw() -> list[float]:
            last, patterns = 0, []
            for change in planes(entry.sections[1][here], count, 8):
                last ^= change
                patterns.append(last)
            found: list[float] = np.array(patterns, np.uint64).view(np.float64).tolist()
            return found

        return raw
    if kind == 3:
        words = entry.from_plain(8 * entry.varint())
        places = whole(entry, count)
        return lambda: [doubles(entry, words)[place] for place in places()]
    assert kind in (2, 5)
    scale = entry.byte()
    patched = np.cumsum([entry.varint() for _ in range(entry.varint())]).tolist() if has_patches else []
    patches = entry.from_plain(8 * len(patched))
    made: Get
    if kind == 2:
        made = whole(entry, count)
    else:
        digits, step = entry.byte(), entry.from_plain(8)
        multiples, more = whole(entry, count), whole(entry, count)

        def made() -> list[float]:
            numbers = []
            for t, r in zip(multiples(), more(), strict=True):
                p = t * doubles(entry, step)[0]
                q = len(str(abs(round(p)))) if round(p) else 0
                unit = 10 ** max(0, q - digits) if digits else 1
                numbers.append(float((round(p / unit) + r) * unit))
            return numbers

    def patch() -> list[float]:
        found = scaled(scale, made())
        for place, value in zip(patched, doubles(entry, patches), strict=True):
            found[place] = value
        return found

    return patch


def read(data: bytes) -> tuple[list[int], list[int], Doubles]:
    assert data[:3] == b"SB\x01"
    assert int.from_bytes(data[3:7], "little") == zlib.crc32(data[7:])
    entry = Bytes(data[7:])
    rows, width = entry.varint(), entry.varint()
    at, flags = whole(entry, rows), whole(entry, rows)
    columns = [readings(entry, rows) for _ in range(width // 2)]
    plain, deflated = entry.data[: entry.plain], entry.data[entry.plain :]
    if width % 2:
        deflated = zlib.decompress(deflated, -15)
    assert len(deflated) == entry.deflated
    entry.sections = (plain, deflated)
    values = np.array([column() for column in columns]).reshape(len(columns), rows)
    return at(), flags(), values.T


def patterns(values: Doubles) -> list[int]:
    found: list[int] = np.ascontiguousarray(np.where(np.isnan(values), np.nan, values)).view(np.int64).ravel().tolist()
    return found


def agree(rows: Rows) -> None:
    written = block.encode(rows)
    at, flags, values = read(written)
    assert (at, flags) == (rows.at.tolist(), rows.flags.tolist())
    assert patterns(values) == patterns(rows.readings)
    assert patterns(block.decode(written).readings) == patterns(rows.readings)


def column(kind: str, count: int, seed: int) -> Doubles:
    random = np.random.default_rng(seed)
    noise = random.normal(0, 1, count)
    ways: dict[str, Callable[[], Doubles]] = {
        "nothing": lambda: np.full(count, np.nan),
        "constant": lambda: np.full(count, 0.1 + 0.2),
        "decimals": lambda: np.round(230 + noise, 1),
        "single": lambda: np.round(20 + noise, 3).astype(np.float32).astype(np.float64),
        "times": lambda: np.rint(2300 + 10 * noise) * 0.1,
        "thousandths": lambda: np.round(3000 + 900 * noise, 2) / 1000,
        "states": lambda: random.choice([0.0, -0.0, 4.0, 1e300], count),
        "noise": lambda: noise,
        "counter": lambda: np.round(12_345.6 + np.cumsum(np.abs(noise)), 2),
        "steps": lambda: np.array([float(f"{each:.7g}") for each in np.rint(300 + 200 * noise) / 120]),
        "digits": lambda: np.array([float(f"{each:.7g}") for each in 10 ** (2 * noise)]),
        "patched": lambda: np.where(random.random(count) < 0.01, -0.0, np.round(noise, 2)),
        "quiet": lambda: np.where(np.arange(count) // 40 % 2 == 0, 0.0, np.round(noise, 3)),
    }
    return ways[kind]()


KINDS = (
    *("nothing", "constant", "decimals", "single", "times", "thousandths", "states", "noise", "counter", "steps"),
    *("digits", "patched", "quiet"),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 2, 33, 700])
def test_every_way_of_writing_is_described(kind: str, count: int) -> None:
    values = column(kind, count, count)
    with_gaps = np.where(np.arange(count) % 5 == 2, np.nan, values)
    at = 1_790_000_000_000_000 + np.cumsum(np.random.default_rng(count).choice([60_000_000, 60_001_000], count))

    agree(Rows(at, np.zeros(count, np.uint8), np.stack([values, with_gaps], axis=1)))


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 120).flatmap(
        lambda count: st.tuples(
            st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2**32)), max_size=3),
            st.lists(st.integers(1, 2**50), min_size=count, max_size=count),
            st.lists(st.integers(0, 3), min_size=count, max_size=count),
            st.lists(st.floats(allow_nan=True), min_size=count, max_size=count),
        )
    )
)
def test_both_decoders_agree(
    drawn: tuple[list[tuple[str, int]], list[int], list[int], list[float]],
) -> None:
    kinds, gaps, flags, anything = drawn
    columns = [column(kind, len(gaps), seed) for kind, seed in kinds]
    agree(Rows(np.cumsum(gaps), np.array(flags, np.uint8), np.stack([*columns, np.array(anything)], axis=1)))


def test_each_kind_is_written_by_some_column_and_has_its_line() -> None:
    """Or the page would describe, and the decoder above read, what nobody has seen."""
    page = (ROOT / "docs" / "formats" / "blocks.md").read_text("utf-8")
    kinds, coders = set(), set()
    for kind in KINDS:
        values = column(kind, 700, 700)
        written = block.encode(Rows(np.arange(700), np.zeros(700, np.uint8), values[:, None]))
        entry = Bytes(written[7:])
        entry.varint(), entry.varint()
        whole(entry, 700), whole(entry, 700)
        first = entry.byte()
        kinds.add(first & 63)
        if first & 63 == 2:
            entry.byte()
            [entry.varint() for _ in range(entry.varint())] if first & 64 else []
            coders.add(3 if entry.data[0] == 3 else entry.data[0] & 15)

    assert kinds == {0, 1, 2, 3, 4, 5}
    assert coders >= {1, 2, 3}
    assert all(f"\n| {kind} " in page for kind in kinds)
