"""Messages as products send them -> what they say, by the dialects that are loaded."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from solarhub.drivers.dialects.announcements import Memory
from solarhub.drivers.dialects.announcing import Discovery
from solarhub.drivers.dialects.document import WrongDialect
from solarhub.drivers.dialects.loading import SHIPPED, load
from solarhub.drivers.dialects.mapping import Dialect
from solarhub.drivers.dialects.rules import Body, Match, by_rule, matched
from solarhub.drivers.dialects.told import Told
from solarhub.drivers.dialects.topics import LONGEST, stem

LARGEST_PAYLOAD = 1_000_000
"""Bytes; no product comes near."""
_REMEMBERED_TOPICS = 20_000


class Dialects:
    """All that are known, asked in the order of their rank."""

    def __init__(self, dialects: Iterable[Dialect | Discovery]) -> None:
        self._all = sorted(dialects, key=lambda each: each.rank)
        self._matches: dict[tuple[str, str | None], list[Match | Discovery]] = {}

    @classmethod
    def load(cls, directory: Path | None = None) -> "Dialects":
        """Those that come with the hub, and the operator's own, which stand in front of them and may replace one.

        Raises WrongDialect, which names the file and the place in it.
        """
        found: dict[str, Dialect | Discovery] = {}
        own: dict[str, Dialect | Discovery] = {}
        for path in sorted(SHIPPED.glob("*.yaml")):
            _put(found, load(path), path)
        if directory is not None:
            if not directory.is_dir():
                raise WrongDialect(f"{directory}: is no directory that can be read")
            for path in sorted(path for path in directory.iterdir() if path.suffix in (".yaml", ".yml")):
                _put(own, load(path), path)
        return cls([*own.values(), *(each for name, each in found.items() if name not in own)])

    def titles(self) -> dict[str, str]:
        """By the name of the dialect."""
        return {each.name: each.title for each in self._all}

    def versions(self) -> dict[str, int]:
        """By the name of the dialect: which mapping reads now."""
        return {each.name: each.version for each in self._all}

    def prefixed(self) -> frozenset[str]:
        """Those that say nothing of who sends: what lies under a device's own topic is that device's."""
        return frozenset(each.name for each in self._all if isinstance(each, Dialect) and each.prefix_level is not None)

    def announced(self, topic: str) -> bool:
        """Whether somebody says there what other topics carry."""
        return any(isinstance(each, Discovery) and each.announced(topic) for each in self._all)

    def remembering(self, announcements: Iterable[tuple[str, bytes]]) -> Memory:
        """As if these messages, topic and payload, had just come."""
        memory = Memory()
        for topic, payload in announcements:
            for each in self._all:
                if isinstance(each, Discovery) and each.announced(topic):
                    each.read(topic, payload, memory)
        return memory

    def read(
        self,
        topic: str,
        payload: bytes,
        received_at: datetime,
        prefix: str | None = None,
        *,
        memory: Memory | None = None,
        retained: bool = False,
    ) -> list[Told]:
        """What one message says. Nothing for one that is understood and says nothing that is kept.

        `prefix` is the `topic_prefix` of the device under which the topic lies, `memory` what its connection has
        announced. A value without a time that the broker had kept (`retained`) is of no known age, and left out.
        A message that nobody understands is told under the dialect "". Never raises.
        """
        if len(topic) > LONGEST or len(payload) > LARGEST_PAYLOAD:
            return [Told(stem(topic)[:LONGEST], "", 0)]
        body = Body(payload, received_at)
        for match in self._candidates(topic, prefix):
            if isinstance(match, Discovery):
                told = match.read(topic, payload, memory) if memory is not None else None
            else:
                told = by_rule(match, body, trusted=prefix is not None)
            if told is not None:
                return [each for each in told if _has_age(each)] if retained else told
        return [Told(stem(topic), "", 0)]

    def _candidates(self, topic: str, prefix: str | None) -> list[Match | Discovery]:
        found = self._matches.get((topic, prefix))
        if found is None:
            found = []
            for dialect in self._all:
                if isinstance(dialect, Discovery):
                    found.append(dialect)
                else:
                    found.extend(_matching(dialect, topic, prefix))
            if len(self._matches) >= _REMEMBERED_TOPICS:
                self._matches.clear()
            self._matches[topic, prefix] = found
        return found


def _put(found: dict[str, Dialect | Discovery], dialect: Dialect | Discovery, path: Path) -> None:
    if dialect.name in found:
        raise WrongDialect(f"{path.name}: dialect: {dialect.name!r} is the name of another file's dialect too")
    found[dialect.name] = dialect


def _matching(dialect: Dialect, topic: str, prefix: str | None) -> Iterable[Match]:
    for rule in dialect.rules:
        levels = rule.pattern.match(topic)
        if levels is None:
            continue
        if prefix is not None and dialect.prefix_level is not None:
            stands_for = levels[dialect.prefix_level]
            if stands_for != prefix and not (
                len(rule.pattern.names) == 1 and f"{stands_for}/".startswith(f"{prefix}/")
            ):
                continue
        yield matched(dialect, rule, levels)


def _has_age(told: Told) -> bool:
    return told.at is not None or told.unread_time is not None or not told.readings
