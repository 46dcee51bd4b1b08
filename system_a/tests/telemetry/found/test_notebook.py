"""Strangers are written down before they are acknowledged; what is kept of devices comes in larger portions."""

import asyncio
import json
from datetime import timedelta

import pytest

from solarhub.devices.identity import KnownDevice
from solarhub.drivers.dialects import Message
from solarhub.kit.errors import Unavailable
from solarhub.telemetry.found import notebook as module
from solarhub.telemetry.found.bundle import unpack
from solarhub.telemetry.found.notebook import Notebook
from tests.telemetry.conftest import known
from tests.telemetry.found.conftest import BROKER, INVERTER, Place, at_work, burst, yesterday


async def test_a_stranger_is_on_disk_when_its_message_may_be_acknowledged(place: Place, notebook: Notebook) -> None:
    messages = burst(yesterday())

    await place.note(notebook, *messages)

    [row] = place.rows("select * from found_senders")
    assert (row["sender"], row["dialect"], row["mapping_version"]) == (INVERTER, "opendtu", 1)
    assert (row["messages"], row["device_id"], row["broker_key"]) == (4, None, BROKER)
    assert json.loads(row["facts"])["serial_number"] == "114182912345"
    assert json.loads(row["examples"])[f"{INVERTER}/0/power"]["payload"] == "1000"
    [bundle] = place.rows("select * from raw_messages")
    assert unpack(bundle["body"]) == messages
    assert (bundle["messages"], bundle["instants"]) == (4, None)


async def test_what_comes_later_is_added_to_the_same_stranger(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(yesterday()))
    await place.note(notebook, *burst(yesterday() + timedelta(seconds=5), power=1100))

    [row] = place.rows("select messages, first_seen_at, last_seen_at from found_senders")
    assert row["messages"] == 8
    assert row["last_seen_at"] - row["first_seen_at"] == timedelta(seconds=5, milliseconds=30)


async def test_one_whom_nobody_understands_waits_too(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, Message("zigbee2mqtt/bridge/state", b"\xff\xfe online", yesterday()))

    [row] = place.rows("select sender, dialect, examples from found_senders")
    assert (row["sender"], row["dialect"]) == ("zigbee2mqtt/bridge", "")
    assert json.loads(row["examples"])["zigbee2mqtt/bridge/state"]["payload"].endswith(" online")


async def test_of_an_ignored_one_nothing_is_kept(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(yesterday()))
    place.rows("update found_senders set ignored_at = now()")

    await place.note(notebook, *burst(yesterday() + timedelta(seconds=5)))

    assert place.rows("select sum(messages) as sum from raw_messages")[0]["sum"] == 4


async def test_a_name_that_no_database_holds_sinks_nobody_else(place: Place, notebook: Notebook) -> None:
    await asyncio.gather(
        place.note(notebook, Message("meter/a\0b/state", b"1", yesterday())),
        place.note(notebook, *burst(yesterday())),
    )

    assert [row["sender"] for row in place.rows("select sender from found_senders")] == [INVERTER]


async def test_a_stranger_too_many_is_not_written_down(
    place: Place, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    for number in range(5):
        await place.note(notebook, Message(f"box{number}/state", b"1", yesterday()))

    assert len(place.rows("select 1 from found_senders")) == 3
    assert notebook.dropped == 2
    await place.note(notebook, Message("box0/state", b"2", yesterday()))
    assert place.rows("select messages from found_senders where sender = 'box0'")[0]["messages"] == 2
    assert notebook.dropped == 2


async def test_what_is_announced_is_kept_until_it_is_taken_back(place: Place, notebook: Notebook) -> None:
    topic = "homeassistant/sensor/x/config"
    body = json.dumps({"name": "AC Power", "stat_t": "x/p", "unit_of_meas": "W", "dev_cla": "power"}).encode()
    said = place.dialects.remembering([(topic, body)])

    await place.note(notebook, Message(topic, body, yesterday(), retained=True))
    assert (await place.roster.remembered(place.organization_id, BROKER, place.dialects)).topics() == ["x/p"]

    gone = place.dialects.read(topic, b"", yesterday(), memory=said)
    await notebook.note(place.organization_id, BROKER, Message(topic, b"", yesterday()), gone)
    assert (await place.roster.remembered(place.organization_id, BROKER, place.dialects)).topics() == []
    assert place.rows("select 1 from found_senders") == []


async def test_messages_of_a_device_are_kept_when_the_hub_stops(place: Place) -> None:
    device: KnownDevice = known(place.tenant)
    at = yesterday()
    async with at_work(Notebook(place.worker, place.dialects)) as notebook:
        for message in burst(at):
            for told in place.dialects.read(message.topic, message.payload, message.received_at):
                notebook.keep(device, BROKER, INVERTER, [message], told=told, at=at)
        assert place.rows("select 1 from raw_messages") == []

    [bundle] = place.rows(
        "select r.messages, r.instants, f.device_id from raw_messages r join found_senders f on f.id = sender_id"
    )
    assert (bundle["messages"], bundle["instants"]) == (4, [int(at.timestamp() * 1_000_000)])
    assert bundle["device_id"] == device.device_id


async def test_what_must_not_be_judged_waits_under_its_own_device(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(yesterday()))

    await place.note(notebook, *burst(yesterday()), device_id=place.tenant.devices["Inverter 1"])

    rows = place.rows("select device_id, messages from found_senders order by device_id nulls first")
    assert [(row["device_id"], row["messages"]) for row in rows] == [(None, 4), (place.tenant.devices["Inverter 1"], 4)]


async def test_a_notebook_that_is_closed_takes_nothing(place: Place) -> None:
    async with at_work(Notebook(place.worker, place.dialects)) as notebook:
        pass

    with pytest.raises(Unavailable):
        await place.note(notebook, *burst(yesterday()))


async def test_while_the_database_is_away_nothing_is_acknowledged(place: Place, notebook: Notebook) -> None:
    place.rows("alter role solarhub_worker connection limit 0")
    place.rows("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'solarhub_worker'")
    try:
        with pytest.raises(Unavailable):
            await place.note(notebook, *burst(yesterday()))
    finally:
        place.rows("alter role solarhub_worker connection limit -1")

    await place.note(notebook, *burst(yesterday()))
    assert place.rows("select messages from found_senders")[0]["messages"] == 4


async def test_messages_of_which_nothing_could_be_stored_are_kept_most_of_all(place: Place) -> None:
    message = Message(f"{INVERTER}/0/frequency", b"6553.5", yesterday())
    (told,) = place.dialects.read(message.topic, message.payload, message.received_at)
    async with at_work(Notebook(place.worker, place.dialects)) as notebook:
        notebook.keep(known(place.tenant), BROKER, INVERTER, [message], told=told, at=None)

    [bundle] = place.rows("select messages, instants from raw_messages")
    assert (bundle["messages"], bundle["instants"]) == (1, [])
