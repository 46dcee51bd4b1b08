"""What scripts sign in with: an API key, of which the hub keeps the hash alone."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session, outages, transaction
from solarhub.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Unauthenticated
from solarhub.kit.tokens import API_KEY, looks_like, new_token, sha256_of
from solarhub.organizations import queries
from solarhub.organizations.access import Standing
from solarhub.organizations.actor import Actor, KeyPass
from solarhub.organizations.models import ApiKey
from solarhub.organizations.queries import keys
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.api_keys import ApiKeyRequest

LONGEST_LIFE = timedelta(days=366)
USUAL_LIFE = timedelta(days=90)
_UNKNOWN = "This key opens nothing here."
_TOUCHED_EVERY = timedelta(minutes=1)


async def identify(auth_database: Database, token: str) -> Actor:
    """Who made the key, limited to what it names; asked of the auth role at each use.

    Unauthenticated, always in the same words, for one that is unknown, revoked or expired, or whose maker is not in
    use any more. What the maker may still do is for `access` to say.
    """
    if not looks_like(token, API_KEY):
        raise Unauthenticated(_UNKNOWN)
    async with outages(), auth_database.session() as auth:
        row = await queries.key_maker(auth, sha256_of(token))
    if row is None:
        raise Unauthenticated(_UNKNOWN)
    if row.last_used_at is None or now() - row.last_used_at > _TOUCHED_EVERY:
        async with transaction(auth_database) as auth:
            await queries.touch_key(auth, row.id)
    known = frozenset(Permission)
    permissions = frozenset(Permission(each) for each in row.permissions if each in known)
    return Actor(
        user_id=row.created_by,
        is_super_admin=row.is_super_admin,
        key=KeyPass(row.id, row.organization_id, permissions),
    )


async def issue(
    session: Session,
    *,
    organization_id: UUID,
    maker_id: UUID,
    name: str,
    permissions: Collection[Permission],
    expires_at: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its token, which can be shown now and never again. The caller has judged rights and expiry."""
    token = new_token(API_KEY)
    key = ApiKey(
        organization_id=organization_id,
        created_by=maker_id,
        name=name,
        permissions=sorted(permissions),
        expires_at=expires_at,
        token_sha256=sha256_of(token),
    )
    session.add(key)
    await session.flush()
    return key, token


async def make(session: Session, here: Standing, wanted: ApiKeyRequest) -> tuple[ApiKey, str]:
    """A key of the person who asks, with its token. Invalid for rights that they lack and for an end that cannot be."""
    if here.actor.key is not None:
        # else a key that leaked could outlive its own end
        raise Forbidden("Only a person makes API keys: sign in instead of using one.")
    beyond = sorted(set(wanted.permissions) - here.permissions)
    wrong = [
        FieldError("permissions", right, "is not a right that you have here", sorted(here.permissions))
        for right in beyond
    ]
    if not wanted.permissions:
        wrong.append(FieldError("permissions", [], "must name at least one right", sorted(here.permissions)))
    latest = now() + LONGEST_LIFE
    expires_at = wanted.expires_at or now() + USUAL_LIFE
    if not now() < expires_at <= latest:
        within = f"a time from now to {latest:%Y-%m-%d}"
        wrong.append(FieldError("expires_at", expires_at.isoformat(), "must lie within the next 366 days", within))
    if wrong:
        raise Invalid(wrong)
    return await issue(
        session,
        organization_id=here.organization.id,
        maker_id=here.actor.user_id,
        name=wanted.name,
        permissions=wanted.permissions,
        expires_at=expires_at,
    )


async def revoke(session: Session, key_id: UUID) -> None:
    """It opens nothing from now on. NotFound for one that is not there; Conflict for one that is revoked already."""
    key = await keys.api_key_to_change(session, key_id)
    if key is None:
        raise NotFound
    if key.revoked_at is not None:
        raise Conflict("The key is revoked already.", state="revoked")
    acting(session, "api_key.revoke")
    key.revoked_at = now()
    await session.flush()
