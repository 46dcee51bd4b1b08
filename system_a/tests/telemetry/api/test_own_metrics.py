"""Metrics that an organization adds for itself: over HTTP, and at the doors."""

import asyncio
from typing import Any

import httpx
import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.metrics import CATALOGUE
from solarhub.telemetry.catalogues import Catalogues
from tests.clients import People, commissioned, created, refused
from tests.conftest import MakeTenant, TestDatabase
from tests.sites.api.test_grants import organization
from tests.sites.api.test_handovers import offer, take
from tests.telemetry.conftest import Door, stored

PRESSURE = {
    "name": "x_pressure",
    "unit": "bar",
    "kind": "gauge",
    "minimum": 0,
    "maximum": 16,
    "meaning": "Pressure behind the pump",
}


REMOVED = {"with_removed": True}


def of(door: Door) -> str:
    return f"/api/v1/organizations/{door.tenant.organization_id}"


async def define(client: httpx.AsyncClient, path: str, **other: Any) -> dict[str, Any]:
    return await created(client, f"{path}/metrics", PRESSURE | other)


async def reasons(door: Door, **readings: Any) -> list[str]:
    """What the door makes of a sample."""
    answer = await door.post({"timestamp": now().isoformat(), "metrics": readings})
    assert answer.status_code == 200, answer.text
    return [entry["reason"] for entry in answer.json()["quarantined"]]


async def taken(door: Door, **readings: Any) -> None:
    """Returns once the door of this process has heard of an edit, and takes these."""
    async with asyncio.timeout(60):
        while await reasons(door, **readings):
            continue


async def refused_as(door: Door, reason: str, **readings: Any) -> None:
    async with asyncio.timeout(60):
        while await reasons(door, **readings) != [reason]:
            continue


async def test_a_device_reports_an_own_metric_as_soon_as_it_is_defined(door: Door, database: TestDatabase) -> None:
    device = door.tenant.devices["Inverter 1"]
    assert await reasons(door, x_pressure=3.5) == ["unknown_metric"]

    made = await define(door.client, of(door))
    await taken(door, x_pressure={"pump1": 3.5})

    assert made["own"] is True
    assert (made["night"], made["version"], made["removed_at"]) == ("nothing", 1, None)
    assert stored(database)[-1][3] == {"x_pressure:pump1": 3.5}
    latest = (await door.client.get(f"{of(door)}/devices/{device}/latest")).json()["readings"]
    assert [(each["metric"], each["channel"], each["unit"]) for each in latest] == [("x_pressure", "pump1", "bar")]
    series = await door.client.get(
        f"{of(door)}/devices/{device}/series", params={"metric": "x_pressure", "channel": "pump1"}
    )
    assert (series.json()["unit"], len(series.json()["points"])) == ("bar", 1)


async def test_nobody_else_has_it(door: Door, make_tenant: MakeTenant) -> None:
    other = await make_tenant("Other")
    await define(door.client, f"/api/v1/organizations/{other.organization_id}")
    await define(door.client, of(door), name="x_mine")
    await taken(door, x_mine=1.0)  # by now both are known

    assert await reasons(door, x_pressure=3.5) == ["unknown_metric"]


async def test_the_list_holds_the_standard_metrics_and_the_own_ones(door: Door) -> None:
    await define(door.client, of(door))
    path = f"{of(door)}/metrics"

    every = (await door.client.get(path, params={"limit": 500})).json()
    own = (await door.client.get(path, params={"own": True})).json()
    standard = (await door.client.get(path, params={"own": False, "limit": 2, "offset": 1})).json()

    assert [each["name"] for each in every["items"]] == [*CATALOGUE, "x_pressure"]
    assert every["total"] == len(CATALOGUE) + 1
    assert [each["meaning"] for each in own["items"]] == ["Pressure behind the pump"]
    assert [each["name"] for each in standard["items"]] == list(CATALOGUE)[1:3]
    output = every["items"][0]
    assert (output["name"], output["unit"], output["relative"]) == ("power_output", "kW", [-0.1, 1.5])
    assert (output["id"], output["own"], output["version"]) == (None, False, None)


async def test_a_range_that_is_changed_is_what_doors_go_by(door: Door) -> None:
    made = await define(door.client, of(door))
    path = f"{of(door)}/metrics/{made['id']}"
    assert (await door.client.patch(path, json={"maximum": 25})).status_code == 428
    assert (await door.client.patch(path, json={"maximum": 25}, headers={"If-Match": "7"})).status_code == 412

    changed = await door.client.patch(path, json={"maximum": 25, "night": "hold"}, headers={"If-Match": "1"})

    assert (changed.json()["maximum"], changed.json()["night"], changed.headers["etag"]) == (25, "hold", '"2"')
    assert (await door.client.get(path)).json() == changed.json()
    await taken(door, x_pressure=20.0)
    wrong = await door.client.patch(path, json={"minimum": 30}, headers={"If-Match": "2"})
    assert refused(wrong)[0]["field"] == "maximum"


