from pathlib import Path

import pytest

from solarhub.kit import mosquitto
from solarhub.kit.mosquitto.configuration import Listener, configuration

USUAL = Path(mosquitto.__file__).with_name("mosquitto.conf").read_text("utf-8")
FOLDER = Path("/data/mosquitto")


def told(*listeners: Listener, memory_bytes: int = 64 * 2**30) -> list[str]:
    return configuration(USUAL, FOLDER, listeners or [Listener("127.0.0.1", 1883)], memory_bytes).splitlines()


def test_what_is_run_is_what_is_delivered_with_paths_and_listeners_of_this_machine() -> None:
    usual = [line for line in USUAL.splitlines() if line and not line.startswith(("#", "listener"))]
    changed = ("password_file", "acl_file", "persistence_location", "max_queued_bytes", "listener")

    assert [line for line in told() if not line.startswith(changed)] == [
        line for line in usual if not line.startswith(changed)
    ]
    assert "password_file /data/mosquitto/passwords" in told()
    assert "acl_file /data/mosquitto/acl" in told()
    assert "persistence_location /data/mosquitto/" in told()


def test_nobody_connects_without_a_password_in_what_is_delivered() -> None:
    lines = USUAL.splitlines()

    assert "allow_anonymous false" in lines
    assert [line for line in lines if line.startswith("listener")] == ["listener 1883 127.0.0.1"]
    assert any(line.startswith("acl_file") for line in lines)


def test_an_hour_of_the_largest_fleet_may_wait_where_there_is_memory_for_it() -> None:
    settings = dict(line.split(" ", 1) for line in told())

    assert settings["max_queued_messages"] == "0"
    assert int(settings["max_queued_bytes"]) >= 1_667 * 300 * 3600
    assert int(settings["max_inflight_messages"]) >= 2000
    assert (settings["persistence"], settings["autosave_interval"]) == ("true", "60")


@pytest.mark.parametrize(("memory", "queue"), [(2**30, 2**27), (2**40, 2_000_000_000)])
def test_a_small_machine_lets_less_wait(memory: int, queue: int) -> None:
    assert f"max_queued_bytes {queue}" in told(memory_bytes=memory)


def test_a_listener_with_a_certificate_speaks_tls() -> None:
    lines = told(Listener("127.0.0.1", 1883), Listener("192.0.2.1", 8883, Path("/c.crt"), Path("/c.key")))

    assert lines[-5:] == [
        "listener 1883 127.0.0.1",
        "listener 8883 192.0.2.1",
        "certfile /c.crt",
        "keyfile /c.key",
        "tls_version tlsv1.2",
    ]
