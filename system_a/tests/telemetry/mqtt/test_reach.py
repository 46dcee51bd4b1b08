import pytest

from solarhub.telemetry.mqtt.reach import Limits

LIMITS = Limits({("127.0.0.1", 5432), ("10.0.0.5", 5433)})


@pytest.mark.parametrize(
    ("ip", "port"), [("192.168.1.9", 1883), ("127.0.0.1", 1883), ("::1", 1883), ("8.8.8.8", 8883), ("10.0.0.5", 1883)]
)
def test_brokers_stand_in_private_networks_and_elsewhere(ip: str, port: int) -> None:
    assert LIMITS.forbids(ip, port) is None


@pytest.mark.parametrize(
    ("ip", "port"),
    [
        ("169.254.169.254", 80),
        ("::ffff:169.254.169.254", 80),
        ("fe80::1%eth0", 1883),
        ("224.0.0.1", 1883),
        ("0.0.0.0", 1883),  # noqa: S104 - nobody binds to it
        ("::", 1883),
        ("255.255.255.255", 1883),
        ("127.0.0.1", 5432),
        ("::ffff:127.0.0.1", 5432),
        ("10.0.0.5", 5433),
    ],
)
def test_some_addresses_are_no_brokers(ip: str, port: int) -> None:
    assert LIMITS.forbids(ip, port) is not None
