"""Devices that publish at an MQTT broker: where the hub finds them, and what keeps it from that."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from solarhub.devices import metadata
from solarhub.devices.connection import Mqtt
from solarhub.devices.identity import KnownDevice
from solarhub.devices.queries import publishers as queries
from solarhub.devices.secrets import Safe
from solarhub.drivers.mqtt import Address
from solarhub.kit.db import Session, as_machine
from solarhub.kit.sealing import Keyring, Unsealable

TROUBLE = "MQTT"
"""Every sentence about a broker in a device's `last_error` begins with it, and only such a one is taken away again."""

_AT_ONCE = 1000
_IN_CLEAR = (
    "MQTT: the password of this connection would go over the network unencrypted. Use TLS, or allow it with"
    " unencrypted_password."
)
_SEALED = "MQTT: no key of this hub opens the password of this connection. Enter it anew."
_MISSHAPEN = "MQTT: the connection cannot be read. Enter it anew."


@dataclass(frozen=True, slots=True)
class Publisher:
    """A device, its plant's time zone, and where it publishes.

    `trouble` says why the hub does not look for it there, where that is so.
    """

    device: KnownDevice
    time_zone: str
    version: int
    prefix: str
    address: Address | None
    client_id: str | None
    trouble: str | None = None


class Directory:
    """All devices whose connection names a broker, kept up to date by looking again."""

    def __init__(self, keyring: Keyring) -> None:
        self.publishers: dict[UUID, Publisher] = {}
        self._addresses: dict[Address, Address] = {}  # thousands of devices share one
        self._keyring = keyring
        self._standing = ""

    async def look(self, worker: Session) -> bool:
        """Whether anything has changed since the last look; secrets are opened in memory alone."""
        standing = await queries.standing(worker)
        if standing == self._standing:
            return False
        versions = await queries.versions(worker)
        for gone in self.publishers.keys() - versions.keys():
            del self.publishers[gone]
        known = self.publishers
        changed = [each for each, version in versions.items() if each not in known or known[each].version != version]
        for begin in range(0, len(changed), _AT_ONCE):
            for row in await queries.publishers(worker, changed[begin : begin + _AT_ONCE]):
                known[row.device_id] = self._publisher(row)
        self._standing = standing
        return True

    def forget(self) -> None:
        """Looks at every device anew the next time, as when plants have changed hands."""
        self._standing = ""
        self.publishers.clear()
        self._addresses.clear()

    def _publisher(self, row: queries.Row) -> Publisher:
        device = _known(row)
        safe = Safe(self._keyring, row.organization_id, row.device_id)
        try:
            mqtt = Mqtt.from_stored(safe.opened(row.connection_config))
        except Unsealable:
            return Publisher(device, row.time_zone, row.version, "", None, None, _SEALED)
        if mqtt.unreadable:  # what a later version, or somebody with psql, left behind
            return Publisher(device, row.time_zone, row.version, "", None, None, _MISSHAPEN)
        address = Address(
            mqtt.broker.lower(), mqtt.port, mqtt.use_tls, mqtt.username, mqtt.password, mqtt.ca_certificate
        )
        in_clear = address.password is not None and not (
            address.tls or address.is_this_machine or mqtt.unencrypted_password
        )
        return Publisher(
            device,
            row.time_zone,
            row.version,
            mqtt.topic_prefix,
            self._addresses.setdefault(address, address),
            mqtt.client_id,
            _IN_CLEAR if in_clear else None,
        )


async def holders(worker: Session, device_ids: Collection[UUID]) -> dict[UUID, tuple[KnownDevice, str]]:
    """Those of them that may publish at the hub's own broker now, because they hold a token; and their time zones."""
    return {row.device_id: (_known(row), row.time_zone) for row in await queries.holders(worker, device_ids)}


class Passwords:
    """What the hub's own broker is to compare passwords with, kept up to date by looking again."""

    def __init__(self) -> None:
        self._standing = ""

    async def look(self, worker: Session) -> dict[UUID, str] | None:
        """All of them by device, or None where nothing has changed since the last look."""
        standing = await queries.standing_of_passwords(worker)
        if standing == self._standing:
            return None
        found = await queries.passwords(worker)
        self._standing = standing
        return found


class Troubles:
    """What `last_error` says of brokers; writes only what changes."""

    def __init__(self) -> None:
        self._written: dict[UUID, str] | None = None

    async def tell(self, worker: Session, wanted: Mapping[UUID, str]) -> None:
        """`wanted` are all sentences there are now, by device; what was said of others is taken away."""
        await as_machine(worker)
        if self._written is None:
            self._written = await queries.errors_that_begin(worker, TROUBLE)
        before = self._written
        changes: dict[UUID, str | None] = {each: text for each, text in wanted.items() if before.get(each) != text}
        changes |= dict.fromkeys(before.keys() - wanted.keys())
        if changes:
            await queries.write_errors(worker, changes, TROUBLE)
            # a row that somebody was editing was left out: what is there is asked once more the next time
            self._written = await queries.errors_that_begin(worker, TROUBLE)


def _known(row: queries.Row) -> KnownDevice:
    return KnownDevice(
        row.device_id, row.organization_id, row.organization_key, row.device_key, metadata.rated_kw(row.notes)
    )
