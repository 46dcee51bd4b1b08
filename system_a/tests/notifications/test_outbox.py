import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from solarhub.kit.db import Database, Tenancy, set_tenants, transaction
from solarhub.kit.ids import uuid7
from solarhub.notifications.bell import hung_up
from solarhub.notifications.outbox import post
from tests.conftest import MakeTenant
from tests.notifications.outboxes import Outbox, message


async def test_a_message_is_there_if_and_only_if_its_cause_was_committed(
    outbox: Outbox, app_database: Database, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    told = message(organization_id=tenant.organization_id, user_id=tenant.owner_id, subject_id=uuid7())
    async with app_database.session() as session:
        await set_tenants(session, Tenancy(frozenset({tenant.organization_id})))
        assert await post(session, outbox.keyring, [told]) == 1
    assert await outbox.rows() == []
    async with transaction(app_database, [tenant.organization_id]) as session:
        assert await post(session, outbox.keyring, [told]) == 1
    row = await outbox.row()
    assert (row["state"], row["attempts"], row["organization_id"]) == ("pending", 0, tenant.organization_id)
    assert row["not_before"] == row["created_at"]


async def test_the_same_about_the_same_goes_to_a_recipient_on_one_way_once(outbox: Outbox) -> None:
    subject = uuid7()
    assert await outbox.post(message(subject_id=subject), message(subject_id=subject)) == 1
    others = [
        message(subject_id=subject, recipient="b@example.org"),
        message(subject_id=subject, event="invitation.again"),
        message(subject_id=subject, channel="sms"),
        message(subject_id=uuid7()),
    ]
    assert await outbox.post(message(subject_id=subject), *others) == 4
    assert await outbox.post(*others) == 0
    assert await outbox.post() == 0


async def test_what_has_no_subject_is_sent_as_often_as_it_is_posted(outbox: Outbox) -> None:
    assert await outbox.post(message(), message()) == 2


async def test_a_person_who_signs_in_causes_messages_of_no_organization(
    outbox: Outbox, auth_database: Database, make_tenant: MakeTenant
) -> None:
    subject = uuid7()
    for expected in (1, 0):
        async with transaction(auth_database) as session:
            assert await post(session, outbox.keyring, [message(subject_id=subject)]) == expected
    tenant = await make_tenant()
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(auth_database) as session:
            await post(session, outbox.keyring, [message(organization_id=tenant.organization_id)])


async def test_a_guest_causes_messages_of_the_host_and_of_nobody_else(
    outbox: Outbox, app_database: Database, make_tenant: MakeTenant
) -> None:
    host, other = await make_tenant("Host"), await make_tenant("Other")
    told = message(organization_id=host.organization_id, subject_id=uuid7())
    for expected in (1, 0):
        async with transaction(app_database) as session:
            await set_tenants(session, Tenancy(host_organization_ids=frozenset({host.organization_id})))
            assert await post(session, outbox.keyring, [told]) == expected
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(app_database, [host.organization_id]) as session:
            await post(session, outbox.keyring, [message(organization_id=other.organization_id)])


async def test_a_link_is_sealed_for_its_row(outbox: Outbox) -> None:
    await outbox.post(message(text="{link}", link="https://hub.example.org/reset#shl_secret"))
    row = await outbox.row()
    assert "shl_secret" not in str(dict(row))
    assert outbox.keyring.open(row["secret_sealed"], row["id"], "link") == "https://hub.example.org/reset#shl_secret"


async def test_a_message_may_wait_for_its_time(outbox: Outbox) -> None:
    later = datetime.now(UTC) + timedelta(hours=3)  # noqa: TID251 - any time that is to come
    await outbox.post(message(not_before=later), message())
    assert sorted(row["not_before"] > row["created_at"] for row in await outbox.rows()) == [False, True]


async def test_a_bell_rings_with_the_commit_and_not_before(outbox: Outbox) -> None:
    with hung_up() as bell:
        async with transaction(outbox.worker) as session:
            await post(session, outbox.keyring, [message()])
            await asyncio.sleep(0)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await bell.wait(60)
        async with asyncio.timeout(5):
            await bell.wait(60)


async def test_many_messages_are_posted_at_once(outbox: Outbox) -> None:
    assert await outbox.post(*(message(subject_id=UUID(int=number)) for number in range(2500))) == 2500
