"""Real plants' recordings, read from a folder of data sets as their devices' samples.

Left out is what no device measured: shares of a maximum, positions of the sun, clear and satellite weather, figures of
whole days, marks that somebody added.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_LEFT_OUT = re.compile(
    r"(?i)normali[sz]ed|zenith|azimuth|elevation|aoi|equation|clear|mask|label|outlier|record|year|month|day|hour|minute"
    r"|_std|processtime|rain|timeserie|_mv_|cell\dr_|wd_deg"
)
_WHOLE_FILES_LEFT_OUT = re.compile(r"psm3|data_shift|snowfall")

_QUANTITIES = (
    (r"(?i)temp", 1.0, 0.1),
    (r"(?i)freq", 1.0, 0.01),
    (r"(?i)power_?factor", 1.0, 0.001),
    (r"Sys\dWac|power_w__|inv2_dc_power|serf_(west|east).*power", 0.001, 0.001),
    (r"VARac", 0.001, 0.001),
    (r"(?i)vdc|vac|volt|battery_v", 1.0, 0.1),
    (r"(?i)(?<!m)idc|iac|current", 1.0, 0.01),
    (r"(?i)power|meas_val", 1.0, 0.001),
    (r"(?i)irrad|poa|ghi|wm2|global|direct|diffuse|plane of|cmp22", 1.0, 1.0),
    (r"(?i)rh_|humid", 1.0, 0.1),
    (r"(?i)ws_|wind speed|wind_speed", 1.0, 0.1),
    (r"(?i)dir", 1.0, 1.0),
    (r"(?i)pressure", 1.0, 0.1),
    (r"(?i)uv-", 1.0, 0.01),
)
"""Column, factor to the catalogue's unit, and what the usual register of it tells apart (in that unit)."""


class Recording(NamedTuple):
    """Samples of one device: microseconds since 1970 (UTC), and a column for each series; NaN: not reported.

    `of` is the data set. `recorded` is as the file has it, in the catalogue's units; `registers` as an inverter's or a
    meter's registers tell it: to a watt, 0.1 V, 0.01 A, 0.01 Hz, 0.1 degC, 1 W/m2.
    """

    name: str
    of: str
    at: NDArray[np.int64]
    recorded: NDArray[np.float64]
    registers: NDArray[np.float64]


def recordings(folder: Path) -> Iterator[Recording]:
    """Every data set of the folder that can be read here; parquet files only where pandas finds a reader for them."""
    for path in sorted(folder.glob("*/*")):
        if path.suffix not in (".dat", ".csv", ".parquet") or _WHOLE_FILES_LEFT_OUT.search(path.name):
            continue
        try:
            frame = _table(path)
        except ImportError:
            continue
        recording = _recording(path.stem, path.parent.name, frame)
        if recording is not None:
            yield recording


def _table(path: Path) -> "pd.DataFrame":
    """A column of times, and columns of numbers."""
    if path.suffix == ".dat":
        frame = pd.read_csv(path, skiprows=[0, 2, 3], na_values=["NAN"])
        return frame.assign(TIMESTAMP=pd.to_datetime(frame["TIMESTAMP"], format="%m/%d/%Y %H:%M"))
    if path.suffix == ".parquet":
        return pd.read_parquet(path).reset_index()
    frame = pd.read_csv(path)
    if "ts" in frame.columns:
        value = frame.columns[-1]
        return pd.DataFrame({"ts": pd.to_datetime(frame["ts"]), f"power {value}": frame[value]})
    first = frame.columns[0]
    return frame.assign(**{first: pd.to_datetime(frame[first], utc=True, format="mixed")})


def _recording(name: str, of: str, frame: "pd.DataFrame") -> Recording | None:
    times = next((column for column in frame.columns if str(frame[column].dtype).startswith("datetime")), None)
    chosen = [
        (column, *found)
        for column in frame.select_dtypes("number").columns
        if not _LEFT_OUT.search(str(column)) and (found := _quantity(f"{name} {column}")) is not None
    ]
    if times is None or not chosen:
        return None
    at = pd.DatetimeIndex(pd.to_datetime(frame[times], utc=True)).as_unit("us").asi8
    told = np.stack([frame[column].to_numpy(np.float64) for column, _, _ in chosen], axis=1)
    factors = np.array([1.0 if factor == 1.0 else round(1 / factor) for _, factor, _ in chosen])
    recorded = told / factors
    steps = np.array([round(1 / step) for _, _, step in chosen], np.float64)
    registers = np.rint(recorded * steps) / steps + 0.0
    order = np.argsort(at, kind="stable")
    order = order[np.append(True, np.diff(at[order]) > 0) & ~np.isnan(recorded[order]).all(axis=1)]
    return Recording(name, of, at[order], recorded[order], registers[order])


def _quantity(column: str) -> tuple[float, float] | None:
    for pattern, factor, step in _QUANTITIES:
        if re.search(pattern, column):
            return factor, step
    return None
