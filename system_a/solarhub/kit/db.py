"""The database as the rest of the hub speaks to it: engines per role, sessions, tenant settings, mapped columns."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum as PythonEnum
from functools import lru_cache
from typing import Any, Generic, Protocol, Self, TypeVar
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, declared_attr, mapped_column
from sqlalchemy.orm import Session as SyncSession
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.base import ExecutableOption

from solarhub.kit.alive import leave_dead_ones
from solarhub.kit.drivers import Driver, Drivers
from solarhub.kit.errors import Unavailable
from solarhub.kit.libpq import asyncpg_arguments, translate_url

Session = AsyncSession
"""What a use case takes: it adds, reads and flushes; its caller ends the transaction."""


_TIMEOUTS = {
    # A request waits for nobody longer than this; a worker may scan.
    "app": {"statement_timeout": "15s", "lock_timeout": "4s", "idle_in_transaction_session_timeout": "30s"},
    "auth": {"statement_timeout": "5s", "lock_timeout": "4s", "idle_in_transaction_session_timeout": "30s"},
    "worker": {"statement_timeout": "60s", "lock_timeout": "4s", "idle_in_transaction_session_timeout": "30s"},
}


def server_settings(role: str) -> dict[str, str]:
    """Session settings of a role's connections: time-outs, UTC, and a server that notices when we are gone."""
    return {
        **_TIMEOUTS[role],
        "application_name": f"solarhub {role}",
        "timezone": "UTC",
        "tcp_keepalives_idle": "30",
        "client_connection_check_interval": "10s",
        "synchronous_commit": "on",
    }


class Database:
    """One engine with its pool, logged in as one role."""

    def __init__(self, url: str, role: str, *, pool_size: int = 5, max_overflow: int = 10) -> None:
        """`role` is app, auth or worker and decides the time-outs; nothing is connected yet."""
        self.role = role
        self.url = url
        arguments = asyncpg_arguments(url)
        connect = {"server_settings": server_settings(role), "command_timeout": 65 if role == "worker" else 20}
        if "ssl" in arguments:
            connect["ssl"] = arguments["ssl"]
        self.engine: AsyncEngine = create_async_engine(
            translate_url(url),
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_recycle=1800,
            pool_timeout=5,
            hide_parameters=True,  # tokens' hashes and people's data stay out of logged errors
            connect_args=connect,
        )
        event.listen(self.engine.sync_engine, "checkout", leave_dead_ones)
        self.drivers = Drivers(self.connect_driver, most=pool_size)
        """Beside the engine's pool."""

    def session(self) -> Session:
        return TenantAsyncSession(self.engine, expire_on_commit=False)

    async def close(self) -> None:
        await self.drivers.close()
        await self.engine.dispose()

    @property
    def in_use(self) -> int:
        """Connections that somebody works on now."""
        pool = self.engine.pool
        return self.drivers.in_use + (pool.checkedout() if isinstance(pool, QueuePool) else 0)

    def driver(self) -> AbstractAsyncContextManager[Driver]:
        """A connection as asyncpg knows it, for a plain statement that is asked many times a second."""
        return self.drivers.one()

    async def connect_driver(self, **settings: str) -> Driver:
        """A raw asyncpg connection of this role, outside of any pool: for COPY. The caller closes it."""
        arguments = asyncpg_arguments(self.url) | {"server_settings": server_settings(self.role) | settings}
        patience = 65 if self.role == "worker" else 20
        connection: Driver = await asyncpg.connect(**arguments, command_timeout=patience)
        return connection


@dataclass(frozen=True)
class Databases:
    """The pools of one hub: a role each, because each may see and do something else."""

    app: Database
    auth: Database
    worker: Database

    async def close(self) -> None:
        for database in (self.app, self.auth, self.worker):
            await database.close()


@asynccontextmanager
async def transaction(
    database: Database, organization_ids: Collection[UUID] = (), organization_keys: Collection[int] = ()
) -> AsyncIterator[Session]:
    """One committed transaction outside a request's own: for the CLI, workers, and what must outlive a refusal."""
    async with database.session() as session:
        if organization_ids or organization_keys:
            await set_tenants(session, Tenancy(frozenset(organization_ids), frozenset(organization_keys)))
        async with outages():
            yield session
            await session.commit()


# ------------------------------------------------------------------------------------------------------- tenants


