"""From a map's file to a map that can be read with. What is wrong with a file is told with its place."""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from solarhub import metrics
from solarhub.drivers.dialects.document import Node, WrongDialect
from solarhub.drivers.dialects.fields import field_of
from solarhub.drivers.dialects.mapping import Field
from solarhub.kit.refusals import did_you_mean
from solarhub.telemetry.portals import clock
from solarhub.telemetry.portals.headers import Header, WrongHeader, spelled
from solarhub.telemetry.portals.maps import PLANT, Column, Kind, Long, Mark, Naming, PortalMap, TableMap, TimeColumns

SHIPPED = Path(__file__).parent / "shipped"

_TOP = (
    "map", "version", "title", "verified", "source", "hint", "files", "encodings", "time_zone", "decimal", "nothing",
    "tables",
)  # fmt: skip
_TABLE = ("name", "sheet", "time", "day", "device", "columns", "named", "long")
_LONG = ("metric", "value", "unit", "metrics")
_DAYS = (metrics.Kind.DAILY, metrics.Kind.CUMULATIVE)
_ZONES = f"{PLANT}, UTC, or a name such as Asia/Karachi"
_PLACE = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class WrongMap(Exception):  # noqa: N818 - says what is the matter with a file
    """A map's file cannot be used: file, place, what is wrong, what is allowed."""


class PortalMaps:
    """Every map by its name: those that come with the hub, and the operator's own, which stand before them."""

    def __init__(self, maps: Mapping[str, PortalMap]) -> None:
        self._maps = MappingProxyType(dict(sorted(maps.items())))

    @classmethod
    def load(cls, own: Path | None = None) -> "PortalMaps":
        """Raises WrongMap."""
        if own is not None and not own.is_dir():
            raise WrongMap(f"{own} is no folder of maps.")
        maps = {each.name: each for each in map(load, sorted(SHIPPED.glob("*.yaml")))}
        seen: dict[str, Path] = {}
        for path in sorted(own.glob("*.y*ml")) if own is not None else ():
            mine = load(path)
            if mine.name in seen:
                raise WrongMap(f"{path.name}: map: {mine.name!r} is the name of {seen[mine.name].name} already")
            seen[mine.name] = path
            maps[mine.name] = mine
        return cls(maps)

    def __iter__(self) -> Iterator[PortalMap]:
        return iter(self._maps.values())

    def find(self, name: str) -> PortalMap:
        """Raises KeyError with what there is, and what was probably meant."""
        if name not in self._maps:
            raise KeyError(f"no map has that name{did_you_mean(name, self._maps)}")
        return self._maps[name]

    @property
    def names(self) -> list[str]:
        return list(self._maps)


@cache
def shipped() -> PortalMaps:
    """Those that come with the hub; their files are read once."""
    return PortalMaps.load()


def load(path: Path) -> PortalMap:
    """Raises WrongMap."""
    try:
        return _map(Node.read(path))
    except WrongDialect as error:
        raise WrongMap(str(error)) from None


def _map(node: Node) -> PortalMap:
    members = node.members(_TOP, required=["map", "version", "title", "verified", "tables"])
    name = members["map"]
    if not _NAME.fullmatch(name.text()):
        raise name.wrong("is no name", "a-z, 0-9 and underscore, beginning with a letter")
    nothing = frozenset(text.strip() for text in members["nothing"].texts()) if "nothing" in members else frozenset()
    tables = tuple(_table(part, nothing) for part in members["tables"].parts())
    return PortalMap(
        name.text(),
        members["version"].whole(1, 1_000_000),
        members["title"].text(),
        members["verified"].flag(),
        _zone(members.get("time_zone")),
        frozenset(part.made(Kind, ValueError, [kind.value for kind in Kind]) for part in members["files"].parts())
        if "files" in members
        else frozenset(Kind),
        tuple(part.made(_encoding, LookupError, "utf-8, cp1252, gb18030, …") for part in members["encodings"].parts())
        if "encodings" in members
        else ("utf-8", "cp1252"),
        members["decimal"].made(Mark, ValueError, [mark.value for mark in Mark]) if "decimal" in members else Mark.AUTO,
        nothing,
        tables,
        members["source"].text() if "source" in members else "",
        members["hint"].text() if "hint" in members else "",
    )


def _zone(node: Node | None) -> str:
    if node is None or node.text() == PLANT:
        return PLANT
    return node.made(ZoneInfo, (ZoneInfoNotFoundError, ValueError), _ZONES).key


def _encoding(text: str) -> str:
    return codecs.lookup(text).name


