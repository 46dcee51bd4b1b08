"""The same instant with another value: counted, told and listed, and the first stays."""

from datetime import timedelta
from typing import Any

from tests.conftest import TestDatabase
from tests.telemetry.conftest import MINUTE, Door, recently, stored


def body(*values: dict[str, float], day: int = 0) -> dict[str, Any]:
    start = recently() - timedelta(days=day)
    return {
        "samples": [{"timestamp": (start + n * MINUTE).isoformat(), "metrics": each} for n, each in enumerate(values)]
    }


async def told(door: Door, sent: dict[str, Any]) -> tuple[int, int, int]:
    answer = (await door.post(sent)).json()
    return answer["stored"], answer["duplicates"], answer["conflicts"]


async def test_a_second_word_is_a_conflict_and_a_repetition_is_none(door: Door, database: TestDatabase) -> None:
    first = {"power_output": 1.0, "frequency": 50.0}

    assert await told(door, body(first, first, first)) == (3, 0, 0)
    assert await told(door, body(first, first)) == (0, 2, 0)
    # of three instants one is the same in fewer words, one differs, and one says something more
    assert await told(door, body({"frequency": 50.0}, first | {"frequency": 50.1}, first | {"humidity": 40.0})) == (
        1,
        2,
        1,
    )
    assert [readings for *_, readings in stored(database)] == [first, first, first | {"humidity": 40.0}]


async def test_conflicts_within_one_request_are_counted_too(door: Door, database: TestDatabase) -> None:
    at = recently().isoformat()
    sent = [{"timestamp": at, "metrics": {"power_output": value}} for value in (1.0, 1.0, 2.0, 1.0)]
    sent.append({"timestamp": at, "metrics": {"frequency": 50.0}})

    assert await told(door, {"samples": sent}) == (2, 3, 1)
    assert [readings for *_, readings in stored(database)] == [{"power_output": 1.0, "frequency": 50.0}]


async def test_they_are_listed_by_device_and_day(door: Door) -> None:
    for day, times in ((0, 1), (3, 2)):
        await door.post(body({"power_output": 1.0}, day=day))
        for _ in range(times):
            await door.post(body({"power_output": 2.0}, day=day))
    url = f"/api/v1/organizations/{door.tenant.organization_id}/conflicts"

    found = (await door.client.get(url)).json()

    device_id = str(door.tenant.devices["Inverter 1"])
    days = [(recently() - timedelta(days=day)).date().isoformat() for day in (0, 3)]
    assert [(each["device_id"], each["device"], each["day"], each["conflicts"]) for each in found["items"]] == [
        (device_id, "Inverter 1", days[0], 1),
        (device_id, "Inverter 1", days[1], 2),
    ]
    assert found["total"] == 2
    assert (await door.client.get(url, params={"device_id": device_id})).json()["total"] == 2
    nobody = "0197a8c1-0d2b-7d11-a2b0-6a6a1f9d1c02"
    assert (await door.client.get(url, params={"device_id": nobody})).json()["items"] == []
