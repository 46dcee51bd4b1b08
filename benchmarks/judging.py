"""`python -m benchmarks.judging`: what judging costs, row by row, without a database.

10,000 rules over 100,000 devices; a share of the rules watches a whole organization, the others one plant each. A quiet
noon, a dusk in which the light leaves one plant after the other, and a night. What is written of it is measured with
everything else by `make bench`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import process_time

import numpy as np
import typer
from rich.console import Console
from rich.table import Table
from solarhub.alerts.compiled import CompiledRule, WatchedDevice, compile_rule, target_of
from solarhub.alerts.condition import Condition
from solarhub.alerts.judging import Changes, Judgement, Rows
from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.alerts.watch import Watch
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.ids import uuid7
from solarhub.sites.sunlight import elevations_deg
from solarhub.telemetry.batch import microseconds

SERIES = (
    "current_ac", "current_dc", "energy_today", "energy_total", "frequency", "operating_state", "power_dc",
    "power_output", "power_reactive", "temperature_inverter", "voltage_ac", "voltage_dc",
)  # fmt: skip
POWER, FREQUENCY, TEMPERATURE, VOLTAGE = (
    SERIES.index(name) for name in ("power_output", "frequency", "temperature_inverter", "voltage_ac")
)
NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)
RATED_KW = 10.0
ORGANIZATIONS, SITES_EACH, DEVICES_EACH, RULES_EACH = 1_000, 10, 10, 10
BATCH = 10_000


@dataclass(slots=True)
class Spent:
    """Of some minutes of the whole fleet; `seconds` of one core."""

    name: str
    minutes: int = 0
    rows: int = 0
    seconds: float = 0.0
    values: int = 0
    by_hand: int = 0
    moved: int = 0
    opened: int = 0

    def add(self, rows: int, seconds: float, changes: Changes) -> None:
        self.rows += rows
        self.seconds += seconds
        self.values += changes.values
        self.by_hand += changes.by_hand
        self.moved += len(changes.states)
        self.opened += len(changes.opened)

    def told(self) -> list[str]:
        return [
            self.name,
            str(self.minutes),
            f"{self.seconds / self.rows * 1e6:.3f}",
            f"{self.seconds / max(self.values, 1) * 1e6:.3f}",
            f"{1 - self.by_hand / max(self.values, 1):.3%}",
            f"{self.rows / self.seconds / 1e6:.2f}",
            f"{self.moved / self.minutes:,.0f}",
            f"{self.opened / self.minutes:,.0f}",
        ]


class Fleet:
    """All of Pakistan's sun over it: plants from Karachi to Gilgit."""

    def __init__(self, organization_wide: float, seed: int = 4) -> None:
        self._random = np.random.default_rng(seed)
        self.watch = Watch()
        self._latitudes: list[float] = []
        self._longitudes: list[float] = []
        self._is_inverter: list[bool] = []
        rules: list[CompiledRule] = []
        devices: list[WatchedDevice] = []
        for _ in range(ORGANIZATIONS):
            organization, sites = uuid7(), [uuid7() for _ in range(SITES_EACH)]
            for site in sites:
                place = float(self._random.uniform(24.8, 36.0)), float(self._random.uniform(66.0, 75.0))
                target = target_of(interval_seconds=60, latitude=place[0], longitude=place[1])
                for number in range(DEVICES_EACH):
                    kind = DeviceType.INVERTER if number < 7 else DeviceType.METER
                    key = len(devices) + 1
                    devices.append(WatchedDevice(key, uuid7(), organization, site, f"Device {key}", kind, target))
                    self._latitudes.append(place[0])
                    self._longitudes.append(place[1])
                    self._is_inverter.append(kind is DeviceType.INVERTER)
            for number in range(RULES_EACH):
                wide = self._random.random() < organization_wide
                site_id = None if wide else sites[self._random.integers(SITES_EACH)]
                compiled = compile_rule(
                    id=uuid7(), version=1, organization_id=organization, site_id=site_id,
                    severity=AlertSeverity.WARNING, condition=_condition(number), cooldown_minutes=30,
                    auto_resolve=True,
                )  # fmt: skip
                if compiled is not None:
                    rules.append(compiled)
        began = process_time()
        self.watch.update_rules(rules)
        self.watch.place(devices)
        self.seconds_to_build = process_time() - began
        self._keys = np.arange(1, len(devices) + 1, dtype=np.int32)
        self._places = np.array(self._latitudes), np.array(self._longitudes)
        self._inverters = np.array(self._is_inverter)

    def minute(self, at: datetime) -> Iterator[Rows]:
        """What the whole fleet reports in a minute, in the order in which it happens to come, batch by batch."""
        count = len(self._keys)
        taken = microseconds(at) + self._random.integers(0, 60 * 10**6, count)
        sun = np.clip(np.sin(np.radians(elevations_deg(taken, *self._places))), 0, 1)
        power = np.where(self._inverters, RATED_KW * sun, 1.0) * self._random.uniform(0.9, 1.0, count)
        order = self._random.permutation(count)
        for first in range(0, count, BATCH):
            some = order[first : first + BATCH]
            readings = self._random.uniform(1.0, 2.0, (len(some), len(SERIES)))
            readings[:, POWER] = power[some]
            readings[:, FREQUENCY] = 50.0 + self._random.normal(0, 0.05, len(some))
            readings[:, TEMPERATURE] = 25 + 40 * sun[some]
            readings[:, VOLTAGE] = 230 + self._random.normal(0, 2.0, len(some))
            yield Rows(SERIES, self.watch.slots_of(self._keys[some]), taken[some], None, readings)


