"""Brings a backup back into an empty database, and counts: what was written is what stands there."""

import asyncio
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

import asyncpg

from solarhub.kit.backup import archive, census
from solarhub.kit.backup.dumping import program, troubles
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.postgres import LOGINS, ServerTrouble
from solarhub.kit.postgres.process import environment
from solarhub.kit.postgres.roles import OWNER

_CHUNK = 1 << 18
_PREAMBLE_LINES = 40  # before the first table
_FIRST_WITH_INVOKERS = 15  # of PostgreSQL: views that ask as whoever reads them


class NotEmpty(ServerTrouble):
    """There is something already in the place into which a backup should go."""


class Unequal(ServerTrouble):
    """What stands in the database is not what the backup was taken of; the sentence names the tables."""


class RestoreFailed(ServerTrouble):
    """pg_restore did not do it; nothing of it has stayed."""


def restore(
    url: str,
    path: Path,
    *,
    verified: archive.Manifest | None = None,
    tell: Callable[[str, float], None] | None = None,
) -> archive.Manifest:
    """Writes the backup in `path` into the empty database of `url` (a superuser, or a member of the owner).

    `verified` is what `verify` has found, where it was asked. All or nothing; roles that only the backup knows are made
    without a login. Raises Damaged, NotEmpty, RestoreFailed
    and Unequal.
    """
    hear = tell or (lambda _what, _share: None)
    manifest = verified or archive.verify(path, lambda share: hear("Checking the file", share / 10))
    asyncio.run(_make_ready(url, manifest))
    _pour_back(url, path, manifest, hear)
    asyncio.run(_compare(url, manifest, hear))
    hear("Everything is there", 1.0)
    return manifest


async def _make_ready(url: str, manifest: archive.Manifest) -> None:
    connection = await asyncpg.connect(**asyncpg_arguments(url), timeout=30)
    try:
        if await connection.fetchval(
            "select exists (select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p'))"
        ):
            raise NotEmpty("There are tables in this database already: a backup goes into an empty one.")
        known = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        missing = [role for role in (OWNER, *LOGINS) if role not in known]
        if missing:
            raise NotEmpty(f"The hub's roles are not on this server: `solarhub db init` makes {', '.join(missing)}.")
        for role in set(manifest.roles) - known:
            await connection.execute(f'create role "{role}" nologin')
        if connection.get_server_version().major < _FIRST_WITH_INVOKERS <= _major(manifest.server):
            raise RestoreFailed(
                f"The backup is of PostgreSQL {manifest.server}, whose views PostgreSQL 14 does not know:"
                " restore it on PostgreSQL 15 or newer."
            )
    finally:
        await connection.close()


def _major(version: str) -> int:
    return int(version.split(".", 1)[0].split(" ", 1)[0])


def _pour_back(url: str, path: Path, manifest: archive.Manifest, hear: Callable[[str, float], None]) -> None:
    """pg_restore writes SQL, psql runs it as one transaction; between them goes what an older server would refuse."""
    read = [program("pg_restore"), "--no-owner", f"--role={OWNER}", "--schema=public", "--file=-"]
    write = [
        *(program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password"),
        f"--dbname={url}",
    ]
    with (
        archive.stream(path) as dump,
        _piped(read, stdout=subprocess.PIPE) as reader,
        _piped(write, stdout=subprocess.DEVNULL) as writer,
        ThreadPoolExecutor(4) as threads,
    ):
        assert reader.stdin is not None  # noqa: S101 - a pipe was asked for
        assert reader.stderr is not None  # noqa: S101 - the same
        assert writer.stdin is not None  # noqa: S101 - the same
        assert writer.stderr is not None  # noqa: S101 - the same
        said = [threads.submit(stream.readlines) for stream in (reader.stderr, writer.stderr)]
        threads.submit(
            _feed, dump, reader.stdin, lambda done: hear("Writing", 0.1 + 0.7 * done / max(manifest.dump_bytes, 1))
        )
        threads.submit(_carry, reader, writer.stdin)
        complaints = [line.decode(errors="replace").strip() for each in said for line in each.result()]
    if reader.returncode != 0 or writer.returncode != 0:
        raise RestoreFailed(f"The backup could not be written, and nothing of it has stayed: {troubles(complaints)}")


def _piped(command: list[str], *, stdout: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE)


def _feed(dump: IO[bytes], target: IO[bytes], tell: Callable[[int], None]) -> None:
    done = 0
    with suppress(BrokenPipeError), target:  # it has given up, and says why
        while chunk := dump.read(_CHUNK):
            target.write(chunk)
            done += len(chunk)
            tell(done)


def _carry(reader: "subprocess.Popen[bytes]", target: IO[bytes]) -> None:
    """One transaction, which ends well only where the reader has; psql's own would commit what was cut short."""
    sql = reader.stdout
    assert sql is not None  # noqa: S101 - a pipe was asked for
    with suppress(BrokenPipeError), target:
        target.write(b"BEGIN;\n")
        for _ in range(_PREAMBLE_LINES):
            line = sql.readline()
            # a setting of PostgreSQL 17 stands there for every server, older ones included
            if not line.startswith(b"SET transaction_timeout ="):
                target.write(line)
        while chunk := sql.read(_CHUNK):
            target.write(chunk)
        if reader.wait() == 0:
            target.write(b"COMMIT;\n")


async def _compare(url: str, manifest: archive.Manifest, hear: Callable[[str, float], None]) -> None:
    connection = await asyncpg.connect(**asyncpg_arguments(url), timeout=30)
    try:
        await census.speak_plainly(connection)
        await census.see_every_row(connection)
        names = await census.sizes(connection)
        total, seen = max(sum(names.values()), 1), 0

        def tell(name: str, size: int) -> None:
            nonlocal seen
            hear(f"Counting {name}", 0.8 + 0.2 * seen / total)
            seen += size

        found = await census.count(connection, names, tell)
    finally:
        await connection.close()
    wrong = [name for name in {*found, *manifest.tables} if found.get(name) != manifest.tables.get(name)]
    if wrong:
        raise Unequal(f"These tables are not as they were backed up: {', '.join(sorted(wrong))}.")
