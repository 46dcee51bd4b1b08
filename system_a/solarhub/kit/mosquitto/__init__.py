"""mosquitto, the MQTT broker, under our supervision where this machine has it."""

from solarhub.kit.mosquitto.broker import NOT_INSTALLED, Broker, BrokerTrouble, find_mosquitto
from solarhub.kit.mosquitto.configuration import HUB, Listener

__all__ = ["HUB", "NOT_INSTALLED", "Broker", "BrokerTrouble", "Listener", "find_mosquitto"]
