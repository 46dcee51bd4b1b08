"""What a watcher of the demo is shown, and when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from solarhub.demo.plain import PlainView
from solarhub.demo.plant import PlantSample
from solarhub.demo.plants import PLANTS
from solarhub.demo.replay import Acknowledged
from solarhub.demo.scene import Scene
from solarhub.demo.terminal import TerminalView

PECOS = PLANTS["pecos"]
NOON = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def answer(device: str, metrics: dict[str, Any], at: datetime = NOON, quarantined: int = 0) -> Acknowledged:
    return Acknowledged(device, [PlantSample(at, device, metrics)], stored=1, duplicates=0, quarantined=quarantined)


def alert(number: int, *, resolved_at: str | None = None) -> dict[str, Any]:
    return {
        "id": f"alert-{number}",
        "rule_id": "rule-1",
        "device_id": "device-1",
        "triggered_at": "2026-11-22T19:00:00Z",
        "resolved_at": resolved_at,
        "message": "Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 5 minutes",
    }


@pytest.fixture
def scene() -> Scene:
    scene = Scene(PECOS, "http://127.0.0.1:8000/", speed=675)
    scene.expect(NOON - timedelta(hours=12), NOON + timedelta(hours=10), samples=4053)
    scene.rules = {"rule-1": "Under a tenth of its rating"}
    scene.devices = {"device-1": "Inverter 1"}
    return scene


def test_power_of_both_inverters_and_the_irradiance_are_shown(scene: Scene) -> None:
    scene.acknowledge(answer("Inverter 1", {"power_output": 2.5}), seconds=6.0)
    scene.acknowledge(answer("Weather station", {"irradiance_poa": 990.0}), seconds=6.1)
    assert [(curve.device, curve.metric, curve.now) for curve in scene.curves] == [
        ("Inverter 1", "power_output", 2.5),
        ("Inverter 2", "power_output", None),
        ("Weather station", "irradiance_poa", 990.0),
    ]
    assert scene.first_sample_seconds == 6.0
    assert scene.acknowledged == 2


def test_the_rate_is_that_of_the_last_seconds(scene: Scene) -> None:
    for second in range(10):
        scene.acknowledge(answer("Inverter 1", {"power_output": 0.0}), seconds=5.0 + second)
    assert scene.rate == pytest.approx(4 / 3)
    scene.tick(60.0)
    assert scene.rate == 0


def test_an_alert_is_told_once_when_it_opens_and_once_when_it_closes(scene: Scene) -> None:
    assert [event.opened for event in scene.see([alert(1)], seconds=7.0)] == [True]
    assert scene.see([alert(1)], seconds=7.5) == []
    assert scene.open_alerts == 1
    (closed,) = scene.see([alert(1, resolved_at="2026-11-22T19:30:00Z")], seconds=8.0)
    assert (closed.opened, closed.at) == (False, NOON + timedelta(minutes=30))
    assert scene.open_alerts == 0
    assert scene.count("Under a tenth of its rating") == 1
    assert scene.first_alert_seconds == 7.0


def test_one_that_opened_and_closed_between_two_looks_is_told_in_order(scene: Scene) -> None:
    events = scene.see([alert(1, resolved_at="2026-11-22T19:02:00Z")], seconds=7.0)
    assert [event.opened for event in events] == [True, False]


def test_lines_tell_each_hour_of_the_plant_once_and_every_alert(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    view = PlainView(ZoneInfo(PECOS.timezone))
    for minute in (0, 1, 59, 60):
        scene.acknowledge(answer("Inverter 1", {"power_output": 2.5}, NOON + timedelta(minutes=minute)), seconds=6.0)
        view.moved(scene)
    for event in scene.see([alert(1, resolved_at="2026-11-22T19:30:00Z")], seconds=7.0):
        view.happened(event)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:5] for line in lines] == ["12:00", "13:00", "12:00", "12:30"]
    assert "Inverter 1 2.500 kW" in lines[0]
    assert lines[2].endswith(
        "opens   Under a tenth of its rating: Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 5 minutes"
    )
    assert lines[3].endswith("closes  Under a tenth of its rating: Inverter 1")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_terminal_of_80_by_24_shows_everything_at_once(scene: Scene, encoding: str) -> None:
    with Path("/dev/null").open("w", encoding=encoding, errors="replace") as nowhere:
        console = Console(file=nowhere, force_terminal=True, width=80, height=24, record=True)
        for number in range(30):
            scene.see([alert(number)], seconds=7.0)
        scene.acknowledge(answer("Inverter 1", {"power_output": 2.5}, quarantined=1), seconds=6.0)
        with TerminalView(console) as view:
            view.moved(scene)
    shown = console.export_text()
    last_frame = shown[shown.rindex("Sandia") :].splitlines()
    assert len(last_frame) <= 24
    assert "Sun 22 Nov 12:00 MST" in last_frame[0]
    assert any("Inverter 1" in line and "2.500 kW" in line for line in last_frame)
    assert any("1 of 4,053 samples acknowledged" in line and "1 quarantined" in line for line in last_frame)
    assert any(line.startswith("12:00  opens") for line in last_frame)
    assert max(map(len, last_frame)) <= 80
