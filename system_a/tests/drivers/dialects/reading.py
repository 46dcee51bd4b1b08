"""Messages into the shipped mappings, and what they said, without what is the same of all."""

from datetime import UTC, datetime, timedelta

from solarhub.drivers.dialects import Dialects, Memory, Told

DIALECTS = Dialects.load()
AT = datetime(2026, 6, 21, 7, 0, tzinfo=UTC)


def read(
    topic: str, payload: bytes | str, *, prefix: str | None = None, memory: Memory | None = None, retained: bool = False
) -> list[Told]:
    body = payload if isinstance(payload, bytes) else payload.encode()
    return DIALECTS.read(topic, body, AT, prefix, memory=memory, retained=retained)


def one(topic: str, payload: bytes | str, *, prefix: str | None = None, memory: Memory | None = None) -> Told:
    (told,) = read(topic, payload, prefix=prefix, memory=memory)
    return told


def readings(topic: str, payload: bytes | str, *, memory: Memory | None = None) -> dict[str, object]:
    return dict(one(topic, payload, memory=memory).readings)


def seconds(count: float) -> datetime:
    return AT + timedelta(seconds=count)
