"""What was last heard of each device: its status, `last_seen_at`, and the rows of device_state."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from solarhub.devices.vocabulary import DeviceStatus

from benchmarks.fleet import Fleet
from benchmarks.people import Row

STATE_COLUMNS = (
    "device_id", "organization_id", "device_key", "last_sample_at", "last_received_at", "judged_until", "latest",
)  # fmt: skip

SERIES = {"power_output": 41.2, "energy_total": 81_223.4, "energy_today": 112.9, "voltage_ac": 231.0, "frequency": 50.0,
          "voltage_dc:string1": 612.0, "voltage_dc:string2": 608.5, "temperature_inverter": 48.1}  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """By device: its status, and how many seconds ago it was heard; `seen` is what the roll-forward has written of it.

    Nine in ten are online and report every minute; one in 200 of those has just fallen silent. The roll-forward lags
    behind by up to five minutes.
    """

    status: list[str]
    received: list[float]
    seen: list[float]

    @classmethod
    def of(cls, fleet: Fleet) -> Self:
        rng = np.random.default_rng(6)
        count = fleet.size.devices
        status = rng.choice(list(DeviceStatus), count, p=(0.9, 0.06, 0.02, 0.01, 0.01))
        here = np.isin(status, (DeviceStatus.ONLINE, DeviceStatus.ERROR)) & (rng.random(count) > 0.005)
        online = status == DeviceStatus.ONLINE
        silent = np.where(online, rng.uniform(600, 3600, count), rng.exponential(12 * 86_400, count) + 600)
        received = np.where(here, rng.uniform(0, 60, count), silent)
        seen = received + np.where(here, rng.uniform(0, 300, count), 0)
        return cls(status.tolist(), received.tolist(), seen.tolist())


def states(fleet: Fleet) -> Iterator[Row]:
    """One row for each device, its key counted as the database counts in an empty table: from 1."""
    heard = Heard.of(fleet)
    for device, site in enumerate(fleet.device_site.tolist()):
        known = heard.status[device] != DeviceStatus.UNKNOWN
        at = fleet.at(heard.received[device]) if known else None
        latest = {series: {"at": at.isoformat(), "value": value} for series, value in SERIES.items()} if at else {}
        yield (
            fleet.ids.devices[device], fleet.ids.organizations[fleet.site_organization[site]], device + 1, at, at, at,
            json.dumps(latest),
        )  # fmt: skip
