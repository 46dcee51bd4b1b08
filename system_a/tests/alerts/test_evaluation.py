"""What judging leaves in the database: alerts, episodes, states; for one evaluator that nothing happens to."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from solarhub.kit.db import Database, transaction
from solarhub.telemetry.batch import CommittedBatch
from tests.alerts.conftest import (
    FINE,
    INVERTER,
    LOW,
    MINUTE,
    NOON,
    SECOND_INVERTER,
    STATION,
    MakePlant,
    NewEvaluator,
    Plant,
    minutes,
)


async def test_a_breach_becomes_an_alert_and_the_first_clear_sample_ends_it(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    rule_id = plant.rule()
    evaluator = await new_evaluator()

    await evaluator.judge(await plant.commit(minutes(FINE, LOW, LOW, LOW)))
    (alert,) = plant.alerts()
    assert (alert["rule_id"], alert["device_id"]) == (rule_id, plant.tenant.devices[INVERTER])
    assert (alert["site_id"], alert["severity"], alert["status"]) == (plant.tenant.site_id, "warning", "active")
    assert (alert["metric_name"], alert["metric_value"], alert["threshold_value"]) == ("power_output", 0.12, 0.3)
    assert alert["triggered_at"] == NOON + 3 * MINUTE
    assert alert["title"] == "Inverter 1: power output below 0.3 kW"
    assert alert["message"] == "Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 2 minutes"
    assert UUID(str(alert["id"])).version == 7

    await evaluator.judge(await plant.commit(minutes(LOW, FINE, start=NOON + 4 * MINUTE)))
    (alert,) = plant.alerts()
    assert (alert["status"], alert["resolved_at"], alert["resolved_by"]) == ("resolved", NOON + 5 * MINUTE, None)
    (episode,) = plant.database.fetch("select * from alert_episodes")
    assert (episode["alert_id"], episode["target"]) == (alert["id"], f"device:{plant.tenant.devices[INVERTER]}")
    assert (episode["streak_started_at"], episode["closed_at"]) == (NOON + MINUTE, NOON + 5 * MINUTE)
    (state,) = plant.database.fetch("select * from alert_rule_states")
    assert (state["streak_started_at"], state["awaiting_clear"], state["open_alert_id"]) == (None, False, None)
    assert (state["last_triggered_at"], state["changed_at"]) == (NOON + 3 * MINUTE, NOON + 5 * MINUTE)


async def test_alerts_of_one_batch_open_and_close_in_it(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, FINE, LOW, LOW, LOW, FINE, LOW, LOW, LOW)))
    assert plant.lives() == [(2, 3), (6, 7), (10, None)]


async def test_rows_of_a_batch_are_judged_in_the_order_of_their_time(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    batch = await plant.commit(minutes(LOW, FINE, LOW, LOW, LOW))
    (group,) = batch.groups
    one_by_one = [group.chosen(slice(row, row + 1)) for row in reversed(range(len(group)))]
    await evaluator.judge(CommittedBatch(one_by_one, batch.received_at))
    assert plant.lives() == [(4, None)]


async def test_judging_the_same_batch_twice_changes_nothing(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    batches = [
        await plant.commit(minutes(LOW, LOW, LOW, FINE)),
        await plant.commit(minutes(LOW, start=NOON + 5 * MINUTE)),
    ]
    for batch in [*batches, *batches]:
        await evaluator.judge(batch)
    assert plant.lives() == [(2, 3)]


async def test_a_late_row_is_stored_and_not_judged(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, start=NOON)))
    await evaluator.judge(await plant.commit(minutes(LOW, start=NOON + 2 * MINUTE)))
    late = await plant.commit(minutes(FINE, start=NOON + MINUTE))
    assert [group.late.tolist() for group in late.groups] == [[True]]
    await evaluator.judge(late)
    await evaluator.judge(await plant.commit(minutes(LOW, start=NOON + 3 * MINUTE)))
    assert plant.lives() == [(2, None)]


async def test_what_completes_the_newest_sample_is_judged_whether_handed_over_or_read_back(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0)
    plant.rule(metric="voltage_ac", threshold=200, minutes=0)
    plant.rule(metric="frequency", threshold=49, minutes=0)
    evaluator = await new_evaluator()
    for readings in (LOW, {"voltage_ac": 150.0}):
        await evaluator.judge(await plant.commit(minutes(readings)))
    assert sorted(alert["metric_name"] for alert in plant.alerts()) == ["power_output", "voltage_ac"]

    await plant.commit(minutes({"frequency": 40.0}))  # by a hub that died before it was judged
    await new_evaluator()
    assert sorted(alert["metric_name"] for alert in plant.alerts()) == ["frequency", "power_output", "voltage_ac"]


async def test_a_rule_watches_its_metric_without_channel_on_devices_of_its_type(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(metric="voltage_dc", minutes=0, device_type="inverter")
    evaluator = await new_evaluator()
    low = {"voltage_dc": 0.1, "power_output": 0.1}
    await evaluator.judge(
        await plant.commit(
            [
                (INVERTER, NOON, {"voltage_dc:string1": 0.1}),
                (SECOND_INVERTER, NOON, low),
                (STATION, NOON, low),
            ]
        )
    )
    assert [alert["device_name"] for alert in plant.alerts()] == [SECOND_INVERTER]


async def test_a_rule_stays_in_its_site_and_its_organization(
    make_plant: MakePlant, plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0, at_this_site=True)
    other = await make_plant("Other Solar")
    second_site = plant.database.fetch(
        "insert into sites (organization_id, name, latitude, longitude) select organization_id, 'Second', 31.5, 74.3"
        f" from sites where id = '{plant.tenant.site_id}' returning id"
    )[0]["id"]
    moved = plant.tenant.devices[SECOND_INVERTER]
    plant.database.fetch(f"update devices set site_id = '{second_site}' where id = '{moved}'")
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit([*minutes(LOW), *minutes(LOW, device=SECOND_INVERTER)]))
    await evaluator.judge(await other.commit(minutes(LOW)))
    assert [alert["device_name"] for alert in plant.alerts()] == [INVERTER]
    assert other.alerts() == []


async def test_a_sample_without_the_metric_neither_breaches_nor_clears(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=2)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, {"frequency": 50.0}, LOW, {"frequency": 50.0})))
    await evaluator.judge(await plant.commit(minutes({"frequency": 50.0}, start=NOON + 4 * MINUTE)))
    assert plant.lives() == [(2, None)]


async def test_the_example_of_the_document_fires_at_night_and_with_daylight_it_does_not(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    always = plant.rule(threshold=10.0, minutes=5, device_type="inverter")
    plant.rule(threshold=10.0, minutes=5, device_type="inverter", when="daylight")
    evaluator = await new_evaluator()
    midnight = datetime(2024, 6, 21, 19, tzinfo=UTC)
    await evaluator.judge(await plant.commit(minutes(*[{"power_output": 0.0}] * 30, start=midnight)))
    assert [alert["rule_id"] for alert in plant.alerts()] == [always]


async def test_the_reporting_interval_of_the_device_decides_what_a_gap_is(
    make_plant: MakePlant, new_evaluator: NewEvaluator
) -> None:
    plant = await make_plant(interval_seconds=300)
    plant.rule(minutes=10)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit([(INVERTER, NOON, LOW), (INVERTER, NOON + 15 * MINUTE, LOW)]))
    late = 15 * MINUTE + timedelta(seconds=1)
    await evaluator.judge(await plant.commit([(SECOND_INVERTER, NOON, LOW), (SECOND_INVERTER, NOON + late, LOW)]))
    assert [alert["device_name"] for alert in plant.alerts()] == [INVERTER]


async def test_a_condition_that_cannot_be_read_is_not_judged_and_does_not_stop_the_others(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(metric="power_of_tomorrow", minutes=0)
    readable = plant.rule(minutes=0)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    assert [alert["rule_id"] for alert in plant.alerts()] == [readable]


# -------------------------------------------------------------------------------------------------------- a person


async def test_without_auto_resolve_an_alert_stays_until_a_person_resolves_it(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(auto_resolve=False)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, FINE, FINE)))
    assert plant.lives() == [(2, None)]
    plant.resolve_by_hand()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, start=NOON + 5 * MINUTE)))
    assert [alert["triggered_at"] for alert in plant.alerts()] == [NOON + 2 * MINUTE, NOON + 7 * MINUTE]


async def test_an_alert_resolved_in_mid_breach_comes_back_only_after_a_clear_sample(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    plant.resolve_by_hand()
    (resolved,) = plant.alerts()
    await evaluator.judge(await plant.commit(minutes(*[LOW] * 5, start=NOON + 3 * MINUTE)))
    assert len(plant.alerts()) == 1
    await evaluator.judge(await plant.commit(minutes(FINE, LOW, LOW, LOW, start=NOON + 8 * MINUTE)))
    first, second = plant.alerts()
    assert first["resolved_at"] == resolved["resolved_at"]
    assert (second["triggered_at"], second["status"]) == (NOON + 11 * MINUTE, "active")


async def test_an_acknowledged_alert_is_resolved_like_any_other(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    plant.database.fetch("update alerts set status = 'acknowledged', acknowledged_at = now()")
    await evaluator.judge(await plant.commit(minutes(FINE, start=NOON + 3 * MINUTE)))
    (alert,) = plant.alerts()
    assert (alert["status"], alert["resolved_at"]) == ("resolved", NOON + 3 * MINUTE)


async def test_only_real_moves_of_an_alert_count_its_version(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    versions = plant.database.fetch("select id, version from devices order by id")
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, start=NOON + 3 * MINUTE)))
    assert plant.alerts()[0]["version"] == 1
    await evaluator.judge(await plant.commit(minutes(FINE, FINE, start=NOON + 5 * MINUTE)))
    await evaluator.stop()
    assert plant.alerts()[0]["version"] == 2
    assert plant.database.fetch("select id, version from devices order by id") == versions


# ----------------------------------------------------------------------------------------------------------- edits


async def test_a_new_rule_and_a_new_device_are_judged_from_the_next_batch(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    plant.rule(minutes=0)
    (device,) = plant.database.fetch(
        "insert into devices (site_id, organization_id, name, device_type, protocol)"
        f" values ('{plant.tenant.site_id}', '{plant.tenant.organization_id}', 'New', 'inverter', 'http')"
        " returning id, device_key"
    )
    plant.tenant.devices["New"], plant.tenant.device_keys["New"] = device["id"], device["device_key"]
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(LOW, device="New", start=NOON + MINUTE)))
    assert [alert["device_name"] for alert in plant.alerts()] == ["New"]


async def test_an_edited_condition_starts_its_streaks_anew_and_keeps_its_open_alert(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    pending, firing = plant.rule(minutes=5), plant.rule(minutes=2)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, LOW)))
    for rule_id in (pending, firing):
        plant.edit(rule_id, "condition = condition || '{\"threshold\": 0.5}'")
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(*[LOW] * 5, start=NOON + 4 * MINUTE)))
    assert plant.lives() == [(2, None)]
    await evaluator.judge(await plant.commit(minutes(LOW, start=NOON + 9 * MINUTE)))
    assert plant.lives() == [(2, None), (9, None)]
    await evaluator.judge(await plant.commit(minutes({"power_output": 0.4}, FINE, start=NOON + 10 * MINUTE)))
    assert plant.lives() == [(2, 11), (9, 11)]


async def test_a_rename_leaves_a_streak_alone_over_a_restart_too(plant: Plant, new_evaluator: NewEvaluator) -> None:
    rule_id = plant.rule(minutes=5)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW)))
    plant.edit(rule_id, "name = 'Other words'")
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(LOW, start=NOON + 2 * MINUTE)))
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, start=NOON + 3 * MINUTE)))
    assert plant.lives() == [(5, None)]


async def test_a_rule_switched_off_is_not_judged_and_leaves_its_open_alert(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    rule_id = plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    plant.edit(rule_id, "is_active = false")
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(FINE, start=NOON + 3 * MINUTE)))
    assert plant.lives() == [(2, None)]
    plant.edit(rule_id, "is_active = true")
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, FINE, start=NOON + 4 * MINUTE)))
    assert plant.lives() == [(2, 7)]


async def test_a_removed_device_is_not_judged(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule(minutes=0)
    evaluator = await new_evaluator()
    plant.database.fetch(f"update devices set removed_at = now() where id = '{plant.tenant.devices[INVERTER]}'")
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    assert plant.alerts() == []


async def test_a_moved_site_has_its_own_daylight(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule(minutes=0, when="daylight")
    evaluator = await new_evaluator()
    plant.database.fetch("update sites set longitude = longitude - 180")
    evaluator.invalidate()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    assert plant.alerts() == []


# -------------------------------------------------------------------------------------------------------- the loop


async def test_what_is_handed_over_is_judged_without_asking(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule()
    evaluator, stop = await new_evaluator(), asyncio.Event()
    running = asyncio.create_task(evaluator.run(stop))
    evaluator.committed(await plant.commit(minutes(LOW, LOW)))
    evaluator.committed(await plant.commit(minutes(LOW, start=NOON + 2 * MINUTE)))
    await _until(plant, [(2, None)])
    plant.rule(minutes=1)
    await asyncio.sleep(2)
    evaluator.committed(await plant.commit(minutes(LOW, LOW, start=NOON + 3 * MINUTE)))
    stop.set()
    await running
    assert plant.lives() == [(2, None), (4, None)]
    assert plant.judged_until() == NOON + 4 * MINUTE


async def test_batches_that_find_too_many_waiting_are_read_back_from_the_store(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    evaluator, stop = await new_evaluator(), asyncio.Event()
    batch = await plant.commit(minutes(LOW, LOW, LOW))
    evaluator.committed(CommittedBatch([batch.groups[0]] * 50_001, batch.received_at))
    running = asyncio.create_task(evaluator.run(stop))
    await _until(plant, [(2, None)])
    stop.set()
    await running


async def _until(plant: Plant, lives: list[tuple[int, int | None]]) -> None:
    async with asyncio.timeout(10):
        while plant.lives() != lives:  # noqa: ASYNC110 - what is waited for is a row in the database
            await asyncio.sleep(0.05)


# ---------------------------------------------------------------------------------------------------- changing hands


async def test_a_plant_that_changes_hands_is_judged_on_by_the_rules_that_went_along(
    plant: Plant, make_plant: MakePlant, new_evaluator: NewEvaluator, app_database: Database
) -> None:
    """An open alert stays open and is ended there; a streak goes on; the giver's rule has no part in it any more."""
    firing, pending = plant.rule(minutes=0), plant.rule(minutes=4)
    receiver = (await make_plant("Receiver")).tenant
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW)))
    async with transaction(app_database, [plant.tenant.organization_id, receiver.organization_id]) as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            f"select hand_over_site('{plant.tenant.site_id}', '{receiver.organization_id}')"
        )
    moved = Plant(
        plant.database,
        plant.store,
        replace(
            plant.tenant,
            organization_id=receiver.organization_id,
            organization_key=receiver.organization_key,
        ),
    )
    plant.edit(pending, "is_active = false")
    evaluator.invalidate()
    await evaluator.judge(await moved.commit(minutes(LOW, LOW, LOW, start=NOON + 2 * MINUTE)))

    assert plant.alerts() == []
    assert moved.lives() == [(0, None), (4, None)]
    assert not {alert["rule_id"] for alert in moved.alerts()} & {firing, pending}
    await evaluator.judge(await moved.commit(minutes(FINE, LOW, start=NOON + 5 * MINUTE)))
    assert moved.lives() == [(0, 5), (4, 5), (6, None)]
