"""How the equipment that reports is doing itself."""

from solarhub.metrics.quantities import Metric
from solarhub.metrics.standard.ranges import GATEWAY, GAUGE, HOLD, INVERTER, NOTHING, STATE, TOTAL, YES_NO, told

METRICS = (
    Metric("signal_strength", "dBm", GAUGE, -130, 0, "", NOTHING, "strength of the radio signal", devices=GATEWAY),
    # A fall is a new start; 2^32 - 1 is the "not available" of a 32-bit register.
    Metric("uptime", "s", TOTAL, 0, 4_000_000_000, "", HOLD, "time since the last start", devices=GATEWAY + INVERTER),
    Metric(
        "voltage_supply",
        "V",
        GAUGE,
        0,
        520,
        "",
        NOTHING,
        "voltage that feeds the device",
        devices=GATEWAY,
    ),
    Metric(
        "mains_present",
        "1",
        STATE,
        0,
        1,
        told(YES_NO),
        NOTHING,
        "whether there is mains voltage",
        codes=YES_NO,
        devices=GATEWAY,
    ),
    # A clock whose battery is empty starts in 1970, or in 2000.
    Metric(
        "clock_offset",
        "s",
        GAUGE,
        -4_000_000_000,
        4_000_000_000,
        "+ the device's clock is ahead",
        HOLD,
        "device's clock against the gateway's",
        devices=GATEWAY + INVERTER,
    ),
    Metric(
        "poll_success_ratio",
        "1",
        GAUGE,
        0,
        1,
        "1 every poll was answered",
        NOTHING,
        "polls that were answered, in parts of all",
        devices=GATEWAY,
    ),
    Metric(
        "sample_age",
        "s",
        GAUGE,
        0,
        4_000_000_000,
        "",
        NOTHING,
        "age of the newest reading that the gateway has",
        devices=GATEWAY,
    ),
)
