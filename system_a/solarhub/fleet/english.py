"""The overview's sentences in English: pure."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from solarhub.fleet.concern import Attention
from solarhub.fleet.figures import channel_of, days_between, of_metric, quantity
from solarhub.fleet.plants import State
from solarhub.fleet.remedy import remedy
from solarhub.fleet.vocabulary import AttentionKind, Remedy

_NAMED = 3
_STATES = {
    State.CRITICAL: "critical",
    State.SILENT: "not reporting",
    State.WARNING: "with a warning",
    State.PARTLY_SILENT: "partly silent",
    State.WAITING: "never heard",
    State.MAINTENANCE: "in maintenance",
    State.INACTIVE: "out of service",
}
_INPUTS = {"string": "string", "pv": "string", "mppt": "input", "l": "phase"}
_ACTIONS = {
    Remedy.CALL_ABOUT_POWER: "Call the owner: has the router lost power?",
    Remedy.ASK_AREA: "Ask {disco} whether the area has power.",
    Remedy.CALL_ABOUT_DEVICE: "Call the owner: is {device} switched on?",
    Remedy.RESTART_GATEWAY: "Have {device} switched off and on again.",
    Remedy.CHECK_CABLE: "Look at the cable of {device}.",
    Remedy.READ_DISPLAY: "Look at {device}: what does its display say?",
    Remedy.LOOK_UP_CODE: "Look up code {value} in the manual of {device}.",
    Remedy.LOOK_AT_STRING: "Look at {channel}.",
    Remedy.LOOK_AT_STRINGS: "Look at the strings of {device}.",
    Remedy.CLEAN_FAN: "Clean the fan and the air inlets of {device}.",
    Remedy.LOOK_AT_BATTERY: "Look at the battery and at what it feeds.",
    Remedy.ASK_ABOUT_SUPPLY: "Ask {disco} about the supply.",
    Remedy.WIPE_SENSOR: "Wipe {device} clean.",
    Remedy.LOOK_AT_DEVICE: "Look at {device}.",
    Remedy.CONFIRM_MAINTENANCE: "Confirm that maintenance is over.",
    Remedy.MOVE_MAINTENANCE: "Confirm that the work will be done by then, or move the end.",
    Remedy.ENTER_DEVICE: "Enter its first device.",
    Remedy.SET_UP_DEVICE: "Finish setting up: token, address, Internet.",
    Remedy.EXTEND_ACCESS: "Extend it, or let it end.",
    Remedy.RENEW_KEY: "Make a new key and put it in its place.",
}


class English:
    """What is wrong, since when and how that compares; and what to do about it."""

    def sentence(self, item: Attention, now: datetime) -> str:  # noqa: PLR0911 - one way of saying it for each kind
        place, zone = _place(item), item.timezone
        since = f" since {_when(item.since, zone, now)}" if item.since else ""
        match item.kind:
            case AttentionKind.SILENT_TOGETHER:
                began = f" ({since.strip()})" if since else ""
                reports = "reports" if item.reporting == 1 else "report"
                others = f"; {_plants(item.reporting)} {reports}" if item.reporting else ""
                return f"{len(item.plants)} plants fell silent together{began}: {place}{others}."
            case AttentionKind.PLANT_SILENT:
                none = "its device does not report" if item.total == 1 else f"none of its {item.total} devices reports"
                others = f", while {_plants(item.reporting)} do" if item.reporting > 1 else ""
                return f"{place} has been silent{since}: {none}{others}."
            case AttentionKind.ALERT:
                return f"{place}: {_alert(item, now)}."
            case AttentionKind.DEVICE_ERROR:
                told = f": {item.message.rstrip('.')}" if item.message else ""
                return f"{place}: {_listed(item.devices)} has an error{since}{told}; {_share(item)}."
            case AttentionKind.DEVICE_SILENT:
                have = "has" if len(item.devices) == 1 else "have"
                return f"{place}: {_listed(item.devices)} {have} been silent{since}; {_share(item)}."
            case AttentionKind.WEAK_STRING:
                gives = (
                    f"gives {of_metric(item.value, 'current_dc')}, the others {of_metric(item.others, 'current_dc')}"
                )
                return f"{place}: {_input(item)} of {_listed(item.devices)} {gives}."
            case AttentionKind.NEVER_HEARD:
                entered = f", entered {_when(item.since, zone, now)}" if item.since else ""
                if len(item.plants) > 1:
                    return f"{len(item.plants)} plants have never been heard: {place}."
                waiting = f"{_devices(item.total)} set up" if item.total else "it has no device yet"
                return f"{place}{entered}, has never been heard: {waiting}."
            case _:
                return _of_time(item, now)

    def action(self, item: Attention) -> str:
        """The one suggestion; it begins with a verb."""
        wanted = remedy(item)
        area = {Remedy.ASK_AREA: "one of the owners", Remedy.ASK_ABOUT_SUPPLY: "the distribution company"}
        return _ACTIONS[wanted].format(
            device=_listed(item.devices) or _place(item),
            channel=_input(item),
            value=of_metric(item.value, item.metric or ""),
            disco=item.disco.upper() if item.disco else area.get(wanted, ""),
        )

    def opening(self, plants: int, fine: int, states: Sequence[tuple[State, int]]) -> str:
        """`Good morning. 300 plants: 291 fine, 5 not reporting.`"""
        if not plants:
            return "Good morning. There is no plant yet."
        told = ", ".join([f"{fine} fine", *(f"{count} {_STATES[state]}" for state, count in states)])
        return f"Good morning. {'1 plant' if plants == 1 else f'{plants} plants'}: {told}."

    def production(self, power_kw: float | None, capacity_kw: float | None, energy_kwh: float | None) -> str:
        """Power now, of how much, and the energy of today; empty when nothing of it is known."""
        installed = f" of {quantity(capacity_kw, 'kW')}" if capacity_kw else ""
        power = f"now {quantity(power_kw, 'kW')}{installed}" if power_kw is not None else ""
        energy = f"today {quantity(energy_kwh, 'kWh')}" if energy_kwh is not None else ""
        told = ", ".join(filter(None, (power, energy)))
        return f"Power {told}." if power else f"Energy {told}." if told else ""

    def more(self, items: int) -> str:
        return f"\N{HORIZONTAL ELLIPSIS} and {items} more."

    def nothing(self) -> str:
        return "Nothing needs you."


def _of_time(item: Attention, now: datetime) -> str:
    """What is about to end, or should have."""
    zone = item.timezone
    until = _when(item.until, zone, now) if item.until else ""
    match item.kind:
        case AttentionKind.MAINTENANCE_OVERDUE:
            what = _maintained(item)
            since = f" since {_when(item.since, zone, now)}" if item.since else ""
            reports = f"; {_share(item)}" if item.total and not item.devices else ""
            if until:
                return f"Maintenance of {what} should have ended {until}{reports}."
            return f"Maintenance of {what} has no end, and nobody has touched it{since}{reports}."
        case AttentionKind.MAINTENANCE_ENDING:
            return f"Maintenance of {_maintained(item)} ends today at {until}."
        case AttentionKind.ACCESS_ENDING:
            return f"{item.who} can see {_place(item)} until {until}."
        case _:
            return f"The API key {item.who}{f' of {item.organization}' if item.organization else ''} ends {until}."


def _when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`14:05`, `yesterday 14:05`, `3 May 14:05`, `3 May 2024`; by the plant's clock."""
    local, days = at.astimezone(zone), days_between(at, now, zone)
    if days == 0:
        return f"{local:%H:%M}"
    if days == 1:
        return f"yesterday {local:%H:%M}"
    if days == -1:
        return f"tomorrow {local:%H:%M}"
    return f"{local:%-d %b %H:%M}" if local.year == now.astimezone(zone).year else f"{local:%-d %b %Y}"


