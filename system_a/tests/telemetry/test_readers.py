"""Logins that read one organization's views: on every server version, and whatever they set for themselves."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Conflict, NotFound
from solarhub.kit.ids import uuid7
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.postgres.directory import PORT
from solarhub.kit.postgres.forwarding import serve
from solarhub.telemetry import readers
from solarhub.telemetry.queries.readers import VIEWS
from tests.brokers import free_port
from tests.conftest import TestDatabase

FIGURES = "'{1,2}', '{0,1}', '{2,3}', '{1.5,2.5}', '{NaN,0.25}', null, '{0,1}'"
SERIES = "'{energy_total,power_output:l1}'"


class Tenants:
    """Two organizations of everything that is rolled up, every text with its canary."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.ids: dict[str, UUID] = {}
        self.keys: dict[str, int] = {}
        for letter in ("A", "B"):
            self._make(letter)

    def _make(self, letter: str) -> None:
        organization, site, device, user = uuid7(), uuid7(), uuid7(), uuid7()
        slug = f"canary-{letter.lower()}"
        rows = self.database.fetch(
            f"insert into users (id, email, password_hash, first_name, last_name)"
            f" values ('{user}', '{slug}@example.org', '!', 'A', 'B')",
            f"insert into organizations (id, owner_id, name, slug)"
            f" values ('{organization}', '{user}', '{slug}', '{slug}')",
            f"insert into sites (id, organization_id, name, latitude, longitude, configuration)"
            f""" values ('{site}', '{organization}', 'CANARY{letter}', 31, 74, '{{"system_capacity_kw": 10}}')""",
            f"insert into devices (id, site_id, organization_id, name, device_type, protocol)"
            f" values ('{device}', '{site}', '{organization}', 'CANARY{letter}', 'inverter', 'http')",
            f"insert into telemetry_layouts (organization_key, series, series_sha256)"
            f" select organization_key, {SERIES}, sha256('{letter}'::bytea) from organizations where slug = '{slug}'",
            f"select device_key, organization_key, l.id as layout from devices d, organizations o"
            f" join telemetry_layouts l using (organization_key) where d.id = '{device}' and o.id = '{organization}'",
        )
        key, of, layout = rows[0]["device_key"], rows[0]["organization_key"], rows[0]["layout"]
        times = "'2026-03-01 07:00Z', '2026-03-01 08:00Z', '2026-03-01 07:05Z'"
        common = f"{of}, {layout}, 10, 60, {FIGURES}"
        columns = (
            "organization_key, layout_id, samples, interval_seconds, mean, least, greatest, last, kwh, reported, marks"
        )
        self.database.fetch(
            f"insert into rollup_quarters (device_key, start, last_at, {columns})"
            f" values ({key}, '2026-03-01 07:00Z', '2026-03-01 07:05Z', {common})",
            f"insert into rollup_hours (device_key, start, ends_at, last_at, {columns})"
            f" values ({key}, {times}, {common})",
            f"insert into rollup_days (device_key, day, starts_at, ends_at, last_at, site_id, energy_kwh,"
            f" energy_method, {columns}) values ({key}, '2026-03-01', {times}, '{site}', 7, 'counter', {common})",
            f"insert into rollup_months (device_key, month, starts_at, ends_at, last_at, {columns})"
            f" values ({key}, '2026-03-01', {times}, {common})",
            f"insert into rollup_gaps values ({key}, 'energy_total', '2026-03-01 09:00Z', '2026-03-01 07:00Z', {of},"
            " 3, 1)",
            f"insert into site_energy_days values ('{site}', '2026-03-01', '2026-02-28 19:00Z', '2026-03-01 19:00Z',"
            f" '{organization}', 7, 7, 'counter', 33, 43200, 1)",
            f"insert into energy_corrections (organization_id, device_id, device_key, first_day, last_day, kwh, reason)"
            f" values ('{organization}', '{device}', {key}, '2026-03-01', '2026-03-01', 7, 'CANARY{letter}')",
        )
        self.ids[letter], self.keys[letter] = organization, of

    async def reader(self, letter: str) -> tuple[str, str]:
        """A login of the organization, and its password."""
        admin = Database(self.database.admin_url, "worker", pool_size=1)
        role = readers.role_of(f"{self.database.name}-{letter}".lower())
        try:
            async with transaction(admin) as session:
                every = list(self.ids.values())
                return role, await readers.add(session, role, self.ids[letter], self.keys[letter], every)
        finally:
            await admin.close()

    async def connect(self, role: str, password: str) -> "asyncpg.Connection[Any]":
        made: asyncpg.Connection[Any] = await asyncpg.connect(
            **asyncpg_arguments(self.database.url(role)), password=password
        )
        return made


@pytest.fixture
async def tenants(each_database: TestDatabase) -> AsyncIterator[Tenants]:
    made = Tenants(each_database)
    yield made
    for row in each_database.fetch("select role_name from reader_roles"):
        each_database.fetch(f"drop owned by {row['role_name']}", f"drop role {row['role_name']}")


async def test_a_reader_sees_its_own_organization_in_every_view(tenants: Tenants) -> None:
    for letter, other in (("A", "B"), ("B", "A")):
        connection = await tenants.connect(*await tenants.reader(letter))
        try:
            for view in VIEWS:
                told = json.dumps([dict(row) for row in await connection.fetch(f"select * from {view}")], default=str)
                assert f"CANARY{letter}" in told, view
                assert f"CANARY{other}" not in told, view
        finally:
            await connection.close()


