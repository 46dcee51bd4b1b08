"""`solarhub found …`: strangers at brokers, from the machine itself."""

import asyncio
from pathlib import Path

import pytest

from solarhub.drivers.dialects import Dialects
from solarhub.kit.db import Database
from solarhub.telemetry.found.notebook import Notebook
from tests.cli.operating import Operator
from tests.conftest import outside_any_loop
from tests.telemetry.found.conftest import BROKER, INVERTER, at_work, burst, yesterday


@pytest.fixture
def site(operator: Operator, organization: str, tmp_path: Path) -> str:
    path = tmp_path / "plants.csv"
    path.write_text("site_name,latitude,longitude\nGulberg roof,31.5,74.3\n")
    [made] = operator.knows("sites", "import", str(path), "-o", organization)["results"]
    found: str = made["site_id"]
    return found


@pytest.fixture
def stranger(operator: Operator, organization: str) -> str:
    """The id of an inverter that is heard at a broker of the organization."""
    [row] = operator.database.fetch(f"select id from organizations where slug = '{organization}'")

    async def hear() -> None:
        worker = Database(operator.database.url("solarhub_worker"), "worker")
        dialects = Dialects.load()
        async with at_work(Notebook(worker, dialects)) as notebook:
            await asyncio.gather(
                *(
                    notebook.note(row["id"], BROKER, each, dialects.read(each.topic, each.payload, each.received_at))
                    for each in burst(yesterday())
                )
            )
        await worker.close()

    outside_any_loop(hear())
    [found] = operator.knows("found", "list", "-o", organization)
    return str(found["id"])


def test_a_stranger_is_listed_and_adopted(operator: Operator, organization: str, site: str, stranger: str) -> None:
    assert INVERTER in operator.says("found", "list", "-o", organization, "--state", "new")

    answer = operator.knows("found", "adopt", stranger, "-o", organization, "--site", site, "--name", "Carport")

    [device] = operator.knows("devices", "list", "-o", organization)
    assert (device["id"], device["name"], device["serial_number"]) == (answer["device_id"], "Carport", "114182912345")
    assert operator.knows("found", "list", "-o", organization, "--state", "new") == []
    assert ("operator", "found_sender.adopt") in operator.acts()


def test_a_stranger_is_ignored(operator: Operator, organization: str, stranger: str) -> None:
    operator.says("found", "ignore", stranger, "-o", organization)

    assert [each["state"] for each in operator.knows("found", "list", "-o", organization)] == ["ignored"]


def test_an_adoption_without_a_plant_is_refused(operator: Operator, organization: str, stranger: str) -> None:
    assert "site_id" in operator.says("found", "adopt", stranger, "-o", organization, status=1)
