from solarhub.kit.db import Session
from solarhub.kit.ids import uuid7
from solarhub.notifications.jobs import messages
from solarhub.notifications.reporting import Sent
from tests.notifications.outboxes import Outbox, message, running


async def test_a_hub_without_a_mail_server_keeps_letters_and_tells_their_causes(outbox: Outbox) -> None:
    told: list[Sent] = []

    async def hear(_session: Session, sent: list[Sent]) -> None:
        told.extend(sent)

    subject = uuid7()
    await outbox.post(message(subject_id=subject), message())
    async with running(*messages(outbox.worker, outbox.keyring, smtp=None, on_sent=hear)):
        rows = await outbox.until("state = 'sent'", 2)
        await outbox.until("recorded_at is not null", 1)
    assert {row["provider_id"] for row in rows} == {"preview"}
    assert told == [Sent(subject, "invitation", "email", "a@example.org")]
