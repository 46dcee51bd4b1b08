"""The words that Urdu messages about alerts are made of. Numbers and units run left to right inside them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from solarhub.accounts.dates import day_and_month
from solarhub.accounts.vocabulary import Language
from solarhub.alerts.vocabulary import AlertSeverity, Operator
from solarhub.alerts.wording import spans

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "power_output": "بجلی کی پیداوار",
        "power_dc": "ڈی سی پاور",
        "power_reactive": "ری ایکٹو پاور",
        "power_apparent": "اپیرنٹ پاور",
        "power_factor": "پاور فیکٹر",
        "energy_total": "اب تک کی کل پیداوار",
        "energy_today": "آج کی پیداوار",
        "voltage_ac": "اے سی وولٹیج",
        "current_ac": "اے سی کرنٹ",
        "frequency": "گرڈ کی فریکوئنسی",
        "voltage_dc": "ڈی سی وولٹیج",
        "current_dc": "ڈی سی کرنٹ",
        "temperature_inverter": "انورٹر کا درجۂ حرارت",
        "operating_state": "انورٹر کی حالت کا کوڈ",
        "fault_code": "خرابی کا کوڈ",
        "grid_power": "گرڈ میٹر پر پاور",
        "grid_import_total": "گرڈ سے لی گئی کل بجلی",
        "grid_export_total": "گرڈ کو دی گئی کل بجلی",
        "load_power": "بجلی کا لوڈ",
        "load_total": "بجلی کی کل کھپت",
        "battery_power": "بیٹری کی پاور",
        "battery_soc": "بیٹری کا چارج",
        "battery_voltage": "بیٹری کی وولٹیج",
        "battery_current": "بیٹری کا کرنٹ",
        "battery_temperature": "بیٹری کا درجۂ حرارت",
        "irradiance_poa": "پینلوں پر دھوپ کی شدت",
        "irradiance_ghi": "دھوپ کی شدت",
        "temperature_module": "پینل کا درجۂ حرارت",
        "temperature_ambient": "ہوا کا درجۂ حرارت",
        "wind_speed": "ہوا کی رفتار",
        "humidity": "ہوا میں نمی",
        "energy_dc_total": "پینلوں سے اب تک کی کل ڈی سی بجلی",
        "energy_dc_today": "پینلوں سے آج کی ڈی سی بجلی",
        "voltage_dc_bus": "ڈی سی بس کی وولٹیج",
        "vendor_state": "کمپنی کا اپنا حالت کا کوڈ",
        "event_bits": "انورٹر کے واقعات کا کوڈ",
        "grid_connected": "گرڈ سے جڑا ہونا",
        "power_limit": "پاور کی حد",
        "operating_time_total": "چلنے کا کل وقت",
        "efficiency": "انورٹر کی کارکردگی",
        "insulation_resistance": "انسولیشن کی مزاحمت",
        "current_residual": "زمین میں لیک ہونے والا کرنٹ",
        "grid_import_today": "گرڈ سے آج لی گئی بجلی",
        "grid_export_today": "گرڈ کو آج دی گئی بجلی",
        "grid_import_peak_total": "پیک اوقات میں گرڈ سے لی گئی کل بجلی",
        "grid_import_offpeak_total": "آف پیک اوقات میں گرڈ سے لی گئی کل بجلی",
        "grid_export_peak_total": "پیک اوقات میں گرڈ کو دی گئی کل بجلی",
        "grid_export_offpeak_total": "آف پیک اوقات میں گرڈ کو دی گئی کل بجلی",
        "grid_reactive_import_total": "گرڈ سے لی گئی کل ری ایکٹو بجلی",
        "grid_demand_maximum": "ایم ڈی آئی (سب سے زیادہ لوڈ)",
        "load_today": "آج کی بجلی کی کھپت",
        "generator_power": "جنریٹر کی پاور",
        "backup_power": "بیک اپ لوڈ کی پاور",
        "voltage_thd": "وولٹیج کا بگاڑ",
        "battery_soh": "بیٹری کی صحت",
        "battery_charge_total": "بیٹری میں ڈالی گئی کل بجلی",
        "battery_discharge_total": "بیٹری سے لی گئی کل بجلی",
        "battery_charge_today": "بیٹری میں آج ڈالی گئی بجلی",
        "battery_discharge_today": "بیٹری سے آج لی گئی بجلی",
        "battery_cycles_total": "بیٹری کے کل سائیکل",
        "battery_state": "بیٹری کی حالت کا کوڈ",
        "cell_voltage_minimum": "سب سے کم سیل کی وولٹیج",
        "cell_voltage_maximum": "سب سے زیادہ سیل کی وولٹیج",
        "irradiance_dni": "سورج کی براہ راست دھوپ کی شدت",
        "irradiance_dhi": "آسمان کی بکھری روشنی کی شدت",
        "insolation_poa_today": "پینلوں پر آج کی کل دھوپ",
        "wind_direction": "ہوا کا رخ",
        "air_pressure": "ہوا کا دباؤ",
        "rain_total": "اب تک کی کل بارش",
        "soiling_ratio": "پینلوں کی صفائی کا تناسب",
        "particulate_matter": "ہوا میں باریک گرد",
        "signal_strength": "سگنل کی طاقت",
        "uptime": "آخری بار چلنے سے اب تک کا وقت",
        "voltage_supply": "ڈیوائس کو ملنے والی وولٹیج",
        "mains_present": "مین بجلی کا ہونا",
        "clock_offset": "ڈیوائس کی گھڑی کا فرق",
        "poll_success_ratio": "کامیاب جوابات کا تناسب",
        "sample_age": "آخری ریڈنگ کی عمر",
    }
)
"""Every standard name of the catalogue, as an installer says it."""

SEVERITIES: Mapping[AlertSeverity, str] = MappingProxyType(
    {AlertSeverity.INFO: "اطلاع", AlertSeverity.WARNING: "انتباہ", AlertSeverity.CRITICAL: "سنگین مسئلہ"}
)

RELATIONS: Mapping[Operator, str] = MappingProxyType(
    {
        Operator.LT: "{} سے کم",
        Operator.LTE: "{} یا اس سے کم",
        Operator.GT: "{} سے زیادہ",
        Operator.GTE: "{} یا اس سے زیادہ",
        Operator.EQ: "{} کے برابر",
        Operator.NEQ: "{} کے برابر نہیں",
    }
)
"""What stands after the quantity, around the threshold."""

# the same for one and for many: what follows ("سے", "تک") puts them into the oblique case
_UNITS = {"second": "سیکنڈ", "minute": "منٹ", "hour": "گھنٹے", "day": "دن"}

_LEFT_TO_RIGHT, _FIRST_STRONG, _END = "\u2066", "\u2068", "\u2069"


def left_to_right(text: str) -> str:
    """A number with its unit, or words in English, kept in their order."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}"


def isolated(name: str) -> str:
    """A name that somebody gave, in whatever script: it does not turn the words around it."""
    return f"{_FIRST_STRONG}{name}{_END}"


def duration(lasted: timedelta) -> str:
    """`2 گھنٹے 5 منٹ`."""
    return " ".join(f"{number} {_UNITS[unit]}" for number, unit in spans(lasted))


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`21 جون 2026، 14:05 (Asia/Karachi)`."""
    local = at.astimezone(zone)
    place = left_to_right(f"({zone.key})")
    return f"{day_and_month(Language.URDU, local)} {local.year}، {left_to_right(f'{local:%H:%M}')} {place}"
