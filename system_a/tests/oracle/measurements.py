"""Sandia's two inverters and weather station, read with pandas straight from the data loggers' files."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pvlib

PECOS = Path(__file__).parents[2] / "solarhub" / "demo" / "plants" / "pecos"

DEVICE_TYPES = {"Inverter 1": "inverter", "Inverter 2": "inverter", "Weather station": "weather_station"}


def _logger_file(name: str, days: int) -> pd.DataFrame:
    """The numbers of one file, indexed by UTC instant. The loggers' clocks stand at UTC-7 all year."""
    frame = pd.read_csv(PECOS / name, skiprows=[0, 2, 3])
    local = pd.to_datetime(frame["TIMESTAMP"], format="%m/%d/%Y %H:%M")
    frame.index = pd.DatetimeIndex(local + timedelta(days=days, hours=7)).tz_localize("UTC")
    return frame.drop(columns="TIMESTAMP")


def measurements(days: int = 0) -> dict[str, pd.DataFrame]:
    """For each device a frame: a row per instant (UTC, moved by `days`), a column per metric in the hub's units.

    Columns named `metric:channel` are values under a channel, which no rule looks at.
    """
    baseline = _logger_file("Baseline6kW_2015_11_11.dat", days)
    weather = _logger_file("MET_2015_11_11.dat", days)
    devices = {}
    for number in (1, 2):
        column = f"Sys{number}"
        devices[f"Inverter {number}"] = pd.DataFrame(
            {
                "power_output": baseline[f"{column}Wac_Avg"] / 1000,
                "power_reactive": baseline[f"{column}VARac_Avg"] / 1000,
                "power_factor": baseline[f"{column}PowerFactor_Avg"],
                "frequency": baseline[f"{column}Frequency_Avg"],
                "voltage_ac": baseline[f"{column}Vac_Avg"],
                "current_ac": baseline[f"{column}Iac_Avg"],
                "voltage_dc": baseline[f"{column}Vdc_Avg"],
                "power_dc": baseline[f"{column}Vdc_Avg"] * baseline[f"{column}Str1Idc_Avg"] / 1000,
                "current_dc:string1": baseline[f"{column}Str1Idc_Avg"],
                "current_dc:string2": baseline[f"{column}Str2Idc_Avg"],
            }
        )
    devices["Weather station"] = pd.DataFrame(
        {
            "irradiance_poa": baseline["POAIrrad1_Avg"],
            "irradiance_ghi": weather["Global_Wm2_Avg"],
            "temperature_ambient": weather["Temp_C_Avg"],
            "temperature_module": baseline[[f"ModTemp{number}_Avg" for number in range(1, 17)]].mean(axis="columns"),
            "wind_speed": weather["WS_ms_Mean"],
            "humidity": weather["RH_pct_Avg"],
        }
    )
    return devices


def sun_elevation(instants: pd.DatetimeIndex) -> "pd.Series[float]":
    """Degrees above the plant's horizon, without refraction, at every given instant."""
    positions = pvlib.solarposition.get_solarposition(instants, 35.054, -106.539, altitude=1663)
    elevation: pd.Series[float] = positions["elevation"]
    return elevation


def demo_rules() -> list[dict[str, Any]]:
    """The demo's rules as the plain documents they are."""
    rules: list[dict[str, Any]] = json.loads((PECOS / "rules.json").read_text("utf-8"))
    return rules
