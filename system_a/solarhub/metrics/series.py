"""A series is a metric, or one of its channels: `voltage_dc`, `voltage_dc:string3`."""

import re

_CHANNEL = re.compile(r"[a-z0-9_]{1,32}")

PHASES = ("l1", "l2", "l3")
LINES = ("l12", "l23", "l31")
INPUTS = ("mppt{n}", "string{n}")

MEANINGS = {
    "l1, l2, l3": "phase against neutral, or one phase's share",
    "l12, l23, l31": "between two phases",
    "mppt1, mppt2 …": "an inverter's DC inputs, one for each tracker",
    "string1, string2 …": "single strings of panels",
    "pack1, pack2 …": "batteries or modules of one bank",
    "cabinet, heatsink": "where inside the housing",
}
"""Channels that are usual, and what each stands for; any other that can be spelled is taken as well."""


def is_channel(text: str) -> bool:
    """Whether `text` can name an input of a device: 1 to 32 of a-z, 0-9 and underscore."""
    return _CHANNEL.fullmatch(text) is not None


def check_channel(text: str) -> str:
    """The channel itself; ValueError for one that cannot be spelled."""
    if not is_channel(text):
        raise ValueError("a channel is 1 to 32 of a-z, 0-9 and underscore")
    return text
