"""What is announced of an alert becomes messages, once, and what came of them is noted."""

import asyncio
import json
from uuid import UUID

import pytest

from solarhub.alerts.delivery import note, tell
from solarhub.alerts.evaluation import Evaluator
from solarhub.alerts.schemas import AlertCall
from solarhub.kit.db import Database, transaction
from solarhub.notifications.reporting import Sent, report
from tests.alerts.conftest import (
    FINE,
    INVERTER,
    KEYRING,
    LOW,
    NOON,
    SECOND_INVERTER,
    Day,
    NewEvaluator,
    Plant,
    Tell,
)
from tests.alerts.listeners import CLOSED, OPENED, Listeners


def sent_all(plant: Plant) -> None:
    """Everything that waits goes out."""
    plant.database.fetch(
        "update notifications set state = 'sent', settled_at = now(), attempts = 1 where state = 'pending'"
    )


# ------------------------------------------------------------------------------------------------------- announcing


async def test_what_opens_and_closes_is_announced_by_the_transaction_that_does_it(
    plant: Plant, day: Day, new_evaluator: NewEvaluator
) -> None:
    await day.reads(LOW, FINE, LOW)
    await new_evaluator()
    first, second = (alert["id"] for alert in plant.alerts())
    announced = plant.database.fetch("select alert_id, event, organization_id, addressed_at from alert_announcements")
    assert sorted((row["alert_id"], row["event"]) for row in announced) == sorted(
        [(first, "opened"), (first, "closed"), (second, "opened")]
    )
    assert {row["organization_id"] for row in announced} == {plant.tenant.organization_id}
    assert {row["addressed_at"] for row in announced} == {None}


async def test_an_alert_that_a_person_closed_is_not_announced_as_closed_by_its_clear_sample(
    plant: Plant, day: Day
) -> None:
    await day.reads(LOW)
    plant.resolve_by_hand()
    await day.reads(FINE)
    assert [row["event"] for row in plant.database.fetch("select event from alert_announcements")] == ["opened"]


# ---------------------------------------------------------------------------------------------------- by which ways


@pytest.mark.parametrize("channels", ["{}", "{sms,push,whatsapp}"], ids=["none", "not served yet"])
async def test_a_rule_without_a_way_that_is_served_tells_nobody(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell, channels: str
) -> None:
    listeners.member("owner", "owner")
    listeners.webhook()
    plant.edit(plant.rule_ids[0], f"channels = '{channels}'")
    await day.reads(LOW)
    assert await tell_all() == 1
    assert listeners.messages() == []


async def test_active_webhooks_of_the_organization_are_called_with_the_alert(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell
) -> None:
    plant.edit(plant.rule_ids[0], "channels = '{webhook}'")
    listeners.member("owner", "owner")
    hook = listeners.webhook()
    listeners.webhook(active=False)
    listeners.webhook(removed=True)
    await day.reads(LOW)
    await tell_all()
    sent_all(plant)
    await day.reads(FINE)
    await tell_all()

    opened, closed = listeners.messages()
    (alert,) = plant.alerts()
    assert (opened["channel"], opened["recipient"], opened["event"]) == ("webhook", str(hook), OPENED)
    told = json.loads(opened["content"])["payload"]
    assert (told["id"], told["status"], told["metric_value"]) == (str(alert["id"]), "active", 0.12)
    call = AlertCall.model_validate({"type": OPENED, "timestamp": NOON, "data": told})
    assert call.data.model_dump(mode="json") == told
    assert closed["event"] == CLOSED
    assert json.loads(closed["content"])["payload"]["status"] == "resolved"
    assert {row["subject_id"] for row in (opened, closed)} == {alert["id"]}
    assert {row["organization_id"] for row in (opened, closed)} == {plant.tenant.organization_id}


# --------------------------------------------------------------------------------------------------------- closing


async def test_who_heard_of_the_opening_hears_of_the_end_and_nobody_else(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell
) -> None:
    listeners.member("owner", "owner")
    left, weary = listeners.member("left meanwhile"), listeners.member("weary")
    await day.reads(LOW)
    await tell_all()
    sent_all(plant)
    listeners.member("joined later")
    plant.database.fetch(
        f"update organization_members set removed_at = now() where user_id = '{left}'",
        f"update users set preferences = '{{\"notifications\": {{\"email\": false}}}}' where id = '{weary}'",
    )
    await day.reads(FINE)
    assert await tell_all() == 1

    assert listeners.told(OPENED) == ["left meanwhile", "owner", "weary"]
    assert listeners.told(CLOSED) == ["owner"]
    (row,) = listeners.messages(CLOSED)
    assert "It lasted 60 seconds. A good reading ended it." in json.loads(row["content"])["text"]


