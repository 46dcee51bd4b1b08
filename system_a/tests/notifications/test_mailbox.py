import pytest

from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import NotFound
from solarhub.kit.ids import uuid7
from solarhub.kit.paging import Page
from solarhub.kit.sealing import Keyring, new_key
from solarhub.notifications import mailbox
from tests.notifications.outboxes import Outbox, message

LINK = "https://hub.example.org/#shl_x"


async def taken(outbox: Outbox, provider: str = "preview") -> None:
    await outbox.change(f"state = 'sent', settled_at = now(), provider_id = '{provider}'")


async def test_letters_are_listed_newest_first_and_without_their_links(outbox: Outbox, auth_database: Database) -> None:
    await outbox.post(*(message(subject=f"Letter {number}", text="{link}", link=LINK) for number in range(3)))
    await taken(outbox)
    async with auth_database.session() as auth:
        rows, counted = await mailbox.latest(auth, Page(limit=2))
    assert [row.content["subject"] for row in rows] == ["Letter 2", "Letter 1"]
    assert counted == 3
    assert LINK not in str([row.content for row in rows])


async def test_one_letter_shows_its_link_as_often_as_it_is_opened(outbox: Outbox, auth_database: Database) -> None:
    await outbox.post(message(text="Open:\n{link}", link=LINK))
    await taken(outbox)
    row = await outbox.row()
    for _ in range(2):
        async with auth_database.session() as auth:
            letter = await mailbox.one(auth, outbox.keyring, row["id"])
        assert (letter.text, letter.has_link) == (f"Open:\n{LINK}", True)
        assert letter.notification.recipient == "a@example.org"


async def test_what_a_mail_server_took_or_nobody_yet_is_not_in_the_mailbox(
    outbox: Outbox, auth_database: Database
) -> None:
    await outbox.post(message())
    row = await outbox.row()
    for provider in (None, "250 preview"):
        if provider is not None:
            await taken(outbox, provider)
        async with auth_database.session() as auth:
            assert await mailbox.latest(auth, Page()) == ([], 0)
            with pytest.raises(NotFound):
                await mailbox.one(auth, outbox.keyring, row["id"])
            with pytest.raises(NotFound):
                await mailbox.one(auth, outbox.keyring, uuid7())


async def test_links_are_forgotten_after_a_week(outbox: Outbox, auth_database: Database) -> None:
    await outbox.post(message(text="{link}", link=LINK))
    await taken(outbox)
    for age, expected in (("6 days 23 hours", 0), ("7 days 1 hour", 1), ("8 days", 0)):
        await outbox.change(f"settled_at = now() - interval '{age}'")
        async with transaction(outbox.worker) as session:
            assert await mailbox.forget_links(session) == expected
    row = await outbox.row()
    assert row["secret_sealed"] is None
    async with auth_database.session() as auth:
        letter = await mailbox.one(auth, outbox.keyring, row["id"])
    assert (letter.text, letter.has_link) == ("(this link is not kept any more)", False)


async def test_a_letter_stays_readable_when_its_key_is_lost(outbox: Outbox, auth_database: Database) -> None:
    await outbox.post(message(text="Hello\n{link}", link=LINK))
    await taken(outbox)
    async with auth_database.session() as auth:
        letter = await mailbox.one(auth, Keyring.parse(new_key()), (await outbox.row())["id"])
    assert (letter.text, letter.has_link) == ("Hello\n(this link is not kept any more)", False)
