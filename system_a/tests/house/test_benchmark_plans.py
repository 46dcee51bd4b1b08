"""The benchmark fails on a sequential scan; here it is shown that it would see one."""

from typing import Any

from benchmarks.plans import indexes, sequential_scans

BIG = ("devices", "alerts")


def scan(table: str, kind: str = "Seq Scan", index: str | None = None) -> dict[str, Any]:
    return {"Node Type": kind, "Relation Name": table, "Parallel Aware": False} | (
        {"Index Name": index} if index else {}
    )


def under(kind: str, *plans: dict[str, Any]) -> dict[str, Any]:
    return {"Node Type": kind, "Plans": list(plans)}


def test_a_sequential_scan_is_seen_however_deep_it_lies() -> None:
    plan = under("Limit", under("Sort", under("Nested Loop", scan("devices", "Index Scan"), scan("alerts"))))

    assert sequential_scans(plan, BIG) == ["alerts"]


def test_a_parallel_one_is_seen_too() -> None:
    assert sequential_scans(under("Gather", scan("alerts") | {"Parallel Aware": True}), BIG) == ["alerts"]


def test_a_small_table_may_be_read_whole() -> None:
    assert sequential_scans(under("Hash Join", scan("discos"), scan("alerts", "Index Only Scan")), BIG) == []


def test_indexes_are_named_once_also_those_below_a_bitmap() -> None:
    bitmap = under("Bitmap Heap Scan", {"Node Type": "Bitmap Index Scan", "Index Name": "ix_devices_metadata"})
    again = scan("devices", "Index Scan", "ix_devices_metadata")
    other = scan("alerts", "Index Only Scan", "ix_alerts_open")

    assert indexes(under("Append", bitmap, again, other)) == ["ix_devices_metadata", "ix_alerts_open"]
