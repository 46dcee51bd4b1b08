"""What those have announced who describe themselves: remembered by connection, and needed to read what comes later."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from solarhub.drivers.dialects.mapping import Availability, Field
from solarhub.drivers.dialects.value_templates import ValueTemplate


@dataclass(frozen=True, slots=True)
class Entity:
    """One sensor that was announced and can be read; the least `rank` speaks where several tell one series."""

    rank: tuple[int, str]
    sender: str
    series: str
    field: Field
    template: ValueTemplate | None


@dataclass(slots=True)
class Memory:
    """What one connection has announced, by the topic that announced it and by the topics that it spoke of."""

    entities: dict[str, dict[str, list[Entity]]] = field(default_factory=dict)
    """State topic -> configuration topic -> sensors."""
    available: dict[str, dict[str, tuple[str, Availability]]] = field(default_factory=dict)
    """Availability topic -> configuration topic -> sender, and the words that it uses."""
    facts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """By sender."""
    spoken_of: dict[str, set[str]] = field(default_factory=dict)
    """Configuration topic -> the topics that it spoke of."""
    tellers: dict[tuple[str, str], set[tuple[int, str]]] = field(default_factory=dict)
    """Sender and series -> the ranks of the sensors that tell it."""
    size: int = 0

    def topics(self) -> list[str]:
        """Where announced values and availability arrive."""
        return sorted({*self.entities, *self.available})

    def learn(self, config_topic: str, state_topic: str, entity: Entity) -> None:
        """One sensor more."""
        self.entities.setdefault(state_topic, {}).setdefault(config_topic, []).append(entity)
        self.tellers.setdefault((entity.sender, entity.series), set()).add(entity.rank)
        self.spoken_of.setdefault(config_topic, set()).add(state_topic)
        self.size += 1

    def speaks(self, entity: Entity) -> bool:
        """Whether its value counts: of several sensors for one series the same one, whatever came first."""
        return entity.rank == min(self.tellers[entity.sender, entity.series])

    def forget(self, config_topic: str) -> bool:
        """What that message had announced; whether it had announced anything."""
        spoken_of = self.spoken_of.pop(config_topic, None)
        for topic in spoken_of or ():
            for entity in self.entities.get(topic, {}).pop(config_topic, ()):
                self.size -= 1
                self.tellers[entity.sender, entity.series].discard(entity.rank)
            self.available.get(topic, {}).pop(config_topic, None)
            if not self.entities.get(topic, True):
                del self.entities[topic]
            if not self.available.get(topic, True):
                del self.available[topic]
        return spoken_of is not None
