"""Home Assistant's discovery: retained messages in which a device says what its other topics carry.

`<prefix>/<component>/[<node>/]<object>/config` describes one sensor, `<prefix>/device/<id>/config` a whole device. An
empty one takes it back. What is announced is remembered by connection, because it is needed to read what comes later.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from solarhub import metrics
from solarhub.drivers.dialects import units
from solarhub.drivers.dialects.announcements import Entity, Memory
from solarhub.drivers.dialects.document import Node
from solarhub.drivers.dialects.mapping import ABSENT, Availability, Field, number_of
from solarhub.drivers.dialects.told import Told, printable
from solarhub.drivers.dialects.topics import is_name
from solarhub.drivers.dialects.units import Scale
from solarhub.drivers.dialects.value_templates import NotUnderstood, ValueTemplate
from solarhub.metrics import UnknownMetric

MOST_ENTITIES = 20_000
"""What one connection may announce."""
_MOST_OF_ONE = 500
_LONGEST_SENDER = 200

_ABBREVIATIONS = {
    "avty": "availability",
    "avty_t": "availability_topic",
    "cmps": "components",
    "dev": "device",
    "dev_cla": "device_class",
    "obj_id": "object_id",
    "p": "platform",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "stat_cla": "state_class",
    "stat_t": "state_topic",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}
_OF_DEVICE = {
    "ids": "identifiers",
    "cns": "connections",
    "mf": "manufacturer",
    "mdl": "model",
    "sw": "sw_version",
    "sn": "serial_number",
}
_TOPICS = ("state_topic", "availability_topic")
_FACTS = {
    "name": "name",
    "manufacturer": "manufacturer",
    "model": "model",
    "sw_version": "firmware_version",
    "serial_number": "serial_number",
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """Which sensors are one series. All that is given must hold."""

    metric: str
    channel: str | None
    classes: frozenset[str]
    state_classes: frozenset[str]
    words: Sequence[frozenset[str]]
    """A word of each of these must be among its names, and none of `none_of`."""
    none_of: frozenset[str]
    numbered: tuple[str, ...]
    unit: str | None
    negated: bool


@dataclass(frozen=True, slots=True)
class Discovery:
    """The dialect of those that announce themselves."""

    name: str
    version: int
    title: str
    rank: int
    prefixes: frozenset[str]
    components: frozenset[str]
    nothing: frozenset[str]
    kinds: Sequence[_Kind]
    facts: Mapping[str, str]
    source: str = ""

    def announced(self, topic: str) -> bool:
        """Whether the topic is one in which something is announced."""
        levels = topic.split("/")
        return levels[0] in self.prefixes and levels[-1] == "config" and len(levels) in (4, 5)

    def read(self, topic: str, payload: bytes, memory: Memory) -> list[Told] | None:
        """None for a message that is neither an announcement nor announced."""
        if self.announced(topic):
            return self._learn(topic, payload, memory)
        if topic in memory.entities:
            return self._values(memory.entities[topic], payload, memory)
        if topic in memory.available:
            return self._availability(memory.available[topic], payload)
        return None

    # ------------------------------------------------------------------------------------------ what is announced

    def _learn(self, topic: str, payload: bytes, memory: Memory) -> list[Told]:
        taken_back = memory.forget(topic)
        nothing = [Told(topic, self.name, self.version, announces=True)] if taken_back else []
        body = _object(payload)
        if body is None:
            return nothing
        body = _spelled(body)
        sender, facts = self._device(topic, body)
        learnt = sum(
            self._one(topic, key, component, sender, memory)
            for key, component in islice(_components(topic, body), _MOST_OF_ONE)
        )
        if not learnt:
            return nothing
        memory.facts[sender] = {**memory.facts.get(sender, {}), **facts}
        return [Told(sender, self.name, self.version, facts=facts, announces=True)]

    def _device(self, topic: str, body: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        device = body.get("device")
        device = {_OF_DEVICE.get(key, key): value for key, value in device.items()} if isinstance(device, dict) else {}
        levels = topic.split("/")
        ids = device.get("identifiers") or device.get("connections")
        while isinstance(ids, list) and ids:
            ids = ids[-1] if isinstance(ids[0], str) and len(ids) == 2 and not device.get("identifiers") else ids[0]
        who = str(ids) if isinstance(ids, str | int) and str(ids) else levels[-2] if len(levels) < 5 else levels[-3]
        facts = dict(self.facts)
        for name, fact in _FACTS.items():
            if isinstance(device.get(name), str | int | float) and str(device[name]).strip():
                facts[fact] = printable(str(device[name])[:_LONGEST_SENDER], _LONGEST_SENDER)
        return printable(f"{levels[0]}/{who}", _LONGEST_SENDER), facts

    def _one(self, topic: str, key: str, component: Mapping[str, Any], sender: str, memory: Memory) -> bool:
        state = component.get("state_topic")
        if component.get("platform") not in self.components or not isinstance(state, str) or not state:
            return False
        entity = self._entity(topic, key, component, sender)
        if entity is None or memory.size >= MOST_ENTITIES:
            return False
        memory.learn(topic, state, entity)
        for where, words in _availability_topics(component):
            memory.available.setdefault(where, {})[topic] = (sender, words)
            memory.spoken_of[topic].add(where)
        return True

    def _entity(self, topic: str, key: str, component: Mapping[str, Any], sender: str) -> Entity | None:
        template = None
        if component.get("value_template") is not None:
            try:
                template = ValueTemplate(str(component["value_template"]))
            except NotUnderstood:
                return None
        words = _words_of(key, component)
        for number, kind in enumerate(self.kinds):
            found = _series(kind, component, words)
            if found is not None:
                series, scale = found
                rank = (number, f"{topic} {key}")
                return Entity(rank, sender, series, Field(kind.metric, None, scale, {}, self.nothing, ()), template)
        return None

    # ----------------------------------------------------------------------------------------------- what arrives

    def _values(self, announced: Mapping[str, Sequence[Entity]], payload: bytes, memory: Memory) -> list[Told]:
        text = payload.decode("utf-8", "replace").strip()
        body: object = None
        if text[:1] in ("{", "["):
            try:
                body = msgspec.json.decode(payload)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                body = None
        found: dict[str, dict[str, object]] = {}
        scattered = True
        for entity in (entity for each in announced.values() for entity in each):
            if not memory.speaks(entity):
                continue
            given = entity.template.of(text, body) if entity.template is not None else text
            if entity.template is not None and entity.template.wants_json:
                scattered = False
            if given is ABSENT or (isinstance(given, str) and given.strip().lower() in self.nothing):
                continue
            value = entity.field.value(given)
            if value is not ABSENT and (number_of(value) is not None or isinstance(value, str)):
                found.setdefault(entity.sender, {}).setdefault(entity.series, value)
        return [
            Told(
                sender, self.name, self.version, None, readings, facts=memory.facts.get(sender, {}), scattered=scattered
            )
            for sender, readings in found.items()
        ]

    def _availability(self, announced: Mapping[str, tuple[str, Availability]], payload: bytes) -> list[Told]:
        text = payload.decode("utf-8", "replace").strip()
        found = {sender: words.of(text) for sender, words in announced.values()}
        return [
            Told(sender, self.name, self.version, available=there)
            for sender, there in found.items()
            if there is not None
        ]


def _object(payload: bytes) -> dict[str, Any] | None:
    try:
        body = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _spelled(body: dict[str, Any]) -> dict[str, Any]:
    """Abbreviations written out, and the base of the topics put in."""
    found = {_ABBREVIATIONS.get(key, key): value for key, value in body.items()}
    base = body.get("~")
    if isinstance(base, str):
        for name in _TOPICS:
            topic = found.get(name)
            if isinstance(topic, str):
                found[name] = (
                    base + topic[1:] if topic.startswith("~") else topic[:-1] + base if topic.endswith("~") else topic
                )
    return found


def _components(topic: str, body: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The sensors of an announcement, each with what it shares with the others."""
    levels = topic.split("/")
    members = body.get("components")
    if levels[1] != "device":
        yield levels[-2], {**body, "platform": levels[1]}
        return
    if not isinstance(members, dict):
        return
    shared = {name: value for name, value in body.items() if name not in ("components", "device", "origin", "o")}
    for key, own in members.items():
        if isinstance(own, dict):
            yield str(key), {**shared, **_spelled({**({"~": body["~"]} if "~" in body else {}), **own})}


