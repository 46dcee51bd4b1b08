from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.fleet.attention import Ending, needs_attention
from solarhub.fleet.plants import DirectCurrent, Plant
from solarhub.fleet.vocabulary import AttentionKind
from solarhub.fleet.wording import WORDS
from solarhub.sites.vocabulary import SiteStatus
from tests.fleet.making import HOUR, MIDNIGHT, MINUTE, NOON, alert, machine, never_heard, plant, silent

FINE = [plant(f"Fine {number}", machine(), machine("Meter", device_type=DeviceType.METER)) for number in range(3)]
RULE = UUID(int=77)
SLOW = machine("Inverter 1")
QUICK = [machine("Inverter 2"), machine("Inverter 3")]
GONE = silent("Inverter 1", ago=3 * HOUR)
STRINGS = {f"string{number}": DirectCurrent(8.1, 610.0) for number in range(1, 5)}
DAYS = timedelta(days=1)


def said(plants: Sequence[Plant], now: Any = NOON, endings: Sequence[Ending] = ()) -> list[str]:
    words = WORDS[Language.ENGLISH]
    return [f"{words.sentence(item, now)} {words.action(item)}" for item in needs_attention(plants, endings, now)]


@pytest.mark.parametrize(
    ("troubled", "sentence"),
    [
        pytest.param(plant("P", machine()), None, id="all is well"),
        pytest.param(
            plant("P", silent("A"), silent("B", ago=2 * HOUR)),
            "P has been silent since 11:00: none of its 2 devices reports, while 3 other plants do."
            " Call the owner: has the router lost power?",
            id="a silent plant",
        ),
        pytest.param(
            plant("P", silent(ago=26 * HOUR), alerts=(alert(severity=AlertSeverity.CRITICAL),)),
            "P has been silent since yesterday 10:00: its device does not report, while 3 other plants do."
            " Call the owner: has the router lost power?",
            id="a silent plant speaks for its alerts",
        ),
        pytest.param(
            plant("P", silent("Meter", device_type=DeviceType.METER), machine(), machine("I2")),
            "P: Meter has been silent since 11:00; 2 of 3 devices report. Look at the cable of Meter.",
            id="a silent meter",
        ),
        pytest.param(
            plant("P", silent("I1"), machine("I2")),
            "P: I1 has been silent since 11:00; 1 of 2 devices reports. Call the owner: is I1 switched on?",
            id="a silent inverter",
        ),
        pytest.param(
            plant("P", silent("G", device_type=DeviceType.GATEWAY), machine("I2")),
            "P: G has been silent since 11:00; 1 of 2 devices reports. Have G switched off and on again.",
            id="a silent gateway",
        ),
        pytest.param(
            plant("P", machine("I1", status=DeviceStatus.ERROR, last_error="Isolation low."), machine("I2")),
            "P: I1 has an error since 11:59: Isolation low; 1 of 2 devices reports."
            " Look at I1: what does its display say?",
            id="a device with an error",
        ),
        pytest.param(
            plant("P", SLOW, *QUICK, alerts=(alert(device_id=SLOW.id),)),
            "P: Power output of Inverter 1 is 0.12 kW, below 1 kW for 5 minutes, since 10:00;"
            " the other inverters give 4.10 kW each. Look at Inverter 1: what does its display say?",
            id="an alert compared with its siblings",
        ),
        pytest.param(
            plant(
                "P",
                SLOW,
                *QUICK,
                alerts=(alert(device_id=SLOW.id, rule_id=RULE), alert(device_id=QUICK[0].id, rule_id=RULE)),
            ),
            "P: Power output of Inverter 1 is 0.12 kW, below 1 kW for 5 minutes, and the same of 1 other device,"
            " since 10:00; the other inverters give 4.10 kW each."
            " Look at Inverter 1 and Inverter 2: what does its display say?",
            id="one rule on two devices is one thing",
        ),
        pytest.param(
            plant("P", GONE, *QUICK, alerts=(alert(device_id=GONE.id),)),
            "P: Power output of Inverter 1 is 0.12 kW, below 1 kW for 5 minutes, since 10:00;"
            " nothing was heard of it since 09:00. Call the owner: is Inverter 1 switched on?",
            id="an alert of a device that has fallen silent is not told twice",
        ),
        pytest.param(
            plant("P", machine("I1", strings=STRINGS | {"string2": DirectCurrent(0.1, 590.0)}), machine("I2")),
            "P: string 2 of I1 gives 0.10 A, the others 8.10 A. Look at string 2.",
            id="a weak string",
        ),
        pytest.param(
            plant("P", machine(strings=STRINGS | {"string5": DirectCurrent(0.0, 1.5)})), None, id="an unused input"
        ),
        pytest.param(
            plant("P", machine(strings=STRINGS | {"string5": DirectCurrent(0.0, None)})),
            None,
            id="a string whose voltage nobody tells",
        ),
        pytest.param(
            plant("P", machine(strings=dict.fromkeys(STRINGS, DirectCurrent(0.05, 500.0)))),
            None,
            id="strings that are all weak have a cloud above them",
        ),
        pytest.param(
            plant("P", entered_at=NOON - 3 * DAYS),
            "P, entered 18 Jun 12:00, has never been heard: it has no device yet. Enter its first device.",
            id="a plant without devices",
        ),
        pytest.param(
            plant("P", never_heard(), entered_at=NOON - DAYS),
            "P, entered yesterday 12:00, has never been heard: 1 device is set up."
            " Finish setting up: token, address, Internet.",
            id="a plant never heard of",
        ),
        pytest.param(plant("P", never_heard(), entered_at=NOON - MINUTE), None, id="a plant of this very hour"),
        pytest.param(
            plant("P", machine(), status=SiteStatus.MAINTENANCE, maintenance_until=NOON - HOUR),
            "Maintenance of P should have ended 11:00; its device reports. Confirm that maintenance is over.",
            id="maintenance that is overdue",
        ),
        pytest.param(
            plant("P", silent(), status=SiteStatus.MAINTENANCE, changed_at=NOON - 9 * DAYS),
            "Maintenance of P has no end, and nobody has touched it since 12 Jun 12:00; 0 of 1 devices report."
            " Confirm that maintenance is over.",
            id="maintenance that was forgotten",
        ),
        pytest.param(
            plant("P", silent(), status=SiteStatus.MAINTENANCE, maintenance_until=NOON + 4 * HOUR),
            "Maintenance of P ends today at 16:00. Confirm that the work will be done by then, or move the end.",
            id="maintenance that ends today",
        ),
        pytest.param(
            plant("P", silent(), status=SiteStatus.MAINTENANCE, maintenance_until=NOON + DAYS),
            None,
            id="maintenance that ends tomorrow",
        ),
        pytest.param(
            plant("P", machine(), machine("I2", status=DeviceStatus.MAINTENANCE, maintenance_until=NOON - HOUR)),
            "Maintenance of I2 at P should have ended 11:00. Confirm that maintenance is over.",
            id="a device's maintenance that is overdue",
        ),
        pytest.param(
            plant(
                "P",
                silent(),
                status=SiteStatus.MAINTENANCE,
                maintenance_until=NOON + DAYS,
                alerts=(alert(),),
            ),
            None,
            id="a warning in maintenance",
        ),
        pytest.param(
            plant("P", silent(), status=SiteStatus.INACTIVE, alerts=(alert(),)), None, id="a plant out of service"
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_with_one_suggestion(troubled: Plant, sentence: str | None) -> None:
    assert said([troubled, *FINE]) == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("metric", "value", "action"),
    [
        ("power_output", 0.1, "Look at Inverter 1: what does its display say?"),
        ("fault_code", 17.0, "Look up code 17 in the manual of Inverter 1."),
        ("temperature_inverter", 81.0, "Clean the fan and the air inlets of Inverter 1."),
        ("current_dc", 0.2, "Look at the strings of Inverter 1."),
        ("battery_soc", 8.0, "Look at the battery and at what it feeds."),
        ("voltage_ac", 261.0, "Ask LESCO about the supply."),
        ("irradiance_poa", 3.0, "Wipe Inverter 1 clean."),
        ("humidity", 99.0, "Look at Inverter 1."),
    ],
)
def test_an_alerts_suggestion_follows_from_its_metric(metric: str, value: float, action: str) -> None:
    one = machine("Inverter 1")
    fired = alert(device_id=one.id, metric=metric, value=value)
    [item] = needs_attention([plant("P", one, alerts=(fired,), disco="lesco")], (), NOON)
    assert WORDS[Language.ENGLISH].action(item) == action
    assert (item.alert_ids, item.device_ids, len(item.site_ids)) == ((fired.id,), (one.id,), 1)


def test_nothing_is_wrong_at_night_that_is_night() -> None:
    asleep = machine("I1", ago=6 * HOUR, now=MIDNIGHT, asleep=True, strings=STRINGS | {"s": DirectCurrent(0, 500)})
    fired = alert(device_id=asleep.id)
    sleeping = plant("P", asleep, now=MIDNIGHT)
    assert said([sleeping], MIDNIGHT) == []
    # what was open before the night still is, and its device is not said to have gone
    [sentence] = said([plant("P", asleep, alerts=(fired,), now=MIDNIGHT)], MIDNIGHT)
    assert "nothing was heard" not in sentence


def test_what_broke_by_day_is_still_broken_at_night() -> None:
    gone = plant("P", silent(ago=12 * HOUR, now=MIDNIGHT, asleep=True), now=MIDNIGHT)
    [sentence] = said([gone], MIDNIGHT)
    assert sentence.startswith("P has been silent since yesterday 12:00")


def test_a_meter_that_goes_at_night_is_told_beside_inverters_that_sleep() -> None:
    asleep = machine("I1", ago=6 * HOUR, now=MIDNIGHT, asleep=True)
    meter = silent("Meter", now=MIDNIGHT, device_type=DeviceType.METER)
    [sentence] = said([plant("P", asleep, meter, now=MIDNIGHT)], MIDNIGHT)
    assert sentence.startswith("P: Meter has been silent since yesterday 23:00; 1 of 2 devices reports.")


def test_plants_of_one_company_that_fall_silent_together_are_one_thing() -> None:
    dark = [plant(f"P{number}", silent(ago=HOUR + number * MINUTE), disco="lesco") for number in range(4)]
    elsewhere = plant("Q", silent(ago=HOUR), disco="kelectric")
    earlier = plant("R", silent(ago=2 * HOUR), disco="lesco")
    together, *alone = needs_attention([*dark, elsewhere, earlier, *FINE], (), NOON)
    assert together.kind is AttentionKind.SILENT_TOGETHER
    assert len(together.site_ids) == 4
    words = WORDS[Language.ENGLISH]
    assert words.sentence(together, NOON) == (
        "4 plants fell silent together (since 10:57): P3, P2, P1 and 1 more; 3 other plants report."
    )
    assert words.action(together) == "Ask LESCO whether the area has power."
    assert [(item.kind, item.plants) for item in alone] == [
        (AttentionKind.PLANT_SILENT, ("R",)),
        (AttentionKind.PLANT_SILENT, ("Q",)),
    ]


def test_two_plants_that_fall_silent_together_are_two() -> None:
    dark = [plant(f"P{number}", silent(), disco="lesco") for number in range(2)]
    assert [item.kind for item in needs_attention(dark, (), NOON)] == [AttentionKind.PLANT_SILENT] * 2


def test_many_plants_never_heard_of_are_one_thing() -> None:
    waiting = [plant(f"P{number}", never_heard()) for number in range(5)]
    assert said(waiting) == [
        "5 plants have never been heard: P0, P1, P2 and 2 more. Finish setting up: token, address, Internet."
    ]


def test_the_most_pressing_comes_first() -> None:
    hot = machine("Hot")
    plants = [
        plant("maintenance ends", machine(), status=SiteStatus.MAINTENANCE, maintenance_until=NOON + HOUR),
        plant("notice", machine(), alerts=(alert(severity=AlertSeverity.INFO),)),
        plant("never heard", never_heard()),
        plant("overdue", machine(), status=SiteStatus.MAINTENANCE, maintenance_until=NOON - HOUR),
        plant("a device", silent(), machine("I2")),
        plant("warning", machine(), alerts=(alert(),)),
        plant("small and silent", silent(), capacity_kw=5.0),
        plant("large and silent", silent(ago=5 * HOUR), capacity_kw=500.0),
        plant("critical", hot, alerts=(alert(device_id=hot.id, severity=AlertSeverity.CRITICAL),)),
        plant("silent and critical", silent(), alerts=(alert(severity=AlertSeverity.CRITICAL),)),
    ]
    soon = [Ending(None, "backup", NOON + DAYS)]
    assert [item.plants for item in needs_attention(plants, soon, NOON)] == [
        ("silent and critical",),
        ("critical",),
        ("large and silent",),
        ("small and silent",),
        ("warning",),
        ("a device",),
        ("overdue",),
        ("never heard",),
        ("notice",),
        ("maintenance ends",),
        (),
    ]


def test_what_runs_out_within_days_is_told_last() -> None:
    [one] = [plant("P", machine())]
    endings = [Ending(one.situation.site_id, "Usman Ali", NOON + 2 * DAYS), Ending(None, "backup", NOON + DAYS)]
    assert said([one], endings=endings) == [
        "The API key backup ends tomorrow 12:00. Make a new key and put it in its place.",
        "Usman Ali can see P until 23 Jun 12:00. Extend it, or let it end.",
    ]
    assert said([one], endings=[Ending(UUID(int=5), "Usman Ali", NOON + DAYS)]) == []
