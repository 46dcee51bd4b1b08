"""The file of a backup: a zip with what `pg_dump` wrote and a manifest, which anybody can take apart with `unzip`.

`database.dump` is pg_dump's custom format, for `pg_restore`. `manifest.json` says what is in there, how many rows each
table has with a checksum of them, and the SHA-256 of the dump. Secrets' keys are never part of it.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from solarhub.kit.clock import now

DUMP = "database.dump"
_MANIFEST = "manifest.json"
_FORMAT = 1
_CHUNK = 1 << 20


class Damaged(Exception):  # noqa: N818 - says what the file is
    """The file is no backup, or not the one that was written; the sentence says how that is known."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a table held: `checksum` is the sum of its rows' hashes, so that their order does not matter."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `made_at` is RFC 3339 in UTC; `roles`: logins that its grants name."""

    hub: str
    revision: str
    server: str
    made_at: str
    tables: Mapping[str, Table]
    roles: tuple[str, ...] = ()
    dump_bytes: int = 0
    dump_sha256: str = ""
    format: int = field(default=_FORMAT)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=2).encode()


class Digesting:
    """A stream's bytes on their way into a file: counted, and hashed."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._hash = sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._target.write(data)
        self._hash.update(data)
        self.size += len(data)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def new_archive(path: Path) -> Iterator[ZipFile]:
    """A file that is there as a whole or not at all, and that its owner alone reads."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            with ZipFile(file, "w", ZIP_STORED) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def open_dump(archive: ZipFile) -> IO[bytes]:
    """Where the dump is written to; larger than 4 GiB is fine."""
    return archive.open(ZipInfo(DUMP, now().timetuple()[:6]), "w", force_zip64=True)


def close_with(archive: ZipFile, manifest: Manifest) -> None:
    archive.writestr(_MANIFEST, manifest.to_json())


def read_manifest(path: Path) -> Manifest:
    """What the backup in this file says of itself. Raises Damaged."""
    with _opened(path) as archive:
        try:
            said: dict[str, Any] = json.loads(archive.read(_MANIFEST))
            if said["format"] != _FORMAT:
                raise Damaged(f"{path} is of format {said['format']}, which this version of the hub does not know.")
            tables = {name: Table(each["rows"], each["checksum"]) for name, each in said.pop("tables").items()}
            return Manifest(tables=tables, roles=tuple(said.pop("roles")), **said)
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(f"{path} is no backup of a hub: its manifest cannot be read ({error}).") from error


def verify(path: Path, tell: Callable[[float], None] | None = None) -> Manifest:
    """Reads all of it and compares its checksum. Raises Damaged."""
    manifest = read_manifest(path)
    digest, size = sha256(), 0
    with stream(path) as dump:
        while chunk := _read(path, dump):
            digest.update(chunk)
            size += len(chunk)
            if tell is not None:
                tell(size / max(manifest.dump_bytes, 1))
    if (size, digest.hexdigest()) != (manifest.dump_bytes, manifest.dump_sha256):
        raise Damaged(f"{path} is damaged: its checksum is not the one that it was written with.")
    return manifest


@contextmanager
def stream(path: Path) -> Iterator[IO[bytes]]:
    """The dump's bytes."""
    with _opened(path) as archive:
        try:
            member = archive.open(DUMP)
        except KeyError:
            raise Damaged(f"{path} is no backup of a hub: it holds no {DUMP}.") from None
        with member:
            yield member


def _read(path: Path, dump: IO[bytes]) -> bytes:
    try:
        return dump.read(_CHUNK)
    except (BadZipFile, EOFError, OSError) as error:
        raise Damaged(f"{path} is damaged: {error}.") from error


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    try:
        archive = ZipFile(path)
    except FileNotFoundError:
        raise Damaged(f"There is no file {path}.") from None
    except (BadZipFile, OSError) as error:
        raise Damaged(f"{path} is no backup of a hub, or was cut short: {error}.") from error
    with archive:
        yield archive
