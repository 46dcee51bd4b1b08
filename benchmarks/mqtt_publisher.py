"""Publishes as many QoS-1 messages as a hub keeps up with: a process of its own, with its own encoder.

    python mqtt_publisher.py PORT DEVICES SECONDS OUTSTANDING

Each message is one device's sample of 12 values at an instant that no other message of that device has. No more than
OUTSTANDING messages are on their way to the hub at any time: what the broker has heard of PUBACKs is read from $SYS. A
line of JSON a second goes to standard output: what was published, and what the hub has acknowledged, since the start.
"""

import json
import random
import resource
import socket
import struct
import sys
import time

METRICS = (
    "power_output", "power_dc", "voltage_ac", "current_ac", "frequency", "voltage_dc", "current_dc",
    "temperature_inverter", "energy_total", "energy_today", "power_factor", "operating_state",
)  # fmt: skip
_AT_ONCE = 256
_RECEIVED = b"$SYS/broker/messages/received"
_PUBLISHED = b"$SYS/broker/publish/messages/received"


def payload_ends(count: int) -> list[bytes]:
    """What stands after the time: as an inverter writes it, no two alike."""
    chance = random.Random(20_261_123)
    ends = []
    for _ in range(count):
        power = chance.uniform(0.5, 50)
        values = (
            round(power, 3), round(power * 1.03, 3), round(chance.uniform(215, 245), 1), round(power / 0.69, 2),
            round(chance.uniform(49.8, 50.2), 2), round(chance.uniform(300, 820), 1), round(power / 0.6, 2),
            round(chance.uniform(18, 64), 1), round(chance.uniform(1e4, 3e5), 2), round(chance.uniform(0, 300), 2),
            round(chance.uniform(0.95, 1), 3), 4,
        )  # fmt: skip
        ends.append(json.dumps(dict(zip(METRICS, values, strict=True)), separators=(",", ":")).encode() + b"}")
    return ends


class Broker:
    """One connection, written by hand."""

    def __init__(self, port: int) -> None:
        self.acknowledged = 0
        self.received = self.published = 0
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self._socket.sendall(b"\x10\x16\x00\x04MQTT\x04\x02\x02\x58\x00\x0abenchmarks")
        if self._socket.recv(4) != b"\x20\x02\x00\x00":
            raise SystemExit("the broker does not take the publisher")
        body = b"\x00\x01" + b"".join(struct.pack("!H", len(name)) + name + b"\x00" for name in (_RECEIVED, _PUBLISHED))
        self._socket.sendall(b"\x82" + bytes((len(body),)) + body)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def listen(self, seconds: float) -> None:
        """Reads what there is, and waits for it no longer than that."""
        self._socket.settimeout(seconds)
        try:
            data = self._rest + self._socket.recv(1 << 18)
        except (TimeoutError, BlockingIOError):
            return
        finally:
            self._socket.settimeout(None)
        at, end = 0, len(data)
        while end - at >= 2:
            size = data[at + 1]
            if at + 2 + size > end:
                break
            if data[at] == 0x40:
                self.acknowledged += 1
            elif data[at] >> 4 == 3:
                topic_end = at + 4 + data[at + 3]
                number = int(data[topic_end : at + 2 + size])
                if data[at + 4 : topic_end] == _RECEIVED:
                    self.received = number
                else:
                    self.published = number
            at += 2 + size
        self._rest = data[at:]

    @property
    def hub_acknowledged(self) -> int:
        """All packets that are no PUBLISH: PUBACKs of the hub, but for a handful."""
        return max(self.received - self.published, 0)


def main() -> None:
    port, devices, seconds, outstanding = (int(word) for word in sys.argv[1:5])
    broker = Broker(port)
    ends = payload_ends(1021)
    heads = [struct.pack("!H", len(topic)) + topic for topic in (b"bench/%d" % number for number in range(devices))]
    first_at = int(time.time() * 1000) - 86_400_000
    began = told = time.monotonic()
    sent = device = turn = number = 0
    while (at := time.monotonic()) < began + seconds or broker.hub_acknowledged < sent:
        if at - told >= 1:
            told = at
            cpu = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            print(json.dumps({"at": at, "sent": sent, "acked": broker.hub_acknowledged, "cpu_s": cpu}), flush=True)
        if at > began + seconds + 30:
            break
        if at >= began + seconds or sent - broker.hub_acknowledged > outstanding or sent - broker.acknowledged > 8192:
            broker.listen(0.01)
            continue
        packets = []
        for _ in range(_AT_ONCE):
            number = number % 65_535 + 1
            payload = b'{"timestamp":%d,"metrics":' % (first_at + turn * 1000) + ends[(device * 7 + turn) % 1021]
            head = heads[device]
            size = len(head) + 2 + len(payload)
            packets.append(b"\x32" + bytes((size & 127 | 128, size >> 7)) + head + number.to_bytes(2, "big") + payload)
            device += 1
            if device == devices:
                device, turn = 0, turn + 1
        broker.send(b"".join(packets))
        sent += _AT_ONCE
        broker.listen(0)
    print(
        json.dumps({"at": time.monotonic(), "sent": sent, "acked": broker.hub_acknowledged, "cpu_s": 0.0}), flush=True
    )


if __name__ == "__main__":
    main()
