"""Reads docs/schema.md, so that tests can hold the live catalogue against the document itself."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs" / "schema.md"

SHORT_NAMES = {
    "org_id": "organization_id",
    "conn_config": "connection_config",
    "firmware_ver": "firmware_version",
    "cooldown_min": "cooldown_minutes",
    "ack_by": "acknowledged_by",
    "ack_at": "acknowledged_at",
    "notif_sent": "notifications_sent",
    "threshold": "threshold_value",
}
"""The picture's short names, as the rest of the document spells them."""


@dataclass(frozen=True)
class PicturedColumn:
    name: str
    is_primary_key: bool
    is_foreign_key: bool
    is_unique: bool
    is_nullable: bool
    is_array: bool


@cache
def text() -> str:
    return DOCUMENT.read_text("utf-8")


def section(title: str) -> str:
    """The text under a heading, down to the next heading of the same or a higher level."""
    match = re.search(rf"^(#+) {re.escape(title)}$", text(), re.MULTILINE)
    assert match, f"docs/schema.md has no heading {title!r}"
    level = len(match.group(1))
    rest = text()[match.end() :]
    end = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def tables() -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", section("Tables Summary"), re.MULTILINE)


def enums() -> dict[str, list[str]]:
    blocks = re.split(r"^### ", section("Enum Types"), flags=re.MULTILINE)[1:]
    return {block.splitlines()[0].strip(): re.findall(r"^\| `(\w+)` \|", block, re.MULTILINE) for block in blocks}


def discos() -> list[str]:
    return re.findall(r"^- `(\w+)` - ", section("DISCO Providers"), re.MULTILINE)


def views() -> list[str]:
    return re.findall(r"^### (v_\w+)$", section("Views"), re.MULTILINE)


def unique_columns() -> list[tuple[str, str]]:
    line = next(line for line in section("Primary Indexes").splitlines() if "Unique constraints" in line)
    return re.findall(r"`(\w+)\.(\w+)`", line)


def index_lists(title: str) -> list[tuple[str, list[str]]]:
    """(table, columns) of each bullet of an index list."""
    found = re.findall(r"^- `(\w+)\(([\w, ]+)\)`", section(title), re.MULTILINE)
    return [(table, [column.strip() for column in columns.split(",")]) for table, columns in found]


def partial_indexes() -> list[tuple[str, str]]:
    """(table, condition) of each partial index."""
    return re.findall(r"^- `(\w+) WHERE (.+?)`", section("Partial Indexes"), re.MULTILINE)


def picture() -> dict[str, list[PicturedColumn]]:
    """The boxes of the diagram: table name -> its columns, with the legend's marks read."""
    lines = section("Entity Relationship Diagram (ERD)").splitlines()
    boxes: dict[str, list[PicturedColumn]] = {}
    for table in tables():
        row, left, right = _box(lines, table.upper())
        columns = []
        for line in lines[row + 2 :]:  # the title's row, then a rule
            if line[left] == "└":
                break
            columns.append(_column(line[left + 1 : right]))
        boxes[table] = columns
    return boxes


def _box(lines: list[str], title: str) -> tuple[int, int, int]:
    for row, line in enumerate(lines):
        match = re.search(rf"│ +{title} +│", line)
        if match:
            return row, match.start(), match.end() - 1
    raise AssertionError(f"the picture has no box {title}")


def _column(cell: str) -> PicturedColumn:
    marks = cell.split()
    kind = marks[0] if marks[0] in ("PK", "FK") else ""
    name = next(mark for mark in marks if mark not in ("PK", "FK"))
    short = name.removesuffix("[]")
    return PicturedColumn(
        name=SHORT_NAMES.get(short, short),
        is_primary_key=kind == "PK",
        is_foreign_key=kind == "FK",
        is_unique="(U)" in marks,
        is_nullable="(N)" in marks,
        is_array=name.endswith("[]"),
    )
