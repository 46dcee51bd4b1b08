"""From a dialect's file to a dialect that can be read with. What is wrong with a file is told with its place."""

from collections.abc import Mapping
from pathlib import Path

from solarhub.drivers.dialects.announcing import Discovery, discovery_of
from solarhub.drivers.dialects.document import Node
from solarhub.drivers.dialects.fields import (
    availability_of,
    clock_of,
    field_of,
    path_of,
    switch_of,
    template_of,
)
from solarhub.drivers.dialects.mapping import Dialect, Field, Payload, Rule
from solarhub.drivers.dialects.told import FACTS
from solarhub.drivers.dialects.topics import WHOLE, Pattern, Template, WrongPattern, is_name, valid_shape

SHIPPED = Path(__file__).parent / "shipped"
RANK = 50

_TOP = ("dialect", "version", "title", "source", "rank", "parts", "sender", "nothing", "facts", "prefixed", "topics")
_ANY = ("topic", "payload", "sender", "facts", "ignore")
KEYS_OF_PAYLOAD: Mapping[Payload, tuple[str, ...]] = {
    Payload.VALUE: (*_ANY, "by", "read", "reads", "ignores", "others", "time", "fact", "available", "burst"),
    Payload.JSON: (
        *_ANY,
        "requires",
        "items",
        "items_named",
        "named",
        "value",
        "by",
        "reads",
        "ignores",
        "others",
        "time",
        "historical",
        "burst",
        "empty",
    ),
    Payload.SAMPLES: _ANY,
}
ITEM = "item"
"""The level that names a member where the payload is an object of items."""


def load(path: Path) -> Dialect | Discovery:
    """Raises WrongDialect."""
    node = Node.read(path)
    if isinstance(node.value, dict) and "discovery" in node.value:
        return discovery_of(node)
    return _Reader(node).dialect()