async def test_whatever_a_reader_sets_for_itself_shows_it_nothing_more(tenants: Tenants) -> None:
    connection = await tenants.connect(*await tenants.reader("A"))
    other, key = tenants.ids["B"], tenants.keys["B"]
    try:
        await connection.execute("set default_transaction_read_only = off")
        await connection.execute(f"set app.organization_ids = '{{{other}}}'")
        await connection.execute(f"set app.organization_keys = '{{{key}}}'")
        for view in VIEWS:
            rows = [dict(row) for row in await connection.fetch(f"select * from {view}")]
            assert "CANARYB" not in json.dumps(rows, default=str), view
            # an error that depends on a foreign row would tell of it as well
            name = next(column for column in rows[0] if column in ("device", "site"))
            await connection.fetch(
                f"select 1 from {view} where 1 / (case when {name} = 'CANARYB' then 0 else 1 end) = 1"
            )
        for role in ("solarhub_app", "solarhub_worker", "solarhub_owner"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"set role {role}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"set session authorization {role}")
        for statement in (
            "select * from rollup_days", "select * from sites", "select * from reader_roles", "select * from users",
            "delete from v_energy_gap", "create table mine ()",
            "select hand_over_site(null, null)", "select ensure_telemetry_partition('2026-03-01')",
        ):  # fmt: skip
            with pytest.raises(asyncpg.PostgresError):
                pytest.fail(f"{statement}: {await connection.execute(statement)}")
    finally:
        await connection.close()


async def test_views_tell_one_row_for_each_device_metric_channel_and_bucket(tenants: Tenants) -> None:
    connection = await tenants.connect(*await tenants.reader("A"))
    try:
        rows = await connection.fetch("select * from v_rollup_15m order by metric")
        assert [(row["metric"], row["channel"], row["mean"], row["min"], row["max"], row["last"]) for row in rows] == [
            ("energy_total", None, 1, 0, 2, 1.5),
            ("power_output", "l1", 2, 1, 3, 2.5),
        ]
        assert [(row["kwh"], row["marks"], row["count"]) for row in rows] == [(None, [], 10), (0.25, ["gap"], 10)]
        assert rows[0]["coverage_percent"] == pytest.approx(66.7)
        [day] = await connection.fetch("select * from v_site_energy_day")
        assert (day["kwh"], day["capacity_kw"], day["coverage_percent"]) == (7, 10, 50)
        assert day["marks"] == ["gap", "corrected"]
    finally:
        await connection.close()


async def test_a_new_password_ends_the_old_one_and_removal_the_login(tenants: Tenants) -> None:
    role, old = await tenants.reader("A")
    _, new = await tenants.reader("A")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await tenants.connect(role, old)
    await (await tenants.connect(role, new)).close()
    admin = Database(tenants.database.admin_url, "worker", pool_size=1)
    try:
        async with transaction(admin) as session:
            assert [each.role for each in await readers.listed(session, list(tenants.ids.values()))] == [role]
        with pytest.raises(Conflict):
            async with transaction(admin) as session:
                await readers.add(session, role, tenants.ids["B"], tenants.keys["B"], list(tenants.ids.values()))
        with pytest.raises(NotFound):
            async with transaction(admin) as session:
                await readers.remove(session, role, tenants.ids["B"])
        async with transaction(admin) as session:
            await readers.remove(session, role, tenants.ids["A"])
    finally:
        await admin.close()
    with pytest.raises(asyncpg.PostgresError):
        await tenants.connect(role, new)


async def test_the_hub_finds_a_login_that_reaches_further_than_its_views(tenants: Tenants) -> None:
    from solarhub.organizations.gate import objections  # noqa: PLC0415 - looked at here alone

    role, _ = await tenants.reader("A")
    app = Database(tenants.database.url("solarhub_app"), "app", pool_size=1)
    try:
        assert await objections(app) == []
        tenants.database.fetch(f"grant select on sites to {role}")
        assert any("sites" in each for each in await objections(app))
        tenants.database.fetch(f"revoke select on sites from {role}", "drop policy reader_alone on rollup_days")
        assert any("rollup_days" in each for each in await objections(app))
    finally:
        await app.close()


async def _opened(host: str, port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


async def test_readers_reach_the_embedded_server_through_their_door_and_nobody_else_does(
    database: TestDatabase,
) -> None:
    tenants = Tenants(database)
    role, password = await tenants.reader("A")
    stop, socket, port = asyncio.Event(), database.server.socket_dir / f".s.PGSQL.{PORT}", free_port()
    door = asyncio.create_task(serve("127.0.0.1", port, socket, readers.is_reader, stop))
    place: dict[str, Any] = {"host": "127.0.0.1", "port": port, "database": database.name}
    try:
        await asyncio.wait_for(_opened("127.0.0.1", port), 10)
        for ssl in ("disable", "prefer"):
            connection = await asyncpg.connect(**place, user=role, password=password, ssl=ssl)
            assert await connection.fetchval("select site from v_energy_day") == "CANARYA"
            await connection.close()
        for login in ("solarhub_admin", "solarhub_worker", "postgres"):
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                await asyncpg.connect(**place, user=login, password=password, ssl="disable")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(**place, user=role, password="guessed", ssl="disable")
        left_open = await asyncpg.connect(**place, user=role, password=password, ssl="disable")
        stop.set()
        await asyncio.wait_for(door, 10)
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)):
            await left_open.fetchval("select 1")
        left_open.terminate()
    finally:
        stop.set()
        await door
        database.fetch(f"drop owned by {role}", f"drop role {role}")
