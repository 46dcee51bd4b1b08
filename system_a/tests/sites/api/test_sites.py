import csv
import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from solarhub.kit.clock import now
from solarhub.kit.ids import uuid7
from tests.clients import People, Plant, commissioned, created, refused
from tests.conftest import TestDatabase

DOCUMENT: dict[str, Any] = {
    "name": "Gulberg roof",
    "description": "Bank branch",
    "address": {
        "street": "123 Main St",
        "city": "Lahore",
        "state": "Punjab",
        "postal_code": "54000",
        "country": "Pakistan",
    },
    "latitude": 31.5204,
    "longitude": 74.3587,
    "configuration": {
        "system_capacity_kw": 100.0,
        "panel_count": 200,
        "panel_wattage": 500,
        "inverter_capacity_kw": 100.0,
        "battery_capacity_kwh": 50.0,
        "grid_connected": True,
        "net_metering_enabled": True,
        "disco_provider": "lesco",
        "tariff_category": "commercial_b2",
        "installation_date": "2024-01-15",
        "warranty_expiry": "2034-01-15",
    },
}
RULE = {"name": "Low", "severity": "warning", "condition": {"metric": "power_output", "operator": "lt", "threshold": 1}}
DISCOS = sorted(["lesco", "fesco", "iesco", "gepco", "mepco", "pesco", "hesco", "sepco", "qesco", "tesco", "kelectric"])


