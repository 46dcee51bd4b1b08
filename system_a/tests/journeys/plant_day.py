"""The recorded day of a real plant, sent to a running hub, and the alerts that came of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from solarhub.demo.commissioning import Commissioned, commission
from solarhub.demo.plant import PlantSample
from solarhub.demo.plants import PLANTS
from tests.oracle.day import expected_of_day, nearest_to_daylight_border
from tests.oracle.judge import ExpectedAlert
from tests.oracle.measurements import demo_rules

PLANT = PLANTS["pecos"]

SMALLEST_MARGIN_DEG = 0.02
"""The hub's sun is good to 0.01 degrees: a day with a sample nearer to the border than this proves nothing."""

Alert = tuple[str, str, datetime, float, datetime | None]
"""Rule, device, triggered at, the sample's value, resolved at."""


def days_to_move(now: datetime) -> int:
    """Whole days to the newest day that lies in the past and has every sample clearly by day or by night."""
    last = max(sample.at for sample in PLANT.read())
    days = (now - last).days
    while nearest_to_daylight_border(days) < SMALLEST_MARGIN_DEG:
        days -= 1
    return days


def day(days: int) -> list[PlantSample]:
    return [replace(sample, at=sample.at + timedelta(days=days)) for sample in PLANT.read()]


async def enter(client: httpx.AsyncClient) -> Commissioned:
    """The plant in an organization of its own, of whoever `client` is signed in as."""
    me = (await client.get("/api/v1/me")).json()
    owner = {name: me[name] for name in ("email", "first_name", "last_name")}
    made = await client.post("/api/v1/organizations", json={"name": PLANT.name, "owner": owner})
    assert made.status_code == 201, made.text
    return await commission(client, PLANT, made.json()["id"])


def expected_alerts(days: int) -> list[Alert]:
    def row(alert: ExpectedAlert) -> Alert:
        return (alert.rule, alert.device, alert.triggered_at, alert.value, alert.resolved_at)

    return sorted(map(row, expected_of_day(demo_rules(), days)), key=_order)


async def raised_alerts(client: httpx.AsyncClient, plant: Commissioned) -> list[Alert]:
    """Every alert of the site, as the API tells them."""
    path = f"/api/v1/organizations/{plant.organization_id}/sites/{plant.site_id}/alerts"
    found: list[Alert] = []
    while True:
        page: dict[str, Any] = (await client.get(path, params={"limit": 500, "offset": len(found)})).json()
        found += [_told(alert, plant) for alert in page["items"]]
        if len(found) >= page["total"]:
            return sorted(found, key=_order)


def _told(alert: dict[str, Any], plant: Commissioned) -> Alert:
    return (
        plant.rules[alert["rule_id"]],
        plant.devices[alert["device_id"]],
        datetime.fromisoformat(alert["triggered_at"]).astimezone(UTC),
        alert["metric_value"],
        alert["resolved_at"] and datetime.fromisoformat(alert["resolved_at"]).astimezone(UTC),
    )


def _order(alert: Alert) -> tuple[str, str, datetime]:
    return alert[:3]