def _availability_topics(component: Mapping[str, Any]) -> Iterable[tuple[str, Availability]]:
    places = component.get("availability")
    found: list[Any] = [component] if "availability_topic" in component else []
    found += places if isinstance(places, list) else [places]
    for place in (_spelled(each) for each in found[:10] if isinstance(each, dict)):
        topic = place.get("availability_topic") or place.get("topic") or place.get("t")
        if isinstance(topic, str) and topic:
            words = [
                str(place.get(name) or default).lower()
                for name, default in (("payload_available", "online"), ("payload_not_available", "offline"))
            ]
            yield topic, Availability(frozenset(words[:1]), frozenset(words[1:]))


def _words_of(key: str, component: Mapping[str, Any]) -> list[str]:
    """What a sensor is called, in single lower-case words: `CH1 YieldDay` is ch1, yield, day."""
    names = [key, *(str(component.get(name) or "") for name in ("name", "object_id", "unique_id"))]
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", " ", " ".join(names)[:1000])
    return [word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word]


def _series(kind: _Kind, component: Mapping[str, Any], words: Sequence[str]) -> tuple[str, Scale] | None:
    told = frozenset(words)
    if (
        (kind.classes and component.get("device_class") not in kind.classes)
        or (kind.state_classes and component.get("state_class") not in kind.state_classes)
        or kind.none_of & told
        or not all(group & told for group in kind.words)
    ):
        return None
    channel = kind.channel
    if kind.numbered:
        number = _number_after(kind.numbered, words)
        if number is None or channel is None:
            return None
        channel = channel.replace("{n}", number)
    unit = component.get("unit_of_measurement") or kind.unit
    try:
        scale = units.scale(units.known(str(unit)), metrics.metric(kind.metric).unit, negated=kind.negated)
    except KeyError:
        return None
    return kind.metric if channel is None else f"{kind.metric}:{channel}", scale


