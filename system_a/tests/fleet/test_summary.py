from dataclasses import replace
from uuid import UUID

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.fleet.plants import Plant, Power, State
from solarhub.fleet.summary import summed, together
from tests.fleet.making import MIDNIGHT, NOON, alert, concern, machine, plant, silent


def giving(name: str, kw: float, *, current: bool = True) -> Plant:
    return replace(plant(name, machine()), power=Power(kw, NOON, current))


def test_a_fleet_is_counted_by_plants_devices_and_alerts() -> None:
    plants = [
        giving("A", 3.5),
        giving("B", 4.0),
        giving("Old", 9.0, current=False),
        plant("Silent", silent(), silent("I2"), capacity_kw=None),
        plant("Warned", machine(), alerts=(alert(), alert(severity=AlertSeverity.INFO))),
    ]
    fleet = summed(plants, 12.0, [concern()], NOON)
    assert (fleet.plants, fleet.fine) == (5, 3)
    assert (fleet.states[State.SILENT], fleet.states[State.WARNING], fleet.states[State.WAITING]) == (1, 1, 0)
    assert (fleet.devices[DeviceStatus.ONLINE], fleet.devices[DeviceStatus.OFFLINE]) == (4, 2)
    assert (fleet.alerts[AlertSeverity.WARNING], fleet.alerts[AlertSeverity.CRITICAL]) == (1, 0)
    assert (fleet.power_kw, fleet.energy_today_kwh) == (7.5, 12.0)
    assert (fleet.capacity_kw, fleet.plants_without_capacity) == (40.0, 1)


def test_power_is_unknown_by_day_and_nothing_at_night() -> None:
    assert summed([plant("A", silent())], None, [], NOON).power_kw is None
    asleep = plant("A", machine(ago=NOON - NOON, now=NOON), now=MIDNIGHT)
    assert asleep.state is State.ASLEEP
    assert summed([asleep], None, [], MIDNIGHT).power_kw == 0


def test_several_organizations_add_up_and_each_concern_says_whose_it_is() -> None:
    names = {UUID(int=2): "Acme", UUID(int=3): "Beta"}
    acme = summed([giving("A", 3.0)], 5.0, [concern(plants=("A",), capacity_kw=1.0)], NOON)
    theirs = concern(plants=("B",), capacity_kw=9.0, organization_id=UUID(int=3))
    beta = summed([giving("B", 4.0)], None, [theirs], NOON)
    both = together([acme, beta], names, NOON, locked=[UUID(int=4)])
    assert (both.plants, both.power_kw, both.energy_today_kwh, both.capacity_kw) == (2, 7.0, 5.0, 20.0)
    assert [(item.plants, item.organization) for item in both.needs_attention] == [(("B",), "Beta"), (("A",), "Acme")]
    assert both.locked == [UUID(int=4)]
    assert together([acme], {UUID(int=2): "Acme"}, NOON).needs_attention[0].organization is None


def test_nobody_in_particular_has_an_empty_fleet() -> None:
    nothing = together([], {}, NOON)
    assert (nothing.plants, nothing.power_kw, nothing.energy_today_kwh, nothing.needs_attention) == (0, None, None, [])
