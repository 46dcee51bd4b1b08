"""Whatever goes into a block comes out of it, bit for bit; what is no block is told from one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solarhub.telemetry.cold import block
from solarhub.telemetry.cold.bits import Damaged
from solarhub.telemetry.cold.block import MOST_ROWS, Rows

MIDNIGHT = 1_790_000_000_000_000


def minutes(count: int) -> NDArray[np.int64]:
    return MIDNIGHT + 60_000_000 * np.arange(count)


def rows(readings: NDArray[np.float64], at: NDArray[np.int64] | None = None) -> Rows:
    wide = readings if readings.ndim == 2 else readings[:, None]
    return Rows(minutes(len(wide)) if at is None else at, np.zeros(len(wide), np.uint8), wide)


def pattern(readings: NDArray[np.float64]) -> list[int]:
    """Bits of each value, with one NaN for all."""
    flat = np.where(np.isnan(readings), np.nan, readings)
    found: list[int] = np.ascontiguousarray(flat).view(np.int64).ravel().tolist()
    return found


def same(written: Rows, read: Rows) -> bool:
    return (
        written.at.tolist() == read.at.tolist()
        and written.flags.tolist() == read.flags.tolist()
        and written.readings.shape == read.readings.shape
        and pattern(written.readings) == pattern(read.readings)
    )


ANY_FLOAT = st.floats(width=64, allow_nan=True, allow_infinity=True, allow_subnormal=True)
DECIMALS = st.builds(lambda whole, decimals: whole / 10**decimals, st.integers(-(10**9), 10**9), st.integers(0, 6))
TENTHS = st.builds(lambda whole: whole * 0.1, st.integers(-3000, 3000))
SINGLES = st.floats(width=32, allow_nan=False)
STATES = st.sampled_from([0.0, -0.0, 4.0, 7.0, float("nan"), 4_294_967_295.0])
COLUMN = st.one_of([st.lists(each, min_size=1, max_size=80) for each in (ANY_FLOAT, DECIMALS, TENTHS, SINGLES, STATES)])


@settings(max_examples=300, deadline=None)
@given(st.lists(COLUMN, min_size=0, max_size=4), st.integers(1, 2**50), st.data())
def test_every_bit_comes_back(columns: list[list[float]], step: int, data: st.DataObject) -> None:
    count = min(map(len, columns), default=7)
    readings = np.array([column[:count] for column in columns]).reshape(len(columns), count).T
    steps = data.draw(st.lists(st.integers(1, step), min_size=count, max_size=count))
    flags = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    written = Rows(MIDNIGHT + np.cumsum(steps), np.array(flags, np.uint8), readings)

    assert same(written, block.decode(block.encode(written)))


@pytest.mark.parametrize(
    "value", [5e-324, -0.0, 1.7976931348623157e308, float("inf"), float("-inf"), 0.1 + 0.2, 2.0**53 + 2, 1e22]
)
def test_an_odd_value_among_plain_ones_is_kept(value: float) -> None:
    readings = np.round(np.linspace(0, 100, 1440), 1)
    readings[[0, 700, 1439]] = value

    assert same(rows(readings), block.decode(block.encode(rows(readings))))


def test_a_long_day_of_noise_comes_back() -> None:
    random = np.random.default_rng(7)
    readings = np.round(random.normal(230, 2, (MOST_ROWS, 3)), 1)
    at = MIDNIGHT + np.cumsum(random.integers(1, 9_000_000, MOST_ROWS))

    assert same(rows(readings, at), block.decode(block.encode(rows(readings, at))))


def test_one_column_is_read_without_the_others() -> None:
    readings = np.round(np.random.default_rng(1).normal(50, 1, (1440, 5)), 2)
    readings[::7, 1] = np.nan

    read = block.decode(block.encode(rows(readings)), [4, 1])

    assert pattern(read.readings) == pattern(readings[:, [4, 1]])


def test_what_devices_send_every_minute_takes_little_room() -> None:
    """Twelve series of the usual resolution: half a byte a value is the aim, and their instants are within it."""
    random = np.random.default_rng(3)
    hour = np.arange(1440) / 60
    sun = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None)
    power = np.round(5 * sun * (1 - 0.05 * random.random(1440)), 3)
    energy = np.round(np.cumsum(power) / 60, 2)
    columns = [
        *(power, np.round(power * 1.03, 3), energy, np.round(12_345.6 + energy, 1), np.where(power > 0, 4.0, 2.0)),
        *(
            np.round(230 + random.normal(0, 0.5, 1440), 1),
            np.round(power / 0.23, 1),
            np.round(400 * (sun > 0) + 9 * sun),
        ),
        *(np.round(50 + random.normal(0, 0.01, 1440), 2), np.round(20 + 15 * sun, 1), np.zeros(1440), np.ones(1440)),
    ]

    assert len(block.encode(rows(np.stack(columns, axis=1)))) < 0.5 * 12 * 1440


@pytest.mark.parametrize("place", [0, 3, 5, 9, 40, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    written = bytearray(block.encode(rows(np.linspace(0, 1, 50))))
    written[place] ^= 1

    with pytest.raises(Damaged):
        block.decode(bytes(written))


@pytest.mark.parametrize("length", [0, 3, 7, 12, 60])
def test_a_block_that_was_cut_off_is_noticed(length: int) -> None:
    with pytest.raises(Damaged):
        block.decode(block.encode(rows(np.linspace(0, 1, 50)))[:length])


def test_a_block_holds_some_rows_and_not_too_many() -> None:
    for count in (0, MOST_ROWS + 1):
        with pytest.raises(ValueError, match="1 to 16384 rows"):
            block.encode(rows(np.zeros((count, 1))))
