"""Judging over restarts, failures, lost hand-overs and rivals: the same alerts as if nothing had happened."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from solarhub.alerts.evaluation import Evaluator
from solarhub.alerts.recovery import SHARDS
from solarhub.kit.db import Database
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
    Report,
    minutes,
)

# -------------------------------------------------------------------------------------------------------- restarts


async def test_a_restart_in_the_middle_of_a_pending_breach_loses_nothing_of_it(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=5)
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(FINE, LOW, LOW, LOW)))
    kept = plant.database.fetch("select * from alert_rule_states")
    after = await new_evaluator()
    assert plant.database.fetch("select * from alert_rule_states") == kept
    await after.judge(await plant.commit(minutes(LOW, LOW, LOW, start=NOON + 4 * MINUTE)))
    assert plant.lives() == [(6, None)]
    (episode,) = plant.database.fetch("select streak_started_at from alert_episodes")
    assert episode["streak_started_at"] == NOON + MINUTE


async def test_an_open_alert_lives_through_a_restart_with_its_version(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    opened = plant.alerts()
    after = await new_evaluator()
    await after.judge(await plant.commit(minutes(LOW, start=NOON + 3 * MINUTE)))
    assert plant.alerts() == opened
    await after.judge(await plant.commit(minutes(FINE, start=NOON + 4 * MINUTE)))
    assert plant.lives() == [(2, 4)]


@pytest.mark.parametrize(("seconds", "alerts"), [(180, 1), (181, 0)])
async def test_a_gap_that_a_restart_falls_into_is_measured_from_the_last_sample(
    plant: Plant, new_evaluator: NewEvaluator, seconds: int, alerts: int
) -> None:
    plant.rule(minutes=5)
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    await before.stop()
    after = await new_evaluator()
    await after.judge(await plant.commit([(INVERTER, NOON + 2 * MINUTE + timedelta(seconds=seconds), LOW)]))
    assert len(plant.alerts()) == alerts


async def test_the_cooldown_runs_on_over_a_restart(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule(minutes=0, cooldown_minutes=10)
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW, FINE)))
    after = await new_evaluator()
    await after.judge(await plant.commit(minutes(*[LOW] * 10, start=NOON + 2 * MINUTE)))
    assert plant.lives() == [(0, 1), (10, None)]


async def test_a_streak_that_a_person_ended_stays_silent_over_a_restart(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    plant.resolve_by_hand()
    after = await new_evaluator()
    await after.judge(await plant.commit(minutes(*[LOW] * 5, start=NOON + 3 * MINUTE)))
    assert len(plant.alerts()) == 1


async def test_what_was_committed_and_never_judged_is_judged_at_the_start(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW)))
    await plant.commit(minutes(LOW, LOW, FINE, LOW, start=NOON + MINUTE))
    await new_evaluator()
    assert plant.lives() == [(2, 3)]


async def test_a_backlog_longer_than_one_reading_is_judged_to_its_end(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0)
    await plant.commit(minutes(*[FINE] * 350, LOW))
    await new_evaluator()
    assert plant.lives() == [(350, None)]


async def test_a_clean_stop_writes_how_far_judging_came(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(FINE, FINE, FINE)))
    assert plant.judged_until() is None
    await evaluator.stop()
    assert plant.judged_until() == NOON + 2 * MINUTE


async def test_judging_again_from_an_older_mark_raises_nothing_twice(plant: Plant, new_evaluator: NewEvaluator) -> None:
    """After a crash `judged_until` may lie before rows whose alerts are written."""
    plant.rule()
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW, LOW, LOW, FINE, LOW, LOW, LOW, LOW)))
    written = plant.alerts(), plant.database.fetch("select * from alert_rule_states")
    assert plant.judged_until() is None
    await new_evaluator()
    assert (plant.alerts(), plant.database.fetch("select * from alert_rule_states")) == written


async def test_a_rule_edited_while_nobody_judged_starts_its_streaks_anew(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    rule_id = plant.rule(minutes=5)
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    await before.stop()
    plant.edit(rule_id, "condition = condition || '{\"threshold\": 0.5}'")
    after = await new_evaluator()
    await after.judge(await plant.commit(minutes(*[LOW] * 6, start=NOON + 3 * MINUTE)))
    assert plant.lives() == [(8, None)]


async def test_a_new_rule_does_not_judge_what_was_judged_before_it(plant: Plant, new_evaluator: NewEvaluator) -> None:
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW, LOW, LOW)))
    plant.rule(minutes=0)
    before.invalidate()
    await before.judge(await plant.commit(minutes(FINE, start=NOON + 3 * MINUTE)))
    await new_evaluator()
    assert plant.alerts() == []


async def test_where_a_hub_of_an_earlier_version_left_off_this_one_goes_on(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    """It noted that for each device, and left no positions."""
    plant.rule(minutes=0)
    await plant.commit(minutes(LOW, FINE))
    await plant.commit(minutes(LOW, FINE, start=NOON + 2 * MINUTE))
    plant.database.fetch(f"update device_state set judged_until = '{NOON + MINUTE}'")
    evaluator = await new_evaluator()
    assert plant.lives() == [(2, 3)]
    await evaluator.stop()
    assert plant.judged_until() == NOON + 3 * MINUTE


# --------------------------------------------------------------------------------------------- lost on the way


async def test_a_batch_that_nobody_handed_over_is_noticed_by_the_next_one(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    await plant.commit(minutes(LOW, LOW, FINE, start=NOON + MINUTE))
    await evaluator.judge(await plant.commit(minutes(FINE, start=NOON + 4 * MINUTE)))
    assert plant.lives() == [(2, 3)]


async def test_a_device_that_had_samples_before_it_was_met_is_judged_from_its_first(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0)
    evaluator = await new_evaluator()
    await plant.commit(minutes(LOW, FINE, device=STATION))
    await evaluator.judge(await plant.commit(minutes(FINE, device=STATION, start=NOON + 2 * MINUTE)))
    assert plant.lives() == [(0, 1)]


# --------------------------------------------------------------------------------------------------- failures


@contextmanager
def alerts_refused(plant: Plant) -> Iterator[None]:
    """The database takes no alert, as if its disk were full."""
    plant.database.fetch(
        "create function refuse() returns trigger language plpgsql as"
        " $$ begin raise exception 'no space' using errcode = '53100'; end $$",
        "create trigger refuse before insert on alerts for each row execute function refuse()",
    )
    yield
    plant.database.fetch("drop function refuse() cascade")


async def test_a_failure_while_writing_is_made_good_with_the_next_batch(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW)))
    with alerts_refused(plant):
        await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, start=NOON + MINUTE)))
        assert plant.alerts() == []
        assert plant.database.fetch("select * from alert_episodes") == []
    await evaluator.judge(await plant.commit(minutes(FINE, start=NOON + 4 * MINUTE)))
    assert plant.lives() == [(2, 4)]


async def test_connections_that_break_lose_no_alert(plant: Plant, new_evaluator: NewEvaluator) -> None:
    plant.rule(minutes=0)
    evaluator = await new_evaluator()
    batches = [await plant.commit(minutes(LOW, FINE, start=NOON + 2 * i * MINUTE)) for i in range(6)]
    for batch in batches:
        await evaluator.judge(batch)
        plant.database.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'solarhub_worker' and datname = current_database()"
        )
    await new_evaluator()
    assert plant.lives() == [(2 * i, 2 * i + 1) for i in range(6)]


async def test_where_kept_states_were_lost_the_episodes_keep_alerts_from_being_raised_twice(
    plant: Plant, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    before = await new_evaluator()
    await before.judge(await plant.commit(minutes(LOW, LOW, LOW, FINE, LOW, LOW, LOW)))
    await before.stop()
    plant.database.fetch("delete from alert_rule_states", "delete from evaluation_positions")
    after = await new_evaluator()
    for i in range(3):
        await after.judge(await plant.commit(minutes(LOW, start=NOON + (7 + i) * MINUTE)))
    assert plant.lives() == [(2, 3), (6, None)]
    await after.judge(await plant.commit(minutes(FINE, LOW, LOW, LOW, start=NOON + 10 * MINUTE)))
    assert plant.lives() == [(2, 3), (6, 10), (13, None)]


# ----------------------------------------------------------------------------------------------------- the lease


async def test_while_one_judges_another_stands_by_and_judges_nothing(
    plant: Plant, worker_database: Database, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0)
    await new_evaluator()
    second = Evaluator(worker_database)
    await second.start()
    await second.judge(await plant.commit(minutes(LOW)))
    assert plant.alerts() == []


async def test_after_a_clean_stop_the_one_that_stood_by_goes_on_at_once(
    plant: Plant, worker_database: Database, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    first, second = await new_evaluator(), Evaluator(worker_database)
    await second.start()
    batches = [await plant.commit(minutes(LOW, start=NOON + i * MINUTE)) for i in range(4)]
    for batch in batches[:2]:
        await first.judge(batch)
        await second.judge(batch)
    await first.stop()
    for batch in batches[2:]:
        await second.judge(batch)
    assert plant.lives() == [(2, None)]


async def test_a_lease_that_ran_out_is_taken_over_and_the_old_owner_writes_nothing_more(
    plant: Plant, worker_database: Database, new_evaluator: NewEvaluator
) -> None:
    plant.rule()
    first, second = await new_evaluator(), Evaluator(worker_database)
    await first.judge(await plant.commit(minutes(LOW)))
    whose = (
        "select owner, leased_until > now() as runs from evaluation_leases"
        f" where shard = {plant.tenant.device_keys[INVERTER] % SHARDS}"
    )
    (before,) = plant.database.fetch(whose)
    plant.database.fetch("update evaluation_leases set leased_until = now() - interval '1 second'")
    await second.start()
    batch = await plant.commit(minutes(LOW, LOW, start=NOON + MINUTE))
    await first.judge(batch)
    assert plant.alerts() == []
    await second.judge(batch)
    await first.judge(batch)
    assert plant.lives() == [(2, None)]
    (after,) = plant.database.fetch(whose)
    assert after["owner"] != before["owner"]
    assert after["runs"]


async def test_a_hub_that_knows_to_be_alone_takes_a_running_lease(
    plant: Plant, worker_database: Database, new_evaluator: NewEvaluator
) -> None:
    plant.rule(minutes=0)
    first, second = Evaluator(worker_database), await new_evaluator()
    batch = await plant.commit(minutes(LOW))
    await first.start()
    await first.judge(batch)
    assert plant.alerts() == []
    await second.judge(batch)
    assert plant.lives() == [(0, None)]


# ------------------------------------------------------------------------------------------------ all of it at once


@pytest.mark.parametrize("seed", range(3))
async def test_a_troubled_life_raises_the_same_alerts_as_a_quiet_one(
    make_plant: MakePlant, new_evaluator: NewEvaluator, seed: int
) -> None:
    """Restarts, clean and not, lost and repeated hand-overs, a failing database, against one batch judged in peace."""
    chance = random.Random(seed)
    reports = _a_day(chance)
    quiet, troubled = await make_plant("Quiet"), await make_plant("Troubled")
    for plant in (quiet, troubled):
        plant.rule(minutes=0, cooldown_minutes=7)
        plant.rule(minutes=3)
        plant.rule(minutes=5, cooldown_minutes=20, auto_resolve=False)
        plant.rule(minutes=2, when="daylight", operator="gt")
    evaluator = await new_evaluator()
    for report in reports:
        await quiet.commit([report])
    await evaluator.stop()
    evaluator = await new_evaluator()
    while reports:
        size = chance.randint(1, 12)
        batch = await troubled.commit(reports[:size])
        reports = reports[size:]
        match chance.choice(["judged"] * 6 + ["twice", "lost", "restart", "clean restart", "failure"]):
            case "judged":
                await evaluator.judge(batch)
            case "twice":
                await evaluator.judge(batch)
                await evaluator.judge(batch)
            case "restart":
                evaluator = await new_evaluator()
            case "clean restart":
                await evaluator.judge(batch)
                await evaluator.stop()
                evaluator = await new_evaluator()
            case "failure":
                with alerts_refused(troubled):
                    await evaluator.judge(batch)
    await new_evaluator()
    assert _lives_by_rule(troubled) == _lives_by_rule(quiet)
    assert len(quiet.alerts()) > 5


def _a_day(chance: random.Random) -> list[Report]:
    """Two inverters from the afternoon into the night, with runs on both sides of the threshold, and with gaps."""
    reports = []
    for device in (INVERTER, SECOND_INVERTER):
        at, reading = NOON + timedelta(hours=5), FINE
        for _ in range(120):
            at += timedelta(seconds=chance.choice([60] * 20 + [180, 181, 1200]))
            reading = chance.choice([reading] * 5 + [LOW, FINE])
            reports.append((device, at, reading))
    return sorted(reports, key=lambda report: report[1])


def _lives_by_rule(plant: Plant) -> list[tuple[object, ...]]:
    told = ("device_name", "triggered_at", "metric_value", "message")
    return sorted(
        (plant.rule_ids.index(alert["rule_id"]), str(alert["resolved_at"]), *(alert[name] for name in told))
        for alert in plant.alerts()
    )
