"""A process that sends samples as fast as it is answered: every instant of a device once, bodies nearly for free.

A body is put together of bytes that were encoded before and of the timestamps, so that what the sender costs is not
what is measured.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from math import pi, sin
from time import perf_counter, process_time
from typing import Self

METRICS = (
    "power_output", "power_dc", "voltage_ac", "current_ac", "frequency", "voltage_dc", "current_dc",
    "temperature_inverter", "energy_total", "energy_today", "power_factor", "operating_state",
)  # fmt: skip
"""Twelve, as a meter or an inverter reports them every minute."""

_RANGES = {
    "power_output": (0, 100, 3), "power_dc": (0, 105, 3), "voltage_ac": (225, 245, 1), "current_ac": (0, 150, 2),
    "frequency": (49.8, 50.2, 2), "voltage_dc": (550, 720, 1), "current_dc": (0, 180, 2),
    "temperature_inverter": (20, 70, 1), "energy_total": (100_000, 900_000, 2), "energy_today": (0, 600, 2),
    "power_factor": (0.9, 1, 3), "operating_state": (4, 4, 0),
}  # fmt: skip


@dataclass(frozen=True)
class Sending:
    """`kind`: gateway (a request is one instant of all of a gateway's devices) or device (many instants of one).

    `senders` are tokens, each with the names of its devices for a gateway. `start` counts seconds since 1970.
    """

    port: int
    kind: str
    senders: list[tuple[str, list[str]]]
    samples: int
    start: int
    step_seconds: int
    seconds: float
    connections: int
    requests_per_s: float = 0.0
    """In all; 0: each as soon as the one before is answered."""
    requests: int = 0
    """So many instead of so many seconds."""


@dataclass
class Sent:
    """What came of it; `waits` are milliseconds from a request to its answer."""

    requests: int = 0
    samples: int = 0
    stored: int = 0
    refused: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(**json.loads(text))


_LIGHT = frozenset({"power_output", "power_dc", "current_ac", "current_dc", "energy_today"})
"""What follows the sun."""
_HOURS = 24
_KINDS_OF_BODIES = 20


def light(hour: int) -> float:
    """How much of the noon's power there is at an hour of the day, from 0 to 1."""
    return max(0.0, sin(pi * (hour - 6) / 12))


def _metrics(chance: random.Random, hour: int) -> str:
    values = {
        name: round(chance.uniform(low, high) * (light(hour) if name in _LIGHT else 1.0), digits)
        for name, (low, high, digits) in _RANGES.items()
    }
    return json.dumps(values, separators=(",", ":"))


class _Template:
    """A body with a hole for each timestamp, which has ten digits for centuries."""

    def __init__(self, sending: Sending, devices: list[str], chance: random.Random, hour: int) -> None:
        if sending.kind == "gateway":
            parts = [
                f'{{"device":"{name}","samples":[{{"timestamp":@,"metrics":{_metrics(chance, hour)}}}]}}'
                for name in devices
            ]
            text = f'{{"devices":[{",".join(parts)}]}}'
            self.step = 0
        else:
            parts = [f'{{"timestamp":@,"metrics":{_metrics(chance, hour)}}}' for _ in range(sending.samples)]
            text = f'{{"samples":[{",".join(parts)}]}}'
            self.step = sending.step_seconds
        self.parts = text.encode().split(b"@")
        self.holes = len(self.parts) - 1
        self.length = len(text) + 9 * self.holes
        self.span = sending.step_seconds * (self.holes if self.step else 1)

    def filled(self, start: int) -> bytes:
        if not self.step:
            return str(start).encode().join(self.parts)
        stamps = [str(start + place * self.step).encode() for place in range(self.holes)]
        return b"".join([part for pair in zip(self.parts, stamps, strict=False) for part in pair]) + self.parts[-1]


async def send(sending: Sending) -> Sent:
    """Keeps every connection busy for so many seconds, or sends so many requests a second.

    Then a wait begins when the request was due, whether or not a connection was free.
    """
    bodies = _Bodies(sending)
    turns: Iterator[int] = count()
    sent = Sent()
    began, cpu = perf_counter(), process_time()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", sending.port)
        while perf_counter() - began < sending.seconds or sending.requests:
            turn = next(turns)
            if sending.requests and turn >= sending.requests:
                break
            at = perf_counter()
            if sending.requests_per_s:
                at = began + turn / sending.requests_per_s
                await asyncio.sleep(max(0.0, at - perf_counter()))
            round_, number = divmod(turn, len(sending.senders))
            token, _ = sending.senders[number]
            template = bodies.of(number, round_)
            body = template.filled(sending.start + round_ * template.span)
            writer.write(
                b"POST /api/v1/telemetry HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n" % (token.encode(), len(body))
            )
            writer.write(body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            answer = await reader.readexactly(length)
            sent.waits.append(1000 * (perf_counter() - at))
            sent.requests += 1
            if head.startswith(b"HTTP/1.1 200"):
                sent.samples += template.holes
                sent.stored += int(answer.partition(b'"stored":')[2].partition(b",")[0])
            else:
                sent.refused += 1
                await asyncio.sleep(0.2)
        writer.close()

    await asyncio.gather(*(one() for _ in range(sending.connections)))
    sent.seconds, sent.cpu_seconds = perf_counter() - began, process_time() - cpu
    return sent


class _Bodies:
    """Some bodies for each hour of the day; which sender gets which does not matter where names are the same."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._chance = random.Random(7)
        self._made: dict[tuple[tuple[str, ...], int, int], _Template] = {}

    def of(self, number: int, round_: int) -> _Template:
        sending = self._sending
        devices = sending.senders[number][1]
        # an hour of the day for each minute of sending: a short run sees a whole day's light
        hour = (sending.start // 60 + round_) % _HOURS
        key = (tuple(devices[:1]), number % _KINDS_OF_BODIES, hour)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = _Template(sending, devices, self._chance, hour)
        return found


def main() -> None:
    """What to send comes in by standard input, what came of it goes out by standard output."""
    wanted = json.loads(sys.stdin.read())
    wanted["senders"] = [(token, devices) for token, devices in wanted["senders"]]
    sys.stdout.write(json.dumps(asdict(asyncio.run(send(Sending(**wanted))))))


if __name__ == "__main__":
    main()
