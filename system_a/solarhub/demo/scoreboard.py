"""How many alerts each rule raised; a rule and its daylight twin side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from solarhub.demo.rules import RuleDocument


@dataclass(frozen=True, slots=True)
class Line:
    """Alerts of one condition when every sample is judged, and by daylight; None where there is no such rule."""

    name: str
    always: int | None
    by_daylight: int | None


def scoreboard(rules: Sequence[RuleDocument], count: Callable[[str], int]) -> list[Line]:
    """In the order of `rules`; `count` gives the alerts of the rule of a name."""
    lines: dict[str, Line] = {}
    for rule in rules:
        daylight = rule["condition"].get("when") == "daylight"
        twins = [other for other in rules if _question(other) == _question(rule)]
        name = rule["name"].partition(",")[0] if len(twins) > 1 else rule["name"]
        line = lines.get(name, Line(name, None, None))
        counted = count(rule["name"])
        lines[name] = Line(name, line.always, counted) if daylight else Line(name, counted, line.by_daylight)
    return list(lines.values())


def _question(rule: RuleDocument) -> dict[str, object]:
    """What a rule asks, whenever it asks."""
    return {key: value for key, value in rule["condition"].items() if key != "when"}
