"""What is stored, as the operator sees it."""

from tests.cli.operating import Operator
from tests.conftest import TestDatabase
from tests.telemetry.cold.conftest import days_ago


def fill(database: TestDatabase, age: int, rows: int) -> None:
    """A device's raw rows, one a second, past the corridor."""
    start = days_ago(age, hour=6)
    key = "(select organization_key from organizations)"
    database.fetch(
        f"select ensure_telemetry_partition('{start.date()}')",
        "insert into telemetry_layouts (organization_key, series, series_sha256)"
        f" values ({key}, array['frequency', 'power_output'], sha256('x')) on conflict do nothing",
        "insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)"
        f" select {key}, 7, timestamptz '{start.isoformat()}' + n * interval '1 second', now(), l.id, false,"
        f" array[50.0, n / 10.0] from telemetry_layouts l, generate_series(1, {rows}) n",
        "analyze telemetry_samples",
    )


def test_raw_and_compressed_days_are_shown_with_their_size(
    operator: Operator, organization: str, database: TestDatabase
) -> None:
    fill(database, 420, 1000)
    fill(database, 3, 500)
    assert [(day["rows"], day["bytes"] > 0) for day in operator.knows("telemetry", "stored")["raw"]] == [
        (500, True),
        (1000, True),
    ]
    assert operator.knows("telemetry", "compress") == {"days": 2, "rows": 1500}
    assert operator.says("telemetry", "compress", "--hours", "24") == "0 days were compressed, 0 rows."

    found = operator.knows("telemetry", "stored")

    assert found["raw"] == []
    [stock] = found["compressed"]
    told = {name: stock[name] for name in ("slug", "days", "rows", "imported_rows", "values", "rows_to_remove")}
    assert told == {
        "slug": organization,
        "days": 2,
        "rows": 1500,
        "imported_rows": 0,
        "values": 3000,
        "rows_to_remove": 1000,
    }
    assert stock["bytes_per_value"] == round(stock["bytes"] / 3000, 3) < 0.5
    assert 0 < stock["bytes_to_remove"] < stock["bytes"] < found["table_bytes"]
    assert stock["kept_from"] == str(days_ago(400).date())


def test_the_same_is_shown_as_tables(operator: Operator, organization: str, database: TestDatabase) -> None:
    fill(database, 3, 50)

    said = operator.says("telemetry", "stored")

    assert str(days_ago(3).date()) in said
    assert "Compressed days take" in said
