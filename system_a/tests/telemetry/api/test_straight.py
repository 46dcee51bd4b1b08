"""What is answered past the routes says word for word what the routes say."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from tests.telemetry.conftest import MINUTE, Door, recently

ORGANIZATION = "/api/v1/organizations/{organization}"


def paths(door: Door) -> dict[str, str]:
    start = recently() - timedelta(hours=6)
    device, site = door.tenant.devices["Inverter 1"], door.tenant.site_id
    window = urlencode({"from": start.isoformat(), "to": recently().isoformat()})
    days = f"from={(start - timedelta(days=3)).date()}&to={recently().date()}"
    return {
        "latest": f"{ORGANIZATION}/sites/{site}/latest",
        "latest, a page of it": f"{ORGANIZATION}/sites/{site}/latest?limit=1&offset=1&total=exact",
        "latest, of what is not there": f"{ORGANIZATION}/sites/{device}/latest",
        "latest, wrongly asked": f"{ORGANIZATION}/sites/{site}/latest?limit=0&colour=red",
        "chart": f"{ORGANIZATION}/chart?device_id={device}&site_id={site}&metric=power_output&points=50&{window}",
        "chart of two metrics": (
            f"{ORGANIZATION}/chart?device_id={device}&metric=power_output&metric=voltage_ac:l1&{window}"
        ),
        "chart, of what is not there": f"{ORGANIZATION}/chart?device_id={site}&metric=power_output&{window}",
        "chart, of an unknown metric": f"{ORGANIZATION}/chart?device_id={device}&metric=colour&{window}",
        "chart, wrongly asked": f"{ORGANIZATION}/chart?device_id=1&points=many",
        "energy": f"{ORGANIZATION}/energy-history?by=day&{days}",
        "energy, wrongly asked": f"{ORGANIZATION}/energy-history?by=hour",
        "energy, too finely asked": f"{ORGANIZATION}/energy-history?by=day&from=2001-01-01&to=2020-01-01",
    }


@pytest.mark.parametrize("who", ["a member", "nobody"])
async def test_the_straight_way_and_the_route_answer_alike(door: Door, who: str) -> None:
    start = recently() - timedelta(hours=6)
    samples = [
        {"timestamp": (start + n * MINUTE).isoformat(), "metrics": {"power_output": n / 7, "voltage_ac": {"l1": 230.5}}}
        for n in range(100)
    ]
    assert (await door.post({"samples": samples})).json()["stored"] == len(samples)
    if who == "nobody":
        door.client.cookies.clear()
        door.client.headers.pop("Authorization", None)
    statuses = {}
    for name, path in paths(door).items():
        own = str(door.tenant.organization_id)
        straight = await door.client.get(path.format(organization=own))
        # another spelling of the same id is not what the straight way looks for
        routed = await door.client.get(path.format(organization=own.upper()))
        assert (straight.status_code, straight.content) == (routed.status_code, routed.content), name
        told = [
            {name: value for name, value in each.headers.items() if name != "x-request-id"}
            for each in (straight, routed)
        ]
        assert told[0] == told[1], name
        statuses[name] = straight.status_code
    assert set(statuses.values()) == ({200, 404, 422} if who == "a member" else {401})
