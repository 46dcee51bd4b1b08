"""mosquitto as the hub runs it."""

import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solarhub.drivers.mqtt import Address, Client
from solarhub.kit.mosquitto import HUB, NOT_INSTALLED, Broker, BrokerTrouble, Listener, find_mosquitto
from solarhub.kit.mosquitto.passwords import hashed
from solarhub.kit.postgres.account import Account, ourselves, service_account
from tests.brokers import free_port, mosquitto, publisher
from tests.drivers.mqtt.test_client import Inbox, running, tls_files, until

SECONDS = 15


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where whoever runs it can enter; a test's own folder is closed to other users."""
    mosquitto()
    made = Path(tempfile.mkdtemp(prefix="shub-"))
    made.chmod(0o755)
    yield made / "mosquitto"
    shutil.rmtree(made, ignore_errors=True)


def runner() -> Account:
    return service_account() if os.geteuid() == 0 else ourselves()


def broker(folder: Path, port: int | None = None, **options: Any) -> Broker:
    return Broker(folder, runner(), host="127.0.0.1", port=port or free_port(), **options)


def refused(port: int, user: str | None, password: str | None) -> bool:
    with publisher(port, user=user, password=password) as device:
        return device.refused != 0


def test_it_takes_the_hub_and_whoever_it_is_told_of(folder: Path) -> None:
    with broker(folder) as started:
        assert not refused(started.port, HUB, started.password)
        assert refused(started.port, HUB, HUB)
        assert refused(started.port, None, None)
        assert refused(started.port, "device", "swordfish")
        started.give_users({"device": hashed("swordfish")})
        end = time.monotonic() + SECONDS
        while refused(started.port, "device", "swordfish"):
            assert time.monotonic() < end
        started.give_users({})
        while not refused(started.port, "device", "swordfish"):
            assert time.monotonic() < end
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", started.port))


def test_its_files_are_for_whoever_runs_it_alone(folder: Path) -> None:
    with broker(folder) as started:
        owner = Path(f"/proc/{started.pid}").stat().st_uid if sys.platform == "linux" else os.geteuid()
        assert owner == runner().uid != 0 or os.geteuid() != 0
        for path in (folder, folder / "passwords", folder / "acl", folder / "tls"):
            found = path.stat()
            assert found.st_uid == runner().uid
            assert stat.S_IMODE(found.st_mode) & 0o077 == 0
        assert started.password not in (folder / "passwords").read_text()


def test_whoever_could_connect_before_can_at_once_after_a_new_start(folder: Path) -> None:
    with broker(folder) as first:
        first.give_users({"device": hashed("swordfish")})
    with broker(folder) as second:
        assert not refused(second.port, "device", "swordfish")
        assert refused(second.port, HUB, first.password), "the hub's password is another one each time"


def test_what_should_wait_for_the_hub_waits_also_when_users_change_while_it_is_away(folder: Path) -> None:
    """mosquitto 2.0 forgets what a single user may read, for a session that it has read from its disk, on a reload."""
    port = free_port()

    async def listen(started: Broker, seconds: float) -> list[bytes]:
        inbox = Inbox()
        client = Client(Address("127.0.0.1", port, username=HUB, password=started.password), "hub", inbox)
        client.want({"solarhub/#"})
        async with running(client):
            await until(lambda: client.is_connected)
            await asyncio.sleep(seconds)
        return inbox.payloads

    with broker(folder, port) as started:
        started.give_users({"device": hashed("swordfish")})
        asyncio.run(listen(started, 0.2))
    with broker(folder, port) as started:
        started.give_users({"device": hashed("swordfish"), "another": hashed("x")})
        end = time.monotonic() + SECONDS
        while refused(port, "another", "x"):
            assert time.monotonic() < end
        with publisher(port, user="device", password="swordfish") as device:
            device.publish("solarhub/device/telemetry", b"1")
            device.publish("solarhub/another/telemetry", b"of somebody else")
        assert asyncio.run(listen(started, 0.5)) == [b"1"]


async def test_it_is_started_again_when_it_has_ended(folder: Path) -> None:
    with broker(folder) as started:
        watching = asyncio.create_task(started.watch(every_seconds=0.05))
        before = started.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        async with asyncio.timeout(SECONDS):
            while started.pid in (None, before):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)
            while True:
                try:
                    assert not refused(started.port, HUB, started.password)
                    break
                except OSError:
                    await asyncio.sleep(0.02)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def test_a_renewed_certificate_is_shown_without_a_new_start(folder: Path, tmp_path: Path) -> None:
    certificate, key, _ = tls_files(tmp_path / "first")
    with broker(folder, tls=Listener("127.0.0.1", free_port(), certificate, key)) as started:
        assert (folder / "tls" / "server.crt").read_bytes() == certificate.read_bytes()
        assert stat.S_IMODE((folder / "tls" / "server.key").stat().st_mode) == 0o600
        assert not refused(started.port, HUB, started.password)


def test_a_port_that_is_in_use_is_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(BrokerTrouble, match=f"Something else listens on 127.0.0.1 port {port}"),
            broker(folder, port),
        ):
            pass


def test_where_there_is_none_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    ask = "from solarhub.kit.mosquitto import broker, find_mosquitto; find_mosquitto()"
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            ask.replace("find_mosquitto()", "broker.shutil.which = lambda *_, **__: None; find_mosquitto()"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": str(tmp_path)},
    )

    assert NOT_INSTALLED in told.stderr
    assert "apt install mosquitto" in NOT_INSTALLED


def test_one_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mosquitto"
    program.write_text("#!/bin/sh\necho mosquitto version 1.5.7\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BrokerTrouble, match="older than mosquitto 2"):
        find_mosquitto()
