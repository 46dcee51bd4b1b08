"""`solarhub mail …`: what the hub tells people, and whether it can."""

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from pydantic import BaseModel

from solarhub.cli.operator import DataDir, Desk, operate
from solarhub.cli.shown import AsJson, show_done, show_list
from solarhub.config import Settings
from solarhub.kit.clock import now
from solarhub.kit.db import transaction
from solarhub.kit.ids import uuid7
from solarhub.notifications.email import Email
from solarhub.notifications.models import Notification
from solarhub.notifications.outbox import newest
from solarhub.notifications.parcel import DeliveryFailed, Parcel
from solarhub.notifications.smtp_settings import EXAMPLE, SmtpSettings, UnusableMailServer

app = typer.Typer(
    help="What the hub tells people: try its mail server, look at what was sent.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

_PATIENCE_SECONDS = 30.0


@app.command("test")
def try_it(
    address: Annotated[str, typer.Argument(help="Whom to write to.", metavar="ADDRESS")],
    as_json: AsJson = False,
) -> None:
    """Send a letter now, the way the hub does, and say what came of it: exit status 0 when a server took it."""
    settings = _mail_server()
    letter = Parcel(
        id=uuid7(),
        recipient=address,
        event="mail.test",
        subject="A test of Solar Hub",
        text="This letter was sent by hand, with `solarhub mail test`. Whoever reads it knows that the hub can write.",
        created_at=now(),
    )
    facts = {"host": settings.host, "port": settings.port, "encryption": settings.secrecy, "address": address}
    try:
        said = asyncio.run(_send(Email(settings, timeout_seconds=_PATIENCE_SECONDS), letter))
    except DeliveryFailed as failed:
        facts |= {"sent": False, "reason": failed.sentence}
        show_done(f"Not sent by {settings}: {failed.sentence}", facts, as_json=as_json)
        raise typer.Exit(1) from None
    facts |= {"sent": True, "answer": said, "message_id": f"<{letter.id}@{settings.sender.domain}>"}
    show_done(f"{settings} took the letter to {address}, and said: {said}", facts, as_json=as_json)


class _Line(BaseModel):
    created_at: datetime
    state: str
    channel: str
    recipient: str
    subject: str
    attempts: int
    last_error: str | None
    provider_id: str | None
    settled_at: datetime | None
    id: UUID


_COLUMNS = {
    "created_at": "Posted",
    "state": "State",
    "channel": "Way",
    "recipient": "To",
    "subject": "Subject",
    "attempts": "Attempts",
    "last_error": "Trouble",
}


@app.command("list")
def list_them(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 20,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the messages that were posted last, of everybody, and what became of them."""

    async def work(desk: Desk) -> list[_Line]:
        async with transaction(desk.databases.worker) as session:
            return [_line(message) for message in await newest(session, at_most=limit)]

    show_list(operate(data_dir, work), _COLUMNS, as_json=as_json)


def _mail_server() -> SmtpSettings:
    url = Settings().smtp_url
    if url is None:
        raise SystemExit(
            "There is no mail server: letters stay in the hub's own mailbox, where whoever runs it reads them."
            f" SOLARHUB_SMTP_URL names one, such as {EXAMPLE}"
        )
    try:
        return SmtpSettings.parse(url)
    except UnusableMailServer as trouble:
        raise SystemExit(f"SOLARHUB_SMTP_URL: {trouble}") from None


async def _send(way: Email, letter: Parcel) -> str:
    try:
        async with asyncio.timeout(way.timeout_seconds):
            return (await way.deliver(letter)).provider_id
    except TimeoutError:
        raise DeliveryFailed(f"There was no answer within {way.timeout_seconds:.0f} seconds.") from None
    finally:
        await way.rest()


def _line(message: Notification) -> _Line:
    return _Line(
        created_at=message.created_at,
        state=message.state,
        channel=message.channel,
        recipient=message.recipient,
        subject=message.content["subject"],
        attempts=message.attempts,
        last_error=message.last_error,
        provider_id=message.provider_id,
        settled_at=message.settled_at,
        id=message.id,
    )
