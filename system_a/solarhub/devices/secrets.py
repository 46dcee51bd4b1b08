"""What of a device's connection is secret: sealed where it is stored, opened for drivers, shown to nobody. Pure.

A secret lies in `connection_config` under its own key as `{"sealed": "…"}`, bound to organization, device and key: in
another device's row it does not open. One that an earlier version stored in clear is read as it is, until it is sealed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from solarhub.devices.connection import SECRET_KEYS, ConnectionConfig
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.refusals import HIDDEN
from solarhub.kit.sealing import Keyring, Unsealable

KEPT: Mapping[str, Any] = {"set": True}
"""Stands for a stored secret in every answer; given back in a change, it keeps the secret."""

_SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Safe:
    """Where one device's secrets lie."""

    keyring: Keyring
    organization_id: UUID
    device_id: UUID

    def stored(self, connection: ConnectionConfig) -> dict[str, Any]:
        """The document of a connection as the database holds it."""
        return self.closed(connection.to_stored())

    def closed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A document whose secrets are in clear, with each of them sealed."""
        return {
            key: {_SEALED: self.keyring.seal(json.dumps(value), self.organization_id, self.device_id, key)}
            if key in SECRET_KEYS and value is not None
            else value
            for key, value in document.items()
        }

    def opened(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The stored document with its secrets in clear. Raises Unsealable."""
        return {key: self._open(key, value) if is_sealed(value) else value for key, value in stored.items()}

    def merged(self, given: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
        """`given` with the stored secret wherever it says that it stays. Raises Invalid where there is none to keep."""
        document = dict(given)
        wrong = []
        for key in sorted(SECRET_KEYS & given.keys()):
            if given[key] != KEPT:
                continue
            if stored.get(key) is None:
                wrong.append(_nothing_to_keep(key, "is not stored yet, so that it cannot be kept"))
                continue
            try:
                document[key] = self.opened({key: stored[key]})[key]
            except Unsealable:
                wrong.append(_nothing_to_keep(key, "cannot be opened with the keys of this hub any more"))
        if wrong:
            raise Invalid(wrong)
        return document

    def resealed(self, stored: Mapping[str, Any], receiver: "Safe | None" = None) -> dict[str, Any]:
        """The document sealed with the present key, for `receiver` or for the same place. Raises Unsealable."""
        return (receiver or self).closed(self.opened(stored))

    def is_current(self, stored: Mapping[str, Any]) -> bool:
        """Whether every secret in it is sealed, and with the present key."""
        return all(
            is_sealed(value) and self.keyring.is_current(value[_SEALED])
            for key, value in stored.items()
            if key in SECRET_KEYS and value is not None
        )

    def _open(self, key: str, value: Mapping[str, Any]) -> Any:
        return json.loads(self.keyring.open(value[_SEALED], self.organization_id, self.device_id, key))


def is_sealed(value: object) -> bool:
    """Whether a stored value is a sealed secret."""
    return isinstance(value, Mapping) and value.keys() == {_SEALED} and isinstance(value[_SEALED], str)


def hidden(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The stored document as answers and the audit log show it: a secret as `{"set": true}`."""
    return {
        key: dict(KEPT) if key in SECRET_KEYS or is_sealed(value) else value
        for key, value in stored.items()
        if value is not None
    }


def without_secrets(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The stored document of a device that nobody will reach again."""
    return {key: value for key, value in stored.items() if key not in SECRET_KEYS}


def _nothing_to_keep(key: str, message: str) -> FieldError:
    return FieldError(f"connection_config.{key}", HIDDEN, message, "the secret itself, or leave it out")
