"""The columns, and the page that tells people of them."""

import re

from solarhub.devices.bulk.columns import BY_NAME, COLUMNS, NAMES, matched
from solarhub.devices.connection import Custom, Http, ModbusRtu, ModbusTcp, Mqtt
from solarhub.sites.address import Address
from solarhub.sites.configuration import Configuration
from tests.house.tree import ROOT


def test_the_page_names_every_column_and_no_other() -> None:
    page = (ROOT / "docs" / "how-to" / "enter-plants-from-a-file.md").read_text("utf-8")
    table = page.partition("| Columns | Of |")[2]
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == list(NAMES)


def test_headers_are_known_however_they_are_written() -> None:
    found, wrong = matched(["Site Name", "LATITUDE", "post-code", ""])
    assert ([column.name for column in found.values()], wrong) == (["site_name", "latitude", "postal_code"], [])


def test_a_header_that_is_unknown_or_stands_twice_is_told() -> None:
    _, wrong = matched(["site_name", "plant", "lattitude"])
    assert [bad.header for bad in wrong] == ["plant", "lattitude"]
    assert "latitude" in wrong[1].message


def test_no_two_columns_answer_to_one_header() -> None:
    assert len(BY_NAME) == sum(1 + len(column.also) for column in COLUMNS)


def test_whatever_can_be_said_of_a_plant_in_one_cell_has_a_column() -> None:
    lists_of_objects = {"billing_regimes"}
    assert {*Address.model_fields, *Configuration.model_fields} - lists_of_objects <= {column.key for column in COLUMNS}


def test_whatever_can_be_said_of_a_connection_in_one_cell_has_a_column() -> None:
    said = {key for shape in (ModbusTcp, ModbusRtu, Mqtt, Http, Custom) for key in shape.model_fields}
    objects_or_implied = {"push", "method", "headers", "options", "secrets"}
    of_many_lines = {"ca_certificate"}
    assert said - objects_or_implied - of_many_lines <= {column.key for column in COLUMNS}
