"""A backup that is taken while others write comes back elsewhere, row for row."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from solarhub.kit.backup import Damaged, Manifest, NotEmpty, Unequal, back_up, read_manifest, restore, verify
from solarhub.kit.backup.archive import DUMP
from solarhub.kit.backup.dumping import DumpFailed
from solarhub.kit.backup.restoring import RestoreFailed
from solarhub.kit.backup.sealed import sealed_without
from solarhub.kit.postgres import Server
from solarhub.kit.sealing import Keyring, new_key
from tests.conftest import MakeTenant, TestDatabase, execute, new_database, other_binaries, run_server

SAMPLES = 5_000


@pytest.fixture
async def filled(database: TestDatabase, make_tenant: MakeTenant) -> TestDatabase:
    """A plant with samples of two days, one of them with gaps, and texts that are awkward to carry."""
    tenant = await make_tenant(devices={"Wechselrichter\t1 'ö'": "inverter"})
    [key] = tenant.device_keys.values()
    database.fetch(
        "update organizations set name = E'Sonnenschein & \\\\.Söhne \\t \U0001f31e'",
        "select ensure_telemetry_partition(date '2026-03-01'), ensure_telemetry_partition(date '2026-03-02')",
        "insert into telemetry_layouts (organization_key, series, series_sha256)"
        f" values ({tenant.organization_key}, '{{power_output,voltage_ac}}', sha256('power_output\nvoltage_ac'))",
        "insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)"
        f" select {tenant.organization_key}, {key}, timestamptz '2026-03-01Z' + n * interval '30 s', now(), 1, false,"
        " array[n * 0.1::float8, nullif(n % 7, 0)]"
        f" from generate_series(1, {SAMPLES}) n",
    )
    return database


@pytest.fixture
def empty(server: Server) -> Iterator[TestDatabase]:
    yield from new_database(server)


def taken(database: TestDatabase, folder: Path) -> tuple[Path, Manifest]:
    file = folder / "hub.zip"
    return file, back_up(database.url("solarhub_backup"), file, hub="0.0.test")


def everything(url: str) -> list[object]:
    """What people would miss, as the server tells it."""
    tables = ("organizations", "sites", "devices", "users")
    rows = [execute(url, f"select t::text from {table} t order by 1") for table in tables]
    samples = execute(url, "select at, readings, late from telemetry_samples order by at")
    return [*([tuple(row) for row in table] for table in rows), [tuple(row) for row in samples]]


def test_what_was_backed_up_comes_back_into_an_empty_database_with_its_walls(
    filled: TestDatabase, empty: TestDatabase, tmp_path: Path
) -> None:
    file, manifest = taken(filled, tmp_path)
    assert manifest.tables["telemetry_samples"].rows == SAMPLES
    assert file.stat().st_mode & 0o777 == 0o600
    told: list[float] = []
    assert restore(empty.admin_url, file, tell=lambda _what, share: told.append(share)) == read_manifest(file)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert everything(empty.admin_url) == everything(filled.admin_url)
    assert empty.fetch("select count(*) from telemetry_samples")[0][0] == SAMPLES
    assert execute(empty.url("solarhub_app"), "select count(*) from telemetry_samples")[0][0] == 0, "no wall"
    # what is made from now on belongs into the next backup too
    execute(empty.url("solarhub_worker"), "select ensure_telemetry_partition(date '2026-03-03')")
    back_up(empty.url("solarhub_backup"), tmp_path / "second.zip", hub="0.0.test")


def other_server(version: int) -> Iterator[Server]:
    binaries = other_binaries(version)
    if binaries is None:
        pytest.skip(f"no PostgreSQL {version} here")
    yield from run_server(binaries)


def test_a_backup_of_a_newer_server_comes_back_on_an_older_one(filled: TestDatabase, tmp_path: Path) -> None:
    file, _ = taken(filled, tmp_path)
    for older in other_server(15):
        for empty in new_database(older):
            restore(empty.admin_url, file)
            assert everything(empty.admin_url) == everything(filled.admin_url)


def test_a_server_that_does_not_know_its_views_is_refused_with_a_sentence(filled: TestDatabase, tmp_path: Path) -> None:
    file, _ = taken(filled, tmp_path)
    for older in other_server(14):
        for empty in new_database(older):
            with pytest.raises(RestoreFailed, match="restore it on PostgreSQL 15 or newer"):
                restore(empty.admin_url, file)
            assert empty.fetch("select count(*) from pg_class where relnamespace = 'public'::regnamespace")[0][0] == 0


def test_what_is_written_meanwhile_is_not_half_in_it(filled: TestDatabase, empty: TestDatabase, tmp_path: Path) -> None:
    enough = threading.Event()
    written = []

    def write() -> None:
        while not enough.is_set():
            written.extend(
                filled.fetch(
                    "insert into telemetry_samples"
                    " (organization_key, device_key, at, received_at, layout_id, late, readings)"
                    " select organization_key, device_key, max(at) + interval '1 s', now(), 1, false, array[1.0, 1.0]"
                    " from telemetry_samples where at < '2026-03-02 23:59Z' group by 1, 2 returning at"
                )
            )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        file, manifest = taken(filled, tmp_path)
    finally:
        enough.set()
        writer.join()
    assert written
    restore(empty.admin_url, file)  # compares counts and checksums with those of the snapshot
    rows = empty.fetch("select count(*) from telemetry_samples")[0][0]
    assert rows == manifest.tables["telemetry_samples"].rows
    assert SAMPLES <= rows <= SAMPLES + len(written)


def test_a_damaged_file_is_told_and_nothing_of_it_is_restored(
    filled: TestDatabase, empty: TestDatabase, tmp_path: Path
) -> None:
    file, _ = taken(filled, tmp_path)
    whole = file.read_bytes()
    middle = len(whole) // 2
    for name, content, said in (
        ("flipped", whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], "is damaged"),
        ("short", whole[:middle], "was cut short"),
        ("other", b"PK not a zip", "no backup of a hub"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Damaged, match=said):
            restore(empty.admin_url, tmp_path / name)
        assert empty.fetch("select to_regclass('public.organizations')")[0][0] is None
    with pytest.raises(Damaged, match="There is no file"):
        verify(tmp_path / "absent")
    with ZipFile(tmp_path / "foreign.zip", "w") as foreign:
        foreign.writestr("holiday.jpg", b"")
    with pytest.raises(Damaged, match="its manifest cannot be read"):
        verify(tmp_path / "foreign.zip")


def test_a_row_that_is_not_the_one_that_was_backed_up_is_noticed(
    filled: TestDatabase, empty: TestDatabase, tmp_path: Path
) -> None:
    file, _ = taken(filled, tmp_path)
    with ZipFile(file) as archive:
        manifest, dump = json.loads(archive.read("manifest.json")), archive.read(DUMP)
    manifest["tables"]["devices"]["checksum"] = "1"
    with ZipFile(tmp_path / "forged.zip", "w") as forged:
        forged.writestr(DUMP, dump)
        forged.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(Unequal, match="not as they were backed up: devices"):
        restore(empty.admin_url, tmp_path / "forged.zip")


def test_kept_answers_that_no_key_at_hand_opens_are_counted(filled: TestDatabase) -> None:
    """Among them ones that are no text: they are nobody's secret, and in nobody's way."""
    lost, kept = new_key(), new_key()
    sealed = Keyring.parse(lost).seal('{"token": "hunter2"}', "somebody", "a key")
    filled.fetch(
        "insert into idempotent_answers (actor_id, key, request_sha256, body)"
        " select gen_random_uuid(), 'a key', '', body"
        f" from unnest(array['{sealed}'::bytea, '\\xff0076313a', '{{}}', null]) as kept (body)",
    )

    name = lost.partition(":")[0]
    url = filled.admin_url
    assert sealed_without(url, Keyring.parse(kept)) == [("idempotent_answers", "body", 1, (name,))]
    assert sealed_without(url, Keyring.parse(f"{kept}\n{lost}")) == []


def test_a_backup_goes_into_an_empty_database_alone(filled: TestDatabase, tmp_path: Path) -> None:
    file, _ = taken(filled, tmp_path)
    before = everything(filled.admin_url)
    with pytest.raises(NotEmpty, match="goes into an empty one"):
        restore(filled.admin_url, file)
    assert everything(filled.admin_url) == before


def test_a_role_that_does_not_see_everything_takes_no_backup(filled: TestDatabase, tmp_path: Path) -> None:
    with pytest.raises(DumpFailed):
        back_up(filled.url("solarhub_app"), tmp_path / "hub.zip", hub="0.0.test")
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_schema_is_nothing_to_back_up(empty: TestDatabase, tmp_path: Path) -> None:
    with pytest.raises(DumpFailed, match="nothing to back up"):
        back_up(empty.url("solarhub_backup"), tmp_path / "hub.zip", hub="0.0.test")


def test_what_no_key_at_hand_opens_is_counted(filled: TestDatabase) -> None:
    lost, kept = new_key(), new_key()
    sealed = Keyring.parse(lost).seal("hunter2", "somewhere")
    filled.fetch(
        f"""update devices set connection_config = '{{"url": "http://x", "headers": {{"sealed": "{sealed}"}}}}'"""
    )
    url = filled.admin_url
    name = lost.partition(":")[0]
    [found] = sealed_without(url, Keyring.parse(kept))
    assert found == ("devices", "connection_config", 1, (name,))
    assert sealed_without(url, None) == [found]
    assert sealed_without(url, Keyring.parse(f"{kept}\n{lost}")) == []
