"""The schema document and the database cannot part: each list of docs/schema.md is held against the live catalogue."""

import pytest

from tests.conftest import TestDatabase
from tests.migrations import document

BEYOND_THE_PICTURE = {
    "users": {"removed_at"},
    "organizations": {"organization_key", "removed_at"},
    "organization_members": {"removed_at", "invited_name", "invited_email", "invited_phone"},
    "sites": {"disco_code", "removed_at", "maintenance_until"},
    "devices": {"device_key", "removed_at", "maintenance_until", "replaces", "gateway_id"},
    "alert_rules": {"removed_at", "version", "asks_since"},
    "alerts": set(),
}
"""Columns that the picture does not show; the comments of the migration and of the models say what each is for."""


def columns_of(database: TestDatabase, table: str) -> dict[str, tuple[str, bool]]:
    rows = database.fetch(
        "select attname, format_type(atttypid, atttypmod) as type, attnotnull from pg_attribute"
        f" where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped"
    )
    return {row["attname"]: (row["type"], row["attnotnull"]) for row in rows}


def constraint_columns(database: TestDatabase, table: str, kind: str) -> list[list[str]]:
    rows = database.fetch(
        "select (select array_agg(attname::text order by place) from unnest(conkey) with ordinality as k(number, place)"
        " join pg_attribute on attrelid = conrelid and attnum = number) as columns"
        f" from pg_constraint where conrelid = '{table}'::regclass and contype = '{kind}'"
    )
    return [row["columns"] for row in rows]


def indexes_of(database: TestDatabase, table: str) -> list[tuple[str, list[str], str | None]]:
    """(access method, columns, condition) of each index of a table."""
    rows = database.fetch(
        "select amname, (select array_agg(pg_get_indexdef(indexrelid, n, true) order by n)"
        " from generate_series(1, indnkeyatts) as n) as columns, pg_get_expr(indpred, indrelid) as condition"
        " from pg_index join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam"
        f" where indrelid = '{table}'::regclass"
    )
    return [(row["amname"], row["columns"], row["condition"]) for row in rows]


def test_the_document_is_read_as_a_person_reads_it() -> None:
    assert len(document.tables()) == 7
    assert len(document.enums()) == 8
    assert len(document.views()) == 3
    assert len(document.discos()) == 11
    assert [column.name for column in document.picture()["sites"]][:3] == ["id", "organization_id", "name"]
    assert {len(columns) for columns in document.picture().values()} == {12, 13, 19, 23}


def test_enums_have_exactly_the_documented_values_in_their_order(at_head: TestDatabase) -> None:
    rows = at_head.fetch(
        "select typname, array_agg(enumlabel::text order by enumsortorder) as labels"
        " from pg_type join pg_enum on enumtypid = pg_type.oid group by typname"
    )
    assert {row["typname"]: row["labels"] for row in rows} == document.enums()


@pytest.mark.parametrize("table", document.tables())
def test_a_table_has_the_columns_of_the_picture(at_head: TestDatabase, table: str) -> None:
    live = columns_of(at_head, table)
    pictured = document.picture()[table]
    assert set(live) == {column.name for column in pictured} | BEYOND_THE_PICTURE[table]
    primary, unique = constraint_columns(at_head, table, "p"), constraint_columns(at_head, table, "u")
    foreign = {name for columns in constraint_columns(at_head, table, "f") for name in columns}
    for column in pictured:
        kind, not_null = live[column.name]
        assert not (column.is_nullable and not_null), f"{table}.{column.name} is nullable in the picture"
        assert kind.endswith("[]") == column.is_array, f"{table}.{column.name} is {kind}"
        assert not column.is_primary_key or primary == [[column.name]]
        assert not column.is_unique or [column.name] in unique
        assert not column.is_foreign_key or column.name in foreign, f"{table}.{column.name} refers to nothing"
        assert column.is_nullable or not column.is_foreign_key or not_null or column.name.endswith("_by")


@pytest.mark.parametrize("table", document.tables())
def test_primary_keys_are_uuids(at_head: TestDatabase, table: str) -> None:
    assert columns_of(at_head, table)["id"] == ("uuid", True)


def test_the_documented_columns_are_unique(at_head: TestDatabase) -> None:
    assert len(document.unique_columns()) == 3
    for table, column in document.unique_columns():
        assert [column] in constraint_columns(at_head, table, "u")


def test_every_column_of_a_foreign_key_list_leads_an_index(at_head: TestDatabase) -> None:
    lists = document.index_lists("Foreign Key Indexes")
    assert len(lists) == 5
    for table, columns in lists:
        leading = {index[1][0] for index in indexes_of(at_head, table)}
        assert set(columns) <= leading, f"{table}: no index begins with {set(columns) - leading}"


def test_every_query_optimization_index_exists(at_head: TestDatabase) -> None:
    lists = document.index_lists("Query Optimization Indexes")
    assert len(lists) == 5
    for table, columns in lists:
        assert any(index[1] == columns and index[2] is None for index in indexes_of(at_head, table)), (table, columns)


def test_every_jsonb_column_has_a_gin_index(at_head: TestDatabase) -> None:
    assert "GIN indexes on JSONB columns" in document.section("Query Optimization Indexes")
    for table in document.tables():
        for name, (kind, _) in columns_of(at_head, table).items():
            if kind == "jsonb":
                assert ("gin", [name], None) in indexes_of(at_head, table), f"{table}.{name}"


def test_partial_indexes_have_the_documented_conditions(at_head: TestDatabase) -> None:
    partial = document.partial_indexes()
    assert len(partial) == 2
    for table, condition in partial:
        words = [part.split(" = ")[0] for part in condition.split(" AND ")]
        conditions = [index[2] for index in indexes_of(at_head, table) if index[2]]
        assert any(all(word in found for word in words) for found in conditions), (table, condition)


def test_views_exist_and_name_the_organization(at_head: TestDatabase) -> None:
    for view in document.views():
        assert "organization_id" in columns_of(at_head, view)


def test_the_documented_discos_are_there_from_the_first_migration(at_head: TestDatabase) -> None:
    assert {row["code"] for row in at_head.fetch("select code from discos")} == set(document.discos())


def test_defaults_are_karachi_time(at_head: TestDatabase) -> None:
    assert "Timezone: `Asia/Karachi`" in document.section("Default Settings")
    (row,) = at_head.fetch(
        "select pg_get_expr(adbin, adrelid) as expression from pg_attrdef join pg_attribute"
        " on attrelid = adrelid and attnum = adnum where adrelid = 'sites'::regclass and attname = 'timezone'"
    )
    assert row["expression"] == "'Asia/Karachi'::text"
