"""Who may make whom what: pure."""

from solarhub.organizations.vocabulary import OrgMemberRole

_BELOW_OWNERS = frozenset(OrgMemberRole) - {OrgMemberRole.OWNER}


def in_gift_of(role: OrgMemberRole | None) -> frozenset[OrgMemberRole]:
    """The roles that somebody in this role gives, and whose bearers he may change or remove.

    Owners alone make and unmake owners; admins everybody below. Nobody else gives anything.
    """
    match role:
        case OrgMemberRole.OWNER:
            return frozenset(OrgMemberRole)
        case OrgMemberRole.ADMIN:
            return _BELOW_OWNERS
        case _:
            return frozenset()
