import asyncio
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from solarhub.cli.main import app
from solarhub.kit.sealing import new_key
from tests.conftest import MakeTenant, TestDatabase


async def run(database: TestDatabase, *arguments: str) -> Any:
    environment = {
        "SOLARHUB_DATABASE_URL": database.url("solarhub_app"),
        "SOLARHUB_AUTH_DATABASE_URL": database.url("solarhub_auth"),
        "SOLARHUB_WORKER_DATABASE_URL": database.url("solarhub_worker"),
        "SOLARHUB_SECRET_KEY": new_key(),
    }
    return await asyncio.to_thread(CliRunner().invoke, app, ["morning", *arguments], env=environment)


@pytest.fixture
async def hub(database: TestDatabase, make_tenant: MakeTenant) -> TestDatabase:
    """Two organizations, of which one has a plant that fell silent an hour ago."""
    acme, _ = await make_tenant("Acme"), await make_tenant("Beta")
    database.fetch(
        "update devices set status = 'online'",
        f"update devices set status = 'offline' where organization_id = '{acme.organization_id}'",
        "insert into device_state (device_id, organization_id, device_key, last_sample_at, last_received_at)"
        " select id, organization_id, device_key, now() - interval '1 hour', now() - interval '1 hour' from devices",
    )
    return database


async def test_the_message_is_of_everything_or_of_one_organization(hub: TestDatabase) -> None:
    answer = await run(hub)
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith("Good morning. 2 plants: ")
    assert "1. Acme plant (Acme) has been silent since " in answer.stdout
    slug = hub.fetch("select slug from organizations where name = 'Acme'")[0]["slug"]
    assert "1. Acme plant has been silent since " in (await run(hub, "--organization", slug)).stdout
    assert (await run(hub, "-o", slug, "--language", "ur")).stdout.startswith("السلام علیکم۔ 1 پلانٹ")


async def test_a_script_gets_the_whole_overview(hub: TestDatabase) -> None:
    told = json.loads((await run(hub, "--json")).stdout)
    assert (told["plants"]["total"], told["plants"]["silent"]) == (2, 1)
    assert told["needs_attention"][0]["remedy"] == "call_about_power"


async def test_an_organization_that_is_not_there_is_told_with_those_that_are(hub: TestDatabase) -> None:
    answer = await run(hub, "--organization", "gamma")
    assert answer.exit_code == 1
    assert "There is no organization gamma here, but: acme-" in answer.output
