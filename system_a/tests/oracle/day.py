"""All of the plant's devices under all the given rules, and how close to a daylight rule's border the day comes."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from tests.oracle.judge import LOWEST_SUN_DEGREES, ExpectedAlert, expected_alerts
from tests.oracle.measurements import DEVICE_TYPES, measurements, sun_elevation


def expected_of_day(rules: Iterable[Mapping[str, Any]], days: int = 0) -> list[ExpectedAlert]:
    """What the recorded day, moved by `days` whole days, must raise: device by device, rule by rule, oldest first."""
    expected = []
    for device, frame in measurements(days).items():
        instants = pd.DatetimeIndex(frame.index)
        sun = sun_elevation(instants)
        for rule in rules:
            condition = rule["condition"]
            if condition["metric"] in frame and condition.get("device_type") in (None, DEVICE_TYPES[device]):
                values = frame[condition["metric"]].tolist()
                samples = list(zip(instants.to_pydatetime().tolist(), values, strict=True))
                expected += expected_alerts(rule, device, samples, sun=sun)
    return expected


def nearest_to_daylight_border(days: int = 0) -> float:
    """Degrees between 10 and the sun's elevation at the sample where it is closest to that.

    Two ways to place the sun that differ by more than this may judge one sample differently.
    """
    sun = sun_elevation(pd.DatetimeIndex(measurements(days)["Weather station"].index))
    return float((sun - LOWEST_SUN_DEGREES).abs().min())
