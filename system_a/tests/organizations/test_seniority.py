from solarhub.organizations.seniority import in_gift_of
from solarhub.organizations.vocabulary import OrgMemberRole

OWNER, ADMIN, MANAGER, VIEWER, INSTALLER = OrgMemberRole


def test_owners_give_everything_admins_all_below_owners_and_nobody_else_anything() -> None:
    assert in_gift_of(OWNER) == {OWNER, ADMIN, MANAGER, VIEWER, INSTALLER}
    assert in_gift_of(ADMIN) == {ADMIN, MANAGER, VIEWER, INSTALLER}
    assert {in_gift_of(role) for role in (MANAGER, VIEWER, INSTALLER, None)} == {frozenset()}
