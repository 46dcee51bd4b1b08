"""Who hears of an alert, and when nobody does: told of announcements as the worker tells of them."""

import json

import pytest

from solarhub.alerts.evaluation import Evaluator
from tests.alerts.conftest import FINE, INVERTER, LOW, SECOND_INVERTER, Day, MakePlant, Plant, Tell
from tests.alerts.listeners import OPENED, Listeners


async def test_members_of_every_role_and_guests_of_the_plant_hear_of_an_alert(
    listeners: Listeners, make_plant: MakePlant, day: Day, tell_all: Tell
) -> None:
    roles = ["owner", "admin", "manager", "viewer", "installer"]
    for role in roles:
        listeners.member(role, role)
    listeners.member("invited", verified=False, invited=True)
    listeners.lend(to=listeners.person("customer", verified=False))
    maintainer = (await make_plant("Maintainer")).tenant.organization_id
    listeners.lend(to_organization=maintainer)
    listeners.member("technician", "installer", of=maintainer)
    await day.reads(LOW)

    assert await tell_all() == 1
    assert listeners.told(OPENED) == sorted([*roles, "invited", "customer", "technician"])


async def test_nobody_hears_of_what_is_not_theirs_or_who_does_not_want_to(
    listeners: Listeners, make_plant: MakePlant, day: Day, tell_all: Tell
) -> None:
    listeners.member("unwilling", preferences={"notifications": {"email": False, "sms": True, "push": True}})
    listeners.member("deactivated", active=False)
    listeners.member("removed", removed=True)
    listeners.member("left", left=True)
    listeners.member("not yet joined", joined=False)
    listeners.member("unverified", verified=False)
    other = await make_plant("Other Solar")
    listeners.member("stranger", "owner", of=other.tenant.organization_id)
    listeners.lend(to=listeners.person("once a guest"), expires="-1 minute")
    listeners.lend(to=listeners.person("asked"), accepted=False)
    suspended = (await make_plant("Suspended")).tenant.organization_id
    listeners.lend(to_organization=suspended)
    listeners.member("of the suspended", "owner", of=suspended)
    listeners.database.fetch(f"update organizations set status = 'suspended' where id = '{suspended}'")
    await day.reads(LOW)

    assert await tell_all() == 1
    assert listeners.messages() == []


async def test_whoever_is_member_and_guest_at_once_hears_once(
    listeners: Listeners, make_plant: MakePlant, day: Day, tell_all: Tell
) -> None:
    both = listeners.member("both")
    listeners.lend(to=both)
    other = (await make_plant("Other Solar")).tenant.organization_id
    listeners.lend(to_organization=other)
    listeners.database.fetch(
        "insert into organization_members (organization_id, user_id, role, joined_at)"
        f" values ('{other}', '{both}', 'viewer', now())"
    )
    await day.reads(LOW)
    await tell_all()
    assert listeners.told(OPENED) == ["both"]


async def test_each_is_written_to_in_their_language_and_time_zone(
    listeners: Listeners, day: Day, tell_all: Tell
) -> None:
    listeners.member("john", preferences={"language": "en", "timezone": "Europe/London"})
    listeners.member("ayesha", preferences={"language": "ur", "timezone": "Asia/Karachi"})
    await day.reads(LOW)
    await tell_all()
    texts = {listeners.names[row["user_id"]]: json.loads(row["content"]) for row in listeners.messages()}

    assert texts["john"]["subject"] == "Warning: Inverter 1: power output below 0.3 kW (Acme Solar plant)"
    assert "Since: 21 June 2024, 08:00 (Europe/London)" in texts["john"]["text"]
    assert "https://hub.example.org/" in texts["john"]["text"].split("\n")
    assert "جون" in texts["ayesha"]["text"]
    assert "12:00" in texts["ayesha"]["text"]


# ---------------------------------------------------------------------------------------------- maintenance, silence


@pytest.mark.parametrize("worked_on", ["sites", "devices"])
async def test_in_maintenance_alerts_are_recorded_and_told_when_it_ends_if_they_are_still_open(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell, worked_on: str
) -> None:
    listeners.member("owner", "owner")
    ids = {"sites": plant.tenant.site_id, "devices": plant.tenant.devices[INVERTER]}
    plant.database.fetch(f"update {worked_on} set status = 'maintenance' where id = '{ids[worked_on]}'")
    await day.reads(LOW, FINE)
    assert await tell_all() == 2
    await day.reads(LOW)
    assert await tell_all() == 0
    assert (len(plant.alerts()), listeners.messages()) == (2, [])

    working = {"sites": "active", "devices": "unknown"}[worked_on]
    plant.database.fetch(f"update {worked_on} set status = '{working}' where id = '{ids[worked_on]}'")
    assert await tell_all() == 1
    assert listeners.told(OPENED) == ["owner"]


async def test_maintenance_of_one_device_silences_no_other(
    plant: Plant, listeners: Listeners, evaluator: Evaluator, tell_all: Tell
) -> None:
    listeners.member("owner", "owner")
    plant.database.fetch(
        f"update devices set status = 'maintenance' where id = '{plant.tenant.devices[SECOND_INVERTER]}'"
    )
    await Day(plant, evaluator).reads(LOW)
    await Day(plant, evaluator, SECOND_INVERTER).reads(LOW)
    assert await tell_all() == 1
    (row,) = listeners.messages()
    assert "Inverter 1" in json.loads(row["content"])["subject"]


@pytest.mark.parametrize("state", ["status = 'suspended'", "status = 'closed'", "removed_at = now()"])
async def test_an_organization_that_is_no_longer_served_hears_nothing(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell, state: str
) -> None:
    listeners.member("owner", "owner")
    plant.database.fetch(f"update organizations set {state} where id = '{plant.tenant.organization_id}'")
    await day.reads(LOW)
    assert await tell_all() == 1
    assert listeners.messages() == []
    assert plant.waiting() == 0
