"""`kill -9` between claim, send and mark: every message arrives at least once, and what comes twice carries one id.

SOLARHUB_TEST_KILLS=50 kills as often as the hub's promise has been shown to hold; the usual run kills ten times.
"""

import asyncio
import logging
import os
import random
from collections import Counter
from collections.abc import Callable

from solarhub.kit.ids import uuid7
from solarhub.kit.sealing import Keyring, new_key
from solarhub.notifications.webhook_secret import new_secret, seal_secret
from tests.conftest import MakeTenant, TestDatabase
from tests.notifications.dispatcher_process import Place, end, start
from tests.notifications.outboxes import Outbox, message
from tests.notifications.peers import MailServer, Receiver, Trust, mail_server, receiver

log = logging.getLogger(__name__)

KILLS = int(os.environ.get("SOLARHUB_TEST_KILLS", "10"))
ENDINGS = {"/200": "sent", "/slow": "sent", "/500": "failed", "/410": "failed", "/silent": "failed"}
"""How the messages to each path of the receiver end."""

Kill = Callable[[], None]


def moments(mails: list[MailServer], hooks: Receiver) -> list[Callable[[Kill], None]]:
    """When to kill, told to whoever sees the moment first."""
    loop = asyncio.get_running_loop()

    def claimed(kill: Kill) -> None:
        for mail in mails:
            mail.on_recipient = kill

    def taken(kill: Kill) -> None:
        for mail in mails:
            mail.on_letter = kill  # the server has the letter, and its sender does not know

    def answered(kill: Kill) -> None:
        def soon() -> None:
            loop.call_later(0.002, kill)

        for mail in mails:
            mail.on_letter = soon

    def heard(kill: Kill) -> None:
        hooks.on_request = kill

    def any_time(kill: Kill) -> None:
        loop.call_later(random.uniform(0.05, 0.4), kill)

    return [claimed, taken, answered, heard, any_time]


async def test_every_message_arrives_and_what_comes_twice_carries_one_id(
    database: TestDatabase, outbox: Outbox, trust: Trust, make_tenant: MakeTenant
) -> None:
    keys = new_key()
    outbox = Outbox(database, outbox.worker, Keyring.parse(keys))
    tenant = await make_tenant()
    database.fetch(
        "create table told (subject_id uuid, channel text)", "grant select, insert on told to solarhub_worker"
    )
    async with mail_server(trust, "tls") as tls, mail_server(trust, "starttls") as starttls, receiver(trust) as hooks:
        recipients = {}
        for path in ENDINGS:
            id_ = uuid7()
            sealed = seal_secret(outbox.keyring, new_secret(), tenant.organization_id, id_)
            url = f"https://localhost:{hooks.port}{path}"
            outbox.webhook(tenant.organization_id, tenant.owner_id, url, sealed, id_)
            recipients[path] = str(id_)

        def place(number: int) -> Place:
            url = (
                f"smtps://localhost:{tls.port}/?" if number % 2 else f"smtp://localhost:{starttls.port}/?tls=starttls&"
            )
            smtp_url = f"{url}from=hub@example.org&ca={trust.authorities}"
            return Place(database.url("solarhub_worker"), keys, smtp_url, str(trust.authorities))

        async def post(*paths: str) -> None:
            await outbox.post(
                *(message(subject_id=uuid7(), text="{link}", link="https://hub.example.org/#x") for _ in range(4)),
                *(
                    message(
                        channel="webhook",
                        recipient=recipients[path],
                        subject_id=uuid7(),
                        organization_id=tenant.organization_id,
                    )
                    for path in paths
                ),
            )

        killers = moments([tls, starttls], hooks)
        await post(*ENDINGS)
        for number in range(KILLS):
            await post("/200", "/slow")
            process = await asyncio.to_thread(start, place(number))
            dead = asyncio.Event()

            def kill(process=process, dead=dead) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - bound at once
                process.kill()
                dead.set()

            killers[number % len(killers)](kill)
            async with asyncio.timeout(30):
                await dead.wait()
            await asyncio.to_thread(process.join)
            assert process.exitcode == -9
            for mail in (tls, starttls):
                mail.on_letter = mail.on_recipient = lambda: None
            hooks.on_request = lambda: None
        hopeless = ", ".join(f"'{recipients[path]}'" for path in ("/500", "/silent"))
        database.fetch(
            f"update notifications set created_at = created_at - interval '2 hours' where recipient in ({hopeless})"
        )
        process = await asyncio.to_thread(start, place(0))
        await outbox.until("state in ('sent', 'failed', 'cancelled')", len(await outbox.rows()))
        await outbox.until("recorded_at is not null", len(await outbox.rows("state = 'sent'")))
        await asyncio.to_thread(end, process)

    rows = await outbox.rows()
    letters = Counter(tls.ids() + starttls.ids())
    assert set(letters) == {f"<{row['id']}@example.org>" for row in rows if row["channel"] == "email"}
    assert {row["state"] for row in rows if row["channel"] == "email"} == {"sent"}
    for path, ending in ENDINGS.items():
        posted = [row for row in rows if row["recipient"] == recipients[path]]
        assert {row["state"] for row in posted} == {ending}, path
        assert set(hooks.ids(path)) == {str(row["id"]) for row in posted}, path
    again = letters.total() - len(letters)
    assert again >= KILLS // 5, "a letter that was taken while its sender died comes again"
    told = Counter(row["subject_id"] for row in database.fetch("select subject_id from told"))
    assert told == Counter(row["subject_id"] for row in rows if row["state"] == "sent"), "noted once each"
    assert [row["id"] for row in rows if row["secret_sealed"] is not None] == []
    log.info(
        "%d kills, %d messages: %d letters, and %d of them again; %d requests; noted once each: %d",
        *(KILLS, len(rows), len(letters), again, len(hooks.requests), told.total()),
    )
