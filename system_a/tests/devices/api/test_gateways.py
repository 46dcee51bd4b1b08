"""Which gateway speaks for a device: entered, changed, taken over, and cut when only one of the two moves."""

from typing import Any

import httpx

from tests.clients import commissioned, refused
from tests.conftest import MakeTenant, TestDatabase
from tests.devices.inverters import NOWHERE, changed, entered


async def test_a_device_says_which_gateway_speaks_for_it(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    _, gateway = await entered(api, plant, name="Gateway", device_type="gateway")
    _, second = await entered(api, plant, name="Second", device_type="gateway")
    url, child = await entered(api, plant, gateway_id=gateway["id"])
    _, alone = await entered(api, plant)

    assert (child["gateway_id"], alone["gateway_id"]) == (gateway["id"], None)
    assert (await changed(api, url, gateway_id=second["id"])).json()["gateway_id"] == second["id"]
    assert (await changed(api, url, name="Renamed")).json()["gateway_id"] == second["id"]
    assert (await changed(api, url, gateway_id=None)).json()["gateway_id"] is None


async def test_only_a_gateway_of_the_same_organization_speaks_for_a_device(
    api: httpx.AsyncClient, make_tenant: MakeTenant
) -> None:
    plant = await commissioned(api)
    other = await make_tenant("Other", devices={"Theirs": "gateway"})
    own_url, own = await entered(api, plant, name="Gateway", device_type="gateway")
    _, meter = await entered(api, plant, name="Meter", device_type="meter")
    gone_url, gone = await entered(api, plant, name="Gone", device_type="gateway")
    assert (await api.delete(gone_url, headers={"If-Match": "*"})).status_code in (200, 204)
    url, _ = await entered(api, plant)

    told = set()
    for wrong in (str(other.devices["Theirs"]), NOWHERE, meter["id"], gone["id"]):
        for answer in (
            await changed(api, url, gateway_id=wrong),
            await api.post(f"{plant.path}/devices", json=registration(plant.site_id, gateway_id=wrong)),
        ):
            told.add(str(refused(answer)).replace(wrong, "X"))
    told.add(str(refused(await changed(api, own_url, gateway_id=own["id"]))).replace(own["id"], "X"))
    assert len(told) == 1
    assert "is no gateway of this organization that could speak for it" in told.pop()


def registration(site_id: str, **columns: Any) -> dict[str, Any]:
    return {"site_id": site_id, "name": "New", "device_type": "inverter", "protocol": "http"} | columns


async def test_what_takes_a_gateways_place_speaks_for_its_devices(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    gateway_url, gateway = await entered(api, plant, name="Gateway", device_type="gateway")
    url, _ = await entered(api, plant, gateway_id=gateway["id"])

    new_gateway = (await api.post(f"{gateway_url}/replace", json={})).json()["device"]
    new_child = (await api.post(f"{url}/replace", json={})).json()["device"]

    assert new_child["gateway_id"] == new_gateway["id"]
    rows = database.fetch(f"select count(*) from devices where gateway_id = '{gateway['id']}'")
    assert rows[0][0] == 0


async def test_a_plant_that_changes_hands_takes_ties_within_it_along_and_leaves_others(
    database: TestDatabase, make_tenant: MakeTenant
) -> None:
    giver = await make_tenant("Giver", devices={"Gateway": "gateway", "A": "inverter", "Elsewhere": "inverter"})
    receiver = await make_tenant("Receiver", devices={})
    devices = giver.devices
    database.fetch(
        f"update devices set gateway_id = '{devices['Gateway']}' where name in ('A', 'Elsewhere')",
        "insert into sites (id, organization_id, name, latitude, longitude, timezone)"
        f" values (gen_random_uuid(), '{giver.organization_id}', 'Second', 31, 74, 'Asia/Karachi')",
        "update devices set site_id = (select id from sites where name = 'Second') where name = 'Elsewhere'",
        "insert into telemetry_conflicts (organization_id, device_id, day, conflicts, last_at)"
        f" values ('{giver.organization_id}', '{devices['A']}', current_date, 3, now())",
    )

    both = f"{{{giver.organization_id},{receiver.organization_id}}}"
    database.fetch(
        "begin",
        f"select set_config('app.organization_ids', '{both}', true)",
        f"select hand_over_site('{giver.site_id}', '{receiver.organization_id}')",
        "commit",
    )

    rows = database.fetch("select name, organization_id, gateway_id from devices order by name")
    assert [tuple(row) for row in rows] == [
        ("A", receiver.organization_id, devices["Gateway"]),
        ("Elsewhere", giver.organization_id, None),
        ("Gateway", receiver.organization_id, None),
    ]
    ((organization_id, conflicts),) = database.fetch("select organization_id, conflicts from telemetry_conflicts")
    assert (organization_id, conflicts) == (receiver.organization_id, 3)
