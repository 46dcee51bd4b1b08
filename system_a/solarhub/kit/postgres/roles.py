"""The database roles and the database itself, on our own server and on anybody's PostgreSQL 14 or newer."""

import asyncio
import base64
import hashlib
import hmac
import os
import random
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

OWNER = "solarhub_owner"
APP = "solarhub_app"
AUTH = "solarhub_auth"
WORKER = "solarhub_worker"
BACKUP = "solarhub_backup"
LOGINS = (APP, AUTH, WORKER, BACKUP)

_ATTEMPTS = 20
_SOMEBODY_WAS_QUICKER = (
    asyncpg.UniqueViolationError,
    asyncpg.DuplicateObjectError,
    asyncpg.DuplicateDatabaseError,
    asyncpg.ObjectInUseError,
    asyncpg.InternalServerError,  # "tuple concurrently updated"
)


async def ensure_roles(
    admin_url: str, *, database: str = "solarhub", passwords: Mapping[str, str] | None = None
) -> list[str]:
    """Makes the roles and the database what the hub needs; changes nothing that is right already.

    `admin_url` logs in as a superuser or as a role with CREATEROLE and CREATEDB; `passwords` are set for the logins
    they name. Safe when several run at once. Returns one sentence for each thing that only a superuser can do and
    that `admin_url` could not.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return await _ensure(admin_url, database, passwords or {})
        except _SOMEBODY_WAS_QUICKER:
            if attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - two starters, not a secret
    raise AssertionError


async def _ensure(admin_url: str, database: str, passwords: Mapping[str, str]) -> list[str]:
    connection = await asyncpg.connect(admin_url, command_timeout=60)
    try:
        left = await _ensure_logins(connection, passwords)
        if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            await _join_owner(connection)
        await _ensure_database(connection, database)
    finally:
        await connection.close()
    connection = await asyncpg.connect(with_database(admin_url, database), command_timeout=60)
    try:
        return left + await _ensure_schema(connection, database)
    finally:
        await connection.close()


async def _ensure_logins(connection: asyncpg.Connection, passwords: Mapping[str, str]) -> list[str]:
    left = []
    found = {row["rolname"]: row for row in await connection.fetch("SELECT * FROM pg_roles")}
    for role in (OWNER, *LOGINS):
        row = found.get(role)
        if row is None:
            await connection.execute(f"CREATE ROLE {role}")
        wanted = {"SUPERUSER": False, "CREATEDB": False, "CREATEROLE": False, "REPLICATION": False}
        wanted |= {"LOGIN": role != OWNER, "BYPASSRLS": role == BACKUP}
        columns = {"SUPERUSER": "rolsuper", "LOGIN": "rolcanlogin"}
        for attribute, on in wanted.items():
            present = row is not None and row[columns.get(attribute, f"rol{attribute.lower()}")]
            if present == on:
                continue
            change = f"ALTER ROLE {role} {'' if on else 'NO'}{attribute}"
            try:
                await connection.execute(change)
            except asyncpg.InsufficientPrivilegeError:
                if attribute != "BYPASSRLS":
                    raise
                left.append(f"{role} cannot make backups until a superuser runs: {change};")
        if role in passwords:
            await connection.execute(f"ALTER ROLE {role} PASSWORD '{scram_verifier(passwords[role])}'")
    return left


async def _join_owner(connection: asyncpg.Connection) -> None:
    """An admin who is no superuser must be a member of the owner; since PostgreSQL 16 creating it is not enough."""
    modern = connection.get_server_version().major >= 16
    need = "pg_has_role($1, 'SET') AND pg_has_role($1, 'USAGE')" if modern else "pg_has_role($1, 'USAGE')"
    if not await connection.fetchval(f"SELECT {need}", OWNER):
        options = " WITH INHERIT TRUE, SET TRUE" if modern else ""
        await connection.execute(f"GRANT {OWNER} TO CURRENT_USER{options}")


async def _ensure_database(connection: asyncpg.Connection, database: str) -> None:
    owner = await connection.fetchval("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", database)
    if owner is None:
        encoding = await connection.fetchval("SELECT getdatabaseencoding()")
        # template0 takes another encoding than its own only with a locale that fits every encoding.
        locale = "" if encoding == "UTF8" else " LC_COLLATE 'C' LC_CTYPE 'C'"
        await connection.execute(
            f"CREATE DATABASE {_quoted(database)} OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8'{locale}"
        )
    elif owner != OWNER:
        await connection.execute(f"ALTER DATABASE {_quoted(database)} OWNER TO {OWNER}")


async def _ensure_schema(connection: asyncpg.Connection, database: str) -> list[str]:
    """Only the owner creates in `public`, only our logins connect, and only the worker makes temporary tables."""
    left = []
    superuser = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not superuser:
        await connection.execute(f"SET ROLE {OWNER}")
    if await connection.fetchval(
        "SELECT nspowner::regrole::text <> $1 FROM pg_namespace WHERE nspname = 'public'", OWNER
    ):
        try:
            await connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
        except asyncpg.InsufficientPrivilegeError:  # before PostgreSQL 15 it belongs to whoever ran initdb
            left.append(
                f"Every login may create tables in {database} until a superuser runs there: "
                f"ALTER SCHEMA public OWNER TO {OWNER}; REVOKE CREATE ON SCHEMA public FROM public;"
            )
    if not left and await connection.fetchval("SELECT has_schema_privilege('public', 'public', 'CREATE')"):
        await connection.execute("REVOKE CREATE ON SCHEMA public FROM public")
    name = _quoted(database)
    if await connection.fetchval(
        "SELECT has_database_privilege('public', $1, 'CONNECT') OR has_database_privilege('public', $1, 'TEMPORARY')",
        database,
    ):
        await connection.execute(f"REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM public")
    for role in LOGINS:
        if not await connection.fetchval("SELECT has_database_privilege($1, $2, 'CONNECT')", role, database):
            await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {role}")
    if not await connection.fetchval("SELECT has_database_privilege($1, $2, 'TEMPORARY')", WORKER, database):
        await connection.execute(f"GRANT TEMPORARY ON DATABASE {name} TO {WORKER}")
    return left


async def existing_logins(admin_url: str) -> set[str]:
    """Which of the logins this server has already."""
    connection = await asyncpg.connect(admin_url, command_timeout=60)
    try:
        return {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")} & set(LOGINS)
    finally:
        await connection.close()


def with_database(url: str, database: str) -> str:
    """The same server and login, another database."""
    parts = urlsplit(url)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name not in ("dbname", "database")])
    return urlunsplit(parts._replace(path=f"/{quote(database, safe='')}", query=query))


def with_login(url: str, login: str, password: str) -> str:
    """The same server and database, another login."""
    parts = urlsplit(url)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name not in ("user", "password")])
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(login)}:{quote(password, safe='')}@{place}", query=query))


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores for SCRAM-SHA-256 (RFC 5803), so that no password travels or is logged in the clear.

    Passwords must be ASCII, for which SASLprep (RFC 4013) changes nothing.
    """
    if not password.isascii() or not password.isprintable():
        raise ValueError("a database password must be printable ASCII")
    salt, iterations = os.urandom(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${iterations}:{salt64}${stored64}:{server64}"


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
