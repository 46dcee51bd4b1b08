"""The dashboard that operators import: a valid model, and every statement of it answers on the views it reads."""

import json
import re
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from solarhub.kit.db import Database, transaction
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.telemetry import readers
from tests.house.tree import ROOT
from tests.telemetry.rollups.conftest import MakePlant, at

DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana" / "solarhub.json").read_text("utf-8"))
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}
STATEMENTS = {title: panel["targets"][0]["rawSql"] for title, panel in PANELS.items()}
MINUTE = timedelta(minutes=1)


def as_grafana_sends_it(statement: str) -> str:
    """With its macros and variables filled in, for March 2026 and every plant there is."""
    filled = re.sub(
        r"\$__timeFilter\((\w+)\)", r"\1 BETWEEN '2026-03-01T00:00:00Z' AND '2026-03-31T00:00:00Z'", statement
    )
    filled = filled.replace("${plant:sqlstring}", "'Roof plant','Hall plant'")
    assert "$" not in filled
    return filled


def test_the_model_is_one_that_grafana_imports() -> None:
    assert DASHBOARD["schemaVersion"] >= 36
    assert DASHBOARD["uid"] == "solarhub"
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids) >= 8
    assert {"Fleet power", "Energy per day", "Coverage", "Worst plants"} <= PANELS.keys()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert 0 <= place["x"] < place["x"] + place["w"] <= 24
        assert panel["targets"][0]["datasource"]["uid"] == panel["datasource"]["uid"] == "${datasource}"
        assert panel["targets"][0]["format"] in ("table", "time_series")
        assert panel["targets"][0]["rawQuery"] is True
    names = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert set(re.findall(r"\$\{(\w+)", json.dumps(DASHBOARD))) <= names


def test_no_two_panels_cover_each_other() -> None:
    covered: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & covered, panel["title"]
        covered |= cells


@pytest.fixture
async def connection(make_plant: MakePlant) -> Any:
    """A reader of two plants' organization, one of which gave half as much."""
    plant = await make_plant("Roof", devices={"A": "inverter"}, interval_seconds=900)
    tenant, database = plant.tenant, plant.database
    database.fetch("""update sites set configuration = '{"system_capacity_kw": 5}'""")
    start = at("2026-03-01 19:00")
    told = [(start + n * 15 * MINUTE, {"energy_total": 100 + n / 4, "power_output": 1.0}) for n in range(97)]
    del told[40:44]
    await plant.report(told, "A")
    await plant.roll()
    admin = Database(database.admin_url, "worker", pool_size=1)
    role = readers.role_of(database.name)
    async with transaction(admin) as session:
        password = await readers.add(
            session, role, tenant.organization_id, tenant.organization_key, [tenant.organization_id]
        )
    await admin.close()
    reader = await asyncpg.connect(**asyncpg_arguments(database.url(role)), password=password)
    yield reader
    await reader.close()
    database.fetch(f"drop owned by {role}", f"drop role {role}")


async def test_every_panel_is_answered_with_figures(connection: "asyncpg.Connection[Any]") -> None:
    answers = {title: await connection.fetch(as_grafana_sends_it(sql)) for title, sql in STATEMENTS.items()}

    assert {title for title, rows in answers.items() if not rows} == set()
    [energy] = answers["Energy of the time shown"]
    assert energy["Energy"] == pytest.approx(24)
    assert {row["kW"] for row in answers["Fleet power"]} == {1.0}
    assert len(answers["Fleet power"]) == 93
    for title, panel in PANELS.items():
        if panel["targets"][0]["format"] == "time_series":
            assert list(answers[title][0].keys())[:2] == ["time", "metric"], title
            times = [row["time"] for row in answers[title]]
            assert times == sorted(times), title
    [worst] = answers["Worst plants"]
    assert worst["Plant"] == "Roof plant"
    assert float(worst["kWh per kW and day"]) == pytest.approx(2.4, abs=0.05)
    assert [row["Marks"] for row in answers["What to know of the energy"]] == ["gap"]


async def test_the_list_of_plants_is_answered(connection: "asyncpg.Connection[Any]") -> None:
    [plants] = [each for each in DASHBOARD["templating"]["list"] if each["name"] == "plant"]
    assert [row["site"] for row in await connection.fetch(plants["query"])] == ["Roof plant"]
