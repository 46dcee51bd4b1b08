"""A day of a real plant, the demo's, as its devices reported it: exact, and small."""

from collections import defaultdict

import numpy as np
import pytest
from numpy.typing import NDArray

from solarhub.demo.plants.pecos import PECOS
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.cold import block
from solarhub.telemetry.cold.block import Rows
from solarhub.telemetry.layout import place

RESOLUTION = {"power": 1000, "voltage": 10, "current": 100, "frequency": 100, "temperature": 10, "irradiance": 1}
"""Registers of inverters and meters tell apart so many parts of the catalogue's unit: 1 W, 0.1 V, 0.01 A …"""


def day(device: str) -> tuple[list[str], NDArray[np.int64], NDArray[np.float64]]:
    told: dict[int, dict[str, float]] = {}
    for sample in PECOS.read():
        if sample.device == device:
            row: dict[str, float] = {}
            for metric, value in sample.metrics.items():
                values = value if isinstance(value, dict) else {"": value}
                row |= {f"{metric}:{channel}" if channel else metric: each for channel, each in values.items()}
            told[microseconds(sample.at)] = row
    series = sorted(set().union(*told.values()))
    readings = [place(row, tuple(series)) for row in told.values()]
    return series, np.array(list(told)), np.array(readings, np.float64)


def bytes_per_value(at: NDArray[np.int64], readings: NDArray[np.float64]) -> float:
    written = block.encode(Rows(at, np.zeros(len(at), np.uint8), readings))
    read = block.decode(written)
    assert np.array_equal(read.readings.view(np.int64), readings.view(np.int64))
    return len(written) / readings.size


@pytest.mark.parametrize("device", [device.name for device in PECOS.devices])
def test_what_a_data_logger_wrote_with_seven_digits(device: str) -> None:
    _, at, readings = day(device)

    assert len(at) > 1000
    assert bytes_per_value(at, readings) < 2.3


@pytest.mark.parametrize("device", [device.name for device in PECOS.devices])
def test_the_same_as_registers_tell_it(device: str) -> None:
    series, at, readings = day(device)
    parts = defaultdict(lambda: 1000, RESOLUTION)
    steps = np.array([parts[name.partition("_")[0]] for name in series], np.float64)

    assert bytes_per_value(at, np.rint(readings * steps) / steps + 0.0) < 0.7
