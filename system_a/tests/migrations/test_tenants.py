"""The second wall: what each database role sees and may do, whatever the code above it asks."""

from collections.abc import Iterator

import asyncpg
import pytest

from solarhub.kit.libpq import asyncpg_arguments
from tests.conftest import TestDatabase, execute, new_database
from tests.migrations.tenants import OF_A_PLANT, OF_WORKERS, TENANT_TABLES, VIEWS, A, B, one_tenant


@pytest.fixture(scope="module")
def two_tenants(each_template: TestDatabase) -> Iterator[TestDatabase]:
    """On each server, for all of these tests: what they write is refused or rolled back."""
    for database in new_database(each_template.server, each_template.name):
        database.fetch(*one_tenant("a", A), *one_tenant("b", B))
        yield database


def as_app(organization: str | None = None, key: int | None = None) -> list[str]:
    """Statements that open a transaction in which the app role stands in `organization`, or in none."""
    settings = (
        [] if organization is None else [f"select set_config('app.organization_ids', '{{{organization}}}', true)"]
    )
    if key is not None:
        settings.append(f"select set_config('app.organization_keys', '{{{key}}}', true)")
    return ["begin", *settings]


def key_of(database: TestDatabase, organization: str) -> int:
    (row,) = database.fetch(f"select organization_key from organizations where id = '{organization}'")
    return int(row["organization_key"])


def count(database: TestDatabase, relation: str, *opening: str) -> int:
    (row,) = execute(database.url("solarhub_app"), *opening, f"select count(*) from {relation} as r")
    return int(row["count"])


def readable(relation: str) -> str:
    """The app role never reads a token's hash or a message's secret, so it counts what it may read."""
    hidden = ("device_tokens", "api_keys", "notifications")
    return f"(select id, organization_id from {relation})" if relation in hidden else relation


@pytest.mark.parametrize("relation", [*TENANT_TABLES, *VIEWS])
def test_without_a_setting_the_app_role_sees_no_row(two_tenants: TestDatabase, relation: str) -> None:
    if relation in OF_WORKERS:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            count(two_tenants, relation)
        return
    assert count(two_tenants, readable(relation)) == 0
    # a pooled connection keeps an empty setting after a transaction that set one: that is no tenant either
    assert count(two_tenants, readable(relation), *as_app(A, 1), "commit") == 0


@pytest.mark.parametrize("relation", [name for name in (*TENANT_TABLES, *VIEWS) if name not in OF_WORKERS])
def test_a_tenant_sees_its_own_rows_and_none_of_another(two_tenants: TestDatabase, relation: str) -> None:
    opening = as_app(A, key_of(two_tenants, A))
    assert count(two_tenants, readable(relation), *opening) == 1
    (row,) = execute(
        two_tenants.url("solarhub_app"), *opening, f"select to_jsonb(r) as row from {readable(relation)} as r"
    )
    assert "b@example.org" not in row["row"]
    assert B not in row["row"]


SEEN_BY_GUESTS = {*OF_A_PLANT, *VIEWS}
"""What hangs on a plant that is lent; samples and roll-ups stop at the organization, whose key a guest is given."""


def as_guest(database: TestDatabase, organization: str) -> list[str]:
    """A transaction that sees the one plant of `organization` and is a member of nothing."""
    (site,) = database.fetch(f"select id from sites where organization_id = '{organization}'")
    return [
        "begin",
        f"select set_config('app.site_ids', '{{{site['id']}}}', true)",
        f"select set_config('app.host_organization_ids', '{{{organization}}}', true)",
        f"select set_config('app.organization_keys', '{{{key_of(database, organization)}}}', true)",
    ]


@pytest.mark.parametrize("relation", [name for name in (*TENANT_TABLES, *VIEWS) if name not in OF_WORKERS])
def test_a_guest_sees_what_hangs_on_the_plant_and_nothing_else(two_tenants: TestDatabase, relation: str) -> None:
    two_tenants.fetch(
        f"update alert_rules set site_id = (select id from sites where organization_id = '{A}')"
        f" where organization_id = '{A}'"
    )
    opening = as_guest(two_tenants, A)
    assert count(two_tenants, readable(relation), *opening) == (1 if relation in SEEN_BY_GUESTS else 0)


