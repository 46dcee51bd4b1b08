"""The dispatcher on a real database, with real receivers."""

import asyncio
from collections import Counter

from solarhub.kit.ids import uuid7
from solarhub.kit.sealing import Keyring, new_key
from solarhub.notifications.dispatch import Dispatcher
from solarhub.notifications.email import Email
from solarhub.notifications.lane import Pace
from solarhub.notifications.parcel import DeliveryFailed, Parcel, Receipt
from solarhub.notifications.patience import LETTER, WEBHOOK, Patience
from solarhub.notifications.preview import Preview
from solarhub.notifications.smtp_settings import SmtpSettings
from tests.conftest import MakeTenant
from tests.notifications.dispatchers import IMPATIENT, QUICK, Hand, Hooks, at_once, letters
from tests.notifications.outboxes import Outbox, message, running
from tests.notifications.peers import MailServer, Trust, mail_server


def smtp(mail: MailServer) -> Email:
    return Email(SmtpSettings.parse(f"smtp://localhost:{mail.port}/?from=hub@example.org"), timeout_seconds=5)


# --------------------------------------------------------------------------------------------------- what is noted


async def test_a_letter_goes_out_with_its_link_which_is_then_forgotten(outbox: Outbox, trust: Trust) -> None:
    await outbox.post(message(text="Open:\n\n{link}", link="https://hub.example.org/#shl_x", subject_id=uuid7()))
    async with mail_server(trust, "plain") as mail, running(letters(outbox, smtp(mail))):
        [row] = await outbox.until("state = 'sent'", 1)
    assert "https://hub.example.org/#shl_x" in mail.letters[0].get_body(["plain"]).get_content()  # type: ignore[union-attr]  # it has one
    assert mail.ids() == [f"<{row['id']}@example.org>"]
    assert (row["attempts"], row["secret_sealed"], row["last_error"]) == (1, None, None)
    assert row["provider_id"] == "250 2.0.0 taken as ABC"
    assert row["lease_token"] is row["lease_until"] is row["recorded_at"] is None


async def test_what_may_pass_is_tried_again_and_what_does_not_ends(outbox: Outbox, trust: Trust) -> None:
    await outbox.post(message(recipient="later@example.org"), message(recipient="never@example.org"))
    async with mail_server(trust, "plain") as mail:
        mail.answers["RCPT", "later@example.org"] = "450 greylisted"
        mail.answers["RCPT", "never@example.org"] = "550 unknown"
        async with running(letters(outbox, smtp(mail), LETTER)):
            [failed] = await outbox.until("state = 'failed'", 1)
            [waiting] = await outbox.until("state = 'pending' and attempts = 1", 1)
    assert failed["last_error"] == "The mail server refuses this recipient: 550 unknown"
    assert failed["settled_at"] is not None
    assert waiting["last_error"] == "The mail server refuses this recipient: 450 greylisted"
    seconds = (waiting["not_before"] - waiting["created_at"]).total_seconds()
    assert 5 <= seconds <= 16


async def test_a_message_is_given_up_when_its_time_is_over(outbox: Outbox) -> None:
    async def never(_parcel: Parcel) -> Receipt:
        raise DeliveryFailed("Not now.")

    hand = Hand(never)
    await outbox.post(message())
    async with running(letters(outbox, hand, Patience(shortest=0.05, longest=0.1, total=0.6))):
        [row] = await outbox.until("state = 'failed'", 1)
    assert row["attempts"] == hand.taken[row["id"]] >= 2
    assert row["last_error"] == "Not now."


async def test_a_receiver_that_asks_for_time_gets_it(hooks: Hooks) -> None:
    hooks.receiving.headers.append("Retry-After: 120")
    await hooks.post(await hooks.at("/429"))
    async with running(hooks.sender(patience=WEBHOOK)):
        [row] = await hooks.outbox.until("attempts = 1 and state = 'pending'", 1)
    assert 119 <= (row["not_before"] - row["created_at"]).total_seconds() <= 130


async def test_a_message_that_nobody_can_send_leaves_the_others_alone(outbox: Outbox) -> None:
    async def clumsy(parcel: Parcel) -> Receipt:
        if parcel.recipient == "bad@example.org":
            raise RuntimeError("a mistake of ours")
        return Receipt("taken")

    await outbox.post(message(recipient="bad@example.org"), message(recipient="good@example.org"))
    async with running(letters(outbox, Hand(clumsy), LETTER)):
        await outbox.until("recipient = 'good@example.org' and state = 'sent'", 1)
        [row] = await outbox.until("recipient = 'bad@example.org' and state = 'pending' and attempts = 1", 1)
    assert row["last_error"] == "The hub could not send this; its log says why."


async def test_a_message_that_brings_its_senders_down_is_given_up(outbox: Outbox) -> None:
    await outbox.post(message())
    await outbox.change("attempts = 200")
    hand = Hand(at_once)
    async with running(letters(outbox, hand)):
        [row] = await outbox.until("state = 'failed'", 1)
    assert row["last_error"] == "Each attempt to send this was cut short."
    assert not hand.taken


async def test_what_was_sealed_with_a_lost_key_fails_visibly(outbox: Outbox) -> None:
    await outbox.post(message(text="{link}", link="https://hub.example.org/"))
    stranger = Dispatcher(outbox.worker, Keyring.parse(new_key()), {"email": (Hand(at_once), IMPATIENT)}, pace=QUICK)
    async with running(stranger):
        [row] = await outbox.until("state = 'failed'", 1)
    assert "a key that the hub does not have" in row["last_error"]