def _place(item: Attention) -> str:
    return _listed(item.plants) + (f" ({item.organization})" if item.organization else "")


def _listed(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B, C and 4 more`."""
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _plants(number: int) -> str:
    return "1 other plant" if number == 1 else f"{number} other plants"


def _devices(number: int) -> str:
    return "1 device is" if number == 1 else f"{number} devices are"


def _share(item: Attention) -> str:
    if item.reporting == item.total:
        return "all its devices report" if item.total > 1 else "its device reports"
    return f"{item.reporting} of {item.total} devices {'reports' if item.reporting == 1 else 'report'}"


def _alert(item: Attention, now: datetime) -> str:
    told = item.message.rstrip(".")
    if len(item.devices) > 1:
        others = len(item.devices) - 1
        told += f", and the same of {others} {'other device' if others == 1 else 'other devices'}"
    if item.since:
        told += f", since {_when(item.since, item.timezone, now)}"
    if item.quiet_since:
        told += f"; nothing was heard of it since {_when(item.quiet_since, item.timezone, now)}"
    elif item.others is not None:
        told += f"; the other inverters give {quantity(item.others, 'kW')} each"
    return told


def _maintained(item: Attention) -> str:
    return f"{_listed(item.devices)} at {_place(item)}" if item.devices else _place(item)


def _input(item: Attention) -> str:
    kind, number = channel_of(item.channel or "")
    return f"{_INPUTS.get(kind, kind)} {number}".strip()
