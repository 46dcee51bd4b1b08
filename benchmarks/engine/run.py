"""`python -m benchmarks.engine.run`: the whole of it, a line for each figure beside its floor and its aim.

QUICK=1 takes less of everything, in under five minutes. RECORDINGS=FOLDER compresses recordings of real plants too.
Writes docs/benchmarks.md and adds to benchmarks/latest.json.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from benchmarks import cold, mqtt
from benchmarks.engine import household, machine, report
from benchmarks.engine.flood import Size, cpu_per_value, flood
from benchmarks.engine.peer_loads import peer_loads
from benchmarks.engine.questions import questions

Figures = Mapping[str, float]


def pieces(*, quick: bool) -> dict[str, Callable[[], Figures]]:
    """What is measured, one after the other, each with a hub of its own."""
    size = Size(10_000, 10_000, 8.0, 1) if quick else Size(100_000, 10_000, 30.0, 3)
    return {
        "at full speed": lambda: flood(size).figures,
        "peers": lambda: peer_loads(size.devices, 10 if quick else 5, 1 if quick else 3),
        "CPU per value, 10,000 devices": lambda: {"cpu_us_per_value_10k": cpu_per_value(10_000, size.seconds)},
        "CPU per value, more devices": lambda: (
            {} if quick else {"cpu_us_per_value_100k": cpu_per_value(100_000, size.seconds)}
        ),
        "MQTT": lambda: mqtt.measure(6 if quick else mqtt.SECONDS),
        "questions": lambda: questions(30, times=30 if quick else 100),
        "memory and wear": lambda: household.memory_and_wear(*((15.0, 5.0) if quick else (120.0,))),
        "compressed days": lambda: cold.figures(Path(folder)) if (folder := os.environ.get("RECORDINGS")) else {},
        "cold start": lambda: household.cold_start(*((3, 30) if quick else (90, household.PLANTS))),
    }


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    console = Console()
    figures: dict[str, float] = {}
    chosen = sys.argv[1:]
    busy = machine.calm()
    for name, piece in pieces(quick=quick).items():
        if chosen and not any(word in name for word in chosen):
            continue
        began = time.monotonic()
        with console.status(f"Measuring {name}"):
            found = piece()
        figures |= found
        console.print(f"{name}, in {time.monotonic() - began:.0f} s: {json.dumps(report.rounded(found))}")
    if "cpu_us_per_value_100k" in figures:
        figures["cpu_growth_10k_to_100k"] = figures["cpu_us_per_value_100k"] / figures["cpu_us_per_value_10k"]
    report.show(console, figures)
    if quick or chosen:
        console.print("This run is not kept: figures compare at full size alone.")
        return 0
    setting = (
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, PostgreSQL 18 (embedded)."
        f" Load average before it began: {busy:.1f}."
    )
    report.keep(figures, setting)
    latest = Path(__file__).parents[1] / "latest.json"
    latest.write_text(json.dumps(json.loads(latest.read_text()) | report.rounded(figures), indent=2) + "\n")
    console.print("Kept in docs/benchmarks.md and benchmarks/latest.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
