"""Adopted ones get what they sent before; a corrected mapping replaces what a wrong one stored."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from solarhub.drivers.dialects import Dialects, Message
from solarhub.drivers.dialects.loading import SHIPPED
from solarhub.kit.db import transaction
from solarhub.telemetry import history
from solarhub.telemetry.cold.moving_in import put, raw_piece, stored_pieces
from solarhub.telemetry.found.notebook import Notebook
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.queries import cold
from solarhub.telemetry.sample import Sample
from tests.telemetry.conftest import Committed, known
from tests.telemetry.found.conftest import INVERTER, Place, burst, yesterday

SECOND = timedelta(seconds=1)


@pytest.fixture
def corrected(tmp_path: Path) -> Dialects:
    """OpenDTU's mapping as if the day's yield had been in kWh all the time, and DC voltage been forgotten."""
    text = (SHIPPED / "opendtu.yaml").read_text("utf-8").replace("version: 1", "version: 2")
    text = text.replace("yieldday: {series: energy_today, unit: Wh}", "yieldday: energy_today")
    text = text.replace('      voltage: {series: "voltage_dc:mppt{input}"}\n', "")
    (tmp_path / "opendtu.yaml").write_text(text)
    return Dialects.load(tmp_path)


async def waiting(place: Place, notebook: Notebook, *, bursts: int = 3) -> datetime:
    """So many samples of an adopted inverter, five seconds apart; when the first one was."""
    first = yesterday()
    for number in range(bursts):
        await place.note(notebook, *burst(first + 5 * number * SECOND, power=1000 + number, day_wh=500 + number))
    place.adopt()
    return first


def want_replay(place: Place, since: datetime) -> None:
    place.rows(f"update found_senders set replay_from = '{since.isoformat()}', replay_asked_at = now()")


async def test_what_was_sent_before_the_adoption_becomes_late_samples(place: Place, notebook: Notebook) -> None:
    first = await waiting(place, notebook)

    await place.follow()

    assert place.samples() == [
        (
            first + 5 * number * SECOND,
            {
                "energy_today": (500 + number) / 1000,
                "power_output": (1000 + number) / 1000,
                "voltage_dc:mppt1": 33.1,
            },
            True,
        )
        for number in range(3)
    ]
    [state] = place.rows("select latest, last_sample_at from device_state")
    assert json.loads(state["latest"])["power_output"]["value"] == 1.002
    assert state["last_sample_at"] == first + 10 * SECOND
    assert len(place.rows("select 1 from telemetry_marks")) == 1
    assert place.rows("select 1 from raw_messages where instants is null") == []


async def test_following_again_changes_nothing(place: Place, notebook: Notebook) -> None:
    await waiting(place, notebook)
    await place.follow()
    before = place.samples()

    place.rows("update raw_messages set instants = null")
    await place.follow()

    assert place.samples() == before


async def test_what_is_stored_already_stays(place: Place, notebook: Notebook, ingest: Ingest) -> None:
    first = await waiting(place, notebook, bursts=1)
    await ingest.take(known(place.tenant), [Sample(0, first, {"power_output": 7.0})], [])

    await place.follow()

    assert [readings for _, readings, _ in place.samples()] == [{"power_output": 7.0}]


async def test_a_value_that_is_none_goes_to_quarantine(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, Message(f"{INVERTER}/0/frequency", b"6553.5", yesterday()))
    place.adopt()

    await place.follow()

    [entry] = place.rows("select metric, reason, device_id from telemetry_quarantine")
    assert (entry["metric"], entry["reason"]) == ("frequency", "implausible")
    assert entry["device_id"] == place.tenant.devices["Inverter 1"]


async def test_what_a_logger_had_buffered_is_stored_and_never_judged(
    place: Place, notebook: Notebook, committed: Committed, ingest: Ingest
) -> None:
    body = b'{"device":"N1","time":"%s","buffered":"yes","values":{"pvpowerout":16596}}'
    at = yesterday().replace(microsecond=0)
    local = (at + timedelta(hours=5)).replace(tzinfo=None).isoformat().encode()
    message = Message("energy/growatt", body % local, at + timedelta(hours=3))

    await place.note(notebook, message, device_id=place.tenant.devices["Inverter 1"])
    await place.follow()

    assert place.samples() == [(at, {"power_output": 1.6596}, True)]
    assert committed.rows == []
    assert ingest.counts is not None


async def test_a_corrected_mapping_replaces_what_the_wrong_one_stored(
    place: Place, notebook: Notebook, corrected: Dialects
) -> None:
    first = await waiting(place, notebook)
    await place.follow()
    place.rows("delete from telemetry_marks")

    want_replay(place, first)
    await place.follow(corrected)

    assert [readings for _, readings, _ in place.samples()] == [
        {"energy_today": 500.0 + number, "power_output": 1.0 + number / 1000} for number in range(3)
    ]
    assert [late for _, _, late in place.samples()] == [True, True, True]
    [row] = place.rows("select replay_asked_at, replay_told from found_senders")
    assert row["replay_asked_at"] is None
    assert json.loads(row["replay_told"]) == {"messages": 12, "written": 3, "removed": 3, "quarantined": 0}
    latest = json.loads(place.rows("select latest from device_state")[0]["latest"])
    assert latest["energy_today"]["value"] == 502.0
    assert "voltage_dc:mppt1" not in latest
    assert len(place.rows("select 1 from telemetry_marks")) == 1
    assert {row["mapping_version"] for row in place.rows("select mapping_version from raw_messages")} == {2}


async def test_reading_anew_twice_is_reading_anew_once(place: Place, notebook: Notebook, corrected: Dialects) -> None:
    first = await waiting(place, notebook)
    await place.follow()
    for _ in range(2):
        want_replay(place, first)
        await place.follow(corrected)
    once = place.samples()

    want_replay(place, first)
    await place.follow(corrected)

    assert place.samples() == once
    assert len(once) == 3


async def test_only_what_came_since_then_is_read_anew(place: Place, notebook: Notebook, corrected: Dialects) -> None:
    first = await waiting(place, notebook)
    await place.follow()

    want_replay(place, first + 9 * SECOND)
    await place.follow(corrected)

    assert [readings["energy_today"] for _, readings, _ in place.samples()] == [0.5, 0.501, 502.0]


async def test_rows_of_other_doors_and_files_stay(
    place: Place, notebook: Notebook, corrected: Dialects, ingest: Ingest
) -> None:
    first = await waiting(place, notebook)
    await place.follow()
    await ingest.take(known(place.tenant), [Sample(0, first + SECOND, {"power_output": 7.0})], [])
    place.rows(f"update telemetry_samples set imported = true where at = '{first.isoformat()}'")

    want_replay(place, first)
    await place.follow(corrected)

    assert [(at, "voltage_dc:mppt1" in readings) for at, readings, _ in place.samples()] == [
        (first, True), (first + SECOND, False), (first + 5 * SECOND, False), (first + 10 * SECOND, False),
    ]  # fmt: skip


async def test_a_corrected_time_zone_moves_the_samples(place: Place, notebook: Notebook) -> None:
    at = yesterday()
    body = b'{"device":"N1","time":"%s","buffered":"no","values":{"pvpowerout":16596}}' % (
        at.replace(tzinfo=None).isoformat().encode()
    )
    await place.note(notebook, Message("energy/growatt", body, at + timedelta(hours=1)))
    place.adopt("energy/growatt/N1")
    await place.follow()
    assert [sample[0] for sample in place.samples()] == [at - timedelta(hours=5)]

    place.rows("update found_senders set time_zone = 'UTC'")
    want_replay(place, at)
    await place.follow()

    assert [sample[0] for sample in place.samples()] == [at]
    assert place.rows("select last_sample_at from device_state")[0]["last_sample_at"] == at


async def test_a_day_that_lies_in_blocks_is_corrected_there(
    place: Place, notebook: Notebook, corrected: Dialects
) -> None:
    first = await waiting(place, notebook)
    await place.follow()
    key = place.tenant.device_keys["Inverter 1"]
    async with transaction(place.worker) as worker:
        await cold.lock_devices(worker, [key])
        raw = await cold.raw_rows(worker, [key], first.date())
        await put(worker, {(key, first.date()): [raw_piece(rows) for rows in raw]}, await cold.keepers(worker, [key]))
        await cold.note_cold(worker, [first.date()])
    place.rows("delete from telemetry_samples")

    want_replay(place, first)
    await place.follow(corrected)

    assert place.samples() == []
    async with transaction(place.worker) as worker:
        [piece] = (await stored_pieces(worker, [key], [first.date()]))[key, first.date()]
        [stretch] = await history.stretches(worker, [key], first, first + timedelta(minutes=1))
    assert piece.series == ("energy_today", "power_output")
    assert stretch.readings[:, 0].tolist() == [500.0, 501.0, 502.0]
    assert stretch.at.tolist() == [int((first + 5 * number * SECOND).timestamp() * 1_000_000) for number in range(3)]


async def test_a_sender_whose_device_is_gone_waits_for_nothing(place: Place, notebook: Notebook) -> None:
    first = await waiting(place, notebook)
    place.rows("update devices set removed_at = now()")

    want_replay(place, first)
    await place.follow()

    assert place.samples() == []
    assert place.rows("select replay_asked_at from found_senders")[0]["replay_asked_at"] is None


async def test_a_sender_with_more_than_one_step_is_read_to_its_end(
    place: Place, notebook: Notebook, corrected: Dialects, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await waiting(place, notebook)
    await place.follow()
    monkeypatch.setattr("solarhub.telemetry.found.following.BYTES_AT_ONCE", 100)

    want_replay(place, first)
    for _ in range(4):
        await place.follow(corrected)

    assert [readings["energy_today"] for _, readings, _ in place.samples()] == [500.0, 501.0, 502.0]
    [row] = place.rows("select replay_asked_at, replay_told from found_senders")
    assert (row["replay_asked_at"], json.loads(row["replay_told"])["written"]) == (None, 3)
