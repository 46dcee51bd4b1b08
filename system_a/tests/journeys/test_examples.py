"""The programs in docs/examples do what they say against a hub that runs, and a dashboard's login reads beside it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

import asyncpg
import httpx
import pytest

from solarhub.accounts.sessions import COOKIE
from solarhub.demo.hub import free_port
from tests.house.tree import ROOT
from tests.journeys.running_hub import RunningHub

EXAMPLES = ROOT / "docs" / "examples"
PROGRAMS = {"curl.sh": ["bash"], "python.py": [sys.executable], "node.mjs": ["node"]}


def post(client: httpx.Client, path: str, document: dict[str, Any]) -> Any:
    answer = client.post(path, json=document)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def told(steady_hub: RunningHub) -> dict[str, str]:
    """What the examples are told of: a plant with an inverter, its token, and a key that reads."""
    headers = {"Cookie": f"{COOKIE}={steady_hub.sign_in()}"}
    with httpx.Client(base_url=steady_hub.url, headers=headers, timeout=30) as client:
        [organization] = client.get("/api/v1/organizations").json()["items"]
        path = f"/api/v1/organizations/{organization['id']}"
        site = post(client, f"{path}/sites", {"name": "Gulberg roof", "latitude": 31.5, "longitude": 74.3})
        wanted = {"site_id": site["id"], "name": "Inverter 1", "device_type": "inverter", "protocol": "http"}
        device = post(client, f"{path}/devices", wanted)
        token = post(client, f"{path}/devices/{device['id']}/tokens", {})["token"]
        key = post(client, f"{path}/api-keys", {"name": "Report", "permissions": ["telemetry:read"]})["token"]
    return {
        "HUB": steady_hub.url,
        "DEVICE_TOKEN": token,
        "API_KEY": key,
        "ORGANIZATION": organization["id"],
        "DEVICE": device["id"],
        "SLUG": organization["slug"],
    }


def test_every_example_is_tried_here() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_example_sends_and_reads(told: dict[str, str], name: str) -> None:
    program = shutil.which(PROGRAMS[name][0])
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI tries {name}, and {PROGRAMS[name][0]} is not here")
        pytest.skip(f"{PROGRAMS[name][0]} is not installed")
    environment = {"PATH": os.environ["PATH"]} | told
    done = subprocess.run(
        [program, EXAMPLES / name], env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    stored = 3 if name == "python.py" else 1
    assert f"{stored} stored" in done.stdout or f'"stored":{stored}' in done.stdout
    if name == "curl.sh":
        assert '"name":"Gulberg roof"' in done.stdout
    with httpx.Client(base_url=told["HUB"], headers={"Authorization": f"Bearer {told['API_KEY']}"}) as client:
        latest = client.get(f"/api/v1/organizations/{told['ORGANIZATION']}/devices/{told['DEVICE']}/latest").json()
    assert {reading["metric"]: reading["value"] for reading in latest["readings"]}["energy_total"] == 18250.4


def solarhub(hub: RunningHub, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "solarhub", *words, "--data-dir", str(hub.data_dir)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def says(hub: RunningHub, *words: str) -> str:
    process = solarhub(hub, *words)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    return out.strip()


async def test_a_dashboard_reads_beside_the_hub_by_a_login_of_its_own(
    steady_hub: RunningHub, told: dict[str, str]
) -> None:
    url = httpx.URL(says(steady_hub, "readers", "add", "-o", told["SLUG"]))
    by_socket = await asyncpg.connect(str(url))
    assert await by_socket.fetch("select * from v_site_energy_day") is not None
    await by_socket.close()
    assert url.username in says(steady_hub, "readers", "list")

    port = free_port()
    door = solarhub(steady_hub, "readers", "serve", "--listen", f"127.0.0.1:{port}")
    try:
        connection = await _connected(user=url.username, password=url.password, port=port)
        assert await connection.fetchval("select current_user") == url.username
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select * from devices")
        await connection.close()
    finally:
        door.send_signal(signal.SIGTERM)
        door.communicate(timeout=30)
    assert door.returncode == 0

    says(steady_hub, "readers", "remove", url.username, "-o", told["SLUG"])
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(str(url))


async def _connected(**how: Any) -> Any:
    end = time.monotonic() + 30
    while True:
        try:
            return await asyncpg.connect(host="127.0.0.1", database="solarhub", ssl="disable", **how)
        except OSError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)
