"""What a revision must not do without being noticed."""

from pathlib import Path

from tests.house.tree import PACKAGE, inside, matches

# Under FORCE ROW LEVEL SECURITY the owner's own UPDATE of a tenant table touches no row and says nothing. `discos`
# belongs to no tenant.
CHANGES_ROWS = r"(?i)\b(insert into|delete from|update(?= \w+ set\b)) (?!discos\b)\w"


def test_no_revision_changes_rows_of_a_tenant_table() -> None:
    assert list(matches(CHANGES_ROWS, inside(PACKAGE / "migrations", ".py", ".sql"))) == []


def test_a_revision_that_changes_rows_would_be_found(tmp_path: Path) -> None:
    revision = tmp_path / "0002_fill.py"
    revision.write_text(
        'op.execute("UPDATE devices SET status = status")\nop.execute("INSERT INTO discos VALUES (1)")\n'
    )

    assert [place.split(":")[1] for place in matches(CHANGES_ROWS, [revision])] == ["1"]
