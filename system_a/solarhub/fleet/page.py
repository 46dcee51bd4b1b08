"""The overview as one HTML page. Pure: plants in, text out."""

from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from solarhub.fleet.plants import OpenAlert, Overview, Plant, State

WIDTH, HEIGHT = 240, 50
"""Of the curve of a day's power, in its own units."""

WORDS = {
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
}


def render(overview: Overview, now: datetime, nonce: str) -> str:
    """The page; `nonce` is what its style and its script carry."""
    return _environment().get_template("overview.html").render(overview=overview, now=now, nonce=nonce)


def age(then: datetime | None, now: datetime) -> str:
    """`12 s ago`, `5 min ago`, `3 h ago`, `2 days ago`, or `never`."""
    if then is None:
        return "never"
    seconds = (now - then).total_seconds()
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s ago"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days ago"


def quantity(value: float | None, unit: str) -> str:
    """Three digits that matter, in a unit of a size to match: `2.91 kW`, `1.25 MW`, `0 kW`, or a dash."""
    if value is None:
        return "\N{EN DASH}"
    large = {"kW": "MW", "kWh": "MWh"}
    if abs(value) >= 1000:
        value, unit = value / 1000, large[unit]
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    shown = f"{value:.{places}f}"
    return f"{'0' if float(shown) == 0 else shown} {unit}"


def curve(plant: Plant) -> list[list[tuple[float, float]]]:
    """The day's power as lines of points in a box of WIDTH x HEIGHT; a line ends where nothing was reported."""
    course = plant.day.course if plant.day else ()
    told = [kw for kw in course if kw is not None]
    top = max([*told, plant.capacity_kw or 0.0, 0.001])
    lines: list[list[tuple[float, float]]] = [[]]
    for quarter, kw in enumerate(course):
        if kw is None:
            lines.append([])
        else:
            x, y = WIDTH * (quarter + 0.5) / len(course), HEIGHT * (1 - max(kw, 0.0) / top)
            lines[-1].append((round(x, 1), round(y, 1)))
    return [points for points in lines if len(points) > 1]


def day(plant: Plant, now: datetime) -> str:
    """The day that the plant's energy is of: `today`, or `on 3 May`."""
    if plant.day is None or plant.day.date == now.astimezone(plant.standing.timezone).date():
        return "today"
    return f"on {plant.day.date:%-d %b}"


def since(alert: OpenAlert, plant: Plant, now: datetime) -> str:
    """When it began, by the plant's own clock; with the date when that is not today."""
    zone = plant.standing.timezone
    began = alert.triggered_at.astimezone(zone)
    return f"{began:%H:%M}" if began.date() == now.astimezone(zone).date() else f"{began:%-d %b %H:%M}"


def script(text: str) -> str:
    """`urdu` for a text with Arabic letters, which want their own fonts and taller lines; else nothing."""
    return "urdu" if any("\u0600" <= letter <= "\u06ff" for letter in text) else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("solarhub.fleet"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(age=age, quantity=quantity, curve=curve, day=day, since=since, words=WORDS)
    environment.globals.update(script=script, width=WIDTH, height=HEIGHT)
    return environment
