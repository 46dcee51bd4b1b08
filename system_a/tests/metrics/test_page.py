"""docs/metrics.md, and the same for programs."""

import json

import pytest
from typer.testing import CliRunner

from solarhub.cli.main import app
from solarhub.metrics import CATALOGUE, Metric
from solarhub.metrics.page import facts, table
from tests.house.tree import ROOT

DOCUMENT = ROOT / "docs" / "metrics.md"


def test_the_document_says_what_the_hub_decides_by() -> None:
    stale = "docs/metrics.md is stale: solarhub metrics > docs/metrics.md"
    assert DOCUMENT.read_text("utf-8") == table(CATALOGUE), stale


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_every_metric_has_a_line_with_its_facts(entry: Metric) -> None:
    line = next(line for line in table(CATALOGUE).splitlines() if line.startswith(f"| `{entry.name}` |"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]

    assert cells[2:4] == [entry.unit, entry.kind.value]
    assert cells[4] == f"{entry.minimum:,.10g} to {entry.maximum:,.10g}"
    assert (cells[5] != "") is (entry.relative is not None)
    assert cells[6] == entry.night.value


def test_the_command_prints_the_page_and_the_same_for_programs() -> None:
    assert CliRunner().invoke(app, ["metrics"]).output == table(CATALOGUE)

    told = json.loads(CliRunner().invoke(app, ["metrics", "--json"]).output)
    assert told == [json.loads(json.dumps(facts(entry))) for entry in CATALOGUE.values()]
    assert next(entry for entry in told if entry["name"] == "mains_present")["codes"] == {"0": "no", "1": "yes"}
