"""The commands of docs/how-to/bring-the-past-along.md, as it has them, and what else may be typed."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.operating import Operator
from tests.house.tree import ROOT
from tests.telemetry.portals.files import csv

PAGE = (ROOT / "docs" / "how-to" / "bring-the-past-along.md").read_text("utf-8")
COMMANDS = re.findall(r"^solarhub (.+)$", PAGE, re.MULTILINE)
FILES = re.findall(r"^```csv\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
MAP = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0]
GROWATT = csv("Time,Pac(W),EacTotal(kWh)", "2023-03-10 09:00:00,1000,500.0", "2023-03-10 09:05:00,1010,500.1")


@pytest.fixture
def plant(operator: Operator, organization: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The slug of an organization with two devices; the folder in which its operator stands is the test's own."""
    monkeypatch.chdir(tmp_path)
    Path("plants.csv").write_text(
        "site_name,latitude,longitude,device_name,device_type,protocol,serial_number\n"
        "Roof,31.5,74.3,Inverter 1,inverter,http,ABC123\nRoof,,,Inverter 2,inverter,http,\n"
    )
    operator.says("sites", "import", "plants.csv", "-o", organization)
    return organization


def bring(operator: Operator, plant: str, file: str, *words: str, portal: str = "template") -> Any:
    return operator.knows("import", "history", file, "--map", portal, "-o", plant, *words)


def test_the_commands_of_the_page_do_what_it_says(operator: Operator, plant: str) -> None:
    Path("export.csv").write_bytes(GROWATT)
    maps, tried, stored, listed, undone = (shlex.split(line.replace("lahore-solar", plant)) for line in COMMANDS)

    assert "soliscloud" in operator.says(*maps)
    said = operator.says(*tried)
    assert said.splitlines()[-1] == "Nothing was stored: this was a dry run."
    assert "never tried on a real export" in said
    assert re.search(r"power_output +kW +2 +1\.0 +1\.01", said)
    assert operator.knows(*listed) == []
    assert "Stored as import" in operator.says(*stored)
    (brought,) = operator.knows(*listed)
    assert (brought["stored"], brought["imported_by"], brought["map"]) == (2, None, "growatt")
    again = operator.says(*stored)
    assert re.search(r"Inverter 1 .* 2 +0 +2 +0", again), again
    undone[2] = brought["id"]
    assert operator.says(*undone) == "2 rows are gone again."
    assert ("operator", "history_import.undo") in operator.acts()


def test_the_files_of_the_page_are_read(operator: Operator, plant: str) -> None:
    for number, text in enumerate(FILES):
        Path(f"{number}.csv").write_text(text)
        told = bring(operator, plant, f"{number}.csv")
        assert (told["refused"], told["devices"][0]["device"]) == (0, "Inverter 1")
        assert told["devices"][0]["stored"] == {0: 2, 1: 1, 2: 2}[number]


def test_a_map_of_the_operators_own_is_read(operator: Operator, plant: str, tmp_path: Path) -> None:
    own = tmp_path / "maps"
    own.mkdir()
    (own / "sunbox.yaml").write_text(MAP)
    operator.environment["SOLARHUB_PORTAL_MAPS_DIR"] = str(own)
    Path("sunbox.csv").write_bytes(csv("Time;SN;AC power(W);PV2(V)", "21/06/2024 12:00;abc123;4820,5;610"))

    assert "Sunbox" in operator.says("import", "maps")
    (device,) = bring(operator, plant, "sunbox.csv", "--dry-run", portal="sunbox")["devices"]
    assert [(each["series"], each["maximum"]) for each in device["series"]] == [
        ("power_output", 4.8205),
        ("voltage_dc:mppt2", 610.0),
    ]
    (own / "sunbox.yaml").write_text(MAP.replace("power_output", "power"))
    assert "sunbox.yaml: tables[0].columns.AC power(W).series: 'power' is unknown" in operator.says(
        "import", "maps", status=1
    )


def test_what_is_refused_is_told_by_line_and_ends_with_1(operator: Operator, plant: str) -> None:
    Path("bad.csv").write_bytes(csv("time,device,power_output", "2024-06-21 12:00,Inverter 1,x", "2024-06-21,Nobody,1"))

    said = operator.says("import", "history", "bad.csv", "--map", "template", "-o", plant, "--dry-run", status=1)

    assert "power_output: x is not a number" in said
    assert "1 rows: no device here has the serial number or name Nobody" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--device", "Inverter 9"), "There is no device Inverter 9 here."),
        (("--site", "Wall"), "There is no plant Wall with devices here."),
        (("--match", "INV"), "match: is not NAME=DEVICE"),
        (("--time-zone", "Mars"), "time_zone: is no time zone"),
    ],
)
def test_who_is_not_there_is_told(operator: Operator, plant: str, words: tuple[str, ...], told: str) -> None:
    Path("export.csv").write_bytes(GROWATT)

    assert told in operator.says("import", "history", "export.csv", "--map", "growatt", "-o", plant, *words, status=1)


def test_names_of_the_file_can_be_matched(operator: Operator, plant: str) -> None:
    Path("two.csv").write_bytes(
        csv("time,device,power_output", "2024-06-21 12:00,INV-01,1", "2024-06-21 12:00,Inverter 2,2")
    )

    told = bring(operator, plant, "two.csv", "--site", "roof", "--match", "INV-01=abc123")

    assert sorted((each["device"], each["stored"]) for each in told["devices"]) == [
        ("Inverter 1", 1),
        ("Inverter 2", 1),
    ]
