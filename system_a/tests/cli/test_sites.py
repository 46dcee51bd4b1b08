import csv
from pathlib import Path

import pytest

from tests.cli.operating import PUBLIC_URL, Operator

PLANTS = """site_name,latitude,longitude,city,device_name,device_type,protocol,customer_name,customer_phone
Gulberg roof,31.52,74.35,Lahore,Inverter 1,inverter,http,Imran Malik,+92 300 7654321
Johar Town roof,31.47,74.27,Lahore,Inverter 1,inverter,http,=HYPERLINK("x"),+92 300 1234567
"""


@pytest.fixture
def plants(tmp_path: Path) -> Path:
    path = tmp_path / "plants.csv"
    path.write_text(PLANTS)
    return path


def test_plants_devices_and_customers_come_from_one_file(
    operator: Operator, organization: str, plants: Path, tmp_path: Path
) -> None:
    links = tmp_path / "links.csv"

    tried = operator.says("sites", "import", str(plants), "-o", organization, "--dry-run")
    assert tried.splitlines()[-1] == "Nothing was stored: this was a dry run."
    assert operator.knows("sites", "list", "-o", organization) == []

    said = operator.says("sites", "import", str(plants), "-o", organization, "--customers", str(links))
    assert [line.split()[:3] for line in said.splitlines()] == [
        ["Plants", "2", "new,"],
        ["Devices", "2", "new,"],
        ["Customers", "2", "new,"],
    ]
    assert oct(links.stat().st_mode & 0o777) == "0o600"
    customers = list(csv.DictReader(links.read_text("utf-8-sig").splitlines()))
    assert [each["customer_name"] for each in customers] == ["Imran Malik", '\'=HYPERLINK("x")']
    assert all(each["link"].startswith(f"{PUBLIC_URL}/invitation#shi_") for each in customers)

    listed = operator.knows("sites", "list", "-o", organization)
    assert [site["name"] for site in listed] == ["Gulberg roof", "Johar Town roof"]
    assert "Gulberg roof     active  Lahore" in operator.says("sites", "list", "-o", organization)
    assert "Gulberg roof" in operator.says("sites", "show", listed[0]["id"], "-o", organization)
    assert len(operator.knows("devices", "list", "-o", organization, "--site", listed[0]["id"])) == 1
    again = operator.knows("sites", "import", str(plants), "-o", organization)
    assert again["sites"] == {"new": 0, "already_there": 2, "failed": 0}
    assert ("operator", "site.create") in operator.acts()


def test_a_bad_row_is_told_by_line_and_column_and_stores_nothing(
    operator: Operator, organization: str, plants: Path
) -> None:
    plants.write_text(PLANTS.replace("31.47", "231.47"))

    refused = operator.says("sites", "import", str(plants), "-o", organization, status=1)
    assert "lines[3].latitude: " in refused
    assert operator.knows("sites", "list", "-o", organization) == []

    partly = operator.says("sites", "import", str(plants), "-o", organization, "--row-by-row", status=1)
    assert "1 new, 0 there already, 1 failed" in partly
    assert "231.47" in partly
    assert len(operator.knows("sites", "list", "-o", organization)) == 1


def test_a_file_that_is_none_is_told(operator: Operator, organization: str, tmp_path: Path) -> None:
    (tmp_path / "plants.json").write_text("{")

    assert "is not JSON" in operator.says(
        "sites", "import", str(tmp_path / "plants.json"), "-o", organization, status=1
    )
    assert "does not exist" in operator.says(
        "sites", "import", str(tmp_path / "gone.csv"), "-o", organization, status=2
    )
