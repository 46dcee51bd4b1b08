from uuid import UUID

from solarhub.kit.db import Session, transaction
from solarhub.kit.ids import uuid7
from solarhub.notifications.reporting import Sent, report
from tests.notifications.outboxes import Outbox, message

SUBJECT = uuid7()


class Books:
    """What whoever caused messages has noted; some subjects are refused."""

    def __init__(self, *refused: UUID) -> None:
        self.refused = refused
        self.noted: list[Sent] = []

    async def note(self, _session: Session, sent: list[Sent]) -> None:
        if any(one.subject_id in self.refused for one in sent):
            raise LookupError("no such subject")
        self.noted += sent


async def sent(outbox: Outbox, *subjects: UUID | None) -> None:
    await outbox.post(
        *(message(subject_id=subject, recipient=f"{n}@example.org") for n, subject in enumerate(subjects))
    )
    await outbox.change("state = 'sent', settled_at = now()")


async def test_each_message_is_reported_once(outbox: Outbox) -> None:
    await sent(outbox, SUBJECT, SUBJECT, None)
    books = Books()
    for expected in (2, 0):
        async with transaction(outbox.worker) as session:
            assert await report(session, books.note) == expected
    assert sorted(books.noted, key=lambda one: one.recipient) == [
        Sent(SUBJECT, "invitation", "email", f"{number}@example.org") for number in range(2)
    ]
    assert [row["recorded_at"] is not None for row in await outbox.rows("subject_id is not null")] == [True, True]


async def test_what_was_not_sent_is_not_reported(outbox: Outbox) -> None:
    await outbox.post(message(subject_id=SUBJECT))
    books = Books()
    async with transaction(outbox.worker) as session:
        assert await report(session, books.note) == 0
    assert books.noted == []


async def test_a_report_whose_transaction_was_lost_is_made_again(outbox: Outbox) -> None:
    await sent(outbox, SUBJECT)
    lost, books = Books(), Books()
    async with outbox.worker.session() as session:
        assert await report(session, lost.note) == 1
    async with transaction(outbox.worker) as session:
        assert await report(session, books.note) == 1
    assert books.noted == lost.noted


async def test_two_that_report_at_once_report_different_messages(outbox: Outbox) -> None:
    await sent(outbox, SUBJECT, SUBJECT)
    books = Books()
    async with transaction(outbox.worker) as one, transaction(outbox.worker) as other:
        assert (await report(one, books.note), await report(other, books.note)) == (2, 0)


async def test_one_that_is_refused_keeps_no_other_from_being_reported(outbox: Outbox) -> None:
    strange, known = uuid7(), uuid7()
    await sent(outbox, strange, known)
    books = Books(strange)
    async with transaction(outbox.worker) as session:
        assert await report(session, books.note) == 1
    assert [one.subject_id for one in books.noted] == [known]
    assert [row["subject_id"] for row in await outbox.rows("recorded_at is null")] == [strange]
