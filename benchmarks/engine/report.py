"""Figures beside what they should be: on the terminal, and as a page."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"

_PAGE = """\
# The engine, measured

`make bench`. {setting} Sender, broker and peers ran on the same machine in the same run; three runs at full speed, of
which the median counts.

| figure | measured | floor | aim | |
|---|---:|---:|---:|---|
{goals}

Everything that was measured, as in `benchmarks/latest.json`:

| name | value |
|---|---:|
{everything}

How: `benchmarks/engine/`. A gateway's request holds a sample of each of its 100 devices, twelve values each; every
instant of a device is sent once, and values follow the sun. Ten rules watch each plant; roll-ups run, a day that is
over is compressed meanwhile, and a reader asks the four questions of a dashboard, each five times a second. The hub and
VictoriaMetrics are asked by the same client at the same pace, of the same values of 30 days; the hub looks each time
who asks and what they may see. The past of a plant is put in by what compacts and rolls up (`past.py`).
Bytes of a stored value: `RECORDINGS=FOLDER` names recordings of real plants, a folder for each data set. What judging
costs by itself: `python -m benchmarks.judging`.
"""


class Goal(NamedTuple):
    """`floor` is what must be reached, `aim` what is wanted; `more` is better, or less."""

    says: str
    floor: float
    aim: float
    more: bool = False


GOALS = {
    "http_json_values_per_s": Goal(
        "values a second over HTTP JSON, acknowledged after their COMMIT", 1e6, 3e6, more=True
    ),
    "mqtt_qos1_messages_per_s": Goal("MQTT messages of 12 values a second, QoS 1, acknowledged", 10e3, 40e3, more=True),
    "ack_p99_ms_half_load": Goal("ms from a request to its acknowledgement at half load, p99", 500, 100),
    "breach_to_alert_p99_ms": Goal("ms from a breaching sample to the alert's row, p99", 2000, 300),
    "bytes_per_value_cold": Goal("bytes of a stored value in compressed days, digits as registers have them", 1.2, 0.5),
    "bytes_per_value_cold_all_digits": Goal("the same with every digit of the recordings", 1.2, 0.5),
    "latest_of_site_ratio": Goal("latest values of a plant, p99 beside VictoriaMetrics", 3, 1),
    "chart_of_a_day_ratio": Goal("a day's chart of one metric, p99 beside VictoriaMetrics", 3, 1),
    "energy_of_100_sites_ratio": Goal("30 days' energy of 100 plants, p99 beside VictoriaMetrics", 3, 1),
    "cpu_growth_10k_to_100k": Goal("CPU for a value, 100,000 devices beside 10,000", 1.3, 1.05),
    "rss_mb_idle": Goal("MB of memory, everything, idle", 400, 300),
    "rss_mb_300_plants": Goal("MB of memory with 300 plants of 3 devices at 1 min", 700, 500),
    "flood_written_bytes_per_value": Goal("bytes written to disk for a value, at full speed", 100, 40),
    "written_bytes_per_value_300_plants": Goal("bytes written for a value, 300 plants at 1 min", 100, 40),
    "cold_start_s": Goal("s from start to ready, 300 plants of 90 days", 20, 8),
    "cold_start_after_kill_s": Goal("the same after all of its processes were killed", 20, 8),
    "lost_acknowledged": Goal("acknowledged samples that were not stored", 0, 0),
}


def show(console: Console, figures: Mapping[str, float]) -> None:
    table = Table("figure", *(), box=None)
    for name in ("measured", "floor", "aim", ""):
        table.add_column(name, justify="right")
    for says, *cells in _goal_rows(figures):
        table.add_row(says, *cells)
    console.print(table)
    for name, value in figures.items():
        if name not in GOALS:
            console.print(f"  {name}: {written(value)}")


def keep(figures: Mapping[str, float], setting: str) -> None:
    """Writes the page."""
    goals = "\n".join(f"| {' | '.join(cells)} |" for cells in _goal_rows(figures))
    everything = "\n".join(f"| `{name}` | {written(value)} |" for name, value in figures.items())
    PAGE.write_text(_PAGE.format(setting=setting, goals=goals, everything=everything))


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """To four figures that count."""
    return {
        name: float(f"{value:.4g}") if math.isfinite(value) and value != int(value) else value
        for name, value in figures.items()
        if math.isfinite(value)
    }


def written(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _goal_rows(figures: Mapping[str, float]) -> Iterator[list[str]]:
    for name, goal in GOALS.items():
        if name not in figures:
            continue
        value = figures[name]
        sign = 1 if goal.more else -1
        reached = [word for word, mark in (("aim", goal.aim), ("floor", goal.floor)) if sign * value >= sign * mark]
        verdict = (*reached, "below")[0]
        yield [goal.says, written(value), written(goal.floor), written(goal.aim), verdict]