async def test_the_schema_documents_own_example_comes_back_unchanged(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    answer = await api.post(f"{plant.path}/sites", json=DOCUMENT)
    site = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{plant.path}/sites/{site['id']}"
    assert {key: site[key] for key in DOCUMENT} == DOCUMENT
    assert (site["timezone"], site["status"], site["version"]) == ("Asia/Karachi", "active", 1)
    assert (await api.get(answer.headers["location"])).json() == site
    [row] = database.fetch(f"select disco_code, created_at from sites where id = '{site['id']}'")
    assert row["disco_code"] == "lesco"


IMPOSSIBLE: list[tuple[dict[str, Any], str, object, object]] = [
    ({"latitude": 200}, "latitude", 200, "a number from -90 to 90 degrees"),
    ({"longitude": -181}, "longitude", -181, "a number from -180 to 180 degrees"),
    ({"latitude": "31.5"}, "latitude", "31.5", "a number from -90 to 90 degrees"),
    ({"latitude": None}, "latitude", None, "a number from -90 to 90 degrees"),
    ({"timezone": "Asia/Lahore"}, "timezone", "Asia/Lahore", "an IANA time zone name such as Asia/Karachi"),
    ({"status": "broken"}, "status", "broken", None),
    ({"name": ""}, "name", "", "text of 1 to 200 characters"),
    ({"organization_id": "x"}, "organization_id", "x", None),
    ({"address": {"zip": "54000"}}, "address.zip", "54000", ["street", "city", "state", "postal_code", "country"]),
    ({"configuration": {"disco_provider": "lesko"}}, "configuration.disco_provider", "lesko", DISCOS),
    ({"configuration": {"disco_provider": "LESCO"}}, "configuration.disco_provider", "LESCO", None),
    ({"configuration": {"system_capacity_kw": -5}}, "configuration.system_capacity_kw", -5, None),
    ({"configuration": {"system_capacity_w": 5}}, "configuration.system_capacity_w", 5, None),
    ({"configuration": {"panel_count": 1.5}}, "configuration.panel_count", 1.5, None),
    ({"configuration": {"installation_date": "15/01/2024"}}, "configuration.installation_date", "15/01/2024", None),
    ({"configuration": {"plant_kind": "floating"}}, "configuration.plant_kind", "floating", None),
    ({"configuration": {"phases": 2}}, "configuration.phases", 2, "one of the numbers 1, 3"),
    ({"configuration": {"tilt_deg": 91}}, "configuration.tilt_deg", 91, "a number from 0 to 90 degrees"),
    ({"configuration": {"azimuth_deg": 361}}, "configuration.azimuth_deg", 361, None),
    ({"configuration": {"grid_connected": "yes"}}, "configuration.grid_connected", "yes", "true or false"),
    ({"configuration": []}, "configuration", "a list of 0 entries", None),
]


async def test_an_impossible_value_is_named_with_what_is_allowed(
    api: httpx.AsyncClient, subtests: pytest.Subtests
) -> None:
    plant = await commissioned(api)
    site = f"{plant.path}/sites/{plant.site_id}"
    for change, field, value, allowed in IMPOSSIBLE:
        registered = await api.post(f"{plant.path}/sites", json=DOCUMENT | change)
        changed = await api.patch(site, json=change, headers={"If-Match": '"1"'})
        for answer in (registered, changed):
            with subtests.test(field=field, value=value, method=answer.request.method):
                [error] = refused(answer)
                assert (error["field"], error["value"]) == (field, value)
                assert error["allowed"] == allowed if allowed else error["allowed"]


async def test_every_value_that_the_api_takes_the_database_takes_too(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    for configuration in (
        {"azimuth_deg": 0},
        {"azimuth_deg": 360},
        {"tilt_deg": 90, "battery_capacity_kwh": 0, "approved_export_kw": 0, "generator_kva": 0},
        {"plant_kind": "off_grid", "grid_connected": False},
        {"plant_kind": "hybrid", "export_mode": "limited", "phases": 1, "sanctioned_load_kw": 5},
        {"tariff_code": "A-2(c)", "tags": ["bank", "roof"], "feeder": "Gulberg II", "reference_no": "08 11234 5678901"},
        {"billing_regimes": [{"regime": "net_metering_2015", "valid_from": "2020-01-01"}]},
    ):
        site = await created(api, f"{plant.path}/sites", DOCUMENT | {"configuration": configuration})
        assert site["configuration"] == configuration
    for latitude, longitude in ((90, 180), (-90, -180), (0, 0)):
        await created(api, f"{plant.path}/sites", DOCUMENT | {"latitude": latitude, "longitude": longitude})


async def test_a_new_distribution_company_can_be_named_once_it_is_listed(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    document = DOCUMENT | {"configuration": {"disco_provider": "hazeco"}}
    [error] = refused(await api.post(f"{plant.path}/sites", json=document))
    assert error["allowed"] == DISCOS
    database.fetch("insert into discos values ('hazeco', 'Hazara Electric Supply Company', 'Hazara')")
    await created(api, f"{plant.path}/sites", document)
    listed = (await api.get("/api/v1/discos")).json()
    assert {"code": "hazeco", "name": "Hazara Electric Supply Company", "region": "Hazara"} in listed


async def test_a_time_zone_that_only_the_server_does_not_know_is_refused_with_a_sentence(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    # a server whose list is older: one that knows Lahore's offset and nothing else
    database.fetch(
        "alter table sites drop constraint ck_sites_timezone",
        "alter table sites add constraint ck_sites_timezone check (timestamptz '2024-01-01' at time zone"
        " case timezone when 'America/Coyhaique' then 'No/Such' else timezone end is not null)",
    )
    [error] = refused(await api.post(f"{plant.path}/sites", json=DOCUMENT | {"timezone": "America/Coyhaique"}))
    assert error["field"] == "timezone"
    assert "database server" in error["message"]


async def change(api: httpx.AsyncClient, plant: Plant, patch: dict[str, Any], version: int) -> dict[str, Any]:
    answer = await api.patch(f"{plant.path}/sites/{plant.site_id}", json=patch, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == f'"{version + 1}"'
    site: dict[str, Any] = answer.json()
    return site


async def test_a_patch_changes_what_it_names_and_replaces_json_columns_whole(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    before = (await api.get(f"{plant.path}/sites/{plant.site_id}")).json()
    site = await change(api, plant, {"configuration": {"panel_count": 200, "panel_wattage": 500}}, 1)
    assert site["version"] == 2
    assert site["updated_at"] > before["updated_at"]
    site = await change(api, plant, {"configuration": {"disco_provider": "lesco"}, "description": "Roof"}, 2)
    assert site["configuration"] == {"disco_provider": "lesco"}
    site = await change(api, plant, {"description": None}, 3)
    assert site["description"] is None
    assert site["configuration"] == {"disco_provider": "lesco"}
    assert (site["name"], site["latitude"]) == (before["name"], before["latitude"])
    merged = await api.patch(
        f"{plant.path}/sites/{plant.site_id}",
        content=b'{"name": "Renamed"}',
        headers={"If-Match": '"4"', "Content-Type": "application/merge-patch+json"},
    )
    assert merged.json()["name"] == "Renamed"


async def test_an_edit_of_an_old_version_is_stale_and_changes_nothing(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url = f"{plant.path}/sites/{plant.site_id}"
    await change(api, plant, {"name": "First"}, 1)
    stale = await api.patch(url, json={"name": "Second"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["expected"], stale.json()["current"]) == (412, ["1"], 2)
    assert (await api.patch(url, json={"name": "Third"})).status_code == 428
    assert (await api.get(url)).json()["name"] == "First"
    assert (await api.patch(url, json={"name": "Fourth"}, headers={"If-Match": "*"})).json()["name"] == "Fourth"


async def test_another_tenants_site_answers_byte_for_byte_like_a_random_id(api: httpx.AsyncClient) -> None:
    ours, theirs = await commissioned(api, "Ours"), await commissioned(api, "Theirs")
    random_id = "01a20000-0000-7000-8000-000000000000"
    for method, path in (("GET", ""), ("PATCH", ""), ("GET", "/alerts")):
        answers = [
            await api.request(method, f"{base}{path}", json={"name": "x"}, headers={"If-Match": '"1"'})
            for base in (
                f"{ours.path}/sites/{theirs.site_id}",
                f"{ours.path}/sites/{random_id}",
                f"/api/v1/organizations/{random_id}/sites/{theirs.site_id}",
            )
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert len({answer.content for answer in answers}) == 1
    assert [site["id"] for site in (await api.get(f"{ours.path}/sites")).json()["items"]] == [ours.site_id]


# ------------------------------------------------------------------------------------------------------------- lists


async def fleet_of(api: httpx.AsyncClient, plant: Plant) -> dict[str, str]:
    """Plants of different places and companies, by name, beside the one that is there."""
    made = {}
    for name, city, disco in (
        ("Mall Road roof", "Lahore", "lesco"),
        ("clock tower", "Faisalabad", "fesco"),
        ("100% solar_mill", "lahore", "lesco"),
        ("گلبرگ پلانٹ", "لاہور", "lesco"),
    ):
        document = {"name": name, "latitude": 31, "longitude": 74, "address": {"city": city}}
        made[name] = (
            await created(api, f"{plant.path}/sites", document | {"configuration": {"disco_provider": disco}})
        )["id"]
    return made


async def names(api: httpx.AsyncClient, plant: Plant, **wanted: object) -> list[str]:
    answer = await api.get(f"{plant.path}/sites", params={key: str(value) for key, value in wanted.items()})
    assert answer.status_code == 200, answer.text
    listing = answer.json()
    assert listing["total"] >= len(listing["items"])
    return [site["name"] for site in listing["items"]]


async def test_plants_are_found_by_place_company_status_and_what_stands_in_the_name(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    made = await fleet_of(api, plant)
    await api.post(f"{plant.path}/sites/{made['clock tower']}/maintenance", json={})

    assert await names(api, plant, disco="fesco") == ["clock tower"]
    assert await names(api, plant, city="LAHORE") == ["100% solar_mill", "Mall Road roof"]
    assert await names(api, plant, city="لاہور") == ["گلبرگ پلانٹ"]
    assert await names(api, plant, status="maintenance") == ["clock tower"]
    assert await names(api, plant, text="MALL road") == ["Mall Road roof"]
    assert await names(api, plant, text="گلبرگ") == ["گلبرگ پلانٹ"]
    assert await names(api, plant, text="%") == ["100% solar_mill"], "a sign of the search language is a letter"
    assert await names(api, plant, text="solar_m", disco="lesco") == ["100% solar_mill"]
    assert await names(api, plant, text="solarxm") == []
    assert await names(api, plant, disco="gepco") == []


async def test_lists_are_sorted_both_ways_and_by_when_plants_were_entered(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    entered = ["Acme Solar plant", *(await fleet_of(api, plant))]

    assert await names(api, plant, sort="created_at") == entered
    assert await names(api, plant, sort="-created_at", limit=2) == entered[::-1][:2]
    by_name = await names(api, plant, sort="name")
    assert sorted(by_name) == sorted(entered)
    assert await names(api, plant, sort="-name") == by_name[::-1]
    assert await names(api, plant, offset=1, limit=3) == by_name[1:4]
    assert refused(await api.get(f"{plant.path}/sites", params={"sort": "capacity"}))[0]["field"] == "sort"


async def test_the_list_goes_out_as_a_file_that_a_spreadsheet_opens_without_harm(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    await fleet_of(api, plant)
    await created(api, f"{plant.path}/sites", {"name": "=cmd|' /C calc'!A0", "latitude": 31, "longitude": 74})

    as_csv = await api.get(f"{plant.path}/sites/export", params={"format": "csv"})
    assert as_csv.status_code == 200
    assert as_csv.headers["content-disposition"] == 'attachment; filename="sites.csv"'
    lines = list(csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    assert len(lines) == 6
    assert "'=cmd|' /C calc'!A0" in {line["name"] for line in lines}
    as_lines = await api.get(f"{plant.path}/sites/export", params={"format": "jsonl", "disco": "lesco"})
    documents = [json.loads(line) for line in as_lines.text.splitlines()]
    assert {each["name"] for each in documents} == {"Mall Road roof", "100% solar_mill", "گلبرگ پلانٹ"}
    assert documents == (await api.get(f"{plant.path}/sites", params={"disco": "lesco"})).json()["items"]


# ------------------------------------------------------------------------------------------------------------- verbs


def soon(**ahead: float) -> str:
    return (now() + timedelta(**ahead)).isoformat()


async def test_maintenance_begins_moves_its_end_and_ends(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    url = f"{plant.path}/sites/{plant.site_id}"

    begun = await api.post(f"{url}/maintenance", json={"until": soon(hours=4), "note": "Panels are washed"})
    assert begun.status_code == 200, begun.text
    assert begun.json()["status"] == "maintenance"
    assert begun.headers["etag"] == '"2"'
    moved = (await api.post(f"{url}/maintenance", json={})).json()
    assert (moved["status"], moved["maintenance_until"]) == ("maintenance", None)
    ended = (await api.post(f"{url}/maintenance/end")).json()
    assert (ended["status"], ended["maintenance_until"]) == ("active", None)
    again = await api.post(f"{url}/maintenance/end")
    assert (again.status_code, again.json()["state"]) == (409, "active")

    acts = database.fetch(f"select action, after from audit_entries where target_id = '{plant.site_id}' order by id")
    assert [row["action"] for row in acts] == [
        "site.create",
        "site.maintenance",
        "site.maintenance",
        "site.maintenance",
        "site.maintenance_end",
    ]
    assert json.loads(acts[2]["after"]) == {"note": "Panels are washed"}


@pytest.mark.parametrize(
    "until",
    ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "2999-01-01T00:00:00", "tomorrow"],
    ids=["past", "far", "no zone", "words"],
)
async def test_an_end_of_maintenance_that_cannot_be_is_refused(api: httpx.AsyncClient, until: str) -> None:
    plant = await commissioned(api)
    answer = await api.post(f"{plant.path}/sites/{plant.site_id}/maintenance", json={"until": until})
    assert [error["field"] for error in refused(answer)] == ["until"]


async def test_a_decommissioned_plant_waits_for_one_thing_alone(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url = f"{plant.path}/sites/{plant.site_id}"
    await api.post(f"{url}/maintenance", json={"until": soon(hours=1)})

    assert (await api.post(f"{url}/recommission")).json()["state"] == "maintenance"
    gone = (await api.post(f"{url}/decommission", json={"note": "Roof is sold"})).json()
    assert (gone["status"], gone["maintenance_until"]) == ("decommissioned", None)
    for verb in ("decommission", "maintenance", "maintenance/end"):
        answer = await api.post(f"{url}/{verb}", json={})
        assert (answer.status_code, answer.json()["state"]) == (409, "decommissioned"), verb
    patched = await api.patch(url, json={"status": "active"}, headers={"If-Match": "*"})
    assert (patched.status_code, patched.json()["state"]) == (409, "decommissioned")
    assert (await api.post(f"{url}/recommission")).json()["status"] == "active"
    assert (await api.patch(url, json={"status": "inactive"}, headers={"If-Match": "*"})).json()["status"] == "inactive"


async def test_closing_a_plant_closes_its_alerts(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    rule = await created(api, f"{plant.path}/alert-rules", RULE)
    alert, site = uuid7(), f"'{plant.organization_id}', '{plant.site_id}'"
    database.fetch(
        "insert into alerts (id, rule_id, organization_id, site_id, severity, title, message, triggered_at)"
        f" values ('{alert}', '{rule['id']}', {site}, 'warning', 't', 'm', now())",
        "insert into alert_episodes (alert_id, organization_id, rule_id, target, streak_started_at, triggered_at)"
        f" values ('{alert}', '{plant.organization_id}', '{rule['id']}', 'site:{plant.site_id}', now(), now())",
    )
    await api.post(f"{plant.path}/sites/{plant.site_id}/decommission", json={})
    assert (await api.get(f"{plant.path}/alerts/{alert}")).json()["status"] == "resolved"


async def test_a_plant_leaves_only_when_its_devices_have_left_and_its_past_stays(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url = f"{plant.path}/sites/{plant.site_id}"
    device = {"site_id": plant.site_id, "device_type": "inverter", "protocol": "http"}
    devices = [await created(api, f"{plant.path}/devices", device | {"name": f"Inverter {n}"}) for n in range(2)]

    assert (await api.delete(url)).status_code == 428
    assert (await api.delete(url, headers={"If-Match": '"7"'})).status_code == 412
    refusal = await api.delete(url, headers={"If-Match": '"1"'})
    assert (refusal.status_code, refusal.json()["devices"]) == (409, 2)
    assert refusal.json()["detail"].startswith("2 devices stand on this plant")
    for each in devices:
        await api.delete(f"{plant.path}/devices/{each['id']}", headers={"If-Match": "*"})
    assert (await api.delete(url, headers={"If-Match": '"1"'})).status_code == 204

    assert await names(api, plant) == []
    assert await names(api, plant, removed=True) == ["Acme Solar plant"]
    assert (await api.get(url)).json()["removed_at"] is not None
    for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/maintenance"), ("POST", "/decommission")):
        answer = await api.request(method, url + path, json={}, headers={"If-Match": "*"})
        assert answer.status_code == 409, (method, path)


async def test_the_verbs_are_for_those_who_may(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    url = f"{plant.path}/sites/{plant.site_id}"
    verbs = ("maintenance", "maintenance/end", "decommission", "recommission")
    may = {
        "owner": (200, 200, 200, 200),
        "manager": (200, 200, 403, 403),
        "viewer": (403, 403, 403, 403),
        "installer": (403, 403, 403, 403),
    }
    for role, expected in may.items():
        member = await people.member(plant.organization_id, role)
        answers = [await member.post(f"{url}/{verb}", json={}) for verb in verbs]
        assert tuple(answer.status_code for answer in answers) == expected, role
    guest = await people.guest(plant.site_id, "manager")
    answers = [await guest.post(f"{url}/{verb}", json={}) for verb in verbs]
    assert [answer.status_code for answer in answers] == [200, 200, 403, 403]
