"""The MQTT broker that runs beside a hub: where it listens, as whom it runs, and what people are told of it."""

import os
from pathlib import Path

from solarhub.cli.reach import Reach
from solarhub.config import Settings
from solarhub.kit.mosquitto import Broker, Listener
from solarhub.kit.postgres.account import ourselves, service_account


def broker_of(settings: Settings, way: Reach, data_dir: Path) -> Broker:
    """Not started yet. Beside a hub that serves TLS it does too, with the same certificate. Raises BrokerTrouble."""
    tls = None
    if way.serving is not None:
        certificate, key = way.serving.files
        tls = Listener(way.listener.getsockname()[0], settings.mqtt_tls_port, certificate, key)
    account = service_account() if os.geteuid() == 0 else ourselves()
    return Broker(data_dir / "mosquitto", account, host=settings.mqtt_host, port=settings.mqtt_port, tls=tls)


def told(settings: Settings, way: Reach) -> str:
    """Where devices publish, for whoever started the hub."""
    plain = f"{settings.mqtt_host} port {settings.mqtt_port}"
    if way.serving is None:
        return f"MQTT: {plain}. Devices of a network reach it over TLS: start the hub with --tls-local."
    return f"MQTT: port {settings.mqtt_tls_port} with TLS; {plain} without."
