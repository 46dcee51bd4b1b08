"""Looking at alerts over HTTP: lists by offset and by cursor, filters, files, one alert, and who was told."""

import csv
import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.alerts.conftest import INVERTER, MINUTE, NOON, SECOND_INVERTER, Plant
from tests.clients import People, refused


def path(plant: Plant) -> str:
    return f"{plant.path}/alerts"


async def viewer_of(plant: Plant, people: People) -> httpx.AsyncClient:
    return await people.member(plant.tenant.organization_id, "viewer")


def ids(listing: dict[str, Any]) -> list[UUID]:
    return [UUID(alert["id"]) for alert in listing["items"]]


# ----------------------------------------------------------------------------------------------------------- cursors


async def test_a_list_is_walked_by_its_cursor_in_both_directions_while_alerts_come_in(
    plant: Plant, people: People
) -> None:
    """Three alerts of the same instant lie across the border of two pages."""
    viewer = await viewer_of(plant, people)
    instants = [0, 1, 2, 2, 2, 3, 4]
    made = [plant.alert(at=NOON + minute * MINUTE) for minute in instants]
    oldest_first = [
        alert_id for _, alert_id in sorted(zip(instants, made, strict=True), key=lambda each: (each[0], each[1]))
    ]
    for sort, expected in (("oldest", oldest_first), ("newest", oldest_first[::-1])):
        query, walked, pages = {"limit": "3", "sort": sort}, list[UUID](), 0
        while pages == 0 or "cursor" in query:
            listing = (await viewer.get(path(plant), params=query)).json()
            walked += ids(listing)
            query = {"limit": "3", "sort": sort}
            if listing["next_cursor"] is not None:
                query["cursor"] = listing["next_cursor"]
            pages += 1
            if sort == "newest" and pages == 1:
                plant.alert(at=NOON + 9 * MINUTE)
        assert (walked, pages) == (expected, 3)


async def test_the_first_page_by_offset_says_where_the_next_one_begins_and_the_last_does_not(
    plant: Plant, people: People
) -> None:
    viewer = await viewer_of(plant, people)
    made = [plant.alert(at=NOON + minute * MINUTE) for minute in range(3)]
    by_offset = (await viewer.get(path(plant), params={"limit": 1, "offset": 1})).json()
    assert (ids(by_offset), by_offset["total"], by_offset["offset"]) == ([made[1]], 3, 1)
    by_cursor = (await viewer.get(path(plant), params={"limit": 1, "cursor": by_offset["next_cursor"]})).json()
    assert (ids(by_cursor), by_cursor["total"], by_cursor["next_cursor"]) == ([made[0]], 3, None)
    whole = (await viewer.get(path(plant))).json()
    assert (len(whole["items"]), whole["next_cursor"]) == (3, None)


async def test_a_cursor_that_is_none_is_refused_with_a_sentence(plant: Plant, people: People) -> None:
    viewer = await viewer_of(plant, people)
    for wanted in ({"cursor": "x"}, {"cursor": ""}, {"cursor": "AZ" * 16, "offset": "1"}):
        [error] = refused(await viewer.get(path(plant), params=wanted))
        assert error["field"] == "cursor"


# ----------------------------------------------------------------------------------------------------------- filters


async def test_alerts_are_narrowed_by_all_that_is_known_of_them(plant: Plant, people: People) -> None:
    viewer = await viewer_of(plant, people)
    (site,) = plant.database.fetch(
        "insert into sites (organization_id, name, latitude, longitude) select organization_id, 'Second', 31.5, 74.3"
        f" from sites where id = '{plant.tenant.site_id}' returning id"
    )
    rule_id = plant.rule()
    first = plant.alert(at=NOON, severity="info", status="resolved", rule_id=rule_id)
    second = plant.alert(at=NOON + MINUTE, severity="critical", device=SECOND_INVERTER)
    third = plant.alert(at=NOON + 2 * MINUTE, status="acknowledged", site_id=site["id"])

    async def found(**wanted: Any) -> list[UUID]:
        answer = await viewer.get(path(plant), params=wanted)
        assert answer.status_code == 200, answer.text
        return ids(answer.json())

    minute_later = (NOON + MINUTE).isoformat()
    assert await found(status=["active", "acknowledged"]) == [third, second]
    assert await found(severity=["info", "critical"]) == [second, first]
    assert await found(device_id=plant.tenant.devices[INVERTER]) == [third, first]
    assert await found(site_id=site["id"]) == [third]
    assert await found(rule_id=rule_id) == [first]
    assert await found(since=minute_later) == [third, second]
    assert await found(until=minute_later) == [first]
    assert await found(since=minute_later, until=minute_later) == []
    assert await found(sort="oldest") == [first, second, third]
    of_site = (await viewer.get(f"{plant.path}/sites/{site['id']}/alerts")).json()
    assert ids(of_site) == [third]


