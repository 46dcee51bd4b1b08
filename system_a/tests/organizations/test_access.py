from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.kit.errors import Forbidden, NotFound
from solarhub.kit.ids import uuid7
from solarhub.kit.tokens import SESSION, new_token, sha256_of
from solarhub.organizations import access
from solarhub.organizations.access import Standing, enter, enter_as_operator, enter_both, enter_one, known_organizations
from solarhub.organizations.actor import Actor, KeyPass
from solarhub.organizations.roles import PERMISSIONS, Permission, of_guest
from solarhub.organizations.vocabulary import OrgMemberRole
from solarhub.sites import registry
from tests.conftest import MakeTenant, Tenant, TestDatabase

OWNER, ADMIN, MANAGER, VIEWER, INSTALLER = OrgMemberRole


def person(database: TestDatabase, role: str = "viewer") -> Actor:
    user_id = uuid7()
    database.fetch(
        "insert into users (id, email, password_hash, first_name, last_name)"
        f" values ('{user_id}', '{user_id.hex}@example.org', '!', 'A', 'B')"
    )
    return Actor(user_id, is_super_admin=role == "super_admin")


def joins(database: TestDatabase, actor: Actor, organization_id: UUID, role: OrgMemberRole) -> None:
    database.fetch(
        "insert into organization_members (organization_id, user_id, role, invitation_accepted, joined_at)"
        f" values ('{organization_id}', '{actor.user_id}', '{role}', true, now())"
    )


def lends(
    database: TestDatabase,
    site_id: UUID,
    role: OrgMemberRole,
    *,
    to: Actor | None = None,
    to_organization: UUID | None = None,
    until: timedelta | None = None,
) -> None:
    user = f"'{to.user_id}'" if to is not None else "null"
    organization = f"'{to_organization}'" if to_organization is not None else "null"
    expires = f"'{now() + until}'" if until is not None else "null"
    database.fetch(
        "insert into site_grants (organization_id, site_id, user_id, grantee_organization_id, role, granted_by,"
        f" accepted_at, expires_at) select s.organization_id, s.id, {user}, {organization}, '{role}', o.owner_id,"
        f" now(), {expires} from sites s join organizations o on o.id = s.organization_id where s.id = '{site_id}'"
    )


async def seen(app_database: Database, *organization_ids: UUID) -> int:
    async with app_database.session() as session:
        if organization_ids:
            await enter_as_operator(session, *organization_ids)
        found = await (await session.connection()).exec_driver_sql("select count(*) from sites")
        count: int = found.scalar_one()
        return count


