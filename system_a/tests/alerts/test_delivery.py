"""Who hears of an alert, once, and who does not: told of announcements as the worker tells of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from solarhub.alerts.delivery import note, tell
from solarhub.alerts.evaluation import Evaluator
from solarhub.alerts.schemas import AlertCall
from solarhub.kit.db import Database, transaction
from solarhub.kit.sealing import Keyring, new_key
from solarhub.notifications.reporting import Sent, report
from tests.alerts.conftest import (
    FINE,
    INVERTER,
    LOW,
    MINUTE,
    NOON,
    SECOND_INVERTER,
    MakePlant,
    NewEvaluator,
    Plant,
    minutes,
)
from tests.alerts.listeners import Listeners

OPENED, CLOSED = "alert.opened", "alert.closed"
KEYRING = Keyring.parse(new_key())

Tell = Callable[[], Awaitable[int]]


@pytest.fixture
def listeners(plant: Plant) -> Listeners:
    return Listeners(plant.database, plant.tenant.organization_id, plant.tenant.site_id)


@pytest.fixture
def tell_all(worker_database: Database) -> Tell:
    async def tell_once() -> int:
        async with transaction(worker_database) as session:
            return await tell(session, KEYRING, "https://hub.example.org")

    return tell_once


@pytest.fixture
async def evaluator(plant: Plant, new_evaluator: NewEvaluator) -> Evaluator:
    """With a rule that fires at the first low reading and writes e-mail."""
    rule_id = plant.rule(minutes=0)
    plant.edit(rule_id, "channels = '{email}'")
    return await new_evaluator()


class Day:
    """Readings of one inverter, one a minute."""

    def __init__(self, plant: Plant, evaluator: Evaluator, device: str = INVERTER) -> None:
        self.plant, self.evaluator, self.device = plant, evaluator, device
        self.at = NOON

    async def reads(self, *readings: dict[str, float]) -> None:
        reports = minutes(*readings, start=self.at, device=self.device)
        self.at += len(readings) * MINUTE
        await self.evaluator.judge(await self.plant.commit(reports))


@pytest.fixture
def day(plant: Plant, evaluator: Evaluator) -> Day:
    return Day(plant, evaluator)


def sent_all(plant: Plant) -> None:
    """Everything that waits goes out."""
    plant.database.fetch(
        "update notifications set state = 'sent', settled_at = now(), attempts = 1 where state = 'pending'"
    )


def waiting(plant: Plant) -> int:
    (row,) = plant.database.fetch("select count(*) as n from alert_announcements where addressed_at is null")
    count: int = row["n"]
    return count


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


# -------------------------------------------------------------------------------------------------------- who hears


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
    assert (listeners.messages(), waiting(plant)) == ([], 0)


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
    assert (listeners.messages(), waiting(plant)) == ([], 0)


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
