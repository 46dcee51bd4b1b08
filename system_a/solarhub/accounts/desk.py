"""Where business with accounts is done: what it takes, and who stands in front of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from solarhub.accounts.caller import Caller
from solarhub.accounts.models import User
from solarhub.accounts.passwords import Passwords
from solarhub.accounts.wording import Event, letter
from solarhub.audit.recording import ActorKind, Trail, follow
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session, outages, transaction
from solarhub.kit.sealing import Keyring
from solarhub.notifications.message import Message
from solarhub.notifications.outbox import post


@dataclass(frozen=True, slots=True)
class Desk:
    """Use cases take it, and no session, where they count tries, or work out hashes between two transactions.

    No connection is held while a hash is worked out: the pool is small, and everybody else's requests need it.
    """

    auth: Database
    passwords: Passwords
    keyring: Keyring
    public_url: str
    caller: Caller

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Session]:
        """A session of the auth role that is never committed."""
        async with outages(), self.auth.session() as session:
            yield session

    @asynccontextmanager
    async def acting(self, user_id: UUID | None = None) -> AsyncIterator[Session]:
        """One committed transaction of the auth role; what it changes is recorded as this person's doing."""
        async with transaction(self.auth) as session:
            followed(session, self.caller, user_id)
            yield session

    async def write(
        self,
        session: Session,
        user: User,
        event: Event,
        *,
        to: str | None = None,
        email: str = "",
        link: str | None = None,
        left: int = 0,
    ) -> None:
        """A letter to the person's own address or another one, in their language and time zone, sent after the commit.

        It goes out whatever `preferences.notifications` says: those switches are for alerts, this protects the account.
        """
        preferences = user.preferences
        told = letter(
            event,
            preferences.language,
            name=f"{user.first_name} {user.last_name}",
            public_url=self.public_url,
            at=now(),
            timezone=preferences.timezone,
            email=email,
            left=left,
        )
        message = Message(
            channel="email",
            recipient=to or user.email,
            event=f"account.{event}",
            subject=told.subject,
            text=told.text,
            user_id=user.id,
            link=link,
        )
        await post(session, self.keyring, [message])


def followed(session: Session, caller: Caller, user_id: UUID | None = None) -> Session:
    """The session, whose changes are recorded as this person's doing; nobody's that is known without `user_id`."""
    kind: ActorKind = "person" if user_id is not None else "nobody"
    follow(session, Trail(kind, user_id, None, caller.address or None, caller.request_id))
    return session
