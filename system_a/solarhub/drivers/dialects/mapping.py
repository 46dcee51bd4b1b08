"""A dialect as its file describes it, checked and ready to read with."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Final

from solarhub import metrics
from solarhub.drivers.dialects.times import TimeReader
from solarhub.drivers.dialects.topics import Pattern, Template
from solarhub.drivers.dialects.units import Scale

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
LONGEST_VALUE = 256
"""Characters of a single value that are looked at."""

ABSENT: Final = object()
"""Stands for no value: a device that says nothing says nothing, not zero."""


class Payload(StrEnum):
    """What the bytes of a message are."""

    VALUE = "value"
    """Text: one number or word."""
    JSON = "json"
    SAMPLES = "samples"
    """The hub's own body: `{"timestamp": …, "metrics": {…}}`, or several of them."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value goes, and what is done to it on the way.

    `metric` None: `channel` is the template of a whole series, whose metric is known when the topic is.
    """

    metric: str | None
    channel: Template | None
    scale: Scale
    words: Mapping[str, float]
    nothing: frozenset[str]
    channels: Sequence[str]
    others_nothing: bool = False
    """What `words` does not know is nothing."""

    def series(self, levels: Mapping[str, str]) -> str | None:
        """`metric` or `metric:channel`; None where the levels make no channel."""
        if self.channel is None:
            return self.metric
        filled = self.channel.fill(levels)
        if filled is None or self.metric is None:
            return filled
        return f"{self.metric}:{filled.lower()}" if metrics.is_channel(filled.lower()) else None

    def value(self, given: object) -> object:
        """In the catalogue's unit; ABSENT for nothing; whatever is no number as it stands, to be judged elsewhere."""
        if given is None:
            return ABSENT
        text = _text(given)
        if text in self.nothing:
            return ABSENT
        if self.words:
            # a code that is not listed means something else here than in the catalogue: it is told as text
            return self.words.get(text.lower(), ABSENT if self.others_nothing else text)
        number = number_of(given)
        return given if number is None else self.scale.of(number)

    def values(self, given: object, levels: Mapping[str, str]) -> dict[str, object]:
        """What one member of a payload says, by series: an array has a value for each of `channels`."""
        if isinstance(given, list) and self.channels:
            found = {f"{self.metric}:{name}": self.value(one) for name, one in zip(self.channels, given, strict=False)}
        else:
            series = self.series(levels)
            found = {} if series is None else {series: self.value(given)}
        return {series: value for series, value in found.items() if value is not ABSENT}


@dataclass(frozen=True, slots=True)
class Switch:
    """A member of the payload that says yes or no: `values` are those for yes, or for no where `negated`."""

    path: Sequence[str]
    values: frozenset[str]
    negated: bool

    def of(self, given: object) -> bool:
        if given is None:
            return False
        return (_text(given).lower() in self.values) != self.negated


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the time stands: at `path` of a JSON object, or in a payload that is nothing else (`path` None)."""

    path: Sequence[str] | None
    reader: TimeReader
    nothing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Availability:
    online: frozenset[str]
    offline: frozenset[str]

    def of(self, text: str) -> bool | None:
        word = text.lower()
        return True if word in self.online else False if word in self.offline else None


@dataclass(frozen=True, slots=True)
class Rule:
    """What the messages of topics of one shape say. `fields` by the level `by`, by path, or under the key () alone."""

    pattern: Pattern
    payload: Payload
    sender: Template
    by: str | None = None
    fields: Mapping[tuple[str, ...], Sequence[Field]] = field(default_factory=dict)
    ignores: frozenset[tuple[str, ...]] = frozenset()
    others_ignored: bool = False
    """What `by` finds nothing for is left alone on purpose."""
    requires: Sequence[Sequence[str]] = ()
    items: Sequence[str] | None = None
    items_are_named: bool = False
    """The items are the members of an object, and a level `{item}` names each."""
    named: Sequence[str] | None = None
    """Where an object lies whose members bear the catalogue's own names."""
    clock: Clock | None = None
    historical: Switch | None = None
    facts: Mapping[str, Template] = field(default_factory=dict)
    fact: str | None = None
    """The text of the message is this fact."""
    availability: Availability | None = None
    scattered: bool = False
    value: Sequence[str] | None = None
    """Where the one value of a JSON object lies that `by` chooses a field for."""
    empty_is_gone: bool = False
    """A message without a payload: the sender has left."""
    silent: bool = False
    """Known, and nothing is taken from it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One product's way of speaking."""

    name: str
    version: int
    title: str
    rank: int
    rules: Sequence[Rule]
    prefix_level: str | None = None
    """The level that a device's own `topic_prefix` may stand for."""
    source: str = ""


def number_of(given: object) -> float | None:
    """A number, also one that is written as text; None for what is none."""
    if isinstance(given, bool):
        return None
    if isinstance(given, int | float):
        try:
            return float(given)
        except OverflowError:  # a whole number of hundreds of digits
            return inf
    if isinstance(given, str) and len(given) <= LONGEST_VALUE and _NUMBER.fullmatch(given.strip()):
        return float(given)
    return None


def _text(given: object) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, float) and given.is_integer() and abs(given) < 1e15:
        return str(int(given))
    return str(given).strip() if isinstance(given, str | int | float) else ""


def at_path(body: object, path: Sequence[str]) -> object:
    """What stands there; None where there is nothing, as for a null."""
    for step in path:
        if isinstance(body, dict):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and len(step) < 5 and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body
