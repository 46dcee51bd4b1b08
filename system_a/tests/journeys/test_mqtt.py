"""A hub with a broker of its own, killed while devices publish: what the broker has taken is stored, and stored once.

The broker ends in order with the hub, as `solarhub up` has it, and keeps on its disk what was not acknowledged.
"""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.brokers import free_port, mosquitto, publisher
from tests.conftest import temporary_data_dir
from tests.journeys.running_hub import RunningHub, running_hub

KILLS = 2
SECONDS = 60


class Device:
    """Publishes a sample every few milliseconds, and remembers those that the broker has taken."""

    def __init__(self, port: int, user: str, token: str, *, dated: bool) -> None:
        self.taken: list[int] = []
        self._place = (port, user, token)
        self._dated = dated
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(SECONDS)

    def _work(self) -> None:
        port, user, token = self._place
        began = round(time.time() * 1000) - 3_600_000
        number = 0
        while not self._stop.is_set():
            with (
                suppress(OSError, AssertionError),
                publisher(port, user=user, password=token, client_id=user) as broker,
            ):
                while not self._stop.is_set():
                    # a value that no other sample has: where it stands, and how often, tells all
                    number += 1
                    time_of_it = f'"timestamp": {began + number}, ' if self._dated else ""
                    payload = f'{{{time_of_it}"metrics": {{"energy_total": {number}}}}}'
                    broker.publish(f"solarhub/{user}/telemetry", payload.encode())
                    self.taken.append(number)
                    time.sleep(0.003)
            time.sleep(0.05)


def enter_devices(hub: RunningHub) -> dict[str, tuple[str, str]]:
    """Their ids and tokens, by name."""
    found = {}
    with httpx.Client(base_url=hub.url, headers={"Cookie": hub.person().headers["Cookie"]}) as client:
        (organization,) = client.get("/api/v1/organizations").json()["items"]
        path = f"/api/v1/organizations/{organization['id']}"
        place = {"name": "Roof", "latitude": 31.5, "longitude": 74.3, "timezone": "Asia/Karachi"}
        site = client.post(f"{path}/sites", json=place).raise_for_status().json()
        for name in ("Dated", "Undated"):
            wanted = {
                "site_id": site["id"],
                "name": name,
                "device_type": "inverter",
                "protocol": "http",
                "connection_config": {"push": True},
            }
            device = client.post(f"{path}/devices", json=wanted).raise_for_status().json()
            token = client.post(f"{path}/devices/{device['id']}/tokens").raise_for_status().json()["token"]
            found[name] = (device["id"], token)
    return found


@pytest.fixture
def port() -> int:
    mosquitto()
    return free_port()


def test_killing_the_hub_loses_and_doubles_nothing_that_its_broker_has_taken(port: int) -> None:
    chance = random.Random(1883)
    hub = RunningHub(temporary_data_dir(), options=("--mqtt", "--mqtt-port", str(port)))
    with running_hub(hub):
        ids = enter_devices(hub)
        devices = {name: Device(port, *place, dated=name == "Dated") for name, place in ids.items()}
        try:
            for _ in range(KILLS):
                already = min(len(device.taken) for device in devices.values())
                end = time.monotonic() + SECONDS
                while min(len(device.taken) for device in devices.values()) < already + 100:
                    assert time.monotonic() < end, hub.words()
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, 0.1))
                hub.kill()
                hub.start()
        finally:
            for device in devices.values():
                device.stop()
        taken = {(name, number) for name, device in devices.items() for number in device.taken}
        stored = stored_samples(hub)
        end = time.monotonic() + SECONDS
        while not taken <= stored.keys() and time.monotonic() < end:
            time.sleep(0.2)
            stored = stored_samples(hub)
    assert taken - stored.keys() == set(), "taken by the broker and lost"
    assert [sample for sample, times in stored.items() if times > 1] == [], "stored twice"
    assert len(taken) >= 200 * KILLS


def stored_samples(hub: RunningHub) -> Counter[tuple[object, int]]:
    rows = hub.fetch(
        "select d.name, s.readings[1] as number from telemetry_samples s join devices d using (device_key)"
    )
    return Counter((row["name"], int(str(row["number"]).partition(".")[0])) for row in rows)


def test_without_mosquitto_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    """As where nobody has installed it: the programs that are found are those of a PATH without it."""
    code = (
        "import shutil, sys; find = shutil.which;"
        " shutil.which = lambda name, *a, **k: None if name == 'mosquitto' else find(name, *a, **k);"
        " sys.argv = ['solarhub', 'up', '--mqtt', '--data-dir', sys.argv[1], '--port', sys.argv[2]];"
        " from solarhub.cli.main import app; app()"
    )
    data_dir = temporary_data_dir()
    done = subprocess.run(
        [sys.executable, "-c", code, str(data_dir), str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        cwd=tmp_path,
    )

    assert done.returncode == 1
    assert "apt install mosquitto" in done.stderr
