"""From the bytes of a file to rows of named cells: CSV as spreadsheets write it, or JSON. Pure."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from solarhub.kit.errors import TooLarge, Unreadable

MOST_ROWS = 5_000
MOST_BYTES = 4 * 2**20
_MOST_COLUMNS = 200
_DELIMITERS = (",", ";", "\t")
_NOT_UTF8 = "The file is not UTF-8. In Excel choose Save As, then “CSV UTF-8 (Comma delimited)”."
# what is left of copying from web pages and PDFs; joiners stay: Urdu needs them
_INVISIBLE = re.compile("[\ufeff\u200b\u2060\u200e\u200f\u202a-\u202e]")
_SHIELDED = re.compile(r"'(?=[=+\-@\t\r])")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins in the file, and its cells by header. In CSV they are text, empty ones left out."""

    line: int
    cells: Mapping[str, Any]
    surplus: int = 0
    """Cells beyond the last header, with something in them."""


@dataclass(frozen=True, slots=True)
class Table:
    """`decimal_comma`: cells are not parted by commas, so that a comma in a number is a decimal one."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal_comma: bool = False


def read(body: bytes, *, is_json: bool) -> Table:
    """Raises Unreadable for what is no such file at all, TooLarge for one of more than 5,000 rows."""
    text = _decoded(body)
    table = _from_json(text) if is_json else _from_csv(text)
    if len(table.rows) > MOST_ROWS:
        raise TooLarge(
            f"At most {MOST_ROWS:,} rows are taken at once, and these are {len(table.rows):,}: split the file."
        )
    if len(table.headers) > _MOST_COLUMNS:
        raise Unreadable(f"The file has {len(table.headers)} columns; at most {_MOST_COLUMNS} are read.")
    if not table.rows:
        raise Unreadable("The file has no rows beneath its headers." if not is_json else "The list is empty.")
    return table


def _decoded(body: bytes) -> str:
    try:
        if body.startswith((b"\xff\xfe", b"\xfe\xff")):
            return body.decode("utf-16")  # Excel's “Unicode Text”
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(_NOT_UTF8) from None


def _from_csv(text: str) -> Table:
    text, delimiter, before = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    headers: tuple[str, ...] | None = None
    line = 0
    try:
        for record in reader:
            begins, line = line + 1 + before, reader.line_num
            cells = [_clean(cell) for cell in record]
            if not any(cells):
                continue
            if headers is None:
                headers = _without_empty_end(cells)
                continue
            named = {header: cell for header, cell in zip(headers, cells, strict=False) if header and cell}
            rows.append(Row(begins, named, sum(1 for cell in cells[len(headers) :] if cell)))
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num + before} of the file cannot be read: {error}.") from None
    if headers is None:
        raise Unreadable("The file is empty; its first line names the columns.")
    return Table(headers, tuple(rows), decimal_comma=delimiter != ",")


def _delimiter(text: str) -> tuple[str, str, int]:
    """The text, what parts its cells, and how many lines were taken off: Excel's own `sep=;` says it in the first."""
    first, newline, rest = text.partition("\n")
    told = re.fullmatch(r"\s*\"?sep=(.)\"?\s*", first, re.IGNORECASE)
    if told and told[1] in _DELIMITERS:
        return rest, told[1], 1
    if told and newline and first.strip().lower() == "sep=":
        return rest, "\t", 1
    header = next((line for line in text.splitlines() if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", header)
    return text, max(_DELIMITERS, key=outside.count), 0


def _without_empty_end(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return tuple(cells)


def _clean(cell: str) -> str:
    """Without blanks around it and characters that nobody sees. An export's apostrophe before a formula goes."""
    plain = _INVISIBLE.sub("", cell).strip().replace("\u00a0", " ").strip()
    return plain[1:] if _SHIELDED.match(plain) else plain


def _from_json(text: str) -> Table:
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The body is not JSON: {str(error)[:200]}.") from None
    if isinstance(document, Mapping) and document.keys() == {"rows"}:
        document = document["rows"]
    if not isinstance(document, list) or not all(isinstance(item, Mapping) for item in document):
        raise Unreadable('The JSON is a list of objects, or {"rows": [...]}: an object for each row.')
    rows = tuple(Row(number, dict(_told(item))) for number, item in enumerate(document, 1))
    return Table(tuple(dict.fromkeys(header for row in rows for header in row.cells)), rows)


def _told(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in item.items():
        cell = _clean(value) if isinstance(value, str) else value
        if cell not in (None, ""):
            yield key, cell


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number that JSON knows")
