"""What passes the grid's meter, and where a site's power comes from and goes."""

from solarhub.metrics.quantities import Metric
from solarhub.metrics.series import LINES, PHASES
from solarhub.metrics.standard.ranges import (
    DAILY,
    DAY_KWH,
    GAUGE,
    HOLD,
    INVERTER,
    LIFETIME_KWH,
    METER,
    NIGHT_DRAW_KW,
    NOTHING,
    PLANT_KW,
    TOTAL,
)


def _counter(name: str, description: str, sunspec: str | None = None, unit: str = "kWh") -> Metric:
    limits = (0, LIFETIME_KWH)
    return Metric(name, unit, TOTAL, *limits, "", HOLD, description, devices=METER + INVERTER, sunspec=sunspec)


def _day(name: str, description: str) -> Metric:
    return Metric(name, "kWh", DAILY, 0, DAY_KWH, "", HOLD, description, devices=METER + INVERTER)


METRICS = (
    Metric(
        "grid_power",
        "kW",
        GAUGE,
        -PLANT_KW,
        PLANT_KW,
        "+ import, - export",
        NOTHING,
        "power at the grid meter",
        devices=METER + INVERTER,
        channels=PHASES,
        sunspec="20x W",
    ),
    _counter("grid_import_total", "energy taken from the grid", "20x TotWhImp / 1000"),
    _counter("grid_export_total", "energy given to the grid", "20x TotWhExp / 1000"),
    _day("grid_import_today", "energy taken from the grid since midnight"),
    _day("grid_export_today", "energy given to the grid since midnight"),
    _counter("grid_import_peak_total", "energy taken from the grid in peak hours"),
    _counter("grid_import_offpeak_total", "energy taken from the grid outside peak hours"),
    _counter("grid_export_peak_total", "energy given to the grid in peak hours"),
    _counter("grid_export_offpeak_total", "energy given to the grid outside peak hours"),
    _counter("grid_reactive_import_total", "reactive energy taken from the grid", "20x TotVArhImpQ1 / 1000", "kvarh"),
    Metric(
        "grid_demand_maximum",
        "kW",
        GAUGE,
        0,
        PLANT_KW,
        "",
        HOLD,
        "highest demand of the billing month, by the meter (MDI)",
        devices=METER,
    ),
    # Derived by subtraction in many inverters, hence at times a little below zero.
    Metric(
        "load_power",
        "kW",
        GAUGE,
        NIGHT_DRAW_KW,
        PLANT_KW,
        "+ consumed",
        NOTHING,
        "power the site consumes",
        devices=METER + INVERTER,
        channels=PHASES,
    ),
    _counter("load_total", "energy the site has consumed"),
    _day("load_today", "energy the site has consumed since midnight"),
    Metric(
        "generator_power",
        "kW",
        GAUGE,
        NIGHT_DRAW_KW,
        PLANT_KW,
        "+ from the generator",
        NOTHING,
        "power of a generator",
        devices=INVERTER + METER,
        channels=PHASES,
    ),
    # Inverters on the protected side feed back into it.
    Metric(
        "backup_power",
        "kW",
        GAUGE,
        -PLANT_KW,
        PLANT_KW,
        "+ consumed",
        NOTHING,
        "power of the circuits that are kept alive (EPS)",
        devices=INVERTER,
        channels=PHASES,
    ),
    Metric(
        "voltage_thd",
        "%",
        GAUGE,
        0,
        100,
        "",
        NOTHING,
        "harmonic distortion of the voltage",
        devices=METER,
        channels=PHASES + LINES,
    ),
)
