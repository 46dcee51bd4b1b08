r"""InfluxDB's line protocol: `measurement,tag=value field=1.5,other=2i 1700000000000000000`, a point on each line.

A backslash takes the meaning off a comma, a space or an equals sign in names and tags, and off a quote or a backslash
in a quoted value; before anything else it is a backslash. Quoted values may hold line ends. A line that is no point is
a fault of its own and stops none of its neighbours.
"""

import re
from typing import NamedTuple

MOST_POINTS = 20_000
_LONGEST_QUOTED = 65_536
"""How far a quoted value may run over the ends of lines; what is open for longer was never closed."""
_MOST_UNCLOSED = 100

_KEY = r"(?P<key>(?:\\[^\n]|[^ \n\\])+)"
_UNQUOTED = r'\\[^\n]|[^" \n\\]'
_TIME = r"(?:[ ]+(?P<time>[^ \n]+))?"
_END = r"[ ]*(?:\n|\Z)"
_POINT = re.compile(rf'{_KEY}[ ]+(?P<fields>(?:"(?:\\[^\n]|[^"\\\n])*"|{_UNQUOTED})+){_TIME}{_END}')
_POINT_ON_SEVERAL_LINES = re.compile(
    rf'{_KEY}[ ]+(?P<fields>(?:"(?:\\.|[^"\\])*"|{_UNQUOTED})+){_TIME}{_END}', re.DOTALL
)
_PART = re.compile(r"((?:\\.|[^,\\])*)(,|\Z)", re.DOTALL)
_TAG = re.compile(r"((?:\\.|[^=\\])+)=((?:\\.|[^=\\])+)", re.DOTALL)
_FIELD = re.compile(r'((?:\\.|[^=,\\])+)=("(?:\\.|[^"\\])*"|[^,"]+)(,|\Z)', re.DOTALL)
_ESCAPED = re.compile(r"\\([,= ])")
_ESCAPED_IN_QUOTES = re.compile(r'\\(["\\])')
_INTEGER = re.compile(r"[+-]?[0-9]+[iu]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_TIMESTAMP = re.compile(r"-?[0-9]{1,19}")
_BOOLEANS = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), True),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), False),
}

FieldValue = float | bool | str


class Point(NamedTuple):
    """`position` counts lines from 0. A text is a quoted value, or what is no value at all."""

    position: int
    measurement: str
    tags: dict[str, str]
    fields: dict[str, FieldValue]
    timestamp: int | None


class Fault(NamedTuple):
    """A line that is no point, and why."""

    position: int
    line: str
    why: str


def parse(body: bytes) -> tuple[list[Point], list[Fault]]:
    """Points and faults in their order. Bytes that are no UTF-8 are replaced: names and numbers never hold any."""
    text = body.decode("utf-8", "replace").replace("\r\n", "\n")
    points: list[Point] = []
    faults: list[Fault] = []
    place = position = unclosed = 0
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        line = text[place:end]
        found = None
        if line.strip() and not line.lstrip().startswith("#"):
            place += len(line) - len(line.lstrip(" "))
            found = _POINT.match(text, place)
            if found is None and '"' in line and unclosed < _MOST_UNCLOSED:
                found = _POINT_ON_SEVERAL_LINES.match(text, place, min(len(text), place + _LONGEST_QUOTED))
                unclosed += found is None
            told = _point(position, found) if found is not None else Fault(position, line, _trouble(line))
            if isinstance(told, Fault):
                faults.append(told)
            else:
                points.append(told)
        following = found.end() if found is not None else end + 1
        position += text.count("\n", place, following) or 1
        place = following
    return points, faults


def _point(position: int, found: re.Match[str]) -> Point | Fault:
    measurement, tags = _key(found["key"])
    fields = _fields(found["fields"])
    time = found["time"]
    if not measurement:
        return Fault(position, found[0].strip(), "missing measurement")
    if tags is None:
        return Fault(position, found[0].strip(), "missing tag value")
    if fields is None:
        return Fault(position, found[0].strip(), "invalid field format")
    if time is not None and _TIMESTAMP.fullmatch(time) is None:
        return Fault(position, found[0].strip(), "bad timestamp")
    return Point(position, measurement, tags, fields, None if time is None else int(time))


def _trouble(line: str) -> str:
    if line.count('"') - line.count('\\"') & 1:
        return "unbalanced quotes"
    return "missing fields" if "=" not in line.rpartition(" ")[2] else "invalid field format"


def _key(text: str) -> tuple[str, dict[str, str] | None]:
    """Measurement and tags; None where one of the tags is none."""
    if "\\" not in text:
        measurement, *pairs = text.split(",")
    else:
        measurement, *pairs = _parts(text)
        measurement = _ESCAPED.sub(r"\1", measurement)
    tags: dict[str, str] = {}
    for pair in pairs:
        found = _TAG.fullmatch(pair)
        if found is None:
            return measurement, None
        name, value = found.groups()
        tags[_ESCAPED.sub(r"\1", name)] = _ESCAPED.sub(r"\1", value)
    return measurement, tags


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    place = 0
    while True:
        found = _PART.match(text, place)
        if found is None:  # a backslash with nothing after it
            return [*parts, text[place:]]
        parts.append(found[1])
        if not found[2]:
            return parts
        place = found.end()


def _fields(text: str) -> dict[str, FieldValue] | None:
    """Name -> value, of a name that stands twice the last; None where the text is something else."""
    fields: dict[str, FieldValue] = {}
    if '"' not in text and "\\" not in text:  # as nearly all are
        for pair in text.split(","):
            name, _, value = pair.partition("=")
            if not name or not value:
                return None
            fields[name] = _value(value)
        return fields
    place = 0
    while place < len(text):
        found = _FIELD.match(text, place)
        if found is None:
            return None
        fields[_ESCAPED.sub(r"\1", found[1])] = _value(found[2])
        place = found.end()
        if found[2] and found[3] and place == len(text):  # a comma, and nothing after it
            return None
    return fields or None


def _value(text: str) -> FieldValue:
    if text[-1] in "0123456789" and text.isascii() and "_" not in text:  # as nearly all do
        try:
            return float(text)
        except ValueError:
            return text
    if text.startswith('"'):
        return _ESCAPED_IN_QUOTES.sub(r"\1", text[1:-1])
    if _INTEGER.fullmatch(text):
        return float(text[:-1])
    if _NUMBER.fullmatch(text):
        return float(text)
    return _BOOLEANS.get(text, text)
