"""Who sends: a device that shows its token, and the devices that a gateway speaks for.

Devices ask all the time, so answers are remembered for some seconds, and those who have to be looked up at the same
time are looked up together: a hundred thousand devices cost each of them no more than ten do.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from solarhub.devices import metadata
from solarhub.devices.identity import KnownDevice
from solarhub.devices.queries import tokens as queries
from solarhub.kit.db import Database, outages
from solarhub.kit.errors import Forbidden, Unauthenticated
from solarhub.kit.remembered import Remembered
from solarhub.kit.together import Together
from solarhub.kit.tokens import DEVICE, looks_like, sha256_of
from solarhub.organizations.vocabulary import OrganizationStatus

TRUSTED_SECONDS = 10.0
"""How long a token is taken without asking again; a revoked one opens nothing after that."""

_REMEMBERED = 200_000
_UNKNOWN = "This token opens nothing here."

Household = Mapping[str, KnownDevice]
"""The devices that a gateway speaks for, by id, by serial number, and by those names that only one of them has."""


class _Known(NamedTuple):
    """A household, and the number that says whether it is still the same."""

    stand: int
    household: Household


class _Roster:
    """What is remembered of one database's devices."""

    def __init__(self, auth_database: Database) -> None:
        self._auth_database = auth_database
        self.owners: Remembered[bytes, KnownDevice] = Remembered(seconds=TRUSTED_SECONDS, most=_REMEMBERED)
        self.households: Remembered[UUID, Household] = Remembered(seconds=TRUSTED_SECONDS, most=_REMEMBERED)
        self.tokens = Together(self._ask_for_owners)
        self.gateways = Together(self._ask_for_households)
        self._known: dict[UUID, _Known] = {}

    def forget(self) -> None:
        self.owners.forget_all()
        self.households.forget_all()

    async def _ask_for_owners(self, hashes: Sequence[bytes]) -> Mapping[bytes, queries.Owner]:
        async with outages(), self._auth_database.driver() as auth:
            return await queries.token_owners(auth, hashes)

    async def _ask_for_households(self, gateways: Sequence[KnownDevice]) -> Mapping[KnownDevice, Household]:
        """Only those are read anew in which something was edited."""
        async with outages(), self._auth_database.driver() as auth:
            stands = await queries.household_stands(auth, [gateway.device_id for gateway in gateways])
            edited = [each for each in gateways if not self._is_known(each, stands)]
            rows = await queries.children(auth, [each.device_id for each in edited]) if edited else {}
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        for gateway in edited:
            children = _household(gateway, rows[gateway.device_id])
            self._known[gateway.device_id] = _Known(stands[gateway.device_id], children)
        return {gateway: self._known[gateway.device_id].household for gateway in gateways}

    def _is_known(self, gateway: KnownDevice, stands: Mapping[UUID, int]) -> bool:
        known = self._known.get(gateway.device_id)
        return known is not None and known.stand == stands[gateway.device_id]


_rosters: WeakKeyDictionary[Database, _Roster] = WeakKeyDictionary()


def _roster(auth_database: Database) -> _Roster:
    roster = _rosters.get(auth_database)
    if roster is None:
        roster = _rosters[auth_database] = _Roster(auth_database)
    return roster


async def identify(auth_database: Database, token: str) -> KnownDevice:
    """Whose token this is, asked of the auth role at most every ten seconds.

    Unauthenticated, always in the same words, for one that is unknown, expired, revoked or of a removed device;
    Forbidden while the organization is suspended or closed; Unavailable while the database is away.
    """
    if not looks_like(token, DEVICE):
        raise Unauthenticated(_UNKNOWN)
    digest = sha256_of(token)
    roster = _roster(auth_database)
    known = roster.owners.get(digest, monotonic())
    if known is not None:
        return known
    roster.owners.forget(digest)
    owner = await roster.tokens.get(digest)
    if owner is None:
        raise Unauthenticated(_UNKNOWN)
    if owner.status != OrganizationStatus.ACTIVE:
        raise Forbidden(f"The organization of this device is {owner.status}; nothing is taken for it.")
    known = KnownDevice(
        owner.device_id,
        owner.organization_id,
        owner.organization_key,
        owner.device_key,
        metadata.above_zero(owner.rating),
    )
    roster.owners.put(digest, known, monotonic())
    return known


async def children(auth_database: Database, gateway: KnownDevice) -> Household:
    """The devices that a gateway speaks for, asked as for `identify`. Unavailable while the database is away."""
    roster = _roster(auth_database)
    household = roster.households.get(gateway.device_id, monotonic())
    if household is not None:
        return household
    roster.households.forget(gateway.device_id)
    household = await roster.gateways.get(gateway) or {}
    roster.households.put(gateway.device_id, household, monotonic())
    return household


def forget_all() -> None:
    """Asks for everybody anew, as when devices have come to another organization."""
    for roster in _rosters.values():
        roster.forget()


def _household(gateway: KnownDevice, rows: Sequence[queries.Child]) -> Household:
    household: dict[str, KnownDevice] = {}
    known = [
        KnownDevice(
            row.device_id,
            gateway.organization_id,
            gateway.organization_key,
            row.device_key,
            metadata.above_zero(row.rating),
        )
        for row in rows
    ]
    names = Counter(row.name for row in rows)
    # what is certain to mean one device alone is written last, and so stands
    household.update((row.name, child) for row, child in zip(rows, known, strict=True) if names[row.name] == 1)
    household.update((row.serial_number, child) for row, child in zip(rows, known, strict=True) if row.serial_number)
    household.update((str(row.device_id), child) for row, child in zip(rows, known, strict=True))
    return household
