"""What devices need done while nobody asks."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog

from solarhub.devices import maintenance, sealing, settlement
from solarhub.devices.heartbeat import roll_forward
from solarhub.devices.publishers import Passwords
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop
from solarhub.kit.sealing import Keyring

log = structlog.get_logger(__name__)

_EVERY = timedelta(seconds=15)
_MAINTENANCE_SECONDS = 15.0
_CLAIMS_SECONDS = 5.0
_USERS_SECONDS = 2.0
_SEALING_SECONDS = 2.0
_SEALING_REST_SECONDS = 3600.0


class _Heartbeat:
    """Remembers since when the hub has been listening: since its start, or since it last missed its own beats."""

    def __init__(self, started_at: datetime) -> None:
        self.listening_since = started_at
        self.last_beat = started_at

    async def beat(self, session: Session) -> None:
        at = now()
        if at - self.last_beat > 4 * _EVERY:
            # the database was away, or this machine slept: the devices' silence was our deafness
            self.listening_since = at
        await roll_forward(session, listening_since=self.listening_since, now=at)
        self.last_beat = at


class _Sealing:
    """Walks over all devices, some at a time, and begins again an hour after it came to the end."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.after: UUID = sealing.START
        self.rests_until = 0.0

    async def step(self, session: Session) -> None:
        if monotonic() < self.rests_until:
            return
        done = await sealing.reseal_all(session, self.keyring, after=self.after)
        if done.sealed:
            log.info("secrets of connections sealed", devices=done.sealed)
        if done.last is None:
            self.after, self.rests_until = sealing.START, monotonic() + _SEALING_REST_SECONDS
        else:
            self.after = done.last


def heartbeat(worker_database: Database) -> Loop:
    """The roll-forward every 15 seconds, for one hub from its start."""
    return Loop("heartbeat", worker_database, _Heartbeat(now()).beat, every_seconds=_EVERY.total_seconds())


def maintenance_ends(worker_database: Database) -> Loop:
    """Ends maintenance that was to last until now; within a quarter of a minute."""

    async def step(session: Session) -> None:
        await maintenance.end_due(session)

    return Loop("device maintenance", worker_database, step, every_seconds=_MAINTENANCE_SECONDS)


def claims(worker_database: Database, keyring: Keyring, public_url: str) -> Loop:
    """Settles claims on serial numbers; letters to owners lead to `public_url`."""

    async def step(session: Session) -> None:
        await settlement.settle(session, keyring, public_url)

    return Loop("device claims", worker_database, step, every_seconds=_CLAIMS_SECONDS)


def sealing_of_connections(worker_database: Database, keyring: Keyring) -> Loop:
    """Seals what an earlier version stored in clear, or an earlier key sealed."""
    return Loop("sealing", worker_database, _Sealing(keyring).step, every_seconds=_SEALING_SECONDS)


def broker_users(worker_database: Database, give: Callable[[Mapping[str, str]], None]) -> Loop:
    """Tells the hub's own MQTT broker which devices hold a token; `give` takes their ids and what it compares with."""
    passwords = Passwords()

    async def step(session: Session) -> None:
        found = await passwords.look(session)
        if found is not None:
            give({str(device_id): broker_hash for device_id, broker_hash in found.items()})

    return Loop("broker users", worker_database, step, every_seconds=_USERS_SECONDS)


def loops(worker_database: Database, keyring: Keyring, public_url: str) -> list[Loop]:
    """All of them, for one hub from its start."""
    return [
        heartbeat(worker_database),
        maintenance_ends(worker_database),
        claims(worker_database, keyring, public_url),
        sealing_of_connections(worker_database, keyring),
    ]
