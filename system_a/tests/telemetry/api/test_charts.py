"""Charts, files of raw values and live values, as people ask for them."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import httpx

from tests.telemetry.conftest import MINUTE, Door, recently


async def told(door: Door, count: int = 600, *, skip: range = range(0)) -> None:
    start = recently() - timedelta(hours=6)
    samples = [
        {
            "timestamp": (start + n * MINUTE).isoformat(),
            "metrics": {"power_output": n % 100, "voltage_ac": {"l1": 230.5}},
        }
        for n in range(count)
        if n not in skip
    ]
    assert (await door.post({"samples": samples})).json()["stored"] == len(samples)


def here(door: Door, path: str) -> str:
    return f"/api/v1/organizations/{door.tenant.organization_id}/{path}"


def window() -> dict[str, str]:
    start = recently() - timedelta(hours=6)
    return {"from": start.isoformat(), "to": (start + timedelta(hours=12)).isoformat()}


async def chart(door: Door, **wanted: Any) -> httpx.Response:
    return await door.client.get(here(door, "chart"), params=window() | wanted)


async def test_a_device_is_drawn_with_its_peaks_and_its_gap(door: Door) -> None:
    await told(door, skip=range(200, 260))
    device_id = str(door.tenant.devices["Inverter 1"])
    answer = (await chart(door, device_id=device_id, metric=["power_output", "voltage_ac:l1"], points=50)).json()
    assert answer["source"] == "raw"
    power, voltage = answer["lines"]
    assert (power["device_id"], power["metric"], power["unit"], power["low"]) == (device_id, "power_output", "kW", None)
    assert (voltage["channel"], set(voltage["value"]) - {None}) == ("l1", {230.5})
    assert len(power["at"]) == len(power["value"]) <= 55
    assert max(value for value in power["value"] if value is not None) == 99
    [gap] = [number for number, value in enumerate(power["value"]) if value is None]
    assert power["at"][gap + 1] - power["at"][gap - 1] == 61 * 60_000


async def test_a_plant_is_drawn_as_the_sum_of_its_inverters(door: Door) -> None:
    await told(door)
    site_id = str(door.tenant.site_id)
    [line] = (await chart(door, site_id=site_id, metric="power_output", points=5000)).json()["lines"]
    assert (line["site_id"], line["device_id"]) == (site_id, None)
    assert [value for value in line["value"] if value is not None][:3] == [0, 1, 2]


async def test_what_cannot_be_drawn_is_refused_with_a_sentence(door: Door) -> None:
    device_id, site_id = str(door.tenant.devices["Inverter 1"]), str(door.tenant.site_id)
    for wanted, status, field in (
        ({"metric": "power_output"}, 422, "device_id"),
        ({"metric": "powr_output", "device_id": device_id}, 422, "metric"),
        ({"metric": "power_output:l 1", "device_id": device_id}, 422, "metric"),
        ({"metric": "voltage_ac:l1", "site_id": site_id}, 422, "metric"),
        ({"metric": "power_output", "device_id": device_id, "points": 3}, 422, "points"),
        (
            {"metric": "power_output", "device_id": device_id, "from": "2026-06-22T00:00Z", "to": "2026-06-21T00:00Z"},
            422,
            "to",
        ),
    ):
        answer = await chart(door, **wanted)
        assert answer.status_code == status, answer.text
        assert field in json.dumps(answer.json()["errors"]), answer.text
    unknown = "01981234-0000-7000-8000-000000000000"
    assert (await chart(door, metric="power_output", device_id=unknown)).status_code == 404


async def test_a_long_window_comes_from_coarser_figures_and_one_without_end_is_refused(door: Door) -> None:
    device_id = str(door.tenant.devices["Inverter 1"])
    long = {"from": "2024-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    answer = await chart(door, metric="power_output", device_id=device_id, **long)
    assert (answer.status_code, answer.json()["source"]) == (200, "15m")


async def test_raw_values_are_a_file_that_a_spreadsheet_opens(door: Door) -> None:
    await told(door, count=5)
    device_id = str(door.tenant.devices["Inverter 1"])
    params = window() | {"device_id": device_id, "format": "csv"}
    answer = await door.client.get(here(door, "telemetry/export"), params=params)
    assert answer.headers["content-disposition"] == 'attachment; filename="telemetry.csv"'
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head == ["device_id", "device", "at", "power_output", "voltage_ac:l1"]
    assert [row[3:] for row in rows] == [[f"{n}.0", "230.5"] for n in range(5)]
    assert all(row[:2] == [device_id, "Inverter 1"] and row[2].endswith("Z") for row in rows)

    params = window() | {"device_id": device_id, "format": "jsonl", "metric": "power_output"}
    lines = (await door.client.get(here(door, "telemetry/export"), params=params)).text.splitlines()
    assert [json.loads(line)["metrics"] for line in lines] == [{"power_output": float(n)} for n in range(5)]


def events(text: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Id and data of each event."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields.get("event") == "values":
            found.append((fields["id"], json.loads(fields["data"])))
    return found


async def test_live_values_begin_with_all_there_is_and_go_on_where_the_connection_was_lost(door: Door) -> None:
    assert (await door.post({"metrics": {"power_output": 1.0}})).status_code == 200
    first = await door.client.get(here(door, "live"))
    assert first.headers["content-type"].startswith("text/event-stream")
    [(cursor, [device])] = events(first.text)
    assert (device["name"], [reading["value"] for reading in device["readings"]]) == ("Inverter 1", [1.0])

    assert (await door.post({"metrics": {"power_output": 2.0}})).status_code == 200
    again = await door.client.get(here(door, "live"), headers={"Last-Event-ID": cursor})
    [(later, [device])] = events(again.text)
    assert [reading["value"] for reading in device["readings"]] == [2.0]
    assert int(later) > int(cursor)

    elsewhere = await door.client.get(here(door, "live"), params={"site_id": "01981234-0000-7000-8000-000000000000"})
    assert events(elsewhere.text) == []
    assert (await door.client.get(here(door, "live"), headers={"Last-Event-ID": "x"})).status_code == 422
