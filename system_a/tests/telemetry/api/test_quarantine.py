"""What was refused is listed with its remedy, and read anew once that is done."""

from typing import Any

import pytest

from solarhub.telemetry.quarantine.explaining import explained
from solarhub.telemetry.vocabulary import Reason
from tests.conftest import TestDatabase
from tests.telemetry.conftest import MINUTE, Door, recently, stored

START = recently()
BROKEN = {"power_output": 1.5, "powr_dc": 2.0, "frequency": "50"}


def here(door: Door, path: str = "") -> str:
    return f"/api/v1/organizations/{door.tenant.organization_id}/quarantine{path}"


async def listed(door: Door, **wanted: Any) -> list[dict[str, Any]]:
    answer = await door.client.get(here(door), params=wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def replayed(door: Door, **wanted: Any) -> dict[str, Any]:
    answer = await door.client.post(here(door, "/replay"), json=wanted)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def send(door: Door, *metrics: dict[str, Any]) -> None:
    samples = [{"timestamp": (START + n * MINUTE).isoformat(), "metrics": each} for n, each in enumerate(metrics)]
    assert (await door.post({"samples": samples})).status_code == 200


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_meaning_and_its_remedy(reason: Reason) -> None:
    meaning, remedy = explained(reason)
    assert meaning.endswith(".")
    assert remedy.endswith(".")


async def test_what_was_refused_is_listed_with_what_it_means_and_what_to_do(door: Door) -> None:
    await send(door, BROKEN, BROKEN)
    entries = await listed(door)
    assert len(entries) == 4
    by_reason = {entry["reason"]: entry for entry in entries}
    unknown = by_reason["unknown_metric"]
    assert (unknown["metric"], unknown["device"], unknown["replayed_at"]) == ("powr_dc", "Inverter 1", None)
    assert "add it as a metric of your own" in unknown["remedy"]
    [one] = await listed(door, reason="not_a_number", metric="frequency", limit=1)
    assert one in entries
    assert await listed(door, open=False) == []

    causes = (await door.client.get(here(door, "/causes"))).json()
    assert sorted((cause["metric"], cause["reason"], cause["entries"]) for cause in causes) == [
        ("frequency", "not_a_number", 2),
        ("powr_dc", "unknown_metric", 2),
    ]


async def test_a_value_beyond_the_rating_joins_its_sample_once_the_rating_is_corrected(
    door: Door, database: TestDatabase
) -> None:
    device_id = str(door.tenant.devices["Inverter 1"])
    url = f"/api/v1/organizations/{door.tenant.organization_id}/devices/{device_id}"

    async def rate(kilowatts: float) -> None:
        device = (await door.client.get(url)).json()
        metadata = device["metadata"] | {"rated_power_kw": kilowatts}
        answer = await door.client.patch(
            url, json={"metadata": metadata}, headers={"If-Match": f'"{device["version"]}"'}
        )
        assert answer.status_code == 200, answer.text

    database.fetch(f"update devices set metadata = metadata || '{{\"rated_power_kw\": 3}}' where id = '{device_id}'")
    await send(door, {"power_output": 50.0, "frequency": 50.0}, {"power_output": 60.0})
    assert [row[3] for row in stored(database)] == [{"frequency": 50.0}]

    assert await replayed(door, reason="implausible") == {
        "entries": 2,
        "stored": 0,
        "refused": 2,
        "remaining": False,
        "examples": (await replayed(door))["examples"],
    }
    await rate(100)
    trial = await replayed(door, dry_run=True)
    assert (trial["entries"], trial["stored"]) == (2, 2)
    assert len(stored(database)) == 1

    done = await replayed(door, device_id=device_id)
    assert (done["entries"], done["stored"], done["refused"]) == (2, 2, 0)
    assert [row[3] for row in stored(database)] == [{"frequency": 50.0, "power_output": 50.0}, {"power_output": 60.0}]
    assert await listed(door, open=True) == []
    assert len(await listed(door, open=False)) == 2
    assert (await replayed(door))["entries"] == 0
    marks = database.fetch("select count(*) from telemetry_marks")[0][0]
    assert marks >= 1, "roll-ups would not follow"


async def test_what_nobody_here_can_mend_is_not_read_anew(door: Door) -> None:
    assert (await door.post({"timestamp": "yesterday", "metrics": {"power_output": 1.0}})).status_code == 200
    assert (await replayed(door))["entries"] == 0
    assert len(await listed(door, open=True)) == 1
