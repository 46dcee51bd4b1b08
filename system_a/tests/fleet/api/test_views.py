import httpx
import pytest

from tests.clients import People, commissioned, created
from tests.conftest import TestDatabase

VIEWS = ("active-alerts-summary", "device-status-summary", "site-capacity")


async def test_the_three_views_answer_for_one_organization(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant, other = await commissioned(api), await commissioned(api, "Other")
    for number, (device_type, status) in enumerate(
        [("inverter", "online"), ("inverter", "offline"), ("meter", "maintenance"), ("battery", "error")]
    ):
        document = {"site_id": plant.site_id, "name": f"D{number}", "device_type": device_type, "protocol": "http"}
        device = await created(api, f"{plant.path}/devices", document)
        database.fetch(f"update devices set status = '{status}' where id = '{device['id']}'")
    await api.patch(
        f"{plant.path}/sites/{plant.site_id}",
        json={"configuration": {"system_capacity_kw": 100, "disco_provider": "lesco", "grid_connected": True}},
        headers={"If-Match": '"1"'},
    )
    condition = {"metric": "power_output", "operator": "lt", "threshold": 1}
    rule = await created(
        api, f"{plant.path}/alert-rules", {"name": "Low", "condition": condition, "severity": "critical"}
    )
    for status in ("active", "active", "acknowledged", "resolved"):
        database.fetch(
            "insert into alerts (rule_id, organization_id, site_id, severity, status, title, message, triggered_at,"
            f" acknowledged_at, resolved_at) values ('{rule['id']}', '{plant.organization_id}', '{plant.site_id}',"
            f" 'critical', '{status}', 'Low', 'Low.', '2024-06-21 07:00Z',"
            f" case '{status}' when 'acknowledged' then now() end, case '{status}' when 'resolved' then now() end)"
        )

    alerts = (await api.get(f"{plant.path}/active-alerts-summary")).json()
    assert alerts == {
        "organization_id": plant.organization_id,
        "active_count": 2,
        "acknowledged_count": 1,
        "info_count": 0,
        "warning_count": 0,
        "critical_count": 3,
        "total_count": 3,
        "oldest_triggered_at": "2024-06-21T07:00:00Z",
        "newest_triggered_at": "2024-06-21T07:00:00Z",
    }
    assert (await api.get(f"{other.path}/active-alerts-summary")).json()["total_count"] == 0

    [status] = (await api.get(f"{plant.path}/device-status-summary")).json()["items"]
    assert status == {
        "organization_id": plant.organization_id,
        "site_id": plant.site_id,
        "site_name": "Acme Solar plant",
        "online_count": 1,
        "offline_count": 1,
        "error_count": 1,
        "maintenance_count": 1,
        "unknown_count": 0,
        "total_count": 4,
    }
    [capacity] = (await api.get(f"{plant.path}/site-capacity")).json()["items"]
    assert (capacity["system_capacity_kw"], capacity["disco_provider"], capacity["grid_connected"]) == (
        100,
        "lesco",
        True,
    )
    assert (capacity["device_count"], capacity["inverter_count"], capacity["battery_count"]) == (4, 2, 1)
    for path in ("active-alerts-summary", "device-status-summary", "site-capacity"):
        assert (await api.get(f"/api/v1/organizations/01a20000-0000-7000-8000-000000000000/{path}")).status_code == 404


async def test_a_guest_sees_the_rows_of_the_own_plant(
    api: httpx.AsyncClient, people: People, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    other = await created(api, f"{plant.path}/sites", {"name": "Another", "latitude": 31.5, "longitude": 74.3})
    condition = {"metric": "power_output", "operator": "lt", "threshold": 1}
    rule = await created(
        api, f"{plant.path}/alert-rules", {"name": "Low", "condition": condition, "severity": "critical"}
    )
    for site_id in (plant.site_id, other["id"], other["id"]):
        database.fetch(
            "insert into alerts (rule_id, organization_id, site_id, severity, title, message, triggered_at) values"
            f" ('{rule['id']}', '{plant.organization_id}', '{site_id}', 'critical', 'Low', 'Low.', now())"
        )
    guest = await people.guest(plant.site_id)
    for view in VIEWS[1:]:
        listed = (await guest.get(f"{plant.path}/{view}")).json()
        assert ([row["site_id"] for row in listed["items"]], listed["total"]) == ([plant.site_id], 1)
        assert (await guest.get(f"{plant.path}/{view}", params={"site_id": other["id"]})).json()["items"] == []
        one = (await api.get(f"{plant.path}/{view}", params={"site_id": other["id"]})).json()
        assert ([row["site_name"] for row in one["items"]], one["total"]) == (["Another"], 1)
        assert (await api.get(f"{plant.path}/{view}")).json()["total"] == 2
    assert (await guest.get(f"{plant.path}/active-alerts-summary")).json()["critical_count"] == 1
    assert (await api.get(f"{plant.path}/active-alerts-summary")).json()["critical_count"] == 3


@pytest.mark.parametrize("view", VIEWS)
async def test_a_view_is_exported_as_a_file(api: httpx.AsyncClient, people: People, view: str) -> None:
    plant = await commissioned(api)
    await created(api, f"{plant.path}/sites", {"name": "=Another", "latitude": 31.5, "longitude": 74.3})
    csv = await api.get(f"{plant.path}/{view}/export", params={"format": "csv"})
    assert csv.headers["content-disposition"] == f'attachment; filename="{view}.csv"'
    lines = csv.text.strip().splitlines()
    assert lines[0].startswith("\ufefforganization_id,")
    rows = 1 if view == "active-alerts-summary" else 2
    assert len(lines) == rows + 1
    jsonl = await api.get(f"{plant.path}/{view}/export", params={"format": "jsonl"})
    assert len(jsonl.text.splitlines()) == rows
    if rows == 2:
        assert "'=Another" in csv.text
        guest = await people.guest(plant.site_id)
        mine = await guest.get(f"{plant.path}/{view}/export", params={"format": "jsonl"})
        assert len(mine.text.splitlines()) == 1
    assert (await api.get(f"{plant.path}/{view}/export", params={"format": "xls"})).status_code == 422
