"""What is open of a device, a plant or a rule ends when that goes."""

from typing import Any
from uuid import UUID

import pytest

from solarhub.alerts import closing
from solarhub.alerts.delivery import tell
from solarhub.audit.recording import Trail, follow
from solarhub.devices.models import Device
from solarhub.kit.db import Database, transaction
from solarhub.kit.sealing import Keyring, new_key
from tests.alerts.conftest import FINE, INVERTER, LOW, MINUTE, NOON, SECOND_INVERTER, NewEvaluator, Plant, minutes
from tests.alerts.listeners import Listeners


def standing(plant: Plant) -> dict[UUID, tuple[str, UUID | None]]:
    """Status of each alert, and who resolved it."""
    return {alert["id"]: (alert["status"], alert["resolved_by"]) for alert in plant.alerts()}


def open_episodes(plant: Plant) -> set[UUID]:
    rows = plant.database.fetch("select alert_id from alert_episodes where closed_at is null")
    return {row["alert_id"] for row in rows}


def noted(plant: Plant) -> list[Any]:
    return plant.database.fetch("select alert_id, author_id, act, note from alert_notes order by id")


async def test_with_a_device_its_alerts_end_by_whoever_removed_it(plant: Plant, app_database: Database) -> None:
    person = plant.tenant.owner_id
    gone = {plant.alert(), plant.alert(status="acknowledged")}
    past, elsewhere = plant.alert(status="resolved"), plant.alert(device=SECOND_INVERTER)
    async with transaction(app_database, [plant.tenant.organization_id]) as session:
        follow(session, Trail("person", person))
        device = await session.get_one(Device, plant.tenant.devices[INVERTER])
        await closing.with_device(session, device)

    found = standing(plant)
    assert {found[alert_id] for alert_id in gone} == {("resolved", person)}
    assert (found[past], found[elsewhere]) == (("resolved", None), ("active", None))
    assert open_episodes(plant) == {elsewhere}
    notes = noted(plant)
    assert {(row["alert_id"], row["author_id"]) for row in notes} == {(alert_id, person) for alert_id in gone}
    assert {(row["act"], row["note"]) for row in notes} == {("resolve", "The device was removed.")}
    announced = plant.database.fetch("select alert_id, event from alert_announcements")
    assert {(row["alert_id"], row["event"]) for row in announced} == {(alert_id, "closed") for alert_id in gone}


async def test_with_a_plant_the_alerts_of_all_its_devices_end(plant: Plant, app_database: Database) -> None:
    (other_site,) = plant.database.fetch(
        "insert into sites (organization_id, name, latitude, longitude) select organization_id, 'Second', 31.5, 74.3"
        f" from sites where id = '{plant.tenant.site_id}' returning id"
    )
    gone = {plant.alert(), plant.alert(device=SECOND_INVERTER)}
    elsewhere = plant.alert(site_id=other_site["id"])
    async with transaction(app_database, [plant.tenant.organization_id]) as session:
        follow(session, Trail("api_key", plant.tenant.owner_id))
        await closing.with_site(session, plant.tenant.organization_id, plant.tenant.site_id)
    found = standing(plant)
    assert {found[alert_id][0] for alert_id in gone} == {"resolved"}
    assert found[elsewhere] == ("active", None)


@pytest.mark.parametrize("actor", [None, Trail("hub"), Trail("operator")], ids=["nobody known", "hub", "operator"])
async def test_what_the_hub_ends_by_itself_is_nobodys_doing(
    plant: Plant, worker_database: Database, actor: Trail | None
) -> None:
    alert_id = plant.alert()
    async with transaction(worker_database) as session:
        if actor is not None:
            follow(session, actor)
        await closing.with_site(session, plant.tenant.organization_id, plant.tenant.site_id)
    assert standing(plant) == {alert_id: ("resolved", None)}
    assert noted(plant) == []


async def test_another_organizations_alerts_are_out_of_reach(plant: Plant, app_database: Database) -> None:
    alert_id = plant.alert()
    async with transaction(app_database, [UUID(int=1)]) as session:
        await closing.with_site(session, plant.tenant.organization_id, plant.tenant.site_id)
    assert standing(plant) == {alert_id: ("active", None)}


async def test_a_plant_that_comes_back_is_watched_as_before(
    plant: Plant, app_database: Database, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    async with transaction(app_database, [plant.tenant.organization_id]) as session:
        await closing.with_site(session, plant.tenant.organization_id, plant.tenant.site_id)
    await evaluator.judge(await plant.commit(minutes(LOW, FINE, LOW, start=NOON + MINUTE)))
    assert [alert["triggered_at"] for alert in plant.alerts()] == [NOON, NOON + 3 * MINUTE]


async def test_whoever_heard_of_the_alert_hears_that_what_was_watched_is_gone(
    plant: Plant, worker_database: Database, new_evaluator: NewEvaluator
) -> None:
    listeners = Listeners(plant.database, plant.tenant.organization_id, plant.tenant.site_id)
    listeners.member("owner", "owner")
    plant.edit(plant.rule(minutes=0), "channels = '{email}'")
    evaluator, keyring = await new_evaluator(), Keyring.parse(new_key())
    await evaluator.judge(await plant.commit(minutes(LOW)))
    async with transaction(worker_database) as session:
        await tell(session, keyring, "https://hub.example.org")
    plant.database.fetch(
        "update notifications set state = 'sent', settled_at = now()",
        f"update sites set status = 'decommissioned' where id = '{plant.tenant.site_id}'",
    )
    async with transaction(worker_database) as session:
        await closing.with_site(session, plant.tenant.organization_id, plant.tenant.site_id)
        await tell(session, keyring, "https://hub.example.org")
    (row,) = listeners.messages("alert.closed")
    assert "What was watched is no longer there." in row["content"]