async def test_what_is_removed_is_read_and_not_taken_until_it_is_restored(door: Door) -> None:
    device = door.tenant.devices["Inverter 1"]
    made = await define(door.client, of(door))
    path = f"{of(door)}/metrics/{made['id']}"
    await taken(door, x_pressure=3.5)

    assert (await door.client.delete(path, headers={"If-Match": "1"})).status_code == 204
    await refused_as(door, "unknown_metric", x_pressure=3.6)

    assert (await door.client.delete(path, headers={"If-Match": "2"})).status_code == 409
    series = await door.client.get(f"{of(door)}/devices/{device}/series", params={"metric": "x_pressure"})
    assert (series.json()["unit"], series.json()["points"][0]["value"]) == ("bar", 3.5)
    again = await door.client.post(f"{of(door)}/metrics", json=PRESSURE | {"unit": "kPa"})
    assert (again.status_code, "can be restored" in again.json()["detail"]) == (409, True)
    listed = [await door.client.get(f"{of(door)}/metrics", params={"own": True, **more}) for more in ({}, REMOVED)]
    assert [answer.json()["total"] for answer in listed] == [0, 1]

    assert (await door.client.post(f"{path}/restore")).json()["removed_at"] is None
    await taken(door, x_pressure=3.7)
    assert (await door.client.post(f"{path}/restore")).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "power_output"}, "name"),
        ({"name": "pressure"}, "name"),
        ({"name": "x_Pressure"}, "name"),
        ({"name": f"x_{'a' * 63}"}, "name"),
        ({"unit": ""}, "unit"),
        ({"kind": "counter"}, "kind"),
        ({"maximum": 0}, "maximum"),
        ({"kind": "cumulative", "minimum": -1}, "minimum"),
        ({"night": "day"}, "night"),
        ({"removed_at": None}, "removed_at"),
    ],
    ids=str,
)
async def test_a_definition_that_cannot_be_is_refused(
    api: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    plant = await commissioned(api)

    answer = await api.post(f"{plant.path}/metrics", json=PRESSURE | wrong)

    assert [line["field"] for line in refused(answer)] == [field]


async def test_whoever_manages_defines_and_whoever_looks_sees(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    manager = await people.member(plant.organization_id, "manager")
    viewer = await people.member(plant.organization_id, "viewer")
    guest = await people.guest(plant.site_id)

    assert (await viewer.post(f"{plant.path}/metrics", json=PRESSURE)).status_code == 403
    assert (await manager.post(f"{plant.path}/metrics", json=PRESSURE)).status_code == 201
    assert (await guest.post(f"{plant.path}/metrics", json=PRESSURE | {"name": "x_other"})).status_code == 403

    for client in (viewer, guest):
        own = (await client.get(f"{plant.path}/metrics", params={"own": True})).json()
        assert [each["name"] for each in own["items"]] == ["x_pressure"]


async def test_who_defined_and_changed_it_is_written_down(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    made = await define(api, plant.path)
    path = f"{plant.path}/metrics/{made['id']}"
    await api.patch(path, json={"maximum": 20}, headers={"If-Match": "1"})
    await api.delete(path, headers={"If-Match": "2"})

    acts = (await api.get(f"{plant.path}/audit", params={"kind": "metric"})).json()["items"]

    assert [act["action"] for act in acts] == ["metric.remove", "metric.change", "metric.create"]
    assert (acts[1]["before"], acts[1]["after"]) == ({"maximum": 16}, {"maximum": 20})


async def test_an_edit_of_another_process_is_known_at_the_next_look(
    worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    catalogues = Catalogues(worker_database)
    await catalogues.load()
    assert catalogues.catalogue_of(tenant.organization_key) is CATALOGUE

    database.fetch(
        "insert into custom_metrics (organization_id, name, unit, kind, minimum, maximum, night, meaning)"
        f" values ('{tenant.organization_id}', 'x_a', 'bar', 'gauge', 0, 1, 'hold', 'A')"
    )
    await catalogues.load()
    assert catalogues.catalogue_of(tenant.organization_key)["x_a"].maximum == 1
    assert catalogues.catalogue_of(tenant.organization_key + 1) is CATALOGUE

    database.fetch("update custom_metrics set maximum = 2")
    await catalogues.load()
    assert catalogues.catalogue_of(tenant.organization_key)["x_a"].maximum == 2


async def test_a_plant_that_changes_hands_keeps_what_its_values_mean(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    beta = await organization(api, "Beta Solar", "beta-solar")
    receiver = await people.member(beta.organization_id, "admin")
    device = await created(
        api,
        f"{plant.path}/devices",
        {
            "site_id": plant.site_id,
            "name": "Pump",
            "device_type": "sensor",
            "protocol": "http",
            "connection_config": {"url": "http://192.168.1.7/"},
        },
    )
    token = (await api.post(f"{plant.path}/devices/{device['id']}/tokens", json={})).json()["token"]
    await define(api, plant.path)
    await define(api, plant.path, name="x_never_reported")
    async with asyncio.timeout(60):
        while True:
            body = {"timestamp": now().isoformat(), "metrics": {"x_pressure": 3.5}}
            answer = await api.post("/api/v1/telemetry", json=body, headers={"Authorization": f"Bearer {token}"})
            if answer.json()["stored"]:
                break

    sent = await offer(api, plant, name="New owner")
    assert (await take(receiver, sent, organization_id=beta.organization_id)).status_code == 200

    theirs = (await receiver.get(f"{beta.path}/metrics", params={"own": True})).json()["items"]
    assert [(each["name"], each["unit"]) for each in theirs] == [("x_pressure", "bar")]
    latest = (await receiver.get(f"{beta.path}/devices/{device['id']}/latest")).json()["readings"]
    assert [each["metric"] for each in latest] == ["x_pressure"]
