"""Which rule watches which device, and where a pair stands while both of them change."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import numpy as np

from solarhub.alerts.compiled import CompiledRule, WatchedDevice, target_of
from solarhub.alerts.watch import Watch
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.ids import uuid7
from tests.alerts.columns import OTHER_SITE, OURS, SITE, inverter, judged, rows, rule, watching

NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)  # in Lahore
MINUTE = timedelta(minutes=1)
LOW = [0.1]


def watched(watch: Watch, device_key: int) -> set[UUID]:
    """The rules whose pairs the device has."""
    (slot,) = watch.slots_of([device_key]).tolist()
    first, count = int(watch.slots.first[slot]), int(watch.slots.count[slot])
    assert set(watch.pairs.device[first : first + count].tolist()) <= {slot}
    return {watch.book.at[number].id for number in watch.pairs.rule[first : first + count].tolist()}


def watches(by: CompiledRule, device: WatchedDevice) -> bool:
    return by.organization_id == device.organization_id and by.site_id in (None, device.site_id)


def low(watch: Watch, device_key: int = 1, at: datetime = NOON) -> None:
    judged(watch, rows(watch, [(device_key, at, LOW)], "power_output"))


def is_in_streak(watch: Watch, device: WatchedDevice, by: CompiledRule) -> bool:
    pair = watch.pair(device.key, by.id)
    return pair is not None and watch.pairs.state(pair).streak_started_at is not None


def test_a_rule_watches_its_organization_its_site_and_its_type_of_device() -> None:
    watching_it = [rule(), rule(site_id=SITE), rule(device_type=DeviceType.INVERTER)]
    passing = [rule(organization_id=uuid7()), rule(site_id=OTHER_SITE), rule(device_type=DeviceType.METER)]
    watch = watching([*watching_it, *passing], [inverter()])
    assert watched(watch, 1) == {each.id for each in watching_it}


def test_a_reading_is_held_against_the_rules_of_its_metric_and_one_with_a_channel_against_none() -> None:
    rules = [rule(), rule(metric="voltage_dc"), rule(metric="voltage_dc")]
    watch = watching(rules, [inverter()])
    series = ("frequency", "voltage_dc:string1", "voltage_dc", "power_output")
    changes = judged(watch, rows(watch, [(1, NOON, [0.1, 0.1, 5.0, 0.1])], *series))
    assert [alert.rule.id for alert in changes.opened.values()] == [rules[0].id]
    changes = judged(watch, rows(watch, [(1, NOON + MINUTE, [0.1, 5.0, 0.1, 5.0])], *series))
    assert {alert.rule.id for alert in changes.opened.values()} == {rules[1].id, rules[2].id}


def test_a_device_that_moves_to_another_site_keeps_what_goes_on_and_changes_its_rules() -> None:
    ours, here, there = rule(seconds=300), rule(site_id=SITE, seconds=300), rule(site_id=OTHER_SITE)
    device = inverter()
    watch = watching([ours, here, there], [device])
    low(watch)
    watch.place([inverter(site_id=OTHER_SITE, device_id=device.id)])
    assert watched(watch, 1) == {ours.id, there.id}
    assert is_in_streak(watch, device, ours)
    assert not is_in_streak(watch, device, there)
    assert watch.judged_until(1) > 0


def test_an_edited_condition_starts_streaks_anew_and_other_words_do_not() -> None:
    pending, renamed, device = rule(seconds=300), rule(seconds=300), inverter()
    watch = watching([pending, renamed], [device])
    low(watch)
    watch.update_rules(
        [
            rule(rule_id=pending.id, version=2, seconds=300, threshold=0.5),
            rule(rule_id=renamed.id, version=2, seconds=300, cooldown_minutes=7),
        ]
    )
    assert not is_in_streak(watch, device, pending)
    assert is_in_streak(watch, device, renamed)


def test_a_rule_that_goes_takes_its_pairs_along_and_leaves_the_others_alone() -> None:
    going, staying, device = rule(seconds=300), rule(seconds=300), inverter()
    watch = watching([going, staying], [device])
    low(watch)
    watch.update_rules([], [going.id])
    assert watched(watch, 1) == {staying.id}
    assert is_in_streak(watch, device, staying)
    watch.update_rules([going])
    assert not is_in_streak(watch, device, going)


def test_a_rule_may_be_put_to_another_site_and_type() -> None:
    moving = rule(site_id=SITE)
    meter = inverter(2, site_id=OTHER_SITE, device_type=DeviceType.METER)
    watch = watching([moving], [inverter(), meter])
    assert (watched(watch, 1), watched(watch, 2)) == ({moving.id}, set())
    watch.update_rules([rule(rule_id=moving.id, version=2, site_id=OTHER_SITE, device_type=DeviceType.METER)])
    assert (watched(watch, 1), watched(watch, 2)) == (set(), {moving.id})


def test_a_removed_device_is_not_watched_and_its_place_is_taken_by_another() -> None:
    by = rule(seconds=300)
    watch = watching([by], [inverter(1), inverter(2)])
    low(watch, 1)
    low(watch, 2)
    watch.remove([1, 99])
    assert watch.slots_of([1, 2, 99, 7_000_000]).tolist() == [-1, 1, -1, -1]
    newcomer = inverter(3)
    watch.place([newcomer])
    assert watch.slots_of([3]).tolist() == [0]
    assert not is_in_streak(watch, newcomer, by)
    assert watch.judged_until(3) < 0


def test_a_device_that_does_not_say_how_often_it_reports_is_taken_to_report_every_minute() -> None:
    assert target_of(interval_seconds=None, latitude=0, longitude=0).longest_gap == timedelta(minutes=3)
    assert target_of(interval_seconds=10, latitude=0, longitude=0).longest_gap == timedelta(seconds=30)


def test_thousands_of_edits_leave_every_pair_where_a_simple_list_has_it() -> None:
    """Rules and devices come, move and go by the thousand; columns are closed up on the way more than once."""
    chance = random.Random(4)
    organizations, sites = [OURS, uuid7()], [SITE, OTHER_SITE, uuid7()]
    watch = Watch()
    rules: dict[UUID, CompiledRule] = {}
    devices: dict[int, WatchedDevice] = {}
    at = NOON
    capacity = []
    for number in range(400):
        match chance.choice(["rule", "rule", "edit", "gone", "device", "device", "move", "remove", "low"]):
            case "rule":
                new = rule(organization_id=chance.choice(organizations), site_id=chance.choice([None, *sites]))
                rules[new.id] = new
                watch.update_rules([new])
            case "edit" if rules:
                known = chance.choice(list(rules.values()))
                rules[known.id] = rule(
                    rule_id=known.id,
                    version=known.version + 1,
                    organization_id=chance.choice(organizations),
                    site_id=chance.choice([None, *sites]),
                    threshold=chance.choice([0.3, 0.4]),
                )
                watch.update_rules([rules[known.id]])
            case "gone" if rules:
                gone = chance.choice(list(rules))
                del rules[gone]
                watch.update_rules([], [gone])
            case "device" | "move":
                for key in chance.sample(range(1, 200), 40):
                    devices[key] = inverter(
                        key, site_id=chance.choice(sites), organization_id=chance.choice(organizations)
                    )
                    watch.place([devices[key]])
            case "remove":
                for key in chance.sample(range(1, 200), 20):
                    devices.pop(key, None)
                    watch.remove([key])
            case "low" if devices:
                at += MINUTE
                judged(watch, rows(watch, [(key, at, LOW) for key in devices], "power_output"))
        capacity.append(watch.pairs.used)
        if number % 10 == 0:
            for key, device in devices.items():
                assert watched(watch, key) == {each.id for each in rules.values() if watches(each, device)}
            opened = {pair: alert for pair, alert in watch.pairs.open_alerts.items() if watch.pairs.is_open[pair]}
            assert opened == watch.pairs.open_alerts
            assert np.count_nonzero(watch.pairs.is_open[: watch.pairs.used]) == len(opened)
    assert len(rules) > 10
    assert any(after < before for before, after in pairwise(capacity))
