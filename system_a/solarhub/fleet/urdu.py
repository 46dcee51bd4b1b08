"""The overview's sentences in Urdu: pure.

Names and figures stand in isolates, so that what is written from left to right does not turn the sentence around.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from solarhub.accounts.dates import day_and_month
from solarhub.accounts.vocabulary import Language
from solarhub.fleet.concern import Attention
from solarhub.fleet.figures import channel_of, days_between, of_metric, quantity
from solarhub.fleet.plants import State
from solarhub.fleet.remedy import remedy
from solarhub.fleet.vocabulary import AttentionKind, Remedy

_NAMED = 3
_STATES = {
    State.CRITICAL: "فوری توجہ طلب",
    State.SILENT: "خاموش",
    State.WARNING: "انتباہ کے ساتھ",
    State.PARTLY_SILENT: "جزوی خاموش",
    State.WAITING: "سے کبھی خبر نہیں آئی",
    State.MAINTENANCE: "مرمت میں",
    State.INACTIVE: "بند",
}
_INPUTS = {"string": "سٹرنگ", "pv": "سٹرنگ", "mppt": "اِن پٹ", "l": "فیز"}
_METRICS = {
    "power_output": "پاور",
    "power_dc": "ڈی سی پاور",
    "energy_total": "کل توانائی",
    "energy_today": "آج کی توانائی",
    "voltage_ac": "اے سی وولٹیج",
    "current_ac": "اے سی کرنٹ",
    "frequency": "فریکوئنسی",
    "voltage_dc": "ڈی سی وولٹیج",
    "current_dc": "ڈی سی کرنٹ",
    "temperature_inverter": "انورٹر کا درجہ حرارت",
    "operating_state": "حالت",
    "fault_code": "خرابی کا کوڈ",
    "grid_power": "گرڈ پاور",
    "load_power": "لوڈ",
    "battery_power": "بیٹری پاور",
    "battery_soc": "بیٹری چارج",
    "battery_voltage": "بیٹری وولٹیج",
    "battery_current": "بیٹری کرنٹ",
    "battery_temperature": "بیٹری کا درجہ حرارت",
    "irradiance_poa": "دھوپ",
    "irradiance_ghi": "دھوپ",
    "temperature_module": "پینل کا درجہ حرارت",
    "temperature_ambient": "ہوا کا درجہ حرارت",
    "wind_speed": "ہوا کی رفتار",
    "humidity": "نمی",
}
_ACTIONS = {
    Remedy.CALL_ABOUT_POWER: "مالک کو فون کریں: کیا راؤٹر کی بجلی بند ہے؟",
    Remedy.ASK_AREA: "{disco} سے پوچھیں کہ علاقے میں بجلی ہے؟",
    Remedy.CALL_ABOUT_DEVICE: "مالک کو فون کریں: کیا {device} چل رہا ہے؟",
    Remedy.RESTART_GATEWAY: "{device} کو بند کر کے دوبارہ چلوائیں۔",
    Remedy.CHECK_CABLE: "{device} کی تار دیکھیں۔",
    Remedy.READ_DISPLAY: "{device} کا ڈسپلے دیکھیں کہ کیا لکھا ہے۔",
    Remedy.LOOK_UP_CODE: "{device} کی کتاب میں کوڈ {value} دیکھیں۔",
    Remedy.LOOK_AT_STRING: "{channel} دیکھیں۔",
    Remedy.LOOK_AT_STRINGS: "{device} کی سٹرنگز دیکھیں۔",
    Remedy.CLEAN_FAN: "{device} کا پنکھا اور ہوا کے راستے صاف کریں۔",
    Remedy.LOOK_AT_BATTERY: "بیٹری اور اس پر لوڈ دیکھیں۔",
    Remedy.ASK_ABOUT_SUPPLY: "{disco} سے سپلائی کے بارے میں پوچھیں۔",
    Remedy.WIPE_SENSOR: "{device} کو صاف کریں۔",
    Remedy.LOOK_AT_DEVICE: "{device} دیکھیں۔",
    Remedy.CONFIRM_MAINTENANCE: "تصدیق کریں کہ مرمت مکمل ہو گئی۔",
    Remedy.MOVE_MAINTENANCE: "تصدیق کریں کہ کام تب تک ہو جائے گا، یا وقت بڑھائیں۔",
    Remedy.ENTER_DEVICE: "اس کا پہلا آلہ درج کریں۔",
    Remedy.SET_UP_DEVICE: "تنصیب مکمل کریں: ٹوکن، پتہ، انٹرنیٹ۔",
    Remedy.EXTEND_ACCESS: "مدت بڑھائیں یا ختم ہونے دیں۔",
    Remedy.RENEW_KEY: "نئی کلید بنا کر اس کی جگہ لگائیں۔",
}


class Urdu:
    """What is wrong, since when and how that compares; and what to do about it."""

    def sentence(self, item: Attention, now: datetime) -> str:  # noqa: PLR0911 - one way of saying it for each kind
        place, zone = _place(item), item.timezone
        since = f" {_when(item.since, zone, now)} سے" if item.since else ""
        match item.kind:
            case AttentionKind.SILENT_TOGETHER:
                others = f"؛ باقی {item.reporting} پلانٹ خبر دے رہے ہیں" if item.reporting else ""
                return f"{len(item.plants)} پلانٹ ایک ساتھ{since} خاموش ہیں: {place}{others}۔"
            case AttentionKind.PLANT_SILENT:
                none = f"اس کے {item.total} آلات میں سے کوئی خبر نہیں دے رہا"
                others = f"، جبکہ باقی {item.reporting} پلانٹ دے رہے ہیں" if item.reporting > 1 else ""
                return f"{place}{since} خاموش ہے: {none}{others}۔"
            case AttentionKind.ALERT:
                return f"{place}: {_alert(item, now)}۔"
            case AttentionKind.DEVICE_ERROR:
                told = f" ({_isolated(item.message.rstrip('.'))})" if item.message else ""
                return f"{place}: {_listed(item.devices)} میں{since} خرابی ہے{told}؛ {_share(item)}۔"
            case AttentionKind.DEVICE_SILENT:
                are = "ہے" if len(item.devices) == 1 else "ہیں"
                return f"{place}: {_listed(item.devices)}{since} خاموش {are}؛ {_share(item)}۔"
            case AttentionKind.WEAK_STRING:
                gives = _isolated(of_metric(item.value, "current_dc"))
                others = _isolated(of_metric(item.others, "current_dc"))
                return f"{place}: {_listed(item.devices)} کی {_input(item)} {gives} دے رہی ہے، باقی {others}۔"
            case AttentionKind.NEVER_HEARD:
                if len(item.plants) > 1:
                    return f"{len(item.plants)} پلانٹس سے کبھی خبر نہیں آئی: {place}۔"
                entered = f" (اندراج {_when(item.since, zone, now)})" if item.since else ""
                waiting = f"{item.total} آلات درج ہیں" if item.total else "ابھی کوئی آلہ درج نہیں"
                return f"{place} سے کبھی خبر نہیں آئی{entered}: {waiting}۔"
            case _:
                return _of_time(item, now)

    def action(self, item: Attention) -> str:
        """The one suggestion."""
        wanted = remedy(item)
        return _ACTIONS[wanted].format(
            device=_listed(item.devices) or _place(item),
            channel=_input(item),
            value=_isolated(of_metric(item.value, item.metric or "")),
            disco=_isolated(item.disco.upper())
            if item.disco
            else {Remedy.ASK_AREA: "کسی مالک"}.get(wanted, "بجلی کمپنی"),
        )

    def opening(self, plants: int, fine: int, states: Sequence[tuple[State, int]]) -> str:
        """Greeting and counts."""
        if not plants:
            return "السلام علیکم۔ ابھی کوئی پلانٹ درج نہیں۔"
        told = "، ".join([f"{fine} ٹھیک", *(f"{count} {_STATES[state]}" for state, count in states)])
        return f"السلام علیکم۔ {plants} پلانٹ: {told}۔"

    def production(self, power_kw: float | None, capacity_kw: float | None, energy_kwh: float | None) -> str:
        """Power now, of how much, and the energy of today; empty when nothing of it is known."""
        installed = f" (کل {_isolated(quantity(capacity_kw, 'kW'))})" if capacity_kw else ""
        power = f"اس وقت {_isolated(quantity(power_kw, 'kW'))}{installed}" if power_kw is not None else ""
        energy = f"آج {_isolated(quantity(energy_kwh, 'kWh'))}" if energy_kwh is not None else ""
        told = "، ".join(filter(None, (power, energy)))
        return f"{told}۔" if told else ""

    def more(self, items: int) -> str:
        return f"\N{HORIZONTAL ELLIPSIS} اور {items} مزید۔"

    def nothing(self) -> str:
        return "کسی چیز کو آپ کی ضرورت نہیں۔"


def _isolated(text: str) -> str:
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def _of_time(item: Attention, now: datetime) -> str:
    """What is about to end, or should have."""
    zone = item.timezone
    until = _when(item.until, zone, now) if item.until else ""
    match item.kind:
        case AttentionKind.MAINTENANCE_OVERDUE:
            since = f" {_when(item.since, zone, now)} سے" if item.since else ""
            reports = f"؛ {_share(item)}" if item.total and not item.devices else ""
            if until:
                return f"{_maintained(item)} کی مرمت {until} تک ختم ہونی تھی{reports}۔"
            return f"{_maintained(item)} کی مرمت کا کوئی اختتام درج نہیں{since}{reports}۔"
        case AttentionKind.MAINTENANCE_ENDING:
            return f"{_maintained(item)} کی مرمت آج {until} ختم ہو گی۔"
        case AttentionKind.ACCESS_ENDING:
            return f"{_isolated(item.who or '')} کو {_place(item)} {until} تک نظر آئے گا۔"
        case _:
            whose = f" ({_isolated(item.organization)})" if item.organization else ""
            return f"اے پی آئی کلید {_isolated(item.who or '')}{whose} {until} ختم ہو گی۔"


def _when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`14:05`, `کل 14:05`, `3 مئی 14:05`, `3 مئی 2024`; by the plant's clock."""
    local, days = at.astimezone(zone), days_between(at, now, zone)
    if days == 0:
        return f"{local:%H:%M} بجے"
    if days in (1, -1):
        return f"کل {local:%H:%M} بجے"
    day = day_and_month(Language.URDU, local)
    return f"{day} {local:%H:%M} بجے" if local.year == now.astimezone(zone).year else f"{day} {local.year}"


