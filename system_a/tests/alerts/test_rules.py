"""Rules over HTTP: who may make them for what, how they are switched, and what goes when they go."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from solarhub.kit.ids import uuid7
from tests.alerts.conftest import FINE, LOW, MINUTE, NOON, NewEvaluator, Plant, minutes
from tests.clients import People, created, refused

RULE: dict[str, Any] = {
    "name": "Low power",
    "severity": "warning",
    "condition": {"metric": "power_output", "operator": "lt", "threshold": 0.3, "duration_seconds": 0},
}
VERSION_1 = {"If-Match": '"1"'}


def url(plant: Plant, rule_id: object = "", verb: str = "") -> str:
    return "/".join([f"{plant.path}/alert-rules", *(str(part) for part in (rule_id, verb) if part)])


async def manager_of(plant: Plant, people: People) -> httpx.AsyncClient:
    return await people.member(plant.tenant.organization_id, "manager")


def second_site(plant: Plant) -> str:
    (row,) = plant.database.fetch(
        "insert into sites (organization_id, name, latitude, longitude) select organization_id, 'Second', 31.5, 74.3"
        f" from sites where id = '{plant.tenant.site_id}' returning id"
    )
    return str(row["id"])


# -------------------------------------------------------------------------------------------------------- switching


async def test_a_rule_is_switched_off_and_on_and_says_when_it_is_so_already(plant: Plant, people: People) -> None:
    manager = await manager_of(plant, people)
    rule = await created(manager, url(plant), RULE)
    for verb, is_active in (("switch-off", False), ("switch-on", True)):
        answer = await manager.post(url(plant, rule["id"], verb))
        assert (answer.status_code, answer.json()["is_active"]) == (200, is_active)
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
        again = await manager.post(url(plant, rule["id"], verb))
        assert (again.status_code, again.json()["state"]) == (409, verb.removeprefix("switch-"))
    actions = [row["action"] for row in plant.database.fetch("select action from audit_entries order by id")]
    assert actions == ["alert_rule.create", "alert_rule.switch_off", "alert_rule.switch_on"]


async def test_a_rule_that_is_off_judges_nothing_until_it_is_on_again(
    plant: Plant, people: People, new_evaluator: NewEvaluator
) -> None:
    manager = await manager_of(plant, people)
    rule = await created(manager, url(plant), RULE)
    evaluator = await new_evaluator()
    await manager.post(url(plant, rule["id"], "switch-off"))
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    assert plant.alerts() == []
    await manager.post(url(plant, rule["id"], "switch-on"))
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(LOW, start=NOON + MINUTE)))
    assert plant.lives() == [(1, None)]


# --------------------------------------------------------------------------------------------------------- removing


async def test_with_a_rule_its_open_alerts_end_and_its_past_stays_readable(
    plant: Plant, people: People, new_evaluator: NewEvaluator
) -> None:
    manager = await manager_of(plant, people)
    rule = await created(manager, url(plant), RULE)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, FINE, LOW)))
    assert (await manager.delete(url(plant, rule["id"]))).status_code == 428
    assert (await manager.delete(url(plant, rule["id"]), headers={"If-Match": '"7"'})).status_code == 412
    assert (await manager.delete(url(plant, rule["id"]), headers=VERSION_1)).status_code == 204

    assert (await manager.get(url(plant, rule["id"]))).status_code == 404
    assert (await manager.get(url(plant))).json()["items"] == []
    past, ended = plant.alerts()
    assert (past["resolved_by"], ended["status"]) == (None, "resolved")
    assert ended["resolved_by"] == people.ids[manager]
    detail = (await manager.get(f"{plant.path}/alerts/{ended['id']}")).json()
    assert [(each["act"], each["note"]) for each in detail["notes"]] == [("resolve", "The rule was removed.")]
    assert plant.database.fetch("select * from alert_episodes where closed_at is null") == []
    announced = plant.database.fetch(f"select event from alert_announcements where alert_id = '{ended['id']}'")
    assert sorted(row["event"] for row in announced) == ["closed", "opened"]

    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(FINE, LOW, start=NOON + 3 * MINUTE)))
    assert len(plant.alerts()) == 2
    actions = [row["action"] for row in plant.database.fetch("select action from audit_entries order by id")]
    assert actions == ["alert_rule.create", "alert_rule.remove"]


# ---------------------------------------------------------------------------------------------------------- who may


async def test_who_may_change_rules_makes_switches_and_removes_them(
    plant: Plant, people: People, subtests: pytest.Subtests
) -> None:
    for role in ("owner", "admin", "manager", "viewer", "installer"):
        client = await people.member(plant.tenant.organization_id, role)
        with subtests.test(role=role):
            rule_id = plant.rule()
            may_read, may_change = role != "installer", role in ("owner", "admin", "manager")
            assert (await client.get(url(plant, rule_id))).status_code == (200 if may_read else 403)
            answers = [
                await client.post(url(plant), json=RULE),
                await client.patch(url(plant, rule_id), json={"name": "Other"}, headers=VERSION_1),
                await client.post(url(plant, rule_id, "switch-off")),
                await client.post(url(plant, rule_id, "switch-on")),
                await client.delete(url(plant, rule_id), headers={"If-Match": "*"}),
            ]
            expected = [201, 200, 200, 200, 204] if may_change else [403] * 5
            assert [answer.status_code for answer in answers] == expected


async def test_a_guest_makes_rules_for_the_plant_that_was_lent_and_no_other(plant: Plant, people: People) -> None:
    mine, other_site = str(plant.tenant.site_id), second_site(plant)
    guest = await people.guest(mine, "manager")
    rule = await created(guest, url(plant), RULE | {"site_id": mine})
    everywhere = await guest.post(url(plant), json=RULE)
    assert everywhere.status_code == 403
    assert "whole organization" in everywhere.json()["detail"]
    for elsewhere in (other_site, str(uuid7())):
        [error] = refused(await guest.post(url(plant), json=RULE | {"site_id": elsewhere}))
        assert (error["field"], error["message"]) == ("site_id", "is no site of this organization")

    rule_url = url(plant, rule["id"])
    assert (await guest.patch(rule_url, json={"site_id": None}, headers=VERSION_1)).status_code == 403
    refused(await guest.patch(rule_url, json={"site_id": other_site}, headers=VERSION_1))
    assert (await guest.patch(rule_url, json={"name": "Mine"}, headers=VERSION_1)).json()["name"] == "Mine"
    assert (await guest.delete(rule_url, headers={"If-Match": '"2"'})).status_code == 204


async def test_a_guest_sees_and_touches_no_rule_of_the_whole_organization_or_of_another_plant(
    plant: Plant, people: People, subtests: pytest.Subtests
) -> None:
    manager = await manager_of(plant, people)
    hidden = [
        (await created(manager, url(plant), RULE))["id"],
        (await created(manager, url(plant), RULE | {"site_id": second_site(plant)}))["id"],
    ]
    guest = await people.guest(plant.tenant.site_id, "manager")
    assert (await guest.get(url(plant))).json()["total"] == 0
    for rule_id in hidden:
        with subtests.test(rule=rule_id):
            answers = [
                await guest.get(url(plant, rule_id)),
                await guest.patch(url(plant, rule_id), json={"name": "Mine"}, headers=VERSION_1),
                await guest.post(url(plant, rule_id, "switch-off")),
                await guest.delete(url(plant, rule_id), headers=VERSION_1),
            ]
            assert [answer.status_code for answer in answers] == [404] * 4
            nowhere = await guest.get(url(plant, uuid7()))
            assert {answer.content for answer in answers} == {nowhere.content}


# ------------------------------------------------------------------------------------------------------------ lists


async def test_rules_are_narrowed_and_taken_home_as_a_file(plant: Plant, people: People) -> None:
    manager = await manager_of(plant, people)
    site_id = str(plant.tenant.site_id)
    await created(manager, url(plant), RULE | {"name": "=B", "channels": ["email", "webhook"]})
    await created(manager, url(plant), RULE | {"name": "A", "severity": "critical", "site_id": site_id})
    await created(manager, url(plant), RULE | {"name": "C", "severity": "info", "is_active": False})

    async def names(query: str) -> list[str]:
        return [rule["name"] for rule in (await manager.get(f"{url(plant)}?{query}")).json()["items"]]

    assert await names("severity=critical&severity=info") == ["A", "C"]
    assert await names("is_active=false") == ["C"]
    assert await names(f"site_id={site_id}&severity=info") == []

    table = await manager.get(f"{url(plant)}/export?format=csv")
    assert table.headers["content-disposition"] == 'attachment; filename="alert-rules.csv"'
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert sorted(row["name"] for row in rows) == ["'=B", "A", "C"]
    assert {row["condition.metric"] for row in rows} == {"power_output"}
    lines = await manager.get(f"{url(plant)}/export?format=jsonl&severity=critical")
    [rule] = [json.loads(line) for line in lines.text.splitlines()]
    assert rule == (await manager.get(url(plant, rule["id"]))).json()
    assert refused(await manager.get(f"{url(plant)}/export?format=xlsx"))[0]["allowed"] == ["csv", "jsonl"]
    assert (await (await people.stranger()).get(f"{url(plant)}/export?format=csv")).status_code == 404


# ------------------------------------------------------------------------------------------------------- own metrics


async def test_a_rule_watches_a_metric_that_the_organization_has_and_no_other(plant: Plant, people: People) -> None:
    manager = await manager_of(plant, people)
    guest = await people.guest(plant.tenant.site_id, "manager")
    watched = RULE | {"condition": RULE["condition"] | {"metric": "x_pressure"}}
    (line,) = refused(await manager.post(url(plant), json=watched))
    assert (line["field"], line["value"]) == ("condition.metric", "x_pressure")

    pressure = {"name": "x_pressure", "unit": "bar", "kind": "gauge", "minimum": 0, "maximum": 16, "meaning": "Pump"}
    metric = await created(manager, f"{plant.path}/metrics", pressure)

    rule = await created(manager, url(plant), watched)
    assert rule["condition"]["metric"] == "x_pressure"
    lent = watched | {"site_id": str(plant.tenant.site_id)}
    assert (await guest.post(url(plant), json=lent)).status_code == 201
    assert (await manager.delete(f"{plant.path}/metrics/{metric['id']}", headers=VERSION_1)).status_code == 204
    # the rule stays, and can still be changed in what else it says
    assert (await manager.patch(url(plant, rule["id"]), json={"name": "P"}, headers=VERSION_1)).status_code == 200
    refused(
        await manager.patch(url(plant, rule["id"]), json={"condition": watched["condition"]}, headers={"If-Match": "*"})
    )
