"""A client for MQTT 3.1.1 and 5 that acknowledges when it is told to, and stays connected."""

from solarhub.drivers.mqtt.address import Address
from solarhub.drivers.mqtt.client import SESSION_SECONDS, Client, Listener
from solarhub.drivers.mqtt.reading import Message

__all__ = ["SESSION_SECONDS", "Address", "Client", "Listener", "Message"]
