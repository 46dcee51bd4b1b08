"""From a device at a real broker to the disk, and back to the broker as an acknowledgement."""

import asyncio
from pathlib import Path

from solarhub.devices import credentials, registry
from solarhub.drivers.mqtt import Address
from solarhub.kit.db import Database, transaction
from solarhub.kit.mosquitto.configuration import ACL, HUB
from solarhub.kit.mosquitto.passwords import hashed
from tests.brokers import Mosquitto, publisher, running_mosquitto
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.telemetry.mqtt.conftest import TWO, House, ready, recently, sample, until


async def test_devices_are_known_by_their_topics_and_never_by_what_they_send(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    at = recently()
    async with house.inbox() as inbox:
        await ready(inbox)
        with publisher(broker.port) as device:
            device.publish("plants/one", sample(1.5, at))
            device.publish("plants/two/telemetry", sample(2.5, at), qos=0)
            device.publish("plants/one/x/y", b'{"metrics": {"power_output": 3.5}, "timestamp": %d}' % (at + 1))
            device.publish("plants/onesie", sample(9.9, at))
        await until(lambda: len(house.rows()) == 3)
        await until(lambda: inbox.counts["taken"] == 3)

    assert house.rows() == [
        ("Inverter 1", at, {"power_output": 1.5}),
        ("Inverter 2", at, {"power_output": 2.5}),
        ("Inverter 1", at + 1, {"power_output": 3.5}),
    ]
    assert house.quarantined() == []
    counted = {"received": 3, "taken": 3, "acknowledged": 2}
    assert inbox.counts == counted, "what nobody asked for did not come, and it is counted for good"


async def test_devices_of_one_broker_share_a_connection_and_those_of_another_credential_do_not(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    async with house.inbox() as inbox:
        await ready(inbox, 1)
        house.connect(acme, "Inverter 2", broker.port, "plants/two", username="somebody", password="s3cret")
        await ready(inbox, 2)
        with publisher(broker.port) as device:
            for number, topic in enumerate(("plants/one", "plants/two")):
                device.publish(topic, sample(1.0, recently(number)))
        await until(lambda: len(house.rows()) == 2)
        house.connect(acme, "Inverter 2", broker.port, "plants/two")
        await ready(inbox, 1)


async def test_edits_are_followed_without_a_restart(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
    database: TestDatabase,
) -> None:
    async def moved() -> None:
        await asyncio.sleep(0.4)

    async with house.inbox() as inbox:
        await ready(inbox)
        house.connect(acme, "Inverter 1", broker.port, "roofs/one")
        await moved()
        with publisher(broker.port) as device:
            device.publish("plants/one", sample(1.0, recently()))
            device.publish("roofs/one", sample(2.0, recently(1)))
            await until(house.rows)
            database.fetch(f"update devices set removed_at = now() where id = '{acme.devices['Inverter 1']}'")
            await moved()
            device.publish("roofs/one", sample(3.0, recently(2)))
            database.fetch(f"update organizations set status = 'suspended' where id = '{acme.organization_id}'")
            await moved()
            device.publish("plants/two", sample(4.0, recently(3)))
            database.fetch(f"update organizations set status = 'active' where id = '{acme.organization_id}'")
            await ready(inbox)
            device.publish("plants/two", sample(5.0, recently(4)))
        await until(lambda: len(house.rows()) >= 2)

    assert [row[2]["power_output"] for row in house.rows()] == [2.0, 5.0]


async def test_two_organizations_with_one_topic_each_get_what_comes_there(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
    make_tenant: MakeTenant,
) -> None:
    """Both know the broker and its credential; neither can take anything from the other by a longer prefix."""
    other = await make_tenant("Other Solar", devices={"Theirs": "inverter"})
    house.connect(other, "Theirs", broker.port, "plants/one/roof")
    async with house.listening(broker) as device:
        device.publish("plants/one/roof/1", sample(1.0, recently()))
        await until(lambda: len(house.rows()) == 2)

    assert [row[0] for row in house.rows()] == ["Inverter 1", "Theirs"]


POISON = {
    "no JSON": b"online",
    "not UTF-8": b"\xff\xfe\x00",
    "NUL": b"\x00",
    "half of it": b'{"metrics": {"power_output": 1',
    "another shape": b'[[[{"a": 1}]]]',
    "a number": b"5",
    "deep": b"[" * 100_000,
    "NaN": b'{"metrics": {"power_output": NaN}}',
    "too large a number": b'{"metrics": {"power_output": 1e999}}',
    "words": b'{"metrics": {"power_output": "12,5"}}',
    "a date of 1970": b'{"metrics": {"power_output": 1}, "timestamp": 3}',
    "tomorrow": b'{"metrics": {"power_output": 1}, "timestamp": 32503680000}',
    "no such metric": b'{"metrics": {"pwer": 1}}',
    "half a megabyte": b'{"metrics": {"power_output": 1, "x": "' + b"y" * 500_000 + b'"}}',
    "another device": b'{"devices": [{"device": "x", "samples": []}]}',
    "a NUL inside": b'{"metrics": {"power\\u0000": 1}}',
    "a lone surrogate": b'{"metrics": {"\\ud800": 1}}',
}


async def test_poison_is_quarantined_and_acknowledged_and_its_neighbours_are_stored(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    async with house.listening(broker) as device:
        for number, payload in enumerate(POISON.values()):
            device.publish("plants/one", payload)
            device.publish("plants/two", sample(1.0, recently(number)))
        await until(lambda: len(house.rows()) == len(POISON) and house.found())
        await asyncio.sleep(0.1)
    entries, found = house.quarantined(), house.found()
    async with house.inbox() as again:
        await ready(again)
        with publisher(broker.port) as device:
            device.publish("plants/two", sample(2.0, recently(100)))
        await until(lambda: len(house.rows()) == len(POISON) + 1)

    claimed_json = [payload for payload in POISON.values() if payload[:1] in b"{["]
    assert len(entries) == len(claimed_json), "whoever claims to send the hub's JSON is told what is wrong with it"
    assert found == [("plants/one", "", len(POISON) - len(claimed_json))], "what nobody understands is kept"
    assert (house.quarantined(), house.found()) == (entries, found), "nothing of it came again: it was acknowledged"
    assert all(len(raw) <= 4096 for _, raw in entries)


async def test_what_the_broker_had_kept_is_no_measurement_unless_it_says_when(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    with publisher(broker.port) as device:
        device.publish("plants/one/last", sample(1.0), retain=True)
        device.publish("plants/one/dated", sample(2.0, recently()), retain=True)
        device.publish("plants/one/status", b"offline", retain=True)
        async with house.inbox() as inbox:
            await ready(inbox)
            device.publish("plants/one/last", sample(3.0), retain=True)
            await until(lambda: len(house.rows()) == 2)

    assert [row[2]["power_output"] for row in house.rows()] == [2.0, 3.0]
    assert house.quarantined() == []


async def test_at_the_hubs_own_broker_a_device_is_its_user_name_and_no_other_device(
    house: House,
    make_tenant: MakeTenant,
    tmp_path: Path,
    app_database: Database,
) -> None:
    tenant = await make_tenant(devices=TWO)
    one, two = (str(tenant.devices[name]) for name in TWO)
    async with transaction(app_database, [tenant.organization_id]) as session:
        token = await credentials.issue(session, await registry.find(session, tenant.devices["Inverter 1"]))
    (tmp_path / "acl").write_text(ACL)
    (tmp_path / "passwords").write_text(
        f"{HUB}:{hashed('hubs')}\n{one}:{hashed(token)}\n{two}:{hashed('never issued by the hub')}\n"
    )
    settings = ("allow_anonymous false", f"password_file {tmp_path / 'passwords'}", f"acl_file {tmp_path / 'acl'}")
    with running_mosquitto(tmp_path / "broker", *settings) as own:
        address = Address("127.0.0.1", own.port, username=HUB, password="hubs")
        async with house.inbox(own_broker=address) as inbox:
            await ready(inbox)
            for number, (topic, answer) in enumerate(
                {f"solarhub/{two}/telemetry": 0x87, "elsewhere": 0x87, f"solarhub/{one}/telemetry": 0}.items()
            ):
                # mosquitto says that it is not authorized, and then hangs up
                with publisher(own.port, user=one, password=token, version=5) as device:
                    assert device.publish(topic, sample(1, recently(number))) == answer
            await until(house.rows)
            with publisher(own.port, user=two, password="never issued by the hub") as device:
                device.publish(f"solarhub/{two}/telemetry", sample(4, recently(3)))
            assert publisher_refused(own.port, one, "wrong")
            await until(lambda: inbox.counts["unclaimed"] == 1)
            async with transaction(app_database, [tenant.organization_id]) as session:
                await credentials.revoke(session, await registry.find(session, tenant.devices["Inverter 1"]))
    assert [(row[0], row[2]["power_output"]) for row in house.rows()] == [("Inverter 1", 1.0)]


def publisher_refused(port: int, user: str, password: str) -> bool:
    with publisher(port, user=user, password=password) as device:
        return device.refused != 0
