"""Invitations of every kind: what one is for, and taking it up.

A token leads to one row of one kind: a place among the members, a view of one plant, a plant that changes hands. Each
kind answers for its own rows; wiring lists them in `KINDS`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from solarhub.accounts.models import User
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session
from solarhub.kit.errors import NotFound
from solarhub.kit.sealing import Keyring
from solarhub.kit.tokens import INVITATION, looks_like, new_token, sha256_of
from solarhub.organizations.actor import Actor
from solarhub.organizations.vocabulary import InvitationSort, OrgMemberRole

LIFE = timedelta(days=7)
"""How long an invitation may be taken up."""


class NotValidAnyMore(NotFound):
    """This invitation is not valid: it was used, withdrawn or replaced, or it has run out. Ask for a new one."""


@dataclass(frozen=True, slots=True)
class Invited:
    """What a token that is in force leads to.

    `email`: the only one who may take it up; None for whoever holds the link. `user_id`: that person's account, where
    the row names one. `role` is None where nobody gets a role by it.
    """

    kind: InvitationSort
    id: UUID
    organization_id: UUID
    organization_name: str
    expires_at: datetime
    email: str | None = None
    name: str | None = None
    """Who is invited, as the inviter wrote it."""
    phone: str | None = None
    user_id: UUID | None = None
    role: OrgMemberRole | None = None
    site_id: UUID | None = None
    site_name: str | None = None
    until: datetime | None = None
    """When what is given ends, if it does."""
    invited_by: str | None = None
    """The name of whoever invites."""
    token_sha256: str = ""
    """What the row holds: taking it up is `UPDATE … WHERE invitation_token = token_sha256 … RETURNING`."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How somebody takes an invitation up. `actor` is who stands behind the request: the person who signed in, or the
    one whose account has got its password a moment ago.

    `organization_id` is where a plant that is handed over goes; `organization_name` founds one for it.
    """

    actor: Actor
    auth_database: Database
    organization_id: UUID | None = None
    organization_name: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands now: in an organization, or at one site of it."""

    organization_id: UUID
    organization_name: str
    role: OrgMemberRole
    site_id: UUID | None = None
    site_name: str | None = None


class InvitationKind(Protocol):
    """A kind of invitation, which knows its own rows."""

    async def look(self, auth: Session, token_sha256: str) -> Invited | None:
        """What the token (its SHA-256 in hexadecimal) is for, while it is in force (auth role); None for not ours."""
        ...

    async def accept(self, session: Session, keyring: Keyring, invited: Invited, user: User, wish: Acceptance) -> Place:
        """Takes it up for `user`, once: NotValidAnyMore for whoever comes second.

        The session (app role) stands nowhere yet, and its trail is the user's. Who may take it up has been judged.
        """
        ...


class Invitable(Protocol):
    """A row that a token can lead to."""

    invitation_token: Any
    invitation_expires: Any


def renew(row: Invitable) -> tuple[str, datetime]:
    """A new token for the row, and until when it may be used; an earlier one opens nothing any more."""
    token, until = new_token(INVITATION), now() + LIFE
    row.invitation_token = sha256_of(token).hex()
    row.invitation_expires = until
    return token, until


KINDS: list[InvitationKind] = []
"""Filled by wiring."""


async def find(auth: Session, token: str) -> tuple[InvitationKind, Invited]:
    """What a token is for, and who answers for it.

    NotValidAnyMore for one that leads nowhere, in the same words whatever the reason.
    """
    if looks_like(token, INVITATION):
        token_sha256 = sha256_of(token).hex()
        for kind in KINDS:
            found = await kind.look(auth, token_sha256)
            if found is not None:
                return kind, found
    raise NotValidAnyMore
