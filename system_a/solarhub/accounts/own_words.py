"""Which words are a person's own, so that no password is made of them."""

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from solarhub.accounts.models import User
from solarhub.accounts.password_rules import words_of
from solarhub.kit.db import Database

Source = Callable[[Database, UUID], Awaitable[Iterable[str]]]

SOURCES: list[Source] = []
"""Names that others know of a person, such as those of their organizations, asked of the auth role."""


async def own_words(auth_database: Database, user: User) -> frozenset[str]:
    """The words of the person's names, address, and of what they belong to."""
    elsewhere = [name for source in SOURCES for name in await source(auth_database, user.id)]
    return words_of(user.email, user.first_name, user.last_name, f"{user.first_name} {user.last_name}", *elsewhere)
