"""The second way to the same alerts: it agrees with what was judged, and finds what somebody changed."""

from datetime import timedelta

import pytest

from solarhub.alerts.verification import Verified, verify
from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.kit.errors import Conflict
from tests.alerts.conftest import FINE, LOW, MINUTE, NOON, NewEvaluator, Plant, minutes

DAY = timedelta(days=1)


@pytest.fixture
async def judged(plant: Plant, new_evaluator: NewEvaluator) -> Plant:
    """Two alerts, (2, 3) and (6, none), by a rule of two minutes."""
    plant.rule()
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, FINE, LOW, LOW, LOW)))
    assert plant.lives() == [(2, 3), (6, None)]
    return plant


async def verified(
    plant: Plant, worker: Database, *, settled_for: timedelta = timedelta(0), from_minute: int = -600
) -> Verified:
    organizations = [(plant.tenant.organization_id, "acme")]
    start = NOON + from_minute * MINUTE
    (found,) = [each async for each in verify(worker, organizations, start, NOON + DAY, now(), settled_for=settled_for)]
    return found


def told(found: Verified) -> list[tuple[str, int]]:
    return [(each.what, round((each.triggered_at - NOON) / MINUTE)) for each in found.differences]


async def test_what_was_judged_is_what_the_samples_call_for(judged: Plant, worker_database: Database) -> None:
    found = await verified(judged, worker_database)
    assert (found.organization, found.samples, found.alerts, found.differences) == ("acme", 7, 2, [])


async def test_an_alert_that_never_fired_is_missing(judged: Plant, worker_database: Database) -> None:
    judged.database.fetch(
        "delete from alert_announcements",
        f"delete from alerts where triggered_at = '{NOON + 2 * MINUTE}'",
        f"delete from alert_episodes where triggered_at = '{NOON + 2 * MINUTE}'",
    )
    assert told(await verified(judged, worker_database)) == [("missing", 2)]


async def test_an_alert_that_nothing_calls_for_is_unfounded(judged: Plant, worker_database: Database) -> None:
    judged.alert(rule_id=judged.rule_ids[0], at=NOON + 5 * MINUTE, status="resolved")
    assert told(await verified(judged, worker_database)) == [("unfounded", 5)]


async def test_an_alert_of_another_streak_and_one_that_a_clear_sample_did_not_end_are_found(
    judged: Plant, worker_database: Database
) -> None:
    between = NOON + 4 * MINUTE
    judged.database.fetch(
        f"update alert_episodes set streak_started_at = '{NOON + 5 * MINUTE}' where triggered_at > '{between}'",
        f"update alert_episodes set closed_at = '{between}' where triggered_at < '{between}'",
    )
    found = await verified(judged, worker_database)
    assert told(found) == [("not resolved", 2), ("another streak", 6)]
    assert found.differences[0].should_be_resolved_at == NOON + 3 * MINUTE


async def test_what_was_received_just_now_need_not_be_judged_yet(judged: Plant, worker_database: Database) -> None:
    await judged.commit(minutes(FINE, LOW, LOW, LOW, start=NOON + 7 * MINUTE))
    assert told(await verified(judged, worker_database)) == [("not resolved", 6), ("missing", 10)]
    found = await verified(judged, worker_database, settled_for=timedelta(minutes=1))
    assert (found.samples, found.differences) == (0, [])


async def test_a_breach_that_was_on_before_the_stretch_is_not_judged_by_half_of_it(
    judged: Plant, worker_database: Database
) -> None:
    """Of a device with older samples only what follows a clear one is known."""
    found = await verified(judged, worker_database, from_minute=365)
    assert (found.samples, found.alerts, told(found)) == (2, 0, [])
    assert (await verified(judged, worker_database, from_minute=361)).alerts == 0
    assert (await verified(judged, worker_database, from_minute=4)).alerts == 1


async def test_a_rule_is_verified_from_where_it_began_to_ask_so(judged: Plant, worker_database: Database) -> None:
    judged.edit(judged.rule_ids[0], "condition = condition || '{\"threshold\": 0.05}'")
    found = await verified(judged, worker_database)
    assert (found.samples, found.differences) == (0, [])


async def test_what_a_person_closed_is_followed(
    plant: Plant, worker_database: Database, new_evaluator: NewEvaluator
) -> None:
    plant.rule(auto_resolve=False, cooldown_minutes=3)
    evaluator = await new_evaluator()
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, FINE, LOW, LOW, LOW, FINE)))
    plant.resolve_by_hand()
    plant.database.fetch("update alert_episodes set closed_at = now()")
    await evaluator.judge(await plant.commit(minutes(LOW, LOW, LOW, FINE, start=NOON + 8 * MINUTE)))
    assert [alert["triggered_at"] for alert in plant.alerts()] == [NOON + 2 * MINUTE, NOON + 10 * MINUTE]
    found = await verified(plant, worker_database)
    assert (found.alerts, found.differences) == (2, [])


async def test_days_that_are_compressed_are_refused_with_a_sentence(judged: Plant, worker_database: Database) -> None:
    judged.database.fetch(f"insert into telemetry_cold_days (day) values ('{NOON.date()}')")
    with pytest.raises(Conflict, match=r"Days up to 2024-06-22 are compressed"):
        await verified(judged, worker_database)
