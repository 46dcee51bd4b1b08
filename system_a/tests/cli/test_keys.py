import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import sqlalchemy as sa

from solarhub.accounts import second_factor
from solarhub.app import furnish
from solarhub.devices.connection import Mqtt
from solarhub.devices.models import Device
from solarhub.devices.sealing import open_connection
from solarhub.kit import idempotency
from solarhub.kit.backup.sealed import sealed_without
from solarhub.kit.clock import now
from solarhub.kit.db import Base
from solarhub.kit.sealing import Keyring, new_key
from solarhub.notifications import outbox
from solarhub.notifications.webhook_secret import open_secret
from solarhub.organizations import webhooks
from tests.accounts.front_desk import AYESHA, URL, FrontDesk, QuickHasher
from tests.cli.operating import Operator
from tests.clients import PUBLIC_URL, app_of, commissioned, created, databases_of, running
from tests.conftest import TestDatabase
from tests.devices.inverters import entered, over_mqtt

NOTHING = {"sealed": 0, "unopened": 0}
KINDS = ["devices", "second_factors", "webhooks", "messages", "answers"]
HOOK = {"url": "https://hooks.example.org/solar", "description": "Ticket system"}
ONCE = {"Idempotency-Key": "once"}


@asynccontextmanager
async def hub_with(database: TestDatabase, keys: str) -> AsyncIterator[FrontDesk]:
    """The whole hub, as it runs with these keys."""
    app = app_of(database)
    furnish(app, databases_of(database), keyring=Keyring.parse(keys), public_url=PUBLIC_URL, exclusive=True)
    async with running(app, database) as people:
        yield FrontDesk(people, database, QuickHasher())


async def letter_to(desk: FrontDesk, recipient: str) -> str:
    """Out of the hub's own mailbox, which keeps a link sealed for a while."""
    boss = await desk.people.super_admin()
    async with asyncio.timeout(20):
        while True:
            for letter in (await boss.get(f"{URL}/mailbox")).json()["items"]:
                if letter["recipient"] == recipient:
                    answer = await boss.get(f"{URL}/mailbox/{letter['id']}")
                    assert answer.status_code == 200, answer.text
                    return answer.text


def test_a_new_key_is_printed_as_the_hub_reads_it(operator: Operator) -> None:
    assert len(Keyring.parse(operator.says("keys", "new")).names) == 1


async def test_after_a_change_of_keys_everything_opens_without_the_earlier_one(
    database: TestDatabase, operator: Operator
) -> None:
    old, new = new_key(), new_key()
    async with hub_with(database, old) as desk:
        await desk.person(role="super_admin")
        browser = await desk.signed_in()
        authenticator, _ = await desk.enrolled(browser)
        plant = await commissioned(browser)
        _, device = await entered(browser, plant, **over_mqtt(plant))
        answer = await browser.post(f"{plant.path}/webhooks", json=HOOK, headers=ONCE)
        hook = answer.json()
        await created(browser, f"{plant.path}/invitations", {"email": "bilal@example.com", "role": "viewer"})
        sent = await letter_to(desk, "bilal@example.com")
        assert "/invitation#" in sent
        cookies = browser.cookies
    operator.environment["SOLARHUB_SECRET_KEY"] = f"{new},{old}"

    done = await asyncio.to_thread(operator.knows, "keys", "rotate")

    assert sorted(done) == sorted(KINDS)
    assert {kind: each["unopened"] for kind, each in done.items()} == dict.fromkeys(KINDS, 0)
    assert min(each["sealed"] for each in done.values()) > 0, done
    assert await asyncio.to_thread(sealed_without, database.admin_url, Keyring.parse(new)) == []
    operator.environment["SOLARHUB_SECRET_KEY"] = new
    assert await asyncio.to_thread(operator.knows, "keys", "rotate") == dict.fromkeys(KINDS, NOTHING)
    async with hub_with(database, new) as desk:
        assert await letter_to(desk, "bilal@example.com") == sent
        again = desk.browser()
        again.cookies = cookies
        repeated = await again.post(f"{plant.path}/webhooks", json=HOOK, headers=ONCE)
        assert (repeated.headers["idempotent-replayed"], repeated.json()) == ("true", hook)
        await desk.sign_in(again, AYESHA)
        code = authenticator.at(now() + timedelta(seconds=30))
        assert (await again.post(f"{URL}/sessions/second-factor", json={"code": code})).status_code == 200
    keyring = Keyring.parse(new)
    [row] = database.fetch("select * from webhooks")
    assert open_secret(keyring, row["secret_sealed"], row["organization_id"], row["id"]) == hook["secret"]
    databases = databases_of(database)
    async with databases.worker.session() as session:
        stored = await session.get_one(Device, device["id"])
        connection = open_connection(keyring, stored)
    assert isinstance(connection, Mqtt)
    assert connection.password == "swordfish"
    await databases.close()


def test_what_lay_in_clear_is_sealed_and_what_no_key_opens_is_told_with_what_follows(
    operator: Operator, organization: str
) -> None:
    [found] = operator.database.fetch(f"select id from organizations where slug = '{organization}'")
    operator.database.fetch(
        "insert into sites (organization_id, name, latitude, longitude)"
        f" values ('{found['id']}', 'Gulberg roof', 31.5, 74.3)",
        "insert into devices (organization_id, site_id, name, device_type, protocol, connection_config)"
        " select organization_id, id, 'Logger', 'gateway', 'mqtt',"
        """ '{"broker": "mqtt.example.org", "port": 1883, "username": "x", "password": "canary"}' from sites""",
    )
    assert operator.says("keys", "rotate").startswith("Sealed anew: 1 devices, 0 second factors,")
    assert operator.knows("keys", "rotate")["devices"] == NOTHING
    [row] = operator.database.fetch("select connection_config::text as shown from devices")
    assert "canary" not in row["shown"]

    operator.environment["SOLARHUB_SECRET_KEY"] = operator.says("keys", "new")
    said = operator.says("keys", "rotate")
    assert "No key opens the secrets of 1 devices: enter them again." in said
    assert "No key opens the links in 1 messages" in said, "the invitation of the organization's owner"


def test_every_sealed_column_is_among_those_that_are_sealed_anew() -> None:
    known = {each.column for each in (second_factor.SEALED, webhooks.SEALED, outbox.SEALED, idempotency.SEALED)}
    named = {
        column
        for mapper in Base.registry.mappers
        for column in sa.inspect(mapper.class_).all_orm_descriptors
        if "sealed" in str(column)
    }
    assert {str(column) for column in named} <= {str(column) for column in known}
    assert named
