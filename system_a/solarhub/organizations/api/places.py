"""Everywhere one stands, over HTTP."""

from solarhub.accounts.deps import AuthDatabase, SignedIn
from solarhub.kit.http import Router
from solarhub.organizations.actor import Actor
from solarhub.organizations.places import places_of
from solarhub.organizations.schemas.organizations import PlacesAnswer

router = Router(prefix="/me", tags=["me"])


@router.get("/places")
async def list_my_places(person: SignedIn, auth: AuthDatabase) -> PlacesAnswer:
    """The companies that you belong to, and the single plants of others that you see."""
    return await places_of(auth, Actor(person.user_id, is_super_admin=person.is_super_admin))
