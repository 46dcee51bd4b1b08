"""The main job: a real plant's day over the public API raises exactly the alerts that the file itself calls for."""

import asyncio
from datetime import timedelta

from solarhub.demo.replay import Acknowledged, replay
from solarhub.kit.clock import now
from tests.journeys.plant_day import PLANT, day, days_to_move, enter, expected_alerts, raised_alerts
from tests.journeys.running_hub import RunningHub, settle

AS_FAST_AS_IT_GOES = 1_000_000.0


async def test_the_alerts_of_a_real_day_are_those_of_the_brute_force_oracle(steady_hub: RunningHub) -> None:
    days = days_to_move(now())
    answers: list[Acknowledged] = []
    async with steady_hub.person() as client:
        plant = await enter(client)
        await replay(
            day(days),
            client=client,
            tokens=plant.tokens,
            speed=AS_FAST_AS_IT_GOES,
            on_acknowledged=answers.append,
            on_waiting=lambda *_: None,
        )
        await asyncio.to_thread(settle, steady_hub)
        assert sum(answer.stored for answer in answers) == 3 * 1351
        assert sum(answer.duplicates + answer.quarantined for answer in answers) == 0
        expected = expected_alerts(days)
        assert await raised_alerts(client, plant) == expected
        fired = {alert[0] for alert in expected}
        assert len(set(plant.rules.values())) >= 6
        assert set(plant.rules.values()) - fired, "one rule at least must never fire"

        again: list[Acknowledged] = []
        await replay(
            day(days),
            client=client,
            tokens=plant.tokens,
            speed=AS_FAST_AS_IT_GOES,
            on_acknowledged=again.append,
            on_waiting=lambda *_: None,
        )
        assert sum(answer.duplicates for answer in again) == 3 * 1351
        assert await raised_alerts(client, plant) == expected, "the same day once more changes nothing"


async def test_what_was_sent_can_be_read_back(steady_hub: RunningHub) -> None:
    days = days_to_move(now())
    samples = day(days)
    async with steady_hub.person() as client:
        plant = await enter(client)
        await replay(
            samples,
            client=client,
            tokens=plant.tokens,
            speed=AS_FAST_AS_IT_GOES,
            on_acknowledged=lambda _answer: None,
            on_waiting=lambda *_: None,
        )
        root = f"/api/v1/organizations/{plant.organization_id}"
        inverter = next(device for device, name in plant.devices.items() if name == "Inverter 1")
        own = [sample for sample in samples if sample.device == "Inverter 1"]
        series = await client.get(
            f"{root}/devices/{inverter}/series",
            params={
                "metric": "power_output",
                "from": own[0].at.isoformat(),
                "to": (own[-1].at + timedelta(seconds=1)).isoformat(),
                "bucket": "raw",
            },
        )
        assert series.status_code == 200, series.text
        points = series.json()["points"]
        assert [point["value"] for point in points] == [sample.metrics["power_output"] for sample in own]
        latest = (await client.get(f"{root}/devices/{inverter}/latest")).json()
        assert any(value["value"] == own[-1].metrics["power_output"] for value in latest["readings"])
        page = await client.get("/")
        assert PLANT.name in page.text