async def test_what_opened_and_closed_before_anybody_looked_is_told_to_nobody(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell
) -> None:
    listeners.member("owner", "owner")
    await day.reads(LOW, FINE)
    assert await tell_all() == 2
    assert (listeners.messages(), plant.waiting()) == ([], 0)


async def test_a_message_that_never_left_is_taken_back_with_the_end(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell
) -> None:
    """The mail server is away, and so is the breach by the time it comes back."""
    listeners.member("owner", "owner")
    tried = listeners.member("tried")
    await day.reads(LOW)
    await tell_all()
    plant.database.fetch(f"update notifications set attempts = 1 where user_id = '{tried}'")
    await day.reads(FINE)
    await tell_all()
    assert (listeners.told(OPENED), listeners.told(CLOSED)) == (["tried"], ["tried"])
    (cancelled,) = plant.database.fetch("select state, settled_at from notifications where state = 'cancelled'")
    assert cancelled["settled_at"] is not None


async def test_an_end_waits_for_an_opening_that_another_worker_has_in_hand(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell, worker_database: Database
) -> None:
    listeners.member("owner", "owner")
    await day.reads(LOW)
    async with transaction(worker_database) as session:
        assert await tell(session, KEYRING, "https://hub.example.org") == 1
        await day.reads(FINE)
        assert await tell_all() == 0
    sent_all(plant)
    assert await tell_all() == 1
    assert (listeners.told(OPENED), listeners.told(CLOSED)) == (["owner"], ["owner"])


# ------------------------------------------------------------------------------------------------------------- once


async def test_workers_side_by_side_and_repetitions_tell_everybody_once(
    plant: Plant, listeners: Listeners, evaluator: Evaluator, tell_all: Tell
) -> None:
    listeners.member("owner", "owner")
    for device in (INVERTER, SECOND_INVERTER):
        await Day(plant, evaluator, device).reads(LOW)
    settled = await asyncio.gather(*(tell_all() for _ in range(4)))
    assert sum(settled) == 2
    plant.database.fetch("update alert_announcements set addressed_at = null")
    assert await tell_all() == 2
    assert listeners.told(OPENED) == ["owner", "owner"]
    assert len({row["subject_id"] for row in listeners.messages()}) == 2


async def test_a_rule_that_was_rewritten_or_cannot_be_read_any_more_stops_nobody_elses_message(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell
) -> None:
    listeners.member("ayesha", preferences={"language": "ur"})
    await day.reads(LOW)
    plant.edit(plant.rule_ids[0], 'condition = condition || \'{"metric": "power_of_tomorrow"}\'')
    assert await tell_all() == 1
    (row,) = listeners.messages()
    assert "Inverter 1: power output below 0.3 kW" in json.loads(row["content"])["subject"]


# ---------------------------------------------------------------------------------------------------------- noting


async def test_who_was_told_is_noted_on_the_alert_once_and_its_version_stays(
    plant: Plant, listeners: Listeners, day: Day, tell_all: Tell, worker_database: Database
) -> None:
    plant.edit(plant.rule_ids[0], "channels = '{email,webhook}'")
    owner, hook = listeners.member("owner", "owner"), listeners.webhook()
    await day.reads(LOW)
    await tell_all()
    sent_all(plant)
    async with transaction(worker_database) as session:
        assert await report(session, note) == 2
    (alert,) = plant.alerts()
    assert sorted(alert["notifications_sent"]) == sorted([f"email:{owner}", f"webhook:{hook}"])
    assert alert["version"] == 1

    await day.reads(FINE)
    await tell_all()
    sent_all(plant)
    async with transaction(worker_database) as session:
        assert await report(session, note) == 2
    (closed,) = plant.alerts()
    assert sorted(closed["notifications_sent"]) == sorted(alert["notifications_sent"])
    assert closed["version"] == 2


async def test_messages_about_other_things_are_noted_on_no_alert(plant: Plant, worker_database: Database) -> None:
    async with transaction(worker_database) as session:
        await note(session, [Sent(UUID(int=1), "invitation", "email", "ayesha@example.com")])
        await note(session, [Sent(UUID(int=1), OPENED, "email", "ayesha@example.com")])
    assert plant.alerts() == []