def _place(item: Attention) -> str:
    return _listed(item.plants) + (f" ({_isolated(item.organization)})" if item.organization else "")


def _listed(names: Sequence[str]) -> str:
    isolated = [_isolated(name) for name in names]
    if len(names) > _NAMED:
        return f"{'، '.join(isolated[:_NAMED])} اور {len(names) - _NAMED} مزید"
    return " اور ".join(filter(None, ("، ".join(isolated[:-1]), *isolated[-1:])))


def _share(item: Attention) -> str:
    return f"{item.total} میں سے {item.reporting} آلات خبر دے رہے ہیں"


def _alert(item: Attention, now: datetime) -> str:
    """The breach in the catalogue's words: the stored sentence is in the language of the rule's time."""
    about, told = _listed(item.devices), _isolated(item.message.rstrip("."))
    if item.metric is not None:
        words = _METRICS.get(item.metric, _isolated(item.metric.replace("_", " ")))
        value, limit = (_isolated(of_metric(each, item.metric)) for each in (item.value, item.threshold))
        told = f"{about} کی {words} {value} (حد {limit})" if about else f"{words} {value} (حد {limit})"
    if item.since:
        told += f"، {_when(item.since, item.timezone, now)} سے"
    if item.quiet_since:
        told += f"؛ {_when(item.quiet_since, item.timezone, now)} سے کوئی خبر نہیں"
    elif item.others is not None:
        told += f"؛ باقی انورٹر {_isolated(quantity(item.others, 'kW'))} فی انورٹر دے رہے ہیں"
    return told


def _maintained(item: Attention) -> str:
    return f"{_place(item)} پر {_listed(item.devices)}" if item.devices else _place(item)


def _input(item: Attention) -> str:
    kind, number = channel_of(item.channel or "")
    return f"{_INPUTS.get(kind, kind)} {number}".strip()
