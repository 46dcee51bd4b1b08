"""What a revision must not do without being noticed."""

import re
from pathlib import Path

from tests.house.tree import PACKAGE, inside, name

# Under FORCE ROW LEVEL SECURITY the owner's own UPDATE of a tenant table touches no row and says nothing. `discos`
# belongs to no tenant.
CHANGES_ROWS = r"(?i)\b(insert into|delete from|update(?= \w+ set\b)) (?!discos\b)\w"


FUNCTION = r"(?s)CREATE (OR REPLACE )?FUNCTION .*?AS \$\$.*?\$\$"
"""Makes a function, and changes no row itself: whoever calls it stands where the rows are."""


def outside_functions(path: Path) -> str:
    """The text with as many lines as before."""
    return re.sub(FUNCTION, lambda function: "\n" * function[0].count("\n"), path.read_text("utf-8"))


def changes(paths: list[Path]) -> list[str]:
    return [
        f"{name(path)}:{number}"
        for path in paths
        for number, line in enumerate(outside_functions(path).splitlines(), 1)
        if re.search(CHANGES_ROWS, line)
    ]


def test_no_revision_changes_rows_of_a_tenant_table() -> None:
    assert changes(inside(PACKAGE / "migrations", ".py", ".sql")) == []


def test_a_revision_that_changes_rows_would_be_found(tmp_path: Path) -> None:
    revision = tmp_path / "0002_fill.py"
    revision.write_text(
        'op.execute("UPDATE devices SET status = status")\nop.execute("INSERT INTO discos VALUES (1)")\n'
    )
    functions = tmp_path / "0002_fill.sql"
    functions.write_text(
        "CREATE FUNCTION move() RETURNS void AS $$\nUPDATE devices SET status = status\n$$;\n"
        "DO $$ BEGIN\n DELETE FROM devices; END $$;\n"
    )

    assert [place.split(":")[1] for place in changes([revision, functions])] == ["1", "5"]
