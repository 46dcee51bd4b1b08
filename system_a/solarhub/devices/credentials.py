"""How a device proves who it is: a token, of which the hub keeps hashes alone.

It opens the HTTP door, and is the device's password at the hub's own MQTT broker, where its user name is its id.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import monotonic
from uuid import UUID
from weakref import WeakKeyDictionary

from solarhub.devices import metadata
from solarhub.devices.identity import KnownDevice
from solarhub.devices.models import Device, DeviceToken
from solarhub.devices.queries import tokens as queries
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session, outages
from solarhub.kit.errors import Forbidden, NotFound, Unauthenticated
from solarhub.kit.mosquitto.passwords import hashed
from solarhub.kit.remembered import Remembered
from solarhub.kit.tokens import DEVICE, looks_like, new_token, sha256_of
from solarhub.organizations.vocabulary import OrganizationStatus

TRUSTED_SECONDS = 10.0
"""How long a token is taken without asking again; a revoked one opens nothing after that."""

OVERLAP = timedelta(hours=24)
"""How long the token before stays valid, unless somebody says otherwise."""

_REMEMBERED = 200_000
_UNKNOWN = "This token opens nothing here."

_households: WeakKeyDictionary[Database, Remembered[int, dict[str, KnownDevice]]] = WeakKeyDictionary()
_seen: WeakKeyDictionary[Database, Remembered[bytes, KnownDevice]] = WeakKeyDictionary()


async def identify(auth_database: Database, token: str) -> KnownDevice:
    """Whose token this is, asked of the auth role at most every ten seconds.

    Unauthenticated, always in the same words, for one that is unknown, expired, revoked or of a removed device;
    Forbidden while the organization is suspended or closed; Unavailable while the database is away.
    """
    if not looks_like(token, DEVICE):
        raise Unauthenticated(_UNKNOWN)
    digest = sha256_of(token)
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
    known = KnownDevice(
        row.device_id, row.organization_id, row.organization_key, row.device_key, metadata.rated_kw(row.notes)
    )
    remembered.put(digest, known, monotonic())
    return known


async def children(auth_database: Database, gateway: KnownDevice) -> Mapping[str, KnownDevice]:
    """The devices that a gateway speaks for, by id, by serial number, and by those names that only one of them has.

    Asked of the auth role at most every ten seconds. Unavailable while the database is away.
    """
    remembered = _households.setdefault(auth_database, Remembered(seconds=TRUSTED_SECONDS, most=_REMEMBERED))
    household = remembered.get(gateway.device_key, monotonic())
    if household is not None:
        return household
    remembered.forget(gateway.device_key)
    async with outages(), auth_database.session() as auth:
        rows = await queries.children(auth, gateway.device_id)
    household = {}
    twice = {name for name, count in Counter(row.name for row in rows).items() if count > 1}
    # what is certain to mean one device alone is written last, and so stands
    for word in ("name", "serial_number", "device_id"):
        for row in rows:
            if getattr(row, word) is not None and not (word == "name" and row.name in twice):
                household[str(getattr(row, word))] = KnownDevice(
                    row.device_id,
                    gateway.organization_id,
                    gateway.organization_key,
                    row.device_key,
                    metadata.rated_kw(row.notes),
                )
    remembered.put(gateway.device_key, household, monotonic())
    return household


async def issue(session: Session, device: Device, overlap: timedelta = OVERLAP) -> str:
    """A new token for a device that is locked; it can be shown now and never again.

    The one before stays valid for `overlap`, or for less where it was ending anyway; any other is revoked, so that
    there are never more than two.
    """
    at = now()
    earlier = await queries.tokens_in_force(session, device.id)
    for number, row in enumerate(earlier):
        if number == 0 and overlap:
            row.expires_at = min(at + overlap, row.expires_at or at + overlap)
        else:
            row.revoked_at = at
    token = new_token(DEVICE)
    session.add(
        DeviceToken(
            organization_id=device.organization_id,
            device_id=device.id,
            token_sha256=sha256_of(token),
            broker_hash=hashed(token),
        )
    )
    await session.flush()
    return token


async def in_force(session: Session, device: Device) -> Sequence[DeviceToken]:
    """The tokens that open the door now, the present one first: two at most."""
    return await queries.tokens_in_force(session, device.id)


async def revoke(session: Session, device: Device, token_id: UUID | None = None) -> None:
    """Ends one token, or all; at most ten seconds later it opens nothing. NotFound for one that is not in force."""
    ended = [row for row in await queries.tokens_in_force(session, device.id) if token_id is None or row.id == token_id]
    if token_id is not None and not ended:
        raise NotFound
    for row in ended:
        row.revoked_at = now()
    await session.flush()


def forget_all() -> None:
    """Asks for every token anew, as when devices have come to another organization."""
    _seen.clear()
    _households.clear()
