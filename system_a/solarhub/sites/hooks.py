"""What rooms upstairs do when a plant closes or changes hands: declared here, plugged in by wiring."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from solarhub.kit.db import Session
from solarhub.kit.sealing import Keyring


class Closing(Protocol):
    """Told of a plant that is decommissioned or removed, in the transaction that does it."""

    async def __call__(self, session: Session, organization_id: UUID, site_id: UUID) -> None:
        """Ends what would wait for the plant; the session stands in its organization."""
        ...


class Holding(Protocol):
    """Told of a plant that is about to change hands and is locked, in the transaction that does it."""

    async def __call__(self, session: Session, site_id: UUID) -> None:
        """Locks what of it moves along, in the order of decision 19; the session stands in both organizations."""
        ...


class HandingOver(Protocol):
    """Told of a plant that has changed hands, in the transaction that does it."""

    async def __call__(self, session: Session, keyring: Keyring, site_id: UUID, giver: UUID, receiver: UUID) -> None:
        """Follows it to the receiver; the session stands in both organizations, and the plant's rows have moved."""
        ...


AFTER_CLOSING: list[Closing] = []
BEFORE_HANDOVER: list[Holding] = []
HANDING_OVER: list[HandingOver] = []
AFTER_HANDOVER: list[Callable[[], None]] = []
"""Called once a handover has committed: whoever remembers whose a device is looks again."""
