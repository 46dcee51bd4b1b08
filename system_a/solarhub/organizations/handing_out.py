"""The link of an invitation goes to whoever invites, and by mail to whoever is invited."""

from uuid import UUID

from solarhub.kit.db import Session
from solarhub.kit.sealing import Keyring
from solarhub.notifications.message import Message
from solarhub.notifications.outbox import post
from solarhub.notifications.vocabulary import Way
from solarhub.organizations.invitation_link import InvitationLink
from solarhub.organizations.wording import Invitation


async def hand_out(
    session: Session,
    keyring: Keyring,
    words: Invitation,
    *,
    public_url: str,
    token: str,
    organization_id: UUID,
    event: str,
    email: str | None,
    phone: str | None,
    qr: bool = True,
) -> InvitationLink:
    """The link in its three shapes; whoever has an `email` is written to as well. Without `qr` no code is drawn."""
    handed = InvitationLink.of(public_url, token, phone=phone, text=words.chat, qr=qr)
    if email is not None:
        letter = Message(
            channel=Way.EMAIL,
            recipient=email,
            event=event,
            subject=words.subject,
            text=words.text,
            organization_id=organization_id,
            link=handed.link,
        )
        await post(session, keyring, [letter])
    return handed