def _number_after(names: Sequence[str], words: Sequence[str]) -> str | None:
    """`pv2` or `pv 2`: the number of an input, not zero."""
    for place, word in enumerate(words):
        for name in names:
            rest = word[len(name) :] if word.startswith(name) else None
            if rest == "" and place + 1 < len(words):
                rest = words[place + 1]
            if rest and rest.isdecimal() and len(rest) <= 3 and int(rest) > 0:
                return str(int(rest))
    return None


# ------------------------------------------------------------------------------------------------------- its file

_TOP = ("dialect", "version", "title", "source", "rank", "facts", "discovery")
_DISCOVERY = ("prefixes", "components", "nothing", "sensors")
_SENSOR = ("series", "class", "state_class", "words", "none", "numbered", "unit", "negate")


def discovery_of(node: Node) -> Discovery:
    """Raises WrongDialect."""
    top = node.members(_TOP, required=["dialect", "version", "title", "discovery"])
    if not is_name(top["dialect"].text()):
        raise top["dialect"].wrong("is no name", "a-z, 0-9 and underscore, beginning with a letter")
    members = top["discovery"].members(_DISCOVERY, required=["prefixes", "components", "sensors"])
    return Discovery(
        top["dialect"].text(),
        top["version"].whole(1, 1_000_000),
        top["title"].text(),
        top["rank"].whole(0, 1000) if "rank" in top else 60,
        frozenset(members["prefixes"].texts()),
        frozenset(members["components"].texts()),
        frozenset(text.lower() for text in members["nothing"].texts()) if "nothing" in members else frozenset(),
        tuple(_kind(each) for each in members["sensors"].parts()),
        {name: each.text() for name, each in top["facts"].members().items()} if "facts" in top else {},
        top["source"].text() if "source" in top else "",
    )


def _kind(node: Node) -> _Kind:
    members = node.members(_SENSOR, required=["series"])
    name, colon, channel = members["series"].text().partition(":")
    try:
        metric = metrics.metric(name)
    except UnknownMetric as error:
        raise members["series"].wrong(f"is unknown: {error}") from None
    if colon and not metrics.is_channel(channel.replace("{n}", "1")):
        raise members["series"].wrong("names no channel", "1 to 32 of a-z, 0-9 and underscore, and {n}")
    if ("{n}" in channel) != ("numbered" in members):
        raise node.wrong("needs both or neither", ["{n} in the channel", "numbered"])
    if "unit" in members:
        members["unit"].made(lambda unit: units.scale(unit, metric.unit), KeyError, units.convertible_to(metric.unit))

    def words(key: str) -> tuple[str, ...]:
        return tuple(text.lower() for text in members[key].texts()) if key in members else ()

    groups = []
    if "words" in members:
        given = members["words"]
        alike = isinstance(given.value, list) and all(isinstance(each, list) for each in given.value)
        groups = [frozenset(text.lower() for text in each.texts()) for each in (given.parts() if alike else [given])]
    return _Kind(
        metric.name,
        channel if colon else None,
        frozenset(words("class")),
        frozenset(words("state_class")),
        groups,
        frozenset(words("none")),
        words("numbered"),
        members["unit"].text() if "unit" in members else None,
        "negate" in members and members["negate"].flag(),
    )
