"""`python -m benchmarks.mqtt`: QoS-1 messages a second that a hub acknowledges after their COMMIT.

A hub as people run it (`solarhub up`, with its own PostgreSQL), mosquitto as deploy/ sizes it, and a publisher, each a
process of its own, on this machine together. The publisher never runs more than a few seconds ahead of the hub. What
was published is counted in the database at the end: every message is a row, once.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg
from solarhub.demo.hub import free_port
from solarhub.kit.mosquitto import find_mosquitto

from benchmarks.mqtt_publisher import METRICS
from benchmarks.running import Hub, running_hub

DEVICES = 10_000
SECONDS = 15
WARM_UP_SECONDS = 4.0
OUTSTANDING = 100_000
_LOOK_SECONDS = 4.0  # the hub looks for devices every two
_TICKS = os.sysconf("SC_CLK_TCK")


class _Mark(NamedTuple):
    """What was so at a moment."""

    at: float
    acknowledged: int
    hub: float
    database: float
    broker: float
    publisher: float


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    figures = measure(9 if quick else SECONDS)
    print(json.dumps(figures, indent=2))
    return 0 if figures["mqtt_lost"] == 0 == figures["mqtt_stored_twice"] else 1


def measure(seconds: int = SECONDS, devices: int = DEVICES) -> dict[str, float]:
    """As one flat object; what is not a rate or a count carries its unit in its name."""
    with _broker() as (broker, port), running_hub() as hub:
        asyncio.run(_enter_devices(hub.admin_url, devices, port))
        time.sleep(_LOOK_SECONDS)
        begun, last, sent = _publish(seconds, devices, port, hub, broker)
        rows, instants = asyncio.run(_count(hub.admin_url))
    messages = last.acknowledged - begun.acknowledged
    rate = messages / (last.at - begun.at)
    return {
        "mqtt_qos1_messages_per_s": round(rate),
        "mqtt_values_per_s": round(rate * len(METRICS)),
        "mqtt_hub_cpu_us_per_message": round(1e6 * (last.hub - begun.hub) / messages, 2),
        "mqtt_database_cpu_us_per_message": round(1e6 * (last.database - begun.database) / messages, 2),
        "mqtt_broker_cpu_us_per_message": round(1e6 * (last.broker - begun.broker) / messages, 2),
        "mqtt_publisher_cpu_us_per_message": round(1e6 * (last.publisher - begun.publisher) / messages, 2),
        "mqtt_published": sent,
        "mqtt_lost": sent - instants,
        "mqtt_stored_twice": rows - instants,
    }


def _publish(seconds: int, devices: int, port: int, hub: Hub, broker: int) -> tuple[_Mark, _Mark, int]:
    """From when it ran steadily until the publisher stopped; and how many it published in all."""
    words = [str(word) for word in (port, devices, seconds, OUTSTANDING)]
    command = [sys.executable, str(Path(__file__).with_name("mqtt_publisher.py")), *words]
    marks: list[_Mark] = []
    steady_from = 0.0
    sent = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            told = json.loads(line)
            is_publishing, sent = told["sent"] > sent, told["sent"]
            if not told["acked"]:
                continue
            steady_from = steady_from or told["at"] + WARM_UP_SECONDS
            if told["at"] >= steady_from and is_publishing:
                own, others = hub.cpu_seconds()
                marks.append(_Mark(told["at"], told["acked"], own, others, _cpu_seconds(broker), told["cpu_s"]))
    if len(marks) < 2:
        raise SystemExit("hardly anything was acknowledged: the hub does not hear the broker")
    return marks[0], marks[-1], sent


@contextmanager
def _broker() -> Iterator[tuple[int, int]]:
    """mosquitto with what deploy/ says of queues, and nobody to keep out. Its process and its port."""
    folder = Path(tempfile.mkdtemp(prefix="shub-"))
    port = free_port()
    shown = (Path(__file__).parents[1] / "deploy" / "mosquitto.conf").read_text("utf-8")
    kept = [line for line in shown.splitlines() if line.startswith(("max_", "queue_", "autosave", "persistence "))]
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "sys_interval 1", "user root", *kept]
    (folder / "mosquitto.conf").write_text("\n".join([*lines, f"persistence_location {folder}/", ""]))
    command = [str(find_mosquitto()), "-c", str(folder / "mosquitto.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def _enter_devices(database: str, devices: int, port: int) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(
            f"""
            with person as (
                insert into users (email, password_hash, first_name, last_name)
                values ('bench@example.com', '!', 'Bench', 'Mark') returning id
            ), firm as (
                insert into organizations (owner_id, name, slug) select id, 'Bench', 'bench' from person returning id
            ), plant as (
                insert into sites (organization_id, name, latitude, longitude, timezone)
                select id, 'Bench', 31.5, 74.3, 'Asia/Karachi' from firm returning id, organization_id
            )
            insert into devices (site_id, organization_id, name, device_type, protocol, connection_config)
            select id, organization_id, 'Inverter ' || n, 'inverter', 'mqtt',
                   jsonb_build_object('broker', '127.0.0.1', 'port', {port}, 'topic_prefix', 'bench/' || n)
            from plant, generate_series(0, {devices - 1}) as n
            """
        )
    finally:
        await connection.close()


async def _count(database: str) -> tuple[int, int]:
    """Rows, and instants of devices among them."""
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch("select count(*), count(distinct (device_key, at)) from telemetry_samples")
        return rows[0][0], rows[0][1]
    finally:
        await connection.close()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    sys.exit(main())
