"""The recipes for other products' clients, word for word: what stands there is sent, and ends where it says."""

import os
import re
import subprocess
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from solarhub.kit.ids import uuid7
from solarhub.kit.tokens import DEVICE, new_token, sha256_of
from solarhub.metrics import CATALOGUE
from tests.clients import app_of
from tests.conftest import TestDatabase
from tests.house.tree import ROOT
from tests.telemetry.conftest import stored
from tests.walls.serving import served

TELEGRAF = ROOT / "docs" / "how-to" / "send-with-telegraf.md"
THINGSBOARD = ROOT / "docs" / "how-to" / "send-as-thingsboard.md"


def blocks(page: Path, language: str) -> list[str]:
    """What stands between fences that name this language, or none."""
    fences = re.split(r"^ *```(\w*)$\n", page.read_text("utf-8"), flags=re.MULTILINE)
    # text, language, block, nothing, text …
    return [
        textwrap.dedent(block) for named, block in zip(fences[1::4], fences[2::4], strict=True) if named == language
    ]


@pytest.fixture
def tokens(database: TestDatabase) -> dict[str, str]:
    """Of an inverter, and of a gateway that speaks for another one."""
    owner, organization, site, inverter, gateway, other = (uuid7() for _ in range(6))
    made = {"TOKEN": new_token(DEVICE), "GATEWAY_TOKEN": new_token(DEVICE)}
    database.fetch(
        "insert into users (id, email, password_hash, first_name, last_name)"
        f" values ('{owner}', 'x@example.org', '!', 'X', 'Y')",
        f"insert into organizations (id, owner_id, name, slug) values ('{organization}', '{owner}', 'Acme', 'acme')",
        "insert into sites (id, organization_id, name, latitude, longitude)"
        f" values ('{site}', '{organization}', 'Plant', 31.5, 74.3)",
        *(
            "insert into devices (id, organization_id, site_id, name, device_type, protocol, gateway_id)"
            f" values ('{device}', '{organization}', '{site}', '{name}', '{kind}', 'http', {spoken_for})"
            for device, name, kind, spoken_for in (
                (inverter, "Inverter 1", "inverter", "null"),
                (gateway, "Gateway", "gateway", "null"),
                (other, "Inverter 2", "inverter", f"'{gateway}'"),
            )
        ),
        *(
            "insert into device_tokens (organization_id, device_id, token_sha256)"
            f" values ('{organization}', '{device}', '\\x{sha256_of(made[name]).hex()}')"
            for device, name in ((inverter, "TOKEN"), (gateway, "GATEWAY_TOKEN"))
        ),
    )
    return made


@pytest.fixture
def hub(database: TestDatabase) -> Iterator[str]:
    with served(app_of(database)) as address:
        yield address


def sent(page: Path, hub: str, tokens: dict[str, str]) -> None:
    commands = [line for block in blocks(page, "") for line in block.splitlines() if line]
    assert len(commands) >= 3
    for command in commands:
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], env=os.environ | tokens | {"HUB": hub}, check=True, timeout=30
        )


def test_what_the_recipe_for_telegraf_sends_is_stored(hub: str, tokens: dict[str, str], database: TestDatabase) -> None:
    sent(TELEGRAF, hub, tokens)

    values = sorted((row[3] for row in stored(database)), key=sorted)
    assert values == [
        {"voltage_dc:mppt1": 612.5, "current_dc:mppt1": 4.1},
        {"power_output": 2.913, "frequency": 49.98},
        {"power_output": 4.1},
    ]
    assert database.fetch("select 1 from telemetry_quarantine") == []


def test_what_the_recipe_for_devices_of_thingsboard_sends_is_stored(
    hub: str, tokens: dict[str, str], database: TestDatabase
) -> None:
    sent(THINGSBOARD, hub, tokens)

    values = sorted((row[3] for row in stored(database)), key=lambda readings: readings["power_output"])
    assert values == [
        {"power_output": 2.8},
        {"power_output": 2.9, "voltage_dc:string1": 380.1},
        {"power_output": 2.913},
    ]
    assert database.fetch("select 1 from telemetry_quarantine") == []


def test_telegrafs_configuration_is_one_and_names_metrics() -> None:
    parts = [tomllib.loads(block) for block in blocks(TELEGRAF, "toml")]
    outputs = [name for part in parts for name in part.get("outputs", {})]
    fields = [
        field["name"]
        for part in parts
        for modbus in part.get("inputs", {}).get("modbus", ())
        for request in modbus["request"]
        for field in request["fields"]
    ]

    assert outputs == ["influxdb_v2", "influxdb"]
    assert fields
    assert set(fields) <= set(CATALOGUE)
