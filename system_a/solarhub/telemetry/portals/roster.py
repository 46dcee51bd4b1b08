"""Who may be meant by a name in a file: a serial number, a name, or an id of the plants that were asked about. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from solarhub.telemetry.sample import shown


class Device(NamedTuple):
    """A device that rows may belong to. `zone` is its plant's; `rated_kw` as its type plate says."""

    id: UUID
    key: int
    name: str
    serial_number: str | None
    site_id: UUID
    site: str
    zone: str
    rated_kw: float | None
    interval_seconds: float


class Roster:
    """Finds devices by what a portal calls them; `aliases`: what else somebody is called in this file."""

    def __init__(self, devices: Iterable[Device], aliases: Mapping[str, Device] | None = None) -> None:
        self.devices = list(devices)
        self._aliases = {_plain(name): device for name, device in (aliases or {}).items()}
        self._by_serial = {_plain(each.serial_number): each for each in self.devices if each.serial_number}
        self._by_id = {str(each.id): each for each in self.devices}
        self._by_name: dict[str, list[Device]] = {}
        for each in self.devices:
            self._by_name.setdefault(_plain(each.name), []).append(each)

    def find(self, name: str, pattern: str | None = None) -> Device | str:
        """The one, or a sentence why there is none. `pattern` takes the device's part out of a longer text."""
        wanted = name
        if pattern is not None and (found := re.search(pattern, name)) is not None:
            wanted = found[1] if found.groups() else found[0]
        for each in dict.fromkeys((_plain(name), _plain(wanted))):
            one = self._aliases.get(each) or self._by_serial.get(each) or self._by_id.get(each)
            if one is not None:
                return one
            several = self._by_name.get(each, [])
            if len(several) == 1:
                return several[0]
            if several:
                sites = ", ".join(sorted(device.site for device in several)[:5])
                return f"{shown(wanted)} is the name of several devices, at {sites}: name the plant"
        return f"no device here has the serial number or name {shown(wanted)}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