def _condition(number: int) -> Condition:
    """Of ten kinds; the first three breach all over the fleet as the light goes."""
    metric, operator, threshold, seconds, when = [
        ("power_output", "lt", 1.0, 300, "always"),
        ("power_output", "lt", 1.0, 300, "daylight"),
        ("power_output", "lte", 0.0, 900, "always"),
        ("frequency", "lt", 49.5, 60, "always"),
        ("frequency", "gt", 50.5, 60, "always"),
        ("voltage_ac", "gt", 250.0, 120, "always"),
        ("voltage_ac", "lt", 200.0, 120, "always"),
        ("temperature_inverter", "gt", 75.0, 600, "always"),
        ("operating_state", "eq", 7.0, 0, "always"),
        ("energy_today", "lt", 0.0, 0, "daylight"),
    ][number % 10]
    return Condition.model_validate(
        {
            "metric": metric, "operator": operator, "threshold": threshold, "duration_seconds": seconds, "when": when,
            "device_type": "inverter",
        }
    )  # fmt: skip


def judge(fleet: Fleet, name: str, begins: datetime, minutes: int) -> Spent:
    """Some minutes of the whole fleet; only judging is timed."""
    spent = Spent(name, minutes)
    for number in range(minutes):
        for rows in fleet.minute(begins + timedelta(minutes=number)):
            began = process_time()
            judgement = Judgement(fleet.watch, [rows])
            for _ in judgement.step_by_step():
                pass
            spent.add(len(rows.at), process_time() - began, judgement.changes)
    return spent


def main(dusk_minutes: int = 150) -> None:
    """Prints the table. A dusk of 150 minutes takes a minute to make up and judge."""
    console = Console()
    if not console.is_terminal:
        console.width = 140
    for organization_wide in (0.1, 1.0):
        fleet = Fleet(organization_wide)
        table = Table(
            title=f"{len(fleet.watch.book.rules):,} rules, {organization_wide:.0%} of them for a whole organization;"
            f" {len(fleet.watch.devices):,} devices; {fleet.watch.pairs.used:,} pairs,"
            f" laid out in {fleet.seconds_to_build:.2f} s"
        )
        for head in ("", "minutes", "us/row", "us/value", "settled in columns", "M rows/s", "moved/min", "fired/min"):
            table.add_column(head, justify="right" if head else "left")
        judge(fleet, "first looks at the sun", NOON, 1)
        table.add_row(*judge(fleet, "quiet noon", NOON + timedelta(minutes=1), 5).told())
        table.add_row(*judge(fleet, "dusk", NOON + timedelta(hours=5), dusk_minutes).told())
        table.add_row(*judge(fleet, "night", NOON + timedelta(hours=5, minutes=dusk_minutes), 5).told())
        console.print(table)


if __name__ == "__main__":
    typer.run(main)