class _Reader:
    """One file."""

    def __init__(self, node: Node) -> None:
        self._members = node.members(_TOP, required=["dialect", "version", "title", "topics"])
        self._name = self._members["dialect"]
        if not is_name(self._name.text()):
            raise self._name.wrong("is no name", "a-z, 0-9 and underscore, beginning with a letter")
        self._shapes = self._parts()
        self._nothing = (
            frozenset(text.strip() for text in self._members["nothing"].texts())
            if "nothing" in self._members
            else frozenset()
        )

    def dialect(self) -> Dialect:
        members = self._members
        rules = tuple(self._rule(node) for node in members["topics"].parts())
        prefixed = members.get("prefixed")
        if prefixed is not None:
            for rule in rules:
                if prefixed.text() not in rule.pattern.names:
                    raise prefixed.wrong("is no level of every topic here", rule.pattern.names)
        return Dialect(
            self._name.text(),
            members["version"].whole(1, 1_000_000),
            members["title"].text(),
            members["rank"].whole(0, 1000) if "rank" in members else RANK,
            rules,
            prefixed.text() if prefixed is not None else None,
            members["source"].text() if "source" in members else "",
        )

    def _parts(self) -> dict[str, str]:
        if "parts" not in self._members:
            return {}
        for node in self._members["parts"].members().values():
            node.made(valid_shape, WrongPattern)
        return {name: node.text() for name, node in self._members["parts"].members().items()}

    def _rule(self, node: Node) -> Rule:
        kinds = [each.value for each in Payload]
        written = node.members(required=["topic"]).get("payload")
        payload = written.made(Payload, ValueError, kinds) if written else Payload.VALUE
        members = node.members(KEYS_OF_PAYLOAD[payload], required=["topic"])
        pattern = members["topic"].made(lambda text: Pattern(text, self._shapes), WrongPattern)
        levels = {WHOLE, *pattern.names, *([ITEM] if "items_named" in members else [])}
        in_json = payload is Payload.JSON
        by_path = in_json and "by" not in members
        if "ignore" in members and members["ignore"].flag():
            return Rule(pattern, payload, Template(f"{{{WHOLE}}}"), silent=True)
        sender = members.get("sender") or self._members.get("sender")
        if sender is None:
            raise node.wrong("has no sender, and neither has the file", "sender: text with the names of levels in it")
        rule = Rule(
            pattern,
            payload,
            template_of(sender, levels, with_payload=in_json),
            by=self._by(members, pattern),
            fields=self._fields(members, levels, by_path=by_path),
            ignores=frozenset(path_of(part) if by_path else (part.text(),) for part in members["ignores"].parts())
            if "ignores" in members
            else frozenset(),
            others_ignored="others" in members and members["others"].made(_ignore, ValueError, ["ignore"]),
            requires=tuple(path_of(part) for part in members["requires"].parts()) if "requires" in members else (),
            items=path_of(members.get("items") or members["items_named"])
            if {"items", "items_named"} & members.keys()
            else None,
            items_are_named="items_named" in members,
            named=path_of(members["named"]) if "named" in members else None,
            clock=clock_of(members["time"], in_json=in_json) if "time" in members else None,
            historical=switch_of(members["historical"]) if "historical" in members else None,
            facts=self._facts(members.get("facts"), levels, with_payload=in_json),
            fact=members["fact"].made(_fact, ValueError, FACTS) if "fact" in members else None,
            availability=availability_of(members["available"]) if "available" in members else None,
            value=self._value(members) if in_json else None,
            empty_is_gone="empty" in members and members["empty"].made(_offline, ValueError, ["offline"]),
            scattered="burst" in members and members["burst"].flag(),
        )
        if not (
            rule.fields or rule.named is not None or rule.clock or rule.fact or rule.availability or rule.facts
        ) and (payload is not Payload.SAMPLES):
            raise node.wrong(
                "takes nothing from its messages", ["read", "reads", "named", "fact", "available", "ignore: true"]
            )
        return rule

    def _value(self, members: Mapping[str, Node]) -> tuple[str, ...] | None:
        if ("value" in members) != ("by" in members):
            lone = members.get("value") or members["by"]
            raise lone.wrong("needs the other of the two", ["by", "value"])
        return path_of(members["value"]) if "value" in members else None

    def _by(self, members: Mapping[str, Node], pattern: Pattern) -> str | None:
        by = members.get("by")
        if by is not None and by.text() not in pattern.names:
            raise by.wrong("is no level of the topic", pattern.names)
        if by is not None and "reads" not in members:
            raise by.wrong("chooses among `reads`, which are missing")
        return by.text() if by is not None else None

    def _fields(
        self, members: Mapping[str, Node], levels: set[str], *, by_path: bool
    ) -> dict[tuple[str, ...], list[Field]]:
        fields: dict[tuple[str, ...], list[Field]] = {}
        if "read" in members:
            fields[()] = [field_of(part, levels, self._nothing) for part in members["read"].parts()]
        if "reads" in members:
            if not by_path and "by" not in members:
                raise members["reads"].wrong("needs `by`, the level that chooses among them")
            for name, node in members["reads"].members().items():
                key = path_of(Node(node.file, node.place, name)) if by_path else (name,)
                fields[key] = [field_of(part, levels, self._nothing) for part in node.parts()]
        return fields

    def _facts(self, own: Node | None, levels: set[str], *, with_payload: bool) -> dict[str, Template]:
        """The rule's own before those of the file, of which only what the topic can fill holds."""
        facts = {}
        common = self._members.get("facts")
        if common is not None:
            for name, node in common.members(FACTS).items():
                template = Template(node.text())
                if template.names <= levels and not template.paths:
                    facts[name] = template
        if own is not None:
            for name, node in own.members(FACTS).items():
                facts[name] = template_of(node, levels, with_payload=with_payload)
        return facts


def _ignore(text: str) -> bool:
    if text != "ignore":
        raise ValueError
    return True


def _offline(text: str) -> bool:
    if text != "offline":
        raise ValueError
    return True


def _fact(text: str) -> str:
    if text not in FACTS:
        raise ValueError
    return text