async def test_an_impossible_filter_is_refused_by_name(plant: Plant, people: People) -> None:
    viewer = await viewer_of(plant, people)
    wrong = {"status": "loud", "sort": "best", "since": "yesterday", "until": "2024-06-21T07:00:00", "device_id": "x"}
    for name, value in wrong.items():
        [error] = refused(await viewer.get(path(plant), params={name: value}))
        assert error["field"].partition("[")[0] == name


# ------------------------------------------------------------------------------------------------------------- files


async def test_the_selected_alerts_are_taken_home_as_a_file(plant: Plant, people: People) -> None:
    viewer = await viewer_of(plant, people)
    made = [plant.alert(at=NOON + minute * MINUTE) for minute in range(3)]
    query = {"until": (NOON + 2 * MINUTE).isoformat(), "sort": "oldest"}
    lines = await viewer.get(f"{path(plant)}/export", params=query | {"format": "jsonl"})
    documents = [json.loads(line) for line in lines.text.splitlines()]
    listed = (await viewer.get(path(plant), params=query)).json()["items"]
    assert documents == listed
    table = await viewer.get(f"{path(plant)}/export", params=query | {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [UUID(row["id"]) for row in rows] == made[:2]


async def test_a_file_holds_what_whoever_asks_may_see(plant: Plant, people: People) -> None:
    (site,) = plant.database.fetch(
        "insert into sites (organization_id, name, latitude, longitude) select organization_id, 'Second', 31.5, 74.3"
        f" from sites where id = '{plant.tenant.site_id}' returning id"
    )
    mine = plant.alert()
    plant.alert(site_id=site["id"], at=NOON + MINUTE)
    guest = await people.guest(plant.tenant.site_id)
    lines = await guest.get(f"{path(plant)}/export?format=jsonl")
    assert [json.loads(line)["id"] for line in lines.text.splitlines()] == [str(mine)]
    assert ids((await guest.get(path(plant))).json()) == [mine]
    assert (await guest.get(f"{plant.path}/sites/{site['id']}/alerts")).status_code == 404
    assert (await people.anonymous().get(f"{path(plant)}/export?format=csv")).status_code == 401
    assert (await (await people.stranger()).get(f"{path(plant)}/export?format=csv")).status_code == 404


# ---------------------------------------------------------------------------------------------------------- one alert


@pytest.fixture
async def told(plant: Plant, people: People) -> tuple[UUID, UUID]:
    """An alert of which two messages went out and one could not; and who was told by e-mail."""
    alert_id, user_id = plant.alert(), await people.user(email="ayesha@example.com")
    rows = [
        ("email", "ayesha@example.com", f"'{user_id}'", "sent"),
        ("webhook", "01a20000-0000-7000-8000-000000000001", "null", "sent"),
        ("email", "gone@example.com", "null", "failed"),
        ("email", "later@example.com", "null", "pending"),
    ]
    for i, (channel, recipient, user, state) in enumerate(rows):
        plant.database.fetch(
            "insert into notifications (organization_id, user_id, channel, recipient, event, subject_id, content,"
            " state, attempts, settled_at, created_at, not_before)"
            f" values ('{plant.tenant.organization_id}', {user}, '{channel}', '{recipient}', 'alert.opened',"
            f" '{alert_id}', '{{}}', '{state}', 1, case when '{state}' in ('sent', 'failed') then now() end,"
            f" '{NOON + timedelta(seconds=i)}', now() + interval '1 day')"
        )
    return alert_id, user_id


async def test_one_alert_says_how_many_messages_went_out(plant: Plant, people: People, told: tuple[UUID, UUID]) -> None:
    alert_id, _ = told
    viewer = await viewer_of(plant, people)
    alert = (await viewer.get(f"{path(plant)}/{alert_id}")).json()
    assert alert["deliveries"] == {"sent": 2, "waiting": 1, "failed": 1}
    assert alert["notes"] == []
    assert (await viewer.get(f"{path(plant)}/not-an-id")).status_code == 404


async def test_who_was_told_is_shown_to_members_and_addresses_to_those_who_manage(
    plant: Plant, people: People, told: tuple[UUID, UUID], subtests: pytest.Subtests
) -> None:
    alert_id, user_id = told
    for role in ("owner", "admin", "manager", "viewer", "installer"):
        with subtests.test(role=role):
            client = await people.member(plant.tenant.organization_id, role)
            listing = (await client.get(f"{path(plant)}/{alert_id}/notifications")).json()
            assert listing["total"] == 4
            by_mail = next(each for each in listing["items"] if each["user_id"] == str(user_id))
            assert (by_mail["channel"], by_mail["event"], by_mail["state"]) == ("email", "alert.opened", "sent")
            assert by_mail["user_name"].endswith("Khan")
            sees = role in ("owner", "admin", "manager")
            assert by_mail["recipient"] == ("ayesha@example.com" if sees else None)
            assert ("@example.com" in str(listing)) is sees
    guest = await people.guest(plant.tenant.site_id, "manager")
    assert (await guest.get(f"{path(plant)}/{alert_id}/notifications")).status_code == 403
    assert (await guest.get(f"{path(plant)}/{alert_id}")).json()["deliveries"] is None
