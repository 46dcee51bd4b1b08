from solarhub.organizations.permission_table import permission_table
from solarhub.organizations.roles import MEANINGS, PERMISSIONS, Permission
from tests.house.tree import ROOT

DOCUMENT = ROOT / "docs" / "permissions.md"


def test_the_document_says_what_the_hub_decides_by() -> None:
    stale = "docs/permissions.md is stale: solarhub permissions > docs/permissions.md"
    assert DOCUMENT.read_text("utf-8") == permission_table(), stale


def test_every_right_has_a_line_with_its_meaning_and_a_word_for_each_role() -> None:
    lines = permission_table().splitlines()
    for permission in Permission:
        line = next(line for line in lines if line.startswith(f"| `{permission}` |"))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[1] == MEANINGS[permission]
        assert [cell == "yes" for cell in cells[2:]] == [permission in rights for rights in PERMISSIONS.values()]