# ------------------------------------------------------------------------------------------------ when it is sent


async def test_what_this_process_posts_is_sent_at_once(outbox: Outbox) -> None:
    async with running(letters(outbox, Hand(at_once), pace=Pace(look_seconds=60.0))):
        await asyncio.sleep(0.1)
        await outbox.post(message())
        await outbox.until("state = 'sent'", 1)


async def test_what_others_posted_is_found_by_looking(outbox: Outbox) -> None:
    async with running(letters(outbox, Hand(at_once))):
        await asyncio.to_thread(
            outbox.database.fetch,
            "insert into notifications (channel, recipient, event, content)"
            """ values ('email', 'a@example.org', 'x', '{"subject": "x", "text": "x"}')""",
        )
        await outbox.until("state = 'sent'", 1)


async def test_what_waits_for_its_time_or_goes_another_way_stays(outbox: Outbox) -> None:
    await outbox.post(message(), message(), message(channel="sms"))
    await asyncio.to_thread(
        outbox.database.fetch,
        "update notifications set not_before = now() + interval '1 hour'"
        " where id = (select id from notifications where channel = 'email' limit 1)",
    )
    async with running(letters(outbox, Hand(at_once))):
        await outbox.until("state = 'sent'", 1)
        await asyncio.sleep(0.2)
    assert Counter((row["channel"], row["state"]) for row in await outbox.rows()) == {
        ("email", "sent"): 1,
        ("email", "pending"): 1,
        ("sms", "pending"): 1,
    }


async def test_an_orderly_stop_finishes_what_is_under_way(outbox: Outbox) -> None:
    begun = asyncio.Event()

    async def slow(_parcel: Parcel) -> Receipt:
        begun.set()
        await asyncio.sleep(0.2)
        return Receipt("taken")

    await outbox.post(*(message() for _ in range(9)))
    async with running(letters(outbox, Hand(slow))):
        await begun.wait()
    states = Counter(row["state"] for row in await outbox.rows())
    assert states == {"sent": 4, "pending": 5}


# ---------------------------------------------------------------------------------------- organizations and hooks


async def test_messages_of_a_suspended_organization_wait_and_those_of_a_closed_one_end(
    outbox: Outbox, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    mine = message(organization_id=tenant.organization_id)
    await outbox.post(mine, message(recipient="free@example.org"))
    outbox.database.fetch("update organizations set status = 'suspended'")
    async with running(letters(outbox, hand := Hand(at_once), LETTER)):
        await outbox.until("state = 'sent' and organization_id is null", 1)
        [held] = await outbox.until("state = 'pending' and last_error is not null", 1)
        assert (held["attempts"], held["last_error"]) == (0, "The organization is suspended.")
        assert (held["not_before"] - held["created_at"]).total_seconds() >= 600
        outbox.database.fetch(
            "update organizations set status = 'active'",
            "update notifications set not_before = now() where state = 'pending'",
        )
        await outbox.until("state = 'sent'", 2)
        outbox.database.fetch("update organizations set status = 'closed'")
        await outbox.post(mine)
        [closed] = await outbox.until("state = 'cancelled'", 1)
    assert closed["last_error"] == "The organization is closed."
    assert hand.taken.total() == 2


async def test_what_waits_for_a_suspended_organization_too_long_is_cancelled(
    outbox: Outbox, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    await outbox.post(message(organization_id=tenant.organization_id))
    outbox.database.fetch("update organizations set status = 'suspended'")
    await outbox.change("created_at = now() - interval '25 hours'")
    async with running(letters(outbox, hand := Hand(at_once), LETTER)):
        await outbox.until("state = 'cancelled'", 1)
    assert not hand.taken


async def test_a_receiver_that_is_gone_switches_its_webhook_off(hooks: Hooks) -> None:
    gone = await hooks.at("/410")
    await hooks.post(gone)
    async with running(hooks.sender()):
        [row] = await hooks.outbox.until("state = 'failed'", 1)
        await hooks.post(gone)
        [after] = await hooks.outbox.until("state = 'cancelled'", 1)
    assert "410" in row["last_error"]
    assert after["last_error"] == "The webhook is switched off."
    [webhook] = hooks.outbox.database.fetch("select is_active, version from webhooks")
    assert (webhook["is_active"], webhook["version"]) == (False, 2)
    assert len(hooks.receiving.requests) == 1


async def test_a_message_leads_to_no_webhook_of_another_organization(hooks: Hooks, make_tenant: MakeTenant) -> None:
    stranger = await make_tenant("Other")
    theirs = await hooks.at("/200")
    await hooks.outbox.post(
        message(channel="webhook", recipient=theirs, organization_id=stranger.organization_id),
        message(channel="webhook", recipient=theirs),
        message(channel="webhook", recipient="no id", organization_id=hooks.tenant.organization_id),
    )
    async with running(hooks.sender()):
        rows = await hooks.outbox.until("state = 'cancelled'", 3)
    assert {row["last_error"] for row in rows} == {"The webhook is not there any more."}
    assert hooks.receiving.requests == []


async def test_without_a_mail_server_letters_stay_in_the_mailbox_with_their_links(outbox: Outbox) -> None:
    await outbox.post(message(text="{link}", link="https://hub.example.org/#shl_x"))
    async with running(letters(outbox, Preview())):
        [row] = await outbox.until("state = 'sent'", 1)
    assert row["provider_id"] == "preview"
    assert outbox.keyring.open(row["secret_sealed"], row["id"], "link") == "https://hub.example.org/#shl_x"
