"""The client and a real mosquitto; what no mosquitto does is done by something that listens on its own."""

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from solarhub.drivers.mqtt import Address, Client, Message
from solarhub.drivers.mqtt.packets import V3, V5
from solarhub.kit.clock import now
from solarhub.kit.tls import Authority
from tests.brokers import Mosquitto, free_port, publisher, running_mosquitto, wire_to

LOCALHOST = "127.0.0.1"


class Inbox:
    """Keeps what comes; acknowledges what it is told to."""

    def __init__(self) -> None:
        self.received: list[tuple[int, Message]] = []

    def arrived(self, connection: int, messages: Sequence[Message]) -> None:
        self.received += [(connection, message) for message in messages]

    @property
    def payloads(self) -> list[bytes]:
        return [message.payload for _, message in self.received]

    def acknowledge(self, client: Client, count: int | None = None) -> None:
        for connection, message in self.received[:count]:
            client.acknowledge(connection, [message.packet_id])


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.005)


async def troubled(client: Client) -> None:
    await until(lambda: client.trouble)


@asynccontextmanager
async def running(client: Client) -> AsyncIterator[Client]:
    stop = asyncio.Event()
    task = asyncio.create_task(client.run(stop))
    try:
        yield client
    finally:
        stop.set()
        await task


@asynccontextmanager
async def listening(
    port: int, inbox: Inbox, *, filters: Sequence[str] = ("plants/#",), version: int | None = None, **options: Any
) -> AsyncIterator[Client]:
    versions = (version,) if version else (V5, V3)
    client = Client(Address(LOCALHOST, port), "hub-1", inbox, versions=versions, **options)
    client.want(filters)
    async with running(client):
        await until(lambda: client.is_connected)
        await asyncio.sleep(0.05)  # for the SUBSCRIBE on its way
        yield client


@pytest.fixture
def broker(tmp_path: Path) -> object:
    with running_mosquitto(tmp_path / "broker") as started:
        yield started


@pytest.mark.parametrize("version", [V3, V5])
async def test_what_is_published_comes_in_order_in_either_version(broker: Mosquitto, version: int) -> None:
    inbox = Inbox()
    async with listening(broker.port, inbox, version=version) as client:
        with publisher(broker.port) as device:
            for number in range(50):
                device.publish("plants/a", b"%d" % number, qos=number % 2)
            device.publish("elsewhere", b"not ours")
            device.publish("plants", b"the prefix itself")
        await until(lambda: len(inbox.received) == 51)

    assert client.version == version
    assert inbox.payloads == [*(b"%d" % number for number in range(50)), b"the prefix itself"]
    assert [bool(message.packet_id) for _, message in inbox.received[:4]] == [False, True, False, True]


@pytest.mark.parametrize("version", [V3, V5])
async def test_only_what_was_not_acknowledged_comes_again(broker: Mosquitto, version: int) -> None:
    first, second = Inbox(), Inbox()
    async with listening(broker.port, first, version=version) as client:
        with publisher(broker.port) as device:
            for number in range(10):
                device.publish("plants/a", b"%d" % number)
        await until(lambda: len(first.received) == 10)
        first.acknowledge(client, 4)
        await asyncio.sleep(0.05)
    with publisher(broker.port) as device:
        device.publish("plants/a", b"while it was away")
    async with listening(broker.port, second, version=version):
        await until(lambda: len(second.received) == 7)

    assert second.payloads == [*(b"%d" % number for number in range(4, 10)), b"while it was away"]
    assert [message.repeated for _, message in second.received] == [True] * 6 + [False]


