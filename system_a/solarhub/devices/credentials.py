"""How a device proves who it is at the HTTP door: a token, of which the hub keeps the hash alone."""

import secrets
from hashlib import sha256
from time import monotonic
from weakref import WeakKeyDictionary

from solarhub.devices import queries
from solarhub.devices.identity import KnownDevice
from solarhub.devices.models import Device, DeviceToken
from solarhub.kit.db import Database, Session, outages
from solarhub.kit.errors import Forbidden, Unauthenticated
from solarhub.kit.remembered import Remembered
from solarhub.organizations.vocabulary import OrganizationStatus

TRUSTED_SECONDS = 10.0
"""How long a token is taken without asking again; a revoked one opens nothing after that."""

_PREFIX = "shd_"
_LENGTH = len(_PREFIX) + 43  # 32 bytes in base64 without its padding
_REMEMBERED = 200_000
_UNKNOWN = "This token opens nothing here."

_seen: WeakKeyDictionary[Database, Remembered[bytes, KnownDevice]] = WeakKeyDictionary()


async def identify(auth_database: Database, token: str) -> KnownDevice:
    """Whose token this is, asked of the auth role at most every ten seconds.

    Unauthenticated, always in the same words, for one that is unknown, revoked or of a removed device; Forbidden while
    the organization is suspended or closed; Unavailable while the database is away.
    """
    if len(token) != _LENGTH or not token.startswith(_PREFIX) or not token.isascii():
        raise Unauthenticated(_UNKNOWN)
    digest = sha256(token.encode()).digest()
    remembered = _seen.setdefault(auth_database, Remembered(seconds=TRUSTED_SECONDS, most=_REMEMBERED))
    known = remembered.get(digest, monotonic())
    if known is not None:
        return known
    remembered.forget(digest)
    async with outages(), auth_database.session() as auth:
        row = await queries.token_owner(auth, digest)
    if row is None:
        raise Unauthenticated(_UNKNOWN)
    if row.status != OrganizationStatus.ACTIVE:
        raise Forbidden(f"The organization of this device is {row.status}; nothing is taken for it.")
    known = KnownDevice(row.device_id, row.organization_id, row.organization_key, row.device_key)
    remembered.put(digest, known, monotonic())
    return known


async def issue(session: Session, device: Device) -> str:
    """A new token for the device, valid beside those it has; it can be shown now and never again."""
    token = _PREFIX + secrets.token_urlsafe(32)
    session.add(
        DeviceToken(
            organization_id=device.organization_id,
            device_id=device.id,
            token_sha256=sha256(token.encode()).digest(),
        )
    )
    await session.flush()
    return token