@dataclass(frozen=True, slots=True)
class Tenancy:
    """What the policies of the second wall compare rows with; nothing set, nothing seen.

    `site_ids` are single sites of `host_organization_ids`, seen by somebody who does not belong there.
    """

    organization_ids: frozenset[UUID] = frozenset()
    organization_keys: frozenset[int] = frozenset()
    site_ids: frozenset[UUID] = frozenset()
    host_organization_ids: frozenset[UUID] = frozenset()
    actor_id: UUID | None = None

    def settings(self) -> dict[str, str]:
        """Each setting as PostgreSQL reads it; all of them, so that entering one place leaves every other."""
        return {
            "app.organization_ids": _array(self.organization_ids),
            "app.organization_keys": _array(self.organization_keys),
            "app.site_ids": _array(self.site_ids),
            "app.host_organization_ids": _array(self.host_organization_ids),
            "app.actor_id": str(self.actor_id) if self.actor_id is not None else "",
        }

    def statement(self) -> str:
        """Sets them for this transaction, without parameters: they are made of ids and numbers alone."""
        each = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in self.settings().items())
        return f"select {each}"


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(sorted(map(str, values))) + "}"


@lru_cache(maxsize=8)
def _set_config(names: tuple[str, ...]) -> sa.TextClause:
    """For this transaction alone: a setting of the session would wait for the next user of the pool."""
    each = ", ".join(f"set_config('{name}', :value{number}, true)" for number, name in enumerate(names))
    return sa.text(f"select {each}")


def _values(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"value{number}": value for number, value in enumerate(settings.values())}


class _TenantSession(SyncSession):
    """Repeats the tenant settings at the start of every transaction; they never outlive one (is_local = true)."""


class TenantAsyncSession(AsyncSession):
    sync_session_class = _TenantSession


@event.listens_for(_TenantSession, "after_begin")
def _apply_tenants(session: SyncSession, _transaction: object, connection: sa.Connection) -> None:
    settings = session.info.get("tenants")
    if settings:
        connection.execute(_set_config(tuple(settings)), _values(settings))


@event.listens_for(_TenantSession, "do_orm_execute")
def _apply_first_wall(state: ORMExecuteState) -> None:
    """Adds the session's conditions to whatever it asks of mapped classes, in subqueries and joins too."""
    criteria = state.session.info.get("criteria")
    is_text = isinstance(state.statement, sa.TextClause)  # names no mapped class; options would only cost
    if criteria and not (is_text or state.is_column_load or state.is_relationship_load):
        state.statement = _behind_the_first_wall(state.statement, criteria)


@lru_cache(maxsize=1024)
def _behind_the_first_wall(statement: Any, criteria: tuple[ExecutableOption, ...]) -> Any:
    # a statement that stands in a module is the same object each time: what SQLAlchemy finds out of it, it keeps there
    return statement.options(*criteria)


async def set_tenants(session: Session, tenancy: Tenancy, criteria: Sequence[ExecutableOption] = ()) -> None:
    """Whose rows this session sees, for the present transaction and those after it.

    `tenancy` is for the database's policies, `criteria` for the session's own statements.
    """
    session.info["tenants"] = tenancy.settings()
    session.info["criteria"] = tuple(criteria)
    if session.in_transaction():
        await _set(session, session.info["tenants"])


async def as_machine(session: Session) -> None:
    """Updates of devices and alerts in this transaction leave `version` alone: nobody's edit becomes stale by them."""
    await _set(session, {"app.machine_write": "on"})


async def _set(session: Session, settings: Mapping[str, str]) -> None:
    # of the connection and not of the session, which would look for what the first wall has to say to it
    await (await session.connection()).execute(_set_config(tuple(settings)), _values(settings))


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Calls back once, after this session's next commit; not at all when it rolls back."""

    def run(_session: SyncSession) -> None:
        callback()

    def forget(_session: SyncSession) -> None:
        if event.contains(session.sync_session, "after_commit", run):
            event.remove(session.sync_session, "after_commit", run)

    event.listen(session.sync_session, "after_commit", run, once=True)
    event.listen(session.sync_session, "after_rollback", forget, once=True)


# -------------------------------------------------------------------------------------------------------- errors


class Violated(Exception):  # noqa: N818 - reads as what happened: `except UniqueViolated`
    """A constraint of the database refused a row; `constraint` is its name."""

    def __init__(self, constraint: str, detail: str) -> None:
        self.constraint = constraint
        super().__init__(detail)


