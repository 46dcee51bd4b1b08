"""The world that the walls are tried in: three tenants, and everybody else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from solarhub.kit.http import sessions
from solarhub.kit.libpq import asyncpg_arguments
from tests.calling import client_of
from tests.clients import app_of
from tests.conftest import TestDatabase
from tests.walls.actors import Actor, Builder
from tests.walls.between import letter, offers
from tests.walls.rolling_back import auth_rolled_back, rolled_back
from tests.walls.routes import Route, routes
from tests.walls.unlimited import Unlimited
from tests.walls.world import Tenancy, tenancy


@dataclass(frozen=True)
class World:
    app: FastAPI
    ours: Tenancy
    theirs: Tenancy
    suspended: Tenancy
    super_admin: Actor
    deactivated: Actor
    expired: Actor
    routes: list[Route]


@pytest.fixture
async def world(database: TestDatabase) -> AsyncIterator[World]:
    connection = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    app = app_of(database)
    app.dependency_overrides[sessions._session] = rolled_back  # noqa: SLF001 - what is written must not stay
    app.dependency_overrides[sessions._auth_writing_session] = auth_rolled_back  # noqa: SLF001 - the same
    try:
        ours = await tenancy(connection, "A")
        theirs = await tenancy(connection, "B")
        suspended = await tenancy(connection, "C", status="suspended")
        for giver, receiver in ((theirs, ours), (ours, theirs), (ours, suspended)):
            await offers(connection, giver, receiver)
        ours.names["letter_id"] = await letter(connection)
        build = Builder(connection, "X")
        admin = await build.session("super admin", await build.person("super", role="super_admin"))
        former = await build.person("former", is_active=False)
        late = await build.person("late")
        for user_id in (former, late):
            await connection.execute(
                "insert into organization_members (organization_id, user_id, role, invitation_accepted, joined_at)"
                " select id, $1, 'owner', true, now() from organizations where slug = 'canarya'",
                user_id,
            )
        deactivated = await build.session("deactivated", former)
        expired = await build.session("expired", late, expires="-1 second")
        async with app.router.lifespan_context(app):
            app.state.rates = Unlimited()
            yield World(app, ours, theirs, suspended, admin, deactivated, expired, routes(app))
    finally:
        await connection.close()


def client(world: World, actor: Actor | None) -> httpx.AsyncClient:
    made = client_of(world.app, token=actor.cookie if actor is not None else None)
    if actor is not None and actor.bearer is not None:
        made.headers["Authorization"] = f"Bearer {actor.bearer}"
    return made
