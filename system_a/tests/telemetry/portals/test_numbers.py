import pytest

from solarhub.telemetry.portals.maps import Mark
from solarhub.telemetry.portals.numbers import evidence, mark_of, number
from tests.telemetry.portals.files import csv, read, utc

POINT, COMMA = Mark.POINT, Mark.COMMA


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1234.5", POINT, 1234.5),
        ("1,234.5", POINT, 1234.5),
        ("1,234,567", POINT, 1234567.0),
        ("1234,5", COMMA, 1234.5),
        ("1.234,5", COMMA, 1234.5),
        ("1 234,5", COMMA, 1234.5),
        ("1\u202f234,5", COMMA, 1234.5),
        ("1'234.5", POINT, 1234.5),
        ("−12.5", POINT, -12.5),  # noqa: RUF001 - a minus sign, not a hyphen
        ("۱۲٫۵", POINT, 12.5),  # noqa: RUF001 - in the digits of Urdu
        ("1.5E+3", POINT, 1500.0),
        ("98 %", POINT, 98.0),
        ("12,34", POINT, None),
        ("1.234.5", POINT, None),
        ("12,345,6", POINT, None),
        ("1.23,4", COMMA, None),
        ("0x10", POINT, None),
        ("nan", POINT, None),
        ("1e400", POINT, float("inf")),
        ("9" * 41, POINT, None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, mark: Mark, value: float | None) -> None:
    assert number(text, mark) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [("12,5", COMMA), ("12.5", POINT), ("0,123", COMMA), ("1.234,5", COMMA), ("1,234.5", POINT), ("1.234.567", COMMA),
     ("1,234", None), ("1.234", None), ("1234", None), ("Normal", None)],
)  # fmt: skip
def test_some_numbers_tell_what_parts_their_decimals(text: str, told: Mark | None) -> None:
    assert evidence(text) is told


def test_numbers_that_tell_nothing_go_by_what_parts_the_cells() -> None:
    assert mark_of(["1,234"], parted_by_commas=True) is POINT
    assert mark_of(["1,234"], parted_by_commas=False) is COMMA
    assert mark_of(["1.234"], parted_by_commas=False) is POINT
    assert mark_of(["1.234", "12,5", "13,5"], parted_by_commas=False) is COMMA


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas_are_found_out_in_any_encoding(encoding: str, delimiter: str) -> None:
    lines = ["time;power_output;energy_total;temperature_inverter (°C)", "2025-06-21 12:00;4,5;1.234,75;51,5"]
    body = csv(*(line.replace(";", delimiter) for line in lines), encoding=encoding)

    assert read(body).only == {
        utc(2025, 6, 21, 7): {"power_output": 4.5, "energy_total": 1234.75, "temperature_inverter": 51.5}
    }


def test_thousands_in_quotes_are_thousands() -> None:
    body = csv("time,energy_total,power_output", '2025-06-21 12:00,"20,123.75",4.5', '2025-06-21 12:05,"20,124",4')

    assert [row["energy_total"] for row in read(body).only.values()] == [20123.75, 20124.0]
