"""`kill -9` of the hub and of PostgreSQL in a plant's day: nothing acknowledged is lost, and no alert comes twice."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime

from solarhub.demo.replay import Acknowledged, replay
from solarhub.kit.clock import now
from tests.journeys.plant_day import day, days_to_move, enter, expected_alerts, raised_alerts
from tests.journeys.running_hub import RunningHub, settle

SPEED = 8_000.0  # the day takes 10 s
KILLS = 6
WHOLE = 3 * 1351


async def test_killing_the_hub_and_the_database_loses_no_sample_and_repeats_no_alert(hub: RunningHub) -> None:
    days = days_to_move(now())
    ledger: list[Acknowledged] = []
    moments = random.Random(4029)
    async with hub.person() as client:
        plant = await enter(client)
        sending = asyncio.create_task(
            replay(
                day(days),
                client=client,
                tokens=plant.tokens,
                speed=SPEED,
                on_acknowledged=ledger.append,
                on_waiting=lambda *_: None,
            )
        )
        killed = 0
        for number in range(1, KILLS + 1):
            await reached(number * WHOLE // (KILLS + 1), ledger, sending)
            await asyncio.sleep(moments.uniform(0.0, 0.05))
            if sending.done():
                break  # after an outage the devices catch up in large steps
            if number % 2:
                await asyncio.to_thread(hub.kill_database)
                await asyncio.to_thread(hub.wait_until_ready)
            else:
                await asyncio.to_thread(hub.kill)
                await asyncio.to_thread(hub.start)
            killed += 1
        assert killed >= 3, "the kills fell into the replay"
        await sending
        await asyncio.to_thread(settle, hub)
        raised = await raised_alerts(client, plant)
    acknowledged = {(answer.device, sample.at) for answer in ledger for sample in answer.samples}
    rows = hub.fetch(
        "select devices.name, at from telemetry_samples join devices using (device_key) order by devices.name, at"
    )
    stored = Counter((row["name"], row["at"]) for row in rows)
    assert len(acknowledged) == WHOLE
    assert acknowledged - stored.keys() == set(), "acknowledged and lost"
    assert max(stored.values()) == 1, "stored twice"
    assert raised == expected_alerts(days)


async def test_a_pending_breach_lives_through_a_restart_and_the_alert_comes_once(hub: RunningHub) -> None:
    """The rule asks for 300 s: the hub is ended cleanly after 180 s of them, and killed after the alert."""
    start = now().replace(second=0, microsecond=0).timestamp() - 3600
    async with hub.person() as client:
        plant = await enter(client)
        device = {"Authorization": f"Bearer {plant.tokens['Inverter 1']}"}

        async def send(minutes: range) -> None:
            for minute in minutes:
                body = {"timestamp": start + 60 * minute, "metrics": {"power_output": 0.1}}
                assert (await client.post("/api/v1/telemetry", json=body, headers=device)).status_code == 200

        rule = "Under a tenth of its rating, day and night"
        await send(range(4))
        assert await asyncio.to_thread(hub.stop) == 0
        await asyncio.to_thread(hub.start)
        (state,) = await asyncio.to_thread(hub.fetch, state_of(rule))
        assert state["streak_started_at"] == datetime.fromtimestamp(start, UTC)
        assert [alert for alert in await raised_alerts(client, plant) if alert[0] == rule] == []
        await send(range(4, 7))
        await asyncio.to_thread(settle, hub)
        (alert,) = [alert for alert in await raised_alerts(client, plant) if alert[0] == rule]
        assert alert[2] == datetime.fromtimestamp(start + 300, UTC)
        (before,) = await asyncio.to_thread(hub.fetch, version_of(rule))
        await asyncio.to_thread(hub.kill)
        await asyncio.to_thread(hub.start)
        await send(range(7, 10))
        await asyncio.to_thread(settle, hub)
        assert [again for again in await raised_alerts(client, plant) if again[0] == rule] == [alert]
        assert await asyncio.to_thread(hub.fetch, version_of(rule)) == [before]


async def test_nothing_of_a_hub_that_ended_is_left_running(hub: RunningHub) -> None:
    assert hub.database_processes()
    assert await asyncio.to_thread(hub.stop) == 0
    assert hub.database_processes() == []


async def test_not_even_a_killed_hub_leaves_its_database_behind(hub: RunningHub) -> None:
    await asyncio.to_thread(hub.kill)
    for _ in range(100):
        if not hub.database_processes():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("PostgreSQL outlived its hub")


async def reached(samples: int, ledger: list[Acknowledged], sending: asyncio.Task[None]) -> None:
    """Returns when so many samples are acknowledged, or all that there are."""
    while not sending.done() and sum(len(answer.samples) for answer in ledger) < samples:
        await asyncio.wait({sending}, timeout=0.01)


def state_of(rule: str) -> str:
    return (
        "select alert_rule_states.streak_started_at from alert_rule_states join alert_rules on alert_rules.id = rule_id"
        f" where alert_rules.name = '{rule}'"
    )


def version_of(rule: str) -> str:
    return (
        "select alerts.version, alerts.status from alerts join alert_rules on alert_rules.id = rule_id"
        f" where alert_rules.name = '{rule}'"
    )
