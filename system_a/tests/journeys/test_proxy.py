"""deploy/Caddyfile as it stands, in front of a hub on the loopback."""

import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from solarhub.demo.hub import free_port
from tests.conftest import temporary_data_dir
from tests.house.tree import ROOT
from tests.journeys.running_hub import ADMIN, PASSWORD, RunningHub, running_hub

SOMEBODY, LIAR = "127.0.0.9", "203.0.113.66"


@pytest.fixture
def caddy() -> str:
    found = shutil.which("caddy")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI tests the Caddyfile, and caddy is not installed")
        pytest.skip("caddy is not installed")
    return found


@contextmanager
def proxy(caddy: str, folder: Path, *, port: int, upstream: str) -> Iterator[Path]:
    """Runs the project's own Caddyfile on loopback ports; yields the certificate of the authority that it makes."""
    wrapper = folder / "Caddyfile"
    wrapper.write_text(
        "{\n admin off\n skip_install_trust\n default_bind 127.0.0.1\n"
        f" http_port {free_port()}\n https_port {port}\n storage file_system {folder}\n}}\n"
        f"import {ROOT / 'deploy' / 'Caddyfile'}\n"
    )
    environment = os.environ | {"SOLARHUB_NAME": "localhost", "SOLARHUB_UPSTREAM": upstream, "HOME": str(folder)}
    command = [caddy, "run", "--config", str(wrapper), "--adapter", "caddyfile"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            root = folder / "pki" / "authorities" / "local" / "root.crt"
            end = time.monotonic() + 30
            while not (root.exists() and any(folder.glob("certificates/**/localhost.crt"))):
                assert process.poll() is None, "caddy has ended"
                assert time.monotonic() < end, "caddy has no certificate yet"
                time.sleep(0.05)
            yield root
        finally:
            process.terminate()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    place = temporary_data_dir()
    yield place
    shutil.rmtree(place, ignore_errors=True)


def test_people_come_in_by_the_proxy_and_are_known_by_their_own_address(
    caddy: str, data_dir: Path, tmp_path: Path
) -> None:
    port = free_port()
    public_url = f"https://localhost:{port}"
    hub = RunningHub(data_dir, options=("--trusted-proxy", "127.0.0.1", "--public-url", public_url))
    with (
        running_hub(hub),
        proxy(caddy, tmp_path, port=port, upstream=f"127.0.0.1:{hub.port}") as authority,
        httpx.Client(
            base_url=public_url,
            transport=httpx.HTTPTransport(
                verify=ssl.create_default_context(cafile=str(authority)), local_address=SOMEBODY
            ),
            headers={"X-Forwarded-For": LIAR, "X-Forwarded-Proto": "http"},
        ) as client,
    ):
        link = hub.set_up_link()
        assert link.startswith(f"{public_url}/setup#")
        wanted = {"token": link.partition("#")[2], "person": ADMIN, "password": PASSWORD}
        made = client.post("/api/v1/setup", json={**wanted, "organization": {"name": "Lahore Solar"}})
        assert made.status_code == 201, made.text
        signed_in = client.post(
            "/api/v1/sessions",
            json={"email": ADMIN["email"], "password": PASSWORD},
            headers={"Origin": public_url},
        )
        assert signed_in.status_code == 201, signed_in.text
        assert "max-age" in signed_in.headers["strict-transport-security"]
        assert client.get("/api/v1/me").json()["email"] == ADMIN["email"]
        addresses = {row["address"] for row in hub.fetch("select address::text from user_sessions")}
        assert addresses == {SOMEBODY}
