"""Logins of the database for dashboards and notebooks: each reads the documented views of one organization.

Which organization that is hangs on the name of the login and on nothing that the login could set for itself.
"""

import re
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, NotFound
from solarhub.kit.postgres.roles import scram_verifier
from solarhub.telemetry.queries import readers as queries

_PREFIX = "solarhub_reader_"
_NAME = re.compile(r"solarhub_reader_[a-z0-9_]{1,47}")


class Reader(NamedTuple):
    """`may_log_in` is false after a restore, which brings no passwords along: make it again."""

    role: str
    organization: str
    created_at: datetime
    may_log_in: bool


def is_reader(login: str) -> bool:
    """Whether a login has the name of one of these."""
    return _NAME.fullmatch(login) is not None


def role_of(slug: str, suffix: str | None = None) -> str:
    """The login's name: of an organization, or one of several of it."""
    wanted = f"{slug}_{suffix}" if suffix else slug
    return _PREFIX + re.sub(r"[^a-z0-9]+", "_", wanted.lower())[:47]


async def add(
    session: Session, role: str, organization_id: UUID, organization_key: int, known: Collection[UUID]
) -> str:
    """Makes the login, or gives one of the same organization a new password, which is returned and kept nowhere.

    `session` logged in as somebody who may make roles. Conflict for a login of another of the `known` organizations.
    """
    password = secrets.token_urlsafe(24)
    await queries.make(session, role, scram_verifier(password), organization_id, organization_key)
    others = await queries.every(session, [each for each in known if each != organization_id])
    if any(each.role_name == role for each in others):
        raise Conflict(f"{role} reads another organization already: give this one another name.")
    return password


async def remove(session: Session, role: str, organization_id: UUID) -> None:
    """Ends a login. NotFound."""
    if not _NAME.fullmatch(role) or not any(
        each.role_name == role for each in await queries.every(session, [organization_id])
    ):
        raise NotFound(f"There is no login {role} of this organization.")
    await queries.remove(session, role, organization_id)


async def listed(session: Session, organization_ids: Collection[UUID]) -> list[Reader]:
    """Of these organizations, by name."""
    return [Reader(*row) for row in await queries.every(session, list(organization_ids))]
