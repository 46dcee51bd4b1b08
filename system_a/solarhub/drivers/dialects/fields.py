"""The parts of a dialect's file that say where a value goes and what becomes of it."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from solarhub import metrics
from solarhub.drivers.dialects import units
from solarhub.drivers.dialects.document import Node
from solarhub.drivers.dialects.mapping import Availability, Clock, Field, Switch
from solarhub.drivers.dialects.times import TimeFormat, TimeReader
from solarhub.drivers.dialects.topics import Template
from solarhub.metrics import Metric, UnknownMetric

FIELD_KEYS = ("series", "unit", "factor", "offset", "negate", "words", "nothing", "channels", "others")
_TIME = ("path", "format", "zone", "nothing")
PLANT = "plant"
"""The zone of a time without an offset: the plant's own."""


def field_of(node: Node, levels: Collection[str], nothing: frozenset[str]) -> Field:
    """`power: power_output` in the catalogue's unit, or a mapping that says more. `levels` are what templates know."""
    if not isinstance(node.value, dict):
        members: Mapping[str, Node] = {"series": node}
    else:
        members = node.members(FIELD_KEYS, required=["series"])
    series = members["series"]
    name, colon, channel = series.text().partition(":")
    if "{" in name:
        return _by_topic(series, members, levels)
    try:
        found = metrics.metric(name)
    except UnknownMetric as error:
        raise series.wrong(f"is unknown: {error}") from None
    template = template_of(Node(series.file, series.place, channel), levels) if colon else None
    if template is not None and not template.names and not metrics.is_channel(channel):
        raise series.wrong("names no channel", "1 to 32 of a-z, 0-9 and underscore")
    if "channels" in members and colon:
        raise members["channels"].wrong("stands beside a channel in `series`", "one of the two")
    return Field(
        found.name,
        template,
        _scale(members, found),
        _words(members.get("words"), found),
        nothing | _texts(members.get("nothing")),
        _channels(members.get("channels")),
        others_nothing="others" in members and members["others"].made(_only_nothing, ValueError, ["nothing"]),
    )


def _by_topic(series: Node, members: Mapping[str, Node], levels: Collection[str]) -> Field:
    """The topic itself names the series, in the catalogue's words and units."""
    for name, member in members.items():
        if name != "series":
            raise member.wrong("needs a metric that is known before the message comes")
    return Field(None, template_of(series, levels), units.Scale(), {}, frozenset(), ())


def _scale(members: Mapping[str, Node], metric: Metric) -> units.Scale:
    unit = members.get("unit")
    numbers = {name: _exact(members[name]) for name in ("factor", "offset") if name in members}
    if numbers.get("factor") == 0:
        raise members["factor"].wrong("makes every value zero", "any other number")
    negated = "negate" in members and members["negate"].flag()
    try:
        return units.scale(unit.text() if unit else metric.unit, metric.unit, negated=negated, **numbers)
    except KeyError:
        assert unit is not None, "a metric's own unit needs no conversion"  # noqa: S101 - for the type checker
        raise unit.wrong(f"cannot be turned into {metric.unit}", units.convertible_to(metric.unit)) from None


def _exact(node: Node) -> Fraction:
    """The number as it is written: 0.1 is a tenth."""
    return Fraction(str(node.number()))


def _words(node: Node | None, metric: Metric) -> Mapping[str, float]:
    if node is None:
        return {}
    codes = {}
    for word, code in node.members().items():
        if not metric.minimum <= code.number() <= metric.maximum:
            raise code.wrong(f"is no {metric.name}", f"{metric.minimum:g} to {metric.maximum:g}; {metric.meaning}")
        codes[word.strip().lower()] = float(code.number())
    return MappingProxyType(codes)


def _only_nothing(text: str) -> bool:
    if text != "nothing":
        raise ValueError
    return True


def _texts(node: Node | None) -> frozenset[str]:
    return frozenset() if node is None else frozenset(text.strip() for text in node.texts())


def _channels(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    for part in node.parts():
        if not metrics.is_channel(part.text()):
            raise part.wrong("names no channel", "1 to 32 of a-z, 0-9 and underscore")
    return tuple(node.texts())


def template_of(node: Node, levels: Collection[str], *, with_payload: bool = False) -> Template:
    """Text with `{level}` in it, and with `{$path}` where the payload is JSON."""
    template = Template(node.text())
    unknown = template.names - set(levels)
    if unknown:
        raise node.wrong(f"names {', '.join(sorted(unknown))}, which the topic does not have", levels)
    if template.paths and not with_payload:
        raise node.wrong("asks the payload, which is no JSON here", levels)
    if not template.text:
        raise node.wrong("is empty", "text")
    return template


def path_of(node: Node) -> tuple[str, ...]:
    """`a.b.0`, a step for each dot; empty text is the whole payload."""
    text = node.text()
    return tuple(text.split(".")) if text else ()


def clock_of(node: Node, *, in_json: bool) -> Clock:
    members = node.members(_TIME, required=["format", *(["path"] if in_json else [])])
    if not in_json and "path" in members:
        raise members["path"].wrong("belongs to JSON; this payload is one value")
    form = members["format"].made(TimeFormat, ValueError, [each.value for each in TimeFormat])
    zone = None
    if "zone" in members and members["zone"].text() != PLANT:
        zone = members["zone"].made(
            ZoneInfo, (ZoneInfoNotFoundError, ValueError), f"{PLANT}, UTC, or a name such as Asia/Karachi"
        )
    path = path_of(members["path"]) if in_json else None
    return Clock(path, TimeReader(form, zone), _texts(members.get("nothing")))


def switch_of(node: Node) -> Switch:
    members = node.members(("path", "when", "unless"), required=["path"])
    if ("when" in members) == ("unless" in members):
        raise node.wrong("needs one of the two", ["when", "unless"])
    values = members.get("when") or members["unless"]
    words = frozenset(text.strip().lower() for text in values.texts())
    return Switch(path_of(members["path"]), words, "unless" in members)


def availability_of(node: Node) -> Availability:
    members = node.members(("online", "offline"), required=["online", "offline"])
    sides = {name: frozenset(text.strip().lower() for text in member.texts()) for name, member in members.items()}
    if sides["online"] & sides["offline"]:
        raise node.wrong("says both with one word")
    return Availability(sides["online"], sides["offline"])