@pytest.mark.parametrize(
    "beyond",
    [
        f"update sites set organization_id = '{B}'",
        f"insert into sites (organization_id, name, latitude, longitude) values ('{A}', 'X', 1, 1)",
        (
            "insert into alert_rules (organization_id, name, condition, severity)"
            f" select '{A}', name, condition, severity from alert_rules"
        ),
        f"insert into audit_entries (organization_id, actor_kind, action, target_type) values ('{B}', 'hub', 'x', 'y')",
    ],
    ids=["moves-it", "adds-a-plant", "adds-a-rule-for-all-plants", "writes-anothers-books"],
)
def test_a_guest_writes_nothing_beyond_the_plant(two_tenants: TestDatabase, beyond: str) -> None:
    two_tenants.fetch(
        f"update alert_rules set site_id = (select id from sites where organization_id = '{A}')"
        f" where organization_id = '{A}'"
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        execute(two_tenants.url("solarhub_app"), *as_guest(two_tenants, A), beyond)


def test_what_a_guest_does_is_written_into_the_hosts_books(two_tenants: TestDatabase) -> None:
    rows = execute(
        two_tenants.url("solarhub_app"),
        *as_guest(two_tenants, A),
        "insert into audit_entries (organization_id, actor_kind, action, target_type)"
        f" values ('{A}', 'person', 'x', 'y')",
        "select 1 as done",
    )
    assert [row["done"] for row in rows] == [1]


def test_a_kept_answer_is_seen_by_whoever_asked(two_tenants: TestDatabase) -> None:
    two_tenants.fetch(
        f"insert into idempotent_answers (actor_id, key, request_sha256) values ('{A}', 'k', ''), ('{B}', 'k', '')"
    )
    assert count(two_tenants, "idempotent_answers") == 0
    assert count(two_tenants, "idempotent_answers", "begin", f"select set_config('app.actor_id', '{A}', true)") == 1
    two_tenants.fetch("delete from idempotent_answers")


def test_every_table_with_an_organization_stands_under_forced_row_level_security(each_template: TestDatabase) -> None:
    rows = each_template.fetch(
        "select relname from pg_class join pg_attribute on attrelid = pg_class.oid"
        " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and not relispartition"
        " and attname in ('organization_id', 'organization_key') and not (relrowsecurity and relforcerowsecurity)"
    )
    assert rows == []
    with_tenant = each_template.fetch(
        "select distinct relname from pg_class join pg_attribute on attrelid = pg_class.oid where relkind in ('r', 'p')"
        " and relnamespace = 'public'::regnamespace and attname in ('organization_id', 'organization_key')"
        " and not relispartition"
    )
    assert {row["relname"] for row in with_tenant} == set(TENANT_TABLES)


def test_every_key_between_tenant_tables_includes_the_organization(each_template: TestDatabase) -> None:
    rows = each_template.fetch(
        "select conname from pg_constraint where contype = 'f' and conrelid::regclass::text = any (array["
        + ", ".join(f"'{table}'" for table in TENANT_TABLES)
        + "]) and confrelid::regclass::text not in ('users', 'discos', 'organizations') and array_length(conkey, 1) = 1"
    )
    # a handover remembers the organization that the plant had
    assert [row["conname"] for row in rows] == ["fk_site_handovers_site_id_sites"]


def test_a_tenant_cannot_hang_its_device_onto_anothers_site(two_tenants: TestDatabase) -> None:
    (site,) = two_tenants.fetch(f"select id from sites where organization_id = '{B}'")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        execute(
            two_tenants.url("solarhub_app"),
            *as_app(A),
            "insert into devices (site_id, organization_id, name, device_type, protocol)"
            f" values ('{site['id']}', '{A}', 'X', 'meter', 'http')",
        )


def test_a_tenant_cannot_write_into_another_organization(two_tenants: TestDatabase) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        execute(
            two_tenants.url("solarhub_app"),
            *as_app(A),
            f"insert into sites (organization_id, name, latitude, longitude) values ('{B}', 'X', 1, 1)",
        )
    (row,) = execute(
        two_tenants.url("solarhub_app"),
        *as_app(A),
        f"with moved as (update sites set name = 'mine' where organization_id = '{B}' returning 1)"
        " select count(*) from moved",
    )
    assert row["count"] == 0


@pytest.mark.parametrize(
    "forbidden",
    [
        "delete from sites",
        "truncate users",
        "select password_hash from users",
        "select token_sha256 from user_sessions",
        "select token_sha256 from api_keys",
        "select secret_sealed from notifications",
        "select bucket from throttles",
        "delete from user_links",
        "update audit_entries set action = 'x'",
        "delete from site_grants",
        "select token_sha256 from device_tokens",
        "insert into telemetry_samples select * from telemetry_samples",
        "select ensure_telemetry_partition(current_date)",
        "create table mine (id int)",
        "set role solarhub_owner",
        "set role solarhub_worker",
        "alter table sites disable row level security",
    ],
)
def test_the_app_role_may_not(two_tenants: TestDatabase, forbidden: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        execute(two_tenants.url("solarhub_app"), forbidden)


def test_the_app_role_reaches_samples_through_the_parent_alone(two_tenants: TestDatabase) -> None:
    (row,) = two_tenants.fetch("select ensure_telemetry_partition(current_date) as partition")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        execute(two_tenants.url("solarhub_app"), f"select * from {row['partition']}")


def test_the_auth_role_knows_callers_and_nothing_else(two_tenants: TestDatabase) -> None:
    url = two_tenants.url("solarhub_auth")
    assert len(execute(url, "select token_sha256 from device_tokens")) == 2
    assert len(execute(url, "select status from organizations")) == 2
    assert len(execute(url, "select role from organization_members")) == 2
    for relation in ("sites", "alerts", "telemetry_samples", "webhooks", "alert_notes"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            execute(url, f"select * from {relation}")


def test_the_worker_role_serves_every_tenant_on_its_own_tables(two_tenants: TestDatabase) -> None:
    url = two_tenants.url("solarhub_worker")
    for relation in ("organizations", "sites", "devices", "alert_rules", "alerts", "telemetry_samples"):
        assert len(execute(url, f"select * from {relation}")) == 2
    assert len(execute(url, "select email from users")) == 2
    for relation in ("users", "user_sessions", "user_links", "api_keys", "throttles"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            execute(url, f"select * from {relation}")


def test_no_role_of_the_hub_stands_above_row_level_security(each_template: TestDatabase) -> None:
    rows = each_template.fetch(
        "select rolname from pg_roles where rolname like 'solarhub%' and (rolsuper or rolbypassrls)"
    )
    assert {row["rolname"] for row in rows} == {"solarhub_admin", "solarhub_backup"}
    owner = each_template.fetch("select rolcanlogin from pg_roles where rolname = 'solarhub_owner'")
    assert [row["rolcanlogin"] for row in owner] == [False]


def test_functions_that_run_as_their_owner_are_listed_and_hold_their_search_path(each_template: TestDatabase) -> None:
    rows = each_template.fetch(
        "select proname, proconfig from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
    )
    assert {(row["proname"], *row["proconfig"]) for row in rows} == {
        ("ensure_telemetry_partition", 'search_path=""'),
        ("watch_telemetry_partition", 'search_path=""'),
        ("drop_telemetry_partition", 'search_path=""'),
        ("hand_over_site", 'search_path=""'),
    }


def test_the_settings_live_for_one_transaction(two_tenants: TestDatabase) -> None:
    assert asyncpg_arguments(two_tenants.url("solarhub_app"))["user"] == "solarhub_app"
    assert count(two_tenants, "sites", *as_app(A), "commit", "begin") == 0
