"""Which rule watches which reading."""

from datetime import timedelta
from uuid import UUID

from solarhub.alerts.compiled import CompiledRule, Scope, Watch, WatchedDevice, compile_rule, target_of
from solarhub.alerts.condition import Condition
from solarhub.alerts.vocabulary import AlertSeverity, Operator
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.ids import uuid7

OURS, SITE, OTHER_SITE = uuid7(), uuid7(), uuid7()


def rule(
    *,
    metric: str = "power_output",
    device_type: DeviceType | None = None,
    organization_id: UUID = OURS,
    site_id: UUID | None = None,
) -> CompiledRule:
    condition = Condition(metric=metric, operator=Operator.LT, threshold=0.3, device_type=device_type)
    compiled = compile_rule(
        id=uuid7(),
        version=1,
        organization_id=organization_id,
        site_id=site_id,
        severity=AlertSeverity.INFO,
        condition=condition,
        cooldown_minutes=0,
        auto_resolve=True,
    )
    assert compiled is not None
    return compiled


def inverter(site_id: UUID = SITE) -> WatchedDevice:
    target = target_of(interval_seconds=None, latitude=31.55, longitude=74.34)
    return WatchedDevice(1, uuid7(), OURS, site_id, "Inverter 1", DeviceType.INVERTER, target, (1, 1))


def test_a_reading_goes_to_the_rules_of_its_metric_and_one_with_a_channel_to_none() -> None:
    power, voltage, voltage_too = rule(), rule(metric="voltage_dc"), rule(metric="voltage_dc")
    scope = Scope([power, voltage, voltage_too])
    series = ("frequency", "voltage_dc:string1", "voltage_dc", "power_output")
    assert scope.plan(series) == ((2, voltage), (2, voltage_too), (3, power))


def test_a_rule_watches_its_organization_its_site_and_its_type_of_device() -> None:
    watch, device = Watch(), inverter()
    watching = [rule(), rule(site_id=SITE), rule(device_type=DeviceType.INVERTER)]
    passing = [rule(organization_id=uuid7()), rule(site_id=OTHER_SITE), rule(device_type=DeviceType.METER)]
    watch.replace_rules([*watching, *passing])
    watch.place(device)
    assert [watched for _, watched in device.scope.plan(("power_output",))] == watching


def test_a_device_that_moves_to_another_site_keeps_its_states_and_changes_its_rules() -> None:
    watch, device, here, there = Watch(), inverter(), rule(site_id=SITE), rule(site_id=OTHER_SITE)
    watch.replace_rules([here, there])
    watch.place(device)
    moved = inverter(OTHER_SITE)
    watch.place(moved)
    assert moved.states is device.states
    assert moved.scope.plan(("power_output",)) == ((0, there),)


def test_a_device_that_does_not_say_how_often_it_reports_is_taken_to_report_every_minute() -> None:
    assert target_of(interval_seconds=None, latitude=0, longitude=0).longest_gap == timedelta(minutes=3)
    assert target_of(interval_seconds=10, latitude=0, longitude=0).longest_gap == timedelta(seconds=30)
