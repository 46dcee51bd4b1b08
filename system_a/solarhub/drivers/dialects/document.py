"""A YAML file as its author wrote it, asked strictly: what is wrong is told with its place and what is allowed."""

import re
from collections.abc import Callable, Collection, Hashable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")


class WrongDialect(Exception):  # noqa: N818 - says what is the matter with a file
    """A dialect's file cannot be used: file, place, what is wrong, what is allowed."""


class _Plain(yaml.SafeLoader):
    """Words stay words: `no` and `on` are what products send, and 10:20 is no number."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own name for it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} stands here twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _resolve(kind: str, expression: str, first: str) -> None:
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(expression), [*first] or [""])


_resolve("bool", r"(?:true|false)$", "tf")
_resolve("int", r"[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789")
_resolve("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789")
_resolve("null", r"(?:~|null)$", "~n")
_resolve("null", r"$", "")


class Node:
    """One place of the file."""

    def __init__(self, file: str, place: str, value: object) -> None:
        self.file = file
        self.place = place
        self.value = value

    @classmethod
    def read(cls, path: Path) -> "Node":
        """Raises WrongDialect for what is no YAML in UTF-8."""
        try:
            return cls(path.name, "", yaml.load(path.read_text("utf-8"), Loader=_Plain))  # noqa: S506 - a SafeLoader's child
        except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
            raise WrongDialect(f"{path.name}: is no YAML: {' '.join(str(error).split())}") from None
        except OSError as error:
            raise WrongDialect(f"{path.name}: cannot be read: {error.strerror}") from None

    def wrong(self, what: str, allowed: str | Collection[str] = "") -> WrongDialect:
        if not isinstance(allowed, str):
            allowed = ", ".join(sorted(allowed))
        value = self.value[:60] if isinstance(self.value, str) else self.value
        given = f" {value!r}" if isinstance(value, str | int | float) else ""
        ending = f"; allowed: {allowed}" if allowed else ""
        return WrongDialect(f"{self.file}: {self.place or 'the file'}:{given} {what}{ending}")

    def _under(self, key: object, value: object) -> "Node":
        place = f"[{key}]" if isinstance(key, int) else f".{key}" if self.place else str(key)
        return Node(self.file, self.place + place, value)

    def members(self, allowed: Collection[str] | None = None, required: Collection[str] = ()) -> dict[str, "Node"]:
        """Of a mapping; WrongDialect for a key that is not allowed or is missing."""
        if not isinstance(self.value, dict):
            raise self.wrong("is no mapping", allowed or "names and what belongs to them")
        found = {}
        for key, value in self.value.items():
            name = _word(key)
            if name is None or (allowed is not None and name not in allowed):
                raise self._under(key if name is None else name, None).wrong("is not known here", allowed or "text")
            found[name] = self._under(name, value)
        for name in required:
            if name not in found:
                raise self._under(name, None).wrong("is missing")
        return found

    def parts(self) -> Iterator["Node"]:
        """Of a list; a single value is a list of one."""
        if not isinstance(self.value, list):
            return iter([self])
        return (self._under(number, value) for number, value in enumerate(self.value))

    def text(self) -> str:
        word = _word(self.value)
        if word is None:
            raise self.wrong("is no text", "text")
        return word

    def texts(self) -> list[str]:
        return [part.text() for part in self.parts()]

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("is neither true nor false", ["true", "false"])
        return self.value

    def number(self) -> int | float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("is no number", "a number")
        return self.value

    def whole(self, least: int, most: int) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not least <= self.value <= most:
            raise self.wrong("is out of range", f"a whole number from {least} to {most}")
        return self.value

    def made(
        self,
        make: Callable[[str], T],
        trouble: type[Exception] | tuple[type[Exception], ...],
        allowed: str | Collection[str] = "",
    ) -> T:
        """What `make` makes of the text; its error becomes the sentence."""
        text = self.text()
        try:
            return make(text)
        except trouble as error:
            raise self.wrong(str(error).strip("'\"") if not allowed else "is not known", allowed) from None


def _word(value: object) -> str | None:
    """Text, also where YAML took it for a number or a truth: a topic's `0` is its name."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    return format(value, ".15g") if isinstance(value, float) else None
