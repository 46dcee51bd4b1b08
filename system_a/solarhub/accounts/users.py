"""The people of the whole hub, as those who run it see them."""

from uuid import UUID

from solarhub.accounts import links
from solarhub.accounts.models import User
from solarhub.accounts.queries import people, sessions
from solarhub.accounts.vocabulary import UserRole
from solarhub.audit.recording import acting
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, NotFound


async def find(session: Session, user_id: UUID) -> User:
    """NotFound for one that is not there or was removed."""
    user = await people.user(session, user_id)
    if user is None:
        raise NotFound
    return user


async def deactivate(session: Session, user_id: UUID) -> User:
    """Lets a person in no more: sessions and links end with this transaction.

    Conflict for one who is switched off already, and for the last who runs the hub.
    """
    others = await people.other_super_admins(session, user_id)
    user = await _to_change(session, user_id, active=True)
    if user.role is UserRole.SUPER_ADMIN and not others:
        raise Conflict("Nobody else runs this hub: make another super admin first.", state="active")
    acting(session, "person.deactivate")
    user.is_active = False
    await session.flush()
    await sessions.end(session, user.id)
    await links.revoke(session, user.id)
    return user


async def reactivate(session: Session, user_id: UUID) -> User:
    """Lets a person in again, who signs in anew. Conflict for one who is not switched off."""
    user = await _to_change(session, user_id, active=False)
    acting(session, "person.reactivate")
    user.is_active = True
    await session.flush()
    return user


async def _to_change(session: Session, user_id: UUID, *, active: bool) -> User:
    user = await people.user_to_change(session, user_id)
    if user is None:
        raise NotFound
    if user.is_active is not active:
        state = "active" if user.is_active else "inactive"
        raise Conflict(f"This person is {state} already.", state=state)
    return user
