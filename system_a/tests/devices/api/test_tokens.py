import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from solarhub.kit.clock import now
from tests.clients import People, commissioned, refused
from tests.conftest import TestDatabase
from tests.devices.inverters import NOWHERE, entered


async def opens(api: httpx.AsyncClient, token: str) -> bool:
    answer = await api.post(
        "/api/v1/telemetry", json={"metrics": {"power_output": 2.9}}, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


async def rotated(api: httpx.AsyncClient, url: str, **wish: Any) -> dict[str, Any]:
    answer = await api.post(f"{url}/tokens", json=wish or None)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_token_is_shown_once_and_opens_the_door(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    url, device = await entered(api, plant, protocol="http", connection_config=None)
    answer = await api.post(f"{url}/tokens")
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert await opens(api, made["token"])
    listed = await api.get(f"{url}/tokens")
    assert listed.json() == [{key: made[key] for key in ("id", "created_at", "expires_at")}]
    assert made["token"] not in (await api.get(url)).text
    [row] = database.fetch("select octet_length(token_sha256) as bytes, device_id::text from device_tokens")
    assert dict(row) == {"bytes": 32, "device_id": device["id"]}
    audited = database.fetch("select audit_entries::text as line from audit_entries")
    assert not any(made["token"] in row["line"] for row in audited)


async def test_the_token_before_stays_valid_while_the_new_one_takes_over(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    first = await rotated(api, url)
    second = await rotated(api, url)
    present, before = (await api.get(f"{url}/tokens")).json()
    assert (present["id"], present["expires_at"]) == (second["id"], None)
    assert before["id"] == first["id"]
    left = datetime.fromisoformat(before["expires_at"]) - now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    assert await opens(api, first["token"])
    assert await opens(api, second["token"])

    third = await rotated(api, url, overlap_hours=168)
    assert [row["id"] for row in (await api.get(f"{url}/tokens")).json()] == [third["id"], second["id"]]
    fourth = await rotated(api, url, overlap_hours=0)
    assert [row["id"] for row in (await api.get(f"{url}/tokens")).json()] == [fourth["id"]]
    for wrong in (-1, 169, "24", 1.5, None, True):
        refused(await api.post(f"{url}/tokens", json={"overlap_hours": wrong}))


async def test_however_many_rotate_at_once_two_tokens_are_left(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    made = await asyncio.gather(*(rotated(api, url) for _ in range(6)))
    listed = (await api.get(f"{url}/tokens")).json()
    assert len({each["id"] for each in made}) == 6
    assert len(listed) == 2
    assert [row["expires_at"] is None for row in listed] == [True, False]
    assert sum([await opens(api, each["token"]) for each in made]) == 2


async def test_a_token_that_has_ended_opens_nothing(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    first, second = await rotated(api, url), await rotated(api, url)
    database.fetch("update device_tokens set expires_at = now() where expires_at is not null")
    assert not await opens(api, first["token"])
    assert await opens(api, second["token"])
    assert [row["id"] for row in (await api.get(f"{url}/tokens")).json()] == [second["id"]]


async def test_tokens_are_revoked_one_by_one_or_all(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    first, second = await rotated(api, url), await rotated(api, url)
    assert (await api.delete(f"{url}/tokens/{first['id']}")).status_code == 204
    assert (await api.delete(f"{url}/tokens/{first['id']}")).status_code == 404
    assert (await api.delete(f"{url}/tokens/{NOWHERE}")).status_code == 404
    assert not await opens(api, first["token"])
    assert [row["id"] for row in (await api.get(f"{url}/tokens")).json()] == [second["id"]]
    for _ in range(2):
        assert (await api.delete(f"{url}/tokens")).status_code == 204
    assert (await api.get(f"{url}/tokens")).json() == []
    assert not await opens(api, second["token"])


async def test_one_devices_token_is_not_revoked_through_another(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant, name="A")
    other, _ = await entered(api, plant, name="B")
    token = await rotated(api, url)
    assert (await api.delete(f"{other}/tokens/{token['id']}")).status_code == 404
    assert await opens(api, token["token"])


async def test_who_sets_devices_up_issues_tokens_and_nobody_else(
    api: httpx.AsyncClient, people: People, subtests: pytest.Subtests
) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    for role, allowed in (("owner", 1), ("admin", 1), ("manager", 1), ("installer", 1), ("viewer", 0)):
        for client in (await people.member(plant.organization_id, role), *_guests(people, plant.site_id, role)):
            who = await client if not isinstance(client, httpx.AsyncClient) else client
            with subtests.test(role):
                statuses = [
                    (await who.request(method, f"{url}/tokens")).status_code for method in ("GET", "POST", "DELETE")
                ]
                assert statuses == ([200, 201, 204] if allowed else [403, 403, 403])


def _guests(people: People, site_id: str, role: str) -> list[Any]:
    return [people.guest(site_id, role)] if role in ("manager", "installer", "viewer") else []
