"""Limits and words that several standard metrics share."""

from solarhub.metrics.quantities import Kind, NightPolicy

GAUGE, TOTAL, DAILY, STATE, BITFIELD = Kind.GAUGE, Kind.CUMULATIVE, Kind.DAILY, Kind.STATE, Kind.BITFIELD
HOLD, ZERO, NOTHING = NightPolicy.HOLD, NightPolicy.ZERO, NightPolicy.NOTHING

INVERTER, METER, BATTERY, WEATHER, SENSOR, GATEWAY = (
    ("inverter",),
    ("meter",),
    ("battery",),
    ("weather_station",),
    ("sensor",),
    ("gateway",),
)

# 250 MW leaves room above a 100 MW plant's meter. What a plant's own transformers draw at night is about 1 % of that.
PLANT_KW = 250_000.0
NIGHT_DRAW_KW = -5_000.0
# Twenty years of 100 MW, and still below 2^32 - 1, the "not available" of 32-bit registers.
LIFETIME_KWH = 4_000_000_000.0
DAY_KWH = 4_000_000.0
# A 4.6 MW central inverter carries about 5 kA; 6553.5 is the "not available" of 16-bit registers with one decimal.
CURRENT_A = 6_000.0
# 2^32 - 1 is the "not available" of a 32-bit register.
UINT32 = 4_294_967_295.0

YES_NO = ((0, "no"), (1, "yes"))
AS_REPORTED = "sign as the device reports it"


def told(codes: tuple[tuple[int, str], ...]) -> str:
    """The codes in one line: `0 no, 1 yes`."""
    return ", ".join(f"{code} {meaning}" for code, meaning in codes)
