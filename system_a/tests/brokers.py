"""Real brokers for tests, somebody who publishes there, and a wire between that can be meddled with."""

import asyncio
import contextlib
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from solarhub.drivers.mqtt import packets

OPEN = ("allow_anonymous true",)
SECONDS = 10.0


def mosquitto() -> str:
    """The program; CI fails without it, elsewhere the test is left out."""
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
    if found is None:
        import os  # noqa: PLC0415 - asked here alone

        if os.environ.get("CI"):
            pytest.fail("CI runs tests with mosquitto, and it is not here")
        pytest.skip("mosquitto is not installed")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Mosquitto:
    """One broker, which a test may stop, continue, kill and start again on the same port and folder."""

    folder: Path
    settings: Sequence[str] = OPEN
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o777)
        lines = [
            f"listener {self.port} 127.0.0.1" if not any(line.startswith("listener") for line in self.settings) else "",
            f"persistence_location {self.folder}/",
            "user root",  # as whoever runs the tests
            "max_inflight_messages 20000",
            "max_queued_messages 0",
            *self.settings,
        ]
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        with (self.folder / "mosquitto.log").open("ab") as log:
            command = [mosquitto(), "-c", str(self.folder / "mosquitto.conf")]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            assert self.process.poll() is None, (self.folder / "mosquitto.log").read_text()
            assert time.monotonic() < end
            time.sleep(0.01)

    def send(self, word: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(word)

    def end(self, word: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(word)
            self.process.wait(SECONDS)
            self.process = None


@contextmanager
def running_mosquitto(folder: Path, *settings: str, port: int | None = None) -> Iterator[Mosquitto]:
    broker = Mosquitto(folder, settings or OPEN, port or free_port())
    broker.start()
    try:
        yield broker
    finally:
        broker.end()


class Publisher:
    """A device's end, written here anew: nothing of the hub's client is in it. QoS 1 returns with the PUBACK."""

    def __init__(
        self, port: int, *, user: str | None = None, password: str | None = None, client_id: str = "", version: int = 4
    ) -> None:
        self._version = version
        self._number = 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
        parts = [client_id, *(each for each in (user, password) if each is not None)]
        body = b"\x00\x04MQTT" + bytes((version, flags)) + struct.pack("!H", 600) + (b"\x00" if version == 5 else b"")
        self._send(0x10, body + b"".join(map(packets.text, parts)))
        kind, answer = self._receive()
        assert kind == 0x20
        self.refused = answer[1]
        """0: the broker has taken us."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> int:
        """The reason in the PUBACK: 0 unless version 5 has one."""
        body = packets.text(topic)
        if qos:
            self._number = self._number % 65535 + 1
            body += struct.pack("!H", self._number)
        body += b"\x00" if self._version == 5 else b""
        self._send(0x30 | qos << 1 | retain, body + payload)
        if not qos:
            return 0
        kind, answer = self._receive()
        assert (kind, answer[:2]) == (0x40, struct.pack("!H", self._number))
        return answer[2] if len(answer) > 2 else 0

    def close(self) -> None:
        self._socket.close()

    def _send(self, first: int, body: bytes) -> None:
        self._socket.sendall(packets.packet(first, body))

    def _receive(self) -> tuple[int, bytes]:
        first, size = self._exactly(2)
        assert size < 128
        return first & 0xF0, self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            assert more, "the broker hung up"
            data += more
        return data


@contextmanager
def publisher(port: int, **options: Any) -> Iterator[Publisher]:
    made = Publisher(port, **options)
    try:
        yield made
    finally:
        made.close()


class Wire:
    """Between a client and a broker: what the client says may be swallowed, and every connection may be cut."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.swallows_acknowledgements = False
        self._to = port
        self._writers: set[asyncio.StreamWriter] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers |= {writer, back}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, back, acknowledging=True))
                group.create_task(self._pass(there, writer, acknowledging=False))
        except* OSError:
            pass
        finally:
            self._writers -= {writer, back}
            for each in (writer, back):
                each.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, acknowledging: bool) -> None:
        while data := await reader.read(65536):
            # the client writes acknowledgements by themselves, so that a read begins with one or holds none
            if acknowledging and self.swallows_acknowledgements and data[0] == 0x40:
                continue
            writer.write(data)
            await writer.drain()
        writer.close()

    def cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    wire = Wire(port)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        wire.cut()
        server.close()
        await server.wait_closed()