def _table(node: Node, nothing: frozenset[str]) -> TableMap:
    members = node.members(_TABLE, required=["name"])
    by_day = "day" in members
    if by_day == ("time" in members):
        raise node.wrong("needs one of the two", ["day", "time"])
    named = "named" in members and members["named"].flag()
    columns = tuple(_columns(members["columns"], nothing)) if "columns" in members else ()
    long = _long(members["long"], nothing, named=named) if "long" in members else None
    if long is not None and columns:
        raise members["columns"].wrong("stand beside `long`", "one of the two")
    if not columns and not named and long is None:
        raise node.wrong("takes nothing from its rows", ["columns", "named: true", "long"])
    if by_day:
        for place, field in _fields_of(members, columns, long):
            if field.metric is None or metrics.metric(field.metric).kind not in _DAYS:
                raise place.wrong("has no value of a whole day", "metrics that count: daily or cumulative ones")
    return TableMap(
        members["name"].text(),
        _time(members["day" if by_day else "time"]),
        tuple(_naming(part) for part in members["device"].parts()) if "device" in members else (),
        columns,
        members["sheet"].made(_regular, re.error) if "sheet" in members else None,
        by_day,
        named,
        long,
    )


def _fields_of(members: Mapping[str, Node], columns: Sequence[Column], long: Long | None) -> list[tuple[Node, Field]]:
    if long is None:
        return [(members["columns"], column.field) for column in columns]
    return [(members["long"], field) for field in long.fields.values()]


def _columns(node: Node, nothing: frozenset[str]) -> list[Column]:
    columns = []
    for text, place in node.members().items():
        header = _header(Node(place.file, place.place, text))
        series = place.value.get("series") if isinstance(place.value, dict) else place.value
        strange = set(_PLACE.findall(str(series))) - header.names
        if strange:
            raise place.wrong(f"names {', '.join(sorted(strange))}, which the header does not have", header.names)
        columns.append(Column(header, field_of(place, header.names, nothing)))
    return columns


def _header(node: Node) -> Header:
    return node.made(Header.of, WrongHeader)


def _headers(node: Node) -> tuple[Header, ...]:
    return tuple(_header(part) for part in node.parts())


def _long(node: Node, nothing: frozenset[str], *, named: bool) -> Long:
    members = node.members(_LONG, required=["metric", "value"])
    fields: dict[str, Field] = {}
    if "metrics" in members:
        for text, place in members["metrics"].members().items():
            fields[spelled(text)] = field_of(place, (), nothing)
    elif not named:
        raise node.wrong("names no metrics", ["metrics", "named: true beside it"])
    unit = _headers(members["unit"]) if "unit" in members else ()
    return Long(_headers(members["metric"]), _headers(members["value"]), unit, fields)


def _time(node: Node) -> TimeColumns:
    members = node.members(("columns", "parts", "formats", "endings"), required=["formats"])
    if ("columns" in members) == ("parts" in members):
        raise node.wrong("needs one of the two", ["columns", "parts"])
    if "columns" in members:
        parts = [_headers(members["columns"])]
    else:
        parts = [_headers(part) for part in members["parts"].parts()]
    formats = [part.made(_format, ValueError) for part in members["formats"].parts()]
    return TimeColumns(parts, formats, members["endings"].texts() if "endings" in members else ())


def _format(text: str) -> str:
    try:
        clock.check_format(text)
    except ValueError:
        raise ValueError(
            f"is no format of times; allowed: {', '.join(clock.WORDS)}, or marks such as %Y-%m-%d %H:%M:%S"
        ) from None
    return text


def _naming(node: Node) -> Naming:
    members = node.members(("column", "line", "file", "pattern"))
    if len(members.keys() & {"column", "line", "file"}) != 1:
        raise node.wrong("needs one of the three", ["column", "line", "file"])
    pattern = members["pattern"].made(_regular, re.error) if "pattern" in members else None
    if "column" in members:
        return Naming(columns=_headers(members["column"]), pattern=pattern)
    if pattern is not None:
        raise members["pattern"].wrong("belongs to `column`")
    line, file = members.get("line"), members.get("file")
    if line is not None:
        return Naming(line=line.made(_grouping, re.error))
    assert file is not None, "one of the three is there"  # noqa: S101 - for the type checker
    return Naming(file_name=file.made(_grouping, re.error))


def _regular(text: str) -> str:
    re.compile(text)
    return text


def _grouping(text: str) -> str:
    if re.compile(text).groups != 1:
        raise re.error("has not exactly one group in brackets, which is the device's name")
    return text
