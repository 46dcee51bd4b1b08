"""What people would pick instead, on this machine, with the same data: VictoriaMetrics and InfluxDB over HTTP."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from solarhub.demo.hub import free_port

from benchmarks.sender import METRICS

LINES_OF_A_BODY = 1_000
_CONNECTIONS = 2  # more only wait for the two cores


@dataclass(frozen=True)
class Peer:
    """A server that runs. `written` is the path that takes line protocol."""

    name: str
    port: int
    written: str
    process: subprocess.Popen[bytes]

    def ask(self, path: str, **parameters: str) -> Any:
        """What it answers, read as JSON."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}?{query}", timeout=60) as answer:
            return json.load(answer)


def installed(name: str) -> bool:
    return shutil.which({"victoriametrics": "victoria-metrics", "influxdb": "influxd"}[name]) is not None


@contextmanager
def victoriametrics() -> Iterator[Peer]:
    with _folder() as folder:
        port = free_port()
        command = [
            *("victoria-metrics", f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}"),
            *("-retentionPeriod=100y", "-search.latencyOffset=0s", "-search.maxUniqueTimeseries=3000000"),
        ]
        with _running(command, folder) as process:
            peer = Peer("VictoriaMetrics", port, "/write", process)
            _wait(peer, "/health")
            yield peer


def show_at_once(peer: Peer) -> None:
    """VictoriaMetrics answers with what was loaded from now on, not after its next second."""
    urllib.request.urlopen(f"http://127.0.0.1:{peer.port}/internal/force_flush", timeout=60).close()


@contextmanager
def influxdb() -> Iterator[Peer]:
    with _folder() as folder:
        port = free_port()
        settings = [
            f'bind-address = "127.0.0.1:{free_port()}"',
            "reporting-disabled = true",
            f'[meta]\n dir = "{folder}/meta"',
            f'[data]\n dir = "{folder}/data"\n wal-dir = "{folder}/wal"\n index-version = "tsi1"',
            " max-series-per-database = 0\n query-log-enabled = false\n cache-max-memory-size = 4000000000",
            f'[http]\n bind-address = "127.0.0.1:{port}"\n log-enabled = false\n max-body-size = 0',
            "[monitor]\n store-enabled = false",
        ]
        (folder / "influxdb.conf").write_text("\n".join(settings))
        with _running(["influxd", "-config", str(folder / "influxdb.conf")], folder) as process:
            peer = Peer("InfluxDB", port, "/write?db=bench", process)
            _wait(peer, "/ping")
            urllib.request.urlopen(
                f"http://127.0.0.1:{port}/query", data=b"q=CREATE DATABASE bench", timeout=30
            ).close()
            yield peer


def lines(devices: range, at_ns: int, texts: Sequence[str]) -> bytes:
    """A sample of each device at one instant; `texts` are fields that were encoded before."""
    count = len(texts)
    return "\n".join(f"telemetry,device=d{n} {texts[n % count]} {at_ns}" for n in devices).encode()


def fields(chance: Any, *, decimals: int = 3) -> str:
    return ",".join(f"{name}={chance.uniform(1, 100):.{decimals}f}" for name in METRICS)


def load(peer: Peer, bodies: Sequence[bytes]) -> float:
    """Seconds until all of them are acknowledged, by as many connections as there are cores."""

    def send(share: int) -> None:
        connection = HTTPConnection("127.0.0.1", peer.port, timeout=120)
        for body in bodies[share::_CONNECTIONS]:
            connection.request("POST", peer.written, body)
            answer = connection.getresponse()
            answer.read()
            if answer.status // 100 != 2:
                raise RuntimeError(f"{peer.name} answers {answer.status}")
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        list(threads.map(send, range(_CONNECTIONS)))
    return time.perf_counter() - began


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="shub-peer-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"INFLUXDB_CONFIG_PATH": ""})
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(peer: Peer, path: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{peer.port}{path}", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{peer.name} does not answer")
