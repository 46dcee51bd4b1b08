"""What the image is built by and runs, step by step on this machine: the Dockerfile's own commands, elsewhere."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import temporary_data_dir
from tests.house.tree import ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
PATIENCE_SECONDS = 90


def instructions(word: str, text: str) -> list[str]:
    """What follows each such word, lines that go on joined."""
    return re.findall(rf"(?m)^\s*{word} (.+)$", text.replace("\\\n", " "))


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """Where the build stage puts things: a folder in place of the root, with /src, /opt and /dist in it."""
    root = temporary_data_dir()
    root.chmod(0o755)
    source = root / "src" / "system_a"
    shutil.copytree(
        ROOT / "system_a", source, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.egg-info", ".*")
    )
    _, build, _ = DOCKERFILE.split("\nFROM ")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SOLARHUB_", "PYTHON"))}
    for command in instructions("RUN", build):
        here = re.sub(r"(?<=[\s=])/(opt|dist)\b", rf"{root}/\1", " " + command).replace(" --no-cache-dir", "")
        here = re.sub(r"(?<=\s)python(?= -m)", sys.executable, here)
        done = subprocess.run(
            ["/bin/sh", "-c", here], cwd=root / "src", env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr[-2000:]}"
    yield root
    shutil.rmtree(root, ignore_errors=True)


def test_the_installed_wheel_is_the_whole_hub_and_is_healthy_by_the_images_own_check(image: Path) -> None:
    [entry], [command] = instructions("ENTRYPOINT", DOCKERFILE), [json.loads(DOCKERFILE.rstrip().split("CMD ")[-1])]
    program = image / "opt" / "solarhub" / "bin" / json.loads(entry)[0]
    data_dir = temporary_data_dir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SOLARHUB_", "PYTHON"))}
    environment |= COMPOSE["services"]["hub"]["environment"] | {
        "SOLARHUB_DATA_DIR": str(data_dir),
        "SOLARHUB_PUBLIC_URL": "https://localhost",
        "SOLARHUB_BACKUP_DIR": str(data_dir / "nightly"),
        "SOLARHUB_PORT": "8000",
    }
    port = _free_port()
    hub = subprocess.Popen([program, *command, "--port", str(port)], cwd="/", env=environment)
    try:
        [check] = instructions("HEALTHCHECK", DOCKERFILE)
        asked = json.loads(check[check.index("[") :])
        asked = [sys.executable, *(word.replace(":8000/", f":{port}/") for word in asked[1:])]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run(asked, capture_output=True, check=False).returncode != 0:
            assert hub.poll() is None, "the hub has ended"
            assert time.monotonic() < deadline, "the hub is not healthy"
            time.sleep(0.3)
    finally:
        [word] = instructions("STOPSIGNAL", DOCKERFILE)
        hub.send_signal(signal.Signals[word])
        assert hub.wait(60) == 0
        shutil.rmtree(data_dir, ignore_errors=True)


def _free_port() -> int:
    import socket  # noqa: PLC0415 - for this line

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_the_compose_file_names_what_is_there() -> None:
    services, declared = COMPOSE["services"], set(COMPOSE["volumes"])
    assert (ROOT / "deploy" / services["hub"]["build"]["context"] / services["hub"]["build"]["dockerfile"]).is_file()
    mounted = [volume.split(":") for service in services.values() for volume in service["volumes"]]
    named = {source for source, *_ in mounted if not source.startswith(".")}
    assert named == declared
    for source, target, *_ in mounted:
        if source.startswith("."):
            assert (ROOT / "deploy" / source).is_file()
        elif target != "/data":  # Caddy's own
            assert f'"{target}"' in " ".join(instructions("VOLUME", DOCKERFILE))
    assert services["caddy"]["network_mode"] == "service:hub"


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")
def test_caddy_takes_its_file_under_the_name_that_compose_gives(tmp_path: Path) -> None:
    done = subprocess.run(
        ["caddy", "validate", "--config", ROOT / "deploy" / "Caddyfile", "--adapter", "caddyfile"],
        env=os.environ | {"SOLARHUB_NAME": "hub.example.com", "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
