"""What keeps the hub from hearing a device, said in the device's `last_error`."""

import signal

from tests.brokers import Mosquitto, publisher
from tests.conftest import Tenant, TestDatabase
from tests.telemetry.mqtt.conftest import House, ready, recently, sample, until


async def test_last_error_says_why_a_broker_is_not_heard_and_forgets_it(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
    database: TestDatabase,
) -> None:
    (before,) = database.fetch(f"select version from devices where id = '{acme.devices['Inverter 1']}'")
    async with house.inbox() as inbox:
        await ready(inbox)
        broker.end(signal.SIGKILL)
        await until(lambda: house.error_of(acme, "Inverter 1"))
        assert (
            house.error_of(acme, "Inverter 2")
            == f"MQTT broker 127.0.0.1:{broker.port}: nothing listens at this address."
        )
        broker.start()
        await until(lambda: house.error_of(acme, "Inverter 1") is None)
        with publisher(broker.port) as device:
            device.publish("plants/one", sample(1, recently()))
        await until(house.rows)
    (after,) = database.fetch(f"select version from devices where id = '{acme.devices['Inverter 1']}'")
    assert before == after, "nobody's edit became stale by it"


async def test_a_sentence_of_somebody_else_stays(
    house: House,
    acme: Tenant,
    database: TestDatabase,
) -> None:
    database.fetch(
        f"update devices set last_error = 'Fan blocked' where id = '{acme.devices['Inverter 1']}'",
        f"update devices set last_error = 'MQTT broker x:1: gone.' where id = '{acme.devices['Inverter 2']}'",
    )
    async with house.inbox() as inbox:
        await ready(inbox)
        await until(lambda: house.error_of(acme, "Inverter 2") is None)

    assert house.error_of(acme, "Inverter 1") == "Fan blocked"


async def test_a_password_does_not_cross_a_network_unencrypted_unless_somebody_wants_it(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    secret = {"broker": "broker.invalid", "username": "hub", "password": "s3cret"}
    house.connect(acme, "Inverter 1", broker.port, "plants/one", **secret)
    async with house.inbox() as inbox:
        await until(lambda: house.error_of(acme, "Inverter 1"))
        assert house.error_of(acme, "Inverter 1") == (
            "MQTT: the password of this connection would go over the network unencrypted. Use TLS, or allow it with"
            " unencrypted_password."
        )
        assert inbox.connected == 1, "the other device's"
        house.connect(acme, "Inverter 1", broker.port, "plants/one", **secret, unencrypted_password=True)
        await until(lambda: "broker.invalid" in str(house.error_of(acme, "Inverter 1")))


async def test_a_password_that_no_key_opens_is_told(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    house.connect(acme, "Inverter 1", broker.port, "plants/one", username="hub", password="s3cret")
    house.database.fetch(
        "update devices set connection_config = jsonb_set(connection_config, '{password,sealed}', '\"v1:k1:AAAA\"')"
        f" where id = '{acme.devices['Inverter 1']}'"
    )
    async with house.inbox():
        await until(lambda: house.error_of(acme, "Inverter 1"))
        assert "no key of this hub opens the password" in str(house.error_of(acme, "Inverter 1"))


async def test_two_devices_of_an_organization_with_one_prefix_are_told(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    house.connect(acme, "Inverter 2", broker.port, "plants/one")
    async with house.listening(broker) as device:
        device.publish("plants/one", sample(1, recently()))
        await until(house.rows)
        await until(lambda: house.error_of(acme, "Inverter 2"))

    assert [row[0] for row in house.rows()] == ["Inverter 1"]
    assert str(acme.devices["Inverter 1"]) in str(house.error_of(acme, "Inverter 2"))
    assert house.error_of(acme, "Inverter 1") is None


async def test_addresses_at_which_no_broker_is_are_not_asked(house: House, acme: Tenant) -> None:
    house.connect(acme, "Inverter 1", 80, "plants/one", broker="169.254.169.254")
    async with house.inbox():
        await until(lambda: house.error_of(acme, "Inverter 1"))
    assert house.error_of(acme, "Inverter 1") == (
        "MQTT broker 169.254.169.254:80: its address belongs to no broker that the hub may connect to."
    )
