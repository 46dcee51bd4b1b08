"""The part of Home Assistant's templates that sensors are announced with.

`{{ value_json.a.b }}`, `{{ value_json['a'][0] }}`, `{{ value }}`, the filters float, int, round and abs, numbers, the
four kinds of arithmetic and brackets. Everything else is refused: a sensor that is not understood is not read. A
default such as `float(0)` is not taken: a value that is not there is not zero.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from solarhub.drivers.dialects.mapping import ABSENT, number_of

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |'(?P<single>[^'\\]*)'|"(?P<double>[^"\\]*)"|(?P<mark>[-+*/|()\[\].,]))""",
    re.VERBOSE,
)
_DEEPEST = 20
LONGEST = 500

Values = Mapping[str, object]
_Work = Callable[[Values], object]


class NotUnderstood(ValueError):  # noqa: N818 - says what the matter is with a template
    """A template beyond what is read here."""


class ValueTemplate:
    """What makes a value of a state's payload."""

    def __init__(self, text: str) -> None:
        """Raises NotUnderstood."""
        inner = re.fullmatch(r"\s*\{\{-?(.*?)-?\}\}\s*", text, re.DOTALL)
        if inner is None or len(text) > LONGEST or "{" in inner[1]:
            raise NotUnderstood("is no single {{ expression }}")
        parser = _Parser(inner[1])
        self._work = parser.whole()
        self.wants_json: Final = parser.wants_json

    def of(self, text: str, body: object) -> object:
        """A number or a word, or ABSENT; `body` is the payload as JSON, `text` the payload as it is."""
        try:
            return self._work({"value": text, "value_json": body})
        except (ZeroDivisionError, OverflowError, ValueError):
            return ABSENT


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self.wants_json = False
        end = 0
        text = text.rstrip()
        while end < len(text):
            found = _TOKEN.match(text, end)
            if found is None:
                raise NotUnderstood(f"has {text[end : end + 20]!r} in it")
            kind = str(found.lastgroup)
            self._tokens.append(("text" if kind in ("single", "double") else kind, found[kind]))
            end = found.end()
        self._next = 0
        self._depth = 0

    def whole(self) -> _Work:
        work = self._sum()
        if self._next < len(self._tokens):
            raise NotUnderstood(f"has {self._tokens[self._next][1]!r} where it should end")
        return work

    def _sum(self) -> _Work:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotUnderstood("is nested too deeply")
        work = self._product()
        while mark := self._take_mark("+-"):
            work = _arithmetic(mark, work, self._product())
        self._depth -= 1
        return work

    def _product(self) -> _Work:
        work = self._filtered()
        while mark := self._take_mark("*/"):
            work = _arithmetic(mark, work, self._filtered())
        return work

    def _filtered(self) -> _Work:
        work = self._primary()
        while self._take_mark("|"):
            kind, name = self._take()
            if kind != "name" or name not in _FILTERS:
                raise NotUnderstood(f"has the filter {name!r} in it")
            work = _filter(_FILTERS[name], work, self._arguments())
        return work

    def _arguments(self) -> list[float]:
        given: list[float] = []
        if not self._take_mark("("):
            return given
        while not self._take_mark(")"):
            sign = -1 if self._take_mark("-") else 1
            kind, text = self._take()
            if kind not in ("number", "name", "text"):
                raise NotUnderstood(f"has {text!r} in a filter")
            if kind == "number":
                given.append(sign * float(text))
            self._take_mark(",")
        return given

    def _primary(self) -> _Work:
        kind, text = self._take()
        if kind == "number":
            number = float(text)
            return lambda _: number
        if (kind, text) == ("mark", "-"):
            return _arithmetic("-", lambda _: 0.0, self._filtered())
        if (kind, text) == ("mark", "("):
            work = self._sum()
            if not self._take_mark(")"):
                raise NotUnderstood("has a bracket that stays open")
            return work
        if kind == "name" and text in ("value", "value_json"):
            self.wants_json = self.wants_json or text == "value_json"
            return self._member(text)
        raise NotUnderstood(f"has {text!r} in it")

    def _member(self, root: str) -> _Work:
        path: list[str] = []
        while mark := self._take_mark(".["):
            kind, text = self._take()
            if kind not in (("name", "number") if mark == "." else ("text", "number")):
                raise NotUnderstood(f"has {text!r} after a {mark!r}")
            path.append(text)
            if mark == "[" and not self._take_mark("]"):
                raise NotUnderstood("has a bracket that stays open")

        def work(values: Values) -> object:
            found: Any = values[root]
            for step in path:
                if isinstance(found, dict):
                    found = found.get(step)
                elif isinstance(found, list) and step.isdecimal() and len(step) < 5 and int(step) < len(found):
                    found = found[int(step)]
                else:
                    return ABSENT
            return ABSENT if found is None else found

        return work

    def _take(self) -> tuple[str, str]:
        if self._next == len(self._tokens):
            raise NotUnderstood("ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def _take_mark(self, marks: str) -> str:
        if self._next < len(self._tokens):
            kind, text = self._tokens[self._next]
            if kind == "mark" and text in marks:
                self._next += 1
                return text
        return ""


def _arithmetic(mark: str, left: _Work, right: _Work) -> _Work:
    def work(values: Values) -> object:
        a, b = number_of(left(values)), number_of(right(values))
        if a is None or b is None:
            return ABSENT
        return a + b if mark == "+" else a - b if mark == "-" else a * b if mark == "*" else a / b

    return work


def _filter(function: Callable[..., float], inner: _Work, arguments: list[float]) -> _Work:
    def work(values: Values) -> object:
        number = number_of(inner(values))
        return ABSENT if number is None else function(number, *arguments)

    return work


def _round(number: float, digits: float = 0, *_: float) -> float:
    return round(number, int(min(max(digits, 0), 12)))


_FILTERS: Mapping[str, Callable[..., float]] = {
    "float": lambda number, *_: number,
    "int": lambda number, *_: float(int(number)),
    "round": _round,
    "abs": lambda number, *_: abs(number),
}
