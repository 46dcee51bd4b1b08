"""A plant's card as words and figures, in either language. Pure."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from solarhub.accounts.dates import day_and_month
from solarhub.accounts.vocabulary import Language
from solarhub.fleet.figures import days_between
from solarhub.fleet.plants import OpenAlert, Plant, State

WIDTH, HEIGHT = 240, 50
"""Of the curve of a day's power, in its own units."""

STATES: Mapping[Language, Mapping[State, str]] = {
    Language.ENGLISH: {
        State.CRITICAL: "Critical",
        State.SILENT: "Not reporting",
        State.WARNING: "Warning",
        State.PARTLY_SILENT: "Partly silent",
        State.NOTICE: "Notice",
        State.WAITING: "Waiting",
        State.MAINTENANCE: "In maintenance",
        State.ASLEEP: "Asleep",
        State.WORKING: "Working",
        State.INACTIVE: "Out of service",
    },
    Language.URDU: {
        State.CRITICAL: "فوری توجہ",
        State.SILENT: "خاموش",
        State.WARNING: "انتباہ",
        State.PARTLY_SILENT: "جزوی خاموش",
        State.NOTICE: "اطلاع",
        State.WAITING: "منتظر",
        State.MAINTENANCE: "مرمت میں",
        State.ASLEEP: "سو رہا ہے",
        State.WORKING: "چل رہا ہے",
        State.INACTIVE: "بند",
    },
}
_AGES = {
    Language.ENGLISH: ("{:.0f} s ago", "{:.0f} min ago", "{:.0f} h ago", "{:.0f} days ago", "never"),
    Language.URDU: ("{:.0f} سیکنڈ پہلے", "{:.0f} منٹ پہلے", "{:.0f} گھنٹے پہلے", "{:.0f} دن پہلے", "کبھی نہیں"),
}


class Card:
    """Says it in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def state_of(self, state: State) -> str:
        return STATES[self.language][state]

    def age(self, then: datetime | None, now: datetime) -> str:
        """`12 s ago`, `5 min ago`, `3 h ago`, `2 days ago`, or `never`."""
        in_seconds, in_minutes, in_hours, in_days, never = _AGES[self.language]
        if then is None:
            return never
        seconds = (now - then).total_seconds()
        if seconds < 90:
            return in_seconds.format(max(seconds, 0))
        if seconds < 5400:
            return in_minutes.format(seconds / 60)
        return in_hours.format(seconds / 3600) if seconds < 48 * 3600 else in_days.format(seconds / 86400)

    def day(self, plant: Plant, now: datetime) -> str:
        """What the plant's energy is of: `Energy today`, or `Energy on 3 May`."""
        zone = plant.situation.timezone
        if plant.day is None or plant.day.date == now.astimezone(zone).date():
            return "Energy today" if self.language is Language.ENGLISH else "آج کی توانائی"
        date = day_and_month(self.language, plant.day.date, short=True)
        return f"Energy on {date}" if self.language is Language.ENGLISH else f"{date} کی توانائی"

    def since(self, alert: OpenAlert, plant: Plant, now: datetime) -> str:
        """When it began, by the plant's own clock; with the date when that is not today."""
        zone = plant.situation.timezone
        began = alert.triggered_at.astimezone(zone)
        if days_between(alert.triggered_at, now, zone) == 0:
            return f"{began:%H:%M}"
        return f"{day_and_month(self.language, began, short=True)} {began:%H:%M}"


def clock(now: datetime, timezone: str) -> str:
    """The time where the person is; in UTC it says so."""
    local = now.astimezone(ZoneInfo(timezone))
    return f"{local:%H:%M:%S} UTC" if timezone == "UTC" else f"{local:%H:%M:%S}"


def curve(plant: Plant) -> list[list[tuple[float, float]]]:
    """The day's power as lines of points in a box of WIDTH x HEIGHT; a line ends where nothing was reported."""
    course = plant.day.course if plant.day else ()
    told = [kw for kw in course if kw is not None]
    top = max([*told, plant.situation.capacity_kw or 0.0, 0.001])
    lines: list[list[tuple[float, float]]] = [[]]
    for quarter, kw in enumerate(course):
        if kw is None:
            lines.append([])
        else:
            x, y = WIDTH * (quarter + 0.5) / len(course), HEIGHT * (1 - max(kw, 0.0) / top)
            lines[-1].append((round(x, 1), round(y, 1)))
    return [points for points in lines if len(points) > 1]


def script(text: str) -> str:
    """`urdu` for a text with Arabic letters, which want their own fonts and taller lines; else nothing."""
    return "urdu" if any("\u0600" <= letter <= "\u06ff" for letter in text) else ""
