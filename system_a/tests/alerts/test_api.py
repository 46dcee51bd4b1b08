import asyncio
from typing import Any

import httpx
import pytest

from tests.clients import Plant, commissioned, created, refused
from tests.conftest import TestDatabase

CONDITION = {
    "metric": "power_output",
    "operator": "lt",
    "threshold": 10.0,
    "duration_seconds": 300,
    "device_type": "inverter",
}
RULE: dict[str, Any] = {"name": "Low power", "condition": CONDITION, "severity": "warning"}


async def test_the_schema_documents_own_condition_comes_back_unchanged(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    document = RULE | {
        "description": "Under ten kilowatts",
        "site_id": plant.site_id,
        "channels": ["email", "sms"],
        "cooldown_minutes": 60,
        "auto_resolve": False,
    }
    answer = await api.post(f"{plant.path}/alert-rules", json=document)
    rule = answer.json()
    assert answer.status_code == 201
    assert {key: rule[key] for key in document} == document
    assert (rule["is_active"], rule["version"]) == (True, 1)
    assert (await api.get(answer.headers["location"])).json() == rule
    plain = await created(api, f"{plant.path}/alert-rules", RULE)
    assert (plain["site_id"], plain["channels"], plain["cooldown_minutes"], plain["auto_resolve"]) == (
        None,
        [],
        0,
        True,
    )


IMPOSSIBLE: list[tuple[dict[str, Any], str, object, object]] = [
    ({"condition": CONDITION | {"metric": "power_outptu"}}, "condition.metric", "power_outptu", None),
    ({"condition": CONDITION | {"operator": "<"}}, "condition.operator", "<", ["lt", "lte", "gt", "gte", "eq", "neq"]),
    ({"condition": CONDITION | {"threshold": "ten"}}, "condition.threshold", "ten", "a number, finite"),
    ({"condition": CONDITION | {"duration_seconds": -1}}, "condition.duration_seconds", -1, None),
    ({"condition": CONDITION | {"device_type": "fridge"}}, "condition.device_type", "fridge", None),
    ({"condition": CONDITION | {"when": "night"}}, "condition.when", "night", ["always", "daylight"]),
    ({"condition": CONDITION | {"unit": "W"}}, "condition.unit", "W", None),
    ({"condition": None}, "condition", None, None),
    ({"severity": "fatal"}, "severity", "fatal", ["info", "warning", "critical"]),
    ({"channels": ["pigeon"]}, "channels[0]", "pigeon", ["email", "sms", "push", "webhook", "whatsapp"]),
    ({"channels": ["sms", "sms"]}, "channels", "a list of 2 entries", None),
    ({"cooldown_minutes": 10_081}, "cooldown_minutes", 10_081, "a whole number from 0 to 10080 minutes"),
    ({"is_active": 1}, "is_active", 1, "true or false"),
    ({"site_id": "01a20000-0000-7000-8000-000000000000"}, "site_id", "01a20000-0000-7000-8000-000000000000", None),
    ({"name": " "}, "name", " ", None),
]


async def test_an_impossible_value_is_named_with_what_is_allowed(
    api: httpx.AsyncClient, subtests: pytest.Subtests
) -> None:
    plant = await commissioned(api)
    rule = await created(api, f"{plant.path}/alert-rules", RULE)
    for change, field, value, allowed in IMPOSSIBLE:
        registered = await api.post(f"{plant.path}/alert-rules", json=RULE | change)
        changed = await api.patch(f"{plant.path}/alert-rules/{rule['id']}", json=change, headers={"If-Match": '"1"'})
        for answer in (registered, changed):
            with subtests.test(field=field, value=value, method=answer.request.method):
                [error] = refused(answer)
                assert (error["field"], error["value"]) == (field, value)
                assert error["allowed"] == allowed if allowed else error["allowed"]


async def test_a_rule_is_changed_by_its_version_and_its_condition_replaced_whole(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    rule = await created(api, f"{plant.path}/alert-rules", RULE)
    url = f"{plant.path}/alert-rules/{rule['id']}"
    condition = {"metric": "frequency", "operator": "gt", "threshold": 51, "duration_seconds": 0, "when": "daylight"}
    change = {"condition": condition, "is_active": False, "channels": ["push"]}
    answer = await api.patch(url, json=change, headers={"If-Match": '"1"'})
    assert answer.headers["etag"] == '"2"'
    assert answer.json() | change == answer.json()
    assert answer.json()["name"] == "Low power"
    assert (await api.patch(url, json=change, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.patch(url, json=change)).status_code == 428


async def test_rules_are_listed_by_name_and_can_be_narrowed(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    await created(api, f"{plant.path}/alert-rules", RULE | {"name": "B"})
    await created(api, f"{plant.path}/alert-rules", RULE | {"name": "A", "site_id": plant.site_id})
    await created(api, f"{plant.path}/alert-rules", RULE | {"name": "C", "is_active": False})

    async def names(query: str) -> list[str]:
        return [rule["name"] for rule in (await api.get(f"{plant.path}/alert-rules?{query}")).json()["items"]]

    assert await names("") == ["A", "B", "C"]
    assert await names("is_active=true") == ["A", "B"]
    assert await names(f"site_id={plant.site_id}") == ["A"]


async def raised(api: httpx.AsyncClient, database: TestDatabase, plant: Plant) -> None:
    """Four alerts of one rule, one minute apart, the oldest first."""
    rule = await created(api, f"{plant.path}/alert-rules", RULE)
    for minute, (status, severity) in enumerate(
        [("resolved", "info"), ("active", "critical"), ("acknowledged", "warning"), ("active", "warning")]
    ):
        database.fetch(
            "insert into alerts (rule_id, organization_id, site_id, severity, status, title, message, metric_name,"
            " metric_value, threshold_value, triggered_at, acknowledged_at, resolved_at) values"
            f" ('{rule['id']}', '{plant.organization_id}', '{plant.site_id}', '{severity}', '{status}',"
            f" 'Alert {minute}', 'It is low.', 'power_output', 9.5, 10, timestamptz '2024-06-21 07:0{minute}Z',"
            f" case '{status}' when 'acknowledged' then now() end, case '{status}' when 'resolved' then now() end)"
        )


async def test_alerts_of_a_site_and_of_an_organization_come_newest_first(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant, other = await commissioned(api), await commissioned(api, "Other")
    await raised(api, database, plant)

    async def titles(path: str) -> list[str]:
        listing = (await api.get(path)).json()
        assert listing["total"] == len(listing["items"])
        return [alert["title"] for alert in listing["items"]]

    newest_first = ["Alert 3", "Alert 2", "Alert 1", "Alert 0"]
    assert await titles(f"{plant.path}/alerts") == newest_first
    assert await titles(f"{plant.path}/sites/{plant.site_id}/alerts") == newest_first
    assert await titles(f"{plant.path}/alerts?status=active") == ["Alert 3", "Alert 1"]
    assert await titles(f"{plant.path}/alerts?status=active&status=acknowledged&severity=warning") == [
        "Alert 3",
        "Alert 2",
    ]
    assert await titles(f"{other.path}/alerts") == []
    page = (await api.get(f"{plant.path}/alerts?limit=1&offset=1")).json()
    assert (page["items"][0]["title"], page["total"]) == ("Alert 2", 4)
    assert page["items"][0]["triggered_at"] == "2024-06-21T07:02:00Z"
    [error] = refused(await api.get(f"{plant.path}/alerts?status=loud"))
    assert error["allowed"] == ["active", "acknowledged", "resolved", "expired"]


async def test_another_tenants_rule_answers_byte_for_byte_like_a_random_id(api: httpx.AsyncClient) -> None:
    ours, theirs = await commissioned(api, "Ours"), await commissioned(api, "Theirs")
    rule = await created(api, f"{theirs.path}/alert-rules", RULE)
    [error] = refused(await api.post(f"{ours.path}/alert-rules", json=RULE | {"site_id": theirs.site_id}))
    assert error["message"] == "is no site of this organization"
    for method in ("GET", "PATCH"):
        answers = [
            await api.request(method, f"{ours.path}/alert-rules/{rule_id}", json={}, headers={"If-Match": '"1"'})
            for rule_id in (rule["id"], "01a20000-0000-7000-8000-000000000000")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


async def test_a_rule_is_in_force_for_the_sample_that_follows_it(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    device = await created(
        api,
        f"{plant.path}/devices",
        {"site_id": plant.site_id, "name": "Inverter 1", "device_type": "inverter", "protocol": "http"},
    )
    token = (await created(api, f"{plant.path}/devices/{device['id']}/tokens", {}))["token"]

    async def report(power_kw: float) -> None:
        answer = await api.post(
            "/api/v1/telemetry",
            json={"metrics": {"power_output": power_kw}},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.json()["stored"] == 1

    await report(5)
    rule = await created(api, f"{plant.path}/alert-rules", RULE | {"condition": CONDITION | {"duration_seconds": 0}})
    await report(4)
    alerts: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        while not alerts:
            alerts = (await api.get(f"{plant.path}/sites/{plant.site_id}/alerts")).json()["items"]
    assert [(alert["rule_id"], alert["device_id"], alert["metric_value"]) for alert in alerts] == [
        (rule["id"], device["id"], 4)
    ]


async def test_an_alert_about_an_own_metric_names_the_unit_that_was_given_to_it(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    pressure = {"name": "x_pressure", "unit": "bar", "kind": "gauge", "minimum": 0, "maximum": 16, "meaning": "Pump"}
    await created(api, f"{plant.path}/metrics", pressure)
    condition = {"metric": "x_pressure", "operator": "gt", "threshold": 10, "duration_seconds": 0}
    await created(api, f"{plant.path}/alert-rules", RULE | {"condition": condition})
    device = await created(
        api,
        f"{plant.path}/devices",
        {"site_id": plant.site_id, "name": "Pump", "device_type": "sensor", "protocol": "http"},
    )
    token = (await created(api, f"{plant.path}/devices/{device['id']}/tokens", {}))["token"]

    alerts: list[dict[str, Any]] = []
    async with asyncio.timeout(60):
        while not alerts:
            body, known = {"metrics": {"x_pressure": 12}}, {"Authorization": f"Bearer {token}"}
            assert (await api.post("/api/v1/telemetry", json=body, headers=known)).status_code == 200
            alerts = (await api.get(f"{plant.path}/sites/{plant.site_id}/alerts")).json()["items"]

    assert alerts[0]["title"] == "Pump: pressure above 10 bar"
    assert alerts[0]["message"] == "Pressure of Pump is 12 bar, above 10 bar"
