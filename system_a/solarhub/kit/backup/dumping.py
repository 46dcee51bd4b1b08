"""Takes a backup: `pg_dump` and the census look at one and the same snapshot, while everybody else goes on working."""

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO
from zipfile import ZipFile

import asyncpg

from solarhub.kit.backup import archive, census
from solarhub.kit.clock import now
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.postgres import ServerTrouble, find_binaries
from solarhub.kit.postgres.process import environment

_CHUNK = 1 << 18


class DumpFailed(ServerTrouble):
    """pg_dump or pg_restore did not do it; the sentence has its own words."""


def program(name: str) -> str:
    """`pg_dump`, `pg_restore`: those of the hub's own PostgreSQL, which read every older server, or this machine's."""
    try:
        return str(find_binaries().program(name))
    except ServerTrouble:
        found = shutil.which(name)
        if found is None:
            raise DumpFailed(f"There is no {name} on this machine: install PostgreSQL's client programs.") from None
        return found


def back_up(url: str, path: Path, *, hub: str, tell: Callable[[str, float], None] | None = None) -> archive.Manifest:
    """Writes the database of `url` (a role with BYPASSRLS that may read everything) into the file `path`.

    `hub` is the version that writes it. The file appears once it is whole. Raises ServerTrouble.
    """
    progress = _Progress(tell or (lambda _what, _share: None))
    with archive.new_archive(path) as file:
        manifest = asyncio.run(_take(url, file, hub, progress))
        archive.close_with(file, manifest)
    archive.verify(path, lambda share: progress.tell("Reading it back", 0.9 + share / 10))
    return manifest


async def _take(url: str, file: ZipFile, hub: str, progress: "_Progress") -> archive.Manifest:
    connection = await asyncpg.connect(**asyncpg_arguments(url), timeout=30)
    try:
        await census.speak_plainly(connection)
        # the two readers share a snapshot: what is counted is what is dumped
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("select pg_export_snapshot()")
            manifest = await _facts(connection, hub)
            names = await census.sizes(connection)
            progress.expect(names)
            with archive.open_dump(file) as target:
                into = archive.Digesting(target)
                dump = asyncio.create_task(asyncio.to_thread(_dump, url, snapshot, into, progress))
                try:
                    tables = await census.count(connection, names)
                finally:
                    await dump
        return replace(manifest, tables=tables, dump_bytes=into.size, dump_sha256=into.hexdigest())
    finally:
        await connection.close()


async def _facts(connection: "asyncpg.Connection[asyncpg.Record]", hub: str) -> archive.Manifest:
    revision = await connection.fetchval(
        "select to_regclass('public.alembic_version') is not null"
    ) and await connection.fetchval("select version_num from public.alembic_version")
    if not revision:
        raise DumpFailed("There is no schema of a hub in this database: there is nothing to back up.")
    roles = await connection.fetch(
        "select distinct r.rolname from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee"
        " where c.relnamespace = 'public'::regnamespace order by 1"
    )
    return archive.Manifest(
        hub=hub,
        revision=revision,
        server=await connection.fetchval("show server_version"),
        made_at=now().isoformat(timespec="seconds"),
        tables={},
        roles=tuple(row["rolname"] for row in roles),
    )


def _dump(url: str, snapshot: str, into: archive.Digesting, progress: "_Progress") -> None:
    command = [
        *(program("pg_dump"), "--format=custom", "--compress=6", "--verbose", "--no-password"),
        *(f"--snapshot={snapshot}", "--lock-wait-timeout=60s", "--schema=public", f"--dbname={url}"),
    ]
    run(command, lambda output: _pour(output, into), progress.hear)


def _pour(output: IO[bytes], into: archive.Digesting) -> None:
    while chunk := output.read(_CHUNK):
        into.write(chunk)


def run(command: list[str], take: Callable[[IO[bytes]], None], hear: Callable[[str], None]) -> None:
    """Runs one of PostgreSQL's programs: its output to `take`, each line that it says to `hear`. Raises DumpFailed."""
    said: list[str] = []
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        listener = threading.Thread(target=_listen, args=(process.stderr, said, hear), daemon=True)
        listener.start()
        try:
            take(process.stdout)
        except BaseException:
            process.terminate()
            raise
        finally:
            listener.join()
    if process.returncode != 0:
        raise DumpFailed(f"{Path(command[0]).name} failed: {troubles(said)}")


def _listen(stderr: IO[bytes], said: list[str], hear: Callable[[str], None]) -> None:
    for raw in stderr:
        line = raw.decode(errors="replace").strip()
        said.append(line)
        del said[:-200]
        hear(line)


def troubles(said: list[str]) -> str:
    """What a program complained of, without what it merely told."""
    complaints = [line for line in said if "error:" in line or "detail:" in line.lower()]
    return " ".join(complaints or said[-3:])


class _Progress:
    """How far pg_dump is, by the sizes of the tables that it has begun with."""

    def __init__(self, tell: Callable[[str, float], None]) -> None:
        self.tell = tell
        self._sizes: Mapping[str, int] = {}
        self._seen = 0
        self._lock = threading.Lock()

    def expect(self, sizes: Mapping[str, int]) -> None:
        self._sizes = sizes

    def hear(self, line: str) -> None:
        _, found, name = line.partition('dumping contents of table "public.')
        if not found:
            return
        name = name.rstrip('"')
        with self._lock:
            share = 0.9 * self._seen / max(sum(self._sizes.values()), 1)
            self._seen += self._sizes.get(name, 0)
        self.tell(f"Writing {name}", min(share, 0.9))
