import pytest

from solarhub.organizations.roles import GUEST_PERMISSIONS, MEANINGS, PERMISSIONS, Permission, of_guest
from solarhub.organizations.vocabulary import OrgMemberRole

OWNER, ADMIN, MANAGER, VIEWER, INSTALLER = OrgMemberRole


def test_every_right_has_a_meaning_and_somebody_who_holds_it() -> None:
    assert set(MEANINGS) == set(Permission)
    assert frozenset[Permission]().union(*PERMISSIONS.values()) == set(Permission)
    assert set(PERMISSIONS) == set(OrgMemberRole)


def test_each_role_holds_what_those_below_it_hold() -> None:
    assert PERMISSIONS[VIEWER] < PERMISSIONS[MANAGER] < PERMISSIONS[ADMIN] < PERMISSIONS[OWNER]
    assert PERMISSIONS[INSTALLER] < PERMISSIONS[MANAGER]


def test_a_viewer_changes_nothing_and_never_sees_how_a_device_is_reached() -> None:
    assert {right.value.partition(":")[2] for right in PERMISSIONS[VIEWER]} == {"read"}
    assert Permission.DEVICES_CONNECTION not in PERMISSIONS[VIEWER]


def test_an_installer_sets_devices_up_and_cannot_touch_rules() -> None:
    assert {Permission.DEVICES_CHANGE, Permission.DEVICES_CREDENTIALS} < PERMISSIONS[INSTALLER]
    assert not {right for right in PERMISSIONS[INSTALLER] if right.value.startswith("rules")}


@pytest.mark.parametrize("role", [MANAGER, VIEWER, INSTALLER])
def test_a_grant_for_one_plant_gives_nothing_of_the_organization_around_it(role: OrgMemberRole) -> None:
    around = ("organization", "members", "grants", "api_keys", "webhooks", "notifications", "audit", "claims")
    assert of_guest(role) <= GUEST_PERMISSIONS
    assert not [right for right in of_guest(role) if right.value.startswith(around)]
    assert not of_guest(role) & {Permission.SITES_CREATE, Permission.SITES_REMOVE, Permission.SITES_HAND_OVER}
