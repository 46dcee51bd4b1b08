"""Sandia's 6 kW baseline system in Albuquerque: two inverters and a weather station, one day. See SOURCE.md here."""

from collections.abc import Iterator
from datetime import UTC, timedelta, timezone
from pathlib import Path
from statistics import fmean

from solarhub.demo.plant import Metrics, Plant, PlantDevice, PlantSample
from solarhub.demo.toa5 import Row, read_toa5
from solarhub.devices.vocabulary import DeviceType

_FOLDER = Path(__file__).parent
_LOGGERS_CLOCK = timezone(timedelta(hours=-7))  # MST without summer time, whatever the season
_MODULE_SENSORS = [f"ModTemp{number}_Avg" for number in range(1, 17)]


def _inverter(row: Row, system: str) -> Metrics:
    """The one string hangs on input 1. Input 2 is unused: what it reads is an offset, and makes no power."""
    voltage = row[f"{system}Vdc_Avg"]
    current = row[f"{system}Str1Idc_Avg"]
    return {
        "power_output": row[f"{system}Wac_Avg"] / 1000,
        "power_dc": voltage * current / 1000,
        "power_reactive": row[f"{system}VARac_Avg"] / 1000,
        "power_factor": row[f"{system}PowerFactor_Avg"],
        "frequency": row[f"{system}Frequency_Avg"],
        "voltage_ac": row[f"{system}Vac_Avg"],
        "current_ac": row[f"{system}Iac_Avg"],
        "voltage_dc": voltage,
        "current_dc": {"string1": current, "string2": row[f"{system}Str2Idc_Avg"]},
    }


def _weather_station(plant: Row, weather: Row) -> Metrics:
    """The mean of all module sensors stands for the modules: rules look at one value, and no sensor is special."""
    return {
        "irradiance_poa": plant["POAIrrad1_Avg"],
        "irradiance_ghi": weather["Global_Wm2_Avg"],
        "temperature_ambient": weather["Temp_C_Avg"],
        "temperature_module": fmean(plant[sensor] for sensor in _MODULE_SENSORS),
        "wind_speed": weather["WS_ms_Mean"],
        "humidity": weather["RH_pct_Avg"],
    }


def _read() -> Iterator[PlantSample]:
    """Two loggers on one clock: minute for minute, the plant's and the weather station's."""
    plant_rows = read_toa5(_FOLDER / "Baseline6kW_2015_11_11.dat", _LOGGERS_CLOCK)
    weather_rows = read_toa5(_FOLDER / "MET_2015_11_11.dat", _LOGGERS_CLOCK)
    for (local, plant), (weather_local, weather) in zip(plant_rows, weather_rows, strict=True):
        if local != weather_local:
            raise ValueError(f"The loggers' rows part at {local} and {weather_local}.")
        at = local.astimezone(UTC)
        yield PlantSample(at, "Inverter 1", _inverter(plant, "Sys1"))
        yield PlantSample(at, "Inverter 2", _inverter(plant, "Sys2"))
        yield PlantSample(at, "Weather station", _weather_station(plant, weather))


PECOS = Plant(
    key="pecos",
    name="Sandia baseline plant",
    description="A research plant in Albuquerque, New Mexico, as measured on 11 November 2015",
    address={"city": "Albuquerque", "state": "New Mexico", "country": "United States"},
    latitude=35.054,
    longitude=-106.539,
    timezone="America/Denver",
    configuration={
        "system_capacity_kw": 5.7,
        "panel_count": 24,
        "panel_wattage": 239,
        "inverter_capacity_kw": 6.0,
        "grid_connected": True,
    },
    credit="Measurements: Sandia National Laboratories, pecos project, BSD-3-Clause",
    devices=(
        PlantDevice("Inverter 1", DeviceType.INVERTER, "3 kW string inverter", 3.0, 60),
        PlantDevice("Inverter 2", DeviceType.INVERTER, "3 kW string inverter", 3.0, 60),
        PlantDevice("Weather station", DeviceType.WEATHER_STATION, "CR1000 data logger", None, 60),
    ),
    rules_file=_FOLDER / "rules.json",
    read=_read,
)
