"""Files as they come: what is a row, on which line it begins, and what is no file at all."""

import pytest

from solarhub.devices.bulk.table import MOST_ROWS, read
from solarhub.kit.errors import TooLarge, Unreadable


def test_a_row_is_known_by_the_line_on_which_it_begins() -> None:
    table = read(b'site_name,street\n\nA,"one\ntwo"\n , \nB,x\n', is_json=False)
    assert [(row.line, dict(row.cells)) for row in table.rows] == [
        (3, {"site_name": "A", "street": "one\ntwo"}),
        (6, {"site_name": "B", "street": "x"}),
    ]


def test_a_line_that_says_what_parts_cells_counts_as_a_line() -> None:
    table = read(b"sep=;\nsite_name;latitude\nA;31,5\n", is_json=False)
    assert (table.rows[0].line, table.decimal_comma) == (3, True)


def test_commas_inside_quotes_part_nothing() -> None:
    assert read(b'"site, name, of, it";latitude\nA;1\n', is_json=False).headers == ("site, name, of, it", "latitude")


def test_cells_beyond_the_headers_are_counted_and_empty_ones_are_not() -> None:
    table = read(b"site_name,,\nA,,,x,,y\nB,,,,,\n", is_json=False)
    assert [(row.surplus, dict(row.cells)) for row in table.rows] == [(2, {"site_name": "A"}), (0, {"site_name": "B"})]


def test_urdu_keeps_its_joiners_and_loses_marks_that_nobody_sees() -> None:
    name = "گل\u200cبرگ"
    [row] = read(f"site_name\n\u200f{name}\u200b \n".encode(), is_json=False).rows
    assert row.cells["site_name"] == name


@pytest.mark.parametrize(("cell", "kept"), [("'=1+1", "=1+1"), ("'+92", "+92"), ("'tis", "'tis"), ("-5", "-5")])
def test_an_apostrophe_before_a_formula_is_a_spreadsheets_and_any_other_is_a_letter(cell: str, kept: str) -> None:
    assert read(f"site_name\n{cell}\n".encode(), is_json=False).rows[0].cells == {"site_name": kept}


def test_json_rows_are_numbered_and_what_is_null_is_left_out() -> None:
    table = read(b'{"rows": [{"site_name": " A ", "latitude": null}, {"tags": ["a"]}]}', is_json=True)
    assert [(row.line, dict(row.cells)) for row in table.rows] == [(1, {"site_name": "A"}), (2, {"tags": ["a"]})]
    assert table.headers == ("site_name", "tags")


def test_too_many_rows_and_columns_are_refused_before_anybody_reads_them() -> None:
    with pytest.raises(TooLarge):
        read(b"site_name\n" + b"A\n" * (MOST_ROWS + 1), is_json=False)
    with pytest.raises(Unreadable):
        read(b"," * 300 + b"x\nA\n", is_json=False)
