"""One message by one rule of a dialect."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from solarhub import metrics
from solarhub.drivers.dialects.loading import ITEM
from solarhub.drivers.dialects.mapping import ABSENT, LONGEST_VALUE, Clock, Dialect, Field, Payload, Rule, at_path
from solarhub.drivers.dialects.times import TimeFormat, TimeReader
from solarhub.drivers.dialects.told import Told, printable

MOST_ITEMS = 10_000
_NEVER_SET = timedelta(days=20 * 365)
"""A clock that is so far behind was never set."""
_OWN_TIMES = TimeReader(TimeFormat.AUTO, None)
_LONGEST_FACT = 200


class Body:
    """The bytes, as text or as JSON, each read once and only when asked for."""

    def __init__(self, payload: bytes, received_at: datetime) -> None:
        self.received_at = received_at
        self._payload = payload
        self._json: object = ABSENT
        self._text: str | None = None

    def text(self) -> str:
        if self._text is None:
            self._text = self._payload[: 4 * LONGEST_VALUE].decode("utf-8", "replace").strip()
        return self._text

    def json(self) -> object:
        """None for what is no JSON, as for null."""
        if self._json is ABSENT:
            self._json = _parsed(self._payload)
        return self._json


def _parsed(payload: bytes) -> object:
    try:
        return msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(payload)  # takes NaN, which some firmware writes
    except (ValueError, RecursionError):
        return None


class Match(NamedTuple):
    """A rule for a topic, with what the topic alone says: `bare` holds sender and facts, and no value yet."""

    dialect: Dialect
    rule: Rule
    levels: Mapping[str, str]
    bare: Told | None


def matched(dialect: Dialect, rule: Rule, levels: Mapping[str, str]) -> Match:
    """Worked out once for each topic."""
    bare = None
    if rule.payload is Payload.VALUE and not rule.silent:
        sender = rule.sender.fill(levels)
        if sender is not None:
            facts = _facts(rule, levels, None)
            bare = Told(sender, dialect.name, dialect.version, facts=facts, scattered=rule.scattered)
    return Match(dialect, rule, levels, bare)


def by_rule(match: Match, body: Body, *, trusted: bool) -> list[Told] | None:
    """None where the payload has not the shape of this rule."""
    dialect, rule, levels, bare = match
    if rule.silent:
        return []
    if rule.payload is Payload.VALUE:
        return None if bare is None else _value(bare, rule, levels, body, trusted=trusted)
    if rule.empty_is_gone and not body.text():
        sender = rule.sender.fill(levels)
        return [] if sender is None else [Told(sender, dialect.name, dialect.version, available=False)]
    if rule.payload is Payload.SAMPLES:
        return _samples(dialect, rule, levels, body.json())
    return _json(dialect, rule, levels, body)


def _value(bare: Told, rule: Rule, levels: Mapping[str, str], body: Body, *, trusted: bool) -> list[Told] | None:
    text = body.text()
    if len(text) > LONGEST_VALUE:
        return None
    about = _about(rule, bare, text, body.received_at)
    if about is not None:
        return about
    key = (levels[rule.by],) if rule.by is not None else ()
    fields = rule.fields.get(key)
    if fields is None:
        return [] if rule.others_ignored or key in rule.ignores else None
    readings = {series: value for field in fields for series, value in field.values(text, levels).items()}
    if not trusted and any(field.metric is None for field in fields) and not all(map(_is_standard, readings)):
        return None
    if not readings:
        return []
    return [Told(bare.sender, bare.dialect, bare.version, None, readings, facts=bare.facts, scattered=bare.scattered)]


def _about(rule: Rule, bare: Told, text: str, received_at: datetime) -> list[Told] | None:
    """A fact of the sender, whether it is there, the time of the values that follow; None for a value itself."""
    if rule.fact is not None:
        facts = {**bare.facts, rule.fact: printable(text, _LONGEST_FACT)}
        return [replace(bare, facts=facts, scattered=False)] if text else []
    if rule.availability is not None:
        there = rule.availability.of(text)
        return [] if there is None else [replace(bare, available=there, scattered=False)]
    if rule.clock is not None:
        at, _ = _time(rule.clock, text, received_at)
        return [] if at is None else [replace(bare, at=at)]
    return None


def _is_standard(series: str) -> bool:
    try:
        metrics.parse_series(series)
    except (LookupError, ValueError):
        return False
    return True


def _json(dialect: Dialect, rule: Rule, levels: Mapping[str, str], message: Body) -> list[Told] | None:
    body, received_at = message.json(), message.received_at
    if not isinstance(body, dict | list):
        return None
    if rule.items is None:
        return _object(dialect, rule, levels, body, received_at)
    items = at_path(body, rule.items)
    pairs: Sequence[tuple[str, object]]
    if rule.items_are_named:
        if not isinstance(items, dict):
            return None
        pairs = [
            (name, one) for name, found in items.items() for one in (found if isinstance(found, list) else [found])
        ]
    else:
        if not isinstance(items, list):
            return None
        pairs = [("", one) for one in items]
    told: list[Told] = []
    for name, one in pairs[:MOST_ITEMS]:
        found = _object(dialect, rule, {**levels, ITEM: name}, one, received_at)
        if found is None:
            return None
        told += found
    return told


def _object(
    dialect: Dialect, rule: Rule, levels: Mapping[str, str], body: object, received_at: datetime
) -> list[Told] | None:
    if not isinstance(body, dict | list) or any(at_path(body, path) is None for path in rule.requires):
        return None
    sender = rule.sender.fill(levels, _found(rule.sender.paths, body))
    named = at_path(body, rule.named) if rule.named is not None else {}
    if sender is None or not isinstance(named, dict):
        return None
    readings = _flat(named)
    fields = _fields(rule, levels)
    if fields is None:
        return [] if rule.others_ignored else None
    for path, some in fields.items():
        given = at_path(body, path)
        if given is not None:
            for field in some:
                readings.update(field.values(given, levels))
    at, unread = None, None
    if rule.clock is not None:
        at, unread = _time(rule.clock, at_path(body, rule.clock.path or ()), received_at)
    facts = _facts(rule, levels, body)
    if not readings and not any(template.paths for template in rule.facts.values()):
        return []
    return [
        Told(
            sender,
            dialect.name,
            dialect.version,
            at,
            readings,
            historical=rule.historical is not None and rule.historical.of(at_path(body, rule.historical.path)),
            facts=facts,
            scattered=rule.scattered,
            unread_time=unread if readings else None,
        )
    ]


def _fields(rule: Rule, levels: Mapping[str, str]) -> Mapping[tuple[str, ...], Sequence[Field]] | None:
    """By path; None where the topic names a value that is not known."""
    if rule.by is None or rule.value is None:
        return rule.fields
    chosen = rule.fields.get((levels[rule.by],))
    if chosen is None:
        return {} if (levels[rule.by],) in rule.ignores else None
    return {tuple(rule.value): chosen}


def _samples(dialect: Dialect, rule: Rule, levels: Mapping[str, str], body: object) -> list[Told] | None:
    if not isinstance(body, dict):
        return None
    members = body.get("samples")
    samples: list[Any] = members if isinstance(members, list) and len(body) == 1 else [body]
    if not samples or not all(isinstance(each, dict) and isinstance(each.get("metrics"), dict) for each in samples):
        return None
    sender = rule.sender.fill(levels) or levels["topic"]
    told = []
    for each in samples[:MOST_ITEMS]:
        given = each.get("timestamp")
        at = _OWN_TIMES.read(given)
        if at is not None and at.tzinfo is None:
            at = None  # the hub's own body names its offset
        told.append(
            Told(
                sender,
                dialect.name,
                dialect.version,
                at,
                _flat(each["metrics"]),
                unread_time=given if at is None else None,
            )
        )
    return told


def _flat(named: Mapping[str, object]) -> dict[str, object]:
    """Members under the catalogue's own names, channels as `metric:channel`; nothing where there is null."""
    found: dict[str, object] = {}
    for name, given in named.items():
        if isinstance(given, dict) and given:
            found.update((f"{name}:{channel}", value) for channel, value in given.items() if value is not None)
        elif given is not None:
            found[name] = given
    return found


def _time(clock: Clock, given: object, received_at: datetime) -> tuple[datetime | None, object]:
    """The time, or what stands there and is none; neither where there is nothing, or a clock that was never set."""
    if given is None or (isinstance(given, str | int) and str(given).strip() in clock.nothing):
        return None, None
    at = clock.reader.read(given)
    if at is None:
        return None, given if isinstance(given, str | int | float) else str(given)[:LONGEST_VALUE]
    if at.replace(tzinfo=UTC) < received_at - _NEVER_SET:
        return None, None
    return at, None


def _facts(rule: Rule, levels: Mapping[str, str], body: object) -> dict[str, str]:
    found = {}
    for name, template in rule.facts.items():
        text = template.fill(levels, _found(template.paths, body))
        if text:
            found[name] = printable(text, _LONGEST_FACT)
    return found


def _found(paths: Sequence[str], body: object) -> dict[str, str]:
    texts = {}
    for path in paths:
        value = at_path(body, path.split("."))
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = printable(str(value)[:_LONGEST_FACT], _LONGEST_FACT)
            if text:
                texts[path] = text
    return texts
