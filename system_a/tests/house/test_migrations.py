"""What a revision must not do without being noticed."""

import re
from pathlib import Path

from tests.house.tree import PACKAGE, inside, matches

# Under FORCE ROW LEVEL SECURITY the owner's own UPDATE of a tenant table touches no row and says nothing. `discos`
# belongs to no tenant.
CHANGES_ROWS = r"(?i)\b(insert into|delete from|update(?= \w+ set\b)) (?!discos\b)\w"


HANDOVER = PACKAGE / "migrations" / "sql" / "0002_handover.sql"
"""Makes a function, and changes no row itself: whoever calls it stands where the rows are."""


def test_no_revision_changes_rows_of_a_tenant_table() -> None:
    revisions = [path for path in inside(PACKAGE / "migrations", ".py", ".sql") if path != HANDOVER]
    assert list(matches(CHANGES_ROWS, revisions)) == []


def test_what_is_let_through_only_makes_a_function() -> None:
    outside = re.sub(r"AS \$\$.*?\$\$", "", HANDOVER.read_text("utf-8"), flags=re.DOTALL)
    assert "CREATE FUNCTION" in outside
    assert re.search(CHANGES_ROWS, outside) is None


def test_a_revision_that_changes_rows_would_be_found(tmp_path: Path) -> None:
    revision = tmp_path / "0002_fill.py"
    revision.write_text(
        'op.execute("UPDATE devices SET status = status")\nop.execute("INSERT INTO discos VALUES (1)")\n'
    )

    assert [place.split(":")[1] for place in matches(CHANGES_ROWS, [revision])] == ["1"]