async def test_a_session_sees_what_it_has_entered_and_nothing_else(
    app_database: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    assert await seen(app_database) == 0
    assert await seen(app_database, ours.organization_id) == 1
    assert await seen(app_database, ours.organization_id, theirs.organization_id) == 2


async def test_what_was_entered_does_not_stay_with_the_connection(
    app_database: Database, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours")
    for _ in range(20):
        assert await seen(app_database, ours.organization_id) == 1
        assert await seen(app_database) == 0


async def test_entering_holds_for_the_transactions_that_follow(app_database: Database, make_tenant: MakeTenant) -> None:
    ours = await make_tenant("Ours")
    async with app_database.session() as session:
        await enter_one(session, ours.organization_id)
        await session.rollback()
        assert (await registry.find(session, ours.site_id)).id == ours.site_id


async def test_one_that_is_not_there_cannot_be_entered(app_database: Database) -> None:
    async with app_database.session() as session:
        with pytest.raises(NotFound):
            await enter_one(session, uuid7())


async def test_the_auth_role_knows_every_organization_that_is_not_removed(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    await make_tenant("Beacon")
    alpha = await make_tenant("Alpha")
    gone = await make_tenant("Gone")
    database.fetch(f"update organizations set removed_at = now() where id = '{gone.organization_id}'")
    known = await known_organizations(auth_database)
    assert [organization.name for organization in known] == ["Alpha", "Beacon"]
    assert (known[0].id, known[0].key) == (alpha.organization_id, alpha.organization_key)


@pytest.mark.parametrize("role", OrgMemberRole)
async def test_a_member_holds_the_rights_of_the_role_in_all_of_it(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant, role: OrgMemberRole
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    actor = person(database)
    joins(database, actor, ours.organization_id, role)

    standing = await access.standing_of(auth_database, actor, ours.organization_id)

    assert standing.permissions == PERMISSIONS[role]
    assert standing.sites_with(Permission.SITES_READ) is None
    with pytest.raises(NotFound):
        await access.standing_of(auth_database, actor, theirs.organization_id)
    assert [each.organization.name for each in await access.standings_of(auth_database, actor)] == ["Ours"]


async def test_an_invitation_that_was_not_accepted_and_a_membership_that_ended_open_nothing(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours")
    for change in ("joined_at = null, invitation_accepted = false", "removed_at = now()"):
        actor = person(database)
        joins(database, actor, ours.organization_id, OWNER)
        database.fetch(f"update organization_members set {change} where user_id = '{actor.user_id}'")
        with pytest.raises(NotFound):
            await access.standing_of(auth_database, actor, ours.organization_id)


async def test_a_guest_holds_the_granted_role_at_the_plant_and_nowhere_else(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours")
    actor = person(database)
    lends(database, ours.site_id, MANAGER, to=actor)

    standing = await access.standing_of(auth_database, actor, ours.organization_id)

    assert not standing.permissions
    assert standing.can(Permission.SITES_CHANGE, ours.site_id)
    assert not standing.can(Permission.SITES_CHANGE)
    assert standing.sites_with(Permission.SITES_READ) == frozenset([ours.site_id])
    with pytest.raises(Forbidden):
        standing.sites_with(Permission.MEMBERS_READ)


async def test_a_grant_ends_when_its_time_is_up_or_it_is_taken_back(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours")
    early, late, taken_back = person(database), person(database), person(database)
    lends(database, ours.site_id, VIEWER, to=early, until=timedelta(seconds=-1))
    lends(database, ours.site_id, VIEWER, to=late, until=timedelta(hours=1))
    lends(database, ours.site_id, VIEWER, to=taken_back)
    database.fetch(f"update site_grants set removed_at = now() where user_id = '{taken_back.user_id}'")
    assert (await access.standing_of(auth_database, late, ours.organization_id)).by_site
    for actor in (early, taken_back):
        with pytest.raises(NotFound):
            await access.standing_of(auth_database, actor, ours.organization_id)


async def test_a_borrowing_organizations_members_hold_no_more_than_their_own_role_and_the_grant(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    lender, borrower = await make_tenant("Lender"), await make_tenant("Borrower")
    lends(database, lender.site_id, MANAGER, to_organization=borrower.organization_id)
    members = {role: person(database) for role in OrgMemberRole}
    for role, actor in members.items():
        joins(database, actor, borrower.organization_id, role)
        standing = await access.standing_of(auth_database, actor, lender.organization_id)
        assert standing.by_site == {lender.site_id: of_guest(MANAGER) & PERMISSIONS[role]}
        assert not standing.permissions
    # what a suspended organization borrowed, nobody of it sees
    database.fetch(f"update organizations set status = 'suspended' where id = '{borrower.organization_id}'")
    with pytest.raises(NotFound):
        await access.standing_of(auth_database, members[OWNER], lender.organization_id)


async def test_a_member_with_a_grant_holds_both(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours")
    actor = person(database)
    joins(database, actor, ours.organization_id, VIEWER)
    lends(database, ours.site_id, MANAGER, to=actor)
    standing = await access.standing_of(auth_database, actor, ours.organization_id)
    assert standing.sites_with(Permission.SITES_READ) is None
    assert standing.sites_with(Permission.SITES_CHANGE) == frozenset([ours.site_id])


async def test_a_super_admin_stands_everywhere_as_an_owner(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    await make_tenant("Alpha")
    await make_tenant("Beacon")
    standings = await access.standings_of(auth_database, person(database, "super_admin"))
    assert [each.organization.name for each in standings] == ["Alpha", "Beacon"]
    assert all(each.permissions == PERMISSIONS[OWNER] for each in standings)


async def test_a_key_opens_its_organization_for_what_it_names_and_its_maker_may(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    maker = person(database)
    for tenant in (ours, theirs):
        joins(database, maker, tenant.organization_id, VIEWER)
    key = KeyPass(uuid7(), ours.organization_id, frozenset({Permission.SITES_READ, Permission.SITES_CHANGE}))
    actor = Actor(maker.user_id, key=key)
    standing = await access.standing_of(auth_database, actor, ours.organization_id)
    assert standing.permissions == {Permission.SITES_READ}
    with pytest.raises(NotFound):
        await access.standing_of(auth_database, actor, theirs.organization_id)
    assert len(await access.standings_of(auth_database, actor)) == 1


async def _two_plants(database: TestDatabase, tenant: Tenant) -> UUID:
    neighbour = uuid7()
    database.fetch(
        "insert into sites (id, organization_id, name, latitude, longitude)"
        f" values ('{neighbour}', '{tenant.organization_id}', 'Neighbour', 31, 74)"
    )
    return neighbour


@pytest.mark.parametrize("walls", ["both", "first", "second"])
async def test_a_guests_session_sees_the_one_plant_through_either_wall(
    app_database: Database,
    auth_database: Database,
    database: TestDatabase,
    make_tenant: MakeTenant,
    walls: str,
) -> None:
    ours = await make_tenant("Ours")
    neighbour = await _two_plants(database, ours)
    actor = person(database)
    lends(database, ours.site_id, VIEWER, to=actor)
    standing = await access.standing_of(auth_database, actor, ours.organization_id)
    async with app_database.session() as session:
        await enter(session, standing, Permission.SITES_READ)
        if walls == "second":
            session.info["criteria"] = ()
        if walls == "first":
            database.fetch("alter table sites disable row level security")
        assert (await registry.find(session, ours.site_id)).id == ours.site_id
        with pytest.raises(NotFound):
            await registry.find(session, neighbour)


async def test_to_move_something_one_must_hold_the_right_on_both_sides(
    app_database: Database, auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver, receiver = await make_tenant("Giver"), await make_tenant("Receiver")
    actor = person(database)
    joins(database, actor, giver.organization_id, OWNER)
    joins(database, actor, receiver.organization_id, ADMIN)
    here = await access.standing_of(auth_database, actor, giver.organization_id)
    there = await access.standing_of(auth_database, actor, receiver.organization_id)
    async with app_database.session() as session:
        await enter_both(session, (here, Permission.SITES_HAND_OVER), (there, Permission.SITES_CREATE))
        assert (await registry.find(session, giver.site_id)).id != (await registry.find(session, receiver.site_id)).id
        with pytest.raises(Forbidden):
            await enter_both(session, (here, Permission.SITES_HAND_OVER), (there, Permission.ORGANIZATION_TRANSFER))


async def test_a_second_factor_is_asked_of_owners_and_admins_where_the_organization_wants_it(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours")
    database.fetch("""update organizations set settings = '{"require_second_factor": true}'""")
    for role in OrgMemberRole:
        actor = person(database)
        joins(database, actor, ours.organization_id, role)
        standing = await access.standing_of(auth_database, actor, ours.organization_id)
        if role in (OWNER, ADMIN):
            with pytest.raises(Forbidden, match="second factor"):
                standing.check_second_factor()
            proven = Actor(actor.user_id, second_factor=True)
            (await access.standing_of(auth_database, proven, ours.organization_id)).check_second_factor()
        else:
            standing.check_second_factor()


@pytest.mark.parametrize("status", ["suspended", "closed"])
async def test_an_organization_that_is_not_active_is_read_and_not_changed(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant, status: str
) -> None:
    ours = await make_tenant("Ours")
    actor = person(database)
    joins(database, actor, ours.organization_id, OWNER)
    (await access.standing_of(auth_database, actor, ours.organization_id)).check_writable()
    database.fetch(f"update organizations set status = '{status}'")
    with pytest.raises(Forbidden, match=status):
        (await access.standing_of(auth_database, actor, ours.organization_id)).check_writable()


def signs_in(database: TestDatabase, actor: Actor, *, second_factor: bool = False) -> str:
    token = new_token(SESSION)
    at = "now()" if second_factor else "null"
    database.fetch(
        "insert into user_sessions (user_id, token_sha256, expires_at, second_factor_at)"
        f" values ('{actor.user_id}', '\\x{sha256_of(token).hex()}', now() + interval '1 day', {at})"
    )
    return token


async def test_a_session_and_what_it_opens_are_found_in_one_look_as_they_are_in_two(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    ours, theirs, gone = await make_tenant("Ours"), await make_tenant("Theirs"), await make_tenant("Gone")
    actors = {name: person(database) for name in ("member", "guest", "borrower", "both", "former", "stranger")}
    actors["super admin"] = person(database)
    database.fetch(f"update users set role = 'super_admin' where id = '{actors['super admin'].user_id}'")
    for name in ("member", "both", "former"):
        joins(database, actors[name], ours.organization_id, MANAGER)
    for place in (gone.organization_id, theirs.organization_id):
        joins(database, actors["borrower"], place, ADMIN)
    lends(database, ours.site_id, VIEWER, to=actors["guest"])
    lends(database, ours.site_id, INSTALLER, to=actors["both"])
    lends(database, ours.site_id, INSTALLER, to_organization=theirs.organization_id)
    database.fetch(f"update organization_members set removed_at = now() where user_id = '{actors['former'].user_id}'")
    database.fetch(f"update organizations set removed_at = now() where id = '{gone.organization_id}'")

    known = set()
    for name, actor in actors.items():
        token = signs_in(database, actor, second_factor=name == "member")
        whole = replace(actor, is_super_admin=name == "super admin", second_factor=name == "member")
        for place in (ours.organization_id, theirs.organization_id, gone.organization_id, uuid7()):
            expected: Standing | None
            try:
                expected = await access.standing_of(auth_database, whole, place)
            except NotFound:
                expected = None
            assert await access.standing_by_session(auth_database, token, place) == (whole, expected), name
            if expected is not None:
                known.add((name, expected.organization.name))
    assert {name for name, place in known if place == "Ours"} == {"member", "guest", "borrower", "both", "super admin"}
    assert {name for name, place in known if place == "Theirs"} == {"borrower", "super admin"}


@pytest.mark.parametrize(
    "end", ["revoked_at = now()", "expires_at = now()", "awaiting_second_factor = true", "last_seen_at = '2020-01-01'"]
)
async def test_a_session_that_is_over_opens_nothing_in_one_look(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant, end: str
) -> None:
    ours = await make_tenant("Ours")
    actor = person(database)
    joins(database, actor, ours.organization_id, OWNER)
    token = signs_in(database, actor)
    assert await access.standing_by_session(auth_database, token, ours.organization_id) is not None
    database.fetch(f"update user_sessions set {end} where user_id = '{actor.user_id}'")
    assert await access.standing_by_session(auth_database, token, ours.organization_id) is None
    assert await access.standing_by_session(auth_database, new_token(SESSION), ours.organization_id) is None
    assert await access.standing_by_session(auth_database, "", ours.organization_id) is None
