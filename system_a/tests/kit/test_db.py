"""Tenant settings that never outlive a transaction, pools that heal, and errors told apart."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from solarhub.kit.db import (
    CheckViolated,
    Database,
    ForeignKeyViolated,
    Tenancy,
    UniqueViolated,
    Violated,
    after_commit,
    is_outage,
    set_tenants,
    transaction,
    violations,
)
from solarhub.kit.errors import Unavailable
from tests.conftest import MakeTenant, TestDatabase


async def visible(session: Any) -> set[UUID]:
    return set(await session.scalars(sa.text("select id from organizations")))


async def test_tenants_are_set_for_every_transaction_of_a_session_and_for_no_other(
    app_database: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    async with app_database.session() as session:
        await set_tenants(session, Tenancy(frozenset([ours.organization_id]), frozenset([ours.organization_key])))
        assert await visible(session) == {ours.organization_id}
        await session.commit()
        assert await visible(session) == {ours.organization_id}, "the next transaction stands there too"
        await session.rollback()
        await set_tenants(session, Tenancy(frozenset([theirs.organization_id])))
        assert await visible(session) == {theirs.organization_id}
    async with app_database.session() as session:
        assert await visible(session) == set(), "the connection came back from the pool without a tenant"


async def test_interleaved_tenants_on_a_small_pool_never_see_each_other(
    database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenants = [await make_tenant(name) for name in ("Ours", "Theirs")]
    pool = Database(database.url("solarhub_app"), "app", pool_size=2, max_overflow=0)

    async def look(number: int) -> None:
        own = tenants[number % 2].organization_id
        async with pool.session() as session:
            await set_tenants(session, Tenancy(frozenset([own])))
            assert await visible(session) == {own}
            await session.rollback()
            assert await visible(session) == {own}

    await asyncio.gather(*(look(number) for number in range(40)))
    await pool.close()


async def test_a_pool_survives_its_backends_being_terminated(database: TestDatabase, app_database: Database) -> None:
    for _ in range(10):
        async with app_database.session() as session:
            pid = await session.scalar(sa.text("select pg_backend_pid()"))
            await asyncio.to_thread(database.fetch, f"select pg_terminate_backend({pid})")
            with pytest.raises(DBAPIError) as caught:
                await session.execute(sa.text("select 1"))
            assert is_outage(caught.value)
        async with app_database.session() as session:
            assert await session.scalar(sa.text("select 1")) == 1


async def test_a_database_that_is_away_is_said_to_be(tmp_path: Any) -> None:
    away = Database(f"postgresql://solarhub_app@/solarhub?host={tmp_path}", "app")
    with pytest.raises(Unavailable) as caught:
        async with transaction(away) as session:
            await session.execute(sa.text("select 1"))
    assert caught.value.retry_after > 0
    await away.close()


async def test_a_value_of_the_wrong_type_is_our_mistake_and_no_outage(app_database: Database) -> None:
    async with app_database.session() as session:
        with pytest.raises(DBAPIError) as caught:
            await session.execute(sa.text("select cast(:number as integer)"), {"number": "many"})
    assert not is_outage(caught.value)


@pytest.mark.parametrize(
    ("statement", "kind", "constraint"),
    [
        ("insert into sites select * from sites", None, None),
        ("update sites set latitude = 91", CheckViolated, "ck_sites_latitude"),
        ("""update sites set configuration = '{"disco_provider": "nowhere"}'""", ForeignKeyViolated, "fk_sites_disco"),
        ("update organizations set slug = 'taken'", UniqueViolated, "uq_organizations_slug"),
    ],
)
async def test_a_refusal_of_the_database_names_the_constraint(
    app_database: Database,
    make_tenant: MakeTenant,
    statement: str,
    kind: type[Violated] | None,
    constraint: str | None,
) -> None:
    one, two = await make_tenant("One"), await make_tenant("Two")
    async with app_database.session() as session:
        await set_tenants(session, Tenancy(frozenset([one.organization_id, two.organization_id])))
        if kind is None:
            with pytest.raises(DBAPIError), violations():
                await session.execute(sa.text(statement))
            return
        with pytest.raises(kind) as caught, violations():
            await session.execute(sa.text(statement))
    assert caught.value.constraint.startswith(constraint or "")


async def test_what_waits_for_the_commit_is_called_once_and_not_after_a_rollback(app_database: Database) -> None:
    called: list[str] = []
    async with app_database.session() as session:
        after_commit(session, lambda: called.append("first"))
        await session.execute(sa.text("select 1"))
        assert called == []
        await session.commit()
        await session.execute(sa.text("select 1"))
        await session.commit()
        after_commit(session, lambda: called.append("never"))
        await session.execute(sa.text("select 1"))
        await session.rollback()
        await session.execute(sa.text("select 1"))
        await session.commit()
    assert called == ["first"]


def test_drivers_errors_are_told_apart() -> None:
    assert is_outage(asyncpg.CannotConnectNowError("starting up"))
    assert is_outage(asyncpg.DiskFullError("no space"))
    assert is_outage(asyncpg.InternalClientError("cannot switch to state 12"))
    assert is_outage(ConnectionResetError())
    assert not is_outage(asyncpg.UndefinedTableError("no such table"))
    assert not is_outage(ValueError())
