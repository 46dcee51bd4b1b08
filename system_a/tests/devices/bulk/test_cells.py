"""Cells as people and spreadsheets write them."""

from typing import Any

import pytest

from solarhub.devices.bulk import cells

NUMBERS: list[tuple[str, bool, Any]] = [
    ("31.5", False, 31.5),
    (" 31 ", False, 31),
    ("31.0", False, 31.0),
    ("-7", False, -7),
    ("31,5", True, 31.5),
    ("31,5", False, "31,5"),
    ("1,234.5", False, 1234.5),
    ("1,234,567", False, 1_234_567),
    ("1,234", False, "1,234"),
    ("\u06f3\u06f1\u066b\u06f5", False, 31.5),
    ("1e2", False, 100),
    ("10 kW", False, "10 kW"),
    ("nan", False, "nan"),
    ("0x10", False, "0x10"),
    ("1" * 60, False, "1" * 60),
]


@pytest.mark.parametrize(("cell", "decimal_comma", "value"), NUMBERS, ids=range(len(NUMBERS)))
def test_a_number_is_read_where_it_cannot_be_mistaken_and_stays_text_elsewhere(
    cell: str,
    decimal_comma: bool,
    value: Any,
) -> None:
    assert cells.number(cell, decimal_comma=decimal_comma) == value


def test_yes_is_said_in_many_ways() -> None:
    assert [cells.flag(word) for word in ("Yes", "TRUE", "1", "ہاں", "no", "FALSE", "نہیں", "maybe", True)] == [
        True, True, True, True, False, False, False, "maybe", True,
    ]  # fmt: skip


def test_codes_days_and_lists() -> None:
    assert cells.word("Modbus TCP") == "modbus_tcp"
    assert cells.day("2024-01-15 00:00:00") == "2024-01-15"
    assert cells.day("15/01/2024") == "15/01/2024"
    assert cells.words("bank | roof |") == ["bank", "roof"]
    assert cells.text(923001234567) == "923001234567"
    assert [cells.was_rounded(cell) for cell in ("9.23001E+11", "HV2140E+1", 9.2e11)] == [True, False, False]