async def test_acknowledgements_of_an_earlier_connection_are_not_sent_on_the_next(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with wire_to(broker.port) as wire, listening(wire.port, inbox) as client:
        with publisher(broker.port) as device:
            device.publish("plants/a", b"1")
        await until(lambda: len(inbox.received) == 1)
        wire.cut()
        await until(lambda: len(inbox.received) == 2)
        inbox.acknowledge(client, 1)
        await asyncio.sleep(0.05)
        wire.cut()
        await until(lambda: len(inbox.received) == 3)
        inbox.acknowledge(client)
        await asyncio.sleep(0.05)
        wire.cut()
        await until(lambda: client.is_connected)

    assert inbox.payloads == [b"1"] * 3
    assert [connection for connection, _ in inbox.received] == [1, 2, 3]


async def test_no_more_is_on_its_way_than_the_receive_maximum(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with listening(broker.port, inbox, receive_maximum=5) as client:
        with publisher(broker.port) as device:
            for number in range(12):
                device.publish("plants/a", b"%d" % number)
        await until(lambda: len(inbox.received) == 5)
        await asyncio.sleep(0.1)
        assert len(inbox.received) == 5
        inbox.acknowledge(client)
        await until(lambda: len(inbox.received) == 12)


async def test_subscriptions_follow_what_is_wanted(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with listening(broker.port, inbox) as client:
        client.want({"plants/a/#", "farms/#"})
        await asyncio.sleep(0.05)
        with publisher(broker.port) as device:
            for topic in ("plants/b", "plants/a/1", "farms/1"):
                device.publish(topic, topic.encode())
        await until(lambda: len(inbox.received) == 2)
        assert inbox.payloads == [b"plants/a/1", b"farms/1"]
        inbox.acknowledge(client)
    again = Inbox()
    async with listening(broker.port, again, filters=()) as client:
        client.give_up({"farms/#"})
        await asyncio.sleep(0.05)
        with publisher(broker.port) as device:
            device.publish("farms/1", b"nobody wants it")
            device.publish("plants/a", b"an earlier life did")
        await until(lambda: again.received)
    assert again.payloads == [b"an earlier life did"]


@pytest.mark.parametrize("version", [V3, V5])
async def test_what_the_broker_had_kept_is_told_apart(broker: Mosquitto, version: int) -> None:
    inbox = Inbox()
    with publisher(broker.port) as device:
        device.publish("plants/a", b"kept", retain=True)
        async with listening(broker.port, inbox, version=version):
            await until(lambda: len(inbox.received) == 1)
            device.publish("plants/a", b"new", retain=True)
            await until(lambda: len(inbox.received) == 2)

    assert [message.retained for _, message in inbox.received] == [True, False]


async def test_a_broker_that_stops_for_a_second_is_waited_for(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with listening(broker.port, inbox) as client:
        with publisher(broker.port) as device:
            broker.send(signal.SIGSTOP)
            await asyncio.sleep(1)
            broker.send(signal.SIGCONT)
            await asyncio.to_thread(device.publish, "plants/a", b"1")
        await until(lambda: inbox.received)
        assert client.trouble is None
    assert inbox.received[0][0] == 1, "the connection was the same"


async def test_one_that_stops_for_longer_is_given_up_and_found_again(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with listening(broker.port, inbox, keepalive_seconds=1) as client:
        broker.send(signal.SIGSTOP)
        await until(lambda: client.trouble)
        told = client.trouble
        assert told == f"MQTT broker 127.0.0.1:{broker.port}: the connection ended: it does not answer any more."
        broker.send(signal.SIGCONT)
        await until(lambda: client.is_connected)
        assert client.trouble is None
        with publisher(broker.port) as device:
            device.publish("plants/a", b"1")
        await until(lambda: inbox.received)


async def test_a_broker_that_was_killed_is_found_again_and_asked_anew(broker: Mosquitto) -> None:
    """Its session is gone: what it had acknowledged and not delivered is lost, and nothing else."""
    inbox = Inbox()
    async with listening(broker.port, inbox) as client:
        broker.end(signal.SIGKILL)
        await until(lambda: client.trouble)
        await asyncio.sleep(0.3)
        assert client.trouble == f"MQTT broker 127.0.0.1:{broker.port}: nothing listens at this address."
        broker.start()
        await until(lambda: client.is_connected)
        await asyncio.sleep(0.05)
        with publisher(broker.port) as device:
            device.publish("plants/a", b"1")
        await until(lambda: inbox.received)


async def test_a_broker_that_ended_in_order_keeps_the_session(tmp_path: Path) -> None:
    inbox = Inbox()
    with running_mosquitto(tmp_path / "broker", "allow_anonymous true", "persistence true") as broker:
        async with listening(broker.port, inbox):
            pass
        with publisher(broker.port) as device:
            device.publish("plants/a", b"before the end")
        broker.end()
        broker.start()
        async with listening(broker.port, inbox, filters=()):
            await until(lambda: inbox.received)
    assert inbox.payloads == [b"before the end"]


async def test_the_same_client_id_twice_is_told(broker: Mosquitto) -> None:
    first, second = Inbox(), Inbox()
    async with listening(broker.port, first) as one, listening(broker.port, second) as two:
        await until(lambda: "somebody else seems to use the client id hub-1" in f"{one.trouble}{two.trouble}")


async def test_the_same_client_id_is_suspected_where_nobody_says_it(broker: Mosquitto) -> None:
    first, second = Inbox(), Inbox()
    async with listening(broker.port, first, version=V3) as one, listening(broker.port, second, version=V3) as two:
        await until(lambda: "somebody else" in f"{one.trouble}{two.trouble}")


def tls_files(folder: Path, *, host: str = LOCALHOST, ago: timedelta = timedelta()) -> tuple[Path, Path, str]:
    """A certificate with its key, and the authority's certificate as text."""
    authority = Authority.new("test", [ip_address(LOCALHOST)], now() - ago)
    server = authority.issue([], [ip_address(host)], now() - ago)
    folder.mkdir(exist_ok=True)
    path = folder / "server.pem"
    path.write_bytes(server.pem)
    return path, path, authority.public_pem.decode()


async def test_tls_is_verified_with_an_authority_of_ones_own(tmp_path: Path) -> None:
    certificate, key, authority = tls_files(tmp_path / "tls")
    port = free_port()
    settings = (f"listener {port} 127.0.0.1", f"certfile {certificate}", f"keyfile {key}", "allow_anonymous true")
    with running_mosquitto(tmp_path / "broker", *settings, port=port):
        trusted = Client(Address(LOCALHOST, port, tls=True, ca_certificate=authority), "hub-1", Inbox())
        async with running(trusted):
            await until(lambda: trusted.is_connected)
        _, _, other = tls_files(tmp_path / "other")
        for ca in (other, None):
            wary = Client(Address(LOCALHOST, port, tls=True, ca_certificate=ca), "hub-1", Inbox())
            async with running(wary):
                await troubled(wary)
            assert f"MQTT broker 127.0.0.1:{port}: its certificate is not trusted" in str(wary.trouble)
        plain = Client(Address(LOCALHOST, port), "hub-1", Inbox())
        async with running(plain):
            await until(lambda: plain.trouble)


async def test_a_wrong_password_is_told_and_repaired(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    settings = ("allow_anonymous false", f"password_file {passwords}")
    with running_mosquitto(tmp_path / "broker", *settings) as broker:
        for version, why in ((V5, "it does not let this user in"), (V3, "it does not let this user in")):
            address = Address(LOCALHOST, broker.port, username="hub", password="wrong")
            client = Client(address, "hub-1", Inbox(), versions=(version,))
            async with running(client):
                await troubled(client)
            assert client.trouble == f"MQTT broker 127.0.0.1:{broker.port}: the broker refuses the hub: {why}."
            assert "wrong" not in repr(address)


async def test_a_filter_that_the_broker_refuses_is_told(tmp_path: Path) -> None:
    """mosquitto says it in version 5 alone, and of a filter that it cannot read; others say it of any."""

    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"\x20\x03\x00\x00\x00")
        asked = await reader.read(1000)
        writer.write(b"\x90\x05" + asked[2:4] + b"\x00\x87\x01")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(broker, LOCALHOST, 0)
    async with server:
        async with listening(server.sockets[0].getsockname()[1], Inbox(), filters=("a/#", "b/#")) as client:
            await until(lambda: client.refused_filters)
            assert client.refused_filters == {"a/#"}
        server.close()


@pytest.mark.parametrize("answer", [b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00", b""], ids=["3.1.1", "5", "hangs up"])
async def test_a_broker_of_the_time_before_version_5_is_spoken_to_as_it_speaks(answer: bytes) -> None:
    heard: list[int] = []

    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeting = await reader.read(1000)
        heard.append(greeting[8])
        writer.write(b"\x20\x02\x00\x00" if greeting[8] == V3 else answer)
        if greeting[8] == V3:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(broker, LOCALHOST, 0)
    async with server:
        client = Client(Address(LOCALHOST, server.sockets[0].getsockname()[1]), "hub-1", Inbox())
        async with running(client):
            await until(lambda: client.is_connected)
        assert heard == [V5, V3]
        server.close()


@pytest.mark.parametrize(
    "garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x01\x00", b"\x00" * 100, b"\x32\x02\x00\x05"]
)
async def test_what_is_no_broker_is_told_and_left_alone(garbage: bytes) -> None:
    async def server_of_something(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(garbage)
        with_patience = asyncio.timeout(5)
        async with with_patience:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(server_of_something, LOCALHOST, 0)
    async with server:
        client = Client(Address(LOCALHOST, server.sockets[0].getsockname()[1]), "hub-1", Inbox())
        async with running(client):
            await until(lambda: client.trouble)
        server.close()


async def test_an_address_that_is_forbidden_is_not_connected_to(broker: Mosquitto) -> None:
    asked: list[tuple[str, int]] = []

    def forbids(ip: str, port: int) -> str:
        asked.append((ip, port))
        return "it is forbidden here"

    client = Client(Address("localhost", broker.port), "hub-1", Inbox(), forbids=forbids)
    async with running(client):
        await until(lambda: client.trouble)

    assert client.trouble == f"MQTT broker localhost:{broker.port}: it is forbidden here."
    assert (LOCALHOST, broker.port) in asked


async def test_while_it_holds_nothing_is_read_and_nothing_is_lost(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with listening(broker.port, inbox) as client:
        client.hold()
        with publisher(broker.port) as device:
            for _ in range(20):
                device.publish("plants/a", b"x")
        await asyncio.sleep(0.1)
        assert inbox.received == []
        client.go_on()
        await until(lambda: len(inbox.received) == 20)


def test_only_addresses_of_this_machine_are_this_machine() -> None:
    told = {
        host: Address(host, 1883).is_this_machine for host in ("127.0.0.1", "localhost", "::1", "10.0.0.1", "b.lan")
    }

    assert told == {"127.0.0.1": True, "localhost": True, "::1": True, "10.0.0.1": False, "b.lan": False}


def test_an_authority_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ssl.SSLError):
        Address(
            "b.lan", 8883, tls=True, ca_certificate="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
        ).tls_context()
