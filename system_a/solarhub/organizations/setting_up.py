"""The first minute of a hub: whoever holds the set-up link becomes the one who runs it, with a first organization."""

from collections.abc import Callable

from solarhub.accounts.models import User
from solarhub.accounts.password_rules import words_of
from solarhub.accounts.passwords import Passwords
from solarhub.accounts.setup import make_first_admin, take_set_up_token
from solarhub.audit.recording import Trail, acting, follow
from solarhub.kit.db import Session
from solarhub.organizations.actor import Actor
from solarhub.organizations.models import Organization
from solarhub.organizations.registration import found
from solarhub.organizations.schemas.setting_up import SettingUp


async def set_up(
    session: Session,
    auth: Session,
    passwords: Passwords,
    wanted: SettingUp,
    trail_of: Callable[[Actor], Trail],
) -> tuple[User, Organization]:
    """The first super admin, with a password, and the first organization, which is theirs.

    `session` (app role) ends before `auth`, so that a link that let nobody in works again. Raises Unauthenticated for a
    link that does not work, Conflict once somebody runs the hub, Invalid for a password that is not taken.
    """
    person = wanted.person
    own_words = words_of(person.email, person.first_name, person.last_name, wanted.organization.name)
    await take_set_up_token(auth, wanted.token.get_secret_value())
    password_hash = await passwords.chosen(wanted.password.get_secret_value(), own_words)
    admin = await make_first_admin(session, person, password_hash)
    follow(session, trail_of(Actor(admin.id, is_super_admin=True)))
    acting(session, "hub.set_up")
    return admin, await found(session, admin, wanted.organization)