class UniqueViolated(Violated):
    """Such a row exists already."""


class ForeignKeyViolated(Violated):
    """The row refers to one that is not there, or others refer to it."""


class CheckViolated(Violated):
    """A value is outside what the table allows."""


class ValueRefused(Violated):
    """The server does not know a value, such as a time zone younger than its own list; no constraint is named."""


_VIOLATIONS: Mapping[str, type[Violated]] = {
    "23505": UniqueViolated,
    "23503": ForeignKeyViolated,
    "23514": CheckViolated,
    "22023": ValueRefused,
}


@contextmanager
def violations() -> Iterator[None]:
    """Refusals inside become UniqueViolated, ForeignKeyViolated, CheckViolated (with its name) or ValueRefused."""
    try:
        yield
    except DBAPIError as error:
        cause = getattr(error.orig, "__cause__", None)
        kind = _VIOLATIONS.get(getattr(cause, "sqlstate", ""))
        if kind is None:
            raise
        raise kind(getattr(cause, "constraint_name", None) or "", str(cause)) from error


def is_outage(error: BaseException) -> bool:
    """Whether the database (not the statement) is at fault: gone, starting, stopping, full or out of connections."""
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        if error.connection_invalidated or isinstance(error, OperationalError):
            return True
        return is_outage(cause) if cause is not None else isinstance(error, InterfaceError)
    if isinstance(error, asyncpg.DataError):
        return False  # a value of the wrong type: asyncpg files it under interface errors, and it is ours
    if isinstance(error, PoolTimeout | OSError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return True
    if isinstance(error, asyncpg.PostgresError):
        # 08 connection, 53 resources (disk full, too many connections), 57P0x shutdown and start-up
        state = error.sqlstate or ""
        return state[:2] in ("08", "53") or state[:4] == "57P0"
    return isinstance(error, TimeoutError | asyncio.TimeoutError)


def is_contention(error: BaseException) -> bool:
    """Whether a statement gave way to somebody else's: lock or statement time-out, deadlock, serialization."""
    cause = getattr(error.orig, "__cause__", None) if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) in ("55P03", "57014", "40P01", "40001")


@asynccontextmanager
async def outages() -> AsyncIterator[None]:
    """Turns a database that is away or has no room for this into Unavailable (503), which says when to ask again."""
    try:
        yield
    except Exception as error:
        if is_contention(error):
            raise Unavailable("The database is busy with the same rows; nothing was stored.", retry_after=1) from error
        if is_outage(error):
            raise Unavailable("The database is not reachable right now; nothing was stored.", retry_after=2) from error
        raise


# ------------------------------------------------------------------------------------------------- mapped columns


class Stored(Protocol):
    """A value object that lives in a JSONB column."""

    def to_stored(self) -> dict[str, Any]: ...

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any], /) -> Self: ...


V = TypeVar("V", bound=Stored)


class JsonValue(sa.types.TypeDecorator[V], Generic[V]):
    """A JSONB column whose Python side is a value object: strict when it is made, tolerant when it is read."""

    impl = JSONB
    cache_ok = True

    def __init__(self, value_type: type[V]) -> None:
        super().__init__()
        self.value_type = value_type

    def process_bind_param(self, value: V | None, dialect: sa.Dialect) -> dict[str, Any] | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return None if value is None else value.to_stored()

    def process_result_value(self, value: dict[str, Any] | None, dialect: sa.Dialect) -> V | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return None if value is None else self.value_type.from_stored(value)


def pg_enum(words: type[PythonEnum], name: str) -> sa.Enum:
    """The PostgreSQL enum `name`, stored by value; migrations create and drop the type by hand."""
    return sa.Enum(words, name=name, values_callable=lambda members: [member.value for member in members])


class Base(DeclarativeBase):
    """All mapped tables."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        float: sa.Double,
        dict[str, Any]: JSONB,
    }


class Versioned:
    """`created_at`, `updated_at` and `version`: the last two are moved by triggers on every UPDATE, psql's included."""

    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now(), sort_order=901)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=sa.func.now(), server_onupdate=sa.FetchedValue(), sort_order=902
    )
    version: Mapped[int] = mapped_column(server_default=sa.text("1"), server_onupdate=sa.FetchedValue(), sort_order=903)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        # UPDATE … WHERE version = …; the trigger counts, and RETURNING brings the new number and time back
        return {"version_id_col": cls.version, "version_id_generator": False, "eager_defaults": True}
