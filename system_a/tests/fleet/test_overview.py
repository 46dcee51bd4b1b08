from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from solarhub.fleet.gathering import fleet_everywhere
from solarhub.fleet.overview import overview
from solarhub.fleet.plants import State
from solarhub.fleet.reach import reach_of
from solarhub.fleet.vocabulary import View
from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.organizations.access import Standing, standings_of
from solarhub.organizations.actor import Actor
from tests.conftest import MakeTenant, Tenant, TestDatabase


async def standings(auth_database: Database, *tenants: Tenant) -> list[Standing]:
    """As somebody who runs the hub, in these organizations."""
    ids = {tenant.organization_id for tenant in tenants}
    everywhere = await standings_of(auth_database, Actor(tenants[0].owner_id, is_super_admin=True))
    return [standing for standing in everywhere if standing.organization.id in ids]


async def test_an_overview_holds_the_organizations_it_was_asked_for_and_no_more(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours", devices={"A": "inverter", "B": "meter"})
    await make_tenant("Theirs")
    async with app_database.session() as session:
        found = await overview(session, await standings(auth_database, ours), now())
    [plant] = found.plants
    assert (plant.situation.name, plant.organization, plant.state) == ("Ours plant", "Ours", State.WAITING)
    assert (plant.situation.devices, plant.power, plant.day) == (2, None, None)
    assert found.states == {State.WAITING: 1}


async def test_of_many_plants_the_worst_are_shown_and_the_others_counted(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant()
    database.fetch(
        "insert into sites (organization_id, name, latitude, longitude)"
        f" select '{tenant.organization_id}', 'Plant ' || n, 31.5, 74.3 from generate_series(1, 99) n",
        "update sites set status = 'decommissioned' where name = 'Plant 99'",
        "update devices set status = 'offline'",
    )
    async with app_database.session() as session:
        found = await overview(session, await standings(auth_database, tenant), now())
    assert (len(found.plants), found.more) == (60, 39)
    assert (found.plants[0].situation.site_id, found.plants[0].state) == (tenant.site_id, State.SILENT)
    assert found.plants[0].silent == ["Inverter 1"]
    assert found.states == {State.SILENT: 1, State.WAITING: 98}


async def test_the_view_of_what_needs_attention_counts_all_plants_and_shows_those_alone(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant()
    database.fetch(
        "insert into sites (organization_id, name, latitude, longitude)"
        f" select '{tenant.organization_id}', 'Plant ' || n, 31.5, 74.3 from generate_series(1, 3) n",
        "update devices set status = 'offline'",
    )
    async with app_database.session() as session:
        found = await overview(session, await standings(auth_database, tenant), now(), View.ATTENTION)
    assert [plant.situation.site_id for plant in found.plants] == [tenant.site_id]
    assert (found.more, found.states) == (0, {State.SILENT: 1, State.WAITING: 3})


async def test_more_alerts_than_are_read_are_counted_all_the_same(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant()
    database.fetch(
        "insert into alert_rules (organization_id, name, severity, condition) values"
        f' (\'{tenant.organization_id}\', \'Low\', \'warning\', \'{{"metric": "power_output", "operator": "lt",'
        ' "threshold": 1, "duration_seconds": 0}\')',
        "insert into alerts (rule_id, organization_id, site_id, severity, title, message, triggered_at)"
        f" select r.id, r.organization_id, '{tenant.site_id}', 'warning', 'Low', 'Low', now()"
        " from alert_rules r, generate_series(1, 1100)",
    )
    async with app_database.session() as session:
        found = await overview(session, await standings(auth_database, tenant), now())
    assert found.plants[0].situation.warning_alerts == 1100
    assert len(found.plants[0].alerts) == 1000


async def test_an_organization_that_asks_for_a_second_factor_is_left_out_and_named(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    ours, strict, closed = await make_tenant("Ours"), await make_tenant("Strict"), await make_tenant("Closed")
    database.fetch(
        "update organizations set settings = '{\"require_second_factor\": true}'"
        f" where id = '{strict.organization_id}'",
        f"update organizations set status = 'closed' where id = '{closed.organization_id}'",
    )
    reach = reach_of(await standings(auth_database, ours, strict, closed))
    assert [standing.organization.name for standing in reach.standings] == ["Ours"]
    async with app_database.session() as session:
        fleet = await fleet_everywhere(session, reach, now())
    assert (fleet.plants, fleet.locked) == (1, [strict.organization_id])


@contextmanager
def counting(database: Database, statements: list[str]) -> Iterator[None]:
    """Every statement that the pool sends meanwhile."""

    def sent(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", sent)
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", sent)


@pytest.mark.parametrize("organizations", [1, 25])
async def test_an_overview_costs_as_many_statements_for_many_plants_and_organizations_as_for_one(
    app_database: Database,
    auth_database: Database,
    make_tenant: MakeTenant,
    database: TestDatabase,
    organizations: int,
) -> None:
    tenants = [await make_tenant(f"O{number}") for number in range(organizations)]
    database.fetch(
        "insert into sites (organization_id, name, latitude, longitude)"
        " select id, 'Plant ' || n, 31.5, 74.3 from organizations, generate_series(1, 20) n",
        "insert into devices (organization_id, site_id, name, device_type, protocol)"
        " select organization_id, id, 'Inverter', 'inverter', 'http' from sites",
    )
    reach = reach_of(await standings(auth_database, *tenants))
    statements: list[str] = []
    async with app_database.session() as session:
        await session.connection()
        with counting(app_database, statements):
            fleet = await fleet_everywhere(session, reach, now())
    assert fleet.plants == 21 * organizations
    # entering, plants, devices, alerts, grants and keys that end
    assert len(statements) == 6
