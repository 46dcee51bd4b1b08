"""What people do about alerts: who may, what is noted, and what the judge makes of it afterwards."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from solarhub.alerts.delivery import note
from solarhub.kit.db import Database, transaction
from solarhub.kit.ids import uuid7
from solarhub.notifications.reporting import report
from tests.alerts.conftest import FINE, LOW, MINUTE, NOON, MakePlant, NewEvaluator, Plant, minutes
from tests.clients import People, refused

ROLES = ["owner", "admin", "manager", "viewer", "installer"]
MAY_TRIAGE = {"owner", "admin", "manager"}
VERBS = ["acknowledge", "resolve", "comment"]


def url(plant: Plant, alert_id: object, verb: str = "") -> str:
    return f"{plant.path}/alerts/{alert_id}" + (f"/{verb}" if verb else "")


def row(plant: Plant, alert_id: UUID) -> Any:
    (found,) = plant.database.fetch(f"select * from alerts where id = '{alert_id}'")
    return found


def announced(plant: Plant) -> list[tuple[UUID, str]]:
    return [
        (each["alert_id"], each["event"])
        for each in plant.database.fetch("select alert_id, event from alert_announcements order by created_at, event")
    ]


# ------------------------------------------------------------------------------------------------------- the verbs


async def test_whoever_acknowledges_is_named_and_their_note_is_kept(plant: Plant, people: People) -> None:
    alert_id = plant.alert()
    manager = await people.member(plant.tenant.organization_id, "manager")
    answer = await manager.post(url(plant, alert_id, "acknowledge"), json={"note": "On my way"})

    assert answer.status_code == 200, answer.text
    alert = answer.json()
    assert (alert["status"], alert["acknowledged_by"]) == ("acknowledged", str(people.ids[manager]))
    assert alert["acknowledged_at"] is not None
    [note] = alert["notes"]
    assert (note["act"], note["note"], note["author_id"]) == ("acknowledge", "On my way", str(people.ids[manager]))
    assert note["author_name"].endswith("Khan")
    assert (await manager.get(url(plant, alert_id))).json() == alert
    assert announced(plant) == []


async def test_whoever_resolves_is_named_the_episode_is_over_and_announced(plant: Plant, people: People) -> None:
    alert_id = plant.alert()
    manager = await people.member(plant.tenant.organization_id, "manager")
    alert = (await manager.post(url(plant, alert_id, "resolve"))).json()

    assert (alert["status"], alert["resolved_by"]) == ("resolved", str(people.ids[manager]))
    assert [(note["act"], note["note"]) for note in alert["notes"]] == [("resolve", None)]
    (episode,) = plant.database.fetch("select closed_at from alert_episodes")
    assert episode["closed_at"] == row(plant, alert_id)["resolved_at"]
    assert announced(plant) == [(alert_id, "closed")]


async def test_anything_can_be_said_about_an_alert_also_when_it_is_over(plant: Plant, people: People) -> None:
    alert_id = plant.alert(status="resolved")
    manager = await people.member(plant.tenant.organization_id, "manager")
    before = row(plant, alert_id)
    for words in ("It was the fuse", "Replaced today"):
        assert (await manager.post(url(plant, alert_id, "comment"), json={"note": words})).status_code == 200
    notes = (await manager.get(url(plant, alert_id))).json()["notes"]
    assert [(note["act"], note["note"]) for note in notes] == [
        ("comment", "It was the fuse"),
        ("comment", "Replaced today"),
    ]
    assert row(plant, alert_id) == before


async def test_an_impossible_move_says_how_the_alert_stands_and_changes_nothing(
    plant: Plant, people: People, subtests: pytest.Subtests
) -> None:
    manager = await people.member(plant.tenant.organization_id, "manager")
    impossible = {"acknowledge": ["acknowledged", "resolved", "expired"], "resolve": ["resolved", "expired"]}
    for verb, state in [(verb, state) for verb, states in impossible.items() for state in states]:
        with subtests.test(verb=verb, state=state):
            alert_id = plant.alert(status=state)
            before = row(plant, alert_id)
            answer = await manager.post(url(plant, alert_id, verb), json={"note": "Me too"})
            assert (answer.status_code, answer.json()["state"]) == (409, state)
            assert answer.json()["detail"].endswith(f"this one is {state}.")
            assert row(plant, alert_id) == before
    assert plant.database.fetch("select * from alert_notes") == []


async def test_an_acknowledged_alert_can_be_resolved_by_somebody_else(plant: Plant, people: People) -> None:
    alert_id = plant.alert()
    first, second = [await people.member(plant.tenant.organization_id, role) for role in ("manager", "owner")]
    await first.post(url(plant, alert_id, "acknowledge"))
    alert = (await second.post(url(plant, alert_id, "resolve"), json={"note": "Done"})).json()
    assert (alert["acknowledged_by"], alert["resolved_by"]) == (str(people.ids[first]), str(people.ids[second]))
    assert [note["act"] for note in alert["notes"]] == ["acknowledge", "resolve"]


async def test_an_impossible_note_is_refused_by_name(plant: Plant, people: People, subtests: pytest.Subtests) -> None:
    alert_id = plant.alert()
    manager = await people.member(plant.tenant.organization_id, "manager")
    impossible: list[tuple[str, dict[str, Any], str]] = [
        ("acknowledge", {"note": ""}, "note"),
        ("acknowledge", {"remark": "x"}, "remark"),
        ("resolve", {"note": "x" * 2001}, "note"),
        ("comment", {"note": None}, "note"),
        ("comment", {}, "note"),
        ("comment", {"note": "a\x00b"}, "note"),
    ]
    for verb, body, field in impossible:
        with subtests.test(verb=verb, body=str(body)[:40]):
            [error] = refused(await manager.post(url(plant, alert_id, verb), json=body))
            assert error["field"] == field
    assert row(plant, alert_id)["status"] == "active"


# --------------------------------------------------------------------------------------------------------- who may


async def test_each_role_may_read_alerts_and_some_may_act_on_them(
    plant: Plant, people: People, subtests: pytest.Subtests
) -> None:
    clients = {role: await people.member(plant.tenant.organization_id, role) for role in ROLES}
    clients |= {f"guest {role}": await people.guest(plant.tenant.site_id, role) for role in ("manager", "viewer")}
    for name, client in clients.items():
        for verb in VERBS:
            with subtests.test(role=name, verb=verb):
                alert_id = plant.alert()
                assert (await client.get(url(plant, alert_id))).status_code == 200
                may = name.removeprefix("guest ") in MAY_TRIAGE
                answer = await client.post(url(plant, alert_id, verb), json={"note": "Seen"})
                assert answer.status_code == (200 if may else 403), answer.text
                assert (row(plant, alert_id)["status"] == "active") == (not may or verb == "comment")


async def test_for_strangers_and_guests_of_another_plant_there_is_no_such_alert(
    plant: Plant, make_plant: MakePlant, people: People, subtests: pytest.Subtests
) -> None:
    alert_id = plant.alert()
    (elsewhere,) = plant.database.fetch(
        "insert into sites (organization_id, name, latitude, longitude) select organization_id, 'Second', 31.5, 74.3"
        f" from sites where id = '{plant.tenant.site_id}' returning id"
    )
    other = await make_plant("Other Solar")
    clients = {
        "owner of another": await people.member(other.tenant.organization_id, "owner"),
        "guest of another plant": await people.guest(elsewhere["id"], "manager"),
        "guest whose time is over": await people.guest(plant.tenant.site_id, "manager", expires="-1 minute"),
    }
    for name, client in clients.items():
        for verb in ["", *VERBS]:
            with subtests.test(client=name, verb=verb):
                method = "POST" if verb else "GET"
                body = {"note": "x"} if verb else None
                answers = [
                    await client.request(method, url(plant, each, verb), json=body) for each in (alert_id, uuid7())
                ]
                assert [answer.status_code for answer in answers] == [404, 404]
                assert answers[0].content == answers[1].content
    assert row(plant, alert_id)["version"] == 1


async def test_a_guest_acts_on_the_plant_that_was_lent_and_it_is_announced(plant: Plant, people: People) -> None:
    alert_id = plant.alert()
    technician = await people.guest(plant.tenant.site_id, "manager")
    await technician.post(url(plant, alert_id, "acknowledge"))
    alert = (await technician.post(url(plant, alert_id, "resolve"), json={"note": "Fuse"})).json()
    assert (alert["resolved_by"], alert["deliveries"]) == (str(people.ids[technician]), None)
    assert [note["act"] for note in alert["notes"]] == ["acknowledge", "resolve"]
    assert announced(plant) == [(alert_id, "closed")]
    entries = plant.database.fetch("select action, actor_id, target_id from audit_entries order by id")
    assert [entry["action"] for entry in entries] == ["alert.acknowledge", "alert.resolve"]
    assert {(entry["actor_id"], entry["target_id"]) for entry in entries} == {(people.ids[technician], alert_id)}


async def test_what_was_said_is_in_the_books(plant: Plant, people: People) -> None:
    alert_id = plant.alert()
    manager = await people.member(plant.tenant.organization_id, "manager")
    await manager.post(url(plant, alert_id, "comment"), json={"note": "Load-shedding"})
    (entry,) = plant.database.fetch("select * from audit_entries")
    assert (entry["action"], entry["target_type"], entry["target_id"]) == ("alert.comment", "alert", alert_id)


# ----------------------------------------------------------------------------------------------- what the judge does


async def test_resolved_in_mid_breach_it_fires_again_only_after_a_clear_sample_over_a_restart_too(
    plant: Plant, people: People, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    (alert,) = plant.alerts()
    manager = await people.member(plant.tenant.organization_id, "manager")
    assert (await manager.post(url(plant, alert["id"], "resolve"))).status_code == 200

    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, start=NOON + 3 * MINUTE)))
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, start=NOON + 6 * MINUTE)))
    assert len(plant.alerts()) == 1
    resolved = row(plant, alert["id"])
    await evaluator.judge(await plant.commit(minutes(FINE, LOW, LOW, start=NOON + 9 * MINUTE)))
    assert len(plant.alerts()) == 1
    await evaluator.judge(await plant.commit(minutes(LOW, start=NOON + 12 * MINUTE)))

    first, second = plant.alerts()
    assert first["id"] == alert["id"]
    assert row(plant, alert["id"]) == resolved
    assert (second["triggered_at"], second["status"]) == (NOON + 12 * MINUTE, "active")
    assert announced(plant) == [(first["id"], "opened"), (first["id"], "closed"), (second["id"], "opened")]


async def test_an_alert_that_only_people_end_ends_by_one_and_the_next_breach_fires(
    plant: Plant, people: People, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0, auto_resolve=False)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, FINE, LOW)))
    (alert,) = plant.alerts()
    manager = await people.member(plant.tenant.organization_id, "manager")
    await manager.post(url(plant, alert["id"], "resolve"))
    await evaluator.judge(await plant.commit(minutes(LOW, start=NOON + 3 * MINUTE)))
    assert len(plant.alerts()) == 1
    await evaluator.judge(await plant.commit(minutes(FINE, LOW, start=NOON + 4 * MINUTE)))
    assert [each["triggered_at"] for each in plant.alerts()] == [NOON, NOON + 5 * MINUTE]


async def test_an_acknowledged_alert_is_ended_by_its_clear_sample(
    plant: Plant, people: People, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    (alert,) = plant.alerts()
    manager = await people.member(plant.tenant.organization_id, "manager")
    await manager.post(url(plant, alert["id"], "acknowledge"))
    await evaluator.judge(await plant.commit(minutes(FINE, start=NOON + MINUTE)))
    ended = row(plant, alert["id"])
    assert (ended["status"], ended["resolved_at"], ended["resolved_by"]) == ("resolved", NOON + MINUTE, None)
    assert ended["acknowledged_by"] == people.ids[manager]


# -------------------------------------------------------------------------------------------------------- all at once


async def test_of_many_who_acknowledge_at_once_one_does_and_the_others_learn_of_it(
    plant: Plant, people: People
) -> None:
    alert_id = plant.alert()
    clients = [await people.member(plant.tenant.organization_id, "manager") for _ in range(8)]
    answers = await asyncio.gather(*(client.post(url(plant, alert_id, "acknowledge")) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    (winner,) = (client for client, answer in zip(clients, answers, strict=True) if answer.status_code == 200)
    assert row(plant, alert_id)["acknowledged_by"] == people.ids[winner]
    assert len(plant.database.fetch("select * from alert_notes")) == 1


async def test_an_acknowledgement_never_fails_because_deliveries_are_noted_meanwhile(
    plant: Plant, people: People, worker_database: Database
) -> None:
    alerts = many_alerts(plant, 200)
    clients = [await people.member(plant.tenant.organization_id, "manager") for _ in range(4)]
    done = asyncio.Event()

    async def deliver() -> None:
        """One more message about each alert goes out, and is noted on it; again and again."""
        while not done.is_set():
            await people.connection.execute(
                "insert into notifications (organization_id, channel, recipient, event, subject_id, content, state,"
                " settled_at) select organization_id, 'webhook', gen_random_uuid(), 'alert.opened', id, '{}', 'sent',"
                " now() from alerts"
            )
            async with transaction(worker_database) as session:
                await report(session, note)
            await asyncio.sleep(0.02)

    async def shift(client: httpx.AsyncClient, mine: list[UUID]) -> list[int]:
        return [(await client.post(url(plant, each, "acknowledge"))).status_code for each in mine]

    delivering = asyncio.create_task(deliver())
    answers = await asyncio.gather(*(shift(client, alerts[i::4]) for i, client in enumerate(clients)))
    done.set()
    await delivering

    assert [status for each in answers for status in each] == [200] * 200
    found = plant.database.fetch("select status, version from alerts")
    assert {(each["status"], each["version"]) for each in found} == {("acknowledged", 2)}
    (delivered,) = plant.database.fetch(
        "select count(*) as messages, (select sum(cardinality(notifications_sent)) from alerts) as noted"
        " from notifications where recorded_at is not null"
    )
    assert delivered["noted"] == delivered["messages"] >= 400


def many_alerts(plant: Plant, count: int) -> list[UUID]:
    """Open alerts of one rule, on as many devices."""
    rule_id, tenant = plant.rule(), plant.tenant
    plant.database.fetch(
        "insert into devices (site_id, organization_id, name, device_type, protocol)"
        f" select '{tenant.site_id}', '{tenant.organization_id}', 'Box ' || i, 'inverter', 'http'"
        f" from generate_series(1, {count}) as i",
        "insert into alert_episodes (alert_id, organization_id, rule_id, target, streak_started_at, triggered_at)"
        f" select gen_random_uuid(), organization_id, '{rule_id}', 'device:' || id, now(), now()"
        " from devices where name like 'Box %'",
        "insert into alerts (id, rule_id, organization_id, site_id, device_id, severity, title, message, triggered_at)"
        f" select alert_id, rule_id, organization_id, '{tenant.site_id}', split_part(target, ':', 2)::uuid, 'warning',"
        " 'Low', 'It is low', triggered_at from alert_episodes",
    )
    return [row["id"] for row in plant.database.fetch("select id from alerts order by id")]
